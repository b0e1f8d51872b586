// Host functions: every kind of parameter and of result, callbacks that do what they should not,
// limits inside of them, and when the callable behind a function is let go of.

#include <any>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <ios>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <typeinfo>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "types.h"

namespace sandglass::test {
namespace {

/// `attempt(() => ...)`: what it came to, or what it threw, as text.
inline constexpr std::string_view kAttempt = R"js(
  function attempt(body) {
    try {
      const result = body();
      return typeof result === 'bigint' ? result + 'n' : String(result);
    } catch (e) {
      return e instanceof Error ? e.name + ': ' + e.message : 'threw ' + typeof e + ' ' + String(e);
    }
  })js";

/// Source and what `attempt` makes of it.
using Cases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class HostFunctions : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vm_.eval(kAttempt)); }

  template <class F>
  void set(std::string_view name, F function) {
    const Result<void> done = vm_.set(name, std::move(function));
    ASSERT_TRUE(done) << describe(done.error());
  }
  /// Evaluates each source inside attempt().
  void attempt(Cases cases) {
    for (const auto& [source, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => ({}))", source), expected));
    }
  }
  /// Calls `function` as `f` with each list of arguments.
  template <class F>
  void call(F function, Cases cases) {
    set("f", std::move(function));
    for (const auto& [arguments, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => f({}))", arguments), expected));
    }
  }
  void run(std::string_view source) {
    const Result<Value> result = vm_.eval(source);
    ASSERT_TRUE(result) << source << ": " << describe(result.error());
  }

  Runtime vm_ = make_runtime();
};
using FunctionParameter = HostFunctions;
using FunctionRest = HostFunctions;
using FunctionShape = HostFunctions;
using FunctionResult = HostFunctions;
using FunctionException = HostFunctions;
using FunctionIdentity = HostFunctions;
using FunctionCallback = HostFunctions;
using FunctionRelease = HostFunctions;
using FunctionHostile = HostFunctions;
using FunctionFromScript = HostFunctions;

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
  ASSERT_TRUE(vm_.eval(kAttempt));
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

// Exceptions of C++.

