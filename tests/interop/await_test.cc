// Waiting: await() of C++, run(), top-level await, and what nothing can settle.

#include <chrono>
#include <cstddef>
#include <future>
#include <latch>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "promises.h"
#include "types.h"

namespace sandglass::test {
namespace {

// await() of C++.

using Await = WithVm;

TEST_F(Await, GivesTheValueOfAPromise) {
  EXPECT_EQ(vm_.await<int>(vm_.eval("Promise.resolve(4)").value()).value_or(0), 4);
  const Value later =
      vm_.eval("(async () => { for (let i = 0; i < 9; i++) await i; return 'late' })()").value();
  EXPECT_EQ(vm_.await<std::string>(later).value_or("?"), "late");
  EXPECT_EQ(vm_.await<std::string>(later).value_or("?"), "late") << "settled already";
  const Value object = vm_.eval("globalThis.o = {}; Promise.resolve(o)").value();
  EXPECT_TRUE(vm_.await(object).value().strict_equals(vm_.get("o").value()).value_or(false));
}

TEST_F(Await, GivesTheReasonAsAnError) {
  const Value promise =
      vm_.eval(
             "function lost() { return new RangeError('lost', {cause: 'rain'}) }\n"
             "globalThis.p = new Promise((_, no) => no(lost())); p.catch(() => {}); p",
             {.file_name = "lost.js"})
          .value();
  for (int i = 0; i < 2; ++i) {
    const Error error = error_of(vm_.await(promise));
    EXPECT_EQ(error.code, Errc::threw);
    EXPECT_EQ(describe(error), "threw: RangeError: lost");
    EXPECT_NE(error.stack.find("at lost (lost.js:1:"), std::string::npos) << error.stack;
    ASSERT_TRUE(error.location);
    EXPECT_EQ(error.location->file, "lost.js");
    EXPECT_EQ(error.location->line, 1U);
    ASSERT_TRUE(error.cause);
    EXPECT_EQ(error.cause->message, "rain");
    EXPECT_TRUE(error.vm_usable);
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(Await, OfARejectionHandlesIt) {
  const auto asked = lets_ask<int>(vm_);
  const Value promise = vm_.eval("ask()").value();
  asked->front().reject(Error{.message = "told once"});
  EXPECT_EQ(error_of(vm_.await(promise)).message, "told once");
  EXPECT_TRUE(vm_.eval("1")) << "it is not unhandled";
  EXPECT_TRUE(vm_.run());
}

TEST_F(Await, AnyOtherValueIsItsOwnResult) {
  EXPECT_EQ(vm_.await<int>(Value::number(3)).value_or(0), 3);
  EXPECT_TRUE(vm_.await(Value::undefined()).value().is_undefined());
  EXPECT_TRUE(vm_.await(Value::null()).value().is_null());
  EXPECT_EQ(vm_.await<std::string>(vm_.string("text").value()).value_or("?"), "text");
  const Value object = vm_.object().value();
  EXPECT_TRUE(vm_.await(object).value().strict_equals(object).value_or(false));
}

TEST_F(Await, ThenableIsNoPromise) {
  const Value thenable =
      vm_.eval("globalThis.called = 0; ({ then(yes) { called++; yes(1) } })").value();
  const Value proxy = vm_.eval("new Proxy(Promise.resolve(2), {})").value();
  EXPECT_TRUE(vm_.await(thenable).value().strict_equals(thenable).value_or(false));
  EXPECT_TRUE(vm_.await(proxy).value().strict_equals(proxy).value_or(false));
  EXPECT_TRUE(gives(vm_, "called", "0"));
}

TEST_F(Await, GivesTheTypeThatIsAskedFor) {
  const Value promise = vm_.eval("Promise.resolve({name: 'Bob', age: 7})").value();
  EXPECT_EQ(vm_.await<Friend>(promise).value(), (Friend{"Bob", 7}));
  EXPECT_TRUE(vm_.await<void>(promise));
  const Error error = error_of(vm_.await<int>(promise));
  EXPECT_EQ(error.code, Errc::conversion) << describe(error);
  EXPECT_TRUE(works(vm_));
}

TEST_F(Await, WaitsForTheHost) {
  const auto asked = lets_ask<int>(vm_);
  const Value promise = vm_.eval("ask().then((n) => n * 2)").value();
  std::jthread settler([deferred = asked->front()] { deferred.resolve(21); });
  EXPECT_EQ(vm_.await<int>(promise).value_or(0), 42);
}

TEST_F(Await, AtItsDeadlineThePromiseGoesOn) {
  const auto asked = lets_ask<int>(vm_);
  const Value promise = vm_.eval("\n  ask()", {.file_name = "ask.js"}).value();
  for (int i = 0; i < 2; ++i) {
    const Error error = error_of(vm_.await(promise, soon()));
    EXPECT_EQ(error.code, Errc::time_limit) << describe(error);
    EXPECT_TRUE(error.vm_usable);
    EXPECT_NE(error.message.find("answer of ask called at ask.js:2:"), std::string::npos)
        << error.message;
    EXPECT_TRUE(works(vm_));
  }
  asked->front().resolve(5);
  EXPECT_EQ(vm_.await<int>(promise).value_or(0), 5);
}

TEST_F(Await, DeadlineThatIsPastStillGivesWhatIsThere) {
  const Value promise = vm_.eval("Promise.resolve(1)").value();
  EXPECT_EQ(vm_.await<int>(promise, Clock::time_point::min()).value_or(0), 1);
  const auto asked = lets_ask<int>(vm_);
  const Value pending = vm_.eval("ask()").value();
  EXPECT_EQ(error_of(vm_.await(pending, Clock::now() - seconds{1})).code, Errc::time_limit);
  asked->front().resolve(2);
  EXPECT_EQ(vm_.await<int>(pending, Clock::now() - seconds{1}).value_or(0), 2);
}

TEST_F(Await, DeadlineDoesNotWaitForWhatNothingCanSettle) {
  const Value never = vm_.eval("new Promise(() => {})").value();
  EXPECT_EQ(error_of(vm_.await(never, Clock::now() + seconds{3600})).code, Errc::threw);
}

TEST_F(Await, WallTimeEndsItBeforeALaterDeadline) {
  Runtime vm = make_runtime(waiting(milliseconds{50}));
  const auto asked = lets_ask<int>(vm);
  const Value promise = patiently(vm, [&] { return vm.eval("ask()"); }).value();
  const Error error = error_of(vm.await(promise, Clock::now() + seconds{3600}));
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_NE(error.message.find("wall time limit"), std::string::npos) << error.message;
  EXPECT_TRUE(error.vm_usable);
  asked->back().resolve(2);
  EXPECT_EQ(patiently(vm, [&] { return vm.await<int>(promise); }).value_or(0), 2);
}

TEST_F(Await, WorksInsideAHostFunction) {
  ASSERT_TRUE(vm_.set(
      "wait", [](Context context, const Value& promise) { return context.await(promise); }));
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    asked->front().resolve(6);
  });
  EXPECT_TRUE(gives(vm_, "const p = ask(); go(); wait(p.then((n) => n + 1))", "7"))
      << "synchronously, in a script that cannot await";
  EXPECT_TRUE(gives(vm_, "wait(Promise.resolve(5)) + wait(6)", "11"));
  EXPECT_TRUE(gives(
      vm_, "const thrown = {}; try { wait(Promise.reject(thrown)) } catch (e) { e === thrown }",
      "true"));
  EXPECT_TRUE(
      gives(vm_, "try { wait(new Promise(() => {})) } catch (e) { e instanceof Error }", "true"))
      << "it cannot hang either";
}

TEST_F(Await, InsideAScopeIsPartOfItsRun) {
  const auto asked = lets_ask<int>(vm_);
  Scope scope(vm_);
  const Value promise = vm_.eval("ask().then((n) => n + 1)").value();
  std::jthread settler([&] { asked->front().resolve(1); });
  EXPECT_EQ(vm_.await<int>(promise).value_or(0), 2);
  EXPECT_TRUE(scope.close());
}

TEST_F(Await, PromiseOfAnotherVmIsRefused) {
  Runtime other = make_runtime();
  const Value foreign = other.eval("Promise.resolve(1)").value();
  EXPECT_EQ(error_of(vm_.await(foreign)).code, Errc::invalid_argument);
}

TEST_F(Await, PromiseOfAnEarlierStateIsClosed) {
  const Value old = vm_.eval("Promise.resolve(1)").value();
  ASSERT_TRUE(vm_.reset());
  const Error error = error_of(vm_.await(old));
  EXPECT_TRUE(error.code == Errc::closed || error.code == Errc::invalid_argument)
      << describe(error);
  EXPECT_TRUE(works(vm_));
}

TEST_F(Await, OnAClosedContextIsClosed) {
  Context context;
  EXPECT_EQ(error_of(context.await(Value::number(1))).code, Errc::closed);
  EXPECT_EQ(error_of(context.run()).code, Errc::closed);
}

TEST_F(Await, WhileBytesAreLookedAtIsRefused) {
  const Value bytes = vm_.eval("new Uint8Array(8)").value();
  const Value promise = vm_.eval("Promise.resolve(1)").value();
  Errc code{};
  ASSERT_TRUE(
      bytes.with_bytes([&](std::span<std::byte>) { code = error_of(vm_.await(promise)).code; }));
  EXPECT_EQ(code, Errc::invalid_argument);
}

// run().

using RunLoop = WithVm;

TEST_F(RunLoop, WithNothingToDoIsDone) {
  EXPECT_EQ(vm_.run().value_or(false), true);
  EXPECT_EQ(vm_.run(Clock::now() - seconds{1}).value_or(false), true);
}

TEST_F(RunLoop, WaitsForAllThatTheHostPromised) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval(
      "globalThis.sum = 0; for (let i = 0; i < 5; i++) ask().then((n) => { sum += n }); 0"));
  std::jthread settler([&] {
    for (const Deferred<int>& deferred : *asked) deferred.resolve(2);
  });
  EXPECT_EQ(vm_.run().value_or(false), true);
  EXPECT_TRUE(gives(vm_, "sum", "10"));
}

