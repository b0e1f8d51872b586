// Host functions: when the callable behind one is let go of.

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "host_functions.h"
#include "types.h"

namespace sandglass::test {
namespace {

using FunctionRelease = HostFunctions;

// When the callable is let go of.

struct Counts {
  int made = 0;
  int destroyed = 0;
  int running = 0;
  bool destroyed_while_running = false;
};

/// A callable that counts itself, whatever it is moved through.
class Probe {
 public:
  using Body = std::function<Result<Value>(Arguments&)>;
  explicit Probe(Counts& counts, Body body = {}) : counts_(&counts), body_(std::move(body)) {
    ++counts.made;
  }
  Probe(Probe&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), body_(std::move(other.body_)) {}
  Probe& operator=(Probe&&) = delete;
  ~Probe() {
    if (counts_ == nullptr) return;
    ++counts_->destroyed;
    counts_->destroyed_while_running = counts_->destroyed_while_running || running_ > 0;
  }
  Result<Value> operator()(Arguments& arguments) {
    ++running_;
    ++counts_->running;
    Result<Value> result = body_ ? body_(arguments) : Result<Value>(Value::number(1));
    --counts_->running;
    --running_;
    return result;
  }

 private:
  Counts* counts_;
  Body body_;
  int running_ = 0;
};

TEST_F(FunctionRelease, ByUnset) {
  Counts counts;
  set("f", Probe(counts));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
  EXPECT_EQ(counts.destroyed, 0);
  ASSERT_TRUE(vm_.unset("f"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  ASSERT_TRUE(vm_.unset("f")) << "what is not there can be unset";
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, ByReassigningFromEitherSide) {
  Counts counts;
  set("f", Probe(counts));
  set("f", Probe(counts));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm_.stats().host_functions, 1U);
  run("f = null");
  EXPECT_EQ(counts.destroyed, 2);
  set("f", Probe(counts));
  run("delete globalThis.f");
  EXPECT_EQ(counts.destroyed, 3);
  EXPECT_EQ(counts.made, 3);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, NotWhileTheScriptStillHasIt) {
  Counts counts;
  set("f", Probe(counts));
  run("globalThis.kept = [f]; globalThis.bound = f.bind(null); globalThis.proxy = new Proxy(f, "
      "{})");
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 0);
  EXPECT_TRUE(gives(vm_, "kept[0]() + bound() + proxy()", "3"));
  run("kept = null; bound = null");
  EXPECT_EQ(counts.destroyed, 0);
  run("proxy = null");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, NotWhileAValueHoldsIt) {
  Counts counts;
  set("f", Probe(counts));
  std::optional<Value> held = vm_.get("f").value();
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 0);
  EXPECT_EQ(held->call<int>().value_or(0), 1);
  held.reset();
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, StatsKnowAtOnceThatTheLastValueWasDropped) {
  {
    const Value f = vm_.function("f", [] {}).value();
  }
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, OfCyclesByTheCollector) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 64 * kMiB;  // not by itself
  Runtime vm = make_runtime(std::move(options));
  Counts counts;
  ASSERT_TRUE(vm.set("f", Probe(counts)));
  ASSERT_TRUE(vm.eval("f.self = f; { const a = {f}; f.a = a }"));
  ASSERT_TRUE(vm.unset("f"));
  EXPECT_EQ(counts.destroyed, 0) << "a cycle lives until it is collected";
  EXPECT_EQ(vm.stats().host_functions, 1U);
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, ByReset) {
  Counts counts;
  set("f", Probe(counts));
  set("g", Probe(counts));
  const Value held = vm_.get("f").value();
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(counts.destroyed, 2);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_EQ(error_of(held.call()).code, Errc::closed);
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(counts.destroyed, 2);
}

TEST(FunctionReleaseAtTheEnd, WithTheRuntime) {
  Counts counts;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("f", Probe(counts)));
    ASSERT_TRUE(vm.eval("globalThis.cycle = {f}; cycle.self = cycle; 0"));
    Runtime moved = std::move(vm);
    EXPECT_EQ(counts.destroyed, 0);
  }
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(counts.made, 1);
}

TEST(FunctionReleaseAtTheEnd, OfAVmThatWasCutOff) {
  for (const bool reset : {true, false}) {
    Counts counts;
    {
      Limits limits;
      limits.wall_time = milliseconds{100};
      limits.grace = milliseconds{0};
      Runtime vm = make_runtime(limits);
      ASSERT_TRUE(vm.set("f", Probe(counts)));
      ASSERT_TRUE(vm.set("g", Probe(counts)));
      const Error error =
          error_of(vm.eval("g = null; f(); new Array(2 ** 32 - 1).join(''); f = null"));
      EXPECT_FALSE(error.vm_usable);
      EXPECT_LE(counts.destroyed, 1);
      if (reset) {
        ASSERT_TRUE(vm.reset());
        EXPECT_EQ(counts.destroyed, 2);
      }
    }
    EXPECT_EQ(counts.destroyed, 2);
    EXPECT_FALSE(counts.destroyed_while_running);
  }
}

