// Value: every type, every conversion, ownership.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class ValueOf : public ::testing::Test {
 protected:
  [[nodiscard]] Value value(std::string_view source) {
    Result<Value> result = vm_.eval(source);
    if (result) return std::move(*result);
    ADD_FAILURE() << source << ": " << describe(result.error());
    return {};
  }
  [[nodiscard]] static std::string text(const Result<std::string>& result) {
    return result ? *result : describe(result.error());
  }

  [[nodiscard]] static std::string text(const Result<bool>& result) {
    return result ? (*result ? "true" : "false") : describe(result.error());
  }

  Runtime vm_ = make_runtime();
};
using ValueType = ValueOf;
using ValueToString = ValueOf;
using ValueToNumber = ValueOf;
using ValueToBoolean = ValueOf;
using ValueToJson = ValueOf;
using ValueToDisplay = ValueOf;
using ValueOwnership = ValueOf;

TEST_F(ValueType, IsToldForEveryKind) {
  const std::pair<std::string_view, Type> cases[] = {
      {"undefined", Type::undefined},
      {"null", Type::null},
      {"true", Type::boolean},
      {"1", Type::number},
      {"-1.5", Type::number},
      {"NaN", Type::number},
      {"-0", Type::number},
      {"1/0", Type::number},
      {"2**53", Type::number},
      {"1e-310", Type::number},
      {"5n", Type::bigint},
      {"-(2n**200n)", Type::bigint},
      {"''", Type::string},
      {"'text'", Type::string},
      {"'a'.repeat(5000) + 'b'.repeat(5000)", Type::string},  // a rope inside
      {"Symbol('s')", Type::symbol},
      {"Symbol.iterator", Type::symbol},
      {"({})", Type::object},
      {"[]", Type::object},
      {"new Date(0)", Type::object},
      {"/x/", Type::object},
      {"new Error('e')", Type::object},
      {"new Map()", Type::object},
      {"new Uint8Array(1)", Type::object},
      {"Promise.resolve()", Type::object},
      {"new String('boxed')", Type::object},
      {"Object.create(null)", Type::object},
      {"new Proxy({}, {})", Type::object},
      {"(function () {})", Type::function},
      {"() => 1", Type::function},
      {"(async function* () {})", Type::function},
      {"(class {})", Type::function},
      {"Math.max", Type::function},
      {"(() => {}).bind(null)", Type::function},
      {"new Proxy(function () {}, {})", Type::function},
  };
  for (const auto& [source, type] : cases) {
    EXPECT_EQ(to_string(value(source).type()), to_string(type)) << source;
  }
}

TEST_F(ValueType, CannotBeForged) {
  EXPECT_EQ(value("({[Symbol.toStringTag]: 'String', constructor: String})").type(), Type::object);
  EXPECT_EQ(value("Object.setPrototypeOf({}, Function.prototype)").type(), Type::object);
  EXPECT_EQ(value("Object.setPrototypeOf(() => 1, null)").type(), Type::function);
}

TEST_F(ValueType, PredicatesAgreeWithIt) {
  EXPECT_TRUE(value("undefined").is_undefined());
  EXPECT_TRUE(value("null").is_null());
  EXPECT_FALSE(value("null").is_object());
  EXPECT_TRUE(value("false").is_boolean());
  EXPECT_TRUE(value("0").is_number());
  EXPECT_TRUE(value("0n").is_bigint());
  EXPECT_TRUE(value("''").is_string());
  EXPECT_TRUE(value("Symbol()").is_symbol());
  EXPECT_TRUE(value("[]").is_object());
  EXPECT_FALSE(value("[]").is_function());
  EXPECT_TRUE(value("isNaN").is_function());
  EXPECT_TRUE(value("isNaN").is_object()) << "functions are objects too";
}

TEST_F(ValueType, HasAName) {
  const std::pair<Type, std::string_view> names[] = {
      {Type::undefined, "undefined"}, {Type::null, "null"},     {Type::boolean, "boolean"},
      {Type::number, "number"},       {Type::bigint, "bigint"}, {Type::string, "string"},
      {Type::symbol, "symbol"},       {Type::object, "object"}, {Type::function, "function"}};
  for (const auto& [type, name] : names) EXPECT_EQ(to_string(type), name);
}

