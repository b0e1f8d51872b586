// Promises of the host: Deferred, futures, rejections, and combinators over them.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
#include <latch>
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
#include "promises.h"
#include "types.h"

namespace sandglass::test {
namespace {

// A promise that C++ settles.

using DeferredPromise = WithVm;

TEST_F(DeferredPromise, IsAPromiseToTheScript) {
  const auto asked = lets_ask<int>(vm_);
  EXPECT_TRUE(
      gives(vm_, "const p = ask(); [p instanceof Promise, typeof p.then].join()", "true,function"));
  EXPECT_TRUE(gives(vm_, "ask() === ask()", "false"));
  EXPECT_EQ(vm_.eval("ask()").value().brand(), Brand::promise);
}

TEST_F(DeferredPromise, ResolvedBeforeTheRunFulfils) {
  const Deferred<int> deferred = vm_.deferred<int>().value();
  ASSERT_TRUE(vm_.set("p", deferred));
  EXPECT_TRUE(deferred.resolve(42));
  EXPECT_TRUE(awaits("await p", "42"));
  EXPECT_TRUE(awaits("await p + await p", "84")) << "it stays fulfilled";
}

TEST_F(DeferredPromise, ResolvedBeforeItIsHandedOutFulfils) {
  const Deferred<int> deferred = vm_.deferred<int>().value();
  EXPECT_TRUE(deferred.resolve(42));
  ASSERT_TRUE(vm_.set("p", deferred));
  EXPECT_TRUE(awaits("await p", "42"));
}

TEST_F(DeferredPromise, ResolvedByTheFunctionThatMakesItFulfils) {
  ASSERT_TRUE(vm_.set("now", [](Context context, int n) -> Result<Deferred<int>> {
    auto deferred = context.deferred<int>();
    if (deferred) deferred->resolve(n + 1);
    return deferred;
  }));
  EXPECT_TRUE(awaits("await now(1)", "2"));
}

TEST_F(DeferredPromise, ResolvedByAnotherFunctionOfTheSameRunFulfils) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.set("answer", [asked](int n) { return asked->back().resolve(n); }));
  EXPECT_TRUE(awaits(R"js(
    const order = [];
    const p = ask().then((n) => order.push('then ' + n));
    order.push(answer(7), answer(8));
    await p;
    order.join())js",
                     "true,false,then 7"))
      << "a handler never runs inside of the call that settles";
}

TEST_F(DeferredPromise, ResolvedByAnotherThreadWhileTheVmWaitsFulfils) {
  const auto asked = lets_ask<std::string>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    asked->front().resolve("from a thread");
  });
  EXPECT_TRUE(awaits("const p = ask(); go(); await p", "from a thread"));
}

TEST_F(DeferredPromise, ResolvedByAnotherThreadWhileTheScriptComputesFulfils) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::latch settled(1);
  std::jthread settler([&] {
    go->wait();
    asked->front().resolve(5);
    settled.count_down();
  });
  ASSERT_TRUE(vm_.set("settled", [&] { return settled.try_wait(); }));
  EXPECT_TRUE(awaits(R"js(
    let early = false;
    const p = ask().then((n) => { early = true; return n; });
    go();
    while (!settled());
    [early, await p].join())js",
                     "false,5"));
}

TEST_F(DeferredPromise, ResolvedBetweenRunsIsSeenByTheNext) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.got = 'nothing'; ask().then((n) => { got = n }); 0"));
  EXPECT_TRUE(gives(vm_, "got", "nothing"));
  std::thread([&] { EXPECT_TRUE(asked->front().resolve(9)); }).join();
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_TRUE(gives(vm_, "got", "9"));
}

TEST_F(DeferredPromise, FirstOfResolveAndRejectCounts) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.a = ask(); globalThis.b = ask(); b.catch(() => {}); 0"));
  EXPECT_TRUE(asked->at(0).resolve(1));
  EXPECT_FALSE(asked->at(0).resolve(2));
  EXPECT_FALSE(asked->at(0).reject(Error{.message = "late"}));
  EXPECT_TRUE(asked->at(1).reject(Error{.message = "first"}));
  EXPECT_FALSE(asked->at(1).resolve(3));
  EXPECT_TRUE(awaits("await a", "1"));
  EXPECT_TRUE(awaits("await b.catch((e) => e.message)", "first"));
  EXPECT_FALSE(asked->at(0).resolve(4)) << "also after the script has seen it";
}

