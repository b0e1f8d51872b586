// Ctrl-C and SIGTERM.

#include <chrono>
#include <signal.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace sandglass::cli_test {
namespace {

constexpr const char* kSpin = "console.log('ready'); while (true) {}";

class InterruptSignal : public testing::TestWithParam<int> {};

TEST_P(InterruptSignal, EndsARunWith130) {
  Child child({"eval", "--time", "none", kSpin});
  ASSERT_EQ(child.read_out(6), "ready\n");
  child.send(GetParam());
  const Finished run = child.finish();
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_TRUE(run.err.starts_with("error: interrupted: ")) << run.err;
}

INSTANTIATE_TEST_SUITE_P(All, InterruptSignal, testing::Values(SIGINT, SIGTERM));

TEST(Interrupt, KeyInATerminalEndsARunWith130) {
  const Finished run = sandglass_in_terminal({"eval", "--time", "none", kSpin}, "\x03");
  EXPECT_EQ(run.exit_code, 130);
  EXPECT_NE(run.out.find("error: interrupted: "), std::string::npos) << run.out;
}

TEST(Interrupt, EndsABuiltInThatNeverLooksUp) {
  Child child({"eval", "--time", "none", "console.log('ready'); new Array(2**32-1).join('')"});
  ASSERT_EQ(child.read_out(6), "ready\n");
  child.send(SIGINT);
  EXPECT_EQ(child.finish().exit_code, 130);
}

TEST(Interrupt, WithJsonIsStillOneObject) {
  // Nothing tells from outside when the loop has begun, and a signal before that ends the process
  // without a word: wait longer if it was too early.
  Finished run;
  for (const int milliseconds : {100, 1000, 10000}) {
    Child child({"eval", "--json", "--time", "none", "while (true) {}"});
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    child.send(SIGINT);
    run = child.finish();
    EXPECT_EQ(run.exit_code, 130);
    if (!run.out.empty()) {
      break;
    }
  }
  EXPECT_EQ(nlohmann::json::parse(run.out).at("error").at("code"), "interrupted");
}

TEST(Interrupt, WhileStandardInputIsReadEndsAtOnce) {
  Child child({"run", "-"});
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  child.send(SIGINT);
  // Until the command ends: finish() would close its standard input, which ends it too.
  EXPECT_EQ(child.read_out(1), "");
  EXPECT_EQ(child.finish().exit_code, 130);
}

TEST(Interrupt, SecondOneEndsACommandThatIsStuckInItsOutput) {
  // Nobody reads the pipe, so the first signal finds the run inside a console call.
  Child child(
      {"eval", "--time", "none", "--output", "1GiB", "for (;;) console.log('x'.repeat(1e5))"});
  ASSERT_FALSE(child.read_out(1).empty());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  child.send(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  child.send(SIGINT);
  EXPECT_EQ(child.finish().exit_code, 130);
}

}  // namespace
}  // namespace sandglass::cli_test
