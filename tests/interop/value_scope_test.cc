// Value: many operations in one run, in a Scope.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "interop_value.h"

namespace sandglass::test {
namespace {

using ValueScope = InteropValue;

// Scope.

TEST_F(ValueScope, ManyCallsAreOneRun) {
  const Value add = value("globalThis.total = 0; (n) => total += n");
  const std::uint64_t before = vm_.stats().runs;
  {
    Scope scope(vm_);
    for (int i = 0; i < scaled(10'000); ++i) ASSERT_TRUE(add.call(1));
    EXPECT_TRUE(gives(vm_, "total", std::to_string(scaled(10'000))));
    ASSERT_TRUE(scope.close());
  }
  EXPECT_EQ(vm_.stats().runs, before + 1);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(add.call(1));
  EXPECT_EQ(vm_.stats().runs, before + 11);
}

TEST_F(ValueScope, LimitsAreArmedOnceForAllOfIt) {
  Limits limits = roomy();
  limits.fuel = 5;
  Runtime vm = make_runtime(limits);
  const Value spin = made_by(vm, "() => { for (let i = 0; i < 10000; i++); }");
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(spin.call()) << "apart, each has all of it";

  Scope scope(vm);
  int calls = 0;
  Result<Value> last = spin.call();
  while (last && ++calls < 30) last = spin.call();
  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, Errc::fuel_limit) << describe(last.error());
  EXPECT_EQ(code_of(spin.call()), "fuel_limit") << "it stays so to the end";
  const Result<void> closed = scope.close();
  EXPECT_EQ(code_of(closed), "fuel_limit");
  EXPECT_TRUE(works(vm));
  EXPECT_TRUE(spin.call());
}

TEST_F(ValueScope, TheTimeLimitEndsACallInsideAndIsToldAgainAtTheEnd) {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = seconds{1};  // for this thread to come to list.get() on a busy machine
  Runtime vm = make_runtime(limits);
  const Value forever = patient_value(vm, "() => { for (;;); }");
  const Value list = patient_value(vm, "[1]");
  Scope scope(vm);
  const Result<Value> ended = forever.call();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::time_limit) << describe(ended.error());
  EXPECT_EQ(code_of(list.get(0)), "time_limit") << "no more time in this scope";
  const Result<void> closed = scope.close();
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::time_limit) << describe(closed.error());
  EXPECT_TRUE(as_reported(vm, closed.error()));
}

TEST_F(ValueScope, AnInterruptEndsAllOfIt) {
  const Value list = value("[1]");
  const Value function = value("() => 1");
  Scope scope(vm_);
  ASSERT_TRUE(function.call());
  vm_.interrupt();
  EXPECT_EQ(code_of(function.call()), "interrupted");
  EXPECT_EQ(code_of(vm_.eval("1")), "interrupted");
  EXPECT_EQ(to_string(list.brand()), "array") << "telling never fails";
  EXPECT_EQ(to_string(function.type()), "function");
  EXPECT_EQ(code_of(scope.close()), "interrupted");
  EXPECT_TRUE(function.call());
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueScope, JobsRunWhenItCloses) {
  Scope scope(vm_);
  ASSERT_TRUE(vm_.eval("globalThis.log = []; Promise.resolve().then(() => log.push('job'))"));
  ASSERT_TRUE(value("() => { queueMicrotask(() => log.push('other')) }").call());
  EXPECT_TRUE(gives(vm_, "log.join()", ""));
  ASSERT_TRUE(scope.close());
  EXPECT_TRUE(gives(vm_, "log.join()", "job,other"));
}

TEST_F(ValueScope, JobsRunWhenItIsDestroyed) {
  {
    Scope scope(vm_);
    ASSERT_TRUE(vm_.eval("Promise.resolve().then(() => { globalThis.ran = 'yes' })"));
  }
  EXPECT_TRUE(gives(vm_, "ran", "yes"));
}

TEST_F(ValueScope, AModuleInsideAwaitsWhatItNeeds) {
  Scope scope(vm_);
  const Result<Value> space =
      vm_.eval("export const x = await Promise.resolve(5)", {.kind = SourceKind::module});
  ASSERT_TRUE(space) << describe(space.error());
  EXPECT_EQ(told(space->get("x")), "5");
  EXPECT_TRUE(scope.close());
}

TEST_F(ValueScope, CloseTellsOfJobsAndRejectionsThatNobodyHandled) {
  {
    Scope scope(vm_);
    ASSERT_TRUE(vm_.eval("queueMicrotask(() => { throw new RangeError('in a job') })"));
    EXPECT_EQ(told(scope.close()), "threw: RangeError: in a job");
  }
  {
    Scope scope(vm_);
    ASSERT_TRUE(vm_.eval("Promise.reject(new TypeError('nobody')); 0"));
    EXPECT_EQ(told(scope.close()), "threw: TypeError: nobody");
  }
  {
    Scope scope(vm_);
    ASSERT_TRUE(vm_.eval("globalThis.late = Promise.reject(new Error('handled later')); 0"));
    ASSERT_TRUE(vm_.eval("late.catch(() => {}); 0"));
    EXPECT_EQ(told(scope.close()), "done");
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueScope, WhatAnOperationThrewIsNotToldAgain) {
  const Value bad = value("() => { throw new Error('told once') }");
  Scope scope(vm_);
  EXPECT_EQ(told(bad.call()), "threw: Error: told once");
  EXPECT_TRUE(gives(vm_, "1 + 1", "2")) << "the scope goes on";
  EXPECT_TRUE(fails(vm_, "(", Errc::syntax));
  EXPECT_EQ(told(scope.close()), "done");
}

TEST_F(ValueScope, AMemoryLimitInsideLeavesItUsable) {
  const Value big = value("() => 'x'.repeat(2 ** 28)");
  Scope scope(vm_);
  EXPECT_EQ(code_of(big.call()), "memory_limit");
  EXPECT_TRUE(gives(vm_, "1 + 1", "2"));
  const Error error = error_of(scope.close());
  EXPECT_EQ(error.code, Errc::memory_limit) << "a limit that was hit inside is told";
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueScope, NestedScopesArePartOfTheOutermost) {
  const std::uint64_t before = vm_.stats().runs;
  Scope outer(vm_);
  {
    Scope inner(vm_);
    ASSERT_TRUE(vm_.eval("globalThis.ran = 0; Promise.resolve().then(() => { ran = 1 })"));
    Scope innermost(vm_);
    EXPECT_EQ(told(innermost.close()), "done");
    EXPECT_EQ(told(inner.close()), "done");
  }
  EXPECT_TRUE(gives(vm_, "ran", "0")) << "the job waits for the outermost";
  ASSERT_TRUE(outer.close());
  EXPECT_TRUE(gives(vm_, "ran", "1"));
  EXPECT_EQ(vm_.stats().runs, before + 2);
}

TEST_F(ValueScope, InAHostFunctionItDoesNothing) {
  ASSERT_TRUE(vm_.set("host", [&] {
    Scope scope(vm_);
    static_cast<void>(vm_.eval("Promise.resolve().then(() => { globalThis.ran = 1 })"));
    return scope.close();
  }));
  EXPECT_TRUE(gives(vm_, "globalThis.ran = 0; host(); ran", "0"));
  EXPECT_TRUE(gives(vm_, "ran", "1"));
}

TEST_F(ValueScope, ClosingTwiceIsNoError) {
  Scope scope(vm_);
  ASSERT_TRUE(scope.close());
  EXPECT_TRUE(scope.close());
  ASSERT_TRUE(vm_.eval("Promise.resolve().then(() => { globalThis.ran = 1 })"));
  EXPECT_TRUE(gives(vm_, "ran", "1")) << "it is over: each operation is a run again";
}

TEST_F(ValueScope, TwoVmsHaveTwoScopes) {
  Runtime other = make_runtime();
  Scope mine(vm_);
  Scope theirs(other);
  EXPECT_TRUE(gives(vm_, "1 + 1", "2"));
  EXPECT_TRUE(gives(other, "2 + 2", "4"));
  EXPECT_TRUE(theirs.close());
  EXPECT_TRUE(gives(vm_, "3 + 3", "6"));
  EXPECT_TRUE(mine.close());
}

TEST_F(ValueScope, ResetIsRefusedInside) {
  const Value kept = value("({})");
  Scope scope(vm_);
  EXPECT_EQ(code_of(vm_.reset()), "invalid_argument");
  EXPECT_EQ(told(kept.to_json()), "{}");
  EXPECT_TRUE(scope.close());
  EXPECT_TRUE(vm_.reset());
}

TEST_F(ValueScope, TheRuntimeMayGoInside) {
  std::optional<Runtime> vm(make_runtime());
  const Value object = made_by(*vm, "({})");
  Scope scope(*vm);
  vm.reset();
  static_cast<void>(object.get("x"));  // the run may go on to its end
  static_cast<void>(scope.close());
  EXPECT_EQ(code_of(object.get("x")), "closed");
}

TEST_F(ValueScope, OfAClosedContextDoesNothing) {
  Scope scope((Context()));
  EXPECT_TRUE(scope.close());
}

TEST_F(ValueScope, OnAFaultedVmEverythingIsClosed) {
  std::optional<Runtime> vm = brittle();
  const Value object = patient_value(*vm, "({})");
  kEndings[3].second(vm);
  {
    Scope scope(*vm);
    EXPECT_EQ(code_of(object.get("x")), "closed");
    EXPECT_EQ(code_of(vm->eval("1")), "closed");
    EXPECT_EQ(code_of(scope.close()), "closed");
  }
  EXPECT_TRUE(faulted_and_reset_heals(*vm));
}

TEST_F(ValueScope, AFaultInsideEndsIt) {
  std::optional<Runtime> vm = brittle();
  const Value object = patient_value(*vm, "({})");
  {
    Scope scope(*vm);
    const Error error = error_of(vm->eval("new Array(2 ** 32 - 1).join('')"));
    EXPECT_EQ(error.code, Errc::time_limit) << describe(error);
    ASSERT_FALSE(error.vm_usable);
    EXPECT_FALSE(vm->usable());
    EXPECT_FALSE(object.get("x"));
    EXPECT_FALSE(error_of(object.get("x")).vm_usable);
    EXPECT_EQ(code_of(scope.close()), "time_limit");
  }
  EXPECT_EQ(code_of(object.get("x")), "closed");
  EXPECT_TRUE(faulted_and_reset_heals(*vm));
}

TEST_F(ValueScope, HandlesDroppedInsideAreFreedInside) {
  const Value make = value("() => ({text: 'x'.repeat(10000) + Math.random()})");
  Scope scope(vm_);
  for (int i = 0; i < 10'000; ++i) {  // 100 MB in a VM of 64 MiB
    const Result<Value> made = make.call();
    ASSERT_TRUE(made) << i << ": " << describe(made.error());
  }
  EXPECT_TRUE(scope.close());
}

TEST_F(ValueScope, HandlesMadeInsideOutliveIt) {
  Value kept;
  {
    Scope scope(vm_);
    kept = value("({kept: [1]})");
    Value dropped = value("({})");
  }
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(told(kept.to_json()), R"({"kept":[1]})");
}

}  // namespace
}  // namespace sandglass::test