TEST_F(DeferredPromise, CopiesShareThePromise) {
  const Deferred<int> deferred = vm_.deferred<int>().value();
  const Deferred<int> copy = deferred;  // NOLINT(performance-unnecessary-copy-initialization)
  ASSERT_TRUE(vm_.set("p", deferred));
  ASSERT_TRUE(vm_.set("q", copy));
  EXPECT_TRUE(gives(vm_, "p === q", "true"));
  EXPECT_TRUE(copy.resolve(3));
  EXPECT_FALSE(deferred.resolve(4));
  EXPECT_TRUE(awaits("await p", "3"));
}

TEST_F(DeferredPromise, OneOfManyThreadsSettlesIt) {
  for (int round = 0; round < scaled(50); ++round) {
    const Deferred<int> deferred = vm_.deferred<int>().value();
    ASSERT_TRUE(vm_.set("p", deferred));
    std::atomic<int> winners = 0;
    std::atomic<int> winner = -1;
    {
      std::latch start(8);
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
          start.arrive_and_wait();
          if (!deferred.resolve(i)) return;
          ++winners;
          winner = i;
        });
      }
    }
    ASSERT_EQ(winners, 1);
    ASSERT_TRUE(awaits("await p", fmt::to_string(winner.load())));
  }
}

TEST_F(DeferredPromise, LastCopyDroppedRejects) {
  std::optional<Deferred<int>> copy;
  ASSERT_TRUE(vm_.set("ask", [&copy](Context context) -> Result<Deferred<int>> {
    copy = context.deferred<int>("answer").value();
    return *copy;
  }));
  ASSERT_TRUE(
      vm_.eval("globalThis.state = 'pending'; ask().catch((e) => { state = e.message }); 0"));
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_TRUE(gives(vm_, "state", "pending"));
  std::thread([&] { copy.reset(); }).join();
  ASSERT_TRUE(vm_.run());
  EXPECT_TRUE(gives(vm_, "/host dropped/.test(state)", "true")) << outcome(vm_.eval("state"));
}

TEST_F(DeferredPromise, DroppedWhileTheVmWaitsRejects) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread dropper([&] {
    go->wait();
    asked->clear();
  });
  Error error;
  EXPECT_TRUE(fails(vm_, "const p = ask(); go(); await p", Errc::threw, &error, kAwait));
  EXPECT_NE(error.message.find("dropped"), std::string::npos) << describe(error);
  EXPECT_TRUE(works(vm_));
}

TEST_F(DeferredPromise, ValueBecomesWhatConvertMakesOfIt) {
  const auto fulfils = [this]<class T>(T value, std::string_view json) {
    const Deferred<T> deferred = vm_.deferred<T>().value();
    EXPECT_TRUE(vm_.set("p", deferred));
    EXPECT_TRUE(deferred.resolve(std::move(value)));
    EXPECT_TRUE(awaits("JSON.stringify(await p)", json));
  };
  fulfils(-7, "-7");
  fulfils(true, "true");
  fulfils(2.5, "2.5");
  fulfils(std::string("a\0\u00e9\U0001f600", 8), R"("a\u0000é😀")");
  fulfils(std::vector<int>{1, 2, 3}, "[1,2,3]");
  fulfils(std::vector<std::vector<std::string>>{{"a"}, {}}, R"([["a"],[]])");
  fulfils(std::optional<int>(3), "3");
  fulfils(User{"Ada", {{"Bob", 7}, {"Cy", std::nullopt}}, Colour::green},
          R"({"name":"Ada","friends":[{"name":"Bob","age":7},{"name":"Cy"}],"colour":"green"})");
  fulfils(std::make_unique<int>(8), "8");
}

TEST_F(DeferredPromise, ValueIsConvertedToTheTypeThatWasPromised) {
  const Deferred<std::string> deferred = vm_.deferred<std::string>().value();
  ASSERT_TRUE(vm_.set("p", deferred));
  EXPECT_TRUE(deferred.resolve("a literal"));
  EXPECT_TRUE(awaits("await p", "a literal"));
}

