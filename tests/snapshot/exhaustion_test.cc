// Hosts that have no memory or address space left: what cannot be made is told, nothing of it stays
// behind, and with room everything works again.
//
// Each test works in a forked child, since the limits are those of a process.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr std::uint64_t kPage = 4096;
// A VM's address space: 4 GiB of linear memory, and a little more. An assumption of these tests.
constexpr std::uint64_t kVmSpace = 4 * kGiB;

/// `field` of /proc/self/status, which is in KiB there.
std::uint64_t status_bytes(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::uint64_t kib = 0;
    if (key == field + ":" && status >> kib) return kib * kKiB;
  }
  return 0;
}
std::uint64_t address_space() {
  return status_bytes("VmSize");
}
std::uint64_t writable_bytes() {
  return status_bytes("VmData");
}

std::size_t mappings() {
  std::ifstream file("/proc/self/maps");
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

/// A limit of this process, while it lives.
class ResourceLimit {
 public:
  ResourceLimit(__rlimit_resource resource, std::uint64_t bytes) : resource_(resource) {
    getrlimit(resource_, &before_);
    rlimit limit = before_;
    limit.rlim_cur = std::min<rlim_t>(bytes, before_.rlim_max);
    EXPECT_EQ(setrlimit(resource_, &limit), 0);
  }
  ~ResourceLimit() { setrlimit(resource_, &before_); }
  ResourceLimit(const ResourceLimit&) = delete;
  ResourceLimit& operator=(const ResourceLimit&) = delete;

 private:
  __rlimit_resource resource_;
  rlimit before_{};
};

/// So that the host's own small allocations, those of other threads too, need nothing of the
/// system.
void stock_heap() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  std::free(std::malloc(64 << 20));
}

class Exhaustion : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer needs the address space itself";
  }
};

Snapshot warmed(Options options = {}) {
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(vm.eval("globalThis.answer = (x) => x + 1; 0"));
  return vm.snapshot().value();
}

TEST_F(Exhaustion, WithoutAddressSpaceThereIsNoVmAndNothingIsLeftBehind) {
  const auto child = [] {
    stock_heap();
    const Snapshot snapshot = warmed();
    // Stays: if it ended, the next one would take its slot.
    Runtime first = Runtime::from(snapshot).value();
    EXPECT_TRUE(first.eval("answer(1)"));
    const auto before = mappings();
    {
      const ResourceLimit limit(RLIMIT_AS, address_space() + kVmSpace / 2);
      for (int i = 0; i < 100; ++i) {
        const Error error = error_of(Runtime::from(snapshot));
        ASSERT_EQ(error.code, Errc::memory_limit) << describe(error);
        EXPECT_NE(error.message.find("the host cannot make a VM"), std::string::npos)
            << error.message;
      }
    }
    EXPECT_EQ(mappings(), before);
    Result<Runtime> vm = Runtime::from(snapshot);
    ASSERT_TRUE(vm) << describe(vm.error());
    EXPECT_TRUE(gives(*vm, "answer(41)", "42"));
  };
  EXPECT_TRUE(in_child(child));
}

