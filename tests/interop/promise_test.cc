// Promises between a VM and its host: Deferred, futures, tasks, await(), run(), top-level await,
// and what scripts do to confuse them.

#include <array>
#include <atomic>
#include <chrono>
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
#include "types.h"

namespace sandglass::test {

/// Does something on its way into JavaScript that the test chooses.
struct Awkward {
  enum class Way { error, exception, foreign_value, settles } way;
  std::shared_ptr<const Value> foreign{};
  std::optional<Deferred<int>> other{};
};

}  // namespace sandglass::test

template <>
struct sandglass::Convert<sandglass::test::Awkward> {
  static Result<Value> to_js(Context&, const test::Awkward& awkward) {
    using Way = test::Awkward::Way;
    if (awkward.way == Way::error) return std::unexpected(sandglass::out_of_range("too awkward"));
    if (awkward.way == Way::exception) throw std::invalid_argument("thrown on the way");
    if (awkward.way == Way::foreign_value) return awkward.foreign->clone();
    return Value::boolean(awkward.other->resolve(2));
  }
};

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait{.file_name = "main.js", .top_level_await = true};
constexpr EvalOptions kModule{.file_name = "main.js", .kind = SourceKind::module};

/// Long enough for any machine, and short enough to tell a hang.
[[nodiscard]] Limits waiting(nanoseconds wall = seconds{30}) {
  Limits limits;
  limits.wall_time = wall;
  return limits;
}

[[nodiscard]] Clock::time_point soon() {
  return Clock::now() + milliseconds{20};
}

template <class T>
using Asked = std::shared_ptr<std::vector<Deferred<T>>>;

/// Gives the script a function `name` that returns promises, which the test finds in the result.
template <class T>
[[nodiscard]] Asked<T> lets_ask(Runtime& vm, std::string_view name = "ask") {
  auto asked = std::make_shared<std::vector<Deferred<T>>>();
  EXPECT_TRUE(vm.set(name, [asked](Context context) -> Result<Deferred<T>> {
    auto deferred = context.deferred<T>("answer");
    if (deferred) asked->push_back(*deferred);
    return deferred;
  }));
  return asked;
}

/// Gives the script a function `name` that lets a thread go on.
[[nodiscard]] std::shared_ptr<std::latch> lets_signal(Runtime& vm, std::string_view name = "go") {
  auto latch = std::make_shared<std::latch>(1);
  EXPECT_TRUE(vm.set(name, [latch] { latch->count_down(); }));
  return latch;
}

/// Counts the ends of the locals of coroutines.
using Count = std::shared_ptr<std::atomic<int>>;
[[nodiscard]] Count no_ends() {
  return std::make_shared<std::atomic<int>>(0);
}
class Ends {
 public:
  explicit Ends(Count count) : count_(std::move(count)) {}
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() { ++*count_; }

 private:
  Count count_;
};

class WithVm : public ::testing::Test {
 protected:
  /// Passes if the awaited value of `source`, as a string, is `expected`.
  [[nodiscard]] ::testing::AssertionResult awaits(std::string_view source,
                                                  std::string_view expected) {
    return gives(vm_, source, expected, kAwait);
  }

  Runtime vm_ = make_runtime(waiting());
};

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

// Coroutines of the host.

using HostTask = WithVm;

Task<int> immediately(int n) {
  co_return n + 1;
}
Task<void> nothing() {
  co_return;
}
Task<int> doubled(int n) {
  co_return 2 * co_await immediately(n);
}
Task<int> deep(int n) {
  if (n == 0) co_return 0;
  co_return co_await deep(n - 1) + 1;
}
Task<std::string> tell(Value promise) {
  const Result<Value> settled = co_await promise;
  if (!settled) co_return "rejected: " + describe(settled.error());
  co_return "fulfilled: " + settled->to_display().value_or("?");
}
Task<Value> pass_on(Value promise) {
  Result<Value> settled = co_await promise;
  co_return value_or_throw(std::move(settled));
}
Task<Result<int>> pass_on_result(Value promise) {
  const Result<Value> settled = co_await promise;
  if (!settled) co_return std::unexpected(settled.error());
  co_return settled->as<int>();
}
/// Waits for `promise` with locals that tell when they end.
Task<int> waits(Value promise, Count ends) {
  const Ends local(ends);
  const Result<Value> settled = co_await promise;
  co_return settled ? settled->as<int>().value_or(-1) : -2;
}
/// The same, with a frame in between.
Task<int> waits_below(Value promise, Count ends) {
  const Ends local(ends);
  const int n = co_await waits(promise.clone(), ends);
  co_return n + 1;
}