TEST_F(DeferredPromise, VoidFulfilsWithUndefined) {
  const Deferred<void> deferred = vm_.deferred<void>().value();
  ASSERT_TRUE(vm_.set("p", deferred));
  EXPECT_TRUE(deferred.resolve());
  EXPECT_FALSE(deferred.resolve());
  EXPECT_TRUE(awaits("let v = await p; typeof v", "undefined"));
}

TEST_F(DeferredPromise, RejectionIsAnErrorOfThatClassWithCodeAndCause) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.p = ask(); p.catch(() => {}); 0"));
  const auto cause = std::make_shared<const Error>(Error{.message = "below", .name = "TypeError"});
  EXPECT_TRUE(asked->front().reject(
      Error{.message = "no such é", .name = "RangeError", .detail = "ENOENT", .cause = cause}));
  EXPECT_TRUE(awaits(R"js(
    let e;
    try { await p; } catch (caught) { e = caught; }
    [e instanceof RangeError, e.message, e.code, e.cause instanceof TypeError,
     e.cause.message].join()
  )js",
                     "true,no such é,ENOENT,true,below"));
  const Error error = error_of(vm_.await(vm_.get("p").value()));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "no such é");
  EXPECT_EQ(error.detail, "ENOENT");
  ASSERT_TRUE(error.cause);
  EXPECT_EQ(error.cause->message, "below");
}

TEST_F(DeferredPromise, RejectedWithAnExceptionIsItsError) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(
      vm_.eval("globalThis.ps = [ask(), ask(), ask()]; ps.forEach(p => p.catch(() => {})); 0"));
  EXPECT_TRUE(asked->at(0).reject(std::make_exception_ptr(std::invalid_argument("bad"))));
  EXPECT_TRUE(asked->at(1).reject(std::make_exception_ptr(std::out_of_range("far"))));
  EXPECT_TRUE(asked->at(2).reject(std::make_exception_ptr(42)));
  EXPECT_TRUE(awaits(R"js(
    (await Promise.allSettled(ps)).map(({reason: e}) => e.constructor.name + ' ' + e.message).join()
  )js",
                     "TypeError bad,RangeError far,Error the host threw something that is no "
                     "std::exception"));
}