TEST_F(FunctionException, EachStandardClassIsAnErrorOfJavaScript) {
  const auto thrown = [&](auto exception) {
    set("f", [exception] { throw exception; });
    return outcome(
        vm_.eval("try { f() } catch (e) { e.constructor.name + ': ' + (e.message != '') }"));
  };
  EXPECT_EQ(thrown(std::invalid_argument("m")), "TypeError: true");
  EXPECT_EQ(thrown(std::bad_cast()), "TypeError: true");
  EXPECT_EQ(thrown(std::bad_any_cast()), "TypeError: true");
  EXPECT_EQ(thrown(std::out_of_range("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::length_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::range_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::overflow_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::underflow_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::domain_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::bad_alloc()), "InternalError: true");
  EXPECT_EQ(thrown(std::bad_array_new_length()), "InternalError: true");
  EXPECT_EQ(thrown(std::logic_error("m")), "Error: true");
  EXPECT_EQ(thrown(std::runtime_error("m")), "Error: true");
  EXPECT_EQ(thrown(std::exception()), "Error: true");
  EXPECT_EQ(thrown(std::bad_function_call()), "Error: true");
  EXPECT_EQ(thrown(std::bad_optional_access()), "Error: true");
  EXPECT_EQ(thrown(std::bad_variant_access()), "Error: true");
  EXPECT_EQ(thrown(std::bad_weak_ptr()), "Error: true");
  EXPECT_EQ(thrown(std::regex_error(std::regex_constants::error_paren)), "Error: true");
}

TEST_F(FunctionException, MessageIsThatOfWhat) {
  set("f", [](std::string text) { throw std::runtime_error(text); });
  attempt({{"f('this function fails')", "Error: this function fails"}, {"f('é😀')", "Error: é😀"}});
  const Error error = error_of(vm_.eval("f('out')"));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.message, "out");
  EXPECT_TRUE(error.vm_usable);
  set("g", [] { throw std::runtime_error("bad \xff utf-8"); });
  EXPECT_TRUE(gives(vm_, "attempt(g)", "Error: bad \xEF\xBF\xBD utf-8"));
}

TEST_F(FunctionException, SystemErrorHasItsCode) {
  const auto thrown = [&](auto exception) {
    set("f", [exception] { throw exception; });
    return outcome(vm_.eval("try { f() } catch (e) { e.constructor.name + ' ' + e.code }"));
  };
  EXPECT_EQ(thrown(std::system_error(EACCES, std::generic_category(), "open")),
            fmt::format("Error generic:{}", EACCES));
  EXPECT_EQ(thrown(std::filesystem::filesystem_error(
                "stat", std::make_error_code(std::errc::no_such_file_or_directory))),
            "Error generic:2");
  EXPECT_EQ(thrown(std::ios_base::failure("read")), "Error iostream:1");
  set("f", [] { throw std::system_error(EACCES, std::generic_category(), "open"); });
  EXPECT_TRUE(gives(vm_, "attempt(f).startsWith('Error: open')", "true"));
}

TEST_F(FunctionException, NestedOnesAreCauses) {
  set("f", [] {
    try {
      try {
        throw std::out_of_range("index 9");
      } catch (...) {
        std::throw_with_nested(std::invalid_argument("row 3"));
      }
    } catch (...) {
      std::throw_with_nested(std::runtime_error("table"));
    }
  });
  EXPECT_TRUE(gives(vm_,
                    "try { f() } catch (e) { [e, e.cause, e.cause.cause, e.cause.cause.cause]"
                    ".join('|') }",
                    "Error: table|TypeError: row 3|RangeError: index 9|"));
}

void throw_nested(int depth) {
  try {
    if (depth > 0) throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error(std::to_string(depth)));
  }
  throw std::runtime_error(std::to_string(depth));
}

TEST_F(FunctionException, CausesEndAtEightLevels) {
  set("f", [](int depth) { throw_nested(depth); });
  ASSERT_TRUE(
      vm_.eval("function causes(e) { let n = 0; for (; e.cause; e = e.cause) n++; return n }"
               "function count(depth) { try { f(depth) } catch (e) { return causes(e) + ' ' + "
               "e.message } }"));
  EXPECT_TRUE(gives(vm_, "count(0)", "0 0"));
  EXPECT_TRUE(gives(vm_, "count(7)", "7 7"));
  EXPECT_TRUE(gives(vm_, "count(8)", "8 8"));
  EXPECT_TRUE(gives(vm_, "count(30)", "8 30"));
}

TEST_F(FunctionException, WhatIsNoStdExceptionIsAnErrorToo) {
  struct Odd {};
  call(
      [](int kind) {
        switch (kind) {
          case 0:
            throw 42;
          case 1:
            throw "text";
          default:
            throw Odd();
        }
      },
      {});
  EXPECT_TRUE(gives(vm_,
                    "[0, 1, 2].map(k => { try { f(k) } catch (e) { return e instanceof Error && "
                    "e.message.length > 0 } }).join()",
                    "true,true,true"));
}

TEST_F(FunctionException, ScriptErrorIsItsError) {
  set("f", [] { throw ScriptError({.message = "m", .name = "RangeError", .detail = "E_FAR"}); });
  EXPECT_TRUE(gives(vm_,
                    "try { f() } catch (e) { [e instanceof RangeError, e.message, e.code].join() }",
                    "true,m,E_FAR"));
  set("g", [](Function<int()> callback) { return value_or_throw(callback()); });
  attempt({{"g(() => 3)", "3"}, {"g(() => { throw new EvalError('mine') })", "EvalError: mine"}});
}

TEST_F(FunctionException, AfterOneTheFunctionCanBeCalledAgain) {
  call(
      [](bool fail) {
        if (fail) throw std::runtime_error("intentional");
        return "success";
      },
      {{"true", "Error: intentional"}, {"false", "success"}, {"true", "Error: intentional"}});
  EXPECT_TRUE(fails(vm_, "f(true)", Errc::threw));
  EXPECT_TRUE(gives(vm_, "f(false)", "success"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionException, RunsFinallyBlocksAndDestructors) {
  int unwound = 0;
  struct Guard {
    int& count;
    ~Guard() { ++count; }
  };
  set("f", [&] {
    const Guard guard{unwound};
    throw std::runtime_error("m");
  });
  EXPECT_TRUE(gives(vm_,
                    "let log = ''; try { try { f() } finally { log += 'finally ' } } catch (e) { "
                    "log += e.message } log",
                    "finally m"));
  EXPECT_EQ(unwound, 1);
}

TEST_F(FunctionException, StackNamesTheFunctionAndItsCallers) {
  set("explode", [] { throw std::runtime_error("m"); });
  const std::string stack =
      outcome(vm_.eval("function outer() { explode() }\ntry { outer() } catch (e) { e.stack }",
                       {.file_name = "calls.js"}));
  EXPECT_LT(stack.find("explode"), stack.find("outer"));
  EXPECT_LT(stack.find("outer"), stack.find("calls.js:1"));
  EXPECT_NE(stack.find("calls.js:2"), std::string::npos) << stack;
  const Error error = error_of(vm_.eval("outer()"));
  EXPECT_NE(error.stack.find("explode"), std::string::npos) << error.stack;
}

// What a script threw goes through C++ as itself.

TEST_F(FunctionIdentity, ReturnedErrorIsTheValueThatWasThrown) {
  set("through", [](Function<Value()> f) { return f(); });
  set("thrower", [](Function<Value()> f) -> Value { return value_or_throw(f()); });
  set("nested", [](Function<Value()> f) -> Result<Value> {
    try {
      return value_or_throw(f());
    } catch (const ScriptError& caught) {
      return std::unexpected(caught.error());
    }
  });
  run(R"js(
    function same(pass, thrown) {
      try { pass(() => { throw thrown }); return 'nothing' } catch (e) { return Object.is(e, thrown) }
    })js");
  for (const std::string_view pass : {"through", "thrower", "nested"}) {
    for (const std::string_view thrown :
         {"new Error('e')", "new (class Mine extends TypeError {})('e')", "{}", "null", "undefined",
          "42", "-0", "'text'", "Symbol('s')", "5n", "2n ** 80n", "() => 1", "Object.freeze([])",
          "new Proxy({}, {})", "new Proxy({}, {get() { throw 1 }})",
          "{get message() { throw 1 }, get name() { return {} }}"}) {
      EXPECT_TRUE(gives(vm_, fmt::format("same({}, {})", pass, thrown), "true"));
    }
  }
}

TEST_F(FunctionIdentity, SurvivesManyFramesOfBothLanguages) {
  set("through", [](Function<Value(int)> f, int n) { return f(n); });
  EXPECT_TRUE(gives(vm_, R"js(
    const mine = {mine: true};
    function down(n) { if (n == 0) throw mine; return through(down, n - 1) }
    try { down(50) } catch (e) { String(e === mine) })js",
                    "true"));
}

TEST_F(FunctionIdentity, OfWhatAnEvalThrew) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  EXPECT_TRUE(gives(vm_,
                    "var mine = new Error('m'); try { evaluate('throw mine') } catch (e) { "
                    "String(e === mine) }",
                    "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => evaluate('1 +')).split(':')[0]", "SyntaxError"));
}

TEST_F(FunctionIdentity, OfWhatAGetterThrewDuringAConversion) {
  set("f", [](const Friend& f) { return f.name; });
  EXPECT_TRUE(gives(vm_,
                    "const mine = {}; try { f({get name() { throw mine }}) } catch (e) { String(e "
                    "=== mine) }",
                    "true"));
}

TEST_F(FunctionIdentity, HoldsForAsLongAsTheRunGoesOn) {
  set("pass", [](Function<Value()> first, Function<Value()> other, int others) -> Result<Value> {
    Result<Value> result = first();
    for (int i = 0; i < others; ++i) static_cast<void>(other());
    return result;
  });
  run(R"js(
    function same(others) {
      const mine = new Error('mine');
      try { pass(() => { throw mine }, () => { throw new Error('other') }, others) }
      catch (e) { return e === mine }
    })js");
  EXPECT_TRUE(gives(vm_, "same(0)", "true"));
  EXPECT_TRUE(gives(vm_, "same(1)", "true"));
  EXPECT_TRUE(gives(vm_, "same(7)", "true"));
  EXPECT_TRUE(gives(vm_, "same(8)", "true"));
  EXPECT_TRUE(gives(vm_, "same(100)", "true"));
}

TEST_F(FunctionIdentity, ErrorKeptPastItsRunIsAnEqualOne) {
  Error kept;
  set("keep", [&](Function<Value()> f) { kept = error_of(f()); });
  set("again", [&]() -> Result<void> { return std::unexpected(kept); });
  run("globalThis.mine = new RangeError('m'); keep(() => { throw mine })");
  EXPECT_TRUE(gives(vm_,
                    "try { again() } catch (e) { [e === mine, e instanceof RangeError, "
                    "e.message].join() }",
                    "false,true,m"));
}

TEST_F(FunctionIdentity, ErrorOfOneVmMeansNothingInAnother) {
  Runtime other = make_runtime();
  Error of_other;
  ASSERT_TRUE(other.set("keep", [&](Function<Value()> f) { of_other = error_of(f()); }));
  ASSERT_TRUE(other.eval("keep(() => { throw new TypeError('of the other') })"));
  set("mix", [&](Function<Value()> f) -> Result<void> {
    static_cast<void>(f());  // throws in this VM
    return std::unexpected(of_other);
  });
  EXPECT_TRUE(gives(vm_, "attempt(() => mix(() => { throw new Error('of this') }))",
                    "TypeError: of the other"));
}

// Callbacks that go back into the VM.

TEST_F(FunctionCallback, RecursionThroughBothLanguagesToFiftyLevels) {
  int depth = 0;
  int deepest = 0;
  set("again", [&](Function<int(int)> f, int n) -> Result<int> {
    deepest = std::max(deepest, ++depth);
    Result<int> result = f(n);
    --depth;
    if (result) ++*result;
    return result;
  });
  EXPECT_TRUE(gives(vm_, "function down(n) { return n == 0 ? 1000 : again(down, n - 1) } down(50)",
                    "1050"));
  EXPECT_EQ(deepest, 50);
  EXPECT_EQ(depth, 0);
}

TEST_F(FunctionCallback, RecursionThroughEval) {
  set("again", [](Context& context, int n) -> Result<int> {
    if (n == 0) return 1000;
    return context.eval<int>(fmt::format("again({}) + 1", n - 1));
  });
  EXPECT_TRUE(gives(vm_, "again(50)", "1050"));
}

TEST_F(FunctionCallback, NestingOverTheLimitIsAnErrorAndVmStaysUsable) {
  int depth = 0;
  set("again", [&](Function<Value()> f) {
    ++depth;
    Result<Value> result = f();
    --depth;
    return result;
  });
  run("function down() { return again(down) }");
  for (int i = 0; i < 3; ++i) {
    const Error error = error_of(vm_.eval("down()"));
    EXPECT_NE(error.code, Errc{}) << "it never ended";
    EXPECT_TRUE(error.vm_usable) << describe(error);
    EXPECT_EQ(depth, 0);
    EXPECT_TRUE(works(vm_));
  }
}

TEST_F(FunctionCallback, WhatAScriptCatchesAtTheNestingLimitIsAnError) {
  set("again", [](Function<Value()> f) { return f(); });
  set("text", [] { return std::string("text"); });
  const Error error = error_of(vm_.eval(R"js(
    globalThis.caught = [];
    function down() {
      try { text() } catch (e) { caught.push(e) }
      try { again(down) } catch (e) { caught.push(e) }
    }
    down();)js"));
  EXPECT_TRUE(error.vm_usable) << describe(error);
  EXPECT_TRUE(gives(vm_, "caught.length > 0", "true"));
  EXPECT_TRUE(
      gives(vm_, "caught.filter(e => !(e instanceof Error)).map(e => typeof e).join()", ""));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, EvaluatesInTheSameGlobalsAndIsPartOfTheRun) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  EXPECT_TRUE(gives(vm_,
                    "var before = 1; evaluate('before++; var inside = before * 10; inside'); "
                    "[before, inside].join()",
                    "2,20"));
  const std::uint64_t runs = vm_.stats().runs;
  EXPECT_TRUE(gives(vm_, "evaluate('evaluate(\"1 + 1\")')", "2"));
  EXPECT_EQ(vm_.stats().runs, runs + 1);
}

TEST_F(FunctionCallback, JobsOfAnInnerEvalRunAtTheEndOfTheRun) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  run("globalThis.log = []; evaluate(\"Promise.resolve().then(() => log.push('job'))\"); "
      "log.push('after')");
  EXPECT_TRUE(gives(vm_, "log.join()", "after,job"));
}

