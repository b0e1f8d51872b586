// Objects of bound classes: when the C++ object is let go of, and what it may hold.

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "classes.h"

namespace sandglass::test {
namespace {

using ObjectLifetime = Classes;

// Lifetime.

TEST_F(ObjectLifetime, GoesWithItsWrapper) {
  bind(counter_class());
  run("new Counter(1); 0");
  EXPECT_EQ(Counter::made, 1);
  EXPECT_EQ(Counter::destroyed, 1);
  run("globalThis.c = new Counter(1); globalThis.list = [c, new Counter(2)]; 0");
  EXPECT_EQ(Counter::alive(), 2);
  EXPECT_EQ(vm_.stats().host_objects, 2U);
  run("c = null");
  EXPECT_EQ(Counter::alive(), 2);
  run("list = null");
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, InCyclesOfTheScriptGoesWithTheCollector) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 64 * kMiB;  // not by itself
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  ASSERT_TRUE(vm.eval("for (let i = 0; i < 100; i++) { const c = new Counter(i); c.self = c } 0"));
  EXPECT_EQ(Counter::alive(), 100);
  EXPECT_EQ(vm.stats().host_objects, 100U);
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(Counter::destroyed, 100);
  EXPECT_EQ(vm.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, GoesAtResetAndAtTheEndOfTheVm) {
  bind(counter_class());
  const auto shared = std::make_shared<Counter>(0);
  set("s", shared);
  run("globalThis.list = Array.from({length: 100}, (_, i) => new Counter(i)); 0");
  const Value held = vm_.eval("list[0]").value();
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Counter::alive(), 1);
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
  EXPECT_EQ(error_of(held.as<std::shared_ptr<Counter>>()).code, Errc::closed);
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Counter", counter_class()));
    ASSERT_TRUE(
        vm.eval("globalThis.list = Array.from({length: 100}, (_, i) => new Counter(i)); 0"));
    EXPECT_EQ(Counter::alive(), 101);
  }
  EXPECT_EQ(Counter::alive(), 1);
}

TEST_F(ObjectLifetime, IsHeldByCppAfterTheVmIsGone) {
  std::shared_ptr<Counter> kept;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Counter", counter_class()));
    kept = vm.eval<std::shared_ptr<Counter>>("new Counter(42)").value();
  }
  EXPECT_EQ(kept->count(), 42);
  EXPECT_EQ(Counter::alive(), 1);
}

TEST_F(ObjectLifetime, GoesOnceAfterAHardCut) {
  for (const bool reset : {true, false}) {
    Counter::reset_counts();
    {
      Limits limits;
      limits.wall_time = milliseconds{100};
      limits.grace = milliseconds{0};
      Runtime vm = make_runtime(limits);
      ASSERT_TRUE(vm.set("Counter", counter_class()));
      const Error error = error_of(vm.eval(
          "const kept = [new Counter(1)]; new Counter(2); const c = new Counter(3); c.c = c;"
          "new Array(2 ** 32 - 1).join('')"));
      EXPECT_EQ(error.code, Errc::time_limit);
      EXPECT_FALSE(error.vm_usable);
      EXPECT_EQ(Counter::made, 3);
      EXPECT_FALSE(vm.collect_garbage());
      if (reset) {
        ASSERT_TRUE(vm.reset());
        EXPECT_EQ(Counter::destroyed, 3);
        EXPECT_TRUE(works(vm));
      }
    }
    EXPECT_EQ(Counter::destroyed, 3);
  }
}

