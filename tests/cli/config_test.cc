// `--config FILE`: what it says holds, and no file is read unless it is named.

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace sandglass::cli_test {
namespace {

class ConfigFile : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string config_ = folder_.file("sandglass.toml", "[limits]\ntime = \"30ms\"\n");
};

TEST_F(ConfigFile, LimitsHoldAndOptionsWin) {
  const Finished limited = sandglass({"eval", "--config", config_, "for (;;);"});
  EXPECT_EQ(limited.exit_code, 4);
  EXPECT_NE(limited.err.find("--time (now 30ms)"), std::string::npos) << limited.err;
  const Finished raised = sandglass({"eval", "--config", config_, "--time", "40ms", "for (;;);"});
  EXPECT_NE(raised.err.find("--time (now 40ms)"), std::string::npos) << raised.err;
}

TEST_F(ConfigFile, IsNotReadUnlessItIsNamed) {
  const std::string line = "cd " + shell_quoted(folder_.path()) + " && " +
                           shell_quoted(SANDGLASS_COMMAND) + " eval '1' --time 20ms";
  static_cast<void>(folder_.file("sandglass.toml", "this is not TOML"));
  EXPECT_EQ(shell_output(line), "1\n");
}

TEST_F(ConfigFile, MistakeIs2WithItsPlaceAlsoAsJson) {
  const std::string bad = folder_.file("bad.toml", "[limits]\ntme = \"1s\"\n");
  const std::string message = bad + ":2:1: unknown key 'tme' in [limits]; did you mean 'time'?";
  const Finished run = sandglass({"eval", "--config", bad, "1"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
  const Finished json = sandglass({"eval", "--json", "--config", bad, "1"});
  EXPECT_EQ(json.exit_code, 2);
  EXPECT_EQ(nlohmann::json::parse(json.out).at("error").at("message"), message);
}

}  // namespace
}  // namespace sandglass::cli_test