TEST_F(ValueToString, FollowsString) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"undefined", "undefined"},
      {"null", "null"},
      {"false", "false"},
      {"42", "42"},
      {"-0", "0"},
      {"NaN", "NaN"},
      {"-1/0", "-Infinity"},
      {"0.1+0.2", "0.30000000000000004"},
      {"1e21", "1e+21"},
      {"2**31", "2147483648"},
      {"-(2**31)", "-2147483648"},
      {"5e-324", "5e-324"},
      {"2n**70n", "1180591620717411303424"},
      {"-7n", "-7"},
      {"Symbol('q')", "Symbol(q)"},
      {"[1, [2, 3]]", "1,2,3"},
      {"({})", "[object Object]"},
      {"({toString() { return 'mine' }})", "mine"},
      {"new RangeError('m')", "RangeError: m"},
      {"/a+/gi", "/a+/gi"},
      {"''", ""},
  };
  for (const auto& [source, expected] : cases)
    EXPECT_EQ(text(value(source).to_string()), expected) << source;
}

TEST_F(ValueToString, KeepsUnicodeAndZeroBytes) {
  EXPECT_EQ(text(value("'é日😀'").to_string()), "é日😀");
  EXPECT_EQ(text(value("'a\\0b'").to_string()), std::string("a\0b", 3));
  EXPECT_EQ(text(value("'\\u{10ffff}\\uffff\\u07ff\\u0080'").to_string()),
            "\U0010ffff\uffff\u07ff\u0080");
}

TEST_F(ValueToString, LoneSurrogatesBecomeReplacementCharacters) {
  EXPECT_EQ(text(value("'a\\ud800b'").to_string()), "a\ufffdb");
  EXPECT_EQ(text(value("'\\udc00'").to_string()), "\ufffd");
  EXPECT_EQ(text(value("'\\ud83d' + '\\ude00'").to_string()), "😀")
      << "a pair put together is whole";
  EXPECT_EQ(text(value("'\\ude00\\ud83d'").to_string()), "\ufffd\ufffd");
}

TEST_F(ValueToString, LongStringsComeWhole) {
  EXPECT_EQ(text(value("'0123456789'.repeat(500000)").to_string()).size(), 5'000'000U);
  EXPECT_EQ(text(value("'é'.repeat(1000000)").to_string()).size(), 2'000'000U);
  EXPECT_EQ(
      text(value("let rope = ''; for (let i = 0; i < 100000; i++) rope += 'ab'; rope").to_string())
          .size(),
      200'000U);
}

TEST_F(ValueToString, AThrowingToStringIsReported) {
  const Result<std::string> result =
      value("({toString() { throw new TypeError('mine') }})").to_string();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::threw);
  EXPECT_EQ(result.error().name, "TypeError");
  EXPECT_EQ(result.error().message, "mine");
  EXPECT_FALSE(value("Object.create(null)").to_string()) << "it has no toString";
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueToNumber, FollowsNumber) {
  const std::pair<std::string_view, double> cases[] = {
      {"42", 42},
      {"-1.25", -1.25},
      {"true", 1},
      {"false", 0},
      {"null", 0},
      {"''", 0},
      {"' 12 '", 12},
      {"'0x1f'", 31},
      {"[]", 0},
      {"[7]", 7},
      {"2**31", 2147483648.0},
      {"1e308", 1e308},
      {"5e-324", 5e-324},
      {"new Date(5)", 5},
      {"({valueOf() { return 9 }})", 9},
  };
  for (const auto& [source, expected] : cases) {
    const Result<double> number = value(source).to_number();
    ASSERT_TRUE(number) << source << ": " << describe(number.error());
    EXPECT_EQ(*number, expected) << source;
  }
  EXPECT_TRUE(std::signbit(value("-0").to_number().value_or(1)));
  for (const std::string_view source : {"undefined", "NaN", "'x'", "({})", "[1, 2]", "() => 1"}) {
    EXPECT_TRUE(std::isnan(value(source).to_number().value_or(0))) << source;
  }
  EXPECT_EQ(value("-1/0").to_number().value_or(0), -HUGE_VAL);
}