// RLIMIT_DATA counts private writable pages, so that each step of making a VM fails at some value:
// mapping the image (if more than allowed are there already), giving access to what is not in its
// file, the native stack of the first run.
class ExhaustionHalfWay : public Exhaustion, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(ExhaustionHalfWay, IsNoDifferentFromTheStart) {
  const auto child = [] {
    stock_heap();
    Options options;
    options.limits = roomy();
    options.limits.stack_bytes = GetParam();
    Runtime original = make_runtime(std::move(options));
    // Trailing pages of zeros are not in the image's file: they are a step of their own.
    ASSERT_TRUE(
        original.eval("globalThis.answer = (x) => x + 1; globalThis.big = new "
                      "ArrayBuffer(4 << 20); 0"));
    const Snapshot snapshot = original.snapshot().value();
    EXPECT_TRUE(original.eval("1"));
    bool refused_to_make = false;
    bool refused_to_run = false;
    bool worked = false;
    std::vector<std::uint64_t> allowed = {kPage};
    for (std::uint64_t more = 0; more <= 128 * kMiB; more = std::max(more * 2, kPage)) {
      allowed.push_back(writable_bytes() + more);
    }
    // On threads, because each keeps native stacks for its VMs.
    for (const std::uint64_t bytes : allowed) {
      std::thread([&] {
        const auto before = mappings();
        const ResourceLimit limit(RLIMIT_DATA, bytes);
        Result<Runtime> vm = Runtime::from(snapshot);
        if (!vm) {
          refused_to_make = true;
          EXPECT_EQ(vm.error().code, Errc::memory_limit) << describe(vm.error());
          EXPECT_EQ(mappings(), before) << "at " << bytes;
          return;
        }
        const Result<int> answer = vm->eval<int>("answer(41)");
        if (answer) {
          worked = true;
          EXPECT_EQ(*answer, 42);
          return;
        }
        refused_to_run = true;
        EXPECT_EQ(answer.error().code, Errc::memory_limit) << describe(answer.error());
        EXPECT_TRUE(answer.error().vm_usable);
        EXPECT_TRUE(vm->usable());
      }).join();
    }
    EXPECT_TRUE(refused_to_make);
    EXPECT_TRUE(refused_to_run);
    EXPECT_TRUE(worked);
    Result<Runtime> vm = Runtime::from(snapshot);
    ASSERT_TRUE(vm) << describe(vm.error());
    EXPECT_TRUE(gives(*vm, "answer(41)", "42"));
    EXPECT_TRUE(works(original));
  };
  EXPECT_TRUE(in_child(child));
}

// Below and above 960 KiB, where a stack is mapped by itself.
INSTANTIATE_TEST_SUITE_P(Stacks, ExhaustionHalfWay, ::testing::Values(256 * kKiB, 2 * kMiB));

TEST_F(Exhaustion, AVmThatHadNoNativeStackRunsWithAllItsLimitsLater) {
  const auto child = [] {
    stock_heap();
    Options options;
    options.limits = roomy();
    options.limits.stack_bytes = 256 * kKiB;
    const Snapshot snapshot = warmed(std::move(options));
    std::thread([&] {
      Runtime vm = Runtime::from(snapshot).value();
      {
        const ResourceLimit limit(RLIMIT_DATA, kPage);
        const Error error = error_of(vm.eval("answer(1)"));
        EXPECT_EQ(error.code, Errc::memory_limit) << describe(error);
        EXPECT_NE(error.message.find("native stack"), std::string::npos) << error.message;
      }
      EXPECT_TRUE(gives(vm, "answer(1)", "2"));
      EXPECT_TRUE(fails(vm, "(function f() { f() })()", Errc::stack_limit));
      EXPECT_LT(vm.stats().stack_peak_bytes, 512 * kKiB) << "not that of the image, 960 KiB";
      EXPECT_TRUE(works(vm));
    }).join();
  };
  EXPECT_TRUE(in_child(child));
}

// A forked child has no watchdog thread until its first run.
TEST_F(Exhaustion, AVmWhoseTimeNobodyCanKeepDoesNotRun) {
  const auto child = [] {
    stock_heap();
    Options options;
    options.limits.wall_time = milliseconds{50};
    options.limits.grace = seconds{1};
    Runtime vm = make_runtime(std::move(options));
    {
      // Less than the stack of a thread.
      const ResourceLimit limit(RLIMIT_AS, address_space() + kMiB);
      for (int i = 0; i < 3; ++i) {
        const Error error = error_of(vm.eval("1 + 1"));
        EXPECT_EQ(error.code, Errc::memory_limit) << describe(error);
        EXPECT_NE(error.message.find("thread"), std::string::npos) << error.message;
        EXPECT_TRUE(error.vm_usable);
      }
    }
    alarm(60);  // ends the child if nothing else ends the script
    EXPECT_TRUE(fails(vm, "for (;;);", Errc::time_limit));
    EXPECT_TRUE(adds(vm));
  };
  EXPECT_TRUE(in_child(child));
}

