// Snapshots: what a VM that starts from one finds, what it shares, and what it does not.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Counter {
 public:
  explicit Counter(int count) : count_(count) {}
  int inc() { return ++count_; }
  [[nodiscard]] int count() const { return count_; }

 private:
  std::atomic<int> count_;
};

Class<Counter> counter_class() {
  return std::move(Class<Counter>("Counter")
                       .constructor<int>()
                       .method("inc", &Counter::inc)
                       .property("count", &Counter::count));
}

Snapshot snapshot_of(Runtime& vm) {
  Result<Snapshot> taken = vm.snapshot();
  if (!taken) {
    ADD_FAILURE() << describe(taken.error());
    std::abort();
  }
  return std::move(*taken);
}

Runtime start(const Snapshot& snapshot) {
  Result<Runtime> vm = Runtime::from(snapshot);
  if (!vm) {
    ADD_FAILURE() << describe(vm.error());
    std::abort();
  }
  return std::move(*vm);
}

TEST(Snapshots, HoldGlobalsFunctionsAndHeap) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(
      vm.eval("globalThis.list = Array.from({length: 1000}, (_, i) => i * i); "
              "globalThis.sum = () => list.reduce((a, b) => a + b); 0"));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime first = start(snapshot);
  Runtime second = start(snapshot);
  EXPECT_TRUE(gives(first, "list.length = 3; sum()", "5"));
  EXPECT_TRUE(gives(second, "sum()", "332833500"));
  EXPECT_TRUE(gives(vm, "sum()", "332833500"));
}

TEST(Snapshots, OutliveTheirVm) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->eval("globalThis.x = 41; 0"));
  const Snapshot snapshot = snapshot_of(*vm);
  vm.reset();
  Runtime copy = start(snapshot);
  EXPECT_TRUE(gives(copy, "x + 1", "42"));
}

TEST(Snapshots, ChangesOfTheOriginalDoNotReachThem) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.state = 'before'; 0"));
  const Snapshot snapshot = snapshot_of(vm);
  ASSERT_TRUE(vm.eval("state = 'after'; 0"));
  Runtime copy = start(snapshot);
  EXPECT_TRUE(gives(copy, "state", "before"));
  EXPECT_TRUE(gives(vm, "state", "after"));
}

TEST(Snapshots, HostFunctionsAreSharedByAllCopies) {
  int calls = 0;
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("count", [&] { return ++calls; }));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime first = start(snapshot);
  Runtime second = start(snapshot);
  EXPECT_TRUE(gives(first, "count()", "1"));
  EXPECT_TRUE(gives(second, "count()", "2"));
  EXPECT_TRUE(gives(vm, "count()", "3"));
  EXPECT_EQ(first.stats().host_functions, 1U);
  ASSERT_TRUE(first.unset("count"));
  ASSERT_TRUE(first.collect_garbage());
  EXPECT_EQ(first.stats().host_functions, 0U);
  EXPECT_TRUE(gives(second, "count()", "4"));
}

TEST(Snapshots, CallablesLiveAsLongAsASnapshotOrOneOfItsVms) {
  auto token = std::make_shared<int>(7);
  const std::weak_ptr<int> alive = token;
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("token", [kept = std::move(token)] { return *kept; }));
  std::optional<Snapshot> snapshot = snapshot_of(*vm);
  vm.reset();
  std::optional<Runtime> copy = start(*snapshot);
  snapshot.reset();
  EXPECT_FALSE(alive.expired());
  EXPECT_TRUE(gives(*copy, "token()", "7"));
  copy.reset();
  EXPECT_TRUE(alive.expired());
}

TEST(Snapshots, ClassesAndObjectsWorkInCopies) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  const auto shared = std::make_shared<Counter>(10);
  ASSERT_TRUE(vm.set("shared", shared));
  ASSERT_TRUE(
      vm.eval("globalThis.own = new Counter(1); class Sub extends Counter {}; "
              "globalThis.Sub = Sub; 0"));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime copy = start(snapshot);
  EXPECT_TRUE(gives(copy, "[own.inc(), new Counter(5).inc(), new Sub(8).count].join()", "2,6,8"));
  EXPECT_TRUE(gives(copy, "shared.inc()", "11"));
  EXPECT_EQ(shared->count(), 11) << "objects of the host are not copied";
  EXPECT_EQ(copy.get<std::shared_ptr<Counter>>("shared").value(), shared);
  ASSERT_TRUE(copy.set("again", shared));
  EXPECT_TRUE(gives(copy, "again === shared", "true"));
}