TEST_F(ValueToNumber, BigIntAndSymbolThrowTypeError) {
  for (const std::string_view source :
       {"5n", "2n**100n", "Symbol()", "({valueOf() { return 1n }})"}) {
    const Result<double> number = value(source).to_number();
    ASSERT_FALSE(number) << source;
    EXPECT_EQ(number.error().code, Errc::threw) << source;
    EXPECT_EQ(number.error().name, "TypeError") << source;
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueToBoolean, FollowsBooleanWithoutRunningScriptCode) {
  for (const std::string_view source :
       {"undefined", "null", "false", "0", "-0", "NaN", "''", "0n"}) {
    EXPECT_EQ(text(value(source).to_boolean()), "false") << source;
  }
  for (const std::string_view source :
       {"true", "1", "-1", "1/0", "'0'", "1n", "[]", "({})", "Symbol()", "() => 1",
        "new Boolean(false)", "({valueOf() { throw 1 }})",
        "new Proxy({}, new Proxy({}, {get() { throw 1 }}))"}) {
    EXPECT_EQ(text(value(source).to_boolean()), "true") << source;
  }
}

TEST_F(ValueToJson, FollowsJsonStringify) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"({a: [1, 'two', null, true], b: {c: 0.5}})", R"({"a":[1,"two",null,true],"b":{"c":0.5}})"},
      {"'q\"\\n\\u2028\\u{1f600}'", "\"q\\\"\\n\u2028😀\""},
      {"'\\ud800'", R"("\ud800")"},
      {"[undefined, () => 1, Symbol()]", "[null,null,null]"},
      {"({u: undefined, f() {}, kept: 1})", R"({"kept":1})"},
      {"NaN", "null"},
      {"-0", "0"},
      {"null", "null"},
      {"true", "true"},
      {"new Date(0)", R"("1970-01-01T00:00:00.000Z")"},
      {"({toJSON() { return {from: 'toJSON'} }})", R"({"from":"toJSON"})"},
      {"new Map([[1, 2]])", "{}"},
      {"[]", "[]"},
  };
  for (const auto& [source, expected] : cases)
    EXPECT_EQ(text(value(source).to_json()), expected) << source;
}

TEST_F(ValueToJson, WhatHasNoJsonIsNull) {
  for (const std::string_view source : {"undefined", "() => 1", "Symbol('s')", "({toJSON() {}})"}) {
    EXPECT_EQ(text(value(source).to_json()), "null") << source;
  }
  EXPECT_EQ(text(Value().to_json()), "null") << "also undefined that is tied to no VM";
}

TEST_F(ValueToJson, BigIntAndCyclesThrowTypeError) {
  for (const std::string_view source :
       {"1n", "({n: 2n**80n})", "var loop = {}; loop.self = loop; loop"}) {
    const Result<std::string> json = value(source).to_json();
    ASSERT_FALSE(json) << source;
    EXPECT_EQ(json.error().code, Errc::threw) << source;
    EXPECT_EQ(json.error().name, "TypeError") << source;
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueToJson, DoesNotUseWhatTheScriptPutInPlaceOfJson) {
  EXPECT_EQ(text(value("JSON.stringify = () => 'forged'; globalThis.JSON = null; [1]").to_json()),
            "[1]");
}

TEST_F(ValueToDisplay, ShowsWhatTheConsoleWould) {
  EXPECT_EQ(text(value("'plain \"text\"'").to_display()), "plain \"text\"");
  EXPECT_EQ(text(value("12.5").to_display()), "12.5");
  EXPECT_EQ(text(value("undefined").to_display()), "undefined");
  EXPECT_EQ(text(value("({a: 1})").to_display()), "{ a: 1 }");
  EXPECT_EQ(text(value("(function named() {})").to_display()), "[Function: named]");
  EXPECT_NE(text(value("10n").to_display()).find("10"), std::string::npos);
  EXPECT_NE(text(value("Symbol('s')").to_display()).find("Symbol(s)"), std::string::npos);
  const std::string error =
      text(value("(function thrower() { return new TypeError('bad') })()").to_display());
  EXPECT_NE(error.find("TypeError: bad"), std::string::npos) << error;
  EXPECT_NE(error.find("thrower"), std::string::npos) << error;
}

TEST_F(ValueToDisplay, RunsNoScriptCode) {
  EXPECT_EQ(text(value("globalThis.ran = 0; ({toJSON() { ran++ }, get x() { return ran++ }})")
                     .to_display()),
            "{ toJSON: [Function: toJSON], x: [Getter] }");
  EXPECT_EQ(text(value("ran").to_display()), "0");
}

TEST_F(ValueToDisplay, OfWhatIsVeryLongTellsTheClass) {
  EXPECT_EQ(text(value("const text = 'x'.repeat(10000); const all = {}; "
                       "for (let i = 0; i < 2000; i++) all['k' + i] = text; all")
                     .to_display()),
            "[Object]");
}

TEST_F(ValueToDisplay, HasAnAnswerForEveryValue) {
  for (const std::string_view source :
       {"var loop = {}; loop.self = loop; loop", "({n: 1n})", "Object.create(null)",
        "new Proxy({}, {})", "new Map([[1, 2]])", "(class {})", "new Proxy(() => {}, {})",
        "[1n]"}) {
    const Result<std::string> shown = value(source).to_display();
    ASSERT_TRUE(shown) << source << ": " << describe(shown.error());
    EXPECT_FALSE(shown->empty()) << source;
  }
}

TEST_F(ValueOf, ConversionsAreRunsUnderTheLimits) {
  Limits limits;
  limits.wall_time = milliseconds{50};
  Runtime vm = make_runtime(limits);
  for (const std::string_view source :
       {"({toString() { for (;;); }})", "({toJSON() { for (;;); }})",
        "({valueOf() { for (;;); }})"}) {
    const Result<Value> trap = patiently(vm, [&] { return vm.eval(source); });
    ASSERT_TRUE(trap) << describe(trap.error());
    const Clock::time_point start = Clock::now();
    const Error error = source.find("toJSON") != source.npos    ? error_of(trap->to_json())
                        : source.find("valueOf") != source.npos ? error_of(trap->to_number())
                                                                : error_of(trap->to_string());
    EXPECT_EQ(error.code, Errc::time_limit) << source << ": " << describe(error);
    EXPECT_LT(Clock::now() - start, kSurvived);
    EXPECT_TRUE(as_reported(vm, error));
  }
}

TEST_F(ValueOf, ConversionsReportStackAndMemoryLimits) {
  const Result<std::string> deep =
      value("let nest = []; for (let i = 0; i < 2e5; i++) nest = [nest]; nest").to_json();
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().code, Errc::stack_limit) << describe(deep.error());
  EXPECT_TRUE(works(vm_));
  const Result<std::string> wide =
      value("({toString() { return 'x'.repeat(2 ** 28) }})").to_string();
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().code, Errc::memory_limit) << describe(wide.error());
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueOf, ConversionsRunTheJobsTheyLeadTo) {
  const Value object =
      value("({toString() { Promise.resolve().then(() => { globalThis.ran = 1 }); return 's' }})");
  EXPECT_EQ(text(object.to_string()), "s");
  EXPECT_TRUE(gives(vm_, "ran", "1"));
}

