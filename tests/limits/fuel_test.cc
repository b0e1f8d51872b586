// Limits::fuel: work is counted the same everywhere, and ends where it is used up.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

// Calls, loops, built-ins that call back, a job: about two million polls.
constexpr std::string_view kWork = R"js(
  function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }
  let sum = fib(22);
  for (let i = 0; i < 1e6; i++) sum += i & 3;
  sum += Array.from({length: 1e5}, (_, i) => i).sort((a, b) => b - a)[0];
  sum += 'x'.repeat(1e4).replace(/x/g, () => 'yy').length;
  Promise.resolve().then(() => { for (let i = 0; i < 1e5; i++); });
  sum)js";

class Fuel : public ::testing::Test {
 protected:
  [[nodiscard]] static Runtime with_fuel(std::optional<std::uint64_t> fuel) {
    Limits limits = roomy();
    limits.fuel = fuel;
    return make_runtime(limits);
  }

  /// What `source` uses on a fresh VM.
  [[nodiscard]] static std::uint64_t used_by(std::string_view source) {
    Runtime vm = with_fuel(std::nullopt);
    EXPECT_TRUE(vm.eval(source)) << source;
    return vm.stats().fuel;
  }
};

TEST_F(Fuel, TheSameScriptUsesTheSameOnEveryVm) {
  const std::uint64_t used = used_by(kWork);
  EXPECT_GT(used, 100U);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(used_by(kWork), used);
}

TEST_F(Fuel, ResetAndRunAgainUsesTheSame) {
  Runtime vm = with_fuel(std::nullopt);
  ASSERT_TRUE(vm.eval(kWork));
  const std::uint64_t used = vm.stats().fuel;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(vm.reset());
    ASSERT_TRUE(vm.eval(kWork));
    EXPECT_EQ(vm.stats().fuel, used);
  }
}

TEST_F(Fuel, DoesNotDependOnOtherLimits) {
  const std::uint64_t used = used_by(kWork);
  Limits limits = roomy();
  limits.cpu_time = seconds{60};
  limits.stack_bytes = 4 * kMiB;
  limits.memory_bytes = 256 * kMiB;
  limits.fuel = used * 2;
  Runtime vm = make_runtime(limits);
  ASSERT_TRUE(vm.eval(kWork));
  EXPECT_EQ(vm.stats().fuel, used);
}

TEST_F(Fuel, GrowsWithTheWork) {
  const std::uint64_t once = used_by("for (let i = 0; i < 1e6; i++);");
  const std::uint64_t twice = used_by("for (let i = 0; i < 2e6; i++);");
  EXPECT_GE(once, 99U) << "a turn of the loop is a poll at least, 10,000 polls are a unit";
  EXPECT_LE(once, 301U);
  EXPECT_GE(twice, 2 * once - 2);
  EXPECT_LE(twice, 2 * once + 2);
}

TEST_F(Fuel, EnoughLetsTheScriptEnd) {
  const std::uint64_t used = used_by(kWork);
  Runtime vm = with_fuel(used + 1);
  const Result<Value> result = vm.eval(kWork);
  EXPECT_TRUE(result) << describe(result.error());
}

TEST_F(Fuel, TooLittleEndsIt) {
  const std::uint64_t used = used_by(kWork);
  for (const std::uint64_t fuel : {std::uint64_t{1}, used / 2, used - 1}) {
    Runtime vm = with_fuel(fuel);
    Error error;
    EXPECT_TRUE(fails(vm, kWork, Errc::fuel_limit, &error)) << fuel;
    EXPECT_TRUE(error.vm_usable);
    EXPECT_FALSE(error.completion);
    EXPECT_LE(vm.stats().fuel, fuel + 1);
    EXPECT_GE(vm.stats().fuel, fuel);
    EXPECT_TRUE(works(vm)) << fuel;
  }
}

TEST_F(Fuel, EndsAtTheSamePlaceEachTime) {
  constexpr std::string_view kCount = "globalThis.n = 0; for (;;) n++";
  std::string place;
  for (int i = 0; i < 5; ++i) {
    Runtime vm = with_fuel(7);
    EXPECT_TRUE(fails(vm, kCount, Errc::fuel_limit));
    const std::string n = outcome(vm.eval("n"));
    if (i == 0) place = n;
    EXPECT_EQ(n, place);
    ASSERT_TRUE(vm.reset());
    EXPECT_TRUE(fails(vm, kCount, Errc::fuel_limit));
    EXPECT_TRUE(gives(vm, "n", place));
  }
  EXPECT_GT(std::atoi(place.c_str()), 60'000);
  EXPECT_LE(std::atoi(place.c_str()), 70'000);
}

TEST_F(Fuel, NeitherCatchNorFinallyHoldsOn) {
  for (const std::string_view source :
       {"for (;;) try { for (;;); } catch { globalThis.held = 1 } finally { globalThis.held = 1 }",
        "(async () => { try { for (;;) await null } catch { globalThis.held = 1 } })()",
        "(function turn() { Promise.resolve().then(turn) })()",
        "(function f() { try { for (;;); } finally { f() } })()"}) {
    Runtime vm = with_fuel(50);
    Error error;
    EXPECT_TRUE(fails(vm, source, Errc::fuel_limit, &error)) << source;
    EXPECT_TRUE(error.vm_usable);
    EXPECT_TRUE(gives(vm, "typeof held", "undefined")) << source;
    EXPECT_TRUE(works(vm));
  }
}

TEST_F(Fuel, PromiseLoopsDoNotGoOnInTheNextRun) {
  Runtime vm = with_fuel(20);
  EXPECT_TRUE(fails(vm, R"(
    globalThis.n = 0;
    function turn() { n++; Promise.resolve().then(turn) }
    for (let i = 0; i < 10; i++) turn())",
                    Errc::fuel_limit));
  const std::string at_end = outcome(vm.eval("n"));
  EXPECT_GT(std::atoi(at_end.c_str()), 0) << at_end;
  EXPECT_TRUE(gives(vm, "Promise.resolve(); n", at_end));
  EXPECT_TRUE(gives(vm, "n", at_end));
  EXPECT_TRUE(works(vm));
}

TEST_F(Fuel, IsCountedAnewForEachRun) {
  constexpr std::string_view kPart =
      "(() => { let n = 0; for (let i = 0; i < 1e5; i++) n++; return n })()";
  Runtime vm = with_fuel(used_by(kPart) + 1);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(gives(vm, kPart, "100000")) << i;
}

TEST_F(Fuel, OfConversionsIsBoundedToo) {
  Runtime vm = with_fuel(20);
  const Result<Value> value = vm.eval("({toString() { for (;;); }, toJSON() { for (;;); }})");
  ASSERT_TRUE(value);
  EXPECT_EQ(error_of(value->to_string()).code, Errc::fuel_limit);
  EXPECT_EQ(error_of(value->to_json()).code, Errc::fuel_limit);
  EXPECT_TRUE(works(vm));
}

}  // namespace
}  // namespace sandglass::test
