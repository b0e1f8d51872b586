// Convert: times, complex numbers, enums, structs, and types with a Convert of their own.

#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "conversion.h"
#include "types.h"

namespace sandglass::test {
namespace {

using TimeConversion = Conversion;
using ComplexConversion = Conversion;
using EnumConversion = Conversion;
using StructConversion = Conversion;
using CustomConversion = Conversion;

// What cannot cross does not compile.

static_assert(FromJs<int> && ToJs<int> && FromJs<std::vector<int>> && ToJs<std::vector<int>>);
static_assert(!FromJs<char> && !ToJs<char> && !FromJs<char16_t> && !FromJs<wchar_t>);
static_assert(!FromJs<long double> && !ToJs<long double>);
static_assert(!FromJs<std::string_view> && ToJs<std::string_view>, "it would dangle");
static_assert(!FromJs<std::u16string_view> && ToJs<std::u16string_view>);
static_assert(!FromJs<const char*> && ToJs<const char*>);
static_assert(!FromJs<std::span<const int>> && ToJs<std::span<const int>>);
static_assert(!FromJs<std::span<std::byte>> && ToJs<std::span<std::byte>>);
static_assert(!FromJs<Outbound> && ToJs<Outbound> && FromJs<Inbound> && !ToJs<Inbound>);
static_assert(!FromJs<std::vector<Outbound>> && ToJs<std::vector<Outbound>>);
static_assert(!ToJs<std::vector<Inbound>> && FromJs<std::vector<Inbound>>);
static_assert(!FromJs<std::optional<Outbound>> && !FromJs<std::pair<int, Outbound>>);
static_assert(!FromJs<std::map<std::string, Outbound>> && !FromJs<std::variant<int, Outbound>>);
static_assert(!FromJs<NoDefault> && ToJs<NoDefault>);
static_assert(!FromJs<std::thread::id> && !ToJs<std::thread::id>, "what Convert does not know");

// Time.

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::sys_time;
using Milliseconds = sys_time<std::chrono::milliseconds>;
using Microseconds = sys_time<std::chrono::microseconds>;
using Nanoseconds = sys_time<std::chrono::nanoseconds>;

TEST_F(TimeConversion, CrossesAsADateAtEveryPrecision) {
  using std::chrono::hours;
  EXPECT_TRUE(crosses("new Date(0)", Milliseconds()));
  EXPECT_TRUE(crosses("new Date(1234567890123)", Milliseconds(milliseconds(1234567890123))));
  EXPECT_TRUE(crosses("new Date(-1)", Milliseconds(milliseconds(-1))));
  EXPECT_TRUE(crosses("new Date(1700000000000)", sys_seconds(seconds(1700000000))));
  EXPECT_TRUE(crosses("new Date(1500)", Microseconds(milliseconds(1500))));
  EXPECT_TRUE(crosses("new Date(1500)", Nanoseconds(milliseconds(1500))));
  EXPECT_TRUE(crosses("new Date(1500)", std::chrono::system_clock::time_point(milliseconds(1500))));
  EXPECT_TRUE(crosses("new Date(7200000)", sys_time<hours>(hours(2))));
  EXPECT_TRUE(crosses("new Date('2024-02-29')",
                      sys_days(std::chrono::year(2024) / std::chrono::February / 29)));
  EXPECT_TRUE(crosses("new Date(1500)",
                      sys_time<std::chrono::duration<double>>(std::chrono::duration<double>(1.5))));
}

TEST_F(TimeConversion, WhatIsFinerIsRoundedDown) {
  EXPECT_TRUE(becomes(Microseconds(std::chrono::microseconds(1999)), "new Date(1)"));
  EXPECT_TRUE(becomes(Microseconds(std::chrono::microseconds(-1)), "new Date(-1)"));
  EXPECT_TRUE(becomes(Nanoseconds(nanoseconds(-1'000'001)), "new Date(-2)"));
  EXPECT_TRUE(comes("new Date(1999)", sys_seconds(seconds(1))));
  EXPECT_TRUE(comes("new Date(-1)", sys_seconds(seconds(-1))));
  EXPECT_TRUE(comes("new Date(-1)", sys_days(std::chrono::days(-1))));
}

TEST_F(TimeConversion, TheWholeRangeOfDateCrosses) {
  EXPECT_TRUE(crosses("new Date(8.64e15)", Milliseconds(milliseconds(8'640'000'000'000'000))));
  EXPECT_TRUE(crosses("new Date(-8.64e15)", Milliseconds(milliseconds(-8'640'000'000'000'000))));
  EXPECT_TRUE(crosses("new Date(8.64e15)", sys_days(std::chrono::days(100'000'000))));
  EXPECT_TRUE(comes("new Date(9223372036854)", Nanoseconds(milliseconds(9'223'372'036'854))));
  EXPECT_TRUE(comes("new Date(-9223372036854)", Nanoseconds(milliseconds(-9'223'372'036'854))));
}

TEST_F(TimeConversion, WhatADateCannotHoldIsRefused) {
  const std::string_view kBeyond = "conversion: the time is beyond what a Date can hold";
  const auto told_of = [&](const auto& time) {
    const Result<Value> made = vm_.make(time);
    return made ? "it fits: " + made->to_display().value_or("?") : describe(made.error());
  };
  EXPECT_EQ(told_of(Milliseconds(milliseconds(8'640'000'000'000'001))), kBeyond);
  EXPECT_EQ(told_of(Milliseconds(milliseconds(-8'640'000'000'000'001))), kBeyond);
  EXPECT_EQ(told_of(Milliseconds::max()), kBeyond);
  EXPECT_EQ(told_of(Milliseconds::min()), kBeyond);
  EXPECT_EQ(told_of(sys_days(std::chrono::days(100'000'001))), kBeyond);
  EXPECT_EQ(told_of(sys_seconds(seconds(8'640'000'000'001))), kBeyond);
}

TEST_F(TimeConversion, CoarseTimesFarBeyondDoNotWrapAround) {
  const auto expect_refused = [&](const auto& time) {
    const Result<Value> made = vm_.make(time);
    EXPECT_FALSE(made) << time.time_since_epoch().count() << " became "
                       << made->to_display().value_or("?");
  };
  expect_refused(sys_seconds::max());
  expect_refused(sys_seconds::min());
  expect_refused(sys_seconds(seconds(18'446'744'073'709'552)));  // 2^64 ms
  expect_refused(sys_days::max());
  expect_refused(sys_days::min());
}

TEST_F(TimeConversion, WhatTheTimePointCannotHoldIsRefused) {
  const std::string_view kBeyond = "the Date is beyond what the time_point can hold";
  EXPECT_TRUE(refuses<Nanoseconds>("new Date(8.64e15)", kBeyond));
  EXPECT_TRUE(refuses<Nanoseconds>("new Date(-8.64e15)", kBeyond));
  EXPECT_TRUE(refuses<Nanoseconds>("new Date(9223372036855)", kBeyond));
  EXPECT_TRUE(refuses<Nanoseconds>("new Date(-9223372036855)", kBeyond));
  using Short = sys_time<std::chrono::duration<std::int16_t>>;
  EXPECT_TRUE(refuses<Short>("new Date(40000000)", kBeyond));
  EXPECT_TRUE(comes("new Date(32000000)", Short(std::chrono::duration<std::int16_t>(32000))));
}

TEST_F(TimeConversion, InvalidDatesAndOtherValuesAreRefused) {
  EXPECT_TRUE(refuses<sys_seconds>("new Date(NaN)", "the Date is invalid"));
  EXPECT_TRUE(refuses<sys_seconds>("new Date(8.64e15 + 1)", "the Date is invalid"));
  EXPECT_TRUE(refuses<sys_seconds>("0", "expected Date, got number"));
  EXPECT_TRUE(refuses<sys_seconds>("'2024-01-01'", "expected Date, got string"));
  EXPECT_TRUE(refuses<sys_seconds>("({getTime: () => 0})", "expected Date, got object"));
  EXPECT_TRUE(refuses<sys_seconds>("Object.create(new Date(0))", "expected Date, got object"));
}

TEST_F(TimeConversion, IsWhatTheDateHoldsWhateverItsMethodsSay) {
  EXPECT_TRUE(
      comes("Date.prototype.getTime = Date.prototype.valueOf = hit; "
            "Object.assign(new Date(5000), {getTime: hit, valueOf: hit})",
            sys_seconds(seconds(5))));
  EXPECT_TRUE(comes("new (class extends Date { getTime() { return hit() } })(5000)",
                    sys_seconds(seconds(5))));
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

// Complex numbers.

TEST_F(ComplexConversion, CrossesAsRealAndImag) {
  EXPECT_TRUE(crosses("({real: 1.5, imag: -2})", std::complex<double>(1.5, -2)));
  EXPECT_TRUE(crosses("({real: 0.5, imag: 0})", std::complex<float>(0.5F, 0)));
  EXPECT_TRUE(comes("({imag: 2, real: 1, more: 'ignored'})", std::complex<double>(1, 2)));
  EXPECT_TRUE(crosses("[{real: 1, imag: 2}]", std::vector<std::complex<double>>{{1, 2}}));
}

TEST_F(ComplexConversion, WhatDoesNotFitIsNamed) {
  using Complex = std::complex<double>;
  EXPECT_TRUE(refuses<Complex>("({real: 1})", "imag: expected number, got undefined"));
  EXPECT_TRUE(refuses<Complex>("({real: '1', imag: 0})", "real: expected number, got string"));
  EXPECT_TRUE(refuses<Complex>("1", "expected {real, imag}, got number"));
  EXPECT_TRUE(refuses<std::vector<Complex>>("[{real: 1, imag: 'x'}]",
                                            "[0].imag: expected number, got string"));
  const Error named = error_of(value("({z: {real: 1}})").get<Complex>("z"));
  EXPECT_EQ(describe(named), "conversion: z.imag: expected number, got undefined");
}

// Enums.

TEST_F(EnumConversion, DescribedOnesCrossByName) {
  EXPECT_TRUE(crosses("'red'", Colour::red));
  EXPECT_TRUE(crosses("'blue'", Colour::blue));
  EXPECT_TRUE(crosses("'monday'", monday));
  EXPECT_TRUE(crosses("['green', 'red']", std::vector<Colour>{Colour::green, Colour::red}));
}

TEST_F(EnumConversion, WhatIsNoEnumeratorIsRefused) {
  EXPECT_TRUE(refuses<Colour>("'purple'", "expected one of red, green, blue"));
  EXPECT_TRUE(refuses<Colour>("''", "expected one of red, green, blue"));
  EXPECT_TRUE(refuses<Colour>("'Red'", "expected one of red, green, blue"));
  EXPECT_TRUE(refuses<Colour>("'red\\0'", "expected one of red, green, blue"));
  EXPECT_TRUE(refuses<Colour>("0", "expected one of red, green, blue, got number"));
  EXPECT_TRUE(refuses<Weekday>("undefined", "expected one of monday, tuesday, got undefined"));
  EXPECT_TRUE(refuses<Colour>("new String('red')", "expected one of red, green, blue, got object"));
  const Error error = error_of(vm_.make(static_cast<Colour>(99)));
  EXPECT_EQ(describe(error), "conversion: the enum value has no name");
}

TEST_F(EnumConversion, OthersCrossByValue) {
  EXPECT_TRUE(crosses("1", Plain::one));
  EXPECT_TRUE(crosses("255", static_cast<Plain>(255))) << "whether it means something is not asked";
  EXPECT_TRUE(crosses("-9007199254740993n", Wide::far));
  EXPECT_TRUE(crosses("200", Priority::high)) << "described, but by value";
  EXPECT_TRUE(refuses<Plain>("256", "256 is not a uint8"));
  EXPECT_TRUE(refuses<Plain>("-1", "-1 is not a uint8"));
  EXPECT_TRUE(refuses<Plain>("'one'", "expected uint8, got string"));
  EXPECT_TRUE(refuses<Priority>("'high'", "expected uint8, got string"));
}

// Structs.

TEST_F(StructConversion, CrossAsObjectsWithTheirMembersInOrder) {
  EXPECT_TRUE(crosses("({name: 'n', age: 5})", Friend{"n", 5}));
  EXPECT_TRUE(crosses("({name: 'u', friends: [{name: 'f', age: 1}], colour: 'green'})",
                      User{"u", {{"f", 1}}, Colour::green}));
  EXPECT_TRUE(crosses("({})", Nothing()));
  EXPECT_TRUE(crosses("[{name: 'a', age: 1}, {name: 'b', age: 2}]",
                      std::vector<Friend>{{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(
      crosses("({x: {name: 'a', age: 1}})", std::map<std::string, Friend>{{"x", {"a", 1}}}));
  EXPECT_TRUE(crosses("({value: 1, children: [{value: 2, children: []}]})", Tree{1, {{2, {}}}}));
  EXPECT_TRUE(becomes(NoDefault(3), "({n: 3})"));
}

TEST_F(StructConversion, EmptyOptionalMembersAreLeftOut) {
  EXPECT_TRUE(crosses("({name: 'n'})", Friend{"n", std::nullopt}));
  EXPECT_TRUE(comes("({name: 'n', age: undefined})", Friend{"n", std::nullopt}));
  EXPECT_TRUE(comes("({name: 'n', age: null})", Friend{"n", std::nullopt}));
  EXPECT_TRUE(refuses<Friend>("({name: 'n', age: 'old'})", "age: expected int32, got string"));
}

TEST_F(StructConversion, MissingMembersAreErrors) {
  EXPECT_TRUE(refuses<Friend>("({})", "name: expected string, got undefined"));
  EXPECT_TRUE(refuses<User>("({name: 'u', friends: []})",
                            "colour: expected one of red, green, blue, got undefined"));
}

TEST_F(StructConversion, OrKeepTheirDefaultsIfTheOptionsSaySo) {
  EXPECT_TRUE(comes("({})", Lenient()));
  EXPECT_TRUE(comes("({width: 5, marks: []})", Lenient{5, "untitled", {}, 3}));
  EXPECT_TRUE(comes("({depth: null})", Lenient{80, "untitled", {1, 2}, std::nullopt}));
  EXPECT_TRUE(crosses("({width: 1, title: 't', marks: [3], depth: 4})", Lenient{1, "t", {3}, 4}));
  EXPECT_TRUE(refuses<Lenient>("({width: null})", "width: expected int32, got null"));
}

TEST_F(StructConversion, UnknownPropertiesAreIgnoredOrRefused) {
  EXPECT_TRUE(comes("({name: 'n', more: 1, [Symbol('s')]: 2})", Friend{"n", std::nullopt}));
  EXPECT_TRUE(crosses("({a: 1, b: 2})", Strict{1, 2}));
  EXPECT_TRUE(comes("({a: 1})", Strict{1, std::nullopt}));
  EXPECT_TRUE(refuses<Strict>("({a: 1, c: 2})", "c: unknown property"));
  EXPECT_TRUE(refuses<std::vector<Strict>>("[{a: 1}, {a: 1, A: 2}]", "[1].A: unknown property"));
  EXPECT_TRUE(
      comes("Object.defineProperty({a: 1, [Symbol('s')]: 1, __proto__: {c: 1}}, 'hidden', "
            "{value: 1})",
            Strict{1, std::nullopt}))
      << "only what is own, enumerable and has a name counts";
}

TEST_F(StructConversion, RenamedMembersGoByTheirOtherName) {
  EXPECT_TRUE(crosses("({from: 1, to: 2})", Range{1, 2}));
  EXPECT_TRUE(refuses<Range>("({from: 'x', to: 2})", "from: expected int32, got string"));
  EXPECT_TRUE(refuses<Range>("({from_: 1, to: 2})", "from_: unknown property"));
}

TEST_F(StructConversion, InheritedMembersComeFirst) {
  EXPECT_TRUE(crosses("({kind: 'dog', legs: 3})", Dog{{"dog"}, 3}));
  EXPECT_TRUE(refuses<Dog>("({legs: 3})", "kind: expected string, got undefined"));
}

TEST_F(StructConversion, PrivateMembersDoNotCross) {
  Safe safe;
  safe.shown = 5;
  EXPECT_TRUE(becomes(safe, "({shown: 5})"));
  const Result<Safe> back = value("({shown: 6, hidden_: 7})").as<Safe>();
  ASSERT_TRUE(back);
  EXPECT_EQ(back->shown, 6);
  EXPECT_EQ(back->hidden(), 42);
}

TEST_F(StructConversion, AnyObjectWithThePropertiesIsTaken) {
  EXPECT_TRUE(comes("Object.create({name: 'inherited'})", Friend{"inherited", std::nullopt}));
  EXPECT_TRUE(
      comes("new (class { get name() { return 'getter' } })", Friend{"getter", std::nullopt}));
  EXPECT_TRUE(comes("new Proxy({}, {get: (o, k) => k === 'name' ? 'proxy' : undefined})",
                    Friend{"proxy", std::nullopt}));
  EXPECT_TRUE(comes("(function f() {})", Friend{"f", std::nullopt})) << "a function has a name";
  EXPECT_TRUE(refuses<Friend>("'text'", "expected object, got string"));
  EXPECT_TRUE(refuses<Friend>("null", "expected object, got null"));
  EXPECT_TRUE(refuses<Friend>("5", "expected object, got number"));
}

TEST_F(StructConversion, SettersOnObjectPrototypeAreNotRun) {
  ASSERT_TRUE(
      vm_.eval("for (const name of ['name', 'age', 'real', 'key']) "
               "Object.defineProperty(Object.prototype, name, {set: hit}); 0"));
  ASSERT_TRUE(vm_.set("made", Friend{"n", 5}));
  ASSERT_TRUE(vm_.set("complex", std::complex<double>(1, 2)));
  ASSERT_TRUE(vm_.set("map", std::map<std::string, int>{{"key", 1}}));
  EXPECT_TRUE(gives(vm_, "made.name + made.age + complex.real + map.key + hits", "n5110"));
}

// Conversions of the embedder.

TEST_F(CustomConversion, IsUsedInsideOfEveryOther) {
  EXPECT_TRUE(crosses("20.5", Celsius{20.5}));
  EXPECT_TRUE(crosses("[1, 2]", std::vector<Celsius>{{1}, {2}}));
  EXPECT_TRUE(crosses("({a: 1})", std::map<std::string, Celsius>{{"a", {1}}}));
  EXPECT_TRUE(crosses("undefined", std::optional<Celsius>()));
  EXPECT_EQ(value("(t) => t + 1").call<Celsius>(Celsius{20}).value_or(Celsius()), Celsius{21});
}

TEST_F(CustomConversion, ItsErrorsAreToldWithTheirPath) {
  EXPECT_TRUE(refuses<Celsius>("'hot'", "expected degrees Celsius, got string"));
  EXPECT_TRUE(refuses<Celsius>("-300", "colder than absolute zero"));
  EXPECT_EQ(error_of(value("-300").as<Celsius>()).name, "RangeError");
  EXPECT_EQ(error_of(value("'hot'").as<Celsius>()).name, "TypeError");
  EXPECT_TRUE(refuses<std::vector<Celsius>>("[1, -300]", "[1]: colder than absolute zero"));
}

TEST_F(CustomConversion, MayGoOneWayOnly) {
  EXPECT_TRUE(becomes(Outbound{5}, "5"));
  EXPECT_TRUE(becomes(std::vector<Outbound>{{1}, {2}}, "[1, 2]"));
  EXPECT_EQ(value("7").as<Inbound>().value_or(Inbound()).value, 7);
  EXPECT_EQ(value("[7]").as<std::vector<Inbound>>()->at(0).value, 7);
}

TEST_F(CustomConversion, ItsExceptionsPassAndLeaveNothingBehind) {
  for (int i = 0; i < 200; ++i) {
    EXPECT_THROW(static_cast<void>(value("[1]").as<std::vector<Thrower>>()), std::runtime_error);
    EXPECT_THROW(static_cast<void>(vm_.make(std::vector<Thrower>(1))), std::runtime_error);
  }
  EXPECT_TRUE(comes("({value: 1, children: [{value: 2, children: []}]})", Tree{1, {{2, {}}}}));
  ASSERT_TRUE(vm_.eval("Promise.resolve().then(() => { globalThis.ran = 1 })"));
  EXPECT_TRUE(gives(vm_, "ran", "1")) << "no run is left open";
  EXPECT_TRUE(works(vm_));
}

}  // namespace
}  // namespace sandglass::test