/// Gives the script `wait(promise)`, a task whose locals are counted in the result.
[[nodiscard]] Count lets_wait(Runtime& vm) {
  Count ends = no_ends();
  EXPECT_TRUE(
      vm.set("wait", [ends](const Value& promise) { return waits_below(promise.clone(), ends); }));
  return ends;
}

TEST_F(HostTask, ThatDoesNotWaitFulfils) {
  ASSERT_TRUE(vm_.set("f", immediately));
  ASSERT_TRUE(vm_.set("g", nothing));
  EXPECT_TRUE(awaits("const p = f(1); [p instanceof Promise, await p, typeof await g()].join()",
                     "true,2,undefined"));
}

TEST_F(HostTask, RunsToItsFirstWaitInTheCall) {
  ASSERT_TRUE(vm_.eval("globalThis.order = []; function note(what) { order.push(what) }"));
  struct Noted {
    static Task<void> task(Context context, Value promise) {
      static_cast<void>(context.global().invoke("note", "task begins"));
      static_cast<void>(co_await promise);
      static_cast<void>(context.global().invoke("note", "task goes on"));
    }
  };
  ASSERT_TRUE(vm_.set("f", [](Context context, const Value& promise) {
    return Noted::task(context, promise.clone());
  }));
  EXPECT_TRUE(awaits(R"js(
    note('before');
    const p = f(Promise.resolve());
    note('after');
    await p;
    order.join())js",
                     "before,task begins,after,task goes on"));
}

