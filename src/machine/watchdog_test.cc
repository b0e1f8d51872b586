#include "machine/watchdog.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include <gtest/gtest.h>

namespace sandglass::machine {
namespace {

using namespace std::chrono_literals;

// Waits until `condition` holds, long enough for any machine that works at all.
template <class Condition>
bool eventually(Condition condition) {
  const auto give_up = Watch::Clock::now() + 30s;
  while (!condition()) {
    if (Watch::Clock::now() > give_up) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

// The same, but computes meanwhile.
template <class Condition>
bool computes_until(Condition condition) {
  const auto give_up = Watch::Clock::now() + 30s;
  while (!condition()) {
    if (Watch::Clock::now() > give_up) return false;
  }
  return true;
}

TEST(Watchdog, AWallDeadlineAsksToStopAndThenKills) {
  Interrupts interrupts;
  const Watch watch(interrupts, {.wall = Watch::Clock::now() + 2ms, .cpu = {}, .grace = 2ms});
  EXPECT_TRUE(computes_until([&] { return interrupts.stop() == Stop::wall_time; }));
  EXPECT_TRUE(computes_until([&] { return interrupts.must_unwind() == Trap::killed; }));
}

TEST(Watchdog, WithoutGraceAThreadThatWaitsIsKilledToo) {
  Interrupts interrupts;
  const Watch watch(interrupts, {.wall = Watch::Clock::now() + 2ms, .cpu = {}, .grace = {}});
  EXPECT_TRUE(eventually([&] { return interrupts.must_unwind() == Trap::killed; }));
  EXPECT_EQ(interrupts.stop(), Stop::wall_time);
}

TEST(Watchdog, GraceIsNotUsedUpByAThreadThatWaits) {
  Interrupts interrupts;
  const Watch watch(interrupts, {.wall = {}, .cpu = {}, .grace = 20ms});
  interrupt_run(interrupts);
  EXPECT_EQ(interrupts.stop(), Stop::interrupted);
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(interrupts.must_unwind(), Trap::none);
  EXPECT_TRUE(computes_until([&] { return interrupts.must_unwind() == Trap::killed; }));
}

TEST(Watchdog, AnInterruptInTheGraceOfADeadlineLeavesItWhatIsLeft) {
  Interrupts interrupts;
  const Watch watch(interrupts, {.wall = Watch::Clock::now() + 2ms, .cpu = {}, .grace = 100ms});
  EXPECT_TRUE(eventually([&] { return interrupts.stop() == Stop::wall_time; }));
  std::this_thread::sleep_for(200ms);
  interrupt_run(interrupts);
  EXPECT_EQ(interrupts.stop(), Stop::wall_time);
  EXPECT_EQ(interrupts.must_unwind(), Trap::none);
  EXPECT_TRUE(computes_until([&] { return interrupts.must_unwind() == Trap::killed; }));
}

// A store of ours to the countdown may be lost to one of the guest's.
TEST(Watchdog, InItsGraceARunIsAskedAgain) {
  Interrupts interrupts;
  std::uint32_t countdown = 0;
  interrupts.use_countdown(&countdown);
  const Watch watch(interrupts, {.wall = {}, .cpu = {}, .grace = 1s});
  interrupt_run(interrupts);
  EXPECT_EQ(std::atomic_ref(countdown).exchange(10'000), 1U);
  EXPECT_TRUE(eventually([&] { return std::atomic_ref(countdown).load() == 1; }));
}

TEST(Watchdog, ACpuDeadlineCountsOnlyWhatTheThreadUses) {
  Interrupts interrupts;
  const Watch watch(interrupts, {.wall = {}, .cpu = 20ms, .grace = 1s});
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(interrupts.stop(), Stop::none);
  EXPECT_TRUE(computes_until([&] { return interrupts.stop() != Stop::none; }));
  EXPECT_EQ(interrupts.stop(), Stop::cpu_time);
}

TEST(Watchdog, AnEndedWatchIsLeftAlone) {
  Interrupts interrupts;
  {
    const Watch watch(interrupts, {.wall = Watch::Clock::now() + 5ms, .cpu = {}, .grace = {}});
  }
  std::this_thread::sleep_for(30ms);
  EXPECT_EQ(interrupts.stop(), Stop::none);
  EXPECT_EQ(interrupts.must_unwind(), Trap::none);
}

TEST(Watchdog, AnInterruptStopsTheRunItIsMeantForOnly) {
  Interrupts mine;
  Interrupts other;
  const Watch watch(mine, {.wall = {}, .cpu = {}, .grace = 1s});
  const Watch other_watch(other, {.wall = {}, .cpu = {}, .grace = 1s});
  interrupt_run(mine);
  EXPECT_EQ(mine.stop(), Stop::interrupted);
  EXPECT_EQ(other.stop(), Stop::none);
}

TEST(Watchdog, AnInterruptWithoutARunDoesNothing) {
  Interrupts interrupts;
  interrupt_run(interrupts);
  EXPECT_EQ(interrupts.stop(), Stop::none);
}

TEST(Interrupts, TheFirstReasonCounts) {
  Interrupts interrupts;
  interrupts.request_stop(Stop::output);
  interrupts.request_stop(Stop::wall_time);
  EXPECT_EQ(interrupts.stop(), Stop::output);
}

TEST(Interrupts, ThePollThatUsesUpTheLimitStops) {
  Interrupts interrupts;
  interrupts.begin_run(3);
  EXPECT_FALSE(interrupts.poll());
  EXPECT_FALSE(interrupts.poll());
  EXPECT_TRUE(interrupts.poll());
  EXPECT_EQ(interrupts.stop(), Stop::fuel);
}

}  // namespace
}  // namespace sandglass::machine
