// Limits::memory_bytes: it binds, for the VM and for the process around it, and nothing is broken
// after.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "corpus.h"

namespace sandglass::test {
namespace {

/// Resident memory of this process: now ("VmRSS") or at its highest since reset_peak() ("VmHWM").
[[nodiscard]] std::uint64_t resident_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::uint64_t kib = 0;
    if (key == field + ":" && status >> kib) return kib * kKiB;
  }
  return 0;
}

void reset_peak() {
  std::ofstream("/proc/self/clear_refs") << "5";
}

[[nodiscard]] Limits with_memory(std::uint64_t bytes) {
  Limits limits = roomy();
  limits.memory_bytes = bytes;
  return limits;
}

class MemoryHog : public ::testing::TestWithParam<HostileScript> {};

// Each in a process of its own, so that its resident memory is that of this one VM.
TEST_P(MemoryHog, EndsAtTheLimitAndTheProcessStaysWithinIt) {
  const HostileScript& script = GetParam();
  const ::testing::AssertionResult ended = in_child([&] {
    const std::uint64_t limit = script.memory_bytes.value_or(64 * kMiB);
    Runtime vm = make_runtime(with_memory(limit));
    ASSERT_TRUE(works(vm));
    reset_peak();
    const std::uint64_t baseline = resident_bytes("VmRSS");

    const Clock::time_point start = Clock::now();
    const Result<Value> result = run(vm, script);
    const double milliseconds_taken =
        std::chrono::duration<double, std::milli>(Clock::now() - start).count();

    const std::uint64_t grown =
        resident_bytes("VmHWM") - std::min(resident_bytes("VmHWM"), baseline);
    fmt::print("{}: {:.1f} MiB over the baseline, {:.0f} ms, {}\n", script.name,
               static_cast<double>(grown) / kMiB, milliseconds_taken,
               result ? "ok" : describe(result.error()).substr(0, 80));
    EXPECT_TRUE(ended_as_expected(script, result));
    EXPECT_LE(vm.stats().memory_peak_bytes, limit);
    if (!kSanitized) {
      EXPECT_LE(grown, limit + 16 * kMiB) << "resident memory over its baseline";
    }
    if (vm.usable()) {
      EXPECT_TRUE(adds(vm));
    }
    EXPECT_TRUE(vm.reset());
    EXPECT_TRUE(works(vm));
    EXPECT_LT(vm.stats().memory_peak_bytes, 4 * kMiB);
  });
  EXPECT_TRUE(ended);
}

INSTANTIATE_TEST_SUITE_P(Corpus, MemoryHog, ::testing::ValuesIn(hostile_scripts("memory")),
                         script_name);

class MemoryLimit : public ::testing::Test {
 protected:
  static constexpr std::string_view kHog =
      "for (const hoard = [];;) hoard.push('x'.repeat(1e6) + hoard.length)";
};

TEST_F(MemoryLimit, GrowthPastLimitFailsAndVmStaysUsable) {
  Runtime vm = make_runtime(with_memory(16 * kMiB));
  for (int i = 0; i < 50; ++i) {
    Error error;
    ASSERT_TRUE(fails(vm, kHog, Errc::memory_limit, &error));
    ASSERT_TRUE(error.vm_usable);
    ASSERT_FALSE(error.completion);
    ASSERT_TRUE(works(vm)) << "after " << i;
  }
}

TEST_F(MemoryLimit, AtEverySizeInTheRangeItBindsAndTheVmStaysUsable) {
  for (const std::uint64_t bytes :
       {2 * kMiB, 3 * kMiB, 4 * kMiB, 8 * kMiB, 64 * kMiB, 256 * kMiB, 4 * kGiB - 64 * kKiB}) {
    Runtime vm = make_runtime(with_memory(bytes));
    ASSERT_TRUE(works(vm)) << bytes;
    if (bytes > kGiB) continue;  // to fill it takes more than a small machine has
    EXPECT_TRUE(fails(vm, kHog, Errc::memory_limit)) << bytes;
    EXPECT_LE(vm.stats().memory_peak_bytes, bytes);
    EXPECT_TRUE(works(vm)) << bytes;
  }
}

