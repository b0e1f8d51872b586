// Pools: every lease is as new, however the last one ended, and nobody waits in vain.

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

Snapshot warmed(Options options = {}) {
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(
      vm.eval("globalThis.answer = (x) => x + 1; "
              "globalThis.slow = async (x) => { await null; return x * 2; }; 0"));
  return vm.snapshot().value();
}

Pool make_pool(PoolOptions options = {}) {
  Result<Pool> pool = Pool::create(warmed(), std::move(options));
  if (!pool) {
    ADD_FAILURE() << describe(pool.error());
    std::abort();
  }
  return std::move(*pool);
}

Clock::time_point in(milliseconds time) {
  return Clock::now() + time;
}

TEST(Pools, RunAndCall) {
  const Pool pool = make_pool();
  EXPECT_EQ(pool.run<int>("answer(41)").value(), 42);
  EXPECT_EQ(pool.call<int>("answer", 1).value(), 2);
  EXPECT_EQ(pool.call<int>("slow", 4).value(), 8) << "a promise is awaited";
  EXPECT_TRUE(pool.run("globalThis.leak = 1"));
  EXPECT_EQ(pool.run<std::string>("typeof leak").value(), "undefined");
  EXPECT_EQ(error_of(pool.run("throw new TypeError('x')")).name, "TypeError");
  EXPECT_EQ(error_of(pool.call("nothing")).code, Errc::conversion);
}

TEST(Pools, LimitsOfOneRunDoNotStay) {
  const Pool pool = make_pool({.size = 1, .max_live = 1});
  Limits limits;
  limits.memory_bytes = 4 * kMiB;  // that of the pool counts
  limits.fuel = 5;
  EXPECT_EQ(error_of(pool.run("for (;;);", {.limits = limits})).code, Errc::fuel_limit);
  EXPECT_EQ(pool.run<int>("let n = 0; for (let i = 0; i < 200000; i++) n++; n").value(), 200000);
  EXPECT_EQ(pool.acquire().value()->limits().fuel, std::nullopt);
}

TEST(Pools, FaultedVmsAreReplaced) {
  Options options;
  options.limits.wall_time = milliseconds{20};
  const Pool pool = Pool::create(warmed(std::move(options)), {.size = 1, .max_live = 1}).value();
  EXPECT_EQ(error_of(pool.run("new Array(2**32 - 1).join('')")).code, Errc::time_limit);
  EXPECT_EQ(pool.run<int>("answer(1)").value(), 2);
  const PoolStats stats = pool.stats();
  EXPECT_EQ(stats.replacements, 1U);
  EXPECT_EQ(stats.live, 1U);
  EXPECT_EQ(stats.leases, 2U);
}

TEST(Pools, WhoWantsMoreThanThereMayBeWaits) {
  const Pool pool = make_pool({.size = 1, .max_live = 2});
  std::optional<Lease> first = pool.acquire().value();
  std::optional<Lease> second = pool.acquire().value();
  const Error late = error_of(pool.acquire(in(milliseconds{20})));
  EXPECT_EQ(late.code, Errc::time_limit);
  EXPECT_EQ(pool.stats().timeouts, 1U);
  std::thread waiting([&] { EXPECT_EQ(pool.run<int>("answer(1)").value(), 2); });
  while (pool.stats().waits < 2) std::this_thread::yield();
  first.reset();
  waiting.join();
  second.reset();
  EXPECT_LE(pool.stats().live, 2U);
  EXPECT_EQ(pool.stats().idle, 1U) << "no more than size are kept";
}

TEST(Pools, WhoWaitsIsServedInOrder) {
  const Pool pool = make_pool({.size = 1, .max_live = 1});
  std::optional<Lease> held = pool.acquire().value();
  std::atomic<int> next = 0;
  std::vector<int> order(4, -1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Result<Lease> lease = pool.acquire();
      ASSERT_TRUE(lease);
      order[static_cast<std::size_t>(next++)] = i;
    });
    while (pool.stats().waits < static_cast<std::uint64_t>(i + 1)) std::this_thread::yield();
  }
  held.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Pools, ManyThreadsShareFewVms) {
  const Pool pool = make_pool({.size = 2, .max_live = 3});
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  const int rounds = scaled(500);
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < rounds; ++i) {
        const int x = t * 1000 + i;
        right += pool.call<int>("answer", x).value_or(-1) == x + 1;
        EXPECT_LE(pool.stats().live, 3U);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8 * rounds);
  EXPECT_EQ(pool.stats().leases, static_cast<std::uint64_t>(8 * rounds));
  EXPECT_GT(pool.stats().acquire_p99.count(), 0);
  EXPECT_LE(pool.stats().acquire_p50, pool.stats().acquire_p99);
}