TEST_F(RunLoop, GoesOnWithWhatHandlersAskFor) {
  ASSERT_TRUE(
      vm_.set("later", [](int n) { return std::async(std::launch::async, [n] { return n; }); }));
  ASSERT_TRUE(vm_.eval(R"js(
    globalThis.steps = 0;
    const step = (n) => { steps = n; if (n < 5) later(n + 1).then(step) };
    step(0))js"));
  EXPECT_EQ(vm_.run().value_or(false), true);
  EXPECT_TRUE(gives(vm_, "steps", "5"));
}

TEST_F(RunLoop, UntilATimeSaysThatSomethingIsLeft) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.got = 0; ask().then((n) => { got = n }); 0"));
  EXPECT_EQ(vm_.run(soon()).value_or(true), false);
  EXPECT_EQ(vm_.run(Clock::now() - seconds{1}).value_or(true), false);
  asked->front().resolve(3);
  EXPECT_EQ(vm_.run(Clock::now() + seconds{3600}).value_or(false), true);
  EXPECT_TRUE(gives(vm_, "got", "3"));
}

TEST_F(RunLoop, PromisesThatNothingCanSettleAreNotWaitedFor) {
  static_cast<void>(lets_wait(vm_));
  ASSERT_TRUE(vm_.eval("globalThis.never = new Promise(() => {}); wait(never); 0"));
  EXPECT_EQ(vm_.run().value_or(false), true);
}

