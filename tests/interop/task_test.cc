// Coroutines of the host: Task.

#include <chrono>
#include <cstddef>
#include <exception>
#include <future>
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

// Coroutines of the host.

using HostTask = WithVm;

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

Task<Result<int>> pass_on_result(Value promise) {
  const Result<Value> settled = co_await promise;
  if (!settled) co_return std::unexpected(settled.error());
  co_return settled->as<int>();
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
  EXPECT_TRUE(awaits("await tell({a: 1})", "fulfilled: { a: 1 }"));
  EXPECT_TRUE(awaits("await tell([1, 2])", "fulfilled: [ 1, 2 ]"));
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

}  // namespace
}  // namespace sandglass::test
