// `sandglass repl` without a terminal: inputs from a pipe, no prompt, no colours.

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

std::string answers(const std::string& input) {
  const Finished session = sandglass({"repl"}, input);
  EXPECT_EQ(session.exit_code, 0) << session.err;
  EXPECT_EQ(session.err, "");
  return session.out;
}

TEST(Repl, PrintsValuesAndNothingElse) {
  EXPECT_EQ(answers("1 + 1\n'a' + 'b'\nundefined\n\nconsole.log('x')\n"), "2\n\"ab\"\nx\n");
}

TEST(Repl, DeclarationsStay) {
  EXPECT_EQ(answers("let a = 1\nconst b = 2\nclass C {}\nfunction d() { return a + b }\nd()\n"
                    "typeof C\n"),
            "3\n\"function\"\n");
}

TEST(Repl, UnderscoreIsTheLastValue) {
  EXPECT_EQ(answers("20 + 1\nlet a = 5\n_ * 2\n"), "21\n42\n");
}

TEST(Repl, AwaitsAtTheTopLevel) {
  EXPECT_EQ(answers("const a = await Promise.resolve(3)\na\nawait a\n"), "3\n3\n");
}

TEST(Repl, InputGoesOnUntilItIsComplete) {
  EXPECT_EQ(answers("function f(x) {\n\n\n  return x +\n    1\n}\nf(1)\n`a\nb`\n"),
            "2\n\"a\\nb\"\n");
}

TEST(Repl, BracesAreAnObject) {
  EXPECT_EQ(answers("{a: 1, b: 2}\n{ let x = 3; x }\n"), "{ a: 1, b: 2 }\n3\n");
}

TEST(Repl, LastLineNeedsNoEnd) {
  EXPECT_EQ(answers("1\n2"), "1\n2\n");
}

TEST(Repl, GoesOnAfterAnErrorAndTellsItInTheEnd) {
  const Finished session = sandglass({"repl"}, "throw new Error('no')\n1 + 1\n");
  EXPECT_EQ(session.out, "2\n");
  EXPECT_EQ(session.exit_code, 1);
  EXPECT_NE(session.err.find("error: threw: Error: no\n  --> repl-1:1:"), std::string::npos)
      << session.err;
}

TEST(Repl, ErrorInAnEarlierInputShowsItsLine) {
  const Finished session = sandglass({"repl"}, "function f() {\n  null.x\n}\nf()\n");
  EXPECT_NE(session.err.find("  --> repl-1:2:"), std::string::npos) << session.err;
  EXPECT_NE(session.err.find(" 2 |   null.x\n"), std::string::npos) << session.err;
}

TEST(Repl, IncompleteInputAtTheEndIsASyntaxError) {
  EXPECT_EQ(sandglass({"repl"}, "f(\n").exit_code, 3);
}

TEST(Repl, LimitsHoldForEachInput) {
  const Finished session =
      sandglass({"repl", "--time", "50ms"}, "let a = 1\nfor (;;) {}\na\nfor (;;) {}\na + 1\n");
  EXPECT_EQ(session.exit_code, 4);
  EXPECT_EQ(session.out, "1\n2\n");
  EXPECT_NE(session.err.find("hint: raise the limit with --time (now 50ms)"), std::string::npos);
}

TEST(Repl, VmThatIsNotUsableIsResetAndTheUserTold) {
  const Finished session =
      sandglass({"repl", "--time", "50ms"}, "let a = 1\nnew Array(2**32-1).join('')\ntypeof a\n");
  EXPECT_EQ(session.out, "\"undefined\"\n");
  EXPECT_NE(session.err.find("was reset: what was defined is gone\n"), std::string::npos)
      << session.err;
}

TEST(Repl, ArgumentsAreTheScripts) {
  EXPECT_EQ(sandglass({"repl", "--", "a", "b"}, "scriptArgs.join()\n").out, "\"a,b\"\n");
}

TEST(Repl, TimersFireBetweenInputsAndAreWaitedForAtTheEnd) {
  EXPECT_EQ(answers("setTimeout(() => console.log('now'), 5); 1\n2\n"), "1\nnow\n2\n");
  const Finished session = sandglass(
      {"repl", "--allow-clock"},
      "setTimeout(() => console.log('late'), 50); setTimeout(() => { throw 1 }, 100); 1\n2\n");
  EXPECT_EQ(session.out, "1\n2\nlate\n");
  EXPECT_EQ(session.exit_code, 1) << session.err;
}

TEST(ReplCommand, ResetForgets) {
  EXPECT_EQ(answers("let a = 1\n.reset\ntypeof a\nlet a = 2\na\n"), "\"undefined\"\n2\n");
}

TEST(ReplCommand, NumbersThatStartWithADotAreNone) {
  EXPECT_EQ(answers(".5 + 1\n"), "1.5\n");
}

TEST(ReplCommand, ExitEnds) {
  EXPECT_EQ(answers("1\n.exit\n2\n"), "1\n");
}

TEST(ReplCommand, LimitsStatsAndHelpAreTold) {
  const Finished session = sandglass({"repl", "--fuel", "77"}, ".limits\n.stats\n.help\n");
  EXPECT_EQ(session.exit_code, 0);
  for (const std::string part :
       {"fuel      77 ", "memory    64MiB", "ms processor, in ", ".save FILE"}) {
    EXPECT_NE(session.out.find(part), std::string::npos) << part << "\n" << session.out;
  }
}

TEST(ReplCommand, UnknownOneIsRefusedWithAGuess) {
  const Finished session = sandglass({"repl"}, ".hepl\n.x\n.save\n");
  EXPECT_EQ(session.exit_code, 2);
  EXPECT_NE(session.err.find("unknown command '.hepl'; did you mean '.help'?"), std::string::npos);
  EXPECT_NE(session.err.find("unknown command '.x'; .help tells what there is"), std::string::npos);
  EXPECT_NE(session.err.find(".save wants the name of a file"), std::string::npos);
}

TEST(ReplCommand, LoadRunsAFileInTheSession) {
  const TemporaryFolder folder;
  const std::string path =
      folder.file("a b.js", "const loaded = 6;\nfunction twice(x) { return x * 2 }");
  EXPECT_EQ(answers(".load " + path + "\ntwice(loaded)\n"), "12\n");
  EXPECT_EQ(sandglass({"repl"}, ".load none.js\n").exit_code, 2);
}

TEST(ReplCommand, SaveWritesTheInputsButOverNoFileThatIsNotItsOwn) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/saved.js";
  const Finished session =
      sandglass({"repl"}, "let a = 1\n.save " + path + "\na +\n 1\n.save " + path + "\n");
  EXPECT_EQ(session.exit_code, 0) << session.err;
  std::ifstream file(path);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text, "let a = 1\na +\n 1\n");
  const Finished again = sandglass({"repl"}, ".save " + path + "\n");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("cannot write " + path + ": File exists"), std::string::npos);
}

}  // namespace
}  // namespace sandglass::cli_test
