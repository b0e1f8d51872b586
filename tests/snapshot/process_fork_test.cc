// Processes that fork: what a child may do with the VMs, snapshots and pools it has from its
// parent.

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class ProcessFork : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kThreadSanitized)
      GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts a thread";
  }
};

/// A child that a hanging test cannot keep alive.
template <class Body>
[[nodiscard]] ::testing::AssertionResult in_watched_child(Body body) {
  return in_child([&] {
    alarm(60);
    body();
  });
}

Runtime warmed(Options options = {}) {
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(vm.eval("globalThis.count = 0; globalThis.answer = (x) => x + 1; 0"));
  return vm;
}

constexpr std::string_view kNeverPolls = "new Array(2**32 - 1).join('')";

TEST_F(ProcessFork, VmsOfBothGoTheirOwnWays) {
  Runtime vm = warmed();
  Runtime copy = vm.fork().value();
  ASSERT_TRUE(gives(copy, "++count", "1"));
  const auto child = [&] {
    EXPECT_TRUE(gives(copy, "++count", "2"));
    EXPECT_TRUE(copy.reset());
    EXPECT_TRUE(gives(copy, "count", "0"));
    EXPECT_TRUE(gives(vm, "count = 100", "100"));
    EXPECT_TRUE(works(vm));
  };
  EXPECT_TRUE(in_watched_child(child));
  EXPECT_TRUE(gives(copy, "++count", "2"));
  EXPECT_TRUE(copy.reset());
  EXPECT_TRUE(gives(copy, "count", "0"));
  EXPECT_TRUE(gives(vm, "count", "0"));
}

TEST_F(ProcessFork, SnapshotsServeBoth) {
  const Snapshot snapshot = warmed().snapshot().value();
  const auto child = [&] {
    for (int i = 0; i < 3; ++i) {
      Runtime vm = Runtime::from(snapshot).value();
      EXPECT_TRUE(gives(vm, "++count", "1"));
      Runtime fork = vm.fork().value();
      EXPECT_TRUE(gives(fork, "count", "1"));
    }
  };
  EXPECT_TRUE(in_watched_child(child));
  Runtime vm = Runtime::from(snapshot).value();
  EXPECT_TRUE(gives(vm, "++count", "1"));
}

TEST_F(ProcessFork, ThePoolOfAChildHasItsOwnVms) {
  Options options;
  options.limits.wall_time = milliseconds{50};
  const Pool pool =
      Pool::create(warmed(std::move(options)).snapshot().value(), {.size = 3, .max_live = 4})
          .value();
  std::optional<Lease> lease = pool.acquire().value();
  ASSERT_TRUE((*lease)->eval("count = 7"));
  const auto child = [&] {
    EXPECT_TRUE(gives(**lease, "++count", "8")) << "a lease of the thread that forked";
    lease.reset();
    EXPECT_EQ(pool.stats().idle, 3U);
    EXPECT_EQ(pool.run<int>("answer(41)").value(), 42);
    EXPECT_EQ(error_of(pool.run("for (;;);")).code, Errc::time_limit);
    EXPECT_EQ(error_of(pool.run(kNeverPolls)).code, Errc::time_limit);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] { EXPECT_EQ(pool.run<int>("++count").value_or(-1), 1); });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_TRUE(pool.drain(Clock::now() + seconds{30}));
    EXPECT_EQ(pool.stats().live, 0U);
  };
  EXPECT_TRUE(in_watched_child(child));
  EXPECT_TRUE(gives(**lease, "++count", "8"));
  lease.reset();
  EXPECT_EQ(pool.run<int>("answer(41)").value(), 42);
  EXPECT_EQ(pool.stats().replacements, 0U);
}

TEST_F(ProcessFork, AChildMayDropWhatItHas) {
  std::optional<Runtime> vm = warmed();
  std::optional<Snapshot> snapshot = vm->snapshot().value();
  std::optional<Pool> pool = Pool::create(*snapshot, {.size = 2}).value();
  const auto child = [&] {
    pool.reset();
    snapshot.reset();
    vm.reset();
    Runtime fresh = make_runtime();
    EXPECT_TRUE(works(fresh));
  };
  EXPECT_TRUE(in_watched_child(child));
  EXPECT_EQ(pool->run<int>("answer(1)").value(), 2);
}