TEST_F(ValueOwnership, DefaultIsUndefinedAndNeedsNoVm) {
  const Value none;
  EXPECT_TRUE(none.is_undefined());
  EXPECT_EQ(text(none.to_string()), "undefined");
  EXPECT_EQ(text(none.to_boolean()), "false");
  EXPECT_TRUE(std::isnan(none.to_number().value_or(0)));
}

TEST_F(ValueOwnership, MovesCarryTheValueAlong) {
  Value first = value("({name: 'kept'})");
  Value second = std::move(first);
  EXPECT_EQ(text(second.to_json()), R"({"name":"kept"})");
  Value third = value("'replaced'");
  third = std::move(second);
  EXPECT_EQ(text(third.to_json()), R"({"name":"kept"})");
  EXPECT_TRUE(
      first.is_undefined());  // NOLINT(bugprone-use-after-move): a moved-from Value is undefined
  EXPECT_TRUE(second.is_undefined());  // NOLINT(bugprone-use-after-move)
}

TEST_F(ValueOwnership, KeepsItsObjectAliveThroughCollection) {
  const Value held = value("globalThis.big = {text: 'alive'}; big");
  ASSERT_TRUE(vm_.eval("big = null"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(text(held.to_json()), R"({"text":"alive"})");
}

TEST_F(ValueOwnership, ReleasesItsObject) {
  ASSERT_TRUE(vm_.eval("0"));
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  for (int round = 0; round < 20; ++round) {
    std::vector<Value> held;
    for (int i = 0; i < 50; ++i)
      held.push_back(value("'0123456789abcdef'.repeat(4096) + Math.random()"));
    if (round == 0) {
      EXPECT_GT(vm_.stats().memory_bytes, before + 50 * 60'000);
    }
  }
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before + 256 * kKiB);
}

TEST_F(ValueOwnership, ManyMayBeHeldAndReleasedInAnyOrder) {
  std::vector<Value> held;
  for (int i = 0; i < 5000; ++i) held.push_back(value("({})"));
  for (std::size_t i = 0; i < held.size(); i += 2) held[i] = Value();
  for (int i = 0; i < 1000; ++i) held.push_back(value("[1]"));
  EXPECT_EQ(text(held[1].to_json()), "{}");
  EXPECT_EQ(text(held.back().to_json()), "[1]");
  held.clear();
  EXPECT_TRUE(works(vm_));
}

}  // namespace
}  // namespace sandglass::test
