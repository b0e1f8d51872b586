// Promises of the host: scripts that try to confuse it, and very many of them.

#include <chrono>
#include <future>
#include <ostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "promises.h"
#include "types.h"

namespace sandglass::test {
namespace {

// Scripts that try to confuse the host.

struct Sabotage {
  const char* name;
  const char* source;
};
void PrintTo(const Sabotage& sabotage, std::ostream* out) {
  *out << sabotage.name;
}

class Confusion : public ::testing::TestWithParam<Sabotage> {
 protected:
  void SetUp() override {
    asked_ = lets_ask<int>(vm_);
    ASSERT_TRUE(vm_.set("task", [](const Value& promise) { return pass_on(promise.clone()); }));
    ASSERT_TRUE(
        vm_.set("future", [] { return std::async(std::launch::async, [] { return 42; }); }));
    ASSERT_TRUE(
        vm_.eval("globalThis.kept = Promise.resolve(42); kept;"
                 "globalThis.sound = async () => 42; 0"));
    const Result<Value> prepared = vm_.eval(GetParam().source);
    ASSERT_TRUE(prepared) << outcome(prepared);
  }
  Asked<int> asked_;
  Runtime vm_ = make_runtime(waiting());
};

TEST_P(Confusion, AwaitOfADeferredGivesItsValue) {
  const Result<Value> promise = vm_.global().invoke("ask");
  ASSERT_TRUE(promise) << describe(promise.error());
  ASSERT_TRUE(promise->is_promise());
  asked_->front().resolve(42);
  const Result<Value> value = vm_.await(*promise);
  EXPECT_EQ(outcome(value), "42");
}

TEST_P(Confusion, AwaitOfAFutureGivesItsValue) {
  const Result<Value> promise = vm_.global().invoke("future");
  ASSERT_TRUE(promise) << describe(promise.error());
  EXPECT_EQ(outcome(vm_.await(*promise)), "42");
}

TEST_P(Confusion, AwaitOfARejectionGivesItsReason) {
  const Result<Value> promise = vm_.global().invoke("ask");
  ASSERT_TRUE(promise) << describe(promise.error());
  asked_->front().reject(Error{.message = "reason"});
  const Error error = error_of(vm_.await(*promise));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.message, "reason");
}

TEST_P(Confusion, TaskThatAwaitsAPromiseGetsItsValue) {
  const Result<Value> promise = vm_.global().invoke("task", vm_.get("kept").value());
  ASSERT_TRUE(promise) << describe(promise.error());
  EXPECT_EQ(outcome(vm_.await(*promise)), "42");
}

TEST_P(Confusion, TaskThatAwaitsADeferredGetsItsValue) {
  const Result<Value> asked = vm_.global().invoke("ask");
  ASSERT_TRUE(asked) << describe(asked.error());
  const Result<Value> promise = vm_.global().invoke("task", *asked);
  ASSERT_TRUE(promise) << describe(promise.error());
  asked_->front().resolve(42);
  EXPECT_EQ(outcome(vm_.await(*promise)), "42");
}

TEST_P(Confusion, AwaitOfAnAsyncFunctionGivesItsValue) {
  EXPECT_EQ(outcome(vm_.await(vm_.global().invoke("sound").value())), "42");
}

TEST_P(Confusion, ResetHeals) {
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(works(vm_));
  EXPECT_TRUE(gives(vm_, "await Promise.resolve(1)", "1", kAwait));
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, Confusion,
    ::testing::Values(
        Sabotage{"ThenThrows", "Promise.prototype.then = () => { throw new Error('hacked') }; 0"},
        Sabotage{"ThenNeverCalls", "Promise.prototype.then = () => {}; 0"},
        Sabotage{"ThenLies", "Promise.prototype.then = function (yes) { yes('forged') }; 0"},
        Sabotage{"ThenIsGone", "delete Promise.prototype.then; 0"},
        Sabotage{"ThenOfThePromiseLies",
                 "kept.then = (yes) => yes('forged'); Object.freeze(kept); 0"},
        Sabotage{"PromiseIsReplaced",
                 "globalThis.Promise = class { static resolve() { return 'forged' } }; 0"},
        Sabotage{"PromiseIsGone", "delete globalThis.Promise; 0"},
        Sabotage{"SpeciesThrows",
                 "Object.defineProperty(Promise, Symbol.species, "
                 "{ get() { throw new Error('hacked') } }); 0"},
        Sabotage{"SpeciesIsNoConstructor",
                 "Object.defineProperty(Promise, Symbol.species, { value: 42 }); 0"},
        Sabotage{"SpeciesNeverSettles",
                 "Object.defineProperty(Promise, Symbol.species, { value: class { constructor(f) "
                 "{ f(() => { throw 1 }, () => { throw 2 }) } } }); 0"},
        Sabotage{"ConstructorThrows",
                 "Object.defineProperty(Promise.prototype, 'constructor', "
                 "{ get() { throw new Error('hacked') } }); 0"},
        Sabotage{
            "ConstructorLies",
            "Promise.prototype.constructor = class { constructor(f) { f(() => {}, () => {}) } }; "
            "0"},
        Sabotage{"PrototypeIsReplaced",
                 "Object.setPrototypeOf(Promise.prototype, { then(yes) { yes('forged') } }); "
                 "delete Promise.prototype.then; delete Promise.prototype.constructor; 0"},
        Sabotage{"CallAndApplyThrow",
                 "Function.prototype.call = Function.prototype.apply = () => { throw 1 }; "
                 "Reflect.apply = () => { throw 2 }; 0"},
        Sabotage{"PrepareStackTraceThrows",
                 "Error.prepareStackTrace = () => { throw new Error('hacked') }; 0"},
        Sabotage{"PrepareStackTraceLies", "Error.prepareStackTrace = () => ({ at: 1n }); 0"},
        Sabotage{"StackTraceLimitThrows",
                 "Object.defineProperty(Error, 'stackTraceLimit', { get() { throw 1 } }); 0"},
        Sabotage{
            "ErrorPropertiesThrow",
            "for (const key of ['code', 'cause', 'stack']) Object.defineProperty(Error.prototype, "
            "key, { get() { throw new Error('hacked') }, set() { throw 1 } }); 0"},
        Sabotage{"ErrorNameThrows",
                 "Object.defineProperty(Error.prototype, 'name', { get() { throw 1 } }); 0"},
        Sabotage{"ErrorIsReplaced",
                 "globalThis.Error = globalThis.TypeError = () => { throw 1 }; 0"},
        Sabotage{"NumbersAreThenables",
                 "Number.prototype.then = (yes) => yes('forged'); "
                 "Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } }); 0"}),
    [](const auto& sabotage) { return sabotage.param.name; });

using HostileScript = WithVm;

TEST_F(HostileScript, ThenableThatThrowsRejects) {
  EXPECT_TRUE(awaits("try { await { then() { throw 'thrown' } } } catch (e) { e }", "thrown"));
  EXPECT_TRUE(awaits("try { await { get then() { throw 'got' } } } catch (e) { e }", "got"));
  EXPECT_TRUE(awaits("await { then(yes, no) { yes(1); no(2); throw 3 } }", "1"));
}

TEST_F(HostileScript, ThenOnAllObjectsIsTheScriptsOwnTrouble) {
  const auto asked = lets_ask<Friend>(vm_);
  ASSERT_TRUE(
      vm_.eval("Object.defineProperty(Object.prototype, 'then', "
               "{ get() { throw new Error('gotcha') }, configurable: true }); 0"));
  const Value promise = vm_.eval("ask()").value();
  asked->front().resolve(Friend{"Bob", 7});
  EXPECT_EQ(error_of(vm_.await(promise)).message, "gotcha");
  ASSERT_TRUE(vm_.eval("delete Object.prototype.then"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, ThenOnAllObjectsDoesNotBlockTopLevelAwait) {
  const Result<Value> blocked =
      vm_.eval("Object.prototype.then = function () {}; await null; ({})", kAwait);
  EXPECT_TRUE(blocked || blocked.error().code == Errc::threw) << outcome(blocked);
  ASSERT_TRUE(vm_.eval("delete Object.prototype.then"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, SubclassCannotForgeItsState) {
  const Value promise = vm_.eval(R"js(
    class Liar extends Promise {
      then(yes) { return super.then(() => yes('forged')) }
      get [Symbol.toStringTag]() { return 'Number' }
    }
    Liar.resolve('truth'))js")
                            .value();
  EXPECT_TRUE(promise.is_promise());
  EXPECT_EQ(vm_.await<std::string>(promise).value_or("?"), "truth");
}

TEST_F(HostileScript, HandlerWithoutEndIsATimeLimit) {
  Runtime vm = make_runtime(waiting(milliseconds{100}));
  Error error;
  EXPECT_TRUE(fails(vm, "await { then() { for (;;); } }", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
  EXPECT_TRUE(fails(vm, "for (;;) await null", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
}

TEST_F(HostileScript, HostFunctionThatAwaitsItselfIsNoHang) {
  ASSERT_TRUE(vm_.set(
      "wait", [](Context context, const Value& promise) { return context.await(promise); }));
  EXPECT_TRUE(awaits(R"js(
    let caught = 'nothing';
    const p = (async () => {
      await null;
      try { wait(p) } catch (e) { caught = e instanceof Error }
    })();
    await p;
    caught)js",
                     "true"))
      << "a promise that waits for itself cannot settle";
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, WaitsThatNestWithoutEndAreAnError) {
  ASSERT_TRUE(vm_.set(
      "wait", [](Context context, const Value& promise) { return context.await(promise); }));
  EXPECT_FALSE(vm_.eval(R"js(
    let stop = false;
    function f() {
      if (stop) return;
      try { wait(Promise.resolve().then(f)) } catch (e) { stop = true; throw e }
    }
    f())js"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, NameOfAFunctionInADiagnosisStaysOneLine) {
  static_cast<void>(lets_wait(vm_));
  Error error;
  EXPECT_TRUE(fails(vm_, R"js(
    Object.defineProperty(wait, 'name', { value: 'x\n    at forged (native)\n'.repeat(10000) });
    await wait(new Promise(() => {})))js",
                    Errc::threw, &error, kAwait));
  EXPECT_LT(error.message.size(), 100'000U);
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, StackTraceHookMayCallTheHostAgain) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(
      vm_.eval("Error.prepareStackTrace = () => { ask(); return '' }; globalThis.p = ask(); 0"));
  EXPECT_GE(asked->size(), 2U) << "the host looks at the stack, which runs the hook";
  for (const Deferred<int>& deferred : *asked) EXPECT_TRUE(deferred.resolve(4));
  EXPECT_TRUE(awaits("await p", "4"));
  EXPECT_EQ(vm_.run().value_or(false), true) << "all of them are settled";
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileScript, StackTraceHookWithoutEndIsATimeLimit) {
  Runtime vm = make_runtime(waiting(milliseconds{200}));
  static_cast<void>(lets_ask<int>(vm));
  Error error;
  EXPECT_TRUE(fails(vm, "Error.prepareStackTrace = () => { for (;;); }; ask(); 1", Errc::time_limit,
                    &error));
  EXPECT_TRUE(takes(vm, {{"Error.prepareStackTrace = undefined; 1", "1"}}));
  EXPECT_TRUE(as_reported(vm, error));
}

TEST_F(HostileScript, GetterOfErrorsThatAwaitsIsNoHang) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.set(
      "wait", [](Context context, const Value& promise) { return context.await(promise); }));
  EXPECT_TRUE(awaits(R"js(
    let depth = 0;
    Object.defineProperty(Error.prototype, 'code', {
      get() { if (depth++ < 5) { wait(Promise.resolve(1)); ask() } return undefined } });
    const p = ask();
    await Promise.race([p, 1]) )js",
                     "1"));
  for (const Deferred<int>& deferred : *asked) EXPECT_TRUE(deferred.resolve(4));
  EXPECT_TRUE(awaits("await p", "4"));
  EXPECT_EQ(vm_.run().value_or(false), true);
}

// Many.

using ManyPromises = WithVm;

TEST_F(ManyPromises, OneAfterAnotherDoNotGrow) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  ASSERT_TRUE(vm.set("now", [](Context context, int n) -> Result<Deferred<int>> {
    auto deferred = context.deferred<int>();
    if (deferred) deferred->resolve(n);
    return deferred;
  }));
  const std::string loop = fmt::format(
      "let sum = 0; for (let i = 0; i < {}; i++) sum += await now(1); sum", scaled(50'000));
  const std::string sum = fmt::to_string(scaled(50'000));
  ASSERT_TRUE(gives(vm, "await now(1)", "1", kAwait));
  ASSERT_TRUE(vm.collect_garbage());
  const Stats before = vm.stats();
  ASSERT_TRUE(gives(vm, "{" + loop + "}", sum, kAwait));
  ASSERT_TRUE(vm.collect_garbage());
  const Stats after = vm.stats();
  EXPECT_LT(after.memory_bytes, before.memory_bytes + 64 * kKiB);
  EXPECT_EQ(after.host_functions, before.host_functions);
}

TEST_F(ManyPromises, TasksOneAfterAnotherDoNotGrow) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  const Count ends = lets_wait(vm);
  ASSERT_TRUE(gives(vm, "await wait(Promise.resolve(1))", "2", kAwait));
  ASSERT_TRUE(vm.collect_garbage());
  const Stats before = vm.stats();
  ASSERT_TRUE(gives(vm,
                    fmt::format("{{ let sum = 0; for (let i = 0; i < {}; i++) "
                                "sum += await wait(Promise.resolve(i)) - i; sum }}",
                                scaled(50'000)),
                    fmt::to_string(scaled(50'000)), kAwait));
  EXPECT_EQ(*ends, 2 * (scaled(50'000) + 1));
  ASSERT_TRUE(vm.collect_garbage());
  const Stats after = vm.stats();
  EXPECT_LT(after.memory_bytes, before.memory_bytes + 64 * kKiB);
  EXPECT_EQ(after.host_functions, before.host_functions);
}

TEST_F(ManyPromises, AllAtOnceAreSettledByAThread) {
  Runtime vm = make_runtime(roomy());
  const auto asked = lets_ask<int>(vm);
  const auto go = lets_signal(vm);
  std::jthread settler([&] {
    go->wait();
    for (const Deferred<int>& deferred : *asked) deferred.resolve(2);
  });
  ASSERT_TRUE(gives(vm,
                    fmt::format("const all = Promise.all(Array.from({{length: {}}}, () => ask()));"
                                "go(); (await all).reduce((a, b) => a + b)",
                                scaled(50'000)),
                    fmt::to_string(2 * scaled(50'000)), kAwait));
}

TEST_F(ManyPromises, UnhandledOnesOfManyRunsDoNotGrow) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  const auto fail = [&] {
    return fails(vm, "Promise.reject(new Error('x'.repeat(1000))); 1", Errc::threw);
  };
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(fail());
  ASSERT_TRUE(vm.collect_garbage());
  const Stats before = vm.stats();
  for (int i = 0; i < scaled(10'000); ++i) ASSERT_TRUE(fail());
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_LT(vm.stats().memory_bytes, before.memory_bytes + 64 * kKiB);
}

}  // namespace
}  // namespace sandglass::test