TEST_F(RunLoop, TellsRejectionsThatNobodyHandled) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("ask(); 0"));
  asked->front().reject(Error{.message = "nobody listens", .name = "RangeError"});
  const Error error = error_of(vm_.run());
  EXPECT_EQ(describe(error), "threw: RangeError: nobody listens");
  EXPECT_EQ(vm_.run().value_or(false), true) << "told once";
}

TEST_F(RunLoop, ItsWallTimeEndsIt) {
  Runtime vm = make_runtime(waiting(milliseconds{50}));
  const auto asked = lets_ask<int>(vm);
  ASSERT_TRUE(patiently(vm, [&] { return vm.eval("ask(); 0"); }));
  const Error error = error_of(vm.run());
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_TRUE(as_reported(vm, error));
}

// eval and the host.

using TopLevelAwait = WithVm;

TEST_F(TopLevelAwait, WaitsForTheHost) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    for (const Deferred<int>& deferred : *asked) deferred.resolve(7);
  });
  EXPECT_TRUE(awaits("const ps = [ask(), ask()]; go(); await ps[0] + await ps[1]", "14"));
}

TEST_F(TopLevelAwait, OfAModuleWaitsForTheHost) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    asked->front().resolve(7);
  });
  const Result<Value> space = vm_.eval("const p = ask(); go(); export const n = await p", kModule);
  ASSERT_TRUE(space) << outcome(space);
  EXPECT_EQ(space->get<int>("n").value_or(0), 7);
}