TEST(Snapshots, PendingPromisesOfTheScriptGoOn) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(
      vm.eval("globalThis.gate = Promise.withResolvers(); "
              "globalThis.later = gate.promise.then((x) => x + 1); 0"));
  const Snapshot snapshot = snapshot_of(vm);
  for (int i = 0; i < 2; ++i) {
    Runtime copy = start(snapshot);
    EXPECT_TRUE(gives(copy, "gate.resolve(41); await later", "42", {.top_level_await = true}));
  }
}

TEST(Snapshots, WhatTheHostPromisedStaysWithTheOriginal) {
  Runtime vm = make_runtime();
  const Deferred<int> deferred = vm.deferred<int>("answer").value();
  ASSERT_TRUE(vm.set("promise", deferred));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime copy = start(snapshot);
  const Error error = error_of(copy.eval("await promise", {.top_level_await = true}));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_NE(error.message.find("answer"), std::string::npos) << error.message;
  EXPECT_TRUE(deferred.resolve(42));
  EXPECT_TRUE(gives(vm, "await promise", "42", {.top_level_await = true}));
}

TEST(Snapshots, ModulesAreLoadedAlready) {
  const auto modules =
      MemoryModules::create({{"lib.js", "export let n = 0; export const inc = () => ++n;"}})
          .value();
  Options options;
  options.modules = modules;
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(
      vm.eval("import { inc } from './lib.js'; inc(); inc()", {.kind = SourceKind::module}));
  const Snapshot snapshot = snapshot_of(vm);
  ASSERT_TRUE(modules->add("lib.js", "throw new Error('loaded again')"));
  for (int i = 0; i < 2; ++i) {
    Runtime copy = start(snapshot);
    EXPECT_TRUE(gives(copy, "(await import('lib.js')).inc()", "3", {.top_level_await = true}));
  }
}

TEST(Snapshots, ResetGoesBackToThem) {
  int calls = 0;
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  ASSERT_TRUE(vm.set("hit", [&] { return ++calls; }));
  ASSERT_TRUE(vm.eval("globalThis.x = 1; 0"));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime copy = start(snapshot);
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(
        gives(copy, "x++; globalThis.leak = 1; delete globalThis.hit; new Counter(x).inc()", "3"));
    ASSERT_TRUE(copy.set("other", [] { return 1; }));
    ASSERT_TRUE(copy.reset());
    EXPECT_TRUE(gives(copy, "[x, typeof leak, typeof other, new Counter(1).inc()].join()",
                      "1,undefined,undefined,2"));
    EXPECT_TRUE(gives(copy, "hit()", std::to_string(i)));
    EXPECT_EQ(copy.stats().host_functions, vm.stats().host_functions);
  }
}

TEST(Snapshots, ResetHealsWhateverHappened) {
  Options options;
  options.limits.wall_time = milliseconds{50};
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.eval("globalThis.x = 'kept'; 0"));
  const Snapshot snapshot = snapshot_of(vm);
  Runtime copy = start(snapshot);
  for (const std::string_view source :
       {"while (true);", "new Array(2**32 - 1).join('')", "const l = []; for (;;) l.push({})",
        "(function f() { f() })()"}) {
    EXPECT_FALSE(copy.eval(source)) << source;
    ASSERT_TRUE(copy.reset()) << source;
    EXPECT_TRUE(gives(copy, "x", "kept")) << source;
  }
}

TEST(Snapshots, OfSnapshots) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("one", [] { return 1; }));
  Runtime second = start(snapshot_of(vm));
  ASSERT_TRUE(second.set("two", [] { return 2; }));
  Runtime third = start(snapshot_of(second));
  EXPECT_TRUE(gives(third, "one() + two()", "3"));
}