TEST_F(ObjectLifetime, GoesOnceWhenACutComesAnywhere) {
  // Many objects in cycles, collected all the time, and a cut somewhere in that.
  int made = 0;
  for (int i = 0; i < scaled(50, 5); ++i) {
    Counter::reset_counts();
    {
      Options options;
      options.limits.wall_time = milliseconds{1 + i % 5};
      options.limits.grace = milliseconds{0};
      options.gc_threshold_bytes = 16 * kKiB;
      Runtime vm = make_runtime(std::move(options));
      if (!vm.set("Counter", counter_class())) continue;  // a busy machine
      EXPECT_TRUE(fails(vm,
                        "for (;;) { const c = new Counter(1); c.self = [c]; c.inc(); "
                        "c.plus(Counter.zero()); c.text = Array(100).join('x') }",
                        Errc::time_limit));
      EXPECT_GE(Counter::alive(), 0);
      if (i % 2 == 0) {
        EXPECT_TRUE(vm.reset());
        EXPECT_EQ(Counter::alive(), 0);
      }
    }
    EXPECT_EQ(Counter::alive(), 0);
    made += Counter::made;
  }
  EXPECT_GT(made, 0);
}

TEST_F(ObjectLifetime, SurvivesWhatItsConstructorThrows) {
  bind(Class<Counter>("Counter").constructor([](int n) {
    auto counter = std::make_shared<Counter>(n);
    if (n < 0) throw std::runtime_error("late");
    return counter;
  }));
  attempt({{"new Counter(-1)", "Error: late"}, {"typeof new Counter(1)", "object"}});
  collect();
  EXPECT_EQ(Counter::made, 2);
  EXPECT_EQ(Counter::destroyed, 2);
}

TEST_F(ObjectLifetime, WithoutRoomForAWrapperTheObjectGoes) {
  Limits limits = roomy();
  limits.memory_bytes = 3 * kMiB;
  Runtime vm = make_runtime(limits);
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  EXPECT_TRUE(fails(vm, "const all = []; for (;;) all.push(new Counter(1))", Errc::memory_limit));
  ASSERT_TRUE(vm.reset());
  EXPECT_GT(Counter::made, 1000);
  EXPECT_EQ(Counter::alive(), 0);
}

/// An object whose destructor does something.
struct AtEnd {
  std::function<void()> then;
  explicit AtEnd(std::function<void()> what) : then(std::move(what)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() {
    if (then) then();
  }
};

TEST_F(ObjectLifetime, DestructorMayUseTheVm) {
  std::string said;
  int destroyed = 0;
  set("o", std::make_shared<AtEnd>([&] {
        ++destroyed;
        said = outcome(vm_.eval("[typeof o, 1 + 1].join()"));
        static_cast<void>(vm_.set("left", 5));
        said += outcome(vm_.get("left"));
      }));
  run("globalThis.o = 'gone'");
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(said, "string,25");
  EXPECT_TRUE(gives(vm_, "left", "5"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ObjectLifetime, DestructorsMayMakeAndDropMoreObjects) {
  int destroyed = 0;
  std::function<void(int)> make = [&](int left) {
    static_cast<void>(vm_.set("o", std::make_shared<AtEnd>([&, left] {
                                ++destroyed;
                                if (left > 0) make(left - 1);
                              })));
  };
  make(20);
  for (int i = 0; i < 21; ++i) {
    ASSERT_TRUE(vm_.unset("o"));
    EXPECT_EQ(destroyed, i + 1);
  }
  EXPECT_EQ(vm_.stats().host_objects, 0U);
  EXPECT_TRUE(works(vm_));
}

TEST_F(ObjectLifetime, ManyDestructorsThatUseTheVm) {
  int destroyed = 0;
  int failed = 0;
  set("make", [&] {
    return std::make_shared<AtEnd>([&] {
      ++destroyed;
      failed += vm_.eval("1 + 1") ? 0 : 1;
    });
  });
  run("globalThis.all = Array.from({length: 100}, make); 0");
  run("all = null");
  EXPECT_EQ(destroyed, 100);
  EXPECT_EQ(failed, 0);
  EXPECT_TRUE(gives(vm_, "for (let i = 0; i < 5000; i++) make(); 'done'", "done"))
      << "in the middle of a run, once there are many";
  EXPECT_EQ(destroyed, 5100);
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(vm_.stats().host_objects, 0U);
}

TEST_F(ObjectLifetime, DestructorAtTheEndFindsTheVmClosed) {
  std::vector<Errc> codes;
  const auto ask = [&codes](const Context& context) {
    return std::make_shared<AtEnd>(
        [&codes, context] { codes.push_back(error_of(context.eval("1")).code); });
  };
  set("o", ask(vm_));
  ASSERT_TRUE(vm_.reset());
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("o", ask(vm)));
  }
  EXPECT_EQ(codes, (std::vector<Errc>{Errc::closed, Errc::closed}));
}

TEST_F(ObjectLifetime, DestructorMayDropTheRuntime) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("o", std::make_shared<AtEnd>([&] { vm.reset(); })));
  EXPECT_TRUE(vm->eval("o = null; 1"));
  EXPECT_FALSE(vm.has_value());
}

