// Value: calls, and exceptions that pass through C++.

#include <array>
#include <chrono>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "interop_value.h"

namespace sandglass::test {
namespace {

using ValueCall = InteropValue;
using ValueThrown = InteropValue;

// Calls.

TEST_F(ValueCall, ArgumentsAndResultsAreConverted) {
  EXPECT_EQ(value("(a, b) => a + b").call<int>(2, 3).value_or(0), 5);
  EXPECT_EQ(value("(a, b) => a + b").call<std::string>("x", std::string("y")).value_or(""), "xy");
  EXPECT_EQ(value("(...a) => a.map((x) => x === null ? 'null' : typeof x).join()")
                .call<std::string>(
                    1, 1.5, true, "s", nullptr, std::optional<int>(), std::vector<int>{1}, [] {},
                    Value(), std::int64_t{1} << 60)
                .value_or(""),
            "number,number,boolean,string,null,undefined,object,function,undefined,bigint");
  EXPECT_TRUE(value("() => 'dropped'").call<void>());
  EXPECT_TRUE(value("() => {}").call()->is_undefined());
}

TEST_F(ValueCall, ValuesAreGivenAsTheyAre) {
  const Value same = value("(x) => x");
  const Value object = value("({})");
  EXPECT_EQ(told(same.call(object)->strict_equals(object)), "true");
  EXPECT_TRUE(object.is_object()) << "it was not taken over";
  EXPECT_EQ(told(same.call(value("'moved in'"))), "moved in");
}

TEST_F(ValueCall, NineAndTwoHundredArgumentsArrive) {
  const Value sum = value("(...a) => a.length + ':' + a.reduce((x, y) => x + y)");
  EXPECT_EQ(told(sum.call(1, 2, 3, 4, 5, 6, 7, 8, 9)), "9:45");
  std::array<int, 200> many;
  std::iota(many.begin(), many.end(), 1);
  EXPECT_EQ(told(std::apply([&](auto... a) { return sum.call(a...); }, many)), "200:20100");
}

TEST_F(ValueCall, ThisIsUndefinedOrWhatCallOnGives) {
  const Value strict = value("(function () { 'use strict'; return this })");
  EXPECT_TRUE(strict.call()->is_undefined());
  const Value self = value("({name: 'self'})");
  EXPECT_EQ(told(strict.call_on(self)->strict_equals(self)), "true");
  EXPECT_EQ(told(strict.call_on(Value::number(5))), "5");
  EXPECT_EQ(told(value("(function (x) { return this.name + x })").call_on(self, 1)), "self1");
  EXPECT_EQ(told(value("(function () { return this === globalThis })").call()), "true");
}

TEST_F(ValueCall, ConstructMakesObjects) {
  const Value point = value(
      "globalThis.Point = class Point { constructor(x) { this.x = x; "
      "this.target = new.target === Point } }; Point");
  const Result<Value> made = point.construct(4);
  ASSERT_TRUE(made) << describe(made.error());
  EXPECT_EQ(told(made->to_json()), R"({"x":4,"target":true})");
  EXPECT_EQ(told(made->instance_of(point)), "true");
  EXPECT_EQ(
      value("Date").construct<std::chrono::sys_seconds>(5000).value_or(std::chrono::sys_seconds()),
      std::chrono::sys_seconds(std::chrono::seconds(5)));
  EXPECT_EQ(told(value("(function () { return {other: 1} })").construct()->to_json()),
            R"({"other":1})");
}

TEST_F(ValueCall, InvokeCallsOnTheObject) {
  const Value list = value("[3, 1, 2]");
  EXPECT_EQ(told(list.invoke("join", "-")), "3-1-2");
  EXPECT_EQ(list.invoke<std::vector<int>>("concat", 9).value_or(std::vector<int>()).size(), 4U);
  EXPECT_EQ(told(value("({7() { return 'seven' }})").invoke(7)), "seven");
  const Value iterator = list.invoke(*vm_.well_known_symbol("iterator")).value_or(Value());
  EXPECT_EQ(told(iterator.invoke("next")->get("value")), "3");
  EXPECT_EQ(told(value("({get m() { throw new Error('getter') }})").invoke("m")),
            "threw: Error: getter");
}

TEST_F(ValueCall, WhatCannotBeCalledThrowsATypeError) {
  for (const Error& error :
       {error_of(value("({})").call()), error_of(value("[]").call()),
        error_of(value("(class {})").call()), error_of(value("() => 1").construct()),
        error_of(value("({})").construct()), error_of(value("({})").invoke("missing")),
        error_of(value("({x: 1})").invoke("x"))}) {
    EXPECT_EQ(error.code, Errc::threw) << describe(error);
    EXPECT_EQ(error.name, "TypeError") << describe(error);
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueCall, AnArgumentThatCannotCrossStopsTheCall) {
  const Value seen = value("globalThis.called = 0; () => { called++ }");
  const Error error = error_of(seen.call(1, "\xff"));
  EXPECT_EQ(error.code, Errc::conversion) << describe(error);
  EXPECT_EQ(error.path, "argument 2");
  EXPECT_TRUE(gives(vm_, "called", "0"));
}

TEST_F(ValueCall, AResultThatDoesNotFitIsAConversionError) {
  EXPECT_EQ(told(value("() => 'x'").call<int>()), "conversion: result: expected int32, got string");
  EXPECT_EQ(told(value("Object").construct<int>()),
            "conversion: result: expected int32, got object");
  EXPECT_EQ(told(value("({m: () => 300})").invoke<std::uint8_t>("m")),
            "conversion: result: 300 is not a uint8");
}

TEST_F(ValueCall, TheJobsThatACallLeadsToRun) {
  const Value later = value("(x) => { Promise.resolve().then(() => { globalThis.ran = x }) }");
  ASSERT_TRUE(later.call("a job"));
  EXPECT_TRUE(gives(vm_, "ran", "a job"));
  EXPECT_EQ(told(value("() => { Promise.reject(new Error('nobody')) }").call()),
            "threw: Error: nobody");
}

TEST_F(ValueCall, LimitsHoldInACall) {
  Limits limits = roomy();
  limits.fuel = 2;
  Runtime vm = make_runtime(limits);
  EXPECT_EQ(code_of(made_by(vm, "() => { for (;;); }").call()), "fuel_limit");
  EXPECT_EQ(code_of(made_by(vm, "(function f() { f() })").call()), "stack_limit");
  EXPECT_EQ(code_of(made_by(vm, "() => 'x'.repeat(2 ** 28)").call()), "memory_limit");
  EXPECT_TRUE(works(vm));
}

// Exceptions that pass through C++.

TEST_F(ValueThrown, TheSameExceptionLeavesAHostFunctionThatPassesItOn) {
  ASSERT_TRUE(vm_.set("pass", [](const Value& f) { return f.call(); }));
  ASSERT_TRUE(vm_.set("get", [](const Value& object) { return object.get("x"); }));
  ASSERT_TRUE(vm_.set("rethrow", [](const Value& f) { return value_or_throw(f.call()); }));
  ASSERT_TRUE(vm_.set("convert", [](const std::vector<int>& list) { return list.size(); }));
  for (const std::string_view thrown :
       {"new Error('e')", "({plain: 1})", "[1]", "() => 1", "Symbol('s')", "'text'", "42", "1n",
        "null", "undefined", "NaN", "new Proxy({}, {})"}) {
    for (const std::string_view by :
         {"pass(() => { throw it })", "get({get x() { throw it }})", "rethrow(() => { throw it })",
          "convert(Object.defineProperty([1], 0, {get() { throw it }}))",
          "pass(() => rethrow(() => pass(() => { throw it })))"}) {
      EXPECT_TRUE(gives(vm_,
                        fmt::format("(() => {{ const it = {}; try {{ {}; return 'no throw' }} "
                                    "catch (e) {{ return Object.is(e, it) }} }})()",
                                    thrown, by),
                        "true"))
          << by;
    }
  }
}

TEST_F(ValueThrown, TheStackOfAnExceptionThatPassesThroughIsItsOwn) {
  ASSERT_TRUE(vm_.set("pass", [](const Value& f) { return f.call(); }));
  EXPECT_TRUE(gives(vm_,
                    "try { pass(function inner() { throw new Error('deep') }) } catch (e) { "
                    "/inner/.test(e.stack) + ' ' + (e.constructor === Error) }",
                    "true true"));
}

TEST_F(ValueThrown, IdentityIsKeptForAsLongAsTheRunGoesOn) {
  std::optional<Error> first;
  ASSERT_TRUE(vm_.set("keep", [&](const Value& f) { first = error_of(f.call()); }));
  ASSERT_TRUE(vm_.set("again", [&]() -> Result<Value> { return std::unexpected(*first); }));
  EXPECT_TRUE(gives(vm_,
                    "const it = {}; keep(() => { throw it });"
                    "for (let i = 0; i < 6; i++) try { again() } catch {}"
                    "try { again() } catch (e) { e === it }",
                    "true"))
      << "few others in between";
  ASSERT_TRUE(vm_.set("pass", [](const Value& f) { return f.call(); }));
  EXPECT_TRUE(gives(vm_,
                    "const two = {}; keep(() => { throw two });"
                    "for (let i = 0; i < 40; i++) try { pass(() => { throw i }) } catch {}"
                    "try { again() } catch (e) { e === two }",
                    "true"))
      << "many others in between";
}

TEST_F(ValueThrown, AnErrorOfAnotherVmIsNotTakenForOneOfThis) {
  Runtime other = make_runtime();
  std::optional<Error> stranger;
  ASSERT_TRUE(other.set("fail", [&] {
    // Inside a run of the other VM, so that the error names a value of it.
    stranger = error_of(made_by(other, "() => { throw new RangeError('of the other') }").call());
  }));
  ASSERT_TRUE(vm_.set("mine", [](const Value& f) { static_cast<void>(f.call()); }));
  ASSERT_TRUE(vm_.set("foreign", [&]() -> Result<Value> {
    static_cast<void>(other.eval("fail()"));
    return std::unexpected(*stranger);
  }));
  EXPECT_TRUE(gives(vm_,
                    "mine(() => { throw new TypeError('of this') });"
                    "try { foreign() } catch (e) { `${e.name} ${e.message}` }",
                    "RangeError of the other"));
}

TEST_F(ValueThrown, AnErrorOfAnEarlierRunIsThrownAsANewOne) {
  std::optional<Error> old;
  ASSERT_TRUE(vm_.set("keep", [&](const Value& f) { old = error_of(f.call()); }));
  ASSERT_TRUE(vm_.set("again", [&]() -> Result<Value> { return std::unexpected(*old); }));
  ASSERT_TRUE(vm_.eval("globalThis.first = new RangeError('kept'); keep(() => { throw first })"));
  EXPECT_TRUE(gives(vm_, "try { again() } catch (e) { `${e === first} ${e.name} ${e.message}` }",
                    "false RangeError kept"));
}

TEST_F(ValueThrown, WhatTheHostCaughtDoesNotFailTheRun) {
  ASSERT_TRUE(vm_.set("attempt", [](const Value& f) { return f.call().has_value(); }));
  EXPECT_TRUE(gives(vm_, "[attempt(() => 1), attempt(() => { throw 1 })].join()", "true,false"));
}

}  // namespace
}  // namespace sandglass::test