TEST_F(FunctionCallback, MaySetGetAndUnsetGlobals) {
  set("setGlobal", [](Context& context, const Value& value) { return context.set("g", value); });
  set("getGlobal", [](Context& context) { return context.get("g"); });
  set("unsetGlobal", [](Context& context) { return context.unset("g"); });
  run("setGlobal({n: 7})");
  EXPECT_TRUE(gives(vm_, "g === getGlobal() && getGlobal().n", "7"));
  EXPECT_TRUE(gives(vm_, "unsetGlobal(); typeof g + typeof getGlobal()", "undefinedundefined"));
}

TEST_F(FunctionCallback, MayUnsetItsOwnFunction) {
  auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = token;
  set("once", [&alive, token = std::move(token)](Context& context) -> Result<std::string> {
    if (auto done = context.unset("once"); !done) return std::unexpected(done.error());
    if (auto done = context.eval("const o = []; o.push(o); 0"); !done) {
      return std::unexpected(done.error());
    }
    return alive.expired() ? "destroyed while it runs" : "ran to its end";
  });
  EXPECT_TRUE(gives(vm_, "once() + ', ' + typeof once", "ran to its end, undefined"));
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionCallback, MayReplaceItselfAndCallTheNewOne) {
  set("f", [](Context& context) -> Result<int> {
    if (auto done = context.set("f", [](int n) { return n + 1; }); !done) {
      return std::unexpected(done.error());
    }
    return context.eval<int>("f(41)");
  });
  EXPECT_TRUE(gives(vm_, "f()", "42"));
  EXPECT_TRUE(gives(vm_, "f(1)", "2"));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

TEST_F(FunctionCallback, MayCollectGarbageAndAskForStats) {
  Runtime& vm = vm_;
  set("collect", [&vm](Context& context) -> Result<std::uint64_t> {
    if (auto done = context.unset("collect"); !done) return std::unexpected(done.error());
    if (auto done = vm.collect_garbage(); !done) return std::unexpected(done.error());
    return vm.stats().memory_bytes;
  });
  EXPECT_TRUE(gives(vm_, "collect() > 0", "true"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, ResetFromInsideIsRefusedAndChangesNothing) {
  Errc code = {};
  bool usable = false;
  set("f", [&] {
    const Error error = error_of(vm_.reset());
    code = error.code;
    usable = error.vm_usable && vm_.usable();
    return 5;
  });
  EXPECT_TRUE(gives(vm_, "var kept = 1; f() + kept", "6"));
  EXPECT_EQ(code, Errc::invalid_argument);
  EXPECT_TRUE(usable);
  EXPECT_TRUE(gives(vm_, "kept + f()", "6"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_TRUE(gives(vm_, "typeof kept + typeof f", "undefinedundefined"));
}

TEST_F(FunctionCallback, InterruptFromInsideEndsTheRun) {
  set("f", [&] { vm_.interrupt(); });
  EXPECT_TRUE(fails(vm_, "f(); for (;;);", Errc::interrupted));
  EXPECT_TRUE(fails(vm_,
                    "globalThis.caught = false; try { f(); for (;;); } catch { caught = true } "
                    "finally { caught = true } for (;;);",
                    Errc::interrupted));
  EXPECT_TRUE(gives(vm_, "caught", "false"));
  EXPECT_TRUE(fails(vm_, "f()", Errc::interrupted)) << "the last thing that the run does";
  EXPECT_TRUE(works(vm_));
}

TEST(FunctionDropsRuntime, ItsRunGoesOnToItsEnd) {
  std::optional<Runtime> vm = make_runtime();
  auto token = std::make_shared<int>(1);
  const std::weak_ptr<int> alive = token;
  const Context kept = *vm;
  const Value object = vm->eval("({n: 1})").value();
  bool usable_inside = false;
  ASSERT_TRUE(vm->set("drop", [&, token = std::move(token)](Context& context) -> Result<int> {
    vm.reset();
    usable_inside = !alive.expired() && context.usable();
    return context.eval<int>("40 + 1");
  }));
  const Result<Value> result = vm->eval("let n = drop(); for (let i = 0; i < 1000; i++) n++; n");
  EXPECT_TRUE(usable_inside);
  EXPECT_EQ(outcome(result), "1041");
  EXPECT_TRUE(alive.expired()) << "the callable goes with the VM";
  EXPECT_FALSE(kept.usable());
  EXPECT_EQ(error_of(kept.eval("1")).code, Errc::closed);
  EXPECT_EQ(error_of(object.get("n")).code, Errc::closed);
}

TEST(FunctionDropsRuntime, FromACallAScopeOrAJob) {
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    const Value drop = vm->get("drop").value();
    EXPECT_TRUE(drop.call<void>());
    EXPECT_FALSE(vm.has_value());
    EXPECT_EQ(error_of(drop.call<void>()).code, Errc::closed);
  }
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    const Context context = *vm;
    Scope scope(context);
    EXPECT_TRUE(context.eval("drop()"));
    EXPECT_EQ(context.eval<int>("1 + 1").value_or(0), 2) << "the scope's run goes on";
    EXPECT_TRUE(scope.close());
    EXPECT_FALSE(context.usable());
  }
  {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
    EXPECT_TRUE(vm->eval("Promise.resolve().then(drop).then(() => 1)"));
    EXPECT_FALSE(vm.has_value());
  }
}

TEST(FunctionDropsRuntime, OrMovesIt) {
  std::optional<Runtime> first = make_runtime();
  std::optional<Runtime> second;
  ASSERT_TRUE(first->set("move", [&] {
    second.emplace(std::move(*first));
    first.reset();
  }));
  EXPECT_EQ(outcome(first->eval("var n = 1; move(); n + 1")), "2");
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(gives(*second, "n", "1"));
  EXPECT_TRUE(works(*second));
}

TEST(FunctionDropsRuntime, AndTheObjectItReturnsIsClosed) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
  const Result<Value> result = vm->eval("drop(); ({n: 1})");
  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(error_of(result->get("n")).code, Errc::closed);
}

TEST_F(FunctionCallback, MayUseAnotherVmWhichMayComeBack) {
  Runtime other = make_runtime();
  ASSERT_TRUE(other.set("back", [&](int n) { return vm_.eval<int>(fmt::format("base + {}", n)); }));
  set("across", [&](int n) { return other.eval<int>(fmt::format("back({}) * 2", n)); });
  EXPECT_TRUE(gives(vm_, "var base = 100; across(1)", "202"));
  EXPECT_TRUE(works(other));
}

TEST_F(FunctionCallback, FaultOfAnotherVmStaysThere) {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{0};
  Runtime other = make_runtime(limits);
  Error error;
  set("f", [&] {
    error = error_of(other.eval("new Array(2 ** 32 - 1).join('')"));
    return "went on";
  });
  EXPECT_TRUE(gives(vm_, "f()", "went on"));
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_FALSE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
  EXPECT_TRUE(faulted_and_reset_heals(other));
}

TEST_F(FunctionCallback, ValuesOfAnotherVmAreRefusedAsArguments) {
  Runtime other = make_runtime();
  const Value foreign = other.object().value();
  const Value f = vm_.eval("(x => typeof x)").value();
  EXPECT_EQ(error_of(f.call(foreign)).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(f.call_on(foreign)).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(vm_.set("x", foreign)).code, Errc::invalid_argument);
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionCallback, IsCalledByBuiltInsAsAnyFunction) {
  set("f", [](int a) { return a * 10; });
  set("compare", [](int a, int b) { return a - b; });
  set("any", [](Arguments& arguments) { return arguments.size(); });
  attempt({{"[1, 2, 3].map(f)", "10,20,30"},
           {"[3, 1, 2].sort(compare)", "1,2,3"},
           {"[0, 0].map(any)", "3,3"},
           {"'ab'.replace(/./g, any)", "33"},
           {"Array.from({length: 2}, any)", "2,2"},
           {"any`a${1}b${2}c`", "3"},
           {"Reflect.apply(f, null, [4])", "40"},
           {"JSON.parse('[1]', any)", "3"},
           {"new Map([[1, 2]]).forEach(any)", "undefined"}});
  run("globalThis.seen = 0; Promise.resolve(4).then(f).then(v => { seen = v })");
  EXPECT_TRUE(gives(vm_, "seen", "40"));
  run("globalThis.seen = 0; (async () => { seen = await f(5) })()");
  EXPECT_TRUE(gives(vm_, "seen", "50"));
}

// Functions of the script, called from C++.

TEST_F(FunctionFromScript, TakesAndGivesTypes) {
  const auto function = [&](std::string_view source) { return vm_.eval(source).value(); };
  EXPECT_EQ((Function<int(int, int)>(function("(a, b) => a + b"))(5, 3).value_or(0)), 8);
  EXPECT_EQ((Function<std::string(std::string)>(function("s => s + '!'"))("hi").value_or("")),
            "hi!");
  EXPECT_EQ((Function<bool(bool, bool)>(function("(a, b) => a && b"))(true, false).value_or(true)),
            false);
  EXPECT_EQ((Function<int()>(function("() => 42"))().value_or(0)), 42);
  EXPECT_TRUE((Function<void()>(function("() => 42"))()));
  EXPECT_EQ((Function<std::optional<int>()>(function("() => {}"))().value_or(1)), std::nullopt);
  EXPECT_EQ((Function<std::vector<int>()>(function("() => [1, 2]"))().value_or(std::vector<int>())),
            (std::vector<int>{1, 2}));
  const Value sum = function("(...list) => list.reduce((a, b) => a + b, 0)");
  EXPECT_EQ(sum.call<int>().value_or(-1), 0);
  EXPECT_EQ(sum.call<int>(1, 2, 3, 4, 5).value_or(-1), 15);
  EXPECT_EQ(sum.call<std::string>("Total", 1).value_or(""), "0Total1");
}

TEST_F(FunctionFromScript, ResultThatDoesNotFitIsAConversionError) {
  const Function<std::string()> f(vm_.eval("() => ({name: 'x'})").value());
  const Error error = error_of(f());
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(describe(error), "conversion: result: expected string, got object");
  const Function<std::map<std::string, std::string>()> g(
      vm_.eval("() => ({value: Symbol('s')})").value());
  EXPECT_EQ(describe(error_of(g())), "conversion: result.value: expected string, got symbol");
}

TEST_F(FunctionFromScript, WhatIsNoFunctionIsAnError) {
  EXPECT_EQ(error_of(Value().call()).code, Errc::conversion);
  EXPECT_EQ(error_of(Value::number(1).call()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.eval("'text'").value().call()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.eval("({})").value().call()).name, "TypeError");
  EXPECT_EQ(error_of(vm_.eval("() => 1").value().construct()).name, "TypeError");
  EXPECT_EQ(error_of(vm_.eval("'text'").value().as<Function<int()>>()).code, Errc::conversion);
  EXPECT_EQ(error_of(vm_.object()->invoke("missing")).name, "TypeError");
}

TEST_F(FunctionFromScript, WhatItThrowsIsAnErrorWithItsClassAndStack) {
  const Function<void()> f(
      vm_.eval("() => { function inner() { throw new RangeError('deep') } inner() }",
               {.file_name = "deep.js"})
          .value());
  const Error error = error_of(f());
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "deep");
  EXPECT_NE(error.stack.find("inner"), std::string::npos) << error.stack;
  EXPECT_NE(error.stack.find("deep.js:1"), std::string::npos) << error.stack;
  EXPECT_EQ(error_of(vm_.eval("() => missing").value().call()).name, "ReferenceError");
  EXPECT_EQ(error_of(vm_.eval("() => null.x").value().call()).name, "TypeError");
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionFromScript, ArgumentThatDoesNotConvertIsNamed) {
  const Value f = vm_.eval("() => { throw new Error('called') }").value();
  const Error error = error_of(f.call(1, std::string("\xff")));
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(error.path, "argument 2");
}

TEST_F(FunctionFromScript, ThisConstructAndInvoke) {
  run("class P { constructor(a, b) { this.sum = a + b } more(n) { return this.sum + n } } "
      "globalThis.P = P; function who() { 'use strict'; return this }");
  const Value constructor = vm_.get("P").value();
  const Value object = constructor.construct(1, 2).value();
  EXPECT_EQ(object.get<int>("sum").value_or(0), 3);
  EXPECT_EQ(object.invoke<int>("more", 4).value_or(0), 7);
  EXPECT_EQ(object.get("more")->call_on<int>(object, 5).value_or(0), 8);
  EXPECT_TRUE(vm_.get("who")->call()->is_undefined());
  EXPECT_EQ(vm_.get("who")->call_on(Value::number(5))->as<int>().value_or(0), 5);
}

TEST_F(FunctionFromScript, ManyArgumentsUpToWhatTheEngineHas) {
  const Value count = vm_.eval("(function() { return arguments.length })").value();
  std::vector<Value> elements(60'000);
  const Value list = vm_.array(elements).value();
  const Value apply = vm_.eval("(f, list) => f.apply(null, list)").value();
  EXPECT_EQ(apply.call<int>(count, list).value_or(0), 60'000);
  EXPECT_EQ(count.call<int>(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12).value_or(0), 12);
}

// Limits inside callbacks.

class FunctionLimits : public ::testing::Test {
 protected:
  static Runtime with(const Limits& limits) {
    Runtime vm = make_runtime(limits);
    // A host function that ignores what goes wrong inside of it.
    EXPECT_TRUE(vm.set("swallow", [](Function<Value()> f) {
      static_cast<void>(f());
      return "swallowed";
    }));
    EXPECT_TRUE(vm.set("replace", [](Function<Value()> f) -> Result<void> {
      static_cast<void>(f());
      return std::unexpected(Error{.message = "another error", .name = "TypeError"});
    }));
    EXPECT_TRUE(vm.set("explode", [](Function<Value()> f) {
      static_cast<void>(f());
      throw std::runtime_error("another error");
    }));
    return vm;
  }
  /// `body` inside each of the host functions, with a script that catches and then goes on.
  static void cannot_be_swallowed(Runtime& vm, std::string_view body, Errc code) {
    for (const std::string_view by : {"swallow", "replace", "explode"}) {
      EXPECT_TRUE(fails(vm, fmt::format("{}(() => {{ {} }})", by, body), code)) << by;
      EXPECT_TRUE(works(vm)) << by;
      EXPECT_TRUE(fails(
          vm, fmt::format("try {{ {}(() => {{ {} }}) }} catch {{}} 'completed'", by, body), code))
          << by;
      EXPECT_TRUE(works(vm)) << by;
    }
  }
};

TEST_F(FunctionLimits, TimeThatRunsOutInACallbackEndsTheRun) {
  Limits limits;
  limits.wall_time = milliseconds{30};
  limits.grace = seconds{1};
  Runtime vm = with(limits);
  for (const std::string_view by : {"swallow", "replace", "explode"}) {
    EXPECT_TRUE(fails(vm, fmt::format("{}(() => {{ for (;;); }})", by), Errc::time_limit)) << by;
    EXPECT_TRUE(fails(vm,
                      fmt::format("globalThis.after = 0; for (;;) {{ try {{ {}(() => {{ for (;;); "
                                  "}}) }} catch {{ after = 1 }} finally {{ after = 2 }} }}",
                                  by),
                      Errc::time_limit))
        << by;
    ASSERT_TRUE(vm.usable());
    EXPECT_TRUE(takes(vm, {{"'after is ' + (globalThis.after ?? 0)", "after is 0"}})) << by;
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, TimeSpentByTheHostCounts) {
  Limits limits;
  limits.wall_time = milliseconds{20};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  Error inner;
  ASSERT_TRUE(vm.set("sleep", [&](Context& context) {
    std::this_thread::sleep_for(milliseconds{60});
    inner = error_of(context.eval("globalThis.late = 1"));
    return 1;
  }));
  EXPECT_TRUE(fails(vm, "sleep()", Errc::time_limit));
  EXPECT_EQ(inner.code, Errc::time_limit) << "nothing runs after the end";
  EXPECT_TRUE(fails(vm, "try { sleep() } catch {} for (;;);", Errc::time_limit));
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, HardCutInACallbackLetsTheHostFunctionReturn) {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{0};
  Runtime vm = make_runtime(limits);
  int returned = 0;
  ASSERT_TRUE(vm.set("swallow", [&](Function<Value()> f) {
    struct Guard {
      int& count;
      ~Guard() { ++count; }
    } const guard{returned};
    static_cast<void>(f());
    return 1;
  }));
  const Error error = error_of(vm.eval(
      "try { swallow(() => new Array(2 ** 32 - 1).join('')) } catch {} globalThis.after = 1"));
  EXPECT_EQ(error.code, Errc::time_limit);
  EXPECT_FALSE(error.vm_usable);
  EXPECT_EQ(returned, 1);
  EXPECT_TRUE(faulted_and_reset_heals(vm));
}

TEST_F(FunctionLimits, MemoryThatRunsOutInACallbackIsReported) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "new ArrayBuffer(100e6)", Errc::memory_limit);
  const Error error = error_of(vm.eval("swallow(() => new ArrayBuffer(100e6))"));
  EXPECT_EQ(error.completion, "swallowed") << "nothing that was computed is lost";
}

TEST_F(FunctionLimits, MemoryTakenByTheHostIsReported) {
  Limits limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime vm = make_runtime(limits);
  Errc inner = {};
  ASSERT_TRUE(vm.set("fill", [&](Context& context) {
    inner = error_of(context.string(std::string(20'000'000, 'x'))).code;
  }));
  ASSERT_TRUE(vm.set("big", [] { return std::string(20'000'000, 'x'); }));
  EXPECT_TRUE(fails(vm, "fill()", Errc::memory_limit));
  EXPECT_EQ(inner, Errc::memory_limit);
  EXPECT_TRUE(fails(vm, "try { big() } catch {} 1", Errc::memory_limit));
  EXPECT_TRUE(works(vm));
}

TEST_F(FunctionLimits, StackThatRunsOutInACallbackIsReported) {
  Runtime vm = with(roomy());
  cannot_be_swallowed(vm, "(function f() { return f() + 1 })()", Errc::stack_limit);
}

TEST_F(FunctionLimits, FuelThatRunsOutInACallbackEndsTheRun) {
  Limits limits = roomy();
  limits.fuel = 100;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "for (;;);", Errc::fuel_limit);
}

TEST_F(FunctionLimits, OutputThatRunsOutInACallbackEndsTheRun) {
  Limits limits = roomy();
  limits.output_bytes = 100;
  Runtime vm = with(limits);
  cannot_be_swallowed(vm, "console.log('x'.repeat(200)); for (;;);", Errc::output_limit);
}

TEST_F(FunctionLimits, InterruptInACallbackEndsTheRun) {
  Runtime vm = with(roomy());
  ASSERT_TRUE(vm.set("interrupt", [&] { vm.interrupt(); }));
  cannot_be_swallowed(vm, "interrupt(); for (;;);", Errc::interrupted);
}

TEST_F(FunctionLimits, HostCannotFakeALimit) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("fake", [](int code) -> Result<void> {
    return std::unexpected(Error{.code = static_cast<Errc>(code), .message = "fake"});
  }));
  EXPECT_TRUE(gives(vm,
                    "[1,2,3,4,5,6,7,8,9,10,11,12,13].map(c => { try { fake(c) } catch (e) { return "
                    "e.message } }).join()",
                    "fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake,fake"));
  EXPECT_TRUE(fails(vm, "fake(3)", Errc::threw)) << "a host's error is an ordinary exception";
  EXPECT_TRUE(works(vm));
}