TEST_F(DeferredPromise, ValueThatCannotBeConvertedRejects) {
  Runtime other = make_runtime();
  const auto foreign = std::make_shared<const Value>(other.eval("({})").value());
  const auto texts = lets_ask<std::string>(vm_, "text");
  const auto awkward = lets_ask<Awkward>(vm_, "awkward");
  ASSERT_TRUE(vm_.eval(
      "globalThis.all = Promise.allSettled([text(), awkward(), awkward(), awkward()]); 0"));
  EXPECT_TRUE(texts->at(0).resolve("\xff"));
  EXPECT_TRUE(awkward->at(0).resolve(Awkward{Awkward::Way::error}));
  EXPECT_TRUE(awkward->at(1).resolve(Awkward{Awkward::Way::exception}));
  EXPECT_TRUE(awkward->at(2).resolve(Awkward{Awkward::Way::foreign_value, foreign}));
  EXPECT_TRUE(
      awaits("(await all).map((s) => `${s.status} ${s.reason?.name}`).join()",
             "rejected TypeError,rejected RangeError,rejected TypeError,rejected TypeError"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(DeferredPromise, ValueThatDoesNotFitIntoTheVmIsItsMemoryLimit) {
  Limits limits = waiting();
  limits.memory_bytes = 16 * kMiB;
  Runtime vm = make_runtime(limits);
  const Deferred<std::string> deferred = vm.deferred<std::string>().value();
  ASSERT_TRUE(vm.set("p", deferred));
  EXPECT_TRUE(deferred.resolve(std::string(100 * kMiB, 'x')));
  Error error;
  EXPECT_TRUE(fails(vm, "(await p).length", Errc::memory_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
}

TEST_F(DeferredPromise, ConversionMaySettleOthers) {
  const Deferred<Awkward> first = vm_.deferred<Awkward>().value();
  const Deferred<int> second = vm_.deferred<int>().value();
  ASSERT_TRUE(vm_.set("first", first));
  ASSERT_TRUE(vm_.set("second", second));
  EXPECT_TRUE(first.resolve(Awkward{.way = Awkward::Way::settles, .other = second}));
  EXPECT_TRUE(awaits("[await first, await second].join()", "true,2"));
}

TEST_F(DeferredPromise, ManySettleInAnyOrder) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.all = Promise.all(Array.from({length: 100}, () => ask())); 0"));
  for (int i = 99; i >= 0; --i) asked->at(static_cast<std::size_t>(i)).resolve(i);
  EXPECT_TRUE(awaits("(await all).every((n, i) => n === i)", "true"));
}

TEST_F(DeferredPromise, SettledAfterResetIsIgnored) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.p = ask(); 0"));
  const Deferred<int> old = asked->front();
  const Deferred<int> queued = vm_.deferred<int>().value();
  EXPECT_TRUE(queued.resolve(2));  // on its way when the VM is reset
  ASSERT_TRUE(vm_.reset());
  const Deferred<int> fresh = vm_.deferred<int>().value();
  ASSERT_TRUE(vm_.set("p", fresh));
  static_cast<void>(old.resolve(1));
  EXPECT_TRUE(fresh.resolve(3));
  EXPECT_TRUE(awaits("await p", "3"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(DeferredPromise, SettledAfterTheVmIsGoneIsRefused) {
  std::optional<Runtime> vm = make_runtime();
  const Deferred<int> resolved = vm->deferred<int>().value();
  const Deferred<int> rejected = vm->deferred<int>().value();
  const Deferred<int> dropped = vm->deferred<int>().value();
  const Context context = *vm;
  vm.reset();
  EXPECT_FALSE(resolved.resolve(1));
  EXPECT_FALSE(rejected.reject(Error{.message = "x"}));
  const auto refused = context.deferred<int>();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::closed);
}

TEST_F(DeferredPromise, ValuesThatNobodyTakesAreDestroyed) {
  const Count ends = no_ends();
  const auto value = [&] { return std::make_shared<Ends>(ends); };
  {
    Runtime vm = make_runtime();
    const auto queued = vm.deferred<std::shared_ptr<Ends>>().value();
    EXPECT_TRUE(queued.resolve(value()));
    EXPECT_FALSE(queued.resolve(value()));
    EXPECT_EQ(*ends, 1) << "the second";
    ASSERT_TRUE(vm.reset());
    EXPECT_EQ(*ends, 2) << "the first, with the state it was for";
    EXPECT_TRUE(vm.deferred<std::shared_ptr<Ends>>().value().resolve(value()));
  }
  EXPECT_EQ(*ends, 3) << "with the VM";
}

TEST_F(DeferredPromise, OfAnotherVmIsRefused) {
  Runtime other = make_runtime();
  // Both have a pending promise, the first of their VM: they must not be taken for each other.
  const Deferred<int> mine = vm_.deferred<int>().value();
  const Deferred<int> theirs = other.deferred<int>().value();
  ASSERT_TRUE(vm_.set("mine", mine));
  const Result<Value> made = vm_.make(theirs);
  ASSERT_FALSE(made) << "a promise of VM A, asked for in VM B, must not be some promise of B";
  EXPECT_EQ(made.error().code, Errc::invalid_argument) << describe(made.error());
}

TEST_F(DeferredPromise, OfAnEarlierStateIsRefused) {
  const Deferred<int> old = vm_.deferred<int>().value();
  ASSERT_TRUE(vm_.reset());
  const Deferred<int> fresh = vm_.deferred<int>().value();
  EXPECT_FALSE(vm_.make(old));
  EXPECT_TRUE(vm_.make(fresh));
}

TEST_F(DeferredPromise, HandedOutAgainAfterItWasSettledIsTheSamePromise) {
  const Deferred<int> deferred = vm_.deferred<int>().value();
  ASSERT_TRUE(vm_.set("memoised", [deferred] { return deferred; }));
  ASSERT_TRUE(vm_.eval("globalThis.first = memoised(); 0"));
  EXPECT_TRUE(deferred.resolve(6));
  EXPECT_TRUE(awaits("await first", "6"));
  EXPECT_TRUE(awaits("await memoised()", "6"));
  EXPECT_TRUE(gives(vm_, "memoised() === first", "true"));
}

// Futures, and results around promises.

using FuturePromise = WithVm;

TEST_F(FuturePromise, ReadyOneFulfils) {
  ASSERT_TRUE(vm_.set("f", [](int n) {
    std::promise<int> promise;
    promise.set_value(n);
    return promise.get_future();
  }));
  EXPECT_TRUE(awaits("await f(3)", "3"));
}

TEST_F(FuturePromise, LaterOneFulfilsWhileTheVmWaits) {
  auto promise = std::make_shared<std::promise<std::string>>();
  ASSERT_TRUE(vm_.set("f", [promise] { return promise->get_future(); }));
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    promise->set_value("later");
  });
  EXPECT_TRUE(awaits("const p = f(); go(); await p", "later"));
}

TEST_F(FuturePromise, BetweenRunsIsSeenByTheNextThatWaits) {
  auto promise = std::make_shared<std::promise<int>>();
  ASSERT_TRUE(vm_.set("f", [promise] { return promise->get_future(); }));
  ASSERT_TRUE(vm_.eval("globalThis.got = 0; f().then((n) => { got = n }); 0"));
  promise->set_value(4);
  EXPECT_EQ(vm_.run().value_or(false), true);
  EXPECT_TRUE(gives(vm_, "got", "4"));
}

TEST_F(FuturePromise, ExceptionInItRejects) {
  ASSERT_TRUE(vm_.set("f", [] {
    return std::async(std::launch::async, []() -> int { throw std::out_of_range("far out"); });
  }));
  EXPECT_TRUE(awaits("let e; try { await f() } catch (caught) { e = caught } e.name + e.message",
                     "RangeErrorfar out"));
}

TEST_F(FuturePromise, BrokenOneRejects) {
  ASSERT_TRUE(vm_.set("f", [] { return std::promise<int>().get_future(); }));
  EXPECT_TRUE(awaits("await f().then(() => 'fulfilled', (e) => e instanceof Error)", "true"));
}

TEST_F(FuturePromise, WithoutAStateIsNoCrash) {
  ASSERT_TRUE(vm_.set("f", [] { return std::future<int>(); }));
  try {
    EXPECT_TRUE(awaits(
        "await (async () => f())().then(() => 'fulfilled', (e) => e instanceof Error)", "true"));
    EXPECT_TRUE(works(vm_));
  } catch (const std::exception& exception) {
    FAIL() << "the public API threw: " << exception.what();
  }
}

TEST_F(FuturePromise, DeferredLaunchComesToItsValue) {
  Runtime vm = make_runtime(waiting(seconds{10}));
  ASSERT_TRUE(vm.set("f", [] { return std::async(std::launch::deferred, [] { return 12; }); }));
  EXPECT_TRUE(gives(vm, "await f()", "12", kAwait)) << "it is never 'ready' before somebody waits";
}

TEST_F(FuturePromise, VoidAndStructAndMoveOnlyFulfil) {
  ASSERT_TRUE(vm_.set("nothing", [] { return std::async(std::launch::async, [] {}); }));
  ASSERT_TRUE(vm_.set(
      "user", [] { return std::async(std::launch::async, [] { return Friend{"Bob", 7}; }); }));
  ASSERT_TRUE(vm_.set("unique", [] {
    return std::async(std::launch::async, [] { return std::make_unique<int>(5); });
  }));
  EXPECT_TRUE(awaits("[typeof await nothing(), (await user()).name, await unique()].join()",
                     "undefined,Bob,5"));
}

TEST_F(FuturePromise, ValueThatCannotBeConvertedRejects) {
  ASSERT_TRUE(vm_.set("f", [] {
    return std::async(std::launch::async, [] { return Awkward{Awkward::Way::exception}; });
  }));
  EXPECT_TRUE(awaits("await f().catch((e) => e.message)", "thrown on the way"));
}

TEST_F(FuturePromise, ManyAtOnceAreAllSeen) {
  auto promises = std::make_shared<std::vector<std::promise<int>>>(200);
  ASSERT_TRUE(vm_.set("f", [promises](std::size_t i) { return promises->at(i).get_future(); }));
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    for (std::size_t i = promises->size(); i-- > 0;) promises->at(i).set_value(static_cast<int>(i));
  });
  EXPECT_TRUE(awaits(R"js(
    const all = Promise.all(Array.from({length: 200}, (_, i) => f(i)));
    go();
    (await all).every((n, i) => n === i))js",
                     "true"));
}

