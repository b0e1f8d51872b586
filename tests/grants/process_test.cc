// process: what a script is told of its surroundings, and how it ends itself.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

std::string json_of(Runtime& vm, std::string_view script) {
  const Result<Value> value = vm.eval(script);
  if (!value) return describe(value.error());
  return value->to_json().value_or("?");
}

TEST(Process, WithoutAGrantTheEnvironmentIsEmptyWhateverTheHostHas) {
  ::setenv("SANDGLASS_TEST_SECRET", "hunter2", 1);
  Runtime vm = make_runtime();
  EXPECT_EQ(json_of(vm, "process.env"), "{}");
  EXPECT_EQ(json_of(vm, "[process.argv, scriptArgs]"), R"([["sandglass","script"],[]])");
}

TEST(Process, ShowsArgumentsAndWhatIsGrantedOfTheEnvironment) {
  Runtime vm = make_runtime(
      {.grants = {.environment = {{"HOME", "/home"}, {"LANG", "C"}}}, .arguments = {"a", "b"}});
  EXPECT_EQ(json_of(vm, "process.env"), R"({"HOME":"/home","LANG":"C"})");
  EXPECT_EQ(json_of(vm, "[process.argv, scriptArgs]"),
            R"([["sandglass","script","a","b"],["a","b"]])");
}

TEST(Process, IsToldTheNameOfTheScript) {
  Runtime vm = make_runtime({.arguments = {"a"}, .script_name = "dir/main.js"});
  EXPECT_EQ(json_of(vm, "process.argv"), R"(["sandglass","dir/main.js","a"])");
  EXPECT_EQ(json_of(vm, "scriptArgs"), R"(["a"])");
  EXPECT_EQ(error_of(Runtime::create({.script_name = "\xff"})).message, "script_name is not UTF-8");
}

TEST(Process, AnEnvironmentMayHaveAnyNames) {
  Runtime vm =
      make_runtime({.grants = {.environment = {{"__proto__", "x"}, {"constructor", "y"}}}});
  EXPECT_EQ(
      json_of(vm, "[Object.keys(process.env), process.env.constructor, ({}).x === undefined]"),
      R"([["__proto__","constructor"],"y",true])");
}

TEST(Process, AVmFromASnapshotHasItsOwnEnvironment) {
  Runtime vm = make_runtime({.grants = {.environment = {{"TOKEN", "secret"}}}});
  const Result<Snapshot> snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  Options options = snapshot->options();
  options.grants.environment = {{"TOKEN", "other"}};
  Result<Runtime> other = Runtime::from(*snapshot, options);
  ASSERT_TRUE(other);
  EXPECT_EQ(json_of(*other, "process.env"), R"({"TOKEN":"other"})");
  options.grants.environment = {};
  Result<Runtime> none = Runtime::from(*snapshot, options);
  ASSERT_TRUE(none);
  EXPECT_EQ(json_of(*none, "process.env"), "{}");
}

TEST(Process, AVmFromAFileHasWhatItIsGrantedAndNotWhatTheSavedOneHad) {
  Runtime vm = make_runtime({.grants = {.environment = {{"TOKEN", "secret"}}}});
  const Result<Snapshot> snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  const Result<Snapshot> loaded = Snapshot::load(*snapshot->save());
  ASSERT_TRUE(loaded) << describe(loaded.error());
  Result<Runtime> other = Runtime::from(*loaded);
  ASSERT_TRUE(other);
  EXPECT_EQ(json_of(*other, "process.env"), "{}");
}

TEST(ProcessExit, EndsTheScriptWithItsStatus) {
  Runtime vm = make_runtime();
  const Result<Value> value = vm.eval("process.exit(3); globalThis.after = 1");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Errc::exited);
  EXPECT_EQ(value.error().exit_status, 3);
  EXPECT_TRUE(value.error().vm_usable);
  EXPECT_EQ(json_of(vm, "typeof after"), "\"undefined\"");
}

TEST(ProcessExit, CannotBeCaughtAndRunsNoFinally) {
  Runtime vm = make_runtime();
  const Result<Value> value = vm.eval(
      "globalThis.seen = []; try { process.exit(1) } catch { seen.push('catch') } finally { "
      "seen.push('finally') }");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().exit_status, 1);
  EXPECT_EQ(json_of(vm, "seen"), "[]");
}

TEST(ProcessExit, LeavesNoTimersJobsOrRejectionsToTell) {
  Runtime vm = make_runtime();
  const Result<Value> value =
      vm.eval("Promise.reject(new Error('x')); Promise.resolve().then(() => process.exit(0))");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code, Errc::exited);
  EXPECT_EQ(value.error().exit_status, 0);
}

TEST(ProcessExit, TakesTheLowByteAndTheExitCode) {
  const auto status = [](std::string_view script) {
    Runtime vm = make_runtime();
    const Result<Value> value = vm.eval(script);
    return value ? -1 : value.error().exit_status.value_or(-2);
  };
  EXPECT_EQ(status("process.exit()"), 0);
  EXPECT_EQ(status("process.exit(256 + 7)"), 7);
  EXPECT_EQ(status("process.exit(-1)"), 255);
  EXPECT_EQ(status("process.exitCode = 5; process.exit()"), 5);
  EXPECT_EQ(status("process.exit('no number')"), 1);
  EXPECT_EQ(status("process.exit(1e300)"), 1);
  EXPECT_EQ(status("process.exit(NaN)"), 1);
}

TEST(Deterministic, TheSameSeedGivesTheSameBytesAndFuel) {
  constexpr std::string_view kScript =
      "const list = []; for (let i = 0; i < 20000; i++) list.push(Math.random());"
      "list.sort(); const seen = new Map(); for (const x of list) seen.set(x, Date.now());"
      "await new Promise(r => setTimeout(r, 60000));"
      "console.log(list[7], seen.size, new Date().toISOString(), performance.now())";
  const auto run = [&](std::uint64_t seed) {
    std::string out;
    Options options = Options::deterministic(seed);
    options.console = [&out](ConsoleStream, std::string_view text) { out += text; };
    Runtime vm = make_runtime(options);
    const Result<Value> value = vm.eval(kScript, {.top_level_await = true});
    if (!value) out += describe(value.error());
    return fmt::format("{}fuel {}", out, vm.stats().fuel);
  };
  const std::string first = run(42);
  EXPECT_EQ(first, run(42));
  EXPECT_NE(first, run(43));
}

TEST(Deterministic, FuelEndsWhatNeverEndsAtTheSamePlaceEachTime) {
  const auto turns = [] {
    Options options = Options::deterministic(1);
    options.limits.fuel = 50;
    Runtime vm = make_runtime(options);
    const Result<Value> value = vm.eval("globalThis.n = 0; for (;;) n++");
    if (value || value.error().code != Errc::fuel_limit) return -1.0;
    return vm.eval<double>("n").value_or(-2);
  };
  const double first = turns();
  EXPECT_GT(first, 0);
  EXPECT_EQ(turns(), first);
}

}  // namespace
}  // namespace sandglass::test