// When the callable is let go of.

struct Counts {
  int made = 0;
  int destroyed = 0;
  int running = 0;
  bool destroyed_while_running = false;
};

/// A callable that counts itself, whatever it is moved through.
class Probe {
 public:
  using Body = std::function<Result<Value>(Arguments&)>;
  explicit Probe(Counts& counts, Body body = {}) : counts_(&counts), body_(std::move(body)) {
    ++counts.made;
  }
  Probe(Probe&& other) noexcept
      : counts_(std::exchange(other.counts_, nullptr)), body_(std::move(other.body_)) {}
  Probe& operator=(Probe&&) = delete;
  ~Probe() {
    if (counts_ == nullptr) return;
    ++counts_->destroyed;
    counts_->destroyed_while_running = counts_->destroyed_while_running || running_ > 0;
  }
  Result<Value> operator()(Arguments& arguments) {
    ++running_;
    ++counts_->running;
    Result<Value> result = body_ ? body_(arguments) : Result<Value>(Value::number(1));
    --counts_->running;
    --running_;
    return result;
  }

 private:
  Counts* counts_;
  Body body_;
  int running_ = 0;
};

TEST_F(FunctionRelease, ByUnset) {
  Counts counts;
  set("f", Probe(counts));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
  EXPECT_EQ(counts.destroyed, 0);
  ASSERT_TRUE(vm_.unset("f"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  ASSERT_TRUE(vm_.unset("f")) << "what is not there can be unset";
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, ByReassigningFromEitherSide) {
  Counts counts;
  set("f", Probe(counts));
  set("f", Probe(counts));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm_.stats().host_functions, 1U);
  run("f = null");
  EXPECT_EQ(counts.destroyed, 2);
  set("f", Probe(counts));
  run("delete globalThis.f");
  EXPECT_EQ(counts.destroyed, 3);
  EXPECT_EQ(counts.made, 3);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, NotWhileTheScriptStillHasIt) {
  Counts counts;
  set("f", Probe(counts));
  run("globalThis.kept = [f]; globalThis.bound = f.bind(null); globalThis.proxy = new Proxy(f, "
      "{})");
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 0);
  EXPECT_TRUE(gives(vm_, "kept[0]() + bound() + proxy()", "3"));
  run("kept = null; bound = null");
  EXPECT_EQ(counts.destroyed, 0);
  run("proxy = null");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, NotWhileAValueHoldsIt) {
  Counts counts;
  set("f", Probe(counts));
  std::optional<Value> held = vm_.get("f").value();
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 0);
  EXPECT_EQ(held->call<int>().value_or(0), 1);
  held.reset();
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, StatsKnowAtOnceThatTheLastValueWasDropped) {
  {
    const Value f = vm_.function("f", [] {}).value();
  }
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, OfCyclesByTheCollector) {
  Options options;
  options.limits = roomy();
  options.gc_threshold_bytes = 64 * kMiB;  // not by itself
  Runtime vm = make_runtime(std::move(options));
  Counts counts;
  ASSERT_TRUE(vm.set("f", Probe(counts)));
  ASSERT_TRUE(vm.eval("f.self = f; { const a = {f}; f.a = a }"));
  ASSERT_TRUE(vm.unset("f"));
  EXPECT_EQ(counts.destroyed, 0) << "a cycle lives until it is collected";
  EXPECT_EQ(vm.stats().host_functions, 1U);
  ASSERT_TRUE(vm.collect_garbage());
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(vm.stats().host_functions, 0U);
}