TEST_F(FuturePromise, VmMayEndWhileItIsPending) {
  std::promise<int> promise;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("f", [&] { return promise.get_future(); }));
    ASSERT_TRUE(vm.eval("f(); 0"));
  }
  promise.set_value(1);
}

TEST_F(FuturePromise, ResultAroundAPromiseIsThePromiseOrAThrow) {
  ASSERT_TRUE(vm_.set("deferred", [](Context context, bool good) -> Result<Deferred<int>> {
    if (!good) return std::unexpected(Error{.message = "at once", .name = "RangeError"});
    auto deferred = context.deferred<int>();
    if (deferred) deferred->resolve(1);
    return deferred;
  }));
  ASSERT_TRUE(vm_.set("future", [](bool good) -> Result<std::future<int>> {
    if (!good) return std::unexpected(Error{.message = "at once", .name = "RangeError"});
    return std::async(std::launch::async, [] { return 2; });
  }));
  EXPECT_TRUE(awaits("[await deferred(true), await future(true)].join()", "1,2"));
  for (const std::string_view call : {"deferred(false)", "future(false)"}) {
    EXPECT_TRUE(gives(vm_, fmt::format("try {{ {}; 'a promise' }} catch (e) {{ e.name }}", call),
                      "RangeError"));
  }
}

