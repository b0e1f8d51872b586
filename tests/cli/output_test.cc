// Where the script's words go, and what happens when nobody takes them.

#include <fcntl.h>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

#include "terminal.h"

namespace sandglass::cli_test {
namespace {

TEST(Output, ConsoleGoesToTheTwoStreams) {
  const Finished run =
      sandglass({"eval",
                 "console.log('log'); console.info('info'); console.debug('debug');"
                 "console.warn('warn'); console.error('error')"});
  EXPECT_EQ(run.out, "log\ninfo\ndebug\n");
  EXPECT_EQ(run.err, "warn\nerror\n");
}

TEST(Output, ComesWhileTheScriptRuns) {
  Child child({"eval", "--time", "none", "console.log('first'); while (true) {}"});
  EXPECT_EQ(child.read_out(6), "first\n");
}

TEST(Output, ToAPipeIsUnchanged) {
  EXPECT_EQ(sandglass({"eval", "console.log('\\x1b[31m\\r')"}).out, "\x1b[31m\r\n");
}

TEST(Output, ToATerminalHasItsControlCharactersSpeltOut) {
  const Finished run = sandglass_in_terminal(
      {"eval", "console.log('\\x1b]0;owned\\x07'); throw new Error('\\x1b[2J\\x9b2J')"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("\xc2\x9b"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("\\x1b]0;owned\\x07"), std::string::npos) << run.out;
  EXPECT_NE(run.out.find("error: threw: Error: \\x1b[2J\\x9b2J"), std::string::npos) << run.out;
}

TEST(Output, ATerminalShowsColoursAndNothingElseThatScriptsSend) {
  if (!Terminal::is_available()) GTEST_SKIP() << "tmux is missing";
  const std::string script =
      "console.log({ a: 1 }, '\\x1b[31mred\\x1b[2J'); console.error([2]); [3]";
  const Terminal coloured({"eval", script}, {"NO_COLOR="});
  EXPECT_TRUE(coloured.shows("exit=0")) << coloured.screen();
  EXPECT_EQ(coloured.screen(), "{ a: 1 } red\\x1b[2J\n[ 2 ]\n[ 3 ]\nexit=0");
  const std::string styled = coloured.screen(true);
  for (const std::string part : {"33m1", "31mred", "33m2", "33m3"}) {
    EXPECT_NE(styled.find(part), std::string::npos) << part << "\n" << styled;
  }
  EXPECT_EQ(styled.find("31mexit"), std::string::npos) << styled;
  const Terminal plain({"eval", script}, {"NO_COLOR=1"});
  EXPECT_TRUE(plain.shows("exit=0")) << plain.screen();
  EXPECT_EQ(plain.screen(true).find('\x1b'), std::string::npos) << plain.screen(true);
}

TEST(Output, ReaderThatLeavesEndsTheRunQuietly) {
  Child child({"eval", "--time", "none", "--output", "1GiB", "for (;;) console.log('y')"});
  EXPECT_EQ(child.read_out(2).substr(0, 2), "y\n");
  child.close_out();
  const Finished run = child.finish();
  EXPECT_EQ(run.exit_code, 141);
  EXPECT_EQ(run.err, "");
}

TEST(Output, ReaderThatLeavesBeforeTheValueIsPrintedIsQuietToo) {
  for (const Words& words :
       {Words{"eval", "1"}, Words{"eval", "--json", "1"}, Words{"--version"}}) {
    Child child(words);
    child.close_out();
    const Finished run = child.finish();
    // A race is left: the command may have written before the reader went.
    EXPECT_TRUE(run.exit_code == 141 || run.exit_code == 0) << run.exit_code;
    EXPECT_EQ(run.err, "");
  }
}

TEST(Output, FullDeviceIs2WithTheReason) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const Words& words : {Words{"eval", "console.log(1); for (;;);"}, Words{"eval", "1"},
                             Words{"eval", "--json", "1"}, Words{"--help"}}) {
    const Finished run = Child(words, {.out = full}).finish();
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.err, "error: cannot write to standard output: No space left on device\n");
  }
  ::close(full);
}

TEST(Output, ClosedStandardOutputIsNotTakenByAnotherFile) {
  const TemporaryFolder folder;
  const std::string path = folder.file("a.js", "console.log('into the wrong file?')");
  const Finished run = Child({"run", path}, {.out = Streams::kClosed}).finish();
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.err, "error: cannot write to standard output: Bad file descriptor\n");
}

TEST(Output, LineLargerThanAPipeArrivesWhole) {
  const Finished run =
      sandglass({"eval", "--output", "4MiB", "console.log('x'.repeat(3e6)); console.log('end')"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out.size(), 3'000'005U);
  EXPECT_TRUE(run.out.ends_with("x\nend\n"));
}

TEST(Output, VersionNamesLibraryEngineAndGuest) {
  const Finished run = sandglass({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_TRUE(run.out.starts_with("sandglass ")) << run.out;
  EXPECT_NE(run.out.find("quickjs"), std::string::npos) << run.out;
  const std::size_t hash = run.out.find("sha256 ");
  ASSERT_NE(hash, std::string::npos) << run.out;
  EXPECT_EQ(run.out.find_first_not_of("0123456789abcdef", hash + 7), hash + 7 + 64) << run.out;
}

TEST(Output, HelpGoesToStandardOutput) {
  for (const Words& words : {Words{"--help"}, Words{"run", "--help"}, Words{"eval", "--help"},
                             Words{"selftest", "--help"}}) {
    const Finished run = sandglass(words);
    EXPECT_EQ(run.exit_code, 0);
    EXPECT_NE(run.out.find("Usage: sandglass"), std::string::npos);
    EXPECT_EQ(run.err, "");
  }
}

}  // namespace
}  // namespace sandglass::cli_test