TEST_F(FunctionRelease, ByReset) {
  Counts counts;
  set("f", Probe(counts));
  set("g", Probe(counts));
  const Value held = vm_.get("f").value();
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(counts.destroyed, 2);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_EQ(error_of(held.call()).code, Errc::closed);
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(counts.destroyed, 2);
}

TEST(FunctionReleaseAtTheEnd, WithTheRuntime) {
  Counts counts;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("f", Probe(counts)));
    ASSERT_TRUE(vm.eval("globalThis.cycle = {f}; cycle.self = cycle; 0"));
    Runtime moved = std::move(vm);
    EXPECT_EQ(counts.destroyed, 0);
  }
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_EQ(counts.made, 1);
}

TEST(FunctionReleaseAtTheEnd, OfAVmThatWasCutOff) {
  for (const bool reset : {true, false}) {
    Counts counts;
    {
      Limits limits;
      limits.wall_time = milliseconds{100};
      limits.grace = milliseconds{0};
      Runtime vm = make_runtime(limits);
      ASSERT_TRUE(vm.set("f", Probe(counts)));
      ASSERT_TRUE(vm.set("g", Probe(counts)));
      const Error error =
          error_of(vm.eval("g = null; f(); new Array(2 ** 32 - 1).join(''); f = null"));
      EXPECT_FALSE(error.vm_usable);
      EXPECT_LE(counts.destroyed, 1);
      if (reset) {
        ASSERT_TRUE(vm.reset());
        EXPECT_EQ(counts.destroyed, 2);
      }
    }
    EXPECT_EQ(counts.destroyed, 2);
    EXPECT_FALSE(counts.destroyed_while_running);
  }
}

