// Limits::wall_time, cpu_time and grace: a run is ended, whatever it does. How late that was is
// printed; no timing decides a test but kSurvived, which tells "ended" from "not ended".

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "corpus.h"

namespace sandglass::test {
namespace {

[[nodiscard]] Limits with_wall(nanoseconds wall, nanoseconds grace = milliseconds{10}) {
  Limits limits;
  limits.wall_time = wall;
  limits.grace = grace;
  return limits;
}

[[nodiscard]] Runtime with_sleeping_sink(const Limits& limits, nanoseconds sleep) {
  Options options;
  options.limits = limits;
  options.console = [sleep](ConsoleStream, std::string_view) {
    std::this_thread::sleep_for(sleep);
  };
  return make_runtime(std::move(options));
}

class TimeHog : public ::testing::TestWithParam<HostileScript> {
 protected:
  /// Runs the script with a limit of 50 ms and expects it to be ended as its header allows, with
  /// the VM in the state that the result tells. Whether the engine is done within a short grace
  /// depends on how much garbage a script leaves to be freed: what its header says of the VM is
  /// asked for only if `grace` leaves no doubt.
  static void expect_ended(nanoseconds grace) {
    HostileScript script = GetParam();
    if (grace < seconds{1}) script.then = HostileScript::Then::any;
    Limits limits = with_wall(milliseconds{50}, grace);
    limits.memory_bytes = script.memory_bytes.value_or(limits.memory_bytes);
    Runtime vm = make_runtime(limits);
    const Clock::time_point start = Clock::now();
    const Result<Value> result = run(vm, script);
    const nanoseconds taken = Clock::now() - start;
    fmt::print("{}: {:.3f} ms over, {}\n", script.name,
               std::chrono::duration<double, std::milli>(taken - *limits.wall_time).count(),
               result ? "ok" : describe(result.error()).substr(0, 80));
    EXPECT_TRUE(ended_as_expected(script, result));
    EXPECT_LT(taken, kSurvived);
    EXPECT_EQ(vm.usable(), result || result.error().vm_usable);
    if (!vm.usable()) {
      EXPECT_FALSE(vm.eval("1+1"));
      ASSERT_TRUE(vm.reset());
    }
    // Grace zero cuts also what is only late: patience is then no help, so such a VM gets no second
    // script.
    if (grace == nanoseconds{0}) return;
    EXPECT_TRUE(adds(vm));
    ASSERT_TRUE(vm.reset());
    EXPECT_TRUE(works(vm));
  }
};

TEST_P(TimeHog, IsEndedAndTheVmIsAsReported) {
  expect_ended(milliseconds{10});
}
TEST_P(TimeHog, IsEndedWithoutGraceToo) {
  expect_ended(nanoseconds{0});
}

INSTANTIATE_TEST_SUITE_P(Corpus, TimeHog, ::testing::ValuesIn(hostile_scripts("time")),
                         script_name);

class PollingTimeHog : public TimeHog {};

TEST_P(PollingTimeHog, EndsSoftlyAndTheVmStaysUsable) {
  expect_ended(seconds{1});
}

[[nodiscard]] std::vector<HostileScript> polling() {
  std::vector<HostileScript> scripts = hostile_scripts("time");
  std::erase_if(scripts, [](const HostileScript& script) {
    return script.then != HostileScript::Then::usable;
  });
  return scripts;
}

INSTANTIATE_TEST_SUITE_P(Corpus, PollingTimeHog, ::testing::ValuesIn(polling()), script_name);

class TimeLimit : public ::testing::Test {
 protected:
  static constexpr std::string_view kLoop = "for (;;);";
  static constexpr std::string_view kNeverPolls = "new Array(2 ** 32 - 1).join('')";
};

TEST_F(TimeLimit, EndsALoopSoftlyAndTheVmStaysUsable) {
  Runtime vm = make_runtime(with_wall(milliseconds{20}, seconds{1}));
  for (int i = 0; i < 20; ++i) {
    Error error;
    const Clock::time_point start = Clock::now();
    ASSERT_TRUE(fails(vm, kLoop, Errc::time_limit, &error));
    EXPECT_GE(Clock::now() - start, milliseconds{20}) << "too early";
    ASSERT_TRUE(error.vm_usable);
    ASSERT_FALSE(error.completion);
    ASSERT_TRUE(works(vm)) << i;
  }
}

TEST_F(TimeLimit, CutsABuiltInThatNeverPollsAndResetHeals) {
  Runtime vm = make_runtime(with_wall(milliseconds{20}, milliseconds{1}));
  for (int i = 0; i < 20; ++i) {
    Error error;
    const Clock::time_point start = Clock::now();
    ASSERT_TRUE(fails(vm, kNeverPolls, Errc::time_limit, &error));
    EXPECT_LT(Clock::now() - start, kSurvived);
    ASSERT_FALSE(error.vm_usable);
    ASSERT_TRUE(faulted_and_reset_heals(vm)) << i;
  }
}

TEST_F(TimeLimit, ACutVmCanBeDropped) {
  for (int i = 0; i < 10; ++i) {
    Runtime vm = make_runtime(with_wall(milliseconds{5}, nanoseconds{0}));
    EXPECT_TRUE(fails(vm, kNeverPolls, Errc::time_limit));
  }
  Runtime vm = make_runtime();
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, NeitherCatchNorFinallyHoldsOn) {
  const std::string_view sources[] = {
      "for (;;) try { for (;;); } catch (e) { globalThis.caught = 1 }",
      "try { for (;;); } finally { globalThis.caught = 1 }",
      "(function f() { try { for (;;); } finally { return f() } })()",
      "async function f() { try { for (;;) await null } catch { globalThis.caught = 1 } finally { "
      "globalThis.caught = 1 } } f()",
      "function* g() { try { for (;;) yield 1 } finally { globalThis.caught = 1 } } for (const x "
      "of g());",
      "new Promise(() => { for (;;); }).catch(() => { globalThis.caught = 1 })",
      "[1].map(() => { try { for (;;); } catch { globalThis.caught = 1 } })",
      "new Proxy({}, {get() { try { for (;;); } catch { globalThis.caught = 1 } }}).x",
      "[2, 1].sort(() => { try { for (;;); } finally { globalThis.caught = 1 } })",
      "'x'.replace(/x/, () => { try { for (;;); } finally { globalThis.caught = 1 } })",
      "JSON.stringify({toJSON() { try { for (;;); } catch { globalThis.caught = 1 } }})",
  };
  for (const std::string_view source : sources) {
    Runtime vm = make_runtime(with_wall(milliseconds{50}, seconds{1}));
    Error error;
    const Clock::time_point start = Clock::now();
    EXPECT_TRUE(fails(vm, source, Errc::time_limit, &error)) << source;
    EXPECT_LT(Clock::now() - start, kSurvived);
    EXPECT_TRUE(error.vm_usable) << source;
    const Result<Value> caught = patiently(vm, [&] { return vm.eval("typeof caught"); });
    EXPECT_EQ(outcome(caught), "undefined") << source;
    EXPECT_TRUE(works(vm)) << source;
  }
}

// Several loops: the one that is at work dies of the limit, the others still wait for their turn.
TEST_F(TimeLimit, PromiseLoopsDoNotGoOnInTheNextRun) {
  Runtime vm = make_runtime(with_wall(milliseconds{100}));
  EXPECT_TRUE(fails(vm, R"(
    globalThis.n = 0;
    function turn() { n++; Promise.resolve().then(turn) }
    for (let i = 0; i < 10; i++) turn())",
                    Errc::time_limit));
  const std::string at_end = outcome(patiently(vm, [&] { return vm.eval("n"); }));
  EXPECT_GT(std::atoi(at_end.c_str()), 0) << at_end;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("Promise.resolve(); n"); })), at_end);
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, AnAwaitLoopDoesNotGoOnInTheNextRun) {
  Runtime vm = make_runtime(with_wall(milliseconds{100}));
  EXPECT_TRUE(fails(vm, "globalThis.n = 0; for (;;) { n++; await null }", Errc::time_limit, nullptr,
                    {.top_level_await = true}));
  const std::string at_end = outcome(patiently(vm, [&] { return vm.eval("n"); }));
  EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("n"); })), at_end);
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, BoundsTheTimeOfHostCallbacksToo) {
  Runtime vm = with_sleeping_sink(with_wall(milliseconds{50}), milliseconds{30});
  EXPECT_TRUE(fails(vm, "for (let i = 0; i < 20; i++) console.log(i); globalThis.through = 1",
                    Errc::time_limit));
  EXPECT_TRUE(vm.usable()) << "grace is time to compute, which a callback that waits does not use";
  EXPECT_EQ(outcome(patiently(vm, [&] { return vm.eval("typeof through"); })), "undefined");
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, ThatFallsInsideAHostCallbackWaitsForItsReturn) {
  std::atomic<int> returned = 0;
  Options options;
  options.limits = with_wall(milliseconds{300}, nanoseconds{0});
  options.console = [&](ConsoleStream, std::string_view) {
    std::this_thread::sleep_for(milliseconds{600});
    ++returned;
  };
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(fails(vm, "console.log('x'); console.log('y'); console.log('z')", Errc::time_limit));
  EXPECT_EQ(returned, 1) << "the callback runs to its end, and no other is begun";
  if (!vm.usable()) {
    ASSERT_TRUE(vm.reset());
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, GraceIsNotUsedUpByACallbackThatWaits) {
  std::atomic<int> returned = 0;
  std::optional<Runtime> vm;
  Options options;
  options.limits = with_wall(seconds{60});
  options.console = [&](ConsoleStream, std::string_view) {
    vm->interrupt();
    std::this_thread::sleep_for(milliseconds{200});
    ++returned;
  };
  vm.emplace(make_runtime(std::move(options)));
  Error error;
  EXPECT_TRUE(
      fails(*vm, "console.log('x'); console.log('y'); for (;;);", Errc::interrupted, &error));
  EXPECT_EQ(returned, 1) << "the script ends as soon as it would go on";
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(*vm));
}