// Objects that hold values of their VM.

struct Node : Counted<Node> {
  Value held;
  std::optional<Function<int()>> callback;
  void hold(Value value) { held = std::move(value); }
  [[nodiscard]] Value get() const { return held.clone(); }
};

Class<Node> node_class() {
  return Class<Node>("Node")
      .constructor<>()
      .method("hold", &Node::hold)
      .method("get", &Node::get)
      .method("listen", [](Node& node, Function<int()> f) { node.callback.emplace(std::move(f)); })
      .method("fire", [](const Node& node) -> Result<int> {
        return node.callback ? (*node.callback)() : Result<int>(-1);
      });
}

TEST_F(ObjectLifetime, MayHoldValuesAndFunctionsOfTheScript) {
  bind(node_class());
  EXPECT_TRUE(gives(vm_,
                    "const n = new Node(), o = {x: 1}; n.hold(o); n.listen(() => o.x++); "
                    "[n.get() === o, n.fire(), n.fire(), o.x].join()",
                    "true,1,2,3"));
}

TEST_F(ObjectLifetime, ChainThroughCppComesApartLinkByLink) {
  Node::reset_counts();
  bind(node_class());
  run("let chain = new Node(); for (let i = 0; i < 9; i++) { const n = new Node(); n.hold(chain); "
      "chain = n } globalThis.chain = chain; 0");
  EXPECT_EQ(Node::alive(), 10);
  collect();
  EXPECT_EQ(Node::alive(), 10);
  run("chain = globalThis.chain = null");
  // Each object that goes drops a Value, which the next run frees.
  for (int i = 0; i < 10; ++i) collect();
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, 10);
}

TEST_F(ObjectLifetime, LongChainThroughCppNeedsNoDeepStack) {
  Node::reset_counts();
  bind(node_class());
  const int count = scaled(20'000);
  run(
      fmt::format("globalThis.chain = new Node(); for (let i = 1; i < {}; i++) {{ const n = new "
                  "Node(); n.hold(chain); chain = n }} 0",
                  count));
  EXPECT_EQ(Node::alive(), count);
  run("chain = null");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, count);
}

TEST_F(ObjectLifetime, CycleThroughCppLivesUntilTheVmEnds) {
  // The engine's collector does not see what C++ holds: such a cycle is a leak until then.
  Node::reset_counts();
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("Node", node_class()));
    ASSERT_TRUE(
        vm.eval("{ const n = new Node(); n.hold(n) } { const a = new Node(), b = new Node(); "
                "a.hold(b); b.hold({a}) } { const n = new Node(); n.listen(() => n.fire()) "
                "} 0"));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(vm.collect_garbage());
    EXPECT_EQ(Node::alive(), 4);
    EXPECT_EQ(vm.stats().host_objects, 4U);
    EXPECT_TRUE(works(vm));
    ASSERT_TRUE(vm.reset());
    EXPECT_EQ(Node::alive(), 0);
    ASSERT_TRUE(vm.set("Node", node_class()));
    ASSERT_TRUE(vm.eval("{ const n = new Node(); n.hold(n) } 0"));
  }
  EXPECT_EQ(Node::alive(), 0);
  EXPECT_EQ(Node::destroyed, Node::made);
}

