// Runtime::stats and collect_garbage.

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class RuntimeStats : public ::testing::Test {
 protected:
  Runtime vm_ = make_runtime();
};
using CollectGarbage = RuntimeStats;

TEST_F(RuntimeStats, StartAtNothingUsed) {
  const Stats stats = vm_.stats();
  EXPECT_EQ(stats.runs, 0U);
  EXPECT_EQ(stats.wall, nanoseconds{0});
  EXPECT_EQ(stats.cpu, nanoseconds{0});
  EXPECT_EQ(stats.fuel, 0U);
  EXPECT_EQ(stats.output_bytes, 0U);
  EXPECT_GT(stats.memory_bytes, 0U) << "the built-ins live on the heap";
  EXPECT_LE(stats.memory_bytes, stats.memory_peak_bytes);
  EXPECT_LE(stats.memory_peak_bytes, 2 * kMiB) << "the least limit must hold them";
}

TEST_F(RuntimeStats, CountRunsAlsoThoseThatFail) {
  (void)vm_.eval("1");
  (void)vm_.eval("throw 1");
  EXPECT_EQ(vm_.stats().runs, 2U);
}

TEST_F(RuntimeStats, TimeGrowsAndCpuIsNotMoreThanWall) {
  ASSERT_TRUE(vm_.eval("for (let i = 0; i < 3e6; i++);"));
  const Stats first = vm_.stats();
  EXPECT_GT(first.wall, nanoseconds{0});
  EXPECT_GT(first.cpu, nanoseconds{0});
  EXPECT_LE(first.cpu, first.wall + milliseconds{5});
  ASSERT_TRUE(vm_.eval("for (let i = 0; i < 3e6; i++);"));
  EXPECT_GT(vm_.stats().wall, first.wall);
  EXPECT_GT(vm_.stats().cpu, first.cpu);
}

TEST_F(RuntimeStats, TheTimeOfASleepingSinkIsWallNotCpu) {
  Options options;
  options.limits = roomy();
  options.console = [](ConsoleStream, std::string_view) {
    std::this_thread::sleep_for(milliseconds{200});
  };
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.eval("console.log('x')"));
  EXPECT_GE(vm.stats().wall, milliseconds{200});
  EXPECT_LT(vm.stats().cpu, milliseconds{100});
}

TEST_F(RuntimeStats, MemoryFollowsTheHeap) {
  const Stats before = vm_.stats();
  ASSERT_TRUE(vm_.eval("globalThis.held = new ArrayBuffer(10e6); 0"));
  const Stats held = vm_.stats();
  EXPECT_GE(held.memory_bytes, before.memory_bytes + 10'000'000);
  EXPECT_LT(held.memory_bytes, before.memory_bytes + 11'000'000);
  EXPECT_GE(held.memory_peak_bytes, 10'000'000U);
  ASSERT_TRUE(vm_.eval("held = null"));
  const Stats after = vm_.stats();
  EXPECT_LT(after.memory_bytes, before.memory_bytes + 1'000'000);
  EXPECT_GE(after.memory_peak_bytes, held.memory_peak_bytes) << "a peak does not fall";
}

TEST_F(RuntimeStats, StackPeakFollowsTheDepth) {
  ASSERT_TRUE(vm_.eval("1+1"));
  const std::uint64_t flat = vm_.stats().stack_peak_bytes;
  ASSERT_TRUE(vm_.eval("(function f(n) { return n && f(n - 1) })(300)"));
  const std::uint64_t deep = vm_.stats().stack_peak_bytes;
  EXPECT_GT(deep, flat);
  EXPECT_LE(deep, vm_.limits().stack_bytes);
  EXPECT_TRUE(fails(vm_, "(function f() { f() })()", Errc::stack_limit));
  EXPECT_GT(vm_.stats().stack_peak_bytes, vm_.limits().stack_bytes / 2);
}

TEST_F(RuntimeStats, ResetStartsThemAnew) {
  ASSERT_TRUE(vm_.eval(
      "console.log('x'); for (let i = 0; i < 1e6; i++); globalThis.b = new ArrayBuffer(20e6); 0"));
  EXPECT_GT(vm_.stats().fuel, 0U);
  ASSERT_TRUE(vm_.reset());
  const Stats stats = vm_.stats();
  EXPECT_EQ(stats.runs, 0U);
  EXPECT_EQ(stats.fuel, 0U);
  EXPECT_EQ(stats.output_bytes, 0U);
  EXPECT_EQ(stats.wall, nanoseconds{0});
  EXPECT_LE(stats.memory_peak_bytes, 2 * kMiB);
}

TEST_F(RuntimeStats, AskingChangesNothing) {
  ASSERT_TRUE(vm_.eval("globalThis.a = [1, 2, 3]"));
  const Stats first = vm_.stats();
  const Stats second = vm_.stats();
  EXPECT_EQ(first.runs, second.runs);
  EXPECT_EQ(first.memory_bytes, second.memory_bytes);
  EXPECT_EQ(first.fuel, second.fuel);
  EXPECT_TRUE(gives(vm_, "a.join()", "1,2,3"));
}

TEST_F(CollectGarbage, FreesUnreachableCycles) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 64 * kMiB;  // not by itself
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.eval(
      "for (let i = 0; i < 1000; i++) { const a = {b: new ArrayBuffer(1000)}; a.self = a } 0"));
  const std::uint64_t littered = vm.stats().memory_bytes;
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_LT(vm.stats().memory_bytes + 1'000'000, littered);
  EXPECT_TRUE(works(vm));
}

TEST_F(CollectGarbage, HappensByItselfPastTheThreshold) {
  // 200 MB of cycles through a VM of 64 MiB: only a collector lets them pass.
  EXPECT_TRUE(gives(vm_,
                    "for (let i = 0; i < 20000; i++) { const a = {b: new ArrayBuffer(10000)}; "
                    "a.self = a } 'through'",
                    "through"));
}

TEST_F(CollectGarbage, KeepsWhatIsReachable) {
  ASSERT_TRUE(
      vm_.eval("globalThis.kept = new Map([[{}, [1]]]); const c = {}; c.c = c; kept.c = c; "
               "globalThis.w = new WeakRef(c); 0"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_TRUE(gives(vm_, "[...kept.values()][0][0] + ',' + (w.deref() === kept.c)", "1,true"));
}

TEST_F(CollectGarbage, AtEveryAllocationIsSlowAndRight) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 0;
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(works(vm));
  EXPECT_TRUE(gives(
      vm,
      "JSON.stringify(Array.from({length: 50}, (_, i) => ({i, self() { return this }})).map((o) => "
      "o.self().i))",
      "[" +
          [] {
            std::string list = "0";
            for (int i = 1; i < 50; ++i) list += "," + std::to_string(i);
            return list;
          }() +
          "]"));
}

}  // namespace
}  // namespace sandglass::test