TEST(Snapshots, WithOtherOptions) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.x = 1; 0"));
  const Snapshot snapshot = snapshot_of(vm);
  Options options = snapshot.options();
  options.limits.wall_time = milliseconds{20};
  std::string printed;
  options.console = [&](ConsoleStream, std::string_view text) { printed += text; };
  Result<Runtime> copy = Runtime::from(snapshot, options);
  ASSERT_TRUE(copy) << describe(copy.error());
  EXPECT_TRUE(gives(*copy, "console.log(x); x", "1"));
  EXPECT_EQ(printed, "1\n");
  EXPECT_TRUE(fails(*copy, "for (;;);", Errc::time_limit));
}

TEST(Snapshots, OptionsThatDoNotFitAreRefused) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.big = new Uint8Array(8 << 20); 0"));
  const Snapshot snapshot = snapshot_of(vm);
  EXPECT_GE(snapshot.memory_bytes(), 8 * kMiB);
  Options options = snapshot.options();
  options.limits.memory_bytes = 4 * kMiB;
  Error error = error_of(Runtime::from(snapshot, options));
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_NE(error.message.find("memory_bytes (4 MiB)"), std::string::npos) << error.message;
  options = snapshot.options();
  options.limits.stack_bytes = 2 * kMiB;
  error = error_of(Runtime::from(snapshot, options));
  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_NE(error.message.find("stack_bytes (2 MiB)"), std::string::npos) << error.message;
}

TEST(Snapshots, OfAStackInItsOwnRegion) {
  Options options;
  options.limits = roomy();
  options.limits.stack_bytes = 4 * kMiB;
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.eval("globalThis.depth = (n) => n === 0 ? 0 : 1 + depth(n - 1); depth(10000)"));
  Runtime copy = start(snapshot_of(vm));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(gives(copy, "depth(10000)", "10000"));
    EXPECT_TRUE(fails(copy, "depth(1e9)", Errc::stack_limit));
    ASSERT_TRUE(copy.reset());
  }
}

TEST(Snapshots, FromInsideARunAreRefused) {
  Runtime vm = make_runtime();
  Error error;
  ASSERT_TRUE(vm.set("take", [&] { error = error_of(vm.snapshot()); }));
  ASSERT_TRUE(vm.eval("take()"));
  EXPECT_EQ(error.code, Errc::invalid_argument);
}

TEST(Snapshots, OfAFaultedVmAreRefused) {
  Options options;
  options.limits.wall_time = milliseconds{20};
  Runtime vm = make_runtime(std::move(options));
  ASSERT_FALSE(vm.eval("new Array(2**32 - 1).join('')"));
  ASSERT_FALSE(vm.usable());
  EXPECT_EQ(error_of(vm.snapshot()).code, Errc::closed);
}

// Closures of the library that belong to the VM they were made in.

TEST(Snapshots, TasksOfTheOriginalDoNotGoOnInCopies) {
  struct Local {
    static Task<int> wait(Context, Value promise) {
      static_cast<void>(co_await promise);
      co_return 1;
    }
  };
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("wait", &Local::wait));
  ASSERT_TRUE(vm->eval("globalThis.waiting = wait(new Promise((r) => { globalThis.go = r })); 0"));
  const Snapshot snapshot = snapshot_of(*vm);
  Runtime first = start(snapshot);
  EXPECT_TRUE(gives(first, "go(1); 'went'", "went"));
  EXPECT_TRUE(gives(*vm, "go(1); await waiting", "1", {.top_level_await = true}));
  vm.reset();
  Runtime second = start(snapshot);
  EXPECT_TRUE(gives(second, "go(1); 'went'", "went"));
}

TEST(Snapshots, RangesOfTheOriginalAreOfNoUseToCopies) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("range", iterate_range(std::vector<int>{1, 2, 3})));
  ASSERT_TRUE(vm->eval("range.next()"));
  const Snapshot snapshot = snapshot_of(*vm);
  for (int i = 0; i < 2; ++i) {
    Runtime copy = start(snapshot);
    const Error error = error_of(copy.eval("range.next()"));
    EXPECT_EQ(error.name, "TypeError") << describe(error);
    if (i == 0) {
      EXPECT_TRUE(gives(*vm, "[...range].join()", "2,3"));
    }
    vm.reset();
  }
}