TEST_F(ObjectLifetime, CycleThroughCppCanBeBrokenFromEitherSide) {
  Node::reset_counts();
  bind(node_class());
  run("globalThis.n = new Node(); n.hold(n); n.hold(undefined); n = null");
  collect();
  EXPECT_EQ(Node::alive(), 0);
}

TEST_F(ObjectLifetime, HundredThousandObjectsLeaveNothingBehind) {
  bind(counter_class());
  const auto loop = [&](int count) {
    return gives(vm_,
                 fmt::format("(() => {{ let s = 0; for (let i = 0; i < {}; i++) {{ const c = new "
                             "Counter(i); s += c.inc() - i; c.copy(); if (i % 100 == 0) c.self = c "
                             "}} return s }})()",
                             count),
                 std::to_string(count));
  };
  const auto from_host = [&](int count) {
    int failures = 0;
    for (int i = 0; i < count; ++i) failures += vm_.make(std::make_shared<Counter>(i)) ? 0 : 1;
    return failures;
  };
  ASSERT_TRUE(loop(5000));
  ASSERT_EQ(from_host(5000), 0);
  collect();
  const Stats before = vm_.stats();
  const int count = scaled(100'000);
  EXPECT_TRUE(loop(count));
  EXPECT_EQ(from_host(count), 0);
  collect();
  const Stats after = vm_.stats();
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_EQ(after.host_objects, 0U);
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(ObjectLifetime, ObjectsInTheMiddleOfALongRunGoOnceThereAreMany) {
  bind(counter_class());
  int most = 0;
  set("look", [&] { most = std::max(most, Counter::alive()); });
  run("for (let i = 0; i < 50000; i++) { new Counter(i); if (i % 100 == 0) look() } 0");
  EXPECT_EQ(Counter::alive(), 0);
  EXPECT_LT(most, 10'000);
}

TEST_F(ObjectLifetime, FailuresLeaveNothingBehind) {
  bind(counter_class());
  run(R"js(
    const c = new Counter(1), {inc} = Counter.prototype;
    const calls = [
      () => new Counter(), () => new Counter({}), () => Counter(1), () => inc.call({}), () => inc(),
      () => c.plus({}), () => c.plus(c, new Counter(2), null.x), () => c.fail(), () => c.count = 'x',
      () => Reflect.construct(Counter, [1], new Proxy(function() {}, {get() { throw 1 }})),
      () => new (class extends Counter { constructor() { super('x') } }),
      () => new (class extends Counter { constructor() { super(1); throw 1 } })];
    function loop(n) {
      let caught = 0;
      for (let i = 0; i < n; i++) for (const call of calls) try { call() } catch { caught++ }
      return caught;
    }
    loop(100);)js");
  collect();
  const Stats before = vm_.stats();
  const int count = scaled(10'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", count), std::to_string(12 * count)));
  collect();
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_objects, 1U);
  EXPECT_EQ(Counter::alive(), 1);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(ObjectLifetime, AllIsRightWithACollectionAtEveryAllocation) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 0;
  Runtime vm = make_runtime(std::move(options));
  ASSERT_TRUE(vm.set("Counter", counter_class()));
  const auto kept = std::make_shared<Counter>(100);
  ASSERT_TRUE(vm.set("give", [&] { return kept; }));
  EXPECT_TRUE(gives(vm, R"js(
    let wrong = 0;
    class Sub extends Counter { field = {} }
    for (let i = 0; i < 200; i++) {
      const c = new Counter(i), s = new Sub(i);
      c.self = c; s.other = [c, s];
      if (c.inc() !== i + 1 || s.plus(c) !== 2 * i + 1 || c.copy().count !== i + 1) wrong++;
      if (give() !== give() || give().count !== 100 + i) wrong++;
      give().inc();
      try { c.plus({}) } catch { continue }
      wrong++;
    }
    wrong)js",
                    "0"));
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(kept->count(), 300);
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(Counter::alive(), 1);
}

}  // namespace
}  // namespace sandglass::test