// The engine loads a graph of modules without looking up.
TEST_F(TimeLimit, BindsALoaderThatWaits) {
  class Slow final : public ModuleLoader {
   public:
    Result<std::string> resolve(const ModuleRequest& request) override {
      return std::string(request.specifier);
    }
    Result<ModuleSource> load(std::string_view name) override {
      ++loads;
      std::this_thread::sleep_for(milliseconds{20});
      return ModuleSource{.text = fmt::format("import '{}'", std::stoi(std::string(name)) + 1)};
    }
    int loads = 0;
  };
  const auto slow = std::make_shared<Slow>();
  Options options;
  options.limits = with_wall(milliseconds{50}, seconds{1});
  options.modules = slow;
  Runtime vm = make_runtime(std::move(options));
  Error error;
  EXPECT_TRUE(
      fails(vm, "import '0'", Errc::time_limit, &error, EvalOptions{.kind = SourceKind::module}));
  EXPECT_LE(slow->loads, 3) << "each takes 20 ms, and none is begun after the end";
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm));
}

TEST_F(TimeLimit, BelowItTheScriptCompletes) {
  Runtime vm = make_runtime(with_wall(seconds{60}));
  EXPECT_TRUE(gives(vm, "let n = 0; for (let i = 0; i < 1e6; i++) n++; n", "1000000"));
  EXPECT_TRUE(gives(vm, "'a'.repeat(1e6).indexOf('b')", "-1"));
}