TEST_F(FunctionRelease, NeverWhileItRuns) {
  Counts counts;
  set("make", [] { return [] {}; });
  set("f", Probe(counts, [](Arguments& arguments) -> Result<Value> {
        // Lets go of itself, then makes so many functions that the table must be cleared.
        Result<Value> done = arguments.context().eval(
            "f = null; for (let i = 0; i < 5000; i++) { const g = make(); g.self = g } "
            "for (let i = 0; i < 5000; i++) make()(); 7");
        return done;
      }));
  Runtime& vm = vm_;
  set("collect", [&vm] { return vm.collect_garbage(); });
  EXPECT_TRUE(
      gives(vm_, "const r = f(); collect(); for (let i = 0; i < 5000; i++) make()(); r", "7"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_FALSE(counts.destroyed_while_running);
}

TEST_F(FunctionRelease, OfARecursionThatLetsGoOfItself) {
  Counts counts;
  set("f", Probe(counts, [](Arguments& arguments) -> Result<Value> {
        const Value n = arguments[0];
        if (*n.as<int>() == 0) return arguments.context().eval("f = null; 0");
        return arguments.context().eval(fmt::format("f({})", *n.as<int>() - 1));
      }));
  EXPECT_TRUE(gives(vm_, "f(20)", "0"));
  EXPECT_EQ(counts.destroyed, 1);
  EXPECT_FALSE(counts.destroyed_while_running);
}

TEST_F(FunctionRelease, InTheMiddleOfALongRunOnceThereAreMany) {
  Counts counts;
  set("make", [&counts](Context& context) { return context.function("made", Probe(counts)); });
  EXPECT_TRUE(gives(vm_, "for (let i = 0; i < 10000; i++) make()(); 'done'", "done"));
  EXPECT_EQ(counts.made, 10'000);
  EXPECT_EQ(counts.destroyed, 10'000);
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

/// A callable whose destructor does something, once.
class AtEnd {
 public:
  explicit AtEnd(std::function<void()> then) : then_(std::move(then)) {}
  AtEnd(AtEnd&& other) noexcept : then_(std::exchange(other.then_, nullptr)) {}
  AtEnd& operator=(AtEnd&&) = delete;
  ~AtEnd() {
    if (then_) then_();
  }
  int operator()() const { return 1; }

 private:
  std::function<void()> then_;
};

TEST_F(FunctionRelease, DestructorMayUseTheVm) {
  std::string said;
  int destroyed = 0;
  set("f", AtEnd([&] {
        ++destroyed;
        said = outcome(vm_.eval("typeof f + [1, 2].map(x => x * 2)"));
        static_cast<void>(vm_.set("left", 5));
        static_cast<void>(vm_.set("made", [] { return 6; }));
        said += outcome(vm_.get("left"));
      }));
  ASSERT_TRUE(vm_.unset("f"));
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(said, "undefined2,45");
  EXPECT_TRUE(gives(vm_, "left + made()", "11"));
  EXPECT_EQ(vm_.stats().host_functions, 1U);
}

TEST_F(FunctionRelease, DestructorsMayLetGoOfMore) {
  int destroyed = 0;
  for (int i = 0; i < 50; ++i) {
    set(fmt::format("f{}", i), AtEnd([this, &destroyed, i] {
          ++destroyed;
          if (i < 49) static_cast<void>(vm_.unset(fmt::format("f{}", i + 1)));
        }));
  }
  ASSERT_TRUE(vm_.unset("f0"));
  ASSERT_TRUE(vm_.eval("0"));
  EXPECT_EQ(destroyed, 50);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionRelease, DestructorMayDropValues) {
  auto held =
      std::make_shared<std::optional<Value>>(vm_.eval("({big: new ArrayBuffer(1e6)})").value());
  set("f", [held] {});
  held.reset();
  const std::uint64_t before = vm_.stats().memory_bytes;
  ASSERT_TRUE(vm_.unset("f"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes + 900'000, before);
}

TEST_F(FunctionRelease, DestructorAtResetFindsTheOldStateClosed) {
  const Context before = vm_;
  Errc code = {};
  int destroyed = 0;
  set("f", AtEnd([&] {
        ++destroyed;
        code = error_of(before.eval("1")).code;
        static_cast<void>(vm_.set("left", [] {}));
      }));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(code, Errc::closed);
  EXPECT_EQ(vm_.stats().host_functions, 0U);
  EXPECT_TRUE(gives(vm_, "typeof left", "undefined"));
}

TEST(FunctionReleaseAtTheEnd, DestructorFindsTheVmClosed) {
  Errc code = {};
  {
    Runtime vm = make_runtime();
    const Context context = vm;
    ASSERT_TRUE(vm.set("f", AtEnd([&code, context] { code = error_of(context.eval("1")).code; })));
  }
  EXPECT_EQ(code, Errc::closed);
}

TEST(FunctionReleaseAtTheEnd, DestructorMayDropTheRuntime) {
  for (const bool by_eval : {true, false}) {
    std::optional<Runtime> vm = make_runtime();
    ASSERT_TRUE(vm->set("f", AtEnd([&] { vm.reset(); })));
    if (by_eval) {
      EXPECT_TRUE(vm->eval("f = null; 0"));
    } else {
      EXPECT_TRUE(vm->unset("f"));
    }
    EXPECT_FALSE(vm.has_value());
  }
}

TEST(FunctionReleaseAtTheEnd, DestructorMayDropTheRuntimeThatIsAskedForStats) {
  for (const bool stats : {true, false}) {
    std::optional<Runtime> vm = make_runtime();
    {
      const Value dropped = vm->function("f", AtEnd([&] { vm.reset(); })).value();
    }
    ASSERT_TRUE(vm.has_value());
    if (stats) {
      static_cast<void>(vm->stats());
    } else {
      EXPECT_TRUE(vm->collect_garbage());
    }
    EXPECT_FALSE(vm.has_value());
  }
}

TEST_F(FunctionRelease, AtTheEndOfAScope) {
  Counts counts;
  {
    const Scope scope(vm_);
    set("f", Probe(counts));
    ASSERT_TRUE(vm_.unset("f"));
    EXPECT_TRUE(gives(vm_, "typeof f", "undefined"));
    EXPECT_EQ(counts.destroyed, 0) << "not in the middle of a run";
  }
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, HoldsItsOwnFunctionInACycleUntilTheVmEnds) {
  // The callable holds the Value of the function: no collector sees through C++.
  Counts counts;
  {
    Runtime vm = make_runtime();
    auto self = std::make_shared<std::optional<Value>>();
    auto probe = std::make_shared<Probe>(counts);
    ASSERT_TRUE(vm.set("f", [self, probe] {}));
    *self = vm.get("f").value();
    ASSERT_TRUE(vm.unset("f"));
    self.reset();
    probe.reset();
    ASSERT_TRUE(vm.collect_garbage());
    EXPECT_EQ(counts.destroyed, 0);
    EXPECT_EQ(vm.stats().host_functions, 1U);
  }
  EXPECT_EQ(counts.destroyed, 1);
}

TEST_F(FunctionRelease, MillionCallsLeaveNothingBehind) {
  std::uint64_t called = 0;
  set("f", [&](const Value& object, std::string_view text, Rest<int> rest) {
    ++called;
    return object.is_object() && text.size() == 1 ? rest.size() : 0;
  });
  set("fail", [](int) -> Result<void> { return std::unexpected(Error{.message = "m"}); });
  const std::string loop =
      "function loop(n) { let s = 0; for (let i = 0; i < n; i++) { s += f({}, 'x', i, i);"
      " if (i % 10 == 0) try { fail(i) } catch {} } return s } loop(1000)";
  ASSERT_TRUE(vm_.eval(loop));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  const int calls = scaled(1'000'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", calls), std::to_string(2 * calls)));
  EXPECT_EQ(called, static_cast<std::uint64_t>(calls) + 1000);
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 1024);
}

TEST_F(FunctionRelease, FailedCallsLeaveNothingBehind) {
  set("typed", [](int, const std::string&, const Friend&) {});
  set("rest", [](Rest<std::vector<int>>) {});
  set("pass", [](Function<Value()> f) { return f(); });
  set("coded", [] { return std::make_error_code(std::errc::io_error); });
  set("text", [] { return std::string("\xff"); });
  set("nested", [] {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::runtime_error("outer"));
    }
  });
  run(R"js(
    const calls = [
      () => typed(), () => typed(1, 2), () => typed(1, 'x', {name: {}}), () => typed(1, 'x', {}),
      () => typed(1, 'x', {get name() { throw new Error('getter') }}),
      () => rest([1], [2, 'x']), () => rest([1, 2, 3], {}), () => pass(() => { throw {o: 1} }),
      () => pass(() => null.x), () => pass(5), coded, text, nested, () => new coded];
    function loop(n) {
      let caught = 0;
      for (let i = 0; i < n; i++) for (const call of calls) try { call() } catch { caught++ }
      return caught;
    }
    loop(100);)js");
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  const int count = scaled(10'000);
  EXPECT_TRUE(gives(vm_, fmt::format("loop({})", count), std::to_string(14 * count)));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

TEST_F(FunctionRelease, MillionCallsOfTheScriptLeaveNothingBehind) {
  const Function<int(int, std::string)> f(vm_.eval("(n, s) => ({n, s}).n + s.length").value());
  const auto loop = [&](int calls) {
    const Scope scope(vm_);
    int failures = 0;
    for (int i = 0; i < calls; ++i) failures += f(i, "xy").value_or(0) == i + 2 ? 0 : 1;
    return failures;
  };
  ASSERT_EQ(loop(1000), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  EXPECT_EQ(loop(scaled(1'000'000)), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LE(vm_.stats().memory_bytes, before + 1024);
}

TEST_F(FunctionRelease, HundredThousandFunctionsLeaveNothingBehind) {
  set("make", [](int n) { return [n] { return n; }; });
  const int count = scaled(100'000);
  const auto by_script = [&](int n) {
    return gives(vm_,
                 fmt::format("(() => {{ let s = 0; for (let i = 0; i < {0}; i++) s += make(1)();"
                             " return s }})()",
                             n),
                 std::to_string(n));
  };
  const auto by_host = [&](int n) {
    int failures = 0;
    for (int i = 0; i < n; ++i) failures += vm_.set("f", [i] { return i; }) ? 0 : 1;
    for (int i = 0; i < n; ++i) failures += vm_.function("unused", [i] { return i; }) ? 0 : 1;
    return failures;
  };
  ASSERT_TRUE(by_script(2000));
  ASSERT_EQ(by_host(2000), 0);
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  EXPECT_TRUE(by_script(count));
  EXPECT_EQ(by_host(count), 0);
  EXPECT_TRUE(gives(vm_, "f()", std::to_string(count - 1)));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, 2U);
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

// Scripts that mean harm.

TEST_F(FunctionHostile, CallApplyAndBindInEveryShape) {
  set("f", [](int a, Rest<int> rest) { return a + static_cast<int>(rest.size()); });
  attempt({{"f.call(null, 1, 2, 3)", "3"},
           {"f.apply(undefined, [1, 2])", "2"},
           {"f.apply(null, {length: 2, 0: 5, 1: 1})", "6"},
           {"f.apply(null, Array(60000).fill(1))", "60000"},
           {"f.bind(null, 1, 2).bind(null, 3)(4)", "4"},
           {"Function.prototype.call.call(f, null, 1)", "1"},
           {"Reflect.apply(f, null, [7])", "7"},
           {"(0, f)(...[1, 2, 3])", "3"},
           {"f?.(1)", "1"}});
  EXPECT_TRUE(
      gives(vm_, "attempt(() => f.apply(null, Array(70000).fill(1))).split(':')[0]", "RangeError"));
  EXPECT_TRUE(
      gives(vm_, "attempt(() => f.apply(null, {length: 2 ** 40})).includes('Error: ')", "true"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionHostile, NewAndReflectConstructAreRefused) {
  int called = 0;
  set("f", [&] { ++called; });
  for (const std::string_view source :
       {"new f", "new f()", "Reflect.construct(f, [])", "Reflect.construct(Object, [], f)",
        "new (f.bind())", "new (class extends f {})",
        "new (new Proxy(f, {construct() { return {} }}))"}) {
    EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => {}).split(':')[0]", source), "TypeError"));
  }
  EXPECT_EQ(called, 0);
}

TEST_F(FunctionHostile, ProxiesAroundItPassThrough) {
  set("f", [](This self, Arguments& arguments) {
    return fmt::format("{}{}", to_string(self.value.type()), arguments.size());
  });
  attempt({{"new Proxy(f, {})(1)", "undefined1"},
           {"new Proxy(f, {apply(t, s, a) { return t.apply('s', [...a, 1]) }})(1)", "string2"},
           {"new Proxy(new Proxy(f, {}), {}).call({}, 1, 2)", "object2"},
           {"new Proxy(f, {get() { throw new EvalError('trap') }}).name", "EvalError: trap"}});
  EXPECT_TRUE(gives(vm_,
                    "const r = Proxy.revocable(f, {}); r.revoke(); attempt(() => "
                    "r.proxy()).split(':')[0]",
                    "TypeError"));
}

TEST_F(FunctionHostile, StandsInForAccessorsAndConversions) {
  set("one", [] { return 1; });
  set("text", [](Arguments& arguments) { return fmt::format("t{}", arguments.size()); });
  set("boom", []() -> Result<Value> {
    return std::unexpected(Error{.message = "boom", .name = "EvalError"});
  });
  attempt({{"Object.defineProperty({}, 'x', {get: one}).x", "1"},
           {"(o => { o.x = 5; return o.x })(Object.defineProperty({}, 'x', {get: one, set: one}))",
            "1"},
           {"+{valueOf: one}", "1"},
           {"`${{toString: text}}`", "t0"},
           {"`${{[Symbol.toPrimitive]: text}}`", "t1"},
           {"JSON.stringify({toJSON: text})", "\"t1\""},
           {"JSON.stringify({a: 1}, text)", "\"t2\""},
           {"5 in new Proxy({}, {has: one})", "true"},
           {"({}) instanceof {[Symbol.hasInstance]: one}", "true"},
           {"[...{[Symbol.iterator]: boom}]", "EvalError: boom"},
           {"+{valueOf: boom}", "EvalError: boom"},
           {"`${{[Symbol.toPrimitive]: boom}}`", "EvalError: boom"},
           {"JSON.stringify({toJSON: boom})", "EvalError: boom"},
           {"Object.defineProperty({}, 'x', {get: boom}).x", "EvalError: boom"},
           {"new Proxy({}, {ownKeys: boom, get: boom}).x", "EvalError: boom"},
           {"[3, 2, 1].sort(boom)", "EvalError: boom"},
           {"Array.from({length: 3}, boom)", "EvalError: boom"},
           {"JSON.parse('[1]', boom)", "EvalError: boom"},
           {"'a'.replace(/a/, boom)", "EvalError: boom"},
           {"[...{[Symbol.iterator]() { return {next: boom} }}]", "EvalError: boom"}});
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionHostile, ItsPropertiesCanBeChangedAndItStillWorks) {
  set("f", [](int n) { return n; });
  EXPECT_TRUE(gives(vm_,
                    "[delete f.name, delete f.length, f.name, 'length' in f && f.length, "
                    "f(1)].join()",
                    "true,true,,0,1"));
  EXPECT_TRUE(gives(vm_,
                    "Object.setPrototypeOf(f, null); [typeof f, f(2), f instanceof "
                    "Function].join()",
                    "function,2,false"));
  EXPECT_TRUE(gives(vm_, "f.x = {}; f.prototype = 1; Object.freeze(f); f(3)", "3"));
  EXPECT_TRUE(gives(vm_, "[Reflect.setPrototypeOf(f, []), Reflect.set(f, 'x', 1), f(4)].join()",
                    "false,false,4"));
}

TEST_F(FunctionHostile, ConstructorOfItIsTheScriptsOwn) {
  set("f", [] {});
  EXPECT_TRUE(gives(vm_, "f.constructor === Function", "true"));
  EXPECT_TRUE(gives(vm_, "f.constructor.constructor('return this')() === globalThis", "true"));
  EXPECT_TRUE(gives(vm_, "f.constructor('a', 'return a + 1')(1)", "2"));
  for (const std::string_view name : {"caller", "arguments", "callee"}) {
    EXPECT_TRUE(gives(vm_,
                      fmt::format("attempt(() => Object(f).{0} ?? 'none').match(/none|TypeError/)"
                                  " !== null",
                                  name),
                      "true"));
  }
}

TEST_F(FunctionHostile, ArgumentsThatThrowWhenTheyAreLookedAt) {
  set("list", [](const std::vector<int>& list) { return list.size(); });
  set("friend", [](const Friend& f) { return f.name; });
  set("map", [](const std::map<std::string, int>& map) { return map.size(); });
  set("number", [](double d) { return d; });
  run("const evil = new Proxy({}, new Proxy({}, {get(t, name) { throw new EvalError('trap ' + "
      "name) }}))");
  attempt({{"list(evil)", "TypeError: argument 1: expected array, got proxy"},
           {"number(evil)", "TypeError: argument 1: expected number, got proxy"},
           {"friend(evil)", "EvalError: trap get"},
           {"map(evil)", "EvalError: trap ownKeys"},
           {"list([1, evil])", "TypeError: argument 1[1]: expected int32, got proxy"},
           {"list(Object.defineProperty([1, 2], 1, {get() { throw new EvalError('item') }}))",
            "EvalError: item"},
           {"friend({get name() { throw new EvalError('name') }})", "EvalError: name"},
           {"map({a: 1, get b() { throw new EvalError('b') }})", "EvalError: b"},
           {"number({valueOf() { throw new EvalError('never called') }})",
            "TypeError: argument 1: expected number, got object"}});
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionHostile, ArgumentsThatChangeWhileTheyAreRead) {
  set("list", [](const std::vector<std::optional<int>>& list) {
    std::string text;
    for (const auto& item : list) text += item ? std::to_string(*item) : "-";
    return text;
  });
  attempt({{"(a => (Object.defineProperty(a, 0, {get() { a.length = 1; return 7 }}), list(a)))([1, "
            "2, 3])",
            "7--"},
           {"(a => (Object.defineProperty(a, 0, {get() { a.push(9, 9, 9); return 7 }}), "
            "list(a)))([1, 2])",
            "72"}});
  set("friend", [](const Friend& f) { return fmt::format("{}{}", f.name, f.age.value_or(0)); });
  attempt({{"friend({get name() { delete this.age; return 'n' }, age: 5})", "n0"}});
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionHostile, ArgumentsThatCallTheFunctionAgain) {
  int depth = 0;
  int deepest = 0;
  set("f", [&](const Friend& f) {
    deepest = std::max(deepest, ++depth);
    --depth;
    return f.name;
  });
  EXPECT_TRUE(gives(vm_,
                    "let n = 0; const self = {get name() { return n++ < 20 ? f(self) + '.' : 'end' "
                    "}}; f(self)",
                    "end...................."));
  const Error error =
      error_of(vm_.eval("const endless = {get name() { return f(endless) }}; f(endless)"));
  EXPECT_NE(error.code, Errc{});
  EXPECT_TRUE(as_reported(vm_, error));
}

TEST_F(FunctionHostile, CyclesAndHugeArraysAreErrors) {
  set("tree", [](const Tree& tree) { return tree.children.size(); });
  set("list", [](const std::vector<Value>& list) { return list.size(); });
  run("const cycle = {value: 1, children: []}; cycle.children.push(cycle)");
  EXPECT_TRUE(gives(
      vm_, "attempt(() => tree(cycle)).startsWith('RangeError: argument 1.children[0]')", "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => list(new Array(4294967295))).split(':')[0]", "RangeError"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionHostile, ReplacedBuiltInsDoNotReachTheHost) {
  set("fail", [](int kind) -> Result<Value> {
    if (kind == 0) throw std::out_of_range("far");
    return std::unexpected(Error{.message = "m",
                                 .name = "TypeError",
                                 .detail = "E",
                                 .cause = std::make_shared<const Error>(Error{.message = "c"})});
  });
  set("list", [] { return std::vector<int>{1, 2, 3}; });
  set("map", [] { return std::map<int, int>{{1, 2}}; });
  set("object", [] { return Friend{.name = "n", .age = 1}; });
  set("maker", [] { return [] { return 1; }; });
  run(R"js(
    const RealMap = Map;
    const evil = () => { throw 'evil' };
    const accessor = {__proto__: null, get: evil, set: evil, configurable: true};
    const define = Object.defineProperty, {prototype} = Object, list0 = Array.prototype;
    RealMap.prototype.set = list0.push = evil;
    Function.prototype.call = Function.prototype.apply = evil;
    globalThis.Error = globalThis.TypeError = globalThis.RangeError = evil;
    globalThis.Map = globalThis.Set = globalThis.Array = globalThis.Object = evil;
    globalThis.Reflect = null;
    for (const name of ['name', 'message', 'cause', 'code', 'done', 'next', 'prototype', 'value',
                        'get', 'set', 'writable', 'enumerable', 'configurable', '0', '1', 'length'])
      define(prototype, name, accessor);
    for (const index of [0, 1, 2]) define(list0, index, accessor);)js");
  EXPECT_TRUE(gives(vm_, "let r1; try { fail(0) } catch (e) { r1 = e.message } r1", "far"));
  EXPECT_TRUE(gives(vm_,
                    "let r2; try { fail(1) } catch (e) { r2 = e.message + e.code + e.cause.message "
                    "} r2",
                    "mEc"));
  EXPECT_TRUE(gives(vm_, "const l = list(); '' + l[0] + l[1] + l[2] + l.length", "1233"));
  EXPECT_TRUE(gives(vm_, "const o = object(); o.name + o.age", "n1"));
  EXPECT_TRUE(gives(vm_, "map() instanceof RealMap && map().get(1)", "2"));
  EXPECT_TRUE(gives(vm_, "maker()()", "1"));
}

TEST_F(FunctionHostile, FunctionInTheMakingOfAStackIsContained) {
  set("f", []() -> Result<Value> { return std::unexpected(Error{.message = "again"}); });
  const Error error = error_of(vm_.eval("Error.prepareStackTrace = f; f()"));
  EXPECT_NE(error.code, Errc{});
  if (vm_.usable()) {
    ASSERT_TRUE(vm_.eval("delete Error.prepareStackTrace"));
  }
  EXPECT_TRUE(as_reported(vm_, error));
}

TEST_F(FunctionHostile, StructuredCloneOfItIsRefused) {
  set("f", [] {});
  EXPECT_TRUE(
      gives(vm_, "try { structuredClone(f); 'cloned' } catch (e) { e.name }", "DataCloneError"));
  EXPECT_TRUE(gives(vm_, "JSON.stringify({f, n: 1})", R"({"n":1})"));
}

TEST_F(FunctionHostile, CallsFromFinalizersAndGeneratorsAndAsyncCode) {
  int called = 0;
  set("f", [&] { return ++called; });
  run("globalThis.registry = new FinalizationRegistry(f); registry.register({}, 1); 0");
  ASSERT_TRUE(vm_.collect_garbage());
  run("0");
  EXPECT_EQ(called, 1);
  EXPECT_TRUE(gives(vm_, "function* g() { yield f(); yield* [f()] } [...g()].join()", "2,3"));
  run("(async () => { for await (const x of [f(), Promise.resolve(f())]) globalThis.last = x })()");
  EXPECT_TRUE(gives(vm_, "last", "5"));
}

TEST_F(FunctionHostile, ManyNamesAndShadowingOfTheGlobals) {
  set("f", [] { return "host"; });
  EXPECT_TRUE(gives(vm_, "{ let f = () => 'shadow'; f() }", "shadow"));
  EXPECT_TRUE(gives(vm_, "f()", "host"));
  run("Object.defineProperty(globalThis, 'pinned', {value: 1, configurable: false})");
  EXPECT_EQ(error_of(vm_.unset("pinned")).code, Errc::invalid_argument);
  EXPECT_FALSE(vm_.set("pinned", [] {})) << "cannot be assigned to";
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(vm_.stats().host_functions, 1U);
  EXPECT_TRUE(works(vm_));
}

}  // namespace
}  // namespace sandglass::test