TEST_F(FunctionRelease, NeverWhileItRuns) {
  Counts counts;
  set("make", [] { return [] {}; });
  set("f", Probe(counts, [](Arguments& arguments) -> Result<Value> {
        // Lets go of itself, then makes so many functions that the table must be cleared.
        Result<Value> done = arguments.context().eval(
            "f = null; for (let i = 0; i < 5000; i++) { const g = make(); g.self = g } "
            "for (let i = 0; i < 5000; i++) make()(); 7");
        return done;
      }));
  Runtime& vm = vm_;
  set("collect", [&vm] { return vm.collect_garbage(); });
  EXPECT_TRUE(
      gives(vm_, "const r = f(); collect(); for (let i = 0; i < 5000; i++) make()(); r", "7"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_FALSE(counts.destroyed_while_running);
}

TEST_F(FunctionRelease, OfARecursionThatLetsGoOfItself) {
  Counts counts;
  set("f", Probe(counts, [](Arguments& arguments) -> Result<Value> {
        const Value n = arguments[0];
        if (*n.as<int>() == 0) return arguments.context().eval("f = null; 0");
        return arguments.context().eval(fmt::format("f({})", *n.as<int>() - 1));
      }));
  EXPECT_TRUE(gives(vm_, "f(20)", "0"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_FALSE(counts.destroyed_while_running);
}

TEST_F(FunctionRelease, InTheMiddleOfALongRunOnceThereAreMany) {
  Counts counts;
  set("make", [&counts](Context& context) { return context.function("made", Probe(counts)); });
  EXPECT_TRUE(gives(vm_, "for (let i = 0; i < 10000; i++) make()(); 'done'", "done"));
  EXPECT_EQ(counts.made, 10'000);
  EXPECT_EQ(counts.destroyed, 10'000);
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

/// A callable whose destructor does something, once.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> then) : then_(std::move(then)) {}
  AtEnd(AtEnd&& other) noexcept : then_(std::exchange(other.then_, nullptr)) {}
  AtEnd& operator=(AtEnd&&) = delete;
  ~AtEnd() {
    if (then_) then_();
  }
  int operator()() const { return 1; }

 private:
  std::function<void()> then_;
};

TEST_F(FunctionRelease, DestructorMayUseTheVm) {
  std::string said;
  int destroyed = 0;
  set("f", AtEnd([&] {
        ++destroyed;
        said = outcome(vm_.eval("typeof f + [1, 2].map(x => x * 2)"));
        static_cast<void>(vm_.set("left", 5));
        static_cast<void>(vm_.set("made", [] { return 6; }));
        said += outcome(vm_.get("left"));
      }));
  ASSERT_TRUE(vm_.unset("f"));
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(said, "undefined2,45");
  EXPECT_TRUE(gives(vm_, "left + made()", "11"));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

TEST_F(FunctionRelease, DestructorsMayLetGoOfMore) {
  int destroyed = 0;
  for (int i = 0; i < 50; ++i) {
    set(fmt::format("f{}", i), AtEnd([this, &destroyed, i] {
          ++destroyed;
          if (i < 49) static_cast<void>(vm_.unset(fmt::format("f{}", i + 1)));
        }));
  }
  ASSERT_TRUE(vm_.unset("f0"));
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_EQ(destroyed, 50);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionRelease, DestructorMayDropValues) {
  auto held =
      std::make_shared<std::optional<Value>>(vm_.eval("({big: new ArrayBuffer(1e6)})").value());
  set("f", [held] {});
  held.reset();
  const std::uint64_t before = vm_.stats().memory_bytes;
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes + 900'000, before);
}

TEST_F(FunctionRelease, DestructorAtResetFindsTheOldStateClosed) {
  const Context before = vm_;
  Errc code = {};
  int destroyed = 0;
  set("f", AtEnd([&] {
        ++destroyed;
        code = error_of(before.eval("1")).code;
        static_cast<void>(vm_.set("left", [] {}));
      }));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(code, Errc::closed);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_TRUE(gives(vm_, "typeof left", "undefined"));
}

TEST(FunctionReleaseAtTheEnd, DestructorFindsTheVmClosed) {
  Errc code = {};
  {
    Runtime vm = make_runtime();
    const Context context = vm;
    ASSERT_TRUE(vm.set("f", AtEnd([&code, context] { code = error_of(context.eval("1")).code; })));
  }
  EXPECT_EQ(code, Errc::closed);
}

TEST(FunctionReleaseAtTheEnd, DestructorMayDropTheRuntime) {
  for (const bool by_eval : {true, false}) {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("f", AtEnd([&] { vm.reset(); })));
    if (by_eval) {
      EXPECT_TRUE(vm->eval("f = null; 0"));
    } else {
      EXPECT_TRUE(vm->unset("f"));
    }
    EXPECT_FALSE(vm.has_value());
  }
}

TEST(FunctionReleaseAtTheEnd, DestructorMayDropTheRuntimeThatIsAskedForStats) {
  for (const bool stats : {true, false}) {
    std::optional<Runtime> vm = make_runtime();
    {
      const Value dropped = vm->function("f", AtEnd([&] { vm.reset(); })).value();
    }
    ASSERT_TRUE(vm.has_value());
    if (stats) {
      static_cast<void>(vm->stats());
    } else {
      EXPECT_TRUE(vm->collect_garbage());
    }
    EXPECT_FALSE(vm.has_value());
  }
}

TEST_F(FunctionRelease, AtTheEndOfAScope) {
  Counts counts;
  {
    const Scope scope(vm_);
    set("f", Probe(counts));
    ASSERT_TRUE(vm_.unset("f"));
    EXPECT_TRUE(gives(vm_, "typeof f", "undefined"));
    EXPECT_EQ(counts.destroyed, 0) << "not in the middle of a run";
  }
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, HoldsItsOwnFunctionInACycleUntilTheVmEnds) {
  // The callable holds the Value of the function: no collector sees through C++.
  Counts counts;
  {
    Runtime vm = make_runtime();
    auto self = std::make_shared<std::optional<Value>>();
    auto probe = std::make_shared<Probe>(counts);
    ASSERT_TRUE(vm.set("f", [self, probe] {}));
    *self = vm.get("f").value();
    ASSERT_TRUE(vm.unset("f"));
    self.reset();
    probe.reset();
    ASSERT_TRUE(vm.collect_garbage());
    EXPECT_EQ(counts.destroyed, 0);
    EXPECT_EQ(vm.stats().host_functions, 1U);
  }
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, MillionCallsLeaveNothingBehind) {
  std::uint64_t called = 0;
  set("f", [&](const Value& object, std::string_view text, Rest<int> rest) {
    ++called;
    return object.is_object() && text.size() == 1 ? rest.size() : 0;
  });
  set("fail", [](int) -> Result<void> { return std::unexpected(Error{.message = "m"}); });
  const std::string loop =
      "function loop(n) { let s = 0; for (let i = 0; i < n; i++) { s += f({}, 'x', i, i);"
      " if (i % 10 == 0) try { fail(i) } catch {} } return s } loop(1000)";
  ASSERT_TRUE(vm_.eval(loop));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  const int calls = scaled(1'000'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", calls), std::to_string(2 * calls)));
  EXPECT_EQ(called, static_cast<std::uint64_t>(calls) + 1000);
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 1024);
}

TEST_F(FunctionRelease, FailedCallsLeaveNothingBehind) {
  set("typed", [](int, const std::string&, const Friend&) {});
  set("rest", [](Rest<std::vector<int>>) {});
  set("pass", [](Function<Value()> f) { return f(); });
  set("coded", [] { return std::make_error_code(std::errc::io_error); });
  set("text", [] { return std::string("\xff"); });
  set("nested", [] {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  });
  run(R"js(
    const calls = [
      () => typed(), () => typed(1, 2), () => typed(1, 'x', {name: {}}), () => typed(1, 'x', {}),
      () => typed(1, 'x', {get name() { throw new Error('getter') }}),
      () => rest([1], [2, 'x']), () => rest([1, 2, 3], {}), () => pass(() => { throw {o: 1} }),
      () => pass(() => null.x), () => pass(5), coded, text, nested, () => new coded];
    function loop(n) {
      let caught = 0;
      for (let i = 0; i < n; i++) for (const call of calls) try { call() } catch { caught++ }
      return caught;
    }
    loop(100);)js");
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  const int count = scaled(10'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", count), std::to_string(14 * count)));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(FunctionRelease, MillionCallsOfTheScriptLeaveNothingBehind) {
  const Function<int(int, std::string)> f(vm_.eval("(n, s) => ({n, s}).n + s.length").value());
  const auto loop = [&](int calls) {
    const Scope scope(vm_);
    int failures = 0;
    for (int i = 0; i < calls; ++i) failures += f(i, "xy").value_or(0) == i + 2 ? 0 : 1;
    return failures;
  };
  ASSERT_EQ(loop(1000), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  EXPECT_EQ(loop(scaled(1'000'000)), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LE(vm_.stats().memory_bytes, before + 1024);
}

TEST_F(FunctionRelease, HundredThousandFunctionsLeaveNothingBehind) {
  set("make", [](int n) { return [n] { return n; }; });
  const int count = scaled(100'000);
  const auto by_script = [&](int n) {
    return gives(vm_,
                 fmt::format("(() => {{ let s = 0; for (let i = 0; i < {0}; i++) s += make(1)();"
                             " return s }})()",
                             n),
                 std::to_string(n));
  };
  const auto by_host = [&](int n) {
    int failures = 0;
    for (int i = 0; i < n; ++i) failures += vm_.set("f", [i] { return i; }) ? 0 : 1;
    for (int i = 0; i < n; ++i) failures += vm_.function("unused", [i] { return i; }) ? 0 : 1;
    return failures;
  };
  ASSERT_TRUE(by_script(2000));
  ASSERT_EQ(by_host(2000), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  EXPECT_TRUE(by_script(count));
  EXPECT_EQ(by_host(count), 0);
  EXPECT_TRUE(gives(vm_, "f()", std::to_string(count - 1)));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, 2U);
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

}  // namespace
}  // namespace sandglass::test