TEST_F(TopLevelAwait, WithoutItNothingIsWaitedFor) {
  const auto asked = lets_ask<int>(vm_);
  const Result<Value> promise = vm_.eval("ask().then((n) => n + 1)");
  ASSERT_TRUE(promise) << "the run ends while the promise is pending";
  ASSERT_TRUE(promise->is_promise());
  asked->front().resolve(1);
  EXPECT_EQ(vm_.await<int>(*promise).value_or(0), 2);
}

TEST_F(TopLevelAwait, WallTimeCoversTheWaitAndTheVmGoesOn) {
  Runtime vm = make_runtime(waiting(milliseconds{100}));
  const auto asked = lets_ask<int>(vm);
  Error error;
  EXPECT_TRUE(fails(vm, "globalThis.p = ask(); await p", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(error.vm_usable) << describe(error);
  EXPECT_NE(error.message.find("wall time limit"), std::string::npos) << error.message;
  EXPECT_TRUE(works(vm));
  ASSERT_FALSE(asked->empty());
  asked->back().resolve(4);
  EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("await p", kAwait); })), "4");
}

TEST_F(TopLevelAwait, WallTimeCoversAWaitForFutures) {
  Runtime vm = make_runtime(waiting(milliseconds{100}));
  std::promise<int> promise;
  ASSERT_TRUE(vm.set("f", [&] { return promise.get_future(); }));
  Error error;
  EXPECT_TRUE(fails(vm, "globalThis.p = f(); await p", Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
  promise.set_value(3);
  EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("await p", kAwait); })), "3");
}

TEST_F(TopLevelAwait, WhatTheScriptSeesOfAnEndIsNothing) {
  Runtime vm = make_runtime(waiting(milliseconds{100}));
  const auto asked = lets_ask<int>(vm);
  EXPECT_TRUE(fails(vm, R"js(
    globalThis.seen = 'nothing';
    try { await ask() } catch { seen = 'catch' } finally { seen = 'finally' })js",
                    Errc::time_limit, nullptr, kAwait));
  EXPECT_TRUE(takes(vm, {{"seen", "nothing"}}));
}

TEST_F(TopLevelAwait, InterruptEndsTheWait) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread other([&] {
    go->wait();
    vm_.interrupt();
  });
  Error error;
  EXPECT_TRUE(fails(vm_, "globalThis.p = ask(); go(); await p", Errc::interrupted, &error, kAwait));
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
  asked->front().resolve(1);
  EXPECT_TRUE(awaits("await p", "1"));
}

TEST_F(TopLevelAwait, InterruptEndsAWaitInsideAHostFunction) {
  const auto asked = lets_ask<int>(vm_);
  std::latch inside(1);
  ASSERT_TRUE(vm_.set("wait", [&](Context context, const Value& promise) {
    inside.count_down();
    return context.await(promise);
  }));
  std::jthread other([&] {
    inside.wait();
    vm_.interrupt();
  });
  Error error;
  EXPECT_TRUE(fails(vm_, "try { wait(ask()) } catch { for (;;); }", Errc::interrupted, &error));
  EXPECT_TRUE(as_reported(vm_, error));
}