TEST_F(HostTask, NeverGivenToAScriptNeverRuns) {
  const Count ends = no_ends();
  bool ran = false;
  struct Local {
    static Task<void> task(bool& flag, Count count) {
      const Ends local(std::move(count));
      flag = true;
      co_return;
    }
  };
  {
    const Task<void> dropped = Local::task(ran, ends);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(*ends, 0);
  EXPECT_EQ(ends.use_count(), 1) << "its parameters are destroyed";
}

TEST_F(HostTask, AwaitsOthersToAnyDepth) {
  ASSERT_TRUE(vm_.set("doubled", doubled));
  ASSERT_TRUE(vm_.set("deep", deep));
  EXPECT_TRUE(awaits("[await doubled(4), await deep(1000)].join()", "10,1000"));
}

TEST_F(HostTask, AwaitsFutures) {
  struct Futures {
    static Task<int> sum(int n) {
      std::promise<int> ready;
      ready.set_value(n);
      int total = co_await ready.get_future();
      total += co_await std::async(std::launch::async, [] { return 100; });
      co_await std::async(std::launch::async, [] {});
      co_return total;
    }
    static Task<std::string> failing() {
      try {
        co_await std::async(std::launch::async, [] { throw std::runtime_error("in the future"); });
      } catch (const std::runtime_error& error) {
        co_return std::string("caught ") + error.what();
      }
      co_return "nothing was thrown";
    }
  };
  ASSERT_TRUE(vm_.set("sum", &Futures::sum));
  ASSERT_TRUE(vm_.set("failing", &Futures::failing));
  EXPECT_TRUE(awaits("[await sum(5), await failing()].join()", "105,caught in the future"));
}

TEST_F(HostTask, AwaitsDeferreds) {
  const auto numbers = std::make_shared<std::vector<Deferred<int>>>();
  struct Local {
    static Task<std::string> task(Context context,
                                  std::shared_ptr<std::vector<Deferred<int>>> numbers_made) {
      const Deferred<int> deferred = context.deferred<int>("number").value();
      numbers_made->push_back(deferred);
      const Result<int> number = co_await deferred;
      co_return number ? fmt::to_string(*number) : number.error().message;
    }
  };
  ASSERT_TRUE(vm_.set("f", [numbers](Context context) { return Local::task(context, numbers); }));
  ASSERT_TRUE(vm_.eval("globalThis.all = Promise.all([f(), f(), f()]); 0"));
  ASSERT_EQ(numbers->size(), 3U);
  numbers->at(0).resolve(1);
  std::thread([&] { numbers->at(1).reject(Error{.message = "no number"}); }).join();
  numbers->at(2).resolve(3);
  EXPECT_TRUE(awaits("(await all).join()", "1,no number,3"));
}

TEST_F(HostTask, AwaitsDeferredsThatSettleInAnotherOrder) {
  struct Local {
    static Task<std::string> task(Context context) {
      const Deferred<int> first = context.deferred<int>("first").value();
      const Deferred<int> second = context.deferred<int>("second").value();
      second.resolve(2);
      // By the time that this is there, the second has been settled for long.
      const Result<Value> passed = co_await context.eval("Promise.resolve().then(() => 0)").value();
      first.resolve(1);
      const Result<int> one = co_await first;
      const Result<int> two = co_await second;
      co_return fmt::format("{} {} {}", passed.has_value(), one.value_or(-1), two.value_or(-1));
    }
  };
  ASSERT_TRUE(vm_.set("f", &Local::task));
  EXPECT_TRUE(awaits("await f()", "true 1 2"));
}

TEST_F(HostTask, AwaitsPromisesOfTheScript) {
  ASSERT_TRUE(vm_.set("tell", [](const Value& promise) { return tell(promise.clone()); }));
  EXPECT_TRUE(awaits("await tell(Promise.resolve(5))", "fulfilled: 5"));
  EXPECT_TRUE(
      awaits("await tell((async () => { await null; return 'late' })())", "fulfilled: late"));
  EXPECT_TRUE(
      awaits("await tell(Promise.reject(new TypeError('no')))", "rejected: threw: TypeError: no"));
  EXPECT_TRUE(awaits("await tell(Promise.reject('text'))", "rejected: threw: text"));
}

TEST_F(HostTask, AwaitOfAnyOtherValueIsThatValue) {
  ASSERT_TRUE(vm_.set("tell", [](const Value& promise) { return tell(promise.clone()); }));
  EXPECT_TRUE(awaits("await tell(7)", "fulfilled: 7"));
  EXPECT_TRUE(awaits("await tell(undefined)", "fulfilled: undefined"));
  EXPECT_TRUE(awaits("await tell(null)", "fulfilled: null"));
  EXPECT_TRUE(awaits("await tell('text')", "fulfilled: text"));
  EXPECT_TRUE(awaits("await tell({a: 1})", "fulfilled: {\"a\":1}"));
  EXPECT_TRUE(awaits("await tell([1, 2])", "fulfilled: [1,2]"));
}

TEST_F(HostTask, ExceptionRejects) {
  struct Throws {
    static Task<int> at_once() {
      throw std::invalid_argument("at once");
      co_return 0;
    }
    static Task<void> later(Value promise) {
      static_cast<void>(co_await promise);
      throw std::length_error("later");
    }
    static Task<int> below() {
      co_await nothing();
      co_return co_await at_once();
    }
    static Task<int> no_exception() {
      co_await nothing();
      throw 42;
    }
  };
  ASSERT_TRUE(vm_.set("at_once", &Throws::at_once));
  ASSERT_TRUE(vm_.set("later", [](const Value& value) { return Throws::later(value.clone()); }));
  ASSERT_TRUE(vm_.set("below", &Throws::below));
  ASSERT_TRUE(vm_.set("no_exception", &Throws::no_exception));
  EXPECT_TRUE(awaits(R"js(
    const all = [at_once(), later(Promise.resolve()), below(), no_exception()];
    (await Promise.allSettled(all))
      .map(({reason: e}) => `${e.constructor.name} ${e.message}`).join()
  )js",
                     "TypeError at once,RangeError later,TypeError at once,Error the host threw "
                     "something that is no std::exception"));
}