// What other threads have leased does not exist for a child: their threads do not.
TEST_F(ProcessFork, LeasesOfOtherThreadsStayOutInAChild) {
  const Pool pool = Pool::create(warmed().snapshot().value(), {.size = 2, .max_live = 2}).value();
  std::atomic<bool> leased = false;
  std::atomic<bool> done = false;
  std::thread other([&] {
    const Lease lease = pool.acquire().value();
    leased = true;
    while (!done) std::this_thread::yield();
  });
  while (!leased) std::this_thread::yield();
  const auto child = [&] {
    EXPECT_EQ(pool.stats().live, 2U);
    EXPECT_EQ(pool.run<int>("answer(1)").value(), 2);
    const Lease mine = pool.acquire().value();
    EXPECT_EQ(error_of(pool.acquire(Clock::now() + milliseconds{10})).code, Errc::time_limit);
    EXPECT_EQ(error_of(pool.drain(Clock::now() + milliseconds{10})).code, Errc::time_limit);
  };
  EXPECT_TRUE(in_watched_child(child));
  done = true;
  other.join();
  EXPECT_TRUE(pool.drain());
}

// A VM that another thread was running at the fork stands in the middle of that run for ever.
TEST_F(ProcessFork, AVmThatAnotherThreadRanCanOnlyBeDropped) {
  std::optional<Runtime> busy = make_runtime();
  std::atomic<bool> running = false;
  ASSERT_TRUE(busy->set("begun", [&] { running = true; }));
  std::thread other([&] { EXPECT_TRUE(fails(*busy, "begun(); for (;;);", Errc::interrupted)); });
  while (!running) std::this_thread::yield();
  const auto child = [&] {
    EXPECT_EQ(error_of(busy->eval("1")).code, Errc::invalid_argument);
    EXPECT_EQ(error_of(busy->reset()).code, Errc::invalid_argument);
    busy.reset();
    Runtime fresh = make_runtime();
    EXPECT_TRUE(works(fresh));
  };
  EXPECT_TRUE(in_watched_child(child));
  busy->interrupt();
  other.join();
  EXPECT_TRUE(works(*busy));
}

// Threads that make, run and drop VMs hold none of the locks that a child needs for long, but
// often.
TEST_F(ProcessFork, WhileOtherThreadsWorkWithVmsOfTheirOwnLeavesNothingLocked) {
  const Snapshot snapshot = warmed().snapshot().value();
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      while (!done) {
        Runtime vm = Runtime::from(snapshot).value();
        EXPECT_TRUE(vm.eval("answer(1)"));
        EXPECT_TRUE(make_runtime().eval("1"));
      }
    });
  }
  const auto child = [&] {
    Runtime vm = Runtime::from(snapshot).value();
    EXPECT_TRUE(gives(vm, "answer(1)", "2"));
    EXPECT_TRUE(make_runtime().eval("1"));
  };
  for (int i = 0; i < scaled(200); ++i) ASSERT_TRUE(in_watched_child(child)) << i;
  done = true;
  for (std::thread& thread : threads) thread.join();
}

// The CPU clock of a thread begins anew in a child; what it used before is still counted.
TEST_F(ProcessFork, InACallbackTheRunIsHeldToItsCpuTimeInTheChildToo) {
  Options options;
  options.limits = roomy();
  options.limits.cpu_time = milliseconds{300};
  options.budget = Budget::create({.cpu_time = seconds{60}});
  Runtime vm = make_runtime(options);
  pid_t child = -1;
  ASSERT_TRUE(vm.set("fork", [&] {
    child = ::fork();
    if (child == 0) alarm(60);
  }));
  const Error error = error_of(vm.eval("fork(); for (;;);"));
  const bool right = error.code == Errc::time_limit &&
                     options.budget->cpu_used() >= milliseconds{250} &&
                     options.budget->cpu_used() < seconds{10};
  if (child == 0) _exit(right ? 0 : 1);
  EXPECT_TRUE(right) << describe(error);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace sandglass::test
