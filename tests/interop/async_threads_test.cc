// Promises, tasks and channels of many VMs on many threads. No order of threads is needed, and no
// time decides. Meant for the sanitizers too.

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait{.file_name = "main.js", .top_level_await = true};

[[nodiscard]] Limits waiting(nanoseconds wall = seconds{60}) {
  Limits limits;
  limits.wall_time = wall;
  return limits;
}

/// Runs `body(index)` on `count` threads that start together.
template <class Body>
void on_threads(int count, Body body) {
  std::barrier start(count);
  std::vector<std::jthread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
    });
  }
}

/// Threads that do what they are given, in whatever order they come to it.
class Others {
 public:
  explicit Others(int threads) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] {
        while (const auto work = take()) (*work)();
      });
    }
  }
  Others(const Others&) = delete;
  Others& operator=(const Others&) = delete;
  ~Others() { finish(); }
  /// Returns when all is done that they were given.
  void finish() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    threads_.clear();
  }
  void operator()(std::function<void()> work) {
    {
      const std::lock_guard lock(mutex_);
      work_.push_back(std::move(work));
    }
    changed_.notify_one();
  }

 private:
  std::optional<std::function<void()>> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_ || !work_.empty(); });
    if (work_.empty()) return std::nullopt;
    std::function<void()> first = std::move(work_.front());
    work_.pop_front();
    return first;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  bool ended_ = false;
  std::vector<std::jthread> threads_;
};

/// Gives the script `ask(n)`: a promise of n that one of `others` settles.
void lets_ask(Runtime& vm, Others& others) {
  EXPECT_TRUE(vm.set("ask", [&others](Context context, int n) -> Result<Deferred<int>> {
    auto deferred = context.deferred<int>("ask");
    if (deferred) others([d = *deferred, n] { d.resolve(n); });
    return deferred;
  }));
}