TEST_F(HostTask, ResultFulfilsOrRejects) {
  struct Results {
    static Task<Result<int>> number(bool good) {
      if (!good) co_return std::unexpected(Error{.message = "no number", .name = "RangeError"});
      co_return 5;
    }
    static Task<Result<void>> none(bool good) {
      if (!good) co_return std::unexpected(Error{.message = "nothing", .detail = "E1"});
      co_return Result<void>();
    }
  };
  ASSERT_TRUE(vm_.set("number", &Results::number));
  ASSERT_TRUE(vm_.set("none", &Results::none));
  EXPECT_TRUE(awaits(R"js(
    const all = await Promise.allSettled([number(true), number(false), none(true), none(false)]);
    [all[0].value, all[1].reason.name, typeof all[2].value, all[2].status,
     all[3].reason.code].join()
  )js",
                     "5,RangeError,undefined,fulfilled,E1"));
}

TEST_F(HostTask, ResultMayBeAnythingThatConverts) {
  struct Kinds {
    static Task<User> user(std::string name) {
      co_await nothing();
      co_return User{name, {}, Colour::blue};
    }
    static Task<std::unique_ptr<int>> unique() { co_return std::make_unique<int>(3); }
    static Task<Awkward> awkward() { co_return Awkward{Awkward::Way::exception}; }
  };
  ASSERT_TRUE(vm_.set("user", &Kinds::user));
  ASSERT_TRUE(vm_.set("unique", &Kinds::unique));
  ASSERT_TRUE(vm_.set("awkward", &Kinds::awkward));
  ASSERT_TRUE(vm_.set("same", [](const Value& value) { return pass_on(value.clone()); }));
  EXPECT_TRUE(awaits(R"js(
    const object = {};
    const same_object = await same(Promise.resolve(object));
    [(await user('Ada')).colour, await unique(), await awkward().catch((e) => e.message),
     same_object === object].join())js",
                     "blue,3,thrown on the way,true"));
}

TEST_F(HostTask, ThatPassesARejectionOnRejectsWithThatVeryValue) {
  ASSERT_TRUE(vm_.set("value", [](const Value& value) { return pass_on(value.clone()); }));
  ASSERT_TRUE(vm_.set("result", [](const Value& value) { return pass_on_result(value.clone()); }));
  for (const std::string_view function : {"value", "result"}) {
    EXPECT_TRUE(awaits(fmt::format(R"js(
      globalThis.reason = {{ toString() {{ return 'an object' }} }};
      await {}(Promise.reject(reason)).then(() => 'fulfilled', (e) => e === reason))js",
                                   function),
                       "true"))
        << function << ": Error::thrown names the value for as long as the run goes on";
  }
}

TEST_F(HostTask, MayUseTheVmAfterItsWaits) {
  struct Local {
    static Task<std::string> task(Context context, Value callback, std::string text) {
      static_cast<void>(co_await context.eval("Promise.resolve(1)").value());
      const auto called = callback.call<std::string>(text + "!");
      const auto evaluated = context.eval<int>("40 + 2");
      const Result<Value> failed = context.eval("null.x");
      co_return fmt::format("{} {} {}", called.value_or("?"), evaluated.value_or(0),
                            failed ? "?" : failed.error().name);
    }
  };
  ASSERT_TRUE(vm_.set("f", [](Context context, const Value& callback, std::string text) {
    return Local::task(context, callback.clone(), std::move(text));
  }));
  EXPECT_TRUE(awaits("await f((s) => 'called ' + s, 'text')", "called text! 42 TypeError"));
}