// In a process that has made no VM yet, as each is that ctest starts.
TEST_F(Exhaustion, TheFirstVmOfAProcessMayBeTriedAgain) {
  const auto child = [] {
    stock_heap();
    const std::uint64_t before = address_space();
    // Room for none, and for one where two are needed to prepare the image.
    for (const std::uint64_t room : {kGiB, kVmSpace + kGiB}) {
      const ResourceLimit limit(RLIMIT_AS, address_space() + room);
      for (int i = 0; i < 3; ++i) {
        const Error error = error_of(Runtime::create());
        ASSERT_EQ(error.code, Errc::memory_limit) << describe(error);
      }
    }
    EXPECT_LT(address_space(), before + kGiB) << "what was half made is gone";
    Result<Runtime> vm = Runtime::create();
    ASSERT_TRUE(vm) << describe(vm.error());
    EXPECT_TRUE(works(*vm));
    Options options;
    options.limits = roomy();
    options.limits.stack_bytes = 2 * kMiB;
    {
      const ResourceLimit limit(RLIMIT_AS, address_space() + kGiB);
      EXPECT_EQ(error_of(Runtime::create(options)).code, Errc::memory_limit);
    }
    Runtime deep = make_runtime(std::move(options));
    EXPECT_TRUE(works(deep));
  };
  EXPECT_TRUE(in_child(child));
}

TEST_F(Exhaustion, OfASnapshotIsToldAndTheVmGoesOn) {
  const auto child = [] {
    stock_heap();
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.eval("globalThis.kept = new Uint8Array(8 << 20).fill(7); 0"));
    const auto before = mappings();
    {
      const ResourceLimit limit(RLIMIT_AS, address_space() + kMiB);
      for (int i = 0; i < 10; ++i) {
        const Error error = error_of(vm.snapshot());
        EXPECT_EQ(error.code, Errc::memory_limit) << describe(error);
        EXPECT_TRUE(error.vm_usable);
      }
    }
    EXPECT_EQ(mappings(), before);
    EXPECT_TRUE(gives(vm, "kept[1 << 20]", "7"));
    Runtime fork = vm.fork().value();
    EXPECT_TRUE(gives(fork, "kept[1 << 20]", "7"));
  };
  EXPECT_TRUE(in_child(child));
}

// A pool whose one VM must be replaced when the host has no room for another: the new one takes the
// slot of the old.
TEST_F(Exhaustion, WhoWaitsForAPoolGetsAVmInTheSlotOfTheOneThatFailed) {
  const auto child = [] {
    alarm(60);  // ends the child if somebody waits for ever
    stock_heap();
    Options options;
    options.limits.wall_time = milliseconds{200};
    const Pool pool = Pool::create(warmed(std::move(options)), {.size = 1, .max_live = 1}).value();
    std::optional<Lease> held = pool.acquire().value();
    EXPECT_FALSE((*held)->eval("new Array(2**32 - 1).join('')"));
    ASSERT_FALSE((*held)->usable());

    constexpr int kThreads = 4;
    std::atomic<int> told = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const Error error = error_of(pool.acquire());
        told += error.code == Errc::memory_limit;
      });
    }
    while (pool.stats().waits < kThreads) std::this_thread::yield();
    {
      // Less than is used now: what the VM that goes gives back is not enough for its successor.
      const ResourceLimit limit(RLIMIT_AS, address_space() - kVmSpace + kGiB);
      held.reset();
      for (std::thread& thread : threads) thread.join();
    }
    EXPECT_EQ(told, 0);
    EXPECT_EQ(pool.stats().live, 1U);
    EXPECT_EQ(pool.run<int>("answer(41)").value(), 42);
  };
  EXPECT_TRUE(in_child(child));
}