TEST_F(TimeLimit, IsCountedAnewForEachRun) {
  Runtime vm = with_sleeping_sink(with_wall(milliseconds{500}), milliseconds{50});
  for (int i = 0; i < 15; ++i) {
    const Result<Value> value = patiently(vm, [&] { return vm.eval("console.log('x'); 1"); });
    ASSERT_EQ(outcome(value), "1") << i;
  }
}

TEST_F(TimeLimit, OfAMillisecondIsNotTheEndOfTheVm) {
  Runtime vm = make_runtime(with_wall(milliseconds{1}));
  for (int i = 0; i < 50; ++i) {
    const Error error = error_of(vm.eval(kLoop));
    ASSERT_EQ(error.code, Errc::time_limit) << describe(error);
    if (!error.vm_usable) {
      ASSERT_TRUE(vm.reset());
    }
  }
}

TEST_F(TimeLimit, NoneLetsAScriptRun) {
  Limits limits;
  limits.wall_time = std::nullopt;
  Runtime vm = make_runtime(limits);
  EXPECT_TRUE(gives(vm, "let n = 0; for (let i = 0; i < 2e6; i++) n++; n", "2000000"));
}

TEST_F(TimeLimit, AVmLeftAloneForLongerStillRuns) {
  Runtime vm = make_runtime(with_wall(milliseconds{30}));
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(milliseconds{60});
    ASSERT_EQ(outcome(patiently(vm, [&] { return vm.eval("1+1"); })), "2");
  }
}

