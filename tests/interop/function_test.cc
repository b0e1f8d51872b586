// Host functions: parameters, variadic tails, length and name, results.

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "host_functions.h"
#include "types.h"

namespace sandglass::test {
namespace {

using FunctionParameter = HostFunctions;
using FunctionRest = HostFunctions;
using FunctionShape = HostFunctions;
using FunctionResult = HostFunctions;

// Parameters.

TEST_F(FunctionParameter, BooleanIsNeverCoerced) {
  call([](bool b) { return b ? "yes" : "no"; },
       {{"true", "yes"},
        {"false", "no"},
        {"true, 1, 2", "yes"},
        {"", "TypeError: argument 1: expected boolean, got undefined (it is missing)"},
        {"undefined", "TypeError: argument 1: expected boolean, got undefined"},
        {"null", "TypeError: argument 1: expected boolean, got null"},
        {"1", "TypeError: argument 1: expected boolean, got number"},
        {"'true'", "TypeError: argument 1: expected boolean, got string"},
        {"new Boolean(true)", "TypeError: argument 1: expected boolean, got object"}});
}

TEST_F(FunctionParameter, IntegerIsNeverWrappedRoundedOrCoerced) {
  call([](int i) { return i; },
       {{"0", "0"},
        {"-0", "0"},
        {"2147483647", "2147483647"},
        {"-2147483648", "-2147483648"},
        {"5n", "5"},
        {"2147483648", "RangeError: argument 1: 2147483648 is not an int32"},
        {"-2147483649", "RangeError: argument 1: -2147483649 is not an int32"},
        {"2n ** 31n", "RangeError: argument 1: 2147483648n is not an int32"},
        {"1.5", "RangeError: argument 1: 1.5 is not an int32"},
        {"NaN", "RangeError: argument 1: NaN is not an int32"},
        {"Infinity", "RangeError: argument 1: Infinity is not an int32"},
        {"", "TypeError: argument 1: expected int32, got undefined (it is missing)"},
        {"undefined", "TypeError: argument 1: expected int32, got undefined"},
        {"null", "TypeError: argument 1: expected int32, got null"},
        {"'1'", "TypeError: argument 1: expected int32, got string"},
        {"true", "TypeError: argument 1: expected int32, got boolean"},
        {"Symbol()", "TypeError: argument 1: expected int32, got symbol"},
        {"[1]", "TypeError: argument 1: expected int32, got array"}});
}

template <std::integral T>
void expect_bounds(Runtime& vm) {
  ASSERT_TRUE(vm.set("f", [](T value) { return std::to_string(value); }));
  const detail::Int128 lowest = std::numeric_limits<T>::min();
  const detail::Int128 highest = std::numeric_limits<T>::max();
  const auto attempt = [](detail::Int128 value) {
    return fmt::format("attempt(() => f({}n)).replace(/:.*/, '')", detail::to_decimal(value));
  };
  EXPECT_TRUE(gives(vm, attempt(lowest), detail::to_decimal(lowest)));
  EXPECT_TRUE(gives(vm, attempt(highest), detail::to_decimal(highest)));
  EXPECT_TRUE(gives(vm, attempt(lowest - 1), "RangeError"));
  EXPECT_TRUE(gives(vm, attempt(highest + 1), "RangeError"));
}

TEST_F(FunctionParameter, IntegerOfEveryWidthHasItsBounds) {
  expect_bounds<std::int8_t>(vm_);
  expect_bounds<std::uint8_t>(vm_);
  expect_bounds<std::int16_t>(vm_);
  expect_bounds<std::uint16_t>(vm_);
  expect_bounds<std::int32_t>(vm_);
  expect_bounds<std::uint32_t>(vm_);
  expect_bounds<std::int64_t>(vm_);
  expect_bounds<std::uint64_t>(vm_);
}

TEST_F(FunctionParameter, DoubleTakesEveryNumber) {
  call([](double d) { return d; },
       {{"0.1", "0.1"},
        {"7", "7"},
        {"NaN", "NaN"},
        {"-Infinity", "-Infinity"},
        {"2 ** 60", "1152921504606847000"},
        {"5n", "TypeError: argument 1: expected number, got bigint"},
        {"'5'", "TypeError: argument 1: expected number, got string"},
        {"", "TypeError: argument 1: expected number, got undefined (it is missing)"},
        {"undefined", "TypeError: argument 1: expected number, got undefined"},
        {"null", "TypeError: argument 1: expected number, got null"},
        {"new Date(0)", "TypeError: argument 1: expected number, got Date"}});
  EXPECT_TRUE(gives(vm_, "Object.is(f(-0), -0)", "true"));
  call([](float x) { return x; }, {{"0.5", "0.5"}, {"Infinity", "Infinity"}});
  EXPECT_TRUE(gives(vm_, "attempt(() => f(1e39)).split(':')[0]", "RangeError"));
}

TEST_F(FunctionParameter, StringIsUtf8AndNeverCoerced) {
  const Cases cases = {
      {"''", "0:"},
      {"'a\\u00e9\\u{1f600}'", "7:aé😀"},
      {"'a\\ud800b'",
       "5:a\xEF\xBF\xBD"
       "b"},
      {"'x'.repeat(3) + 'y'", "4:xxxy"},
      {"", "TypeError: argument 1: expected string, got undefined (it is missing)"},
      {"undefined", "TypeError: argument 1: expected string, got undefined"},
      {"null", "TypeError: argument 1: expected string, got null"},
      {"1", "TypeError: argument 1: expected string, got number"},
      {"new String('s')", "TypeError: argument 1: expected string, got object"},
      {"{toString() { return 's' }}", "TypeError: argument 1: expected string, got object"},
      {"Symbol('s')", "TypeError: argument 1: expected string, got symbol"}};
  const auto show = [](std::string_view s) { return fmt::format("{}:{}", s.size(), s); };
  call([show](std::string s) { return show(s); }, cases);
  call([show](const std::string& s) { return show(s); }, cases);
  call([show](std::string&& s) { return show(s); }, cases);
  call([show](std::string_view s) { return show(s); }, cases);
  call([show](const std::string_view& s) { return show(s); }, cases);
  EXPECT_TRUE(gives(vm_, R"(f('a\0b').length + ',' + f('a\0b').charCodeAt(3))", "5,0"));
}

TEST_F(FunctionParameter, Utf16KeepsLoneSurrogates) {
  const Cases cases = {
      {"''", ""},
      {"'a\\u00e9\\u{1f600}'", "61,e9,d83d,de00"},
      {"'\\udc00a\\ud800'", "dc00,61,d800"},
      {"", "TypeError: argument 1: expected string, got undefined (it is missing)"},
      {"null", "TypeError: argument 1: expected string, got null"},
      {"5", "TypeError: argument 1: expected string, got number"}};
  const auto show = [](std::u16string_view s) {
    std::vector<std::string> units;
    for (const char16_t unit : s) units.push_back(fmt::format("{:x}", std::uint32_t{unit}));
    return fmt::format("{}", fmt::join(units, ","));
  };
  call([show](std::u16string_view s) { return show(s); }, cases);
  call([show](const std::u16string& s) { return show(s); }, cases);
}

TEST_F(FunctionParameter, SpanAndVectorTakeArrays) {
  const Cases cases = {{"[]", ""},
                       {"[3, 1, 2]", "3,1,2"},
                       {"[1n, 2]", "1,2"},
                       {"new Int32Array([7, 8])", "7,8"},
                       {"new Uint8Array([7, 8])", "7,8"},
                       {"new Int32Array([1, 2, 3, 4]).subarray(1, 3)", "2,3"},
                       {"", "TypeError: argument 1: expected array, got undefined (it is missing)"},
                       {"undefined", "TypeError: argument 1: expected array, got undefined"},
                       {"null", "TypeError: argument 1: expected array, got null"},
                       {"{length: 1, 0: 1}", "TypeError: argument 1: expected array, got object"},
                       {"'12'", "TypeError: argument 1: expected array, got string"},
                       {"new Set([1])", "TypeError: argument 1: expected array, got Set"},
                       {"[1, , 3]", "TypeError: argument 1[1]: expected int32, got undefined"},
                       {"[1, 2, '3']", "TypeError: argument 1[2]: expected int32, got string"},
                       {"[1, 2.5]", "RangeError: argument 1[1]: 2.5 is not an int32"}};
  const auto show = [](std::span<const int> s) { return fmt::format("{}", fmt::join(s, ",")); };
  call([show](std::span<const int> s) { return show(s); }, cases);
  call([show](std::vector<int> s) { return show(s); }, cases);
  call([show](const std::vector<int>& s) { return show(s); }, cases);
}

TEST_F(FunctionParameter, FixedSizesWantThatManyElements) {
  call([](std::array<int, 3> a) { return a[0] + a[1] + a[2]; }, {{"[1, 2, 3]", "6"}});
  EXPECT_TRUE(gives(vm_, "attempt(() => f([1, 2])).split(':')[0]", "RangeError"));
  EXPECT_TRUE(gives(vm_, "attempt(() => f([1, 2, 3, 4])).split(':')[0]", "RangeError"));
  call([](std::tuple<int, std::string> t) { return std::get<1>(t); },
       {{"[1, 'one']", "one"},
        {"['one', 1]", "TypeError: argument 1[0]: expected int32, got string"}});
}

TEST_F(FunctionParameter, OptionalTakesMissingUndefinedAndNullForNone) {
  call([](std::optional<int> i) { return i ? *i : -1; },
       {{"5", "5"},
        {"0", "0"},
        {"", "-1"},
        {"undefined", "-1"},
        {"null", "-1"},
        {"'5'", "TypeError: argument 1: expected int32, got string"},
        {"1.5", "RangeError: argument 1: 1.5 is not an int32"}});
}

TEST_F(FunctionParameter, VariantTakesTheFirstAlternativeThatFits) {
  call([](const std::variant<bool, int, double, std::string>& v) { return v.index(); },
       {{"true", "0"}, {"1", "1"}, {"1.5", "2"}, {"'1'", "3"}});
  EXPECT_TRUE(gives(vm_, "attempt(() => f(null)).startsWith('TypeError: argument 1: ')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => f()).startsWith('TypeError: argument 1: ')", "true"));
  call([](std::variant<std::monostate, int> v) { return v.index(); },
       {{"", "0"}, {"undefined", "0"}, {"3", "1"}});
}

TEST_F(FunctionParameter, MapTakesPlainObjectsAndMaps) {
  const auto show = [](const auto& map) {
    std::string text;
    for (const auto& [key, value] : map) text += fmt::format("{}={};", key, value);
    return text;
  };
  call([show](const std::map<std::string, int>& map) { return show(map); },
       {{"{}", ""},
        {"{b: 2, a: 1}", "a=1;b=2;"},
        {"{a: 1, [Symbol('s')]: 2}", "a=1;"},
        {"new Map([['k', 5]])", "k=5;"},
        {"", "TypeError: argument 1: expected object, got undefined (it is missing)"},
        {"undefined", "TypeError: argument 1: expected object, got undefined"},
        {"null", "TypeError: argument 1: expected object, got null"},
        {"'ab'", "TypeError: argument 1: expected object, got string"},
        {"{a: 'one'}", "TypeError: argument 1.a: expected int32, got string"}});
  call([show](const std::map<int, int>& map) { return show(map); },
       {{"new Map([[2, 20], [1, 10]])", "1=10;2=20;"},
        {"{1: 10}", "TypeError: argument 1: expected Map, got object"},
        {"new Map([['x', 1]])", "TypeError: argument 1[0].key: expected int32, got string"},
        {"new Map([[1, 'x']])", "TypeError: argument 1[0].value: expected int32, got string"}});
}

TEST_F(FunctionParameter, StructTakesObjectsAndNamesTheFieldThatDoesNotFit) {
  call([](const User& user) { return fmt::format("{}/{}", user.name, user.friends.size()); },
       {{"{name: 'A', colour: 'green', friends: [{name: 'B'}, {name: 'C', age: 3}]}", "A/2"},
        {"", "TypeError: argument 1: expected object, got undefined (it is missing)"},
        {"undefined", "TypeError: argument 1: expected object, got undefined"},
        {"null", "TypeError: argument 1: expected object, got null"},
        {"'A'", "TypeError: argument 1: expected object, got string"},
        {"{name: 'A', colour: 'red'}",
         "TypeError: argument 1.friends: expected array, got undefined"},
        {"{name: 'A', colour: 'red', friends: [{name: 'B'}, {name: 1}]}",
         "TypeError: argument 1.friends[1].name: expected string, got number"},
        {"{name: 'A', friends: [], colour: 'pink'}",
         "RangeError: argument 1.colour: expected one of red, green, blue"}});
}

TEST_F(FunctionParameter, ValueTakesAnythingAsItIs) {
  const Cases cases = {{"", "undefined"},       {"undefined", "undefined"}, {"null", "null"},
                       {"0", "number"},         {"'s'", "string"},          {"Symbol()", "symbol"},
                       {"5n", "bigint"},        {"{}", "object"},           {"() => 1", "function"},
                       {"class {}", "function"}};
  call([](Value v) { return std::string(to_string(v.type())); }, cases);
  call([](const Value& v) { return std::string(to_string(v.type())); }, cases);
  set("same", [](Value v) { return v; });
  EXPECT_TRUE(gives(vm_, "const o = {}; [same(o) === o, same(same) === same].join()", "true,true"));
}

TEST_F(FunctionParameter, ContextIsOfTheVmAndTakesNoArgument) {
  const Context here = vm_;
  call([&](Context context, int i) { return context == here ? i : -1; }, {{"4", "4"}});
  call([&](int i, Context& context) { return context == here ? i : -1; }, {{"5", "5"}});
  call([&](const Context& context, int i) { return context == here ? i : -1; }, {{"6", "6"}});
  EXPECT_TRUE(gives(vm_, "f.length", "1"));
}

TEST_F(FunctionParameter, ThisIsWhatItWasCalledOn) {
  set("self", [](This self) { return std::move(self.value); });
  set("second", [](int, const This& self, int b) {
    return fmt::format("{}{}", to_string(self.value.type()), b);
  });
  attempt({{"typeof self()", "undefined"},
           {"(o => (o.self = self, o.self() === o))({})", "true"},
           {"self.call(5)", "5"},
           {"self.call(null)", "null"},
           {"self.apply('s')", "s"},
           {"self.bind(7)()", "7"},
           {"second.call('s', 1, 2)", "string2"},
           {"second.length", "2"}});
}

TEST_F(FunctionParameter, PropertyOfThisCanBeReadAndChanged) {
  set("rename", [](This self, const std::string& name) -> Result<std::string> {
    auto before = self.value.get<std::string>("name");
    if (!before) return before;
    if (auto done = self.value.set("name", name); !done) return std::unexpected(done.error());
    return before;
  });
  attempt({{"(o => rename.call(o, 'b') + o.name)({name: 'a'})", "ab"},
           {"rename.call({}, 'b')", "TypeError: name: expected string, got undefined"},
           {"rename('b')", "TypeError: expected object, got undefined"}});
}

TEST_F(FunctionParameter, ArgumentsAreRaw) {
  const auto show = [](const Arguments& arguments) {
    std::string text = std::to_string(arguments.size());
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      text += fmt::format(" {}", to_string(arguments[i].type()));
    }
    return text + fmt::format(" | {} {}", to_string(arguments[arguments.size()].type()),
                              to_string(arguments[1'000'000'000].type()));
  };
  const Cases cases = {{"", "0 | undefined undefined"},
                       {"undefined", "1 undefined | undefined undefined"},
                       {"1, null, 's', {}", "4 number null string object | undefined undefined"}};
  call([show](Arguments& arguments) { return show(arguments); }, cases);
  call([show](const Arguments& arguments) { return show(arguments); }, cases);
  call([](Arguments& a) { return a.self(); }, {{"", "undefined"}});
  EXPECT_TRUE(gives(vm_, "f.call('me')", "me"));
}

TEST_F(FunctionParameter, FunctionIsCalledWithItsTypes) {
  set("twice", [](Function<int(int)> f, int n) -> Result<int> {
    const Result<int> once = f(n);
    return once ? f(*once) : once;
  });
  attempt({{"twice(x => x * 2, 21)", "84"},
           {"twice(Math.abs, -3)", "3"},
           {"twice.length", "2"},
           {"twice(x => { throw new RangeError('mine') }, 1)", "RangeError: mine"},
           {"twice(x => 'text', 1)", "TypeError: result: expected int32, got string"},
           {"twice(x => {}, 1)", "TypeError: result: expected int32, got undefined"},
           {"twice()", "TypeError: argument 1: expected function, got undefined (it is missing)"},
           {"twice(undefined, 1)", "TypeError: argument 1: expected function, got undefined"},
           {"twice(null, 1)", "TypeError: argument 1: expected function, got null"},
           {"twice(42, 1)", "TypeError: argument 1: expected function, got number"},
           {"twice({call() {}}, 1)", "TypeError: argument 1: expected function, got object"},
           {"twice(class {}, 1)", "TypeError: class constructors must be invoked with 'new'"}});
}

TEST_F(FunctionParameter, SharedAndUniquePointersToValuesTakeNull) {
  call([](std::shared_ptr<int> p) { return p ? *p : -1; },
       {{"5", "5"}, {"null", "-1"}, {"'5'", "TypeError: argument 1: expected int32, got string"}});
  call([](std::unique_ptr<std::string> p) { return p ? *p : "none"; },
       {{"'s'", "s"}, {"null", "none"}});
  EXPECT_TRUE(
      gives(vm_, "attempt(() => f({}))", "TypeError: argument 1: expected string, got object"));
}

TEST_F(FunctionParameter, EachIsNamedByItsPlace) {
  call([](std::string s, int i, double d, bool b) { return fmt::format("{}{}{}{}", s, i, d, b); },
       {{"'s', 1, 2.5, true", "s12.5true"},
        {"'s', 1, 2.5", "TypeError: argument 4: expected boolean, got undefined (it is missing)"},
        {"'s', 1, '2.5', true", "TypeError: argument 3: expected number, got string"},
        {"'s', null, '2.5'", "TypeError: argument 2: expected int32, got null"},
        {"", "TypeError: argument 1: expected string, got undefined (it is missing)"}});
}

TEST_F(FunctionParameter, FirstThatFailsIsTheOnlyOneTold) {
  bool called = false;
  set("f", [&](int, int) { called = true; });
  attempt({{"f('a', 'b')", "TypeError: argument 1: expected int32, got string"}});
  EXPECT_FALSE(called);
}

TEST_F(FunctionParameter, MoveOnlyCallablesAndPointersAreCallables) {
  auto owned = std::make_unique<int>(7);
  call([owned = std::move(owned)] { return *owned; }, {{"", "7"}});
  call(+[](int a, int b) { return a - b; }, {{"5, 3", "2"}});
  call([n = 0]() mutable { return ++n; }, {{"", "1"}, {"", "2"}, {"1", "3"}});
  call(std::function<int(int)>([](int a) { return a + 1; }), {{"5", "6"}});
  call([](int a) noexcept { return -a; }, {{"5", "-5"}});
}

// Variadic tails.

TEST_F(FunctionRest, TakesAllThatAreLeftAndNoneIsFine) {
  call(
      [](Rest<int> numbers) {
        int total = 0;
        for (const int number : numbers) total += number;
        return fmt::format("{}:{}", numbers.size(), total);
      },
      {{"", "0:0"},
       {"42", "1:42"},
       {"1, 2, 3, 4, 5", "5:15"},
       {"...Array(1000).fill(1)", "1000:1000"}});
  call([](const std::string& prefix,
          const Rest<int>& numbers) { return fmt::format("{}{}", prefix, numbers.size()); },
       {{"'p'", "p0"},
        {"'p', 1, 2", "p2"},
        {"", "TypeError: argument 1: expected string, got undefined (it is missing)"}});
}

TEST_F(FunctionRest, UndefinedAndNullAreArgumentsLikeOthers) {
  call([](Rest<int> numbers) { return numbers.size(); },
       {{"undefined", "TypeError: argument 1: expected int32, got undefined"},
        {"null", "TypeError: argument 1: expected int32, got null"},
        {"1, undefined, 3", "TypeError: argument 2: expected int32, got undefined"},
        {"1, 2, null", "TypeError: argument 3: expected int32, got null"}});
  call([](std::string_view, Rest<std::string> more) { return more.size(); },
       {{"'a', undefined", "TypeError: argument 2: expected string, got undefined"},
        {"'a', null", "TypeError: argument 2: expected string, got null"},
        {"'a'", "0"}});
  call(
      [](Rest<std::optional<int>> numbers) {
        int none = 0;
        for (const auto& number : numbers) none += number ? 0 : 1;
        return fmt::format("{}/{}", none, numbers.size());
      },
      {{"", "0/0"}, {"undefined", "1/1"}, {"null, 1, undefined", "2/3"}});
  call(
      [](Rest<Value> values) {
        std::string types;
        for (const Value& value : values) types += fmt::format("{} ", to_string(value.type()));
        return types;
      },
      {{"", ""}, {"undefined, null, 1", "undefined null number "}});
}

TEST_F(FunctionRest, ElementsThatDoNotFitAreNamedByTheirPlace) {
  call([](Rest<std::int8_t> numbers) { return numbers.size(); },
       {{"1, 2, 1000", "RangeError: argument 3: 1000 is not an int8"},
        {"1, 'two'", "TypeError: argument 2: expected int8, got string"}});
  call([](int, Rest<Friend> friends) { return friends[0].name; },
       {{"1, {name: 'A'}", "A"},
        {"1, {name: 'A'}, {name: 5}", "TypeError: argument 3.name: expected string, got number"}});
}

TEST_F(FunctionRest, MaySitBesideContextAndThis) {
  call(
      [](Context& context, This self, int first, Rest<Value> rest) {
        return fmt::format("{} {} {} {}", context.usable(), to_string(self.value.type()), first,
                           rest.size());
      },
      {{"1", "true undefined 1 0"}, {"1, 2, 3", "true undefined 1 2"}});
}

// Length and name.

TEST_F(FunctionShape, LengthCountsParametersBeforeTheFirstOptionalOne) {
  const auto length = [&](auto function) {
    set("f", std::move(function));
    return vm_.eval<int>("f.length").value_or(-1);
  };
  EXPECT_EQ(length([] {}), 0);
  EXPECT_EQ(length([](int) {}), 1);
  EXPECT_EQ(length([](int, double, std::string) {}), 3);
  EXPECT_EQ(length([](Context, int, This, int) {}), 2);
  EXPECT_EQ(length([](int, std::optional<int>) {}), 1);
  EXPECT_EQ(length([](int, std::optional<int>, int) {}), 1);
  EXPECT_EQ(length([](int, Rest<int>) {}), 1);
  EXPECT_EQ(length([](Rest<int>) {}), 0);
  EXPECT_EQ(length([](Arguments&) {}), 0);
  EXPECT_EQ(length([](const Value&, Function<void()>) {}), 2);
}

TEST_F(FunctionShape, NameIsThatOfTheGlobalOrProperty) {
  set("plain", [] {});
  EXPECT_TRUE(gives(vm_, "plain.name", "plain"));
  const Result<Value> object = vm_.object();
  ASSERT_TRUE(object);
  ASSERT_TRUE(object->set("method", [] {}));
  ASSERT_TRUE(vm_.set("o", *object));
  EXPECT_TRUE(gives(vm_, "o.method.name", "method"));
  const Result<Value> named = vm_.function("a \xC3\xA9 name", [] {});
  ASSERT_TRUE(named);
  EXPECT_EQ(named->get<std::string>("name").value_or(""), "a é name");
  const Result<Value> nameless = vm_.make([] {});
  ASSERT_TRUE(nameless);
  EXPECT_EQ(nameless->get<std::string>("name").value_or("?"), "");
}

TEST_F(FunctionShape, IsAFunctionAndNoConstructor) {
  set("f", [](int) {});
  EXPECT_TRUE(gives(vm_,
                    "[typeof f, f instanceof Function, Object.getPrototypeOf(f) === "
                    "Function.prototype, 'prototype' in f, Object.keys(f).length, "
                    "Object.isExtensible(f)].join()",
                    "function,true,true,false,0,true"));
  const Result<Value> f = vm_.get("f");
  ASSERT_TRUE(f);
  EXPECT_TRUE(f->is_function());
  EXPECT_FALSE(f->is_constructor());
  EXPECT_EQ(f->brand(), Brand::function);
  EXPECT_TRUE(gives(vm_, "f.toString().includes('[native code]')", "true"));
}

TEST_F(FunctionShape, IsANewOneEachTimeItIsMade) {
  const auto callable = [] { return 1; };
  set("a", callable);
  set("b", callable);
  EXPECT_TRUE(gives(vm_, "a === b", "false"));
  EXPECT_EQ(vm_.stats().host_functions, 2U);
}

// Results.

TEST_F(FunctionResult, NothingIsUndefined) {
  call([] {}, {{"", "undefined"}});
  call([]() -> Result<void> { return {}; }, {{"", "undefined"}});
  call([] { return std::error_code(); }, {{"", "undefined"}});
  call([] { return std::optional<int>(); }, {{"", "undefined"}});
  call([] { return std::monostate(); }, {{"", "undefined"}});
  call([] { return nullptr; }, {{"", "null"}});
  call([] { return static_cast<const char*>(nullptr); }, {{"", "null"}});
  call([] { return std::shared_ptr<int>(); }, {{"", "null"}});
  call([] { return std::unique_ptr<int>(); }, {{"", "null"}});
}

TEST_F(FunctionResult, ValuesOfEveryKind) {
  call([] { return true; }, {{"", "true"}});
  call([] { return -7; }, {{"", "-7"}});
  call([] { return std::int64_t{1} << 52; }, {{"", "4503599627370496"}});
  call([] { return std::numeric_limits<std::uint64_t>::max(); }, {{"", "18446744073709551615n"}});
  call([] { return std::numeric_limits<std::int64_t>::min(); }, {{"", "-9223372036854775808n"}});
  call([] { return 0.1; }, {{"", "0.1"}});
  call([] { return std::numeric_limits<double>::quiet_NaN(); }, {{"", "NaN"}});
  call([] { return "literal"; }, {{"", "literal"}});
  call([] { return std::string("aé😀"); }, {{"", "aé😀"}});
  call([] { return std::string_view("view"); }, {{"", "view"}});
  call([] { return std::u16string(u"\u00e9"); }, {{"", "é"}});
  call([] { return std::vector<int>{1, 2, 3}; }, {{"", "1,2,3"}});
  call([] { return std::tuple(1, "two", true); }, {{"", "1,two,true"}});
  call([] { return std::optional<int>(4); }, {{"", "4"}});
  call([] { return std::variant<int, std::string>("v"); }, {{"", "v"}});
  call([] { return std::make_shared<int>(5); }, {{"", "5"}});
  call([] { return std::make_unique<std::string>("u"); }, {{"", "u"}});
  call([] { return BigInt{"-12345678901234567890"}; }, {{"", "-12345678901234567890n"}});
  call([] { return Colour::blue; }, {{"", "blue"}});
  set("f", [] { return Friend{.name = "A", .age = std::nullopt}; });
  EXPECT_TRUE(gives(vm_, "JSON.stringify(f())", R"({"name":"A"})"));
  set("f", [] { return std::map<std::string, int>{{"a", 1}}; });
  EXPECT_TRUE(gives(vm_, "JSON.stringify(f())", R"({"a":1})"));
}

TEST_F(FunctionResult, ReferencesAreCopied) {
  const std::string text = "kept";
  const std::vector<int> list = {1, 2};
  call([&]() -> const std::string& { return text; }, {{"", "kept"}, {"", "kept"}});
  call([&]() -> const std::vector<int>& { return list; }, {{"", "1,2"}});
  const Value held = vm_.eval("globalThis.held = {n: 1}; held").value();
  set("f", [&]() -> const Value& { return held; });
  EXPECT_TRUE(gives(vm_, "f() === held && f() === f()", "true"));
  EXPECT_EQ(held.get<int>("n").value_or(0), 1);
}

TEST_F(FunctionResult, ValueIsHandedOverAsItIs) {
  set("pair", [](Context& context, Value a, Value b) -> Result<Value> {
    Value elements[] = {std::move(a), std::move(b)};
    return context.array(elements);
  });
  EXPECT_TRUE(gives(vm_, "const o = {}; const p = pair(o, 2); [p[0] === o, p[1], p.length].join()",
                    "true,2,2"));
  set("u", [] { return Value(); });
  set("n", [] { return Value::null(); });
  EXPECT_TRUE(
      gives(vm_, "[u(), n()].join('|') + (u() === undefined) + (n() === null)", "|truetrue"));
}

TEST_F(FunctionResult, FunctionsAreResultsToo) {
  set("adder", [](int a) { return [a](int b) { return a + b; }; });
  EXPECT_TRUE(gives(vm_, "const add3 = adder(3); [add3(4), adder(1)(1), typeof add3].join()",
                    "7,2,function"));
  set("pass", [](Function<int(int)> f) { return f; });
  EXPECT_TRUE(gives(vm_, "const g = x => x; pass(g) === g", "true"));
}

TEST_F(FunctionResult, ResultIsItsValueOrThrown) {
  set("divide", [](double a, double b) -> Result<double> {
    if (b == 0) return std::unexpected(Error{.message = "division by zero", .name = "RangeError"});
    return a / b;
  });
  attempt({{"divide(10, 4)", "2.5"}, {"divide(10, 0)", "RangeError: division by zero"}});
  EXPECT_TRUE(
      gives(vm_, "try { divide(1, 0) } catch (e) { String(e instanceof RangeError) }", "true"));
  call(
      [](bool fail) -> Result<void> {
        if (fail) return std::unexpected(Error{.message = "failed"});
        return {};
      },
      {{"false", "undefined"}, {"true", "Error: failed"}});
}

TEST_F(FunctionResult, ErrorTakesItsClassFromItsNameThenFromItsCode) {
  const auto thrown = [&](Error error) {
    set("f", [error]() -> Result<void> { return std::unexpected(error); });
    return outcome(
        vm_.eval("try { f() } catch (e) { e.constructor.name + '/' + e.name + '/' + "
                 "e.message + '/' + e.code }"));
  };
  for (const std::string name : {"TypeError", "RangeError", "SyntaxError", "ReferenceError",
                                 "EvalError", "URIError", "InternalError", "Error"}) {
    EXPECT_EQ(thrown({.message = "m", .name = name}), fmt::format("{0}/{0}/m/undefined", name));
  }
  EXPECT_EQ(thrown({.message = "m", .name = "MyError"}), "Error/MyError/m/undefined");
  EXPECT_EQ(thrown({.message = "m"}), "Error/Error/m/undefined");
  EXPECT_EQ(thrown({.message = "m", .name = "Error", .detail = "ENOENT"}), "Error/Error/m/ENOENT");
  EXPECT_EQ(thrown({.code = Errc::conversion, .message = "m"}), "TypeError/TypeError/m/undefined");
  EXPECT_EQ(thrown({.code = Errc::conversion, .message = "m", .path = "a.b"}),
            "TypeError/TypeError/a.b: m/undefined");
  EXPECT_EQ(thrown({.code = Errc::invalid_argument, .message = "m"}),
            "TypeError/TypeError/m/undefined");
  EXPECT_EQ(thrown({.code = Errc::syntax, .message = "m"}), "SyntaxError/SyntaxError/m/undefined");
}

TEST_F(FunctionResult, ErrorHasItsCauses) {
  const auto innermost =
      std::make_shared<const Error>(Error{.message = "disk", .name = "EvalError"});
  const auto inner = std::make_shared<const Error>(
      Error{.message = "read", .name = "RangeError", .cause = innermost});
  set("f", [inner]() -> Result<void> {
    return std::unexpected(Error{.message = "load", .name = "TypeError", .cause = inner});
  });
  EXPECT_TRUE(gives(vm_,
                    "try { f() } catch (e) { [e, e.cause, e.cause.cause, e.cause.cause.cause, "
                    "Object.keys(e).includes('cause')].join('|') }",
                    "TypeError: load|RangeError: read|EvalError: disk||false"));
  const Error error = error_of(vm_.eval("f()"));
  ASSERT_NE(error.cause, nullptr);
  ASSERT_NE(error.cause->cause, nullptr);
  EXPECT_EQ(error.cause->cause->message, "disk");
}

TEST_F(FunctionResult, ErrorCodeIsThrownIfItIsOne) {
  call([] { return std::make_error_code(std::errc::no_such_file_or_directory); }, {});
  EXPECT_TRUE(gives(vm_, "try { f() } catch (e) { [e.name, e.code, e.message].join('|') }",
                    "Error|generic:2|No such file or directory"));
  EXPECT_EQ(error_of(vm_.eval("f()")).detail, "generic:2");
  call([]() -> Result<std::error_code> { return std::error_code(); }, {{"", "undefined"}});
}

TEST_F(FunctionResult, ErrorAsAValueIsNotThrown) {
  set("f", []() -> Result<Error> { return Error{.message = "m", .name = "RangeError"}; });
  EXPECT_TRUE(gives(vm_, "const e = f(); [e instanceof RangeError, e.message].join()", "true,m"));
  set("g", [] { return std::make_exception_ptr(std::out_of_range("far")); });
  EXPECT_TRUE(gives(vm_, "const x = g(); [x instanceof RangeError, x.message].join()", "true,far"));
}

TEST_F(FunctionResult, ValueOfAnotherVmIsRefused) {
  Runtime other = make_runtime();
  const Value foreign = other.eval("({secret: 1})").value();
  set("f", [&] { return foreign.clone(); });
  EXPECT_TRUE(gives(vm_, "attempt(f).split(':')[0]", "TypeError"));
  set("g", [&] { return other.eval("1.5").value(); });
  EXPECT_TRUE(gives(vm_, "g()", "1.5")) << "a number is of no VM";
  EXPECT_EQ(foreign.get<int>("secret").value_or(0), 1);
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionResult, ValueOfBeforeAResetIsRefused) {
  const Value old = vm_.eval("({secret: 1})").value();
  ASSERT_TRUE(vm_.reset());
  ASSERT_TRUE(vm_.eval(kAttemptTyped));
  set("f", [&]() -> const Value& { return old; });
  set("g", [&] { return old.clone(); });
  EXPECT_TRUE(gives(vm_, "attempt(f).split(':')[0]", "TypeError"));
  EXPECT_TRUE(gives(vm_, "attempt(g).split(':')[0]", "TypeError")) << "a clone is the same value";
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionResult, WhatDoesNotConvertIsThrown) {
  call([] { return std::string("bad \xff"); }, {});
  EXPECT_TRUE(gives(vm_, "attempt(f).split(':')[0]", "TypeError"));
  set("g", [] { return std::vector<std::string>{"ok", "\xff"}; });
  EXPECT_TRUE(gives(vm_, "attempt(g).includes('[1]')", "true"));
  EXPECT_TRUE(works(vm_));
}

}  // namespace
}  // namespace sandglass::test