TEST_F(MemoryLimit, BelowItTheScriptCompletes) {
  for (const std::uint64_t bytes : {8 * kMiB, 64 * kMiB}) {
    Runtime vm = make_runtime(with_memory(bytes));
    EXPECT_TRUE(gives(vm, fmt::format("new ArrayBuffer({}).byteLength", bytes / 2),
                      fmt::to_string(bytes / 2)));
    EXPECT_TRUE(fails(vm, fmt::format("new ArrayBuffer({})", bytes), Errc::memory_limit));
    EXPECT_TRUE(works(vm));
  }
}

TEST_F(MemoryLimit, MoreThanAGigabyteCanBeUsed) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer needs the memory itself";
  Runtime vm = make_runtime(with_memory(2 * kGiB));
  EXPECT_TRUE(gives(
      vm, "globalThis.a = []; for (let i = 0; i < 15; i++) a.push(new ArrayBuffer(1e8)); a.length",
      "15"));
  EXPECT_GT(vm.stats().memory_peak_bytes, 1'500'000'000U);
  EXPECT_TRUE(works(vm));
}

TEST_F(MemoryLimit, TheErrorIsCatchableAndStillReported) {
  Runtime vm = make_runtime(with_memory(16 * kMiB));
  Error error;
  EXPECT_TRUE(fails(vm,
                    "let name; try { new ArrayBuffer(1e9); name = 'none' } catch (e) { name = "
                    "String(e && e.name) } name",
                    Errc::memory_limit, &error));
  ASSERT_TRUE(error.completion);
  EXPECT_EQ(*error.completion, "InternalError");
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm)) << "the next run is not blamed for it";
}

TEST_F(MemoryLimit, CaughtManyTimesInOneRunTheVmStaysInOrder) {
  Runtime vm = make_runtime(with_memory(16 * kMiB));
  Error error;
  EXPECT_TRUE(fails(vm, R"(
    let caught = 0;
    for (let i = 0; i < 50; i++) {
      try { for (const hoard = [];;) hoard.push({i, text: 'x'.repeat(1000 + i)}) } catch { caught++ }
    }
    caught)",
                    Errc::memory_limit, &error));
  EXPECT_EQ(error.completion.value_or("none"), "50");
  EXPECT_TRUE(works(vm));
}

TEST_F(MemoryLimit, AnInternalErrorOfTheScriptsOwnIsNotOne) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(fails(vm, "throw new InternalError('out of memory')", Errc::threw));
  EXPECT_TRUE(fails(vm, "throw null", Errc::threw));
  EXPECT_TRUE(fails(vm, "new Array(-1)", Errc::threw))
      << "a RangeError that has nothing to do with memory";
  EXPECT_TRUE(works(vm));
}

TEST_F(MemoryLimit, WhatIsKeptStaysCountedUntilItIsFreed) {
  Runtime vm = make_runtime(with_memory(16 * kMiB));
  ASSERT_TRUE(vm.eval("globalThis.kept = new ArrayBuffer(10e6); 0"));
  EXPECT_TRUE(fails(vm, "new ArrayBuffer(10e6)", Errc::memory_limit))
      << "memory belongs to the VM, not to the run";
  ASSERT_TRUE(vm.eval("kept = null"));
  EXPECT_TRUE(gives(vm, "new ArrayBuffer(10e6).byteLength", "10000000"));
}

TEST_F(MemoryLimit, InAJobItIsReportedToo) {
  Runtime vm = make_runtime(with_memory(16 * kMiB));
  EXPECT_TRUE(
      fails(vm, "Promise.resolve().then(() => new ArrayBuffer(1e9)); 1", Errc::memory_limit));
  EXPECT_TRUE(works(vm));
  EXPECT_TRUE(fails(vm, "(async () => { await null; try { new ArrayBuffer(1e9) } catch {} })(); 1",
                    Errc::memory_limit));
  EXPECT_TRUE(works(vm));
}