TEST_F(HostTask, ThousandAtOnceAllEnd) {
  const auto asked = lets_ask<int>(vm_);
  const Count ends = lets_wait(vm_);
  ASSERT_TRUE(
      vm_.eval("globalThis.all = Promise.all(Array.from({length: 1000}, () => wait(ask())));0"));
  ASSERT_EQ(asked->size(), 1000U);
  EXPECT_EQ(*ends, 0);
  std::jthread settler([&] {
    for (std::size_t i = 0; i < 1000; ++i) asked->at((i * 7919) % 1000).resolve(1);
  });
  EXPECT_TRUE(awaits("(await all).reduce((a, b) => a + b)", "2000"));
  EXPECT_EQ(*ends, 2000) << "two locals each";
}

TEST_F(HostTask, MayAwaitInTheMiddleOfItself) {
  // await() inside of a task that a future woke: a loop within the loop.
  struct Local {
    static Task<int> task(Context context, int n) {
      const int first = co_await std::async(std::launch::async, [n] { return n; });
      const Result<Value> promise = context.make(std::async(std::launch::async, [] { return 10; }));
      const Result<int> second = context.await<int>(promise.value());
      co_return first + second.value_or(-1000);
    }
  };
  ASSERT_TRUE(vm_.set("f", &Local::task));
  EXPECT_TRUE(awaits("(await Promise.all([f(1), f(2), f(3), f(4)])).join()", "11,12,13,14"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostTask, ThatEndsEndsItsLocalsOnce) {
  const Count ends = lets_wait(vm_);
  EXPECT_TRUE(awaits("await wait(Promise.resolve(4))", "5"));
  EXPECT_EQ(*ends, 2);
  EXPECT_TRUE(awaits("await wait(Promise.reject(4))", "-1"));
  EXPECT_EQ(*ends, 4);
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(*ends, 4);
}

TEST_F(HostTask, SuspendedWhenTheVmEndsEndsItsLocalsOnce) {
  Count ends;
  {
    Runtime vm = make_runtime();
    ends = lets_wait(vm);
    ASSERT_TRUE(vm.eval("wait(new Promise(() => {})); wait(new Promise(() => {})); 0"));
    EXPECT_EQ(*ends, 0);
  }
  EXPECT_EQ(*ends, 4);
  EXPECT_EQ(ends.use_count(), 1) << "nothing of the VM is left";
}

TEST_F(HostTask, SuspendedAtAFutureOrDeferredWhenTheVmEndsEndsItsLocalsOnce) {
  const Count ends = no_ends();
  std::promise<int> promise;
  std::vector<Deferred<int>> made;
  struct Local {
    static Task<int> at_future(std::future<int> future, Count count) {
      const Ends local(count);
      co_return co_await std::move(future);
    }
    static Task<int> at_deferred(Context context, std::vector<Deferred<int>>& out, Count count) {
      const Ends local(count);
      const Deferred<int> deferred = context.deferred<int>().value();
      out.push_back(deferred);
      co_return value_or_throw(co_await deferred);
    }
  };
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("f", [&] { return Local::at_future(promise.get_future(), ends); }));
    ASSERT_TRUE(
        vm.set("g", [&](Context context) { return Local::at_deferred(context, made, ends); }));
    ASSERT_TRUE(vm.eval("f(); g(); 0"));
    EXPECT_EQ(*ends, 0);
  }
  EXPECT_EQ(*ends, 2);
  promise.set_value(1);
  ASSERT_EQ(made.size(), 1U);
  EXPECT_FALSE(made.front().resolve(1));
  EXPECT_EQ(*ends, 2);
}

