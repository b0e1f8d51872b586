// Many VMs on many threads: no state shared, no order of threads needed. Meant for the sanitizers
// too.

#include <algorithm>
#include <atomic>
#include <barrier>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

// A run of some milliseconds that touches calls, the heap, a sort and JSON, and whose result tells
// whose it is.
[[nodiscard]] std::string work(int id) {
  return fmt::format(R"js((() => {{
    globalThis.owner ??= {0};
    if (owner !== {0}) return 'state of ' + owner;
    function fib(n) {{ return n < 2 ? n : fib(n - 1) + fib(n - 2) }}
    const list = Array.from({{length: 200}}, (_, i) => ({{key: (i * 7919) % 211, id: {0}}}));
    list.sort((a, b) => a.key - b.key);
    return [JSON.parse(JSON.stringify(list))[10].id, fib(12)].join();
  }})())js",
                     id);
}
[[nodiscard]] std::string work_result(int id) {
  return fmt::format("{},144", id);
}

/// Runs `body(index)` on `count` threads that start together.
template <class Body>
void on_threads(int count, Body body) {
  std::barrier start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      body(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

[[nodiscard]] Limits brief(nanoseconds wall) {
  Limits limits;
  limits.wall_time = wall;
  return limits;
}

TEST(Threads, SixtyFourMakeTheFirstVmsAtOnce) {
  std::atomic<int> right = 0;
  on_threads(64, [&](int id) {
    Runtime vm = make_runtime();
    right += outcome(vm.eval(work(id))) == work_result(id);
  });
  EXPECT_EQ(right, 64);
}

TEST(Threads, SixtyFourRunVmsOfTheirOwn) {
  std::atomic<int> wrong = 0;
  on_threads(64, [&](int id) {
    Runtime vm = make_runtime();
    for (int i = 0; i < scaled(40); ++i) {
      if (outcome(vm.eval(work(id))) != work_result(id)) ++wrong;
      if (i % 10 == 9 && !vm.reset()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, EveryKindOfEndAtOnce) {
  std::atomic<int> wrong = 0;
  on_threads(24, [&](int id) {
    const std::pair<std::string_view, Errc> ends[] = {
        {"(function f() { f() })()", Errc::stack_limit},
        {"for (let a = [];;) a.push('x'.repeat(1e6))", Errc::memory_limit},
        {"for (;;);", Errc::time_limit},
        {"new Array(2 ** 32 - 1).join('')", Errc::time_limit},
        {"throw new Error('x')", Errc::threw},
        {"(", Errc::syntax},
    };
    for (int i = 0; i < scaled(12, 4); ++i) {
      const auto& [source, code] = ends[(id + i) % std::size(ends)];
      Limits limits = brief(code == Errc::time_limit ? milliseconds{20} : seconds{60});
      limits.memory_bytes = 16 * kMiB;
      Runtime vm = make_runtime(limits);
      const Error error = error_of(vm.eval(source));
      if (error.code != code || !as_reported(vm, error)) {
        ++wrong;
        ADD_FAILURE() << source << " gave " << describe(error);
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, AVmMovesBetweenThreadsBetweenCalls) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.trail = []"));
  for (int i = 0; i < scaled(100); ++i) {
    std::thread([&] {
      EXPECT_TRUE(gives(vm, fmt::format("trail.push({}); trail.length", i), fmt::to_string(i + 1)));
      EXPECT_TRUE(fails(vm, "(function f() { f() })()", Errc::stack_limit));
      if (i % 4 == 0) {
        EXPECT_TRUE(vm.collect_garbage());
      }
    }).join();
    EXPECT_TRUE(gives(vm, "trail.length", fmt::to_string(i + 1)));
  }
  std::thread([&] { ASSERT_TRUE(vm.reset()); }).join();
  EXPECT_TRUE(works(vm));
  std::thread([moved = std::move(vm)]() mutable { EXPECT_TRUE(works(moved)); }).join();
}

TEST(Threads, TimeLimitsFollowAVmToItsThread) {
  Runtime vm = make_runtime(brief(milliseconds{20}));
  for (int i = 0; i < scaled(20, 4); ++i) {
    std::thread([&] {
      const Error error =
          error_of(vm.eval(i % 2 == 0 ? "for (;;);" : "new Array(2 ** 32 - 1).join('')"));
      EXPECT_EQ(error.code, Errc::time_limit) << describe(error);
      if (!vm.usable()) {
        EXPECT_TRUE(vm.reset());
      }
    }).join();
  }
}

TEST(Threads, VmsPassFromHandToHandThroughAQueue) {
  constexpr int kThreads = 8;
  std::vector<Runtime> vms;
  for (int i = 0; i < 16; ++i) vms.push_back(make_runtime());
  std::vector<std::mutex> guards(vms.size());
  std::vector<int> counts(vms.size(), 0);
  on_threads(kThreads, [&](int id) {
    for (int i = 0; i < scaled(200); ++i) {
      const std::size_t which = static_cast<std::size_t>(id * 31 + i * 17) % vms.size();
      const std::lock_guard lock(guards[which]);
      EXPECT_TRUE(gives(vms[which], "globalThis.n = (globalThis.n ?? 0) + 1",
                        fmt::to_string(++counts[which])));
    }
  });
}

TEST(Threads, ManyVmsTakeTurnsOnOneThread) {
  std::vector<Runtime> vms;
  for (int i = 0; i < 64; ++i) vms.push_back(make_runtime());
  for (int round = 0; round < scaled(20); ++round) {
    for (int i = 0; i < 64; ++i) {
      ASSERT_TRUE(gives(vms[i], work(i), work_result(i)));
      if (i % 16 == round % 16) {
        ASSERT_TRUE(fails(vms[i], "(function f() { f() })()", Errc::stack_limit));
      }
    }
  }
}

TEST(Threads, NestedRunsOfDifferentVmsOnManyThreads) {
  std::atomic<int> wrong = 0;
  on_threads(8, [&](int id) {
    Runtime inner = make_runtime();
    Options options;
    options.limits = roomy();
    std::string seen;
    options.console = [&](ConsoleStream, std::string_view) {
      seen = outcome(inner.eval(work(id)));
    };
    Runtime outer = make_runtime(std::move(options));
    for (int i = 0; i < scaled(50); ++i) {
      if (outcome(outer.eval("console.log('x'); 'done'")) != "done" || seen != work_result(id))
        ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, StormsOfCreationAndDestruction) {
  std::atomic<int> wrong = 0;
  on_threads(16, [&](int id) {
    for (int i = 0; i < scaled(300); ++i) {
      Runtime vm = make_runtime();
      if (i % 3 == 0 && outcome(vm.eval(work(id))) != work_result(id)) ++wrong;
      if (i % 7 == 0) {
        Runtime other = std::move(vm);
        vm = make_runtime();
      }
    }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, ThreadsThatComeAndGoLeaveNothing) {
  const auto mappings = [] {
    std::ifstream maps("/proc/self/maps");
    return std::count(std::istreambuf_iterator<char>(maps), {}, '\n');
  };
  const auto turn = [] {
    std::thread([] {
      Runtime vm = make_runtime();
      EXPECT_TRUE(gives(vm, "1+1", "2"));
      EXPECT_TRUE(fails(vm, "(function f() { f() })()", Errc::stack_limit));
    }).join();
  };
  for (int i = 0; i < 20; ++i) turn();
  const auto before = mappings();
  for (int i = 0; i < scaled(400); ++i) turn();
  if (!kSanitized) {
    EXPECT_LE(mappings(), before + 16);
  }
}

TEST(Threads, ValuesMayBeReleasedOnTheThreadThatHasTheVm) {
  Runtime vm = make_runtime();
  std::vector<Value> held;
  for (int i = 0; i < 100; ++i) {
    Result<Value> value = vm.eval("({})");
    ASSERT_TRUE(value);
    held.push_back(std::move(*value));
  }
  std::thread([&] {
    for (const Value& value : held) EXPECT_EQ(value.to_json().value_or("?"), "{}");
    held.clear();
    EXPECT_TRUE(works(vm));
  }).join();
}

// The end of a run and the destruction of its VM's neighbours race with interrupts from elsewhere.
TEST(Threads, InterruptsRaceWithTheEndsOfRuns) {
  std::atomic<int> wrong = 0;
  on_threads(6, [&](int id) {
    Runtime vm = make_runtime();
    std::atomic<bool> done = false;
    std::thread storm([&] {
      while (!done) {
        vm.interrupt();
        std::this_thread::sleep_for(std::chrono::microseconds{20});
      }
    });
    for (int i = 0; i < scaled(500); ++i) {
      const Result<Value> result = vm.eval(work(id));
      if (result) {
        const Result<std::string> text = result->to_string();
        if (text ? *text != work_result(id) : text.error().code != Errc::interrupted) ++wrong;
      } else if (result.error().code != Errc::interrupted) {
        ++wrong;
        ADD_FAILURE() << describe(result.error());
      }
      if (!vm.usable() && !vm.reset()) ++wrong;
    }
    done = true;
    storm.join();
    if (!vm.reset() || !works(vm)) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
}

TEST(Threads, TimeLimitsRaceWithTheEndsOfRuns) {
  std::atomic<int> wrong = 0;
  on_threads(6, [&](int id) {
    Limits limits = brief(milliseconds{1});
    limits.grace = nanoseconds{id % 2 == 0 ? 0 : 200'000};
    Runtime vm = make_runtime(limits);
    for (int i = 0; i < scaled(300); ++i) {
      const Result<Value> result = vm.eval(work(id));
      if (!result && result.error().code != Errc::time_limit) {
        ++wrong;
        ADD_FAILURE() << describe(result.error());
      }
      if (!vm.usable() && !vm.reset()) ++wrong;
    }
    if (!vm.reset() || !works(vm)) ++wrong;
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace sandglass::test