TEST(Pools, WarmUpTellsItsProgress) {
  std::vector<std::size_t> ready;
  const Pool pool = make_pool({.size = 3, .progress = [&](std::size_t done, std::size_t size) {
                                 EXPECT_EQ(size, 3U);
                                 ready.push_back(done);
                               }});
  EXPECT_EQ(ready, (std::vector<std::size_t>{1, 2, 3}));
  EXPECT_EQ(pool.stats().idle, 3U);
}

TEST(Pools, DrainWaitsForThoseThatAreOut) {
  const Pool pool = make_pool();
  std::optional<Lease> out = pool.acquire().value();
  EXPECT_EQ(error_of(pool.drain(in(milliseconds{10}))).code, Errc::time_limit);
  EXPECT_EQ(error_of(pool.acquire()).code, Errc::closed);
  EXPECT_TRUE(out.value()->eval("1 + 1")) << "a lease stays good";
  std::thread back([&] { out.reset(); });
  EXPECT_TRUE(pool.drain());
  back.join();
  EXPECT_EQ(pool.stats().live, 0U);
}

TEST(Pools, DrainEndsTheWaitOfOthers) {
  const Pool pool = make_pool({.size = 1, .max_live = 1});
  std::optional<Lease> out = pool.acquire().value();
  std::thread waiting([&] { EXPECT_EQ(error_of(pool.acquire()).code, Errc::closed); });
  while (pool.stats().waits == 0) std::this_thread::yield();
  static_cast<void>(pool.drain(in(milliseconds{1})));
  waiting.join();
}

TEST(Pools, NobodyGetsALeaseAfterDrain) {
  for (int round = 0; round < scaled(50); ++round) {
    const Pool pool = make_pool({.size = 1, .max_live = 4});
    std::atomic<bool> drained = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&] {
        for (;;) {
          const Result<Lease> lease = pool.acquire();
          if (!lease) return;
          EXPECT_FALSE(drained);
        }
      });
    }
    EXPECT_TRUE(pool.drain());
    drained = true;
    EXPECT_EQ(pool.stats().live, 0U);
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(Pools, WhatRanUnknownBytecodeIsReplaced) {
  Runtime vm = make_runtime();
  const auto bytes = vm.compile("1 + 1").value();
  const Pool pool = make_pool({.size = 1, .max_live = 1});
  {
    Lease lease = pool.acquire().value();
    ASSERT_TRUE(lease->run(bytes));
    EXPECT_TRUE(lease->tainted());
  }
  EXPECT_EQ(pool.stats().replacements, 1U);
  EXPECT_FALSE(pool.acquire().value()->tainted());
}

TEST(Pools, LeasesMayOutliveThePool) {
  std::optional<Pool> pool = make_pool();
  Lease lease = pool->acquire().value();
  pool.reset();
  EXPECT_TRUE(gives(*lease, "answer(1)", "2"));
}

TEST(Pools, ValuesOfALeaseAreClosedAfterIt) {
  const Pool pool = make_pool({.size = 1, .max_live = 1});
  std::optional<Lease> lease = pool.acquire().value();
  const Value value = (*lease)->eval("({x: 1})").value();
  lease.reset();
  EXPECT_EQ(error_of(value.get("x")).code, Errc::closed);
  const Lease next = pool.acquire().value();
  EXPECT_EQ(error_of(value.get("x")).code, Errc::closed);
}

TEST(Pools, OptionsThatContradictEachOtherAreRefused) {
  const Snapshot snapshot = warmed();
  for (const auto& [options, part] :
       std::initializer_list<std::pair<PoolOptions, std::string_view>>{
           {{.size = 0}, "size"},
           {{.size = 4, .max_live = 2}, "max_live of 2"},
           {{.options =
                 [] {
                   Options none;
                   none.limits.memory_bytes = 0;
                   return none;
                 }()},
            "memory_bytes of 0 B"},
           {{.size = 2, .max_memory_bytes = 100 * kMiB}, "room for 1 VMs of 64 MiB"}}) {
    const Error error = error_of(Pool::create(snapshot, options));
    EXPECT_EQ(error.code, Errc::invalid_argument);
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  }
}

TEST(Pools, MemoryIsNeverPromisedTwice) {
  const Pool pool = make_pool({.size = 1, .max_memory_bytes = 130 * kMiB});
  const Lease one = pool.acquire().value();
  const Lease two = pool.acquire().value();
  EXPECT_EQ(error_of(pool.acquire(in(milliseconds{5}))).code, Errc::time_limit);
}

}  // namespace
}  // namespace sandglass::test