// What is kept back is four pages here: the hog uses up one, each run that finds the heap full up
// to two.
TEST_F(MemoryLimit, AFullVmReportsAndFreesWhileItsReserveLasts) {
  Runtime vm = make_runtime(with_memory(8 * kMiB));
  EXPECT_TRUE(fails(vm, "globalThis.hoard = []; for (;;) hoard.push({})", Errc::memory_limit));
  Error error;
  EXPECT_TRUE(
      fails(vm, "hoard.push({}, {}, {}); for (;;) hoard.push([1])", Errc::memory_limit, &error));
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(gives(vm, "hoard = null", "null"));
  EXPECT_TRUE(works(vm));
}

TEST_F(MemoryLimit, AFullVmWithoutReserveStillReportsAndAResetHeals) {
  Runtime vm = make_runtime(with_memory(4 * kMiB));
  EXPECT_TRUE(fails(vm, "globalThis.hoard = []; for (;;) hoard.push({})", Errc::memory_limit));
  for (int i = 0; i < 20; ++i) {
    const Result<Value> result = vm.eval("hoard.push({}, {}, {}); for (;;) hoard.push([1])");
    ASSERT_FALSE(result);
    ASSERT_EQ(result.error().code, Errc::memory_limit) << describe(result.error());
    ASSERT_TRUE(result.error().vm_usable);
  }
  (void)vm.stats();
  (void)vm.collect_garbage();
  const Result<Value> freed = vm.eval("hoard = null");
  EXPECT_TRUE(freed || freed.error().code == Errc::memory_limit) << describe(freed.error());
  EXPECT_TRUE(vm.usable());
  ASSERT_TRUE(vm.reset());
  EXPECT_TRUE(works(vm));
}

// The smallest objects fill the heap to its last bytes; the host's own needs must still find room.
TEST_F(MemoryLimit, FilledToTheBrimTheVmStaysUsable) {
  for (const std::string_view hog :
       {"globalThis.kept = []; for (;;) kept = [kept]",
        "globalThis.kept = {}; for (;;) kept = {kept}",
        "globalThis.kept = ''; for (let i = 0;; i++) kept = {kept, s: 'k' + i}",
        "globalThis.kept = () => 1; for (;;) kept = ((k) => () => k)(kept)"}) {
    Runtime vm = make_runtime(with_memory(8 * kMiB));
    EXPECT_TRUE(fails(vm, hog, Errc::memory_limit));
    EXPECT_TRUE(gives(vm, "1+1", "2")) << hog;
    EXPECT_FALSE(vm.eval("({toString() { return 'x'.repeat(2 ** 28) }}) + ''"));
    EXPECT_TRUE(vm.usable()) << hog;
    EXPECT_TRUE(gives(vm, "kept = null; 1+1", "2")) << hog;
    EXPECT_TRUE(works(vm)) << hog;
  }
}

TEST_F(MemoryLimit, ManyVmsTakeOnlyWhatTheyUse) {
  const auto child = [] {
    std::vector<Runtime> vms;
    vms.push_back(make_runtime());
    ASSERT_TRUE(gives(vms[0], "1+1", "2"));
    const std::uint64_t before = resident_bytes("VmRSS");
    for (int i = 0; i < 200; ++i) {
      vms.push_back(make_runtime(with_memory(kGiB)));
      ASSERT_TRUE(gives(vms.back(), "1+1", "2"));
    }
    fmt::print("{:.0f} KiB a VM after 1+1\n",
               static_cast<double>(resident_bytes("VmRSS") - before) / 200 / kKiB);
    if (!kSanitized) {
      EXPECT_LT(resident_bytes("VmRSS"), before + 200 * kMiB);
    }
  };
  EXPECT_TRUE(in_child(child));
}

}  // namespace
}  // namespace sandglass::test