TEST(AsyncThreads, EightVmsAreSettledByOthers) {
  Others others(4);
  std::atomic<int> wrong = 0;
  on_threads(8, [&](int id) {
    Runtime vm = make_runtime(waiting());
    lets_ask(vm, others);
    for (int round = 0; round < scaled(40); ++round) {
      const std::string source = fmt::format(
          "{{ let sum = 0; for (let i = 0; i < 5; i++) sum += await ask({0}); "
          "for (const n of await Promise.all(Array.from({{length: 20}}, () => ask({0})))) sum += "
          "n; sum }}",
          id);
      const std::string got = outcome(vm.eval(source, kAwait));
      if (got != fmt::to_string(25 * id)) {
        ++wrong;
        ADD_FAILURE() << "VM " << id << " got " << got;
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(AsyncThreads, RejectionsAndDropsAreTheirPromisesOwn) {
  Others others(4);
  on_threads(8, [&](int id) {
    Runtime vm = make_runtime(waiting());
    ASSERT_TRUE(vm.set("ask", [&](Context context, int way) -> Result<Deferred<int>> {
      auto deferred = context.deferred<int>("ask");
      if (!deferred) return deferred;
      others([d = std::make_shared<Deferred<int>>(*deferred), way, id]() mutable {
        if (way == 0) d->resolve(id);
        if (way == 1) d->reject(Error{.message = fmt::format("no {}", id)});
        d.reset();  // 2: the last copy goes here, or with the call that made it
      });
      return deferred;
    }));
    for (int round = 0; round < scaled(100); ++round) {
      EXPECT_TRUE(gives(vm, R"js({
        const all = await Promise.allSettled([ask(0), ask(1), ask(2)]);
        [all[0].value, all[1].reason.message, /dropped/.test(all[2].reason.message)].join() })js",
                        fmt::format("{0},no {0},true", id), kAwait));
    }
  });
}

TEST(AsyncThreads, TasksOfManyVmsWaitForOthers) {
  struct Local {
    static Task<int> add(Context context, Others* others, int n) {
      const Deferred<int> deferred = context.deferred<int>("add").value();
      (*others)([deferred, n] { deferred.resolve(n); });
      const Result<int> first = co_await deferred;
      std::promise<int> promise;
      std::future<int> future = promise.get_future();
      (*others)([kept = std::make_shared<std::promise<int>>(std::move(promise)), n] {
        kept->set_value(n);
      });
      const int second = co_await std::move(future);
      co_return first.value_or(-1000) + second;
    }
  };
  Others others(4);
  on_threads(8, [&](int id) {
    Runtime vm = make_runtime(waiting());
    ASSERT_TRUE(vm.set(
        "add", [&others](Context context, int n) { return Local::add(context, &others, n); }));
    for (int round = 0; round < scaled(20); ++round) {
      EXPECT_TRUE(gives(
          vm,
          fmt::format("(await Promise.all(Array.from({{length: 20}}, () => add({})))).join()", id),
          [&] {
            std::string all = fmt::to_string(2 * id);
            for (int i = 1; i < 20; ++i) all += fmt::format(",{}", 2 * id);
            return all;
          }(),
          kAwait));
    }
  });
}

// Channels between VMs.

TEST(AsyncThreads, ChannelsPassThroughAPipelineOfVms) {
  for (const std::size_t capacity : {0, 1, 16}) {
    constexpr int kStages = 8;
    constexpr int kItems = scaled(500);
    std::vector<Channel<int>> channels;
    for (int i = 0; i <= kStages; ++i) channels.emplace_back(capacity);
    std::vector<std::jthread> stages;
    for (int i = 0; i < kStages; ++i) {
      stages.emplace_back([&, i] {
        const auto stage = static_cast<std::size_t>(i);
        Runtime vm = make_runtime(waiting());
        EXPECT_TRUE(vm.set("from", channels[stage]));
        EXPECT_TRUE(vm.set("to", channels[stage + 1]));
        EXPECT_TRUE(gives(
            vm,
            "let n = 0; for await (const i of from) { await to.send(i + 1); n++ } to.close(); n",
            fmt::to_string(kItems), kAwait))
            << "stage " << i << ", capacity " << capacity;
        channels[stage].close();  // if it failed, its neighbours go on
        channels[stage + 1].close();
      });
    }
    std::jthread feeder([&] {
      for (int i = 0; i < kItems; ++i) channels.front().send(i);
      channels.front().close();
    });
    int expected = 0;
    while (const std::optional<int> item = channels.back().receive()) {
      EXPECT_EQ(*item, expected + kStages);
      ++expected;
    }
    EXPECT_EQ(expected, kItems) << "capacity " << capacity;
  }
}

TEST(AsyncThreads, PairsOfVmsPlayPingPong) {
  // With more threads than processors: the window is small in which one VM finds no receiver while
  // the other finds no sender.
  for (const std::size_t capacity : {0, 1}) {
    constexpr int kPairs = 6;
    constexpr int kTurns = scaled(5000);
    std::vector<Channel<int>> ping;
    std::vector<Channel<int>> pong;
    for (int i = 0; i < kPairs; ++i) {
      ping.emplace_back(capacity);
      pong.emplace_back(capacity);
    }
    on_threads(2 * kPairs, [&](int id) {
      const auto pair = static_cast<std::size_t>(id / 2);
      Runtime vm = make_runtime(waiting());
      EXPECT_TRUE(vm.set("ping", ping[pair]));
      EXPECT_TRUE(vm.set("pong", pong[pair]));
      const std::string got = outcome(vm.eval(
          id % 2 == 0
              ? fmt::format("for (let i = 1; i <= {}; i++) {{ if (!await ping.send(i)) throw i; "
                            "if (await pong.receive() !== -i) throw -i }} ping.close(); 'end'",
                            kTurns)
              : "for await (const i of ping) await pong.send(-i); 'end'",
          kAwait));
      EXPECT_EQ(got, "end") << "capacity " << capacity;
      ping[pair].close();  // if it failed, the other goes on
      pong[pair].close();
    });
  }
}

TEST(AsyncThreads, SendersAndReceiversThatMeetKeepTheOrder) {
  // Many at once: a sender that misses a receiver which came at the same moment is overtaken, or
  // waits for good.
  for (const std::size_t capacity : {0, 1}) {
    const Channel<int> channel(capacity);
    std::barrier turn(2);
    on_threads(2, [&](int id) {
      Runtime vm = make_runtime(waiting());
      EXPECT_TRUE(vm.set("ch", channel));
      EXPECT_TRUE(vm.eval(
          "globalThis.each = (f) => Promise.all(Array.from({length: 500}, (_, i) => f(i)))"));
      for (int round = 0; round < scaled(100); ++round) {
        turn.arrive_and_wait();
        const std::string got =
            outcome(vm.eval(id == 0 ? "(await each((i) => ch.send(i))).every((ok) => ok)"
                                    : "(await each(() => ch.receive())).every((n, i) => n === i)",
                            kAwait));
        EXPECT_EQ(got, "true") << (id == 0 ? "sender" : "receiver") << ", capacity " << capacity
                               << ", round " << round;
        if (got != "true") {
          channel.close();
          turn.arrive_and_drop();
          return;
        }
      }
    });
  }
}

TEST(AsyncThreads, EachItemReachesOneOfManyVms) {
  for (const std::size_t capacity : {0, 1, 8}) {
    constexpr int kEach = scaled(300);
    const Channel<int> jobs(capacity);
    const Channel<int> results(capacity);
    std::vector<std::atomic<int>> seen(4 * kEach);
    std::atomic<int> senders = 4;
    std::atomic<int> workers = 4;
    std::jthread collector([&] {
      while (const std::optional<int> result = results.receive()) {
        ++seen.at(static_cast<std::size_t>(*result));
      }
    });
    on_threads(8, [&](int id) {
      Runtime vm = make_runtime(waiting());
      EXPECT_TRUE(vm.set("jobs", jobs));
      EXPECT_TRUE(vm.set("results", results));
      if (id < 4) {
        EXPECT_TRUE(gives(
            vm,
            fmt::format("for (let i = 0; i < {0}; i++) await jobs.send({1} * {0} + i); 'sent'",
                        kEach, id),
            "sent", kAwait))
            << "capacity " << capacity;
        if (--senders == 0) jobs.close();
      } else {
        EXPECT_TRUE(gives(vm, "for await (const job of jobs) await results.send(job); 'worked'",
                          "worked", kAwait))
            << "capacity " << capacity;
        if (--workers == 0) results.close();
      }
    });
    results.close();
    collector.join();
    int wrong = 0;
    for (const std::atomic<int>& count : seen) wrong += count != 1;
    EXPECT_EQ(wrong, 0) << "items that did not arrive once, capacity " << capacity;
  }
}

TEST(AsyncThreads, CloseLosesNothingThatWasAccepted) {
  for (int round = 0; round < scaled(100); ++round) {
    const Channel<int> channel(static_cast<std::size_t>(round % 4));
    std::atomic<int> accepted = 0;
    std::atomic<int> received = 0;
    on_threads(7, [&](int id) {
      if (id == 0) {
        std::this_thread::sleep_for(std::chrono::microseconds{100 * (round % 30)});
        channel.close();
      } else if (id == 1) {
        while (channel.send(1)) ++accepted;
      } else if (id == 2) {
        while (channel.receive()) ++received;
      } else {
        Runtime vm = make_runtime(waiting());
        EXPECT_TRUE(vm.set("ch", channel));
        const Result<int> count =
            vm.eval<int>(id < 5 ? "let n = 0; while (await ch.send(1)) n++; n"
                                : "let n = 0; for await (const i of ch) n++; n",
                         kAwait);
        EXPECT_TRUE(count);
        (id < 5 ? accepted : received) += count.value_or(0);
      }
    });
    EXPECT_EQ(accepted, received) << "round " << round;
  }
}

// VMs on the move.

TEST(AsyncThreads, VmMovesBetweenThreadsWhileItsPromisesArePending) {
  Others others(3);
  Runtime vm = make_runtime(waiting());
  lets_ask(vm, others);
  std::vector<Deferred<int>> held;
  ASSERT_TRUE(vm.set("hold", [&held](Context context) -> Result<Deferred<int>> {
    auto deferred = context.deferred<int>("hold");
    if (deferred) held.push_back(*deferred);
    return deferred;
  }));
  ASSERT_TRUE(
      vm.eval("globalThis.sum = 0; globalThis.held = hold(); held.then((n) => { sum += n }); 0"));
  constexpr int kRounds = scaled(100);
  for (int i = 0; i < kRounds; ++i) {
    std::thread([&] {
      EXPECT_TRUE(vm.eval("ask(1).then((n) => { sum += n }); 0"));
      if (i % 3 == 0) {
        EXPECT_TRUE(gives(vm, "await ask(5)", "5", kAwait));
      }
      if (i % 5 == 0) {
        EXPECT_TRUE(vm.run(Clock::now()));
      }
    }).join();
  }
  others([d = held.front()] { d.resolve(1000); });
  std::thread([moved = std::move(vm)]() mutable {
    EXPECT_EQ(moved.run().value_or(false), true);
    EXPECT_TRUE(gives(moved, "sum", fmt::to_string(1000 + kRounds)));
  }).join();
}

TEST(AsyncThreads, SuspendedTasksMoveWithTheirVm) {
  struct Local {
    static Task<std::string> hops(Context context, Others* others, int times) {
      std::string trail;
      for (int i = 0; i < times; ++i) {
        const Deferred<int> deferred = context.deferred<int>().value();
        (*others)([deferred, i] { deferred.resolve(i); });
        trail += fmt::to_string(value_or_throw(co_await deferred));
      }
      co_return trail;
    }
  };
  Others others(2);
  Runtime vm = make_runtime(waiting());
  ASSERT_TRUE(vm.set("hops", [&others](Context context, int times) {
    return Local::hops(context, &others, times);
  }));
  ASSERT_TRUE(vm.eval("globalThis.got = ''; hops(9).then((trail) => { got = trail }); 0"));
  for (int i = 0; i < 1000 && outcome(vm.eval("got")).empty(); ++i) {
    std::thread([&] { EXPECT_TRUE(vm.run(Clock::now() + milliseconds{2})); }).join();
  }
  EXPECT_TRUE(gives(vm, "got", "012345678"));
}

TEST(AsyncThreads, ValuesOfTasksAreReleasedWhereverTheVmEnds) {
  struct Local {
    static Task<int> wait(Value promise) {
      const Value copy = promise.clone();
      const Result<Value> settled = co_await promise;
      co_return settled ? 1 : 0;
    }
  };
  for (int i = 0; i < scaled(100); ++i) {
    std::optional<Runtime> vm = make_runtime(waiting());
    ASSERT_TRUE(vm->set("wait", [](const Value& value) { return Local::wait(value.clone()); }));
    ASSERT_TRUE(vm->eval("wait(new Promise(() => {})); wait(new Promise(() => {})); 0"));
    std::thread([&] { vm.reset(); }).join();
  }
}

// Races with the ends of runs, states and VMs.

TEST(AsyncThreads, InterruptsRaceWithSettles) {
  Others others(2);
  on_threads(4, [&](int) {
    Runtime vm = make_runtime(waiting());
    lets_ask(vm, others);
    for (int i = 0; i < scaled(200); ++i) {
      std::atomic<bool> done = false;
      {
        std::jthread storm([&] {
          while (!done) {
            vm.interrupt();
            std::this_thread::sleep_for(std::chrono::microseconds{50});
          }
        });
        const Result<Value> result = vm.eval(
            "globalThis.p = ask(7); globalThis.q = ask(8); [await p, await q].join()", kAwait);
        done = true;
        if (!result) {
          EXPECT_EQ(result.error().code, Errc::interrupted) << describe(result.error());
        }
      }
      if (!vm.usable()) {
        ASSERT_TRUE(vm.reset());
        lets_ask(vm, others);
      }
      EXPECT_TRUE(gives(vm, "globalThis.r = ask(1); await r", "1", kAwait))
          << "no interrupt is left over";
    }
  });
}

TEST(AsyncThreads, InterruptedPromisesAreThereInTheNextRun) {
  Others others(2);
  on_threads(4, [&](int id) {
    Runtime vm = make_runtime(waiting());
    std::optional<Deferred<int>> held;
    std::atomic<bool> asked = false;
    ASSERT_TRUE(vm.set("ask", [&](Context context) -> Result<Deferred<int>> {
      auto deferred = context.deferred<int>("ask");
      if (deferred) held = *deferred;
      asked = true;
      return deferred;
    }));
    for (int i = 0; i < scaled(100); ++i) {
      asked = false;
      std::jthread interrupter([&] {
        while (!asked) std::this_thread::yield();
        vm.interrupt();
      });
      ASSERT_TRUE(fails(vm, "globalThis.p = ask(); await p", Errc::interrupted, nullptr, kAwait));
      interrupter.join();
      others([d = *held, id] { d.resolve(id); });
      EXPECT_TRUE(gives(vm, "await p", fmt::to_string(id), kAwait));
    }
  });
}

TEST(AsyncThreads, WallTimeRacesWithSettles) {
  Others others(2);
  on_threads(4, [&](int) {
    Limits limits = waiting(milliseconds{1});
    limits.grace = milliseconds{100};
    Runtime vm = make_runtime(limits);
    for (int i = 0; i < scaled(200); ++i) {
      if (!vm.get("ask").value_or(Value()).is_function()) {
        static_cast<void>(vm.set("ask", [&others](Context context, int n) -> Result<Deferred<int>> {
          auto deferred = context.deferred<int>("ask");
          if (deferred) others([d = *deferred, n] { d.resolve(n); });
          return deferred;
        }));
      }
      const Result<Value> result = vm.eval("typeof ask === 'function' ? await ask(7) : 7", kAwait);
      if (result) {
        EXPECT_TRUE(result->is_number()) << outcome(result);
      } else {
        EXPECT_EQ(result.error().code, Errc::time_limit) << describe(result.error());
      }
      if (!vm.usable()) {
        ASSERT_TRUE(vm.reset());
      }
    }
  });
}

TEST(AsyncThreads, DeadlinesRaceWithSettles) {
  Others others(2);
  on_threads(4, [&](int id) {
    Runtime vm = make_runtime(waiting());
    lets_ask(vm, others);
    for (int i = 0; i < scaled(300); ++i) {
      const Value promise = vm.global().invoke("ask", id).value();
      const Result<int> early =
          vm.await<int>(promise, Clock::now() + std::chrono::microseconds{i % 100});
      if (early) {
        EXPECT_EQ(*early, id);
      } else {
        EXPECT_EQ(early.error().code, Errc::time_limit) << describe(early.error());
        EXPECT_TRUE(early.error().vm_usable);
      }
      EXPECT_EQ(vm.await<int>(promise).value_or(-1), id) << "it goes on pending";
    }
  });
}

TEST(AsyncThreads, VmsEndWhileOthersSettle) {
  Others others(4);
  std::atomic<int> settled = 0;
  std::atomic<int> refused = 0;
  on_threads(4, [&](int) {
    for (int i = 0; i < scaled(200); ++i) {
      Runtime vm = make_runtime(waiting());
      std::vector<Deferred<std::string>> made;
      for (int n = 0; n < 8; ++n) {
        made.push_back(vm.deferred<std::string>().value());
        ASSERT_TRUE(vm.set(fmt::format("p{}", n), made.back()));
        others([d = made.back(), &settled, &refused] {
          ++(d.resolve(std::string(100, 'x')) ? settled : refused);
        });
      }
      if (i % 2 == 0) {
        EXPECT_TRUE(gives(vm, "(await Promise.race([p0, p1, p2, p3])).length", "100", kAwait));
      }
      if (i % 3 == 0) {
        Runtime moved = std::move(vm);
        vm = make_runtime(waiting());
      }
    }
  });
  others.finish();
  EXPECT_EQ(settled + refused, 4 * scaled(200) * 8);
}

TEST(AsyncThreads, StatesEndWhileOthersSettle) {
  Others others(4);
  on_threads(4, [&](int id) {
    Runtime vm = make_runtime(waiting());
    for (int i = 0; i < scaled(200); ++i) {
      lets_ask(vm, others);
      ASSERT_TRUE(
          vm.eval("for (let i = 0; i < 8; i++) ask(-1).then((n) => { globalThis.old = n }); 0"));
      ASSERT_TRUE(vm.reset());
      lets_ask(vm, others);
      EXPECT_TRUE(gives(vm, fmt::format("await ask({})", id), fmt::to_string(id), kAwait))
          << "what was promised to the state before is not taken for it";
      EXPECT_TRUE(gives(vm, "typeof old", "undefined"));
      ASSERT_TRUE(vm.reset());
    }
  });
}

TEST(AsyncThreads, VmsEndWhileChannelsRun) {
  const Channel<int> channel(4);
  std::atomic<bool> done = false;
  std::jthread sender([&] {
    while (!done) channel.send(1, Clock::now() + milliseconds{1});
  });
  std::jthread receiver([&] {
    while (!done) static_cast<void>(channel.receive(Clock::now() + milliseconds{1}));
  });
  on_threads(4, [&](int id) {
    for (int i = 0; i < scaled(100); ++i) {
      Runtime vm = make_runtime(waiting());
      ASSERT_TRUE(vm.set("ch", channel));
      ASSERT_TRUE(vm.eval("for (let i = 0; i < 4; i++) { ch.send(2); ch.receive() } 0"));
      if (id % 2 == 0) {
        EXPECT_TRUE(vm.run(Clock::now() + std::chrono::microseconds{i}));
      }
      if (i % 3 == 0) {
        EXPECT_TRUE(vm.reset());
      }
    }
  });
  done = true;
  channel.close();
}

TEST(AsyncThreads, FuturesOfManyVmsAreSeen) {
  on_threads(8, [&](int id) {
    Runtime vm = make_runtime(waiting());
    ASSERT_TRUE(vm.set(
        "work", [](int n) { return std::async(std::launch::async, [n] { return n * n; }); }));
    for (int round = 0; round < scaled(10); ++round) {
      EXPECT_TRUE(gives(
          vm, fmt::format("(await Promise.all([work({0}), work({0}), work({0})])).join()", id),
          fmt::format("{0},{0},{0}", id * id), kAwait));
    }
  });
}

TEST(AsyncThreads, OneThreadRunsManyVmsThatTalk) {
  constexpr int kVms = 16;
  std::vector<Channel<int>> channels;
  std::vector<Runtime> vms;
  for (int i = 0; i <= kVms; ++i) channels.emplace_back(std::size_t{1});
  for (std::size_t i = 0; i < kVms; ++i) {
    vms.push_back(make_runtime(waiting()));
    ASSERT_TRUE(vms[i].set("from", channels[i]));
    ASSERT_TRUE(vms[i].set("to", channels[i + 1]));
    ASSERT_TRUE(vms[i].eval(
        "(async () => { for await (const n of from) await to.send(n + 1); to.close() })(); 0"));
  }
  std::jthread feeder([&] {
    for (int i = 0; i < 50; ++i) channels.front().send(i);
    channels.front().close();
  });
  int expected = 0;
  bool open = true;
  for (std::int64_t turn = 0; open && turn < 1'000'000; ++turn) {
    bool left = false;
    for (Runtime& vm : vms) left |= !vm.run(Clock::now()).value_or(true);
    while (const std::optional<int> item = channels.back().try_receive()) {
      EXPECT_EQ(*item, expected + kVms);
      ++expected;
    }
    open = left;
  }
  EXPECT_EQ(expected, 50);
}

}  // namespace
}  // namespace sandglass::test
