// One exit code for each way a run can end. guest_fault (9) has no script that causes it; its
// number is in src/cli/exit_code_test.cc. Ctrl-C (130) is in signal_test.cc, 141 in output_test.cc.

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

constexpr const char* kOverflow = "function f() { f() } f()";

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(ExitCode, CompletedRunIs0) {
  EXPECT_EQ(sandglass({"eval", "1"}).exit_code, 0);
}

TEST(ExitCode, UncaughtExceptionIs1WithNameMessageAndStack) {
  const Finished run = sandglass({"eval", "function f() { throw new TypeError('no') } f()"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_TRUE(run.err.starts_with("error: threw: TypeError: no\n  --> <eval>:1:")) << run.err;
  EXPECT_NE(run.err.find("\n 1 | function f() { throw new TypeError('no') } f()\n   | "),
            std::string::npos)
      << run.err;
  EXPECT_NE(run.err.find("\n    at f (<eval>:1:"), std::string::npos) << run.err;
  EXPECT_EQ(run.out, "");
}

TEST(ExitCode, ThrownNonErrorIs1) {
  const Finished run = sandglass({"eval", "throw 'text'"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "error: threw: text\n");
}

TEST(ExitCode, CauseIsTold) {
  const Finished run = sandglass({"eval", "throw new Error('a', {cause: new RangeError('b')})"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_NE(run.err.find("\ncaused by: threw: RangeError: b\n"), std::string::npos) << run.err;
}

TEST(ExitCode, UnhandledRejectionIs1) {
  EXPECT_EQ(sandglass({"eval", "Promise.reject(new Error('late')); 1"}).exit_code, 1);
}

TEST(ExitCode, PromiseThatNothingCanSettleIs1) {
  EXPECT_EQ(sandglass({"eval", "await new Promise(() => {})"}).exit_code, 1);
}

TEST(ExitCode, SyntaxErrorIs3WithLineAndCaret) {
  const TemporaryFolder folder;
  const std::string path = folder.file("bad.js", "let a = 1;\nlet b = ;\n");
  const Finished run = sandglass({"run", path});
  EXPECT_EQ(run.exit_code, 3);
  EXPECT_TRUE(run.err.starts_with("error: syntax: SyntaxError: ")) << run.err;
  EXPECT_NE(run.err.find(path + ":2:"), std::string::npos) << run.err;
  EXPECT_TRUE(has_line(run.err, " 2 | let b = ;")) << run.err;
  EXPECT_TRUE(has_line(run.err, "   |         ^")) << run.err;
}

TEST(ExitCode, WallTimeIs4) {
  const Finished run = sandglass({"eval", "--time", "30ms", "while (true) {}"});
  EXPECT_EQ(run.exit_code, 4);
  EXPECT_TRUE(run.err.starts_with("error: time_limit: ")) << run.err;
  EXPECT_TRUE(has_line(run.err, "hint: raise the limit with --time (now 30ms)")) << run.err;
}

TEST(ExitCode, CpuTimeIs4) {
  EXPECT_EQ(
      sandglass({"eval", "--time", "none", "--cpu-time", "30ms", "while (true) {}"}).exit_code, 4);
}

TEST(ExitCode, BuiltInThatNeverLooksUpIs4) {
  EXPECT_EQ(sandglass({"eval", "--time", "30ms", "new Array(2**32-1).join('')"}).exit_code, 4);
}

TEST(ExitCode, MemoryIs5) {
  const Finished run =
      sandglass({"eval", "--memory", "8MiB", "const a = []; for (;;) a.push('x'.repeat(1e5))"});
  EXPECT_EQ(run.exit_code, 5);
  EXPECT_TRUE(run.err.starts_with("error: memory_limit: ")) << run.err;
  EXPECT_TRUE(has_line(run.err, "hint: raise the limit with --memory (now 8MiB)")) << run.err;
}

TEST(ExitCode, StackIs6) {
  const Finished run = sandglass({"eval", "--stack", "128KiB", kOverflow});
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_TRUE(run.err.starts_with("error: stack_limit: RangeError: ")) << run.err;
  EXPECT_TRUE(has_line(run.err, "hint: raise the limit with --stack (now 128KiB)")) << run.err;
}

TEST(ExitCode, FuelIs7) {
  const Finished run = sandglass({"eval", "--fuel", "5", "while (true) {}"});
  EXPECT_EQ(run.exit_code, 7);
  EXPECT_TRUE(has_line(run.err, "hint: raise the limit with --fuel (now 5)")) << run.err;
}

TEST(ExitCode, OutputIs8AndWhatFittedIsPrinted) {
  const Finished run = sandglass({"eval", "--output", "4", "for (;;) console.log('x')"});
  EXPECT_EQ(run.exit_code, 8);
  EXPECT_EQ(run.out, "x\nx\n");
}

TEST(ExitCode, CaughtLimitStillCountsButItsCompletionIsPrinted) {
  const Finished run =
      sandglass({"eval", std::string("try { (() => { ") + kOverflow + " })() } catch {} 'alive'"});
  EXPECT_EQ(run.exit_code, 6);
  EXPECT_EQ(run.out, "alive\n");
  EXPECT_TRUE(run.err.starts_with("error: stack_limit: ")) << run.err;
}

TEST(ExitCode, ConversionOfTheValueIsInsideTheLimitsToo) {
  // Showing it runs nothing of the script's; its JSON does.
  EXPECT_EQ(sandglass({"eval", "({ toJSON() { while (true) {} } })"}).out,
            "{ toJSON: [Function: toJSON] }\n");
  EXPECT_EQ(sandglass({"eval", "--json", "--time", "30ms", "({ toJSON() { while (true) {} } })"})
                .exit_code,
            4);
}

}  // namespace
}  // namespace sandglass::cli_test
