// Host functions: callbacks that go back into the VM, functions of the script, limits inside of
// them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "host_functions.h"

namespace sandglass::test {
namespace {

using FunctionCallback = HostFunctions;
using FunctionFromScript = HostFunctions;

// Callbacks that go back into the VM.

TEST_F(FunctionCallback, RecursionThroughBothLanguagesToFiftyLevels) {
  int depth = 0;
  int deepest = 0;
  set("again", [&](Function<int(int)> f, int n) -> Result<int> {
    deepest = std::max(deepest, ++depth);
    Result<int> result = f(n);
    --depth;
    if (result) ++*result;
    return result;
  });
  EXPECT_TRUE(gives(vm_, "function down(n) { return n == 0 ? 1000 : again(down, n - 1) } down(50)",
                    "1050"));
  EXPECT_EQ(deepest, 50);
  EXPECT_EQ(depth, 0);
}

TEST_F(FunctionCallback, RecursionThroughEval) {
  set("again", [](Context& context, int n) -> Result<int> {
    if (n == 0) return 1000;
    return context.eval<int>(fmt::format("again({}) + 1", n - 1));
  });
  EXPECT_TRUE(gives(vm_, "again(50)", "1050"));
}

TEST_F(FunctionCallback, NestingOverTheLimitIsAnErrorAndVmStaysUsable) {
  int depth = 0;
  set("again", [&](Function<Value()> f) {
    ++depth;
    Result<Value> result = f();
    --depth;
    return result;
  });
  run("function down() { return again(down) }");
  for (int i = 0; i < 3; ++i) {
    const Error error = error_of(vm_.eval("down()"));
    EXPECT_NE(error.code, Errc{}) << "it never ended";
    EXPECT_TRUE(error.vm_usable) << describe(error);
    EXPECT_EQ(depth, 0);
    EXPECT_TRUE(works(vm_));
  }
}

TEST_F(FunctionCallback, WhatAScriptCatchesAtTheNestingLimitIsAnError) {
  set("again", [](Function<Value()> f) { return f(); });
  set("text", [] { return std::string("text"); });
  const Error error = error_of(vm_.eval(R"js(
    globalThis.caught = [];
    function down() {
      try { text() } catch (e) { caught.push(e) }
      try { again(down) } catch (e) { caught.push(e) }
    }
    down();)js"));
  EXPECT_TRUE(error.vm_usable) << describe(error);
  EXPECT_TRUE(gives(vm_, "caught.length > 0", "true"));
  EXPECT_TRUE(
      gives(vm_, "caught.filter(e => !(e instanceof Error)).map(e => typeof e).join()", ""));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, EvaluatesInTheSameGlobalsAndIsPartOfTheRun) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  EXPECT_TRUE(gives(vm_,
                    "var before = 1; evaluate('before++; var inside = before * 10; inside'); "
                    "[before, inside].join()",
                    "2,20"));
  const std::uint64_t runs = vm_.stats().runs;
  EXPECT_TRUE(gives(vm_, "evaluate('evaluate(\"1 + 1\")')", "2"));
  EXPECT_EQ(vm_.stats().runs, runs + 1);
}

TEST_F(FunctionCallback, JobsOfAnInnerEvalRunAtTheEndOfTheRun) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  run("globalThis.log = []; evaluate(\"Promise.resolve().then(() => log.push('job'))\"); "
      "log.push('after')");
  EXPECT_TRUE(gives(vm_, "log.join()", "after,job"));
}

TEST_F(FunctionCallback, MaySetGetAndUnsetGlobals) {
  set("setGlobal", [](Context& context, const Value& value) { return context.set("g", value); });
  set("getGlobal", [](Context& context) { return context.get("g"); });
  set("unsetGlobal", [](Context& context) { return context.unset("g"); });
  run("setGlobal({n: 7})");
  EXPECT_TRUE(gives(vm_, "g === getGlobal() && getGlobal().n", "7"));
  EXPECT_TRUE(gives(vm_, "unsetGlobal(); typeof g + typeof getGlobal()", "undefinedundefined"));
}

TEST_F(FunctionCallback, MayUnsetItsOwnFunction) {
  auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = token;
  set("once", [&alive, token = std::move(token)](Context& context) -> Result<std::string> {
    if (auto done = context.unset("once"); !done) return std::unexpected(done.error());
    if (auto done = context.eval("const o = []; o.push(o); 0"); !done) {
      return std::unexpected(done.error());
    }
    return alive.expired() ? "destroyed while it runs" : "ran to its end";
  });
  EXPECT_TRUE(gives(vm_, "once() + ', ' + typeof once", "ran to its end, undefined"));
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionCallback, MayReplaceItselfAndCallTheNewOne) {
  set("f", [](Context& context) -> Result<int> {
    if (auto done = context.set("f", [](int n) { return n + 1; }); !done) {
      return std::unexpected(done.error());
    }
    return context.eval<int>("f(41)");
  });
  EXPECT_TRUE(gives(vm_, "f()", "42"));
  EXPECT_TRUE(gives(vm_, "f(1)", "2"));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

TEST_F(FunctionCallback, MayCollectGarbageAndAskForStats) {
  Runtime& vm = vm_;
  set("collect", [&vm](Context& context) -> Result<std::uint64_t> {
    if (auto done = context.unset("collect"); !done) return std::unexpected(done.error());
    if (auto done = vm.collect_garbage(); !done) return std::unexpected(done.error());
    return vm.stats().memory_bytes;
  });
  EXPECT_TRUE(gives(vm_, "collect() > 0", "true"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, ResetFromInsideIsRefusedAndChangesNothing) {
  Errc code = {};
  bool usable = false;
  set("f", [&] {
    const Error error = error_of(vm_.reset());
    code = error.code;
    usable = error.vm_usable && vm_.usable();
    return 5;
  });
  EXPECT_TRUE(gives(vm_, "var kept = 1; f() + kept", "6"));
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_TRUE(usable);
  EXPECT_TRUE(gives(vm_, "kept + f()", "6"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(gives(vm_, "typeof kept + typeof f", "undefinedundefined"));
}

TEST_F(FunctionCallback, InterruptFromInsideEndsTheRun) {
  set("f", [&] { vm_.interrupt(); });
  EXPECT_TRUE(fails(vm_, "f(); for (;;);", Errc::interrupted));
  EXPECT_TRUE(fails(vm_,
                    "globalThis.caught = false; try { f(); for (;;); } catch { caught = true } "
                    "finally { caught = true } for (;;);",
                    Errc::interrupted));
  EXPECT_TRUE(gives(vm_, "caught", "false"));
  EXPECT_TRUE(fails(vm_, "f()", Errc::interrupted)) << "the last thing that the run does";
  EXPECT_TRUE(works(vm_));
}

TEST(FunctionDropsRuntime, ItsRunGoesOnToItsEnd) {
  std::optional<Runtime> vm = make_runtime();
  auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = token;
  const Context kept = *vm;
  const Value object = vm->eval("({n: 1})").value();
  bool usable_inside = false;
  ASSERT_TRUE(vm->set("drop", [&, token = std::move(token)](Context& context) -> Result<int> {
    vm.reset();
    usable_inside = !alive.expired() && context.usable();
    return context.eval<int>("40 + 1");
  }));
  const Result<Value> result = vm->eval("let n = drop(); for (let i = 0; i < 1000; i++) n++; n");
  EXPECT_TRUE(usable_inside);
  EXPECT_EQ(outcome(result), "1041");
  EXPECT_TRUE(alive.expired()) << "the callable goes with the VM";
  EXPECT_FALSE(kept.usable());
  EXPECT_EQ(error_of(kept.eval("1")).code, Errc::closed);
  EXPECT_EQ(error_of(object.get("n")).code, Errc::closed);
}

TEST(FunctionDropsRuntime, FromACallAScopeOrAJob) {
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    const Value drop = vm->get("drop").value();
    EXPECT_TRUE(drop.call<void>());
    EXPECT_FALSE(vm.has_value());
    EXPECT_EQ(error_of(drop.call<void>()).code, Errc::closed);
  }
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    const Context context = *vm;
    Scope scope(context);
    EXPECT_TRUE(context.eval("drop()"));
    EXPECT_EQ(context.eval<int>("1 + 1").value_or(0), 2) << "the scope's run goes on";
    EXPECT_TRUE(scope.close());
    EXPECT_FALSE(context.usable());
  }
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    EXPECT_TRUE(vm->eval("Promise.resolve().then(drop).then(() => 1)"));
    EXPECT_FALSE(vm.has_value());
  }
}

TEST(FunctionDropsRuntime, OrMovesIt) {
  std::optional<Runtime> first = make_runtime();
  std::optional<Runtime> second;
  ASSERT_TRUE(first->set("move", [&] {
    second.emplace(std::move(*first));
    first.reset();
  }));
  EXPECT_EQ(outcome(first->eval("var n = 1; move(); n + 1")), "2");
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(gives(*second, "n", "1"));
  EXPECT_TRUE(works(*second));
}

TEST(FunctionDropsRuntime, AndTheObjectItReturnsIsClosed) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
  const Result<Value> result = vm->eval("drop(); ({n: 1})");
  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(error_of(result->get("n")).code, Errc::closed);
}

TEST_F(FunctionCallback, MayUseAnotherVmWhichMayComeBack) {
  Runtime other = make_runtime();
  ASSERT_TRUE(other.set("back", [&](int n) { return vm_.eval<int>(fmt::format("base + {}", n)); }));
  set("across", [&](int n) { return other.eval<int>(fmt::format("back({}) * 2", n)); });
  EXPECT_TRUE(gives(vm_, "var base = 100; across(1)", "202"));
  EXPECT_TRUE(works(other));
}

TEST_F(FunctionCallback, FaultOfAnotherVmStaysThere) {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{0};
  Runtime other = make_runtime(limits);
  Error error;
  set("f", [&] {
    error = error_of(other.eval("new Array(2 ** 32 - 1).join('')"));
    return "went on";
  });
  EXPECT_TRUE(gives(vm_, "f()", "went on"));
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_FALSE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
  EXPECT_TRUE(faulted_and_reset_heals(other));
}

TEST_F(FunctionCallback, ValuesOfAnotherVmAreRefusedAsArguments) {
  Runtime other = make_runtime();
  const Value foreign = other.object().value();
  const Value f = vm_.eval("(x => typeof x)").value();
  EXPECT_EQ(error_of(f.call(foreign)).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(f.call_on(foreign)).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(vm_.set("x", foreign)).code, Errc::invalid_argument);
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, IsCalledByBuiltInsAsAnyFunction) {
  set("f", [](int a) { return a * 10; });
  set("compare", [](int a, int b) { return a - b; });
  set("any", [](Arguments& arguments) { return arguments.size(); });
  attempt({{"[1, 2, 3].map(f)", "10,20,30"},
           {"[3, 1, 2].sort(compare)", "1,2,3"},
           {"[0, 0].map(any)", "3,3"},
           {"'ab'.replace(/./g, any)", "33"},
           {"Array.from({length: 2}, any)", "2,2"},
           {"any`a${1}b${2}c`", "3"},
           {"Reflect.apply(f, null, [4])", "40"},
           {"JSON.parse('[1]', any)", "3"},
           {"new Map([[1, 2]]).forEach(any)", "undefined"}});
  run("globalThis.seen = 0; Promise.resolve(4).then(f).then(v => { seen = v })");
  EXPECT_TRUE(gives(vm_, "seen", "40"));
  run("globalThis.seen = 0; (async () => { seen = await f(5) })()");
  EXPECT_TRUE(gives(vm_, "seen", "50"));
}

// Functions of the script, called from C++.

TEST_F(FunctionFromScript, TakesAndGivesTypes) {
  const auto function = [&](std::string_view source) { return vm_.eval(source).value(); };
  EXPECT_EQ((Function<int(int, int)>(function("(a, b) => a + b"))(5, 3).value_or(0)), 8);
  EXPECT_EQ((Function<std::string(std::string)>(function("s => s + '!'"))("hi").value_or("")),
            "hi!");
  EXPECT_EQ((Function<bool(bool, bool)>(function("(a, b) => a && b"))(true, false).value_or(true)),
            false);
  EXPECT_EQ((Function<int()>(function("() => 42"))().value_or(0)), 42);
  EXPECT_TRUE((Function<void()>(function("() => 42"))()));
  EXPECT_EQ((Function<std::optional<int>()>(function("() => {}"))().value_or(1)), std::nullopt);
  EXPECT_EQ((Function<std::vector<int>()>(function("() => [1, 2]"))().value_or(std::vector<int>())),
            (std::vector<int>{1, 2}));
  const Value sum = function("(...list) => list.reduce((a, b) => a + b, 0)");
  EXPECT_EQ(sum.call<int>().value_or(-1), 0);
  EXPECT_EQ(sum.call<int>(1, 2, 3, 4, 5).value_or(-1), 15);
  EXPECT_EQ(sum.call<std::string>("Total", 1).value_or(""), "0Total1");
}

TEST_F(FunctionFromScript, ResultThatDoesNotFitIsAConversionError) {
  const Function<std::string()> f(vm_.eval("() => ({name: 'x'})").value());
  const Error error = error_of(f());
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(describe(error), "conversion: result: expected string, got object");
  const Function<std::map<std::string, std::string>()> g(
      vm_.eval("() => ({value: Symbol('s')})").value());
  EXPECT_EQ(describe(error_of(g())), "conversion: result.value: expected string, got symbol");
}

TEST_F(FunctionFromScript, WhatIsNoFunctionIsAnError) {
  EXPECT_EQ(error_of(Value().call()).code, Errc::conversion);
  EXPECT_EQ(error_of(Value::number(1).call()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.eval("'text'").value().call()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.eval("({})").value().call()).name, "TypeError");
  EXPECT_EQ(error_of(vm_.eval("() => 1").value().construct()).name, "TypeError");
  EXPECT_EQ(error_of(vm_.eval("'text'").value().as<Function<int()>>()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.object()->invoke("missing")).name, "TypeError");
}

TEST_F(FunctionFromScript, WhatItThrowsIsAnErrorWithItsClassAndStack) {
  const Function<void()> f(
      vm_.eval("() => { function inner() { throw new RangeError('deep') } inner() }",
               {.file_name = "deep.js"})
          .value());
  const Error error = error_of(f());
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "deep");
  EXPECT_NE(error.stack.find("inner"), std::string::npos) << error.stack;
  EXPECT_NE(error.stack.find("deep.js:1"), std::string::npos) << error.stack;
  EXPECT_EQ(error_of(vm_.eval("() => missing").value().call()).name, "ReferenceError");
  EXPECT_EQ(error_of(vm_.eval("() => null.x").value().call()).name, "TypeError");
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionFromScript, ArgumentThatDoesNotConvertIsNamed) {
  const Value f = vm_.eval("() => { throw new Error('called') }").value();
  const Error error = error_of(f.call(1, std::string("\xff")));
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(error.path, "argument 2");
}

TEST_F(FunctionFromScript, ThisConstructAndInvoke) {
  run("class P { constructor(a, b) { this.sum = a + b } more(n) { return this.sum + n } } "
      "globalThis.P = P; function who() { 'use strict'; return this }");
  const Value constructor = vm_.get("P").value();
  const Value object = constructor.construct(1, 2).value();
  EXPECT_EQ(object.get<int>("sum").value_or(0), 3);
  EXPECT_EQ(object.invoke<int>("more", 4).value_or(0), 7);
  EXPECT_EQ(object.get("more")->call_on<int>(object, 5).value_or(0), 8);
  EXPECT_TRUE(vm_.get("who")->call()->is_undefined());
  EXPECT_EQ(vm_.get("who")->call_on(Value::number(5))->as<int>().value_or(0), 5);
}

TEST_F(FunctionFromScript, ManyArgumentsUpToWhatTheEngineHas) {
  const Value count = vm_.eval("(function() { return arguments.length })").value();
  std::vector<Value> elements(60'000);
  const Value list = vm_.array(elements).value();
  const Value apply = vm_.eval("(f, list) => f.apply(null, list)").value();
  EXPECT_EQ(apply.call<int>(count, list).value_or(0), 60'000);
  EXPECT_EQ(count.call<int>(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).value_or(0), 12);
}

// Limits inside callbacks.

class FunctionLimits : public ::testing::Test {
 protected:
  static Runtime with(const Limits& limits) {
    Runtime vm = make_runtime(limits);
    // A host function that ignores what goes wrong inside of it.
    EXPECT_TRUE(vm.set("swallow", [](Function<Value()> f) {
      static_cast<void>(f());
      return "swallowed";
    }));
    EXPECT_TRUE(vm.set("replace", [](Function<Value()> f) -> Result<void> {
      static_cast<void>(f());
      return std::unexpected(Error{.message = "another error", .name = "TypeError"});
    }));
    EXPECT_TRUE(vm.set("explode", [](Function<Value()> f) {
      static_cast<void>(f());
      throw std::runtime_error("another error");
    }));
    return vm;
  }
  /// `body` inside each of the host functions, with a script that catches and then goes on.
  static void cannot_be_swallowed(Runtime& vm, std::string_view body, Errc code) {
    for (const std::string_view by : {"swallow", "replace", "explode"}) {
      EXPECT_TRUE(fails(vm, fmt::format("{}(() => {{ {} }})", by, body), code)) << by;
      EXPECT_TRUE(works(vm)) << by;
      EXPECT_TRUE(fails(
          vm, fmt::format("try {{ {}(() => {{ {} }}) }} catch {{}} 'completed'", by, body), code))
          << by;
      EXPECT_TRUE(works(vm)) << by;
    }
  }
};

TEST_F(FunctionLimits, TimeThatRunsOutInACallbackEndsTheRun) {
  Limits limits;
  limits.wall_time = milliseconds{30};
  limits.grace = seconds{1};
  Runtime vm = with(limits);
  for (const std::string_view by : {"swallow", "replace", "explode"}) {
    EXPECT_TRUE(fails(vm, fmt::format("{}(() => {{ for (;;); }})", by), Errc::time_limit)) << by;
    EXPECT_TRUE(fails(vm,
                      fmt::format("globalThis.after = 0; for (;;) {{ try {{ {}(() => {{ for (;;); "
                                  "}}) }} catch {{ after = 1 }} finally {{ after = 2 }} }}",
                                  by),
                      Errc::time_limit))
        << by;
    ASSERT_TRUE(vm.usable());
    EXPECT_TRUE(takes(vm, {{"'after is ' + (globalThis.after ?? 0)", "after is 0"}})) << by;
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, TimeSpentByTheHostCounts) {
  Limits limits;
  limits.wall_time = milliseconds{20};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  Error inner;
  ASSERT_TRUE(vm.set("sleep", [&](Context& context) {
    std::this_thread::sleep_for(milliseconds{60});
    inner = error_of(context.eval("globalThis.late = 1"));
    return 1;
  }));
  EXPECT_TRUE(fails(vm, "sleep()", Errc::time_limit));
  EXPECT_EQ(inner.code, Errc::time_limit) << "nothing runs after the end";
  EXPECT_TRUE(fails(vm, "try { sleep() } catch {} for (;;);", Errc::time_limit));
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, HardCutInACallbackLetsTheHostFunctionReturn) {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{0};
  Runtime vm = make_runtime(limits);
  int returned = 0;
  ASSERT_TRUE(vm.set("swallow", [&](Function<Value()> f) {
    struct Guard {
      int& count;
      ~Guard() { ++count; }
    } const guard{returned};
    static_cast<void>(f());
    return 1;
  }));
  const Error error = error_of(vm.eval(
      "try { swallow(() => new Array(2 ** 32 - 1).join('')) } catch {} globalThis.after = 1"));
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_FALSE(error.vm_usable);
  EXPECT_EQ(returned, 1);
  EXPECT_TRUE(faulted_and_reset_heals(vm));
}

TEST_F(FunctionLimits, MemoryThatRunsOutInACallbackIsReported) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "new ArrayBuffer(100e6)", Errc::memory_limit);
  const Error error = error_of(vm.eval("swallow(() => new ArrayBuffer(100e6))"));
  EXPECT_EQ(error.completion, "swallowed") << "nothing that was computed is lost";
}

TEST_F(FunctionLimits, MemoryTakenByTheHostIsReported) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  Errc inner = {};
  ASSERT_TRUE(vm.set("fill", [&](Context& context) {
    inner = error_of(context.string(std::string(20'000'000, 'x'))).code;
  }));
  ASSERT_TRUE(vm.set("big", [] { return std::string(20'000'000, 'x'); }));
  EXPECT_TRUE(fails(vm, "fill()", Errc::memory_limit));
  EXPECT_EQ(inner, Errc::memory_limit);
  EXPECT_TRUE(fails(vm, "try { big() } catch {} 1", Errc::memory_limit));
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, StackThatRunsOutInACallbackIsReported) {
  Runtime vm = with(roomy());
  cannot_be_swallowed(vm, "(function f() { return f() + 1 })()", Errc::stack_limit);
}

TEST_F(FunctionLimits, FuelThatRunsOutInACallbackEndsTheRun) {
  Limits limits = roomy();
  limits.fuel = 100;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "for (;;);", Errc::fuel_limit);
}

TEST_F(FunctionLimits, OutputThatRunsOutInACallbackEndsTheRun) {
  Limits limits = roomy();
  limits.output_bytes = 100;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "console.log('x'.repeat(200)); for (;;);", Errc::output_limit);
}

TEST_F(FunctionLimits, InterruptInACallbackEndsTheRun) {
  Runtime vm = with(roomy());
  ASSERT_TRUE(vm.set("interrupt", [&] { vm.interrupt(); }));
  cannot_be_swallowed(vm, "interrupt(); for (;;);", Errc::interrupted);
}

TEST_F(FunctionLimits, HostCannotFakeALimit) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("fake", [](int code) -> Result<void> {
    return std::unexpected(Error{.code = static_cast<Errc>(code), .message = "fake"});
  }));
  EXPECT_TRUE(gives(vm,
                    "[1,2,3,4,5,6,7,8,9,10,11,12,13].map(c => { try { fake(c) } catch (e) { return "
                    "e.message } }).join()",
                    "fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake"));
  EXPECT_TRUE(fails(vm, "fake(3)", Errc::threw)) << "a host's error is an ordinary exception";
  EXPECT_TRUE(works(vm));
}

}  // namespace
}  // namespace sandglass::test