TEST(Snapshots, WrappersThatATenantMadeAnewAreNotThoseOfTheNext) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  const auto shared = std::make_shared<Counter>(1);
  ASSERT_TRUE(vm.set("get", [shared] { return shared; }));
  ASSERT_TRUE(vm.eval("globalThis.first = get(); 0"));
  Runtime copy = start(snapshot_of(vm));
  ASSERT_TRUE(copy.eval("first = null; 0"));
  // Numbers of host objects come round again after 256 of them.
  for (int i = 0; i < 255; ++i) ASSERT_TRUE(copy.eval("{ get(); } 0"));
  ASSERT_TRUE(
      copy.eval("globalThis.pad = Array(50).fill(0).map(() => ({})); "
                "globalThis.mine = get(); 0"));
  ASSERT_TRUE(copy.reset());
  EXPECT_TRUE(gives(copy, "get() === first", "true"));
  EXPECT_TRUE(works(copy));
}

TEST(Snapshots, ArgumentsRunNoScriptCode) {
  Options options;
  options.limits.wall_time = seconds{2};
  options.arguments = {"a", "b"};
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.eval(
      "globalThis.hits = 0; "
      "Object.defineProperty(Array.prototype, 0, {set() { for (;;); }, configurable: true}); "
      "Object.defineProperty(globalThis, 'scriptArgs', "
      "{set() { for (;;); }, get() { return 'own' }, configurable: true}); 0"));
  Result<Runtime> fork = vm.fork();
  ASSERT_TRUE(fork) << describe(fork.error());
  EXPECT_TRUE(gives(*fork, "scriptArgs", "own")) << "the state of the original";
  ASSERT_TRUE(fork->reset());
  const Snapshot snapshot = snapshot_of(vm);
  Options other = snapshot.options();
  other.arguments = {"c"};
  Result<Runtime> copy = Runtime::from(snapshot, other);
  ASSERT_TRUE(copy) << describe(copy.error());
  EXPECT_TRUE(gives(*copy, "scriptArgs.join()", "c"));
  ASSERT_TRUE(copy->reset());
  EXPECT_TRUE(gives(*copy, "scriptArgs.join()", "c"));
}

TEST(Snapshots, OnASlotThatServedBefore) {
  for (const std::uint64_t stack : {256 * kKiB, 2 * kMiB}) {
    for (int i = 0; i < 3; ++i) {
      Options options;
      options.limits = roomy();
      options.limits.stack_bytes = stack;
      Runtime vm = make_runtime(std::move(options));
      EXPECT_TRUE(fails(vm, "(function f() { f() })()", Errc::stack_limit));
      EXPECT_GT(vm.stats().stack_peak_bytes, stack / 4);
      Runtime copy = start(snapshot_of(vm));
      EXPECT_TRUE(works(copy));
    }
  }
}

TEST(Snapshots, ServeManyThreads) {
  std::atomic<int> calls = 0;
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("hit", [&] { return ++calls; }));
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  const Snapshot snapshot = snapshot_of(vm);
  constexpr int kThreads = 4;
  const int rounds = scaled(200);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < rounds; ++i) {
        Runtime copy = start(snapshot);
        EXPECT_TRUE(gives(copy, "hit(); new Counter(1).inc()", "2"));
        if (i % 3 == 0) {
          ASSERT_TRUE(copy.reset());
          EXPECT_TRUE(gives(copy, "hit(); new Counter(2).inc()", "3"));
          --calls;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(calls, kThreads * rounds);
}

TEST(Fork, GoesOnFromWhereItIs) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.steps = ['a']; 0"));
  Result<Runtime> left = vm.fork();
  Result<Runtime> right = vm.fork();
  ASSERT_TRUE(left);
  ASSERT_TRUE(right);
  EXPECT_TRUE(gives(*left, "steps.push('left'); steps.join()", "a,left"));
  EXPECT_TRUE(gives(*right, "steps.push('right'); steps.join()", "a,right"));
  EXPECT_TRUE(gives(vm, "steps.join()", "a"));
}

}  // namespace
}  // namespace sandglass::test
