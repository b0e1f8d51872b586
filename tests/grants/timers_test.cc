// Timers: their order, what clears them, who waits for them, and what bounds them.

#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Timers : public ::testing::Test {
 protected:
  // What the script logs until nothing is left.
  std::string logged(std::string_view script) {
    log_.clear();
    Result<Value> value = vm_.eval(script);
    if (!value) return describe(value.error());
    const Result<bool> idle = vm_.run();
    if (!idle) return log_ + describe(idle.error());
    return log_;
  }

  std::string log_;
  Runtime vm_ =
      make_runtime({.limits = roomy(), .console = [this](ConsoleStream, std::string_view text) {
                      log_ += text.substr(0, text.size() - 1);
                      log_ += ' ';
                    }});
};

TEST_F(Timers, FireInTheOrderOfTheirTimesThenOfTheirAge) {
  EXPECT_EQ(logged("setTimeout(() => console.log('c'), 20); setTimeout(() => console.log('a'), 10);"
                   "setTimeout(() => console.log('b'), 10); setTimeout(() => console.log('0'), 0)"),
            "0 a b c ");
}

TEST_F(Timers, ComeAfterJobsAndImmediates) {
  EXPECT_EQ(
      logged("setTimeout(() => console.log('timer'), 0); setImmediate(() => console.log('now'));"
             "queueMicrotask(() => console.log('job')); console.log('script')"),
      "script job now timer ");
}

TEST_F(Timers, RunTheJobsOfOneBeforeTheNext) {
  EXPECT_EQ(
      logged(
          "setTimeout(() => { console.log(1); Promise.resolve().then(() => console.log(2)); }, 1);"
          "setTimeout(() => console.log(3), 1)"),
      "1 2 3 ");
}

TEST_F(Timers, HandOnTheirArguments) {
  EXPECT_EQ(logged("setTimeout((...all) => console.log(all.length, ...all), 1, 'x', undefined, 3)"),
            "3 x undefined 3 ");
}

TEST_F(Timers, CanBeClearedByAnyOfTheThreeNamesAndByThemselves) {
  EXPECT_EQ(logged("clearTimeout(setTimeout(() => console.log('no'), 1));"
                   "clearInterval(setTimeout(() => console.log('no'), 1));"
                   "clearTimeout(setInterval(() => console.log('no'), 1));"
                   "clearImmediate(setImmediate(() => console.log('no')));"
                   "clearTimeout(String(setTimeout(() => console.log('no'), 1)));"
                   "let n = 0; const t = setInterval(() => { console.log(n); if (++n === 3) "
                   "clearInterval(t); }, 7)"),
            "0 1 2 ");
}

TEST_F(Timers, ClearingWhatIsNoTimerDoesNothing) {
  EXPECT_EQ(logged("for (const it of [undefined, null, {}, NaN, -1, 0, 2 ** 31, 1e300, '', 'x', "
                   "Symbol(), 1n])"
                   "  clearTimeout(it); console.log('ok')"),
            "ok ");
}

TEST_F(Timers, OneClearedByAnotherOfTheSameTimeDoesNotFire) {
  EXPECT_EQ(logged("let b; setTimeout(() => { console.log('a'); clearTimeout(b); }, 1);"
                   "b = setTimeout(() => console.log('b'), 1)"),
            "a ");
}

TEST_F(Timers, AnIntervalDoesNotStarveOthers) {
  EXPECT_EQ(logged("let n = 0; const t = setInterval(() => { if (++n === 5) clearInterval(t); "
                   "console.log('i'); }, 1);"
                   "setTimeout(() => console.log('t'), 2)"),
            "i t i i i i ");
}

TEST_F(Timers, DelaysThatAreNoneAreOneMillisecond) {
  EXPECT_EQ(logged("for (const [name, delay] of [['nan', NaN], ['neg', -5], ['big', 2 ** 31], "
                   "['inf', Infinity], ['none', undefined]])"
                   "  setTimeout(() => console.log(name), delay);"
                   "setTimeout(() => console.log('two'), 2)"),
            "nan neg big inf none two ");
}

TEST_F(Timers, WhatIsNoFunctionIsRefused) {
  EXPECT_EQ(logged("setTimeout('console.log(1)', 1)"),
            "threw: TypeError: The \"callback\" argument must be of type function");
}

