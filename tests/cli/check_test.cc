// `sandglass check`: several inputs, two ways to report, and nothing that runs.

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace sandglass::cli_test {
namespace {

class Check : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string good_ = folder_.file("good.js", "#!/usr/bin/env sandglass\nconsole.log('ran')");
  std::string module_ = folder_.file("module.mjs", "import a from './none.js'; export { a }");
  std::string bad_ = folder_.file("bad.js", "let a = 1;\nlet b = ;\n");
};

TEST_F(Check, FilesThatParseAreSilentAndDoNotRun) {
  const Finished run = sandglass({"check", good_, module_});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
}

TEST_F(Check, SyntaxErrorIs3WithLineAndCaret) {
  const Finished run = sandglass({"check", bad_});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.out, "");
  EXPECT_NE(run.err.find("  --> " + bad_ + ":2:9\n 2 | let b = ;\n   |         ^\n"),
            std::string::npos)
      << run.err;
}

TEST_F(Check, EveryFileIsToldAndTheFirstFailureIsTheExitCode) {
  const Finished run = sandglass({"check", "none.js", good_, bad_, "another.js"});
  EXPECT_EQ(run.exit_code, 2);
  for (const std::string& part :
       {std::string("cannot open none.js"), bad_ + ":2:9", std::string("cannot open another.js")}) {
    EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
  }
  EXPECT_EQ(sandglass({"check", bad_, "none.js"}).exit_code, 3);
}

TEST_F(Check, DashIsStandardInput) {
  EXPECT_EQ(sandglass({"check", "-"}, "export let a").exit_code, 0);
  const Finished run = sandglass({"check", "-"}, "let = ;");
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_NE(run.err.find("--> <stdin>:1:"), std::string::npos) << run.err;
}

TEST_F(Check, OptionsChooseTheKind) {
  EXPECT_EQ(sandglass({"check", "--module", "-"}, "with (1) 2").exit_code, 3);
  EXPECT_EQ(sandglass({"check", "--script", module_}).exit_code, 3);
}

TEST_F(Check, BytesThatAreNoTextAre2WithTheName) {
  const std::string path = folder_.file("latin.js", "caf\xe9");
  const Finished run = sandglass({"check", path});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find(path), std::string::npos) << run.err;
}

TEST_F(Check, NestingThatTheStackDoesNotHoldIs6WithTheWayOut) {
  const Finished run = sandglass({"check", "--stack", "64KiB", "-"}, std::string(100'000, '['));
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_NE(run.err.find("hint: raise the limit with --stack (now 64KiB)"), std::string::npos)
      << run.err;
}

TEST_F(Check, JsonHasOneEntryForEachFile) {
  const Finished run = sandglass({"check", "--json", good_, module_, bad_, "none.js"});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_EQ(run.err, "");
  const nlohmann::json report = nlohmann::json::parse(run.out);
  EXPECT_EQ(report.at("ok"), false);
  const nlohmann::json& files = report.at("files");
  ASSERT_EQ(files.size(), 4U);
  EXPECT_EQ(files[0], (nlohmann::json{
                          {"file", good_}, {"ok", true}, {"kind", "script"}, {"error", nullptr}}));
  EXPECT_EQ(files[1].at("kind"), "module");
  EXPECT_EQ(files[2].at("error").at("code"), "syntax");
  EXPECT_EQ(files[2].at("error").at("location"),
            (nlohmann::json{{"file", bad_}, {"line", 2}, {"column", 9}}));
  EXPECT_EQ(files[3].at("error").at("code"), "invalid_argument");
}

}  // namespace
}  // namespace sandglass::cli_test