// Threads that want more VMs than the host has room for: whoever gets none is told so, or gets that
// of another.
TEST_F(Exhaustion, ManyThreadsShareWhatAPoolCanMake) {
  const auto child = [] {
    alarm(120);
    stock_heap();
    const Pool pool = Pool::create(warmed(), {.size = 1, .max_live = 64}).value();
    EXPECT_EQ(pool.run<int>("answer(1)").value(), 2);
    std::atomic<int> right = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> other = 0;
    constexpr int kThreads = 6;
    constexpr int kRounds = 300;
    std::atomic<bool> go = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        while (!go) std::this_thread::yield();
        for (int i = 0; i < kRounds; ++i) {
          const Result<int> result = pool.call<int>("answer", t * kRounds + i);
          if (result) {
            right += *result == t * kRounds + i + 1;
          } else if (result.error().code == Errc::memory_limit) {
            ++refused;
          } else {
            ++other;
          }
        }
      });
    }
    {
      const ResourceLimit limit(RLIMIT_AS, address_space() + kVmSpace + kGiB);
      go = true;
      for (std::thread& thread : threads) thread.join();
    }
    EXPECT_EQ(right + refused, kThreads * kRounds);
    EXPECT_EQ(other, 0);
    EXPECT_GT(right, 0);
    EXPECT_LE(pool.stats().live, 3U);
    EXPECT_EQ(pool.stats().live, pool.stats().idle) << "all came back";
    EXPECT_EQ(pool.run<int>("answer(41)").value(), 42);
    EXPECT_TRUE(pool.drain());
  };
  EXPECT_TRUE(in_child(child));
}

class BudgetOfAPool : public ::testing::Test {
 protected:
  /// A pool of VMs that share a budget with room for `count` of them.
  static Pool pool_for(int count, PoolOptions options) {
    // What one takes is what a budget without a limit says.
    Options vm_options;
    vm_options.budget = Budget::create({});
    const Runtime one = make_runtime(vm_options);
    const std::uint64_t each = vm_options.budget->memory_used();
    Snapshot snapshot = warmed();
    vm_options = snapshot.options();
    vm_options.budget =
        Budget::create({.memory_bytes = each * static_cast<std::uint64_t>(count) + each / 2});
    options.options = vm_options;
    return Pool::create(snapshot, std::move(options)).value();
  }
};

TEST_F(BudgetOfAPool, ThatIsUsedUpIsToldWhoWantsOneMore) {
  const Pool pool = pool_for(2, {.size = 1, .max_live = 8});
  std::optional<Lease> first = pool.acquire().value();
  std::optional<Lease> second = pool.acquire().value();
  EXPECT_EQ(error_of(pool.acquire()).code, Errc::budget_limit);
  EXPECT_EQ(pool.stats().live, 2U);
  first.reset();
  EXPECT_EQ(pool.run<int>("answer(1)").value(), 2);
}

TEST_F(BudgetOfAPool, NeverMakesAnybodyWaitForEver) {
  const Pool pool = pool_for(2, {.size = 1, .max_live = 8});
  std::atomic<int> right = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> threads;
  const int rounds = scaled(500);
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) {
        const Result<int> result = pool.call<int>("answer", i);
        if (result) {
          right += *result == i + 1;
        } else {
          refused += result.error().code == Errc::budget_limit;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right + refused, 6 * rounds);
  EXPECT_EQ(pool.stats().live, pool.stats().idle);
  EXPECT_EQ(pool.run<int>("answer(1)").value(), 2);
}

TEST_F(BudgetOfAPool, ThatOthersUseUpLeavesTheRoomOfAFaultedVmToItsSuccessor) {
  Options options;
  options.limits.wall_time = milliseconds{200};
  options.budget = Budget::create({.memory_bytes = 16 * kMiB});
  const Pool pool = Pool::create(warmed(options), {.size = 1, .max_live = 1}).value();
  std::optional<Lease> held = pool.acquire().value();
  Options outside = options;
  outside.limits = roomy();
  Runtime other = make_runtime(outside);
  EXPECT_TRUE(fails(other, "globalThis.l = []; for (;;) l.push(new Uint8Array(64 << 10).fill(1))",
                    Errc::budget_limit));
  EXPECT_FALSE((*held)->eval("new Array(2**32 - 1).join('')"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(pool.run<int>("answer(1)")); });
  }
  while (pool.stats().waits < 3) std::this_thread::yield();
  held.reset();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace sandglass::test