TEST_F(Timers, AnErrorEndsTheRunAndTheOthersWaitForTheNext) {
  EXPECT_EQ(logged("setTimeout(() => { throw new Error('late'); }, 1); setTimeout(() => "
                   "console.log('next'), 2)"),
            "threw: Error: late");
  ASSERT_TRUE(vm_.run());
  EXPECT_EQ(log_, "next ");
}

TEST_F(Timers, EvalDoesNotWaitForThemButAwaitDoes) {
  ASSERT_TRUE(vm_.eval("globalThis.fired = 0; setTimeout(() => { fired++; }, 5)"));
  EXPECT_EQ(vm_.eval<int>("fired").value_or(-1), 0);
  const Result<Value> promise = vm_.eval("new Promise(r => setTimeout(() => r(fired), 10))");
  ASSERT_TRUE(promise);
  EXPECT_EQ(vm_.await<int>(*promise).value_or(-1), 1);
}

TEST_F(Timers, EvalThatRunsUntilIdleWaitsForAllThatFollows) {
  const auto value = vm_.eval<int>(
      "globalThis.fired = 0; setTimeout(() => setTimeout(() => { fired++; }, 5), 5); fired",
      {.until_idle = true});
  EXPECT_EQ(value.value_or(-1), 0) << "the value is that of the script itself";
  EXPECT_EQ(vm_.eval<int>("fired").value_or(-1), 1);
  const auto code = vm_.compile("setTimeout(() => { fired++; }, 5)");
  ASSERT_TRUE(code);
  ASSERT_TRUE(vm_.run(*code, {.until_idle = true}));
  EXPECT_EQ(vm_.eval<int>("fired").value_or(-1), 2);
}

TEST_F(Timers, ThrownUntilIdleEndTheRunAndAreToldByTheirSource) {
  const auto late = vm_.eval("let n = 1;\nsetTimeout(() => { n.x.y; }, 5);\nn",
                             {.file_name = "late.js", .until_idle = true});
  ASSERT_FALSE(late);
  ASSERT_TRUE(late.error().location);
  EXPECT_EQ(late.error().location->line, 2);
  EXPECT_EQ(late.error().location->text, "setTimeout(() => { n.x.y; }, 5);");
  // Nobody can handle it any more: it is not waited for what comes later.
  const auto rejected = vm_.eval(
      "globalThis.came = false; setTimeout(() => { came = true; }, 5); Promise.reject(new "
      "Error('now'))",
      {.until_idle = true});
  ASSERT_FALSE(rejected);
  EXPECT_EQ(rejected.error().message, "now");
  EXPECT_EQ(vm_.eval<bool>("came").value_or(true), false);
}

TEST(TimersWithTime, UntilIdleAllLimitsAreThoseOfOneRun) {
  Runtime vm = make_runtime({.limits = {.wall_time = std::nullopt, .fuel = 100}});
  const auto value = vm.eval(
      "for (let i = 0; i < 1e5; i++); setTimeout(() => { for (let i = 0; i < 5e5; i++); }, 5); 1",
      {.until_idle = true});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Errc::fuel_limit);
  EXPECT_TRUE(value.error().vm_usable);
}

TEST_F(Timers, TooManyAreRefusedAndTheVmGoesOn) {
  EXPECT_EQ(logged("let n = 0; try { for (;;) { setTimeout(() => {}, 1); n++; } } catch (e) { "
                   "console.log(e.name, n); }"),
            "RangeError 65536 ");
  EXPECT_EQ(logged("setTimeout(() => console.log('again'), 1)"), "again ");
}