// Rejections.

using Rejection = WithVm;

TEST_F(Rejection, UnhandledIsToldWithItsStack) {
  Error error;
  EXPECT_TRUE(fails(vm_,
                    "async function fetchAll() {\n  await null;\n  missing();\n}\n"
                    "fetchAll(); 'done'",
                    Errc::threw, &error, {.file_name = "main.js"}));
  EXPECT_EQ(error.name, "ReferenceError");
  EXPECT_NE(error.stack.find("at fetchAll (main.js:3:"), std::string::npos) << error.stack;
  ASSERT_TRUE(error.location);
  EXPECT_EQ(error.location->line, 3U);
  EXPECT_EQ(error.location->text, "  missing();");
}

TEST_F(Rejection, HandledLaterInTheRunIsNotTold) {
  const auto asked = lets_ask<int>(vm_);
  const auto go = lets_signal(vm_);
  std::jthread settler([&] {
    go->wait();
    asked->front().resolve(1);
  });
  EXPECT_TRUE(awaits(R"js(
    const lost = Promise.reject(new Error('handled in the end'));
    const p = ask();
    go();
    await p;
    await null;
    lost.catch(() => {});
    'fine')js",
                     "fine"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(Rejection, OfAHostPromiseHandledLaterInTheRunIsNotTold) {
  ASSERT_TRUE(vm_.set("fail", [](Context context) -> Result<Deferred<int>> {
    auto deferred = context.deferred<int>();
    if (deferred) deferred->reject(Error{.message = "from the host"});
    return deferred;
  }));
  EXPECT_TRUE(awaits("const p = fail(); await null; await null; await p.catch((e) => e.message)",
                     "from the host"));
  Error error;
  EXPECT_TRUE(fails(vm_, "fail(); 1", Errc::threw, &error));
  EXPECT_EQ(error.message, "from the host");
}

TEST_F(Rejection, AnythingMayBeTheReason) {
  for (const auto& [reason, told] : {std::pair("'text'", "text"), std::pair("12345", "12345"),
                                     std::pair("undefined", "undefined"), std::pair("null", "null"),
                                     std::pair("{toString() { return 'told' }}", "told")}) {
    Error error;
    EXPECT_TRUE(
        fails(vm_, fmt::format("await Promise.reject({})", reason), Errc::threw, &error, kAwait));
    EXPECT_EQ(error.message, told) << reason;
    EXPECT_TRUE(fails(vm_, fmt::format("Promise.reject({}); 1", reason), Errc::threw, &error));
    EXPECT_EQ(error.message, told) << reason;
  }
}

TEST_F(Rejection, HostErrorInAsyncCodeIsOne) {
  ASSERT_TRUE(vm_.set("fail", []() -> int { throw std::invalid_argument("host error"); }));
  EXPECT_TRUE(
      awaits("await (async () => fail())().catch((e) => e instanceof TypeError && e.message)",
             "host error"));
  EXPECT_TRUE(
      awaits("let got; try { await (async () => { await null; fail() })() } "
             "catch (e) { got = e.message } got",
             "host error"));
  EXPECT_TRUE(awaits("await Promise.resolve().then(fail).catch((e) => e.message)", "host error"));
  Error error;
  EXPECT_TRUE(fails(vm_, "(async () => fail())(); 1", Errc::threw, &error));
  EXPECT_EQ(describe(error), "threw: TypeError: host error");
  EXPECT_TRUE(works(vm_));
}

TEST_F(Rejection, ManyUnhandledAreOneError) {
  Error error;
  EXPECT_TRUE(fails(vm_, "for (let i = 0; i < 10000; i++) Promise.reject(new Error('n' + i)); 1",
                    Errc::threw, &error));
  EXPECT_EQ(error.message, "n0");
  EXPECT_TRUE(works(vm_));
}

TEST_F(Rejection, OfATaskIsTold) {
  struct Local {
    static Task<int> task() {
      co_await nothing();
      throw std::runtime_error("unheard");
    }
  };
  ASSERT_TRUE(vm_.set("f", &Local::task));
  Error error;
  EXPECT_TRUE(fails(vm_, "f(); 1", Errc::threw, &error));
  EXPECT_EQ(error.message, "unheard");
}

// Combinators and iteration over promises of the host.

using Combinator = WithVm;

TEST_F(Combinator, RaceTakesTheFirstThatSettles) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(
      vm_.eval("globalThis.ps = [ask(), ask(), ask()]; globalThis.first = Promise.race(ps); 0"));
  asked->at(1).resolve(1);
  EXPECT_TRUE(awaits("await first", "1"));
  asked->at(0).resolve(0);
  asked->at(2).resolve(2);
  EXPECT_TRUE(awaits("(await Promise.all(ps)).join()", "0,1,2"));
}

TEST_F(Combinator, AnyPassesRejectionsOver) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(
      vm_.eval("globalThis.one = Promise.any([ask(), ask()]);"
               "globalThis.none = Promise.any([ask(), ask()]).catch((e) => e); 0"));
  asked->at(0).reject(Error{.message = "no"});
  asked->at(1).resolve(5);
  asked->at(2).reject(Error{.message = "a"});
  asked->at(3).reject(Error{.message = "b"});
  EXPECT_TRUE(awaits("await one", "5"));
  EXPECT_TRUE(awaits("const e = await none; e.name + e.errors.map((e) => e.message).join()",
                     "AggregateErrora,b"));
}

