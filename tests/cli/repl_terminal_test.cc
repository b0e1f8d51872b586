// `sandglass repl` as a person has it.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "terminal.h"

namespace sandglass::cli_test {
namespace {

class ReplTerminal : public testing::Test {
 protected:
  void SetUp() override {
    if (!Terminal::is_available()) {
      GTEST_SKIP() << "tmux is missing: nothing shows what a terminal would";
    }
  }
};

#define EXPECT_SHOWS(terminal, text) EXPECT_TRUE((terminal).shows(text)) << (terminal).screen()

TEST_F(ReplTerminal, GreetsPromptsAndAnswers) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "Ctrl-D ends\n>");
  terminal.enter("20 + 1");
  EXPECT_SHOWS(terminal, "> 20 + 1\n21\n>");
}

TEST_F(ReplTerminal, CtrlDEndsWith0) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "Ctrl-D ends\n>");
  terminal.press("C-d");
  EXPECT_SHOWS(terminal, "exit=0");
}

TEST_F(ReplTerminal, IncompleteInputHasAPromptOfItsOwn) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("[1,");
  EXPECT_SHOWS(terminal, "> [1,\n...");
  terminal.enter("2]");
  EXPECT_SHOWS(terminal, "... 2]\n[ 1, 2 ]\n>");
}

TEST_F(ReplTerminal, CtrlCAndTwoEmptyLinesGiveItUp) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("f(");
  EXPECT_SHOWS(terminal, "> f(\n...");
  terminal.press("C-c");
  EXPECT_SHOWS(terminal, "... ^C\n>");
  terminal.enter("g(");
  terminal.press("Enter");
  terminal.press("Enter");
  EXPECT_SHOWS(terminal, "given up\n>");
  terminal.enter("'still ' + 'here'");
  EXPECT_SHOWS(terminal, "\"still here\"");
}

TEST_F(ReplTerminal, CtrlCEndsAScriptAndTheSessionGoesOn) {
  const Terminal terminal({"repl", "--time", "none"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("let kept = 'kept'; console.log('run' + 'ning'); for (;;) {}");
  EXPECT_SHOWS(terminal, "\nrunning");
  terminal.press("C-c");
  EXPECT_SHOWS(terminal, "error: interrupted: ");
  terminal.enter("kept + '?'");
  EXPECT_SHOWS(terminal, "\"kept?\"\n>");
}

TEST_F(ReplTerminal, TabCompletesAndLists) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("let object = {alpha: 1, alphabet: 2}");
  terminal.type("object.al");
  terminal.press("Tab");
  EXPECT_SHOWS(terminal, "> object.alpha");
  terminal.press("Tab");
  EXPECT_SHOWS(terminal, "\nalpha     alphabet\n> object.alpha");
  terminal.type(".toF");
  terminal.press("Tab");
  terminal.enter("(2)");
  EXPECT_SHOWS(terminal, "> object.alpha.toFixed(2)\n\"1.00\"");
}

TEST_F(ReplTerminal, UpRecallsAWholeInputAlsoOfAnEarlierSession) {
  const TemporaryFolder state;
  const Words environment{"XDG_STATE_HOME=" + state.path()};
  {
    const Terminal terminal({"repl"}, environment);
    EXPECT_SHOWS(terminal, "\n>");
    terminal.enter("[1,");
    terminal.enter("2].length");
    EXPECT_SHOWS(terminal, "\n2\n>");
    terminal.press("Up");
    EXPECT_SHOWS(terminal, "\n2\n> [1,\n2].length");
    terminal.press("C-c");
    terminal.press("C-d");
    EXPECT_SHOWS(terminal, "exit=0");
  }
  EXPECT_EQ(std::filesystem::status(state.path() + "/sandglass/history").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const Terminal terminal({"repl"}, environment);
  EXPECT_SHOWS(terminal, "\n>");
  terminal.press("Up");
  EXPECT_SHOWS(terminal, "> [1,\n2].length");
  terminal.press("Enter");
  EXPECT_SHOWS(terminal, "2].length\n2\n>");
}

TEST_F(ReplTerminal, TimersFireWhileALineIsEditedAndLeaveItIntact) {
  const Terminal terminal({"repl", "--allow-clock"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("setTimeout(() => console.log('late'), 700); 'set'");
  EXPECT_SHOWS(terminal, "\n\"set\"\n>");
  terminal.type("20 + 2");
  EXPECT_SHOWS(terminal, "\nlate\n> 20 + 2");
  terminal.enter("2");
  EXPECT_SHOWS(terminal, "\nlate\n> 20 + 22\n42\n>");
}

TEST_F(ReplTerminal, ATimerThatNeverReturnsIsEndedByCtrlC) {
  const Terminal terminal({"repl", "--allow-clock", "--time", "none"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("setTimeout(() => { console.log('spins'); for (;;); }, 50); 'set'");
  EXPECT_SHOWS(terminal, "\"set\"\nspins");
  terminal.press("C-c");
  EXPECT_SHOWS(terminal, "error: interrupted: ");
  terminal.enter("40 + 2");
  EXPECT_SHOWS(terminal, "> 40 + 2\n42\n>");
}

TEST_F(ReplTerminal, ColoursAreThereUnlessTheyAreNotWanted) {
  const Terminal coloured({"repl"});
  EXPECT_SHOWS(coloured, "\n>");
  coloured.enter("6 * 7");
  EXPECT_SHOWS(coloured, "\n42\n>");
  EXPECT_NE(coloured.screen(true).find("33m42"), std::string::npos) << coloured.screen(true);
  coloured.enter("({ a: 'text' })");
  EXPECT_SHOWS(coloured, "\n{ a: 'text' }\n>");
  EXPECT_NE(coloured.screen(true).find("32m'text'"), std::string::npos) << coloured.screen(true);
  const Terminal plain({"repl"}, {"NO_COLOR=1"});
  EXPECT_SHOWS(plain, "\n>");
  plain.enter("6 * 7");
  EXPECT_SHOWS(plain, "\n42\n>");
  EXPECT_EQ(plain.screen(true).find('\x1b'), std::string::npos) << plain.screen(true);
}

TEST_F(ReplTerminal, ScriptCannotWriteEscapeSequences) {
  const Terminal terminal({"repl"});
  EXPECT_SHOWS(terminal, "\n>");
  terminal.enter("console.log('\\x1b[2J\\x1b]0;owned\\x07')");
  EXPECT_SHOWS(terminal, "\\x1b[2J\\x1b]0;owned\\x07");
}

}  // namespace
}  // namespace sandglass::cli_test
