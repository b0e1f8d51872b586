// Budgets: one cap on the memory and the CPU time of many VMs, with a code of its own.

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

Options within(const std::shared_ptr<Budget>& budget) {
  Options options;
  options.limits = roomy();
  options.budget = budget;
  return options;
}

constexpr std::string_view kFill =
    "globalThis.kept = Array.from({length: 10}, () => "
    "new Uint8Array(1e6).fill(1)); 0";
constexpr std::string_view kHog = "const l = []; for (;;) l.push(new Uint8Array(1e6).fill(1))";

TEST(MemoryBudget, IsSharedByItsVms) {
  const auto budget = Budget::create({.memory_bytes = 40 * kMiB});
  Runtime first = make_runtime(within(budget));
  Runtime second = make_runtime(within(budget));
  Runtime other = make_runtime();
  ASSERT_TRUE(first.eval(kFill));
  EXPECT_GT(budget->memory_used(), 10 * kMiB);
  const Error error = error_of(second.eval(kHog));
  EXPECT_EQ(error.code, Errc::budget_limit) << describe(error);
  EXPECT_NE(error.message.find("40 MiB"), std::string::npos) << error.message;
  EXPECT_TRUE(error.vm_usable);
  EXPECT_LE(budget->memory_used(), 40 * kMiB);
  EXPECT_TRUE(works(second));
  EXPECT_TRUE(works(first)) << "who used less goes on";
  EXPECT_TRUE(other.eval(kFill)) << "others have nothing to do with it";
}

TEST(MemoryBudget, OfAVmComesBackWithResetAndEnd) {
  const auto budget = Budget::create({.memory_bytes = 40 * kMiB});
  std::optional<Runtime> vm = make_runtime(within(budget));
  const std::uint64_t empty = budget->memory_used();
  EXPECT_GT(empty, 0U);
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(fails(*vm, kHog, Errc::budget_limit));
    ASSERT_TRUE(vm->reset());
    EXPECT_EQ(budget->memory_used(), empty);
    EXPECT_TRUE(works(*vm));
  }
  vm.reset();
  EXPECT_EQ(budget->memory_used(), 0U);
}

TEST(MemoryBudget, TheLimitOfTheVmItselfIsToldAsSuch) {
  const auto budget = Budget::create({.memory_bytes = 400 * kMiB});
  Options options = within(budget);
  options.limits.memory_bytes = 16 * kMiB;
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(fails(vm, kHog, Errc::memory_limit));
}

TEST(MemoryBudget, WithoutRoomForAVmThereIsNone) {
  const auto budget = Budget::create({.memory_bytes = 1 * kMiB});
  EXPECT_EQ(error_of(Runtime::create(within(budget))).code, Errc::budget_limit);
  EXPECT_EQ(budget->memory_used(), 0U);
}

TEST(CpuBudget, EndsTheScriptThatExceedsIt) {
  const auto budget = Budget::create({.cpu_time = milliseconds{50}});
  Runtime vm = make_runtime(within(budget));
  Runtime other = make_runtime();
  const Error error = error_of(vm.eval("for (;;);"));
  EXPECT_EQ(error.code, Errc::budget_limit) << describe(error);
  EXPECT_NE(error.message.find("50 ms"), std::string::npos) << error.message;
  EXPECT_TRUE(error.vm_usable);
  EXPECT_GE(budget->cpu_used(), milliseconds{49});
  EXPECT_TRUE(fails(vm, "1 + 1", Errc::budget_limit)) << "it is used up";
  EXPECT_TRUE(works(other));
  budget->add_cpu_time(seconds{10});
  EXPECT_TRUE(works(vm));
}

TEST(CpuBudget, IsUsedUpByManySmallRuns) {
  const auto budget = Budget::create({.cpu_time = milliseconds{20}});
  Runtime vm = make_runtime(within(budget));
  int runs = 0;
  while (vm.eval("{ let n = 0; for (let i = 0; i < 1000; i++) n += i; } 0") && runs < 1'000'000)
    ++runs;
  EXPECT_GT(runs, 10);
  EXPECT_LT(runs, 1'000'000);
  EXPECT_GE(budget->cpu_used(), milliseconds{20});
}

TEST(CpuBudget, BuiltInsThatNeverPollAreCutOff) {
  const auto budget = Budget::create({.cpu_time = milliseconds{20}});
  Runtime vm = make_runtime(within(budget));
  const Error error = error_of(vm.eval("new Array(2**32 - 1).join('')"));
  EXPECT_EQ(error.code, Errc::budget_limit) << describe(error);
  EXPECT_FALSE(error.vm_usable);
}

TEST(CpuBudget, OfManyThreadsIsOne) {
  const auto budget = Budget::create({.cpu_time = milliseconds{100}});
  std::vector<std::thread> threads;
  std::atomic<int> ended = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Runtime vm = make_runtime(within(budget));
      ended += error_of(vm.eval("for (;;);")).code == Errc::budget_limit;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ended, 4);
  EXPECT_GE(budget->cpu_used(), milliseconds{95});
  EXPECT_LT(budget->cpu_used(), kSurvived);
}

TEST(CpuBudget, WaitingIsFree) {
  const auto budget = Budget::create({.cpu_time = milliseconds{200}});
  Runtime vm = make_runtime(within(budget));
  ASSERT_TRUE(vm.set("wait", [] { std::this_thread::sleep_for(milliseconds{300}); }));
  EXPECT_TRUE(vm.eval("wait()"));
  EXPECT_LT(budget->cpu_used(), milliseconds{150});
}

}  // namespace
}  // namespace sandglass::test