TEST_F(Combinator, AllSettledSeesEveryKindOfHostPromise) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.set("future", [] { return std::async(std::launch::async, [] { return 2; }); }));
  ASSERT_TRUE(vm_.set("task", immediately));
  ASSERT_TRUE(
      vm_.eval("globalThis.all = Promise.allSettled([ask(), future(), task(2), ask(), 4]); 0"));
  asked->at(0).resolve(1);
  asked->at(1).reject(Error{.message = "no"});
  EXPECT_TRUE(awaits("(await all).map((s) => s.value ?? s.reason.message).join()", "1,2,3,no,4"));
}

TEST_F(Combinator, ForAwaitGoesThroughThemInOrder) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.eval(R"js(
    globalThis.done = (async () => {
      const got = [];
      async function* each() { for (let i = 0; i < 3; i++) yield ask(); }
      for await (const n of each()) got.push(n);
      for await (const n of [ask(), ask()]) got.push(n);
      return got.join();
    })(); 0)js"));
  int n = 0;
  ASSERT_TRUE(vm_.set("n", 0));
  while (vm_.run(soon()).value_or(true) == false && n < 100) {
    for (const Deferred<int>& deferred : *asked) {
      if (deferred.resolve(n)) ++n;
    }
  }
  EXPECT_TRUE(awaits("await done", "0,1,2,3,4"));
}

}  // namespace
}  // namespace sandglass::test