TEST_F(TopLevelAwait, InterruptBetweenRunsIsForNone) {
  const auto asked = lets_ask<int>(vm_);
  vm_.interrupt();
  ASSERT_TRUE(vm_.eval("globalThis.p = ask(); 0"));
  asked->front().resolve(1);
  vm_.interrupt();
  EXPECT_TRUE(awaits("await p", "1"));
}

TEST_F(TopLevelAwait, WaitingIsNotCpuTime) {
  Limits limits = waiting();
  limits.cpu_time = milliseconds{250};
  Runtime vm = make_runtime(limits);
  const auto asked = lets_ask<int>(vm);
  std::promise<int> promise;
  ASSERT_TRUE(vm.set("future", [&] { return promise.get_future(); }));
  const auto go = lets_signal(vm);
  std::jthread settler([&] {
    go->wait();
    std::this_thread::sleep_for(milliseconds{600});
    asked->front().resolve(1);
    promise.set_value(2);
  });
  EXPECT_TRUE(gives(vm, "const ps = [ask(), future()]; go(); (await Promise.all(ps)).join()", "1,2",
                    kAwait));
}

TEST_F(TopLevelAwait, FuelIsNotUsedByWaiting) {
  Limits limits = waiting();
  limits.fuel = 2;
  Runtime vm = make_runtime(limits);
  const auto asked = lets_ask<int>(vm);
  const auto go = lets_signal(vm);
  std::jthread settler([&] {
    go->wait();
    std::this_thread::sleep_for(milliseconds{50});
    asked->front().resolve(1);
  });
  EXPECT_TRUE(gives(vm, "const p = ask(); go(); await p", "1", kAwait));
  EXPECT_TRUE(fails(vm, "for (;;);", Errc::fuel_limit));
}

// What nothing can settle.

using PendingForever = WithVm;

TEST_F(PendingForever, IsToldAtOnce) {
  // Without a limit: a hang would be one.
  Limits limits;
  limits.wall_time = std::nullopt;
  Runtime vm = make_runtime(limits);
  for (const EvalOptions& options : {kAwait, kModule}) {
    Error error;
    EXPECT_TRUE(fails(vm, "await new Promise(() => {})", Errc::threw, &error, options));
    EXPECT_NE(error.message.find("nothing can settle"), std::string::npos) << error.message;
    EXPECT_TRUE(error.vm_usable);
  }
  EXPECT_EQ(error_of(vm.await(vm.eval("new Promise(() => {})").value())).code, Errc::threw);
  EXPECT_TRUE(works(vm));
}

TEST_F(PendingForever, TellsWhichTasksWaitAndFromWhere) {
  const Count ends = lets_wait(vm_);
  Error error;
  EXPECT_TRUE(fails(vm_, "const never = new Promise(() => {});\n\n  await wait(never);",
                    Errc::threw, &error, kAwait));
  EXPECT_NE(error.message.find("wait"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("main.js:3:"), std::string::npos) << error.message;
  EXPECT_EQ(*ends, 0);
}

TEST_F(PendingForever, TellsAFewOfMany) {
  static_cast<void>(lets_wait(vm_));
  Error error;
  EXPECT_TRUE(fails(vm_, R"js(
    const never = new Promise(() => {});
    await Promise.all(Array.from({length: 1000}, () => wait(never))))js",
                    Errc::threw, &error, kAwait));
  EXPECT_LT(error.message.size(), 2000U);
  EXPECT_NE(error.message.find("992 more"), std::string::npos) << error.message;
}

TEST_F(PendingForever, CanBeSettledByALaterRun) {
  EXPECT_TRUE(fails(vm_,
                    "globalThis.p = new Promise((yes) => { globalThis.settle = yes }); await p",
                    Errc::threw, nullptr, kAwait));
  EXPECT_TRUE(awaits("settle(3); await p", "3"));
}

TEST_F(PendingForever, AThenableThatDoesNothingIsToldToo) {
  EXPECT_TRUE(fails(vm_, "await { then() {} }", Errc::threw, nullptr, kAwait));
  EXPECT_TRUE(works(vm_));
}

}  // namespace
}  // namespace sandglass::test