TEST_F(TimeLimit, EndsAnEndlessParseOrCompile) {
  Runtime vm = make_runtime(with_wall(milliseconds{50}));
  const Clock::time_point start = Clock::now();
  const Result<Value> result = vm.eval("for (;;) new Function('a'.repeat(1e6))");
  EXPECT_EQ(error_of(result).code, Errc::time_limit) << outcome(result);
  EXPECT_LT(Clock::now() - start, kSurvived);
  EXPECT_TRUE(as_reported(vm, result.error()));
}

TEST_F(TimeLimit, IsDescribed) {
  Runtime vm = make_runtime(with_wall(milliseconds{20}));
  const Error error = error_of(vm.eval(kLoop));
  EXPECT_EQ(describe(error).find("time_limit: "), 0U) << describe(error);
  EXPECT_FALSE(error.message.empty());
}

class CpuTimeLimit : public TimeLimit {};

TEST_F(CpuTimeLimit, EndsALoop) {
  Limits limits = roomy();
  limits.cpu_time = milliseconds{50};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  for (int i = 0; i < 5; ++i) {
    Error error;
    ASSERT_TRUE(fails(vm, kLoop, Errc::time_limit, &error));
    ASSERT_TRUE(error.vm_usable);
    ASSERT_TRUE(works(vm));
  }
}

TEST_F(CpuTimeLimit, CutsABuiltInThatNeverPolls) {
  Limits limits = roomy();
  limits.cpu_time = milliseconds{20};
  limits.grace = milliseconds{1};
  Runtime vm = make_runtime(limits);
  Error error;
  ASSERT_TRUE(fails(vm, kNeverPolls, Errc::time_limit, &error));
  EXPECT_FALSE(error.vm_usable);
  EXPECT_TRUE(faulted_and_reset_heals(vm));
}

TEST_F(CpuTimeLimit, AWaitingHostCallbackIsFree) {
  Limits limits = roomy();
  limits.cpu_time = milliseconds{100};
  Runtime vm = with_sleeping_sink(limits, milliseconds{100});
  EXPECT_TRUE(gives(vm, "for (let i = 0; i < 5; i++) console.log(i); 'through'", "through"));
  EXPECT_TRUE(fails(vm, "console.log('first'); for (;;);", Errc::time_limit))
      << "and what is left is still counted";
  EXPECT_TRUE(works(vm));
}

TEST_F(CpuTimeLimit, WallTimeStillBindsWhatWaits) {
  Limits limits = with_wall(milliseconds{50});
  limits.cpu_time = seconds{60};
  Runtime vm = with_sleeping_sink(limits, milliseconds{30});
  EXPECT_TRUE(fails(vm, "for (;;) console.log('x')", Errc::time_limit));
}

TEST_F(CpuTimeLimit, IsCountedAnewForEachRun) {
  Limits limits = roomy();
  limits.cpu_time = seconds{1};
  Runtime vm = make_runtime(limits);
  const Clock::time_point start = Clock::now();
  while (vm.stats().cpu < milliseconds{1500} && Clock::now() - start < seconds{60}) {
    ASSERT_TRUE(gives(vm, "for (let i = 0; i < 1e6; i++); 'through'", "through"));
  }
  EXPECT_GE(vm.stats().cpu, milliseconds{1500});
}

}  // namespace
}  // namespace sandglass::test
