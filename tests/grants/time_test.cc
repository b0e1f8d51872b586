// What time a script is told, with each clock, and what it can find out without one.

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

using sandglass::Clock;
using std::chrono::hours;
using std::chrono::microseconds;

Runtime with_clock(sandglass::Clock clock, std::string zone = "UTC") {
  return make_runtime(
      {.limits = roomy(), .grants = {.clock = clock, .time_zone = std::move(zone)}});
}

std::string text_of(Runtime& vm, std::string_view script) {
  const Result<Value> value = vm.eval(script, {.top_level_await = true});
  if (!value) return describe(value.error());
  return value->to_string().value_or("?");
}

constexpr sandglass::Clock::Time kMoon{seconds{1'000'000'000}};  // 2001-09-09T01:46:40Z

TEST(TimeGrant, WithoutItTheClockStandsAtTheEpoch) {
  Runtime vm = make_runtime({.limits = roomy()});
  EXPECT_EQ(text_of(vm, "new Date().toISOString()"), "2022-01-01T00:00:00.000Z");
  EXPECT_EQ(text_of(vm, "performance.now()"), "0");
  EXPECT_EQ(text_of(vm, "performance.timeOrigin"), "1640995200000");
  EXPECT_EQ(text_of(vm, "let a = Date.now(); for (let i = 0; i < 1e6; i++); Date.now() - a"), "0");
}

TEST(TimeGrant, WithoutItATimerFiresWithoutWaitingAndTheClockStands) {
  Runtime vm = make_runtime({.limits = {.wall_time = seconds{60}}});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(text_of(vm, "await new Promise(r => setTimeout(r, 3600000)); Date.now()"),
            "1640995200000");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds{60});
}

// Counting what can be done until a timer fires is a clock, too.
TEST(TimeGrant, WithoutItTicksCannotBeCountedAgainstATimer) {
  constexpr std::string_view kCount =
      "let ticks = 0, over = false; setTimeout(() => { over = true; }, 50);"
      "while (!over) { ticks++; await new Promise(r => setTimeout(r, 1)); } ticks";
  Runtime first = make_runtime({.limits = roomy()});
  Runtime second = make_runtime({.limits = roomy()});
  const std::string ticks = text_of(first, kCount);
  EXPECT_EQ(ticks, "50");
  EXPECT_EQ(text_of(second, kCount), ticks);
}

TEST(TimeGrant, AFixedClockStandsWhereItWasPut) {
  Runtime vm = with_clock(Clock::fixed(kMoon));
  EXPECT_EQ(text_of(vm, "await new Promise(r => setTimeout(r, 1000)); new Date().toISOString()"),
            "2001-09-09T01:46:40.000Z");
  EXPECT_EQ(text_of(vm, "performance.timeOrigin"), "1000000000000");
}

TEST(TimeGrant, ASimulatedClockGoesOnByWhatTimersWait) {
  Runtime vm = with_clock(Clock::simulated(kMoon));
  EXPECT_EQ(text_of(vm, "await new Promise(r => setTimeout(r, 3600000)); new Date().toISOString()"),
            "2001-09-09T02:46:40.000Z");
  EXPECT_EQ(text_of(vm, "performance.now()"), "3600000");
  EXPECT_EQ(text_of(vm, "performance.timeOrigin"), "1000000000000");
}

TEST(TimeGrant, ASimulatedClockStandsAfterFiftyYearsAndNothingOverflows) {
  Runtime vm = with_clock(Clock::simulated(Clock::Time(seconds{7'258'118'400})));
  EXPECT_EQ(
      text_of(vm,
              "for (let i = 0; i < 2000; i++) await new Promise(r => setTimeout(r, 2 ** 31 - 1));"
              "new Date().getUTCFullYear()"),
      "2249");
}

TEST(TimeGrant, ASystemClockRuns) {
  Runtime vm = with_clock(Clock::system());
  const double before =
      static_cast<double>(std::chrono::floor<milliseconds>(std::chrono::system_clock::now())
                              .time_since_epoch()
                              .count());
  const Result<double> told = vm.eval<double>("Date.now()");
  ASSERT_TRUE(told) << describe(told.error());
  EXPECT_GE(*told, before);
  EXPECT_LT(*told, before + 60'000);
  EXPECT_EQ(text_of(vm, "const a = performance.now(); while (performance.now() === a); true"),
            "true");
  EXPECT_EQ(text_of(vm,
                    "const t = performance.now(); await new Promise(r => setTimeout(r, 20));"
                    "performance.now() - t >= 19"),
            "true");
}

TEST(TimeGrant, ACoarseClockHasOnlyStepsOfItsResolution) {
  Runtime vm = with_clock(Clock::coarse(milliseconds{100}));
  EXPECT_EQ(text_of(vm, "Date.now() % 100"), "0");
  EXPECT_EQ(text_of(vm, "performance.now() % 100"), "0");
  EXPECT_EQ(text_of(vm, "performance.timeOrigin % 100"), "0");
  // A timer is no finer clock than that.
  EXPECT_EQ(text_of(vm, "await new Promise(r => setTimeout(r, 1)); performance.now() >= 100"),
            "true");
}

TEST(TimeGrant, AClockOutOfRangeIsRefusedByName) {
  const auto refused = [](Grants grants) {
    const Result<Runtime> vm = Runtime::create({.grants = std::move(grants)});
    return vm ? std::string("made") : describe(vm.error());
  };
  EXPECT_EQ(refused({.clock = Clock::coarse(nanoseconds{1})}),
            "invalid_argument: the clock's resolution of 1 ns is out of range: 1 us to 3600 s");
  EXPECT_EQ(refused({.clock = Clock::fixed(Clock::Time(seconds{-1}))}),
            "invalid_argument: the clock's instant is out of range: 1970 to 2200");
  EXPECT_EQ(refused({.time_zone = "Mars/Olympus"}),
            "invalid_argument: time_zone of 'Mars/Olympus' is not in the system's tz database");
  EXPECT_EQ(refused({.time_zone = "../../etc/passwd"}),
            "invalid_argument: time_zone of '../../etc/passwd' is not in the system's tz database");
}

TEST(TimeZone, IsUtcUnlessGrantedWhateverTheHostsIs) {
  Runtime vm = with_clock(Clock::none());
  EXPECT_EQ(text_of(vm, "new Date(2022, 6, 1).getTimezoneOffset()"), "0");
}

TEST(TimeZone, GivesOffsetsOfSummerAndWinter) {
  Runtime vm = with_clock(Clock::none(), "Europe/Berlin");
  EXPECT_EQ(text_of(vm, "new Date(2022, 0, 1).getTimezoneOffset()"), "-60");
  EXPECT_EQ(text_of(vm, "new Date(2022, 6, 1).getTimezoneOffset()"), "-120");
  EXPECT_EQ(text_of(vm, "new Date(Date.UTC(2022, 6, 1)).toString()"),
            "Fri Jul 01 2022 02:00:00 GMT+0200");
  Runtime west = with_clock(Clock::none(), "America/St_Johns");
  EXPECT_EQ(text_of(west, "new Date(2022, 0, 1).getTimezoneOffset()"), "210");
}

TEST(TimeZone, AnswersForAllDatesThatThereAre) {
  Runtime vm = with_clock(Clock::none(), "Europe/Berlin");
  EXPECT_EQ(text_of(vm, "Number.isInteger(new Date(8.64e15).getTimezoneOffset())"), "true");
  EXPECT_EQ(text_of(vm, "Number.isInteger(new Date(-8.64e15).getTimezoneOffset())"), "true");
}

TEST(TimeGrant, IsThatOfTheVmAndNotOfItsSnapshot) {
  Runtime vm = with_clock(Clock::fixed(kMoon));
  const Result<Snapshot> snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  Options options = snapshot->options();
  options.grants.clock = Clock::none();
  Result<Runtime> other = Runtime::from(*snapshot, options);
  ASSERT_TRUE(other);
  EXPECT_EQ(text_of(*other, "Date.now()"), "1640995200000");
  EXPECT_EQ(text_of(vm, "Date.now()"), "1000000000000");
}

TEST(TimeGrant, ResetTakesASimulatedClockBack) {
  Runtime vm = with_clock(Clock::simulated());
  EXPECT_EQ(text_of(vm, "await new Promise(r => setTimeout(r, 5000)); performance.now()"), "5000");
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(text_of(vm, "performance.now()"), "0");
}

}  // namespace
}  // namespace sandglass::test
