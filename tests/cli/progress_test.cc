// The line that tells a person that a script still runs.

#include <string>

#include <gtest/gtest.h>

#include "terminal.h"

namespace sandglass::cli_test {
namespace {

constexpr const char* kLine = "running for ";

class ProgressLine : public testing::Test {
 protected:
  void SetUp() override {
    if (!Terminal::is_available()) {
      GTEST_SKIP() << "tmux is missing: nothing shows what a terminal would";
    }
  }
};

TEST_F(ProgressLine, ComesForALongRunAndTellsHowToEndIt) {
  const Terminal terminal({"eval", "--time", "none", "for (;;);"});
  EXPECT_TRUE(terminal.shows(kLine)) << terminal.screen();
  EXPECT_TRUE(terminal.shows("Ctrl-C ends it")) << terminal.screen();
  terminal.press("C-c");
  EXPECT_TRUE(terminal.shows("exit=130")) << terminal.screen();
  const std::string screen = terminal.screen();
  EXPECT_EQ(screen.find(kLine), std::string::npos) << screen;
  EXPECT_NE(screen.find("error: interrupted: "), std::string::npos) << screen;
}

TEST_F(ProgressLine, GoesWhenOutputComes) {
  // The script finds out by its own output when the line has been there: it prints after a while.
  const Terminal terminal({"eval", "--time", "none", "--output", "1GiB",
                           "for (let i = 0; i < 1e8; i++); console.log('printed'); for (let i = 0; "
                           "i < 1e8; i++); 'done'"});
  EXPECT_TRUE(terminal.shows("exit=0")) << terminal.screen();
  EXPECT_EQ(terminal.screen(), "printed\ndone\nexit=0");
}

TEST_F(ProgressLine, IsNotForShortRuns) {
  const Terminal terminal({"eval", "'short'"});
  EXPECT_TRUE(terminal.shows("exit=0")) << terminal.screen();
  EXPECT_EQ(terminal.screen(), "short\nexit=0");
}

TEST(ProgressWithoutATerminal, IsNeverShown) {
  EXPECT_EQ(sandglass({"eval", "--time", "1300ms", "for (;;);"}).err,
            "error: time_limit: wall time limit of 1300 ms reached\n"
            "hint: raise the limit with --time (now 1300ms)\n");
}

}  // namespace
}  // namespace sandglass::cli_test
