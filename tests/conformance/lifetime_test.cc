// reset(), destruction and moves: what is left of a VM's state and of the Values it gave out.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

/// Passes if every operation that needs the VM answers `closed`.
[[nodiscard]] ::testing::AssertionResult is_closed(const Value& value) {
  const Error errors[] = {error_of(value.to_string()), error_of(value.to_number()),
                          error_of(value.to_json()), error_of(value.to_display())};
  for (const Error& error : errors) {
    if (error.code != Errc::closed) {
      return ::testing::AssertionFailure()
             << "gave " << (error.code == Errc{} ? "a value" : describe(error));
    }
  }
  return ::testing::AssertionSuccess();
}

[[nodiscard]] Value eval_or_fail(Runtime& vm, std::string_view source) {
  Result<Value> result = vm.eval(source);
  if (result) return std::move(*result);
  ADD_FAILURE() << source << ": " << describe(result.error());
  return {};
}

class Reset : public ::testing::Test {
 protected:
  Runtime vm_ = make_runtime();
};
using Lifetime = Reset;

TEST_F(Reset, ForgetsEverythingTheScriptDid) {
  ASSERT_TRUE(vm_.eval(R"(
    var v = 1; let l = 2; const c = 3; function f() {} class K {}
    globalThis.g = 4; delete globalThis.Map;
    Array.prototype.evil = () => 1; Object.prototype.polluted = true; JSON.parse = null;
    Symbol.for('shared').description;
    Object.freeze(Promise.prototype))"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(gives(vm_, "[typeof v, typeof l, typeof c, typeof f, typeof K, typeof g].join()",
                    "undefined,undefined,undefined,undefined,undefined,undefined"));
  EXPECT_TRUE(gives(vm_,
                    "[typeof Map, 'evil' in [], 'polluted' in {}, typeof JSON.parse, "
                    "Object.isFrozen(Promise.prototype)].join()",
                    "function,false,false,function,false"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(Reset, DropsPendingJobsAndRejections) {
  EXPECT_TRUE(fails(
      vm_,
      "Promise.reject(new Error('old')); Promise.resolve().then(() => { globalThis.leak = 1 })",
      Errc::threw));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(gives(vm_, "typeof leak", "undefined"));
}

TEST_F(Reset, MayBeDoneOnAFreshVmAndManyTimes) {
  for (int i = 0; i < scaled(5000, 20); ++i) {
    ASSERT_TRUE(vm_.reset());
    ASSERT_TRUE(gives(vm_, "globalThis.n = (globalThis.n ?? 0) + 1", "1"));
  }
  ASSERT_TRUE(vm_.reset());
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(works(vm_));
}

TEST_F(Reset, GivesTheMemoryBack) {
  ASSERT_TRUE(vm_.eval(
      "globalThis.hoard = []; for (let i = 0; i < 40; i++) hoard.push(new ArrayBuffer(1e6)); 0"));
  EXPECT_GT(vm_.stats().memory_peak_bytes, 40'000'000U);
  ASSERT_TRUE(vm_.reset());
  EXPECT_LT(vm_.stats().memory_peak_bytes, 8 * kMiB);
  EXPECT_TRUE(gives(vm_,
                    "globalThis.hoard = []; for (let i = 0; i < 40; i++) hoard.push(new "
                    "ArrayBuffer(1e6)); hoard.length",
                    "40"));
}

TEST_F(Reset, AfterGrowthTheNewMemoryIsZero) {
  const std::string_view fill = "globalThis.b = new Uint8Array(30e6).fill(0xAA); b[29999999]";
  const std::string_view check =
      "const z = new Uint8Array(30e6); let sum = 0; for (let i = 0; i < z.length; i += 1000) sum "
      "+= z[i]; sum";
  EXPECT_TRUE(gives(vm_, fill, "170"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(gives(vm_, check, "0"));
}

TEST_F(Reset, HealsAfterEveryKindOfError) {
  const std::string_view sources[] = {"(",
                                      "throw 1",
                                      "(function f() { f() })()",
                                      "'x'.repeat(2 ** 29)",
                                      "for (let a = [];;) a.push('x'.repeat(1e6))",
                                      "Promise.reject(1)"};
  for (const std::string_view source : sources) {
    EXPECT_FALSE(vm_.eval(source)) << source;
    ASSERT_TRUE(vm_.reset()) << source;
    EXPECT_TRUE(works(vm_)) << source;
  }
}

TEST_F(Reset, ClosesValuesMadeBefore) {
  std::vector<Value> before;
  for (const std::string_view source :
       {"({})", "'text'", "10n ** 30n", "2n ** 100n", "Symbol()", "() => 1", "[1]"}) {
    before.push_back(eval_or_fail(vm_, source));
  }
  ASSERT_TRUE(vm_.reset());
  ASSERT_TRUE(vm_.eval("globalThis.fresh = [{}, 'other', 10n, () => 2]"));
  for (const Value& value : before) EXPECT_TRUE(is_closed(value)) << to_string(value.type());
  before.clear();  // does nothing to the new state
  EXPECT_TRUE(gives(vm_, "fresh.length + fresh[1]", "4other"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(Reset, PrimitivesStayReadable) {
  const Value number = eval_or_fail(vm_, "12.5");
  const Value truth = eval_or_fail(vm_, "true");
  const Value null = eval_or_fail(vm_, "null");
  const Value none = eval_or_fail(vm_, "undefined");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(number.to_number().value_or(0), 12.5);
  EXPECT_TRUE(number.to_boolean().value_or(false));
  EXPECT_TRUE(truth.to_boolean().value_or(false));
  EXPECT_EQ(truth.to_number().value_or(0), 1);
  EXPECT_EQ(null.to_number().value_or(1), 0);
  EXPECT_FALSE(null.to_boolean().value_or(true));
  EXPECT_FALSE(none.to_boolean().value_or(true));
}

TEST_F(Reset, AValueOfAnOlderStateIsNotMistakenForANewOne) {
  // Each state puts its object at the same place in the guest: only the generation tells them
  // apart.
  std::vector<Value> old;
  for (int i = 0; i < 100; ++i) {
    old.push_back(eval_or_fail(vm_, fmt::format("({{n: {}}})", i)));
    EXPECT_EQ(old.back().to_json().value_or("?"), fmt::format("{{\"n\":{}}}", i));
    ASSERT_TRUE(vm_.reset());
  }
  const Value current = eval_or_fail(vm_, "({n: 'now'})");
  for (const Value& value : old) EXPECT_TRUE(is_closed(value));
  EXPECT_EQ(current.to_json().value_or("?"), R"({"n":"now"})");
}

TEST_F(Lifetime, ValuesOutliveTheirVm) {
  std::vector<Value> held;
  {
    Runtime vm = make_runtime();
    for (const std::string_view source : {"({})", "'text'", "10n ** 30n", "Symbol()", "() => 1"}) {
      held.push_back(eval_or_fail(vm, source));
    }
    held.push_back(eval_or_fail(vm, "7"));
  }
  for (const Value& value : held) {
    if (value.is_number()) {
      EXPECT_EQ(value.to_number().value_or(0), 7);
    } else {
      EXPECT_TRUE(is_closed(value)) << to_string(value.type());
    }
  }
  Runtime next = make_runtime();  // may take the place of the old one
  held.clear();
  EXPECT_TRUE(works(next));
}

TEST_F(Lifetime, AMovedVmGoesOn) {
  const Value value = eval_or_fail(vm_, "globalThis.kept = {n: 1}; kept");
  Runtime moved = std::move(vm_);
  EXPECT_TRUE(gives(moved, "kept.n", "1"));
  EXPECT_EQ(value.to_json().value_or("?"), R"({"n":1})") << "its Values go with it";
  EXPECT_EQ(moved.limits().memory_bytes, Limits{}.memory_bytes);
  EXPECT_TRUE(works(moved));
}

TEST_F(Lifetime, AMovedFromVmAnswersClosed) {
  Runtime moved = std::move(vm_);
  Runtime& shell = vm_;  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_TRUE(fails(shell, "1+1", Errc::closed));
  EXPECT_EQ(error_of(shell.reset()).code, Errc::closed);
  EXPECT_EQ(error_of(shell.collect_garbage()).code, Errc::closed);
  EXPECT_FALSE(shell.usable());
  EXPECT_EQ(shell.stats().runs, 0U);
  (void)shell.limits();
  shell.interrupt();
  EXPECT_TRUE(works(moved));
  shell = std::move(moved);
  EXPECT_TRUE(works(shell));
}

TEST_F(Lifetime, AssignmentDropsTheOldVm) {
  const Value old = eval_or_fail(vm_, "({old: true})");
  Runtime other = make_runtime();
  const Value fresh = eval_or_fail(other, "({fresh: true})");
  vm_ = std::move(other);
  EXPECT_TRUE(is_closed(old));
  EXPECT_EQ(fresh.to_json().value_or("?"), R"({"fresh":true})");
  EXPECT_TRUE(works(vm_));
}

TEST_F(Lifetime, ValuesOfAFaultedVmAreClosed) {
  Limits limits;
  limits.wall_time = milliseconds{50};
  limits.grace = milliseconds{1};
  Runtime vm = make_runtime(limits);
  const Result<Value> value = patiently(vm, [&] { return vm.eval("({})"); });
  ASSERT_TRUE(value) << describe(value.error());
  const Error error = error_of(vm.eval("new Array(2 ** 32 - 1).join('')"));
  ASSERT_EQ(error.code, Errc::time_limit) << describe(error);
  ASSERT_FALSE(error.vm_usable);
  EXPECT_TRUE(is_closed(*value));
  EXPECT_EQ(error_of(vm.collect_garbage()).code, Errc::closed);
  (void)vm.stats();
  EXPECT_TRUE(faulted_and_reset_heals(vm));
  EXPECT_TRUE(is_closed(*value));
}

TEST_F(Lifetime, DestructionRunsNoScriptCode) {
  int printed = 0;
  {
    Options options;
    options.console = [&](ConsoleStream, std::string_view) { ++printed; };
    Runtime vm = make_runtime(std::move(options));
    ASSERT_TRUE(vm.eval(R"(
      globalThis.registry = new FinalizationRegistry(() => console.log('finalised'));
      registry.register({}, 1);
      globalThis.d = {[Symbol.dispose]() { console.log('disposed') }}; 0)"));
    printed = 0;
  }
  EXPECT_EQ(printed, 0);
}

TEST_F(Lifetime, ManyVmsLiveSideBySide) {
  std::vector<Runtime> vms;
  for (int i = 0; i < 500; ++i) vms.push_back(make_runtime());
  for (int i = 0; i < 500; ++i)
    ASSERT_TRUE(gives(vms[i], fmt::format("globalThis.id = {}", i), fmt::to_string(i)));
  for (int i = 0; i < 500; i += 3) ASSERT_TRUE(vms[i].reset());
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(gives(vms[i], "typeof id === 'undefined' ? 'reset' : id",
                      i % 3 == 0 ? "reset" : fmt::to_string(i)));
  }
}

TEST_F(Lifetime, TenThousandVmsInTurnLeaveNothing) {
  const auto resident = [] {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0, pages = 0;
    statm >> total >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  };
  std::uint64_t before = 0;
  for (int i = 0; i < scaled(10'000); ++i) {
    if (i == scaled(1000)) before = resident();
    Runtime vm = make_runtime();
    ASSERT_TRUE(gives(vm, "'x'.repeat(100000).length", "100000"));
  }
  if (!kSanitized) {
    EXPECT_LT(resident(), before + 8 * kMiB);
  }
}

}  // namespace
}  // namespace sandglass::test