TEST_F(Timers, GoWithAReset) {
  ASSERT_TRUE(vm_.eval("setTimeout(() => console.log('old'), 1)"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(logged("setTimeout(() => console.log('new'), 1)"), "new ");
}

TEST_F(Timers, ComeAlongInASnapshotAndFireInEachCopy) {
  ASSERT_TRUE(vm_.eval(
      "setTimeout(x => console.log('kept', x), 50, 7); setImmediate(() => console.log('now'))"));
  const Result<Snapshot> snapshot = vm_.snapshot();
  ASSERT_TRUE(snapshot);
  const Result<std::vector<std::byte>> bytes = snapshot->save();
  ASSERT_TRUE(bytes) << describe(bytes.error());
  const Result<Snapshot> loaded = Snapshot::load(*bytes);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  for (const Snapshot* from : {&*snapshot, &*loaded}) {
    Options options = from->options();
    std::string log;
    options.console = [&log](ConsoleStream, std::string_view text) { log += text; };
    Result<Runtime> copy = Runtime::from(*from, options);
    ASSERT_TRUE(copy);
    ASSERT_TRUE(copy->run());
    EXPECT_EQ(log, "now\nkept 7\n");
  }
}

TEST_F(Timers, PromisesOfTheHostComeBeforeTimeThatDoesNotPass) {
  std::jthread other;
  Result<Value> slow = vm_.function("slow", [&](const Context& context) -> Result<Deferred<int>> {
    Result<Deferred<int>> deferred = context.deferred<int>("slow");
    if (!deferred) return deferred;
    other = std::jthread([kept = *deferred]() mutable {
      std::this_thread::sleep_for(milliseconds{20});
      kept.resolve(1);
    });
    return deferred;
  });
  ASSERT_TRUE(slow);
  ASSERT_TRUE(vm_.set("slow", *slow));
  EXPECT_EQ(logged("Promise.race([slow(), new Promise(r => setTimeout(r, 5000, 'timeout'))])"
                   "  .then(x => console.log(x))"),
            "1 ");
}

TEST(TimersWithTime, AreBoundedByTheWallTime) {
  Runtime vm = make_runtime(
      {.limits = {.wall_time = milliseconds{50}}, .grants = {.clock = sandglass::Clock::system()}});
  const Result<Value> value =
      vm.eval("await new Promise(r => setTimeout(r, 3600000))", {.top_level_await = true});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Errc::time_limit);
  EXPECT_TRUE(value.error().vm_usable);
}

TEST(TimersWithTime, AnIntervalThatNeverEndsMeetsTheWallTimeWithEachClock) {
  for (const sandglass::Clock clock : {sandglass::Clock::none(), sandglass::Clock::system()}) {
    Runtime vm =
        make_runtime({.limits = {.wall_time = milliseconds{100}}, .grants = {.clock = clock}});
    ASSERT_TRUE(vm.eval("setInterval(() => {}, 1)"));
    const Result<bool> idle = vm.run();
    ASSERT_FALSE(idle);
    EXPECT_EQ(idle.error().code, Errc::time_limit);
    EXPECT_TRUE(idle.error().vm_usable);
  }
}

TEST(TimersWithTime, ARunEndsAtItsDeadlineWhereTimersNeverEndAndNeverWait) {
  Runtime vm = make_runtime({.limits = roomy()});
  ASSERT_TRUE(vm.eval("globalThis.n = 0; setInterval(() => { n++; }, 1)"));
  const Result<bool> idle = vm.run(std::chrono::steady_clock::now() + milliseconds{20});
  ASSERT_TRUE(idle) << describe(idle.error());
  EXPECT_FALSE(*idle);
  EXPECT_GT(vm.eval<int>("n").value_or(0), 0);
}

TEST(TimersWithTime, AnInterruptEndsTheWait) {
  Runtime vm = make_runtime({.limits = roomy(), .grants = {.clock = sandglass::Clock::system()}});
  ASSERT_TRUE(vm.eval("setTimeout(() => {}, 3600000)"));
  std::jthread other([&vm] {
    std::this_thread::sleep_for(milliseconds{20});
    vm.interrupt();
  });
  const Result<bool> idle = vm.run();
  ASSERT_FALSE(idle);
  EXPECT_EQ(idle.error().code, Errc::interrupted);
}

TEST_F(Timers, ThatAScriptReplacedBuiltInsDoesNotMatter) {
  EXPECT_EQ(logged("const log = console.log;"
                   "Object.defineProperty(Array.prototype, '0', { set() { log('caught'); } });"
                   "Object.defineProperty(Object.prototype, 'value', { set() { log('caught'); } });"
                   "Array.prototype[Symbol.iterator] = () => { log('caught'); };"
                   "globalThis.Promise = class { constructor() { log('caught'); } };"
                   "setTimeout((a) => log(a), 1, 'fine')"),
            "fine ");
}

}  // namespace
}  // namespace sandglass::test