TEST_F(HostTask, SuspendedWhenTheVmIsResetEndsItsLocalsOnce) {
  const Count ends = lets_wait(vm_);
  ASSERT_TRUE(vm_.eval("wait(new Promise(() => {})); 0"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(*ends, 2);
  EXPECT_TRUE(works(vm_));
  EXPECT_EQ(*ends, 2);
}

TEST_F(HostTask, SuspendedWhenTheVmFaultsEndsItsLocalsOnce) {
  Limits limits = waiting(milliseconds{300});
  limits.grace = nanoseconds{0};
  Runtime vm = make_runtime(limits);
  const Count ends = lets_wait(vm);
  Error error;
  EXPECT_TRUE(fails(vm, "wait(new Promise(() => {})); new Array(2 ** 32 - 1).join('')",
                    Errc::time_limit, &error));
  ASSERT_FALSE(error.vm_usable);
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(*ends, 2);
  EXPECT_TRUE(works(vm));
  EXPECT_EQ(*ends, 2);
}

TEST_F(HostTask, InterruptedWaitIsNotItsEnd) {
  const auto asked = lets_ask<int>(vm_);
  const Count ends = lets_wait(vm_);
  const auto go = lets_signal(vm_);
  std::jthread other([&] {
    go->wait();
    vm_.interrupt();
  });
  EXPECT_TRUE(
      fails(vm_, "globalThis.p = wait(ask()); go(); await p", Errc::interrupted, nullptr, kAwait));
  other.join();
  EXPECT_EQ(*ends, 0) << "the run ended, not what it waited for";
  asked->front().resolve(20);
  EXPECT_TRUE(awaits("await p", "21"));
  EXPECT_EQ(*ends, 2);
}

TEST_F(HostTask, LocalsThatEndWithTheVmFindItClosed) {
  Error seen{.code = Errc{}};
  struct Looks {
    Context context;
    Value held;
    Error* seen;
    Looks(Context where, Value value, Error* into)
        : context(std::move(where)), held(std::move(value)), seen(into) {}
    Looks(const Looks&) = delete;
    Looks& operator=(const Looks&) = delete;
    ~Looks() { *seen = error_of(context.eval("1")); }
    static Task<void> task(Context where, Value promise, Error* into) {
      const Looks local(where, promise.clone(), into);
      static_cast<void>(co_await promise);
    }
  };
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("f", [&](Context context, const Value& promise) {
      return Looks::task(context, promise.clone(), &seen);
    }));
    ASSERT_TRUE(vm.eval("f(new Promise(() => {})); 0"));
  }
  EXPECT_EQ(seen.code, Errc::closed) << describe(seen);
}

TEST_F(HostTask, GoesOnWithoutItsFunction) {
  const auto asked = lets_ask<int>(vm_);
  ASSERT_TRUE(vm_.set("f", [](const Value& promise) { return pass_on(promise.clone()); }));
  ASSERT_TRUE(vm_.eval("globalThis.p = f(ask()); 0"));
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  asked->front().resolve(8);
  EXPECT_TRUE(awaits("await p", "8"));
}

TEST_F(HostTask, MayDropItsRuntime) {
  std::optional<Runtime> vm = make_runtime(waiting());
  const Count ends = no_ends();
  struct Local {
    static Task<int> task(std::optional<Runtime>& runtime, Value promise, Count count) {
      const Ends local(count);
      static_cast<void>(co_await promise);
      runtime.reset();
      co_return 3;
    }
  };
  ASSERT_TRUE(
      vm->set("f", [&](const Value& promise) { return Local::task(vm, promise.clone(), ends); }));
  const Result<Value> result = vm->eval("await f(Promise.resolve()) + 1", kAwait);
  EXPECT_FALSE(vm);
  EXPECT_EQ(outcome(result), "4") << "its run goes on to its end";
  EXPECT_EQ(*ends, 1);
}

TEST_F(HostTask, CalledFromCppGivesAPromise) {
  ASSERT_TRUE(vm_.set("f", doubled));
  const Result<Value> promise = vm_.global().invoke("f", 5);
  ASSERT_TRUE(promise);
  EXPECT_TRUE(promise->is_promise());
  EXPECT_EQ(vm_.await<int>(*promise).value_or(0), 12);
}

TEST_F(HostTask, ThatIsDoneIsFreedWithoutAnAwait) {
  const Count ends = no_ends();
  struct Local {
    static Task<void> task(Count) { co_return; }
  };
  ASSERT_TRUE(vm_.set("f", [ends] { return Local::task(ends); }));
  const auto before = ends.use_count();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(vm_.eval("f(); 0"));
  EXPECT_LT(ends.use_count(), before + 100) << "parameters of tasks that ended long ago";
}

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
