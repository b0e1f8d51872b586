// Convert: what every C++ type takes from JavaScript, what it becomes there, and what is refused
// with which message.

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "types.h"

namespace sandglass::test {
namespace {

// 128-bit integers are an extension of both compilers.
__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

[[nodiscard]] std::string decimal(Int128 value) {
  if (value < 0) return "-" + decimal(-value);
  std::string digits;
  for (; value > 9; value /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
  }
  digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value)));
  return digits;
}

/// `same(a, b)` in the script: equal in everything, prototypes and the order of keys included.
constexpr std::string_view kSame = R"js(
globalThis.same = (a, b) => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof Map || a instanceof Set) return same([...a], [...b]);
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b));
  const keys = Reflect.ownKeys(a);
  return same(keys.join('|'), Reflect.ownKeys(b).join('|')) && keys.every((k) => {
    const [x, y] = [a, b].map((o) => Object.getOwnPropertyDescriptor(o, k));
    return same(x.value, y.value) && x.enumerable === y.enumerable && x.writable === y.writable &&
           x.configurable === y.configurable;
  });
};
globalThis.hits = 0;
globalThis.hit = () => { hits++; return 'hit' };
0)js";

class Conversion : public ::testing::Test {
 protected:
  Conversion() { EXPECT_TRUE(vm_.eval(kSame)); }

  [[nodiscard]] Value value(std::string_view source) {
    Result<Value> result = vm_.eval(source);
    if (result) return std::move(*result);
    ADD_FAILURE() << source << ": " << describe(result.error());
    return {};
  }

  /// Passes if `source` is `expected` as a T.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult comes(std::string_view source, const T& expected) {
    const Result<T> got = value(source).as<T>();
    if (!got) return ::testing::AssertionFailure() << source << ": " << describe(got.error());
    if (*got == expected) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << source << " came as another value";
  }

  /// Passes if `cpp` becomes what `source` is.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult becomes(const T& cpp, std::string_view source) {
    const Result<void> set = vm_.set("made", cpp);
    if (!set) return ::testing::AssertionFailure() << source << ": " << describe(set.error());
    const std::string same = outcome(vm_.eval(fmt::format("same(made, ({}))", source)));
    if (same == "true") return ::testing::AssertionSuccess();
    const Result<Value> made = vm_.eval("made");
    return ::testing::AssertionFailure()
           << source << ": it became a " << (made ? to_string(made->brand()) : "") << ' '
           << (made ? made->to_display().value_or("?") : "?") << " (" << same << ")";
  }

  /// Both.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult crosses(std::string_view source, const T& cpp) {
    if (const auto came = comes(source, cpp); !came) return came;
    return becomes(cpp, source);
  }

  /// Passes if `source` as a T is a conversion error: `text` is its path and message.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult refuses(std::string_view source, std::string_view text) {
    const Error error = error_of(value(source).as<T>());
    if (describe(error) == fmt::format("conversion: {}", text) && error.vm_usable) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << source << ": " << describe(error) << "\n  not " << text;
  }

  /// What became of `source` as a T.
  template <class T>
  [[nodiscard]] std::string told(std::string_view source) {
    const Result<T> result = value(source).as<T>();
    return result ? "it fits" : describe(result.error());
  }

  Runtime vm_ = make_runtime();
};

using BoolConversion = Conversion;
using FloatConversion = Conversion;
using Int128Conversion = Conversion;
using BigIntConversion = Conversion;
using StringConversion = Conversion;
using NothingConversion = Conversion;
using OptionalConversion = Conversion;
using PointerConversion = Conversion;
using VariantConversion = Conversion;
using TupleConversion = Conversion;
using SequenceConversion = Conversion;
using MapConversion = Conversion;
using SetConversion = Conversion;
using TimeConversion = Conversion;
using ComplexConversion = Conversion;
using BytesConversion = Conversion;
using EnumConversion = Conversion;
using StructConversion = Conversion;
using CustomConversion = Conversion;
using ErrorConversion = Conversion;
using ConversionDepth = Conversion;
using ConversionPath = Conversion;
using ConversionSize = Conversion;
using HostileConversion = Conversion;

/// A VM of 2 MiB; conversions in it are bounded to 16 MiB in C++.
[[nodiscard]] Runtime small_runtime() {
  Limits limits = roomy();
  limits.memory_bytes = 2 * kMiB;
  return make_runtime(limits);
}

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

// bool.

TEST_F(BoolConversion, IsABooleanAndNothingElse) {
  EXPECT_TRUE(crosses("true", true));
  EXPECT_TRUE(crosses("false", false));
  EXPECT_TRUE(refuses<bool>("1", "expected boolean, got number"));
  EXPECT_TRUE(refuses<bool>("0", "expected boolean, got number"));
  EXPECT_TRUE(refuses<bool>("'true'", "expected boolean, got string"));
  EXPECT_TRUE(refuses<bool>("null", "expected boolean, got null"));
  EXPECT_TRUE(refuses<bool>("undefined", "expected boolean, got undefined"));
  EXPECT_TRUE(refuses<bool>("new Boolean(true)", "expected boolean, got object"));
  EXPECT_TRUE(refuses<bool>("1n", "expected boolean, got bigint"));
  EXPECT_TRUE(refuses<bool>("Symbol()", "expected boolean, got symbol"));
  EXPECT_TRUE(refuses<bool>("() => 1", "expected boolean, got function"));
}

// Integers.

template <class T>
class IntegerConversion : public Conversion {
 protected:
  static constexpr Int128 kMin = std::numeric_limits<T>::min();
  static constexpr Int128 kMax = std::numeric_limits<T>::max();
  static constexpr Int128 kSafe = (Int128{1} << 53) - 1;

  /// "int8" with its article.
  [[nodiscard]] static std::string name() {
    return fmt::format("{}int{}", std::is_signed_v<T> ? "an " : "a u", sizeof(T) * 8);
  }
};
using Integers =
    ::testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                     std::uint32_t, std::int64_t, std::uint64_t, long long, unsigned long long>;
TYPED_TEST_SUITE(IntegerConversion, Integers);

TYPED_TEST(IntegerConversion, ItsWholeRangeCrosses) {
  for (const Int128 number :
       {this->kMin, this->kMin + 1, this->kMin / 2, Int128{-1}, Int128{0}, Int128{1},
        this->kMax / 2, this->kMax - 1, this->kMax, -this->kSafe - 1, -this->kSafe, this->kSafe,
        this->kSafe + 1, this->kSafe + 2}) {
    if (number < this->kMin || number > this->kMax) continue;
    const std::string text = decimal(number);
    const bool safe = number >= -this->kSafe && number <= this->kSafe;
    EXPECT_TRUE(this->crosses(safe ? text : text + "n", static_cast<TypeParam>(number)))
        << "a number if it is one of its own there, else a BigInt";
    EXPECT_TRUE(this->comes(text + "n", static_cast<TypeParam>(number))) << "a BigInt is taken";
  }
}

TYPED_TEST(IntegerConversion, OneBeyondIsARangeError) {
  for (const Int128 number : {this->kMin - 1, this->kMax + 1, this->kMin * 2 - 5, this->kMax * 2}) {
    const std::string text = decimal(number);
    EXPECT_TRUE(this->template refuses<TypeParam>(
        text + "n", fmt::format("{}n is not {}", text, this->name())));
    if (number >= -this->kSafe && number <= this->kSafe) {
      EXPECT_TRUE(
          this->template refuses<TypeParam>(text, fmt::format("{} is not {}", text, this->name())));
      EXPECT_EQ(error_of(this->value(text).template as<TypeParam>()).name, "RangeError");
    }
  }
}

TYPED_TEST(IntegerConversion, NumbersThatAreNotWholeOrNotSafeAreRefused) {
  for (const std::string_view source :
       {"0.5", "-0.5", "1e-300", "1.0000000000000002", "NaN", "Infinity", "-Infinity", "1e300",
        "-1e300", "2 ** 53", "-(2 ** 53)", "2 ** 63", "2 ** 64", "Number.MAX_VALUE"}) {
    const std::string text = outcome(this->vm_.eval(source));
    EXPECT_TRUE(
        this->template refuses<TypeParam>(source, fmt::format("{} is not {}", text, this->name())));
  }
  for (const std::string_view source : {"2n ** 64n", "-(2n ** 63n) - 1n", "2n ** 1000n"}) {
    EXPECT_EQ(error_of(this->value(source).template as<TypeParam>()).code, Errc::conversion);
  }
}

TYPED_TEST(IntegerConversion, WholeNumbersOfEveryRepresentationAreTaken) {
  for (const std::string_view source :
       {"7", "3.5 * 2", "7.0", "Math.sqrt(49)", "new Float64Array([7])[0]", "7n", "BigInt(7)",
        "2n ** 70n - (2n ** 70n - 7n)"}) {
    EXPECT_TRUE(this->comes(source, TypeParam{7}));
  }
  EXPECT_TRUE(this->comes("-0", TypeParam{0}));
  EXPECT_TRUE(this->comes("0n", TypeParam{0}));
}

TYPED_TEST(IntegerConversion, NothingIsCoerced) {
  const std::string type = this->name().substr(this->name().find(' ') + 1);
  const std::pair<std::string_view, std::string_view> others[] = {
      {"'1'", "string"},
      {"''", "string"},
      {"true", "boolean"},
      {"null", "null"},
      {"undefined", "undefined"},
      {"({})", "object"},
      {"[1]", "array"},
      {"[]", "array"},
      {"new Number(1)", "object"},
      {"() => 1", "function"},
      {"Symbol()", "symbol"},
      {"new Date(1)", "Date"},
      {"Object(1n)", "object"},
      {"({valueOf: () => 1})", "object"}};
  for (const auto& [source, kind] : others) {
    EXPECT_TRUE(
        this->template refuses<TypeParam>(source, fmt::format("expected {}, got {}", type, kind)));
    EXPECT_EQ(error_of(this->value(source).template as<TypeParam>()).name, "TypeError");
  }
}

// Floating point.

TEST_F(FloatConversion, DoublesCrossUnchanged) {
  const std::pair<std::string_view, double> cases[] = {
      {"0", 0},
      {"-0", -0.0},
      {"1", 1},
      {"-1.5", -1.5},
      {"0.1", 0.1},
      {"2 ** 31", 2147483648.0},
      {"-(2 ** 31)", -2147483648.0},
      {"2 ** 53 + 2", 9007199254740994.0},
      {"Number.MAX_VALUE", std::numeric_limits<double>::max()},
      {"Number.MIN_VALUE", std::numeric_limits<double>::denorm_min()},
      {"Infinity", HUGE_VAL},
      {"-Infinity", -HUGE_VAL},
  };
  for (const auto& [source, number] : cases) {
    EXPECT_TRUE(crosses(source, number));
    EXPECT_EQ(std::signbit(value(source).as<double>().value_or(NAN)), std::signbit(number))
        << source;
  }
  EXPECT_TRUE(std::isnan(value("NaN").as<double>().value_or(0)));
  EXPECT_TRUE(becomes(std::numeric_limits<double>::quiet_NaN(), "NaN"));
  EXPECT_TRUE(becomes(-std::numeric_limits<double>::signaling_NaN(), "NaN"));
}

TEST_F(FloatConversion, EveryNanPatternIsOneNanToTheScript) {
  for (const std::uint64_t bits : {0x7ff0000000000001U, 0x7fffffffffffffffU, 0xfff8000000000000U,
                                   0xffffffffffffffffU, 0xfff4deadbeefcafeU}) {
    EXPECT_TRUE(becomes(std::bit_cast<double>(std::uint64_t{bits}), "NaN")) << bits;
    EXPECT_TRUE(vm_.set("n", std::bit_cast<double>(std::uint64_t{bits})));
    EXPECT_TRUE(gives(vm_, "typeof n + [n, {}].length", "number2"));
  }
  EXPECT_TRUE(
      std::isnan(value("new Float64Array(new BigUint64Array([0xfff4deadbeefcafen]).buffer)[0]")
                     .as<double>()
                     .value_or(0)));
}

TEST_F(FloatConversion, FloatsAreRefusedBeyondTheirRangeOnly) {
  EXPECT_TRUE(crosses("0.5", 0.5F));
  EXPECT_TRUE(crosses("-0", -0.0F));
  EXPECT_TRUE(
      crosses("340282346638528859811704183484516925440", std::numeric_limits<float>::max()));
  EXPECT_TRUE(crosses("Infinity", HUGE_VALF));
  EXPECT_TRUE(std::isnan(value("NaN").as<float>().value_or(0)));
  EXPECT_TRUE(comes("0.1", 0.1F)) << "rounded to the nearest float";
  EXPECT_TRUE(comes("1e-60", 0.0F));
  for (const std::string_view source : {"3.5e38", "-3.5e38", "1e300", "Number.MAX_VALUE"}) {
    const Error error = error_of(value(source).as<float>());
    EXPECT_EQ(error.code, Errc::conversion) << source << ": " << describe(error);
    EXPECT_EQ(error.name, "RangeError") << source;
    EXPECT_TRUE(error.message.ends_with(" is not a float")) << error.message;
  }
}

TEST_F(FloatConversion, NothingIsCoerced) {
  EXPECT_TRUE(refuses<double>("1n", "expected number, got bigint"));
  EXPECT_TRUE(refuses<double>("'1'", "expected number, got string"));
  EXPECT_TRUE(refuses<double>("true", "expected number, got boolean"));
  EXPECT_TRUE(refuses<double>("null", "expected number, got null"));
  EXPECT_TRUE(refuses<float>("undefined", "expected number, got undefined"));
  EXPECT_TRUE(refuses<float>("new Number(1)", "expected number, got object"));
}

// 128-bit integers and BigInt.

TEST_F(Int128Conversion, ItsWholeRangeCrossesAsBigInt) {
  const Int128 min = Int128{1} << 126;
  const std::pair<std::string_view, Int128> cases[] = {
      {"0n", 0},
      {"1n", 1},
      {"-1n", -1},
      {"2n ** 31n", Int128{1} << 31},
      {"2n ** 63n", Int128{1} << 63},
      {"-(2n ** 64n)", -(Int128{1} << 64)},
      {"2n ** 127n - 1n", min - 1 + min},
      {"-(2n ** 127n)", -min - min},
      {"10n ** 38n", Int128{10000000000000000000U} * 10000000000000000000U},
  };
  for (const auto& [source, number] : cases) EXPECT_TRUE(crosses(source, number));

  const std::pair<std::string_view, Uint128> unsigned_cases[] = {
      {"0n", 0}, {"2n ** 64n", Uint128{1} << 64}, {"2n ** 128n - 1n", ~Uint128{0}}};
  for (const auto& [source, number] : unsigned_cases) EXPECT_TRUE(crosses(source, number));
}

TEST_F(Int128Conversion, OneBeyondIsRefused) {
  EXPECT_TRUE(
      refuses<Int128>("2n ** 127n", "170141183460469231731687303715884105728 is not an int128"));
  EXPECT_TRUE(refuses<Int128>("-(2n ** 127n) - 1n",
                              "-170141183460469231731687303715884105729 is not an int128"));
  EXPECT_TRUE(
      refuses<Uint128>("2n ** 128n", "340282366920938463463374607431768211456 is not a uint128"));
  EXPECT_TRUE(refuses<Uint128>("-1n", "-1 is not a uint128"));
  EXPECT_EQ(error_of(value("2n ** 5000n").as<Int128>()).code, Errc::conversion);
}

TEST_F(Int128Conversion, WholeNumbersAreTakenAndNothingElse) {
  EXPECT_TRUE(comes("12", Int128{12}));
  EXPECT_TRUE(comes("-(2 ** 53 - 1)", Int128{-9007199254740991}));
  EXPECT_TRUE(comes("12", Uint128{12}));
  for (const std::string_view source : {"0.5", "NaN", "Infinity", "2 ** 53", "2 ** 100"}) {
    EXPECT_EQ(error_of(value(source).as<Int128>()).name, "RangeError") << source;
    EXPECT_EQ(error_of(value(source).as<Uint128>()).name, "RangeError") << source;
  }
  EXPECT_EQ(error_of(value("-1").as<Uint128>()).name, "RangeError");
  EXPECT_TRUE(refuses<Int128>("'1'", "expected bigint, got string"));
  EXPECT_TRUE(refuses<Uint128>("null", "expected bigint, got null"));
}

TEST_F(BigIntConversion, AnySizeCrossesAsDecimalDigits) {
  EXPECT_TRUE(crosses("0n", BigInt{"0"}));
  EXPECT_TRUE(crosses("-1n", BigInt{"-1"}));
  EXPECT_TRUE(crosses("2147483648n", BigInt{"2147483648"}));
  EXPECT_TRUE(crosses("2n ** 64n", BigInt{"18446744073709551616"}));
  EXPECT_TRUE(crosses("-(10n ** 40n)", BigInt{"-1" + std::string(40, '0')}));
  EXPECT_TRUE(crosses("10n ** 5000n", BigInt{"1" + std::string(5000, '0')}));
  EXPECT_EQ(BigInt().decimal, "0");
}

TEST_F(BigIntConversion, DigitsAreReadAsDecimal) {
  EXPECT_TRUE(becomes(BigInt{"007"}, "7n"));
  EXPECT_TRUE(becomes(BigInt{"-0"}, "0n"));
  EXPECT_TRUE(becomes(BigInt{"-000"}, "0n"));
  EXPECT_TRUE(becomes(BigInt{"010"}, "10n"));
}

TEST_F(BigIntConversion, WhatAreNoDigitsIsRefusedAndNeverRun) {
  for (const std::string_view digits : {"", "-", "+1", " 1", "1 ", "1n", "0x1", "1e3", "1_000",
                                        "--1", "hit()", "1;hit()//", "1\n", "１"}) {
    const Error error = error_of(vm_.make(BigInt{std::string(digits)}));
    EXPECT_EQ(error.code, Errc::invalid_argument) << digits << ": " << describe(error);
  }
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

TEST_F(BigIntConversion, NumbersAndStringsAreRefused) {
  EXPECT_TRUE(refuses<BigInt>("1", "expected bigint, got number"));
  EXPECT_TRUE(refuses<BigInt>("'1'", "expected bigint, got string"));
  EXPECT_TRUE(refuses<BigInt>("Object(1n)", "expected bigint, got object"));
}

// Strings.

TEST_F(StringConversion, Utf8CrossesWithNulAndBeyondTheBmp) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"''", ""},
      {"'text'", "text"},
      {"'a\\0b'", std::string_view("a\0b", 3)},
      {"'\\0'", std::string_view("\0", 1)},
      {"'é日'", "é日"},
      {"'😀\\u{10ffff}'", "😀\U0010ffff"},
      {"'\\u0080\\u07ff\\u0800\\uffff'", "\u0080\u07ff\u0800\uffff"},
      {"'\\ufeff'", "\ufeff"},
      {"'\\r\\n\\u2028'", "\r\n\u2028"},
  };
  for (const auto& [source, text] : cases) {
    EXPECT_TRUE(crosses(source, std::string(text)));
    EXPECT_TRUE(becomes(text, source)) << "a string_view";
  }
  EXPECT_TRUE(crosses("'ab'.repeat(100000)", [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += "ab";
    return text;
  }()));
  EXPECT_TRUE(comes("'a'.repeat(9000) + 'é'", std::string(9000, 'a') + "é")) << "a rope inside";
}

TEST_F(StringConversion, LoneSurrogatesAreReplacedInUtf8AndKeptInUtf16) {
  EXPECT_TRUE(comes("'a\\ud800b'", std::string("a\ufffdb")));
  EXPECT_TRUE(comes("'\\udc00\\ud800'", std::string("\ufffd\ufffd")));
  EXPECT_TRUE(comes("'\\ud83d' + '\\ude00'", std::string("😀")));
  EXPECT_TRUE(crosses("'a\\ud800b'", std::u16string(u"a\xd800"
                                                    u"b")));
  EXPECT_TRUE(crosses("'\\udc00\\ud800'", std::u16string(u"\xdc00\xd800")));
  EXPECT_TRUE(crosses("'😀'", std::u16string(u"😀")));
  EXPECT_TRUE(crosses("''", std::u16string()));
  EXPECT_TRUE(crosses("'a\\0b'", std::u16string(u"a\0b", 3)));
  EXPECT_TRUE(crosses("'latin\\xe9'", std::u16string(u"latin\u00e9")));
  EXPECT_TRUE(becomes(std::u16string_view(u"view\xdfff"), "'view\\udfff'"));
  EXPECT_TRUE(crosses("'x'.repeat(100000) + '\\ud800'", std::u16string(100'000, u'x') + u"\xd800"));
}

TEST_F(StringConversion, IllFormedUtf8IsRefused) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\xff", "not UTF-8: ill-formed at byte 0"},
      {"ok\x80", "not UTF-8: ill-formed at byte 2"},
      {"\xc3", "not UTF-8: ill-formed at byte 0"},
      {"\xc0\x80", "not UTF-8: ill-formed at byte 0"},
      {"é\xed\xa0\x80", "not UTF-8: ill-formed at byte 2"},
      {"\xf4\x90\x80\x80", "not UTF-8: ill-formed at byte 0"},
      {"\xf0\x9f\x98", "not UTF-8: ill-formed at byte 0"},
  };
  for (const auto& [text, message] : cases) {
    for (const Error& error :
         {error_of(vm_.make(text)), error_of(vm_.make(std::string(text))),
          error_of(vm_.make(text.data())), error_of(vm_.make(std::filesystem::path(text)))}) {
      EXPECT_EQ(error.code, Errc::conversion) << describe(error);
      EXPECT_EQ(error.message, message);
    }
  }
}

TEST_F(StringConversion, NothingIsCoerced) {
  EXPECT_TRUE(refuses<std::string>("1", "expected string, got number"));
  EXPECT_TRUE(refuses<std::string>("null", "expected string, got null"));
  EXPECT_TRUE(refuses<std::string>("Symbol()", "expected string, got symbol"));
  EXPECT_TRUE(refuses<std::string>("new String('s')", "expected string, got object"));
  EXPECT_TRUE(refuses<std::string>("['s']", "expected string, got array"));
  EXPECT_TRUE(refuses<std::u16string>("1", "expected string, got number"));
  EXPECT_TRUE(refuses<std::filesystem::path>("1", "expected string, got number"));
}

TEST_F(StringConversion, LiteralsAndPointersBecomeStrings) {
  EXPECT_TRUE(vm_.set("literal", "text"));
  EXPECT_TRUE(gives(vm_, "typeof literal + literal", "stringtext"));
  EXPECT_TRUE(becomes(static_cast<const char*>("pointer"), "'pointer'"));
  EXPECT_TRUE(becomes(static_cast<const char*>(nullptr), "null"));
  char buffer[] = "buffer";
  EXPECT_TRUE(vm_.set("array", buffer));
  EXPECT_TRUE(gives(vm_, "array", "buffer"));
}

TEST_F(StringConversion, PathsAreStringsWithoutNul) {
  EXPECT_TRUE(crosses("'/a/b.txt'", std::filesystem::path("/a/b.txt")));
  EXPECT_TRUE(crosses("''", std::filesystem::path()));
  EXPECT_TRUE(crosses("'../é/😀'", std::filesystem::path("../é/😀")));
  EXPECT_TRUE(
      refuses<std::filesystem::path>("'/etc/passwd\\0.txt'", "a path cannot have a NUL character"));
}

TEST_F(StringConversion, MoreThanTheMemoryLimitIsAnError) {
  const Error error = error_of(vm_.make(std::string(100'000'000, 'x')));
  EXPECT_EQ(error.code, Errc::memory_limit) << describe(error);
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
}

// Nothing.

TEST_F(NothingConversion, NullptrIsNullAndMonostateIsUndefined) {
  EXPECT_TRUE(crosses("null", nullptr));
  EXPECT_TRUE(crosses("undefined", std::monostate()));
  EXPECT_TRUE(refuses<std::nullptr_t>("undefined", "expected null, got undefined"));
  EXPECT_TRUE(refuses<std::nullptr_t>("0", "expected null, got number"));
  EXPECT_TRUE(refuses<std::monostate>("null", "expected undefined, got null"));
  EXPECT_TRUE(refuses<std::monostate>("''", "expected undefined, got string"));
}

TEST_F(OptionalConversion, NulloptIsUndefinedAndNullIsTakenToo) {
  EXPECT_TRUE(crosses("undefined", std::optional<int>()));
  EXPECT_TRUE(comes("null", std::optional<int>()));
  EXPECT_TRUE(crosses("0", std::optional<int>(0)));
  EXPECT_TRUE(crosses("''", std::optional<std::string>("")));
  EXPECT_TRUE(crosses("[1, undefined, 3]", std::vector<std::optional<int>>{1, std::nullopt, 3}));
  EXPECT_TRUE(
      comes("[1, null, , 3]", std::vector<std::optional<int>>{1, std::nullopt, std::nullopt, 3}));
  EXPECT_TRUE(refuses<std::optional<int>>("'1'", "expected int32, got string"));
  EXPECT_TRUE(refuses<std::optional<int>>("false", "expected int32, got boolean"));
}

TEST_F(OptionalConversion, NestedOnesAreEmptyOnTheOutside) {
  using Nested = std::optional<std::optional<int>>;
  EXPECT_TRUE(crosses("5", Nested(5)));
  EXPECT_TRUE(comes("undefined", Nested()));
  EXPECT_TRUE(comes("null", Nested()));
  EXPECT_TRUE(becomes(Nested(std::optional<int>()), "undefined"));
  EXPECT_TRUE(becomes(Nested(), "undefined"));
}

TEST_F(PointerConversion, IsTheValueOrNull) {
  ASSERT_TRUE(vm_.set("made", std::make_shared<int>(5)));
  EXPECT_TRUE(gives(vm_, "made", "5"));
  ASSERT_TRUE(vm_.set("made", std::make_unique<std::string>("text")));
  EXPECT_TRUE(gives(vm_, "made", "text"));
  ASSERT_TRUE(vm_.set("made", std::shared_ptr<int>()));
  EXPECT_TRUE(gives(vm_, "String(made)", "null"));
  EXPECT_EQ(**value("7").as<std::shared_ptr<int>>(), 7);
  EXPECT_EQ(**value("7").as<std::shared_ptr<const int>>(), 7);
  EXPECT_EQ(**value("[1]").as<std::unique_ptr<std::vector<int>>>(), std::vector<int>{1});
  EXPECT_EQ(*value("null").as<std::shared_ptr<int>>(), nullptr);
  EXPECT_EQ(*value("null").as<std::unique_ptr<int>>(), nullptr);
  EXPECT_TRUE(refuses<std::shared_ptr<int>>("undefined", "expected int32, got undefined"));
  EXPECT_TRUE(refuses<std::unique_ptr<int>>("'5'", "expected int32, got string"));
  EXPECT_TRUE(refuses<std::shared_ptr<int>>("1.5", "1.5 is not an int32"));
}

TEST_F(PointerConversion, MakesChainsOfStructs) {
  const Result<Chain> chain =
      value("({value: 1, next: {value: 2, next: {value: 3, next: null}}})").as<Chain>();
  ASSERT_TRUE(chain) << describe(chain.error());
  EXPECT_EQ(chain->next->next->value, 3);
  EXPECT_EQ(chain->next->next->next, nullptr);
  ASSERT_TRUE(vm_.set("made", *chain));
  EXPECT_TRUE(gives(vm_, "JSON.stringify(made)",
                    R"({"value":1,"next":{"value":2,"next":{"value":3,"next":null}}})"));
  EXPECT_TRUE(refuses<Chain>("({value: 1, next: {value: 'x', next: null}})",
                             "next.value: expected int32, got string"));
  EXPECT_TRUE(refuses<Chain>("const loop = {value: 1}; loop.next = loop; loop",
                             "next: the object is inside itself"));
}

TEST_F(PointerConversion, ARingOfCppIsARangeError) {
  const auto ring = std::make_shared<Ring>();
  ring->next = ring;
  const Error error = error_of(vm_.make(*ring));
  EXPECT_EQ(error.code, Errc::conversion) << describe(error);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "nested more than 100 deep");
  ring->next.reset();
  EXPECT_TRUE(vm_.make(*ring));
}

TEST_F(VariantConversion, TheFirstAlternativeThatFitsIsTaken) {
  using Mixed = std::variant<int, double, std::string, std::vector<int>, bool>;
  EXPECT_TRUE(crosses("5", Mixed(5)));
  EXPECT_TRUE(crosses("5.5", Mixed(5.5)));
  EXPECT_TRUE(comes("2 ** 40", Mixed(1099511627776.0))) << "no int32";
  EXPECT_TRUE(crosses("'5'", Mixed(std::string("5"))));
  EXPECT_TRUE(crosses("[5]", Mixed(std::vector<int>{5})));
  EXPECT_TRUE(crosses("true", Mixed(true)));
  using Reversed = std::variant<double, int>;
  EXPECT_EQ(value("5").as<Reversed>()->index(), 0U);
  using Numbers = std::variant<std::vector<int>, std::vector<double>, std::vector<std::string>>;
  EXPECT_EQ(value("[1, 2.5]").as<Numbers>()->index(), 1U);
  EXPECT_EQ(value("[]").as<Numbers>()->index(), 0U);
  using Maybe = std::variant<std::monostate, std::nullptr_t, std::string>;
  EXPECT_TRUE(crosses("undefined", Maybe()));
  EXPECT_TRUE(crosses("null", Maybe(nullptr)));
}

TEST_F(VariantConversion, AnErrorTellsWhyNoneFits) {
  using Mixed = std::variant<int, std::string>;
  EXPECT_TRUE(refuses<Mixed>(
      "true",
      "fits none of the alternatives: expected int32, got boolean; expected string, got boolean"));
  EXPECT_EQ(error_of(value("true").as<Mixed>()).name, "TypeError");
  using Lists = std::variant<std::vector<int>, Friend>;
  const std::string text = told<Lists>("['x']");
  EXPECT_NE(text.find("[0]: expected int32, got string; "), std::string::npos) << text;
  EXPECT_NE(text.find("name: expected string, got undefined"), std::string::npos) << text;
  EXPECT_EQ(told<std::vector<Mixed>>("[1, {}]").substr(0, 17), "conversion: [1]: ");
}

TEST_F(VariantConversion, WhatScriptCodeThrowsEndsTheSearch) {
  using Lists = std::variant<Friend, std::map<std::string, std::string>>;
  EXPECT_EQ(told<Lists>("({get name() { throw new RangeError('mine') }})"),
            "threw: RangeError: mine");
}

// Tuples.

TEST_F(TupleConversion, CrossAsArraysOfTheirLength) {
  EXPECT_TRUE(crosses("[1, 'a', true]", std::tuple<int, std::string, bool>(1, "a", true)));
  EXPECT_TRUE(crosses("[1, 2]", std::pair<int, int>(1, 2)));
  EXPECT_TRUE(crosses("[1, 2, 3]", std::array<int, 3>{1, 2, 3}));
  EXPECT_TRUE(crosses("[]", std::tuple<>()));
  EXPECT_TRUE(crosses("[]", std::array<int, 0>()));
  EXPECT_TRUE(crosses("[[1, 2], [3, 4]]", std::array<std::array<int, 2>, 2>{{{1, 2}, {3, 4}}}));
  EXPECT_TRUE(crosses("[[1]]", std::array<std::array<int, 1>, 1>{{{1}}}));
  EXPECT_TRUE(crosses("[[1]]", std::tuple<std::tuple<int>>(std::tuple<int>(1))));
  EXPECT_TRUE(crosses("[['k', [1, 2]]]",
                      std::vector<std::pair<std::string, std::vector<int>>>{{"k", {1, 2}}}));
  EXPECT_TRUE(crosses("[undefined, 2]", std::pair<std::optional<int>, int>(std::nullopt, 2)));
  EXPECT_TRUE(comes("new Uint8Array([1, 2])", std::pair<int, int>(1, 2)));
  EXPECT_TRUE(comes("[, 1]", std::pair<std::optional<int>, int>(std::nullopt, 1)));
}

TEST_F(TupleConversion, AnotherLengthIsRefused) {
  using Pair = std::pair<int, int>;
  EXPECT_TRUE(refuses<Pair>("[1]", "expected an array of 2 elements, got 1"));
  EXPECT_TRUE(refuses<Pair>("[1, 2, 3]", "expected an array of 2 elements, got 3"));
  EXPECT_TRUE(refuses<Pair>("[]", "expected an array of 2 elements, got 0"));
  EXPECT_TRUE(refuses<std::tuple<>>("[1]", "expected an array of 0 elements, got 1"));
  using Three = std::array<int, 3>;
  EXPECT_TRUE(refuses<Three>("[1, 2]", "expected an array of 3 elements, got 2"));
  EXPECT_EQ(error_of(value("[1]").as<Pair>()).name, "RangeError");
}

TEST_F(TupleConversion, AnElementThatDoesNotFitIsNamed) {
  using Mixed = std::tuple<int, std::string>;
  EXPECT_TRUE(refuses<Mixed>("[1, 2]", "[1]: expected string, got number"));
  EXPECT_TRUE(refuses<Mixed>("['x', 2]", "[0]: expected int32, got string"));
  EXPECT_TRUE(refuses<Mixed>("({0: 1, 1: 'a', length: 2})", "expected array, got object"));
  EXPECT_TRUE(refuses<Mixed>("'ab'", "expected array, got string"));
}

// Sequences.

TEST_F(SequenceConversion, CrossAsArrays) {
  EXPECT_TRUE(crosses("[]", std::vector<int>()));
  EXPECT_TRUE(crosses("[1, -2, 2147483647]", std::vector<int>{1, -2, 2147483647}));
  EXPECT_TRUE(crosses("['', 'b']", std::vector<std::string>{"", "b"}));
  EXPECT_TRUE(crosses("[true, false, true]", std::vector<bool>{true, false, true}));
  EXPECT_TRUE(crosses("[0.5, -0]", std::vector<double>{0.5, -0.0}));
  EXPECT_TRUE(crosses("[[1], [], [2, 3]]", std::vector<std::vector<int>>{{1}, {}, {2, 3}}));
  EXPECT_TRUE(crosses("[1, 2]", std::deque<int>{1, 2}));
  EXPECT_TRUE(crosses("['a', 'b']", std::list<std::string>{"a", "b"}));
  EXPECT_TRUE(crosses("[2n ** 60n]", std::vector<std::int64_t>{std::int64_t{1} << 60}));
  const int plain[] = {7, 8};
  EXPECT_TRUE(becomes(std::span<const int>(plain), "[7, 8]"));
  EXPECT_TRUE(becomes(std::span<const int>(), "[]"));
}

TEST_F(SequenceConversion, LongOnesCrossWhole) {
  for (const std::size_t length : {255U, 256U, 257U, 511U, 512U, 513U, 100'000U}) {
    std::vector<int> numbers(length);
    std::iota(numbers.begin(), numbers.end(), 0);
    EXPECT_TRUE(crosses(fmt::format("Array.from({{length: {}}}, (_, i) => i)", length), numbers));
  }
}

TEST_F(SequenceConversion, ASubclassIsAnArray) {
  EXPECT_TRUE(comes("new (class extends Array {})(1, 2)", std::vector<int>{1, 2}));
  EXPECT_TRUE(comes("Object.setPrototypeOf([1, 2], null)", std::vector<int>{1, 2}));
  EXPECT_TRUE(comes("Object.freeze([1, 2])", std::vector<int>{1, 2}));
  EXPECT_TRUE(comes("Object.assign([1], {extra: 'ignored'})", std::vector<int>{1}));
}

TEST_F(SequenceConversion, WhatIsNoArrayIsRefused) {
  using List = std::vector<int>;
  EXPECT_TRUE(refuses<List>("({length: 1, 0: 1})", "expected array, got object"));
  EXPECT_TRUE(refuses<List>("'12'", "expected array, got string"));
  EXPECT_TRUE(refuses<List>("null", "expected array, got null"));
  EXPECT_TRUE(refuses<List>("new Set([1])", "expected array, got Set"));
  EXPECT_TRUE(refuses<List>("new Map()", "expected array, got Map"));
  EXPECT_TRUE(refuses<List>("new ArrayBuffer(4)", "expected array, got ArrayBuffer"));
  EXPECT_TRUE(refuses<List>("() => 1", "expected array, got function"));
  EXPECT_TRUE(refuses<List>("(function () { return arguments })(1)", "expected array, got object"));
  EXPECT_TRUE(refuses<List>("Object.create([1])", "expected array, got object"));
  EXPECT_TRUE(refuses<List>("new Error('e')", "expected array, got Error"));
  EXPECT_TRUE(refuses<List>("Promise.resolve()", "expected array, got Promise"));
  EXPECT_TRUE(refuses<List>("new Date(0)", "expected array, got Date"));
}

TEST_F(SequenceConversion, HolesAreUndefined) {
  EXPECT_TRUE(refuses<std::vector<int>>("[1, , 3]", "[1]: expected int32, got undefined"));
  EXPECT_EQ(value("[, ,]").as<std::vector<Value>>()->size(), 2U);
  EXPECT_EQ(value("new Array(1000000)").as<std::vector<std::optional<int>>>()->size(), 1'000'000U);
}

TEST_F(SequenceConversion, ValuesAreKeptAsTheyAre) {
  const auto list = value("globalThis.parts = [{}, 'text', 5]; parts").as<std::vector<Value>>();
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 3U);
  EXPECT_TRUE((*list)[0].strict_equals(value("parts[0]")).value_or(false));
  EXPECT_EQ((*list)[1].to_string().value_or(""), "text");
}

TEST_F(SequenceConversion, HugeArraysAreRefusedBeforeTheyAreRead) {
  for (const std::string_view source :
       {"new Array(4e9)", "new Array(2 ** 24 + 1)", "const a = []; a[4294967294] = 1; a"}) {
    const Error error = error_of(value(source).as<std::vector<std::optional<int>>>());
    EXPECT_EQ(error.code, Errc::conversion) << source << ": " << describe(error);
    EXPECT_EQ(error.name, "RangeError") << source;
    EXPECT_NE(error.message.find("elements"), std::string::npos) << error.message;
  }
  using Pair = std::pair<int, int>;
  EXPECT_EQ(error_of(value("new Array(4e9)").as<Pair>()).code, Errc::conversion);
  EXPECT_TRUE(works(vm_));
}

TEST_F(SequenceConversion, MoreThanTheMemoryLimitIsAnError) {
  Runtime vm = small_runtime();
  const Error numbers = error_of(vm.make(std::vector<double>(500'000, 0.5)));
  EXPECT_EQ(numbers.code, Errc::memory_limit) << describe(numbers);
  EXPECT_TRUE(works(vm));
  const Error strings = error_of(vm.make(std::vector<std::string>(100, std::string(50'000, 'x'))));
  EXPECT_EQ(strings.code, Errc::memory_limit) << describe(strings);
  EXPECT_TRUE(works(vm));
}

// Typed arrays.

template <class T>
struct ArrayName;
template <>
struct ArrayName<std::int8_t> {
  static constexpr std::string_view kName = "Int8Array";
};
template <>
struct ArrayName<std::uint8_t> {
  static constexpr std::string_view kName = "Uint8Array";
};
template <>
struct ArrayName<std::int16_t> {
  static constexpr std::string_view kName = "Int16Array";
};
template <>
struct ArrayName<std::uint16_t> {
  static constexpr std::string_view kName = "Uint16Array";
};
template <>
struct ArrayName<std::int32_t> {
  static constexpr std::string_view kName = "Int32Array";
};
template <>
struct ArrayName<std::uint32_t> {
  static constexpr std::string_view kName = "Uint32Array";
};
template <>
struct ArrayName<std::int64_t> {
  static constexpr std::string_view kName = "BigInt64Array";
};
template <>
struct ArrayName<std::uint64_t> {
  static constexpr std::string_view kName = "BigUint64Array";
};
template <>
struct ArrayName<float> {
  static constexpr std::string_view kName = "Float32Array";
};
template <>
struct ArrayName<double> {
  static constexpr std::string_view kName = "Float64Array";
};

constexpr std::string_view kArrayNames[] = {"Int8Array",    "Uint8Array",    "Uint8ClampedArray",
                                            "Int16Array",   "Uint16Array",   "Int32Array",
                                            "Uint32Array",  "BigInt64Array", "BigUint64Array",
                                            "Float16Array", "Float32Array",  "Float64Array"};

template <class T>
class TypedArrayConversion : public Conversion {
 protected:
  static constexpr std::string_view kName = ArrayName<T>::kName;
  static constexpr std::string_view kSuffix = kName.starts_with("Big") ? "n" : "";
};
using ArrayElements =
    ::testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t,
                     std::uint32_t, std::int64_t, std::uint64_t, float, double>;
TYPED_TEST_SUITE(TypedArrayConversion, ArrayElements);

TYPED_TEST(TypedArrayConversion, CrossesWithAllItsElements) {
  using Limits = std::numeric_limits<TypeParam>;
  EXPECT_TRUE(this->crosses(fmt::format("new {}(0)", this->kName), TypedArray<TypeParam>()));
  EXPECT_TRUE(this->crosses(fmt::format("new {0}([1{1}, 2{1}])", this->kName, this->kSuffix),
                            TypedArray<TypeParam>{{1, 2}}));
  const TypedArray<TypeParam> edges{{Limits::lowest(), Limits::max(), Limits::min()}};
  ASSERT_TRUE(this->vm_.set("edges", edges));
  EXPECT_TRUE(gives(this->vm_, "edges.constructor.name", this->kName));
  EXPECT_TRUE(this->comes("edges", edges));
  TypedArray<TypeParam> many;
  many.elements.assign(10'000, TypeParam{1});
  EXPECT_TRUE(
      this->crosses(fmt::format("new {}(10000).fill(1{})", this->kName, this->kSuffix), many));
}

TYPED_TEST(TypedArrayConversion, EveryOtherKindIsRefused) {
  for (const std::string_view name : kArrayNames) {
    if (name == this->kName) continue;
    EXPECT_EQ(
        error_of(this->value(fmt::format("new {}(1)", name)).template as<TypedArray<TypeParam>>())
            .code,
        Errc::conversion)
        << name;
  }
  for (const std::string_view source : {"[1]", "new ArrayBuffer(8)", "({})", "'x'", "null"}) {
    EXPECT_EQ(error_of(this->value(source).template as<TypedArray<TypeParam>>()).code,
              Errc::conversion)
        << source;
  }
}

TYPED_TEST(TypedArrayConversion, APartIsTheElementsItShows) {
  EXPECT_TRUE(this->comes(
      fmt::format("new {0}([1{1}, 2{1}, 3{1}, 4{1}]).subarray(1, 3)", this->kName, this->kSuffix),
      TypedArray<TypeParam>{{2, 3}}));
  EXPECT_TRUE(this->comes(
      fmt::format("new {0}(new {0}([1{1}, 2{1}, 3{1}]).buffer, 2 * {0}.BYTES_PER_ELEMENT)",
                  this->kName, this->kSuffix),
      std::vector<TypeParam>{3}));
}

TYPED_TEST(TypedArrayConversion, AVectorTakesEveryKindWhoseElementsFit) {
  for (const std::string_view name : kArrayNames) {
    const bool big = name.starts_with("Big");
    const std::string source = fmt::format("new {0}([1{1}, 2{1}])", name, big ? "n" : "");
    if (big && std::is_floating_point_v<TypeParam>) {
      EXPECT_TRUE(this->template refuses<std::vector<TypeParam>>(
          source, "[0]: expected number, got bigint"));
    } else {
      EXPECT_TRUE(this->comes(source, std::vector<TypeParam>{1, 2}));
    }
  }
}

TYPED_TEST(TypedArrayConversion, OfADetachedBufferGivesNoElements) {
  const std::string source = fmt::format(
      "(() => {{ const a = new {}(4); a.buffer.transfer(); return a }})()", this->kName);
  const auto list = this->value(source).template as<std::vector<TypeParam>>();
  EXPECT_TRUE(!list || list->empty());
  const auto exact = this->value(source).template as<TypedArray<TypeParam>>();
  EXPECT_TRUE(!exact || exact->elements.empty());
  EXPECT_TRUE(works(this->vm_));
}

TYPED_TEST(TypedArrayConversion, FollowsABufferThatIsResized) {
  ASSERT_TRUE(this->vm_.eval(
      fmt::format("globalThis.buffer = new ArrayBuffer(16, {{maxByteLength: 64}});"
                  "globalThis.list = new {0}(buffer); list.fill(1{1}); buffer.resize(32)",
                  this->kName, this->kSuffix)));
  const std::size_t whole = 32 / sizeof(TypeParam);
  const Result<TypedArray<TypeParam>> grown =
      this->value("list").template as<TypedArray<TypeParam>>();
  ASSERT_TRUE(grown) << describe(grown.error());
  EXPECT_EQ(grown->elements.size(), whole);
  ASSERT_TRUE(this->vm_.eval("buffer.resize(8)"));
  const Result<std::vector<TypeParam>> shrunk =
      this->value("list").template as<std::vector<TypeParam>>();
  ASSERT_TRUE(shrunk) << describe(shrunk.error());
  EXPECT_EQ(*shrunk, std::vector<TypeParam>(8 / sizeof(TypeParam), TypeParam{1}));
  EXPECT_TRUE(works(this->vm_));
}

TEST_F(SequenceConversion, ATypedArrayWhoseElementsDoNotFitTellsWhich) {
  EXPECT_TRUE(
      refuses<std::vector<std::int8_t>>("new Uint8Array([1, 200])", "[1]: 200 is not an int8"));
  EXPECT_TRUE(refuses<std::vector<int>>("new Float32Array([1, 0.5])", "[1]: 0.5 is not an int32"));
  EXPECT_TRUE(comes("new Uint8ClampedArray([1, 300])", std::vector<std::uint8_t>{1, 255}));
  EXPECT_TRUE(comes("new Float16Array([0.5, 65504])", std::vector<float>{0.5F, 65504.0F}));
}

// Bytes.

template <class... I>
[[nodiscard]] std::vector<std::byte> bytes(I... numbers) {
  return {static_cast<std::byte>(numbers)...};
}

TEST_F(BytesConversion, CrossAsAnArrayBuffer) {
  EXPECT_TRUE(crosses("new ArrayBuffer(0)", bytes()));
  EXPECT_TRUE(crosses("new Uint8Array([0, 1, 255]).buffer", bytes(0, 1, 255)));
  EXPECT_TRUE(crosses("new ArrayBuffer(10000)", std::vector<std::byte>(10'000)));
  const std::array<std::byte, 2> plain = {std::byte{3}, std::byte{4}};
  EXPECT_TRUE(becomes(std::span<const std::byte>(plain), "new Uint8Array([3, 4]).buffer"));
  EXPECT_TRUE(becomes(std::span<const std::byte>(), "new ArrayBuffer(0)"));
}

TEST_F(BytesConversion, AreTheScriptsOwnAfterwards) {
  ASSERT_TRUE(vm_.set("buffer", bytes(1, 2, 3)));
  EXPECT_TRUE(gives(vm_,
                    "new Uint8Array(buffer)[0] = 9; const moved = buffer.transfer(5); "
                    "new Uint8Array(moved).join() + buffer.detached",
                    "9,2,3,0,0true"));
  EXPECT_TRUE(gives(vm_, "structuredClone(moved).byteLength", "5"));
}

TEST_F(BytesConversion, AreCopiedFromEveryView) {
  for (const std::string_view name : kArrayNames) {
    EXPECT_TRUE(comes(fmt::format("new {}(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer)", name),
                      bytes(1, 2, 3, 4, 5, 6, 7, 8)));
  }
  EXPECT_TRUE(comes("new Uint8Array([1, 2, 3, 4]).subarray(1, 3)", bytes(2, 3)));
  EXPECT_TRUE(comes("new DataView(new Uint8Array([1, 2, 3]).buffer)", bytes(1, 2, 3)));
  EXPECT_TRUE(comes("new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", bytes(2, 3)));
  EXPECT_TRUE(comes("new Uint8Array(new ArrayBuffer(4), 4)", bytes()));
}

TEST_F(BytesConversion, OfWhatHasNoneAreRefused) {
  for (const auto& [source, kind] :
       std::initializer_list<std::pair<const char*, const char*>>{{"[1, 2]", "got array"},
                                                                  {"'text'", "got string"},
                                                                  {"1", "got number"},
                                                                  {"({})", "got object"},
                                                                  {"null", "got null"},
                                                                  {"new Map()", "got Map"}}) {
    const Error error = error_of(value(source).as<std::vector<std::byte>>());
    EXPECT_EQ(error.code, Errc::conversion) << source << ": " << describe(error);
    EXPECT_TRUE(error.message.ends_with(kind)) << error.message;
  }
}

TEST_F(BytesConversion, OfADetachedBufferAreNone) {
  for (const std::string_view view :
       {"buffer", "new Uint8Array(buffer)", "new DataView(buffer)", "new DataView(buffer, 1, 2)"}) {
    const auto got = value(fmt::format("(() => {{ const buffer = new ArrayBuffer(8); const view = "
                                       "{}; buffer.transfer(); return view }})()",
                                       view))
                         .as<std::vector<std::byte>>();
    EXPECT_TRUE(!got || got->empty()) << view;
    EXPECT_TRUE(works(vm_)) << view;
  }
}

TEST_F(BytesConversion, FollowABufferThatIsResized) {
  ASSERT_TRUE(
      vm_.eval("globalThis.buffer = new ArrayBuffer(2, {maxByteLength: 64}); "
               "globalThis.list = new Uint8Array(buffer); globalThis.view = new "
               "DataView(buffer); list.set([1, 2]); buffer.resize(3)"));
  EXPECT_TRUE(comes("buffer", bytes(1, 2, 0)));
  EXPECT_TRUE(comes("view", bytes(1, 2, 0)));
  EXPECT_TRUE(comes("list", bytes(1, 2, 0)));
  ASSERT_TRUE(vm_.eval("buffer.resize(1)"));
  EXPECT_TRUE(comes("buffer", bytes(1)));
  EXPECT_TRUE(comes("view", bytes(1)));
  EXPECT_TRUE(comes("list", bytes(1)));
  ASSERT_TRUE(vm_.eval("buffer.resize(0)"));
  EXPECT_TRUE(comes("buffer", bytes()));
  EXPECT_TRUE(comes("list", bytes()));
  EXPECT_TRUE(works(vm_));
}

// Maps.

TEST_F(MapConversion, StringKeysCrossAsAPlainObject) {
  EXPECT_TRUE(crosses("({})", std::map<std::string, int>()));
  EXPECT_TRUE(crosses("({a: 1, b: 2})", std::map<std::string, int>{{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(crosses("({'': 1, 'a b': 2, 'é😀': 3})",
                      std::map<std::string, int>{{"", 1}, {"a b", 2}, {"é😀", 3}}));
  EXPECT_TRUE(crosses("({'a\\0b': 1})", std::map<std::string, int>{{std::string("a\0b", 3), 1}}));
  EXPECT_TRUE(
      crosses("({x: {y: [1]}})",
              std::map<std::string, std::map<std::string, std::vector<int>>>{{"x", {{"y", {1}}}}}));
  EXPECT_TRUE(crosses("({only: true})", std::unordered_map<std::string, bool>{{"only", true}}));
  EXPECT_TRUE(
      crosses("({10: 1, 9: 2})", std::unordered_map<std::string, int>{{"10", 1}, {"9", 2}}));
}

TEST_F(MapConversion, ProtoIsAnOwnPropertyLikeOthers) {
  EXPECT_TRUE(comes("JSON.parse('{\"__proto__\": 1, \"a\": 2}')",
                    std::map<std::string, int>{{"__proto__", 1}, {"a", 2}}));
  ASSERT_TRUE(vm_.set(
      "made", std::map<std::string, std::map<std::string, int>>{{"__proto__", {{"polluted", 1}}}}));
  EXPECT_TRUE(gives(vm_,
                    "[Object.keys(made).join(), made.polluted, ({}).polluted, "
                    "Object.getPrototypeOf(made) === Object.prototype].join('|')",
                    "__proto__|||true"));
}

TEST_F(MapConversion, OwnEnumerableStringKeysAreTaken) {
  EXPECT_TRUE(
      comes("Object.defineProperty({__proto__: {inherited: 1}, own: 2, [Symbol('s')]: 3}, "
            "'hidden', {value: 4})",
            std::map<std::string, int>{{"own", 2}}));
  EXPECT_TRUE(
      comes("Object.assign(Object.create(null), {a: 1})", std::map<std::string, int>{{"a", 1}}));
  EXPECT_TRUE(comes("({get a() { return 5 }})", std::map<std::string, int>{{"a", 5}}));
  EXPECT_TRUE(comes("['x', 'y']", std::map<std::string, std::string>{{"0", "x"}, {"1", "y"}}));
  EXPECT_TRUE(
      comes("new Map([['a', 1], ['b', 2]])", std::map<std::string, int>{{"a", 1}, {"b", 2}}))
      << "a Map is taken too";
  EXPECT_TRUE(comes("({'a\\ud800': 1})", std::map<std::string, int>{{"a\ufffd", 1}}));
}

TEST_F(MapConversion, OtherKeysCrossAsAMap) {
  EXPECT_TRUE(crosses("new Map()", std::map<int, int>()));
  EXPECT_TRUE(
      crosses("new Map([[1, 'a'], [2, 'b']])", std::map<int, std::string>{{1, "a"}, {2, "b"}}));
  EXPECT_TRUE(
      crosses("new Map([[false, 0], [true, 1]])", std::map<bool, int>{{false, 0}, {true, 1}}));
  EXPECT_TRUE(crosses("new Map([['red', 1]])", std::map<Colour, int>{{Colour::red, 1}}));
  EXPECT_TRUE(crosses("new Map([[2n ** 60n, 1]])",
                      std::unordered_map<std::int64_t, int>{{std::int64_t{1} << 60, 1}}));
  EXPECT_TRUE(comes("new (class extends Map {})([[1, 2]])", std::map<int, int>{{1, 2}}));
  using Nested = std::map<std::vector<int>, std::map<std::string, int>>;
  EXPECT_TRUE(comes("new Map([[[1, 2], {a: 3}]])", Nested{{{1, 2}, {{"a", 3}}}}));
}

TEST_F(MapConversion, WhatDoesNotFitIsNamed) {
  using Strings = std::map<std::string, int>;
  using Numbers = std::map<int, int>;
  EXPECT_TRUE(refuses<Strings>("({a: 1, b: 'x'})", "b: expected int32, got string"));
  EXPECT_TRUE(
      refuses<Strings>("new Map([['a', 1], [2, 2]])", "[1].key: expected string, got number"));
  EXPECT_TRUE(refuses<Numbers>("new Map([['x', 1]])", "[0].key: expected int32, got string"));
  EXPECT_TRUE(
      refuses<Numbers>("new Map([[1, 1], [2, 'x']])", "[1].value: expected int32, got string"));
  EXPECT_TRUE(refuses<Numbers>("({1: 1})", "expected Map, got object"));
  EXPECT_TRUE(refuses<Strings>("'text'", "expected object, got string"));
  EXPECT_TRUE(refuses<Strings>("null", "expected object, got null"));
  EXPECT_TRUE(refuses<Numbers>("new Set([1])", "expected Map, got Set"));
  using Nested = std::map<std::string, std::map<std::string, int>>;
  EXPECT_TRUE(refuses<Nested>("({a: {b: 1, c: null}})", "a.c: expected int32, got null"));
}

TEST_F(MapConversion, AKeyThatIsNotUtf8IsRefused) {
  EXPECT_FALSE(vm_.make(std::map<std::string, int>{{"\xff", 1}}));
  EXPECT_FALSE(vm_.make(std::map<std::u16string, std::string>{{u"ok", "\xff"}}));
  EXPECT_TRUE(becomes(std::map<std::u16string, int>{{u"\xd800", 1}}, "new Map([['\\ud800', 1]])"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(MapConversion, WhatTheScriptDidToMapIsNotSeen) {
  ASSERT_TRUE(
      vm_.eval("for (const name of ['forEach', 'set', 'get', 'entries', Symbol.iterator]) "
               "Map.prototype[name] = hit; Array.prototype.push = hit; "
               "Object.defineProperty(Array.prototype, 0, {set: hit, configurable: true}); "
               "globalThis.Map = hit; 0"));
  ASSERT_TRUE(vm_.set("made", std::map<int, int>{{1, 2}}));
  const auto back = value("made").as<std::map<int, int>>();
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ(*back, (std::map<int, int>{{1, 2}}));
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

// Sets.

TEST_F(SetConversion, CrossAsASet) {
  EXPECT_TRUE(crosses("new Set()", std::set<int>()));
  EXPECT_TRUE(crosses("new Set([1, 2, 3])", std::set<int>{1, 2, 3}));
  EXPECT_TRUE(comes("new Set([3, 1, 2])", std::set<int>{1, 2, 3}));
  EXPECT_TRUE(crosses("new Set(['a', 'b'])", std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(crosses("new Set(['one'])", std::unordered_set<std::string>{"one"}));
  EXPECT_TRUE(comes("new Set([[1], [2, 3]])", std::set<std::vector<int>>{{1}, {2, 3}}));
  EXPECT_TRUE(comes("new (class extends Set {})([1])", std::set<int>{1}));
  EXPECT_TRUE(comes("new Set([1, 1n])", std::set<int>{1})) << "two elements that are one in C++";
}

TEST_F(SetConversion, WhatDoesNotFitIsNamed) {
  EXPECT_TRUE(refuses<std::set<int>>("[1]", "expected Set, got array"));
  EXPECT_TRUE(refuses<std::set<int>>("new Map()", "expected Set, got Map"));
  EXPECT_TRUE(refuses<std::set<int>>("'x'", "expected Set, got string"));
  EXPECT_TRUE(refuses<std::set<int>>("new Set([1, 'x'])", "[1]: expected int32, got string"));
  EXPECT_TRUE(refuses<std::unordered_set<int>>("new WeakSet()", "expected Set, got weak_set"));
}

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

// Errors.

TEST_F(ErrorConversion, BecomesAnErrorObjectOfItsClass) {
  for (const std::string_view name : {"Error", "TypeError", "RangeError", "SyntaxError",
                                      "ReferenceError", "EvalError", "URIError", "InternalError"}) {
    ASSERT_TRUE(vm_.set("made", Error{.message = "m é", .name = std::string(name)}));
    EXPECT_TRUE(gives(vm_,
                      "`${made.constructor.name} ${made.name} ${made.message} ${typeof made.stack} "
                      "${'code' in made} ${'cause' in made} ${Object.keys(made).length}`",
                      fmt::format("{0} {0} m é string false false 0", name)));
    EXPECT_TRUE(value("made").is_error());
  }
}

TEST_F(ErrorConversion, KeepsNameCodeAndCause) {
  const auto root = std::make_shared<const Error>(Error{.message = "root", .name = "RangeError"});
  const auto cause =
      std::make_shared<const Error>(Error{.message = "middle", .name = "Error", .cause = root});
  ASSERT_TRUE(vm_.set(
      "made", Error{.message = "top", .name = "DiskError", .detail = "ENOENT", .cause = cause}));
  EXPECT_TRUE(gives(vm_,
                    "[made instanceof Error, made.name, made.message, made.code, "
                    "made.cause.message, made.cause.cause.name, String(made)].join('|')",
                    "true|DiskError|top|ENOENT|middle|RangeError|DiskError: top"));
}

TEST_F(ErrorConversion, ComesWithClassMessageCodeStackAndCause) {
  const Result<Error> error = value(R"((function maker() {
      const cause = new RangeError('inner', {cause: 'text'});
      return Object.assign(new TypeError('outer', {cause}), {code: 'E1'}) })())")
                                  .as<Error>();
  ASSERT_TRUE(error) << describe(error.error());
  EXPECT_EQ(error->code, Errc::threw);
  EXPECT_EQ(error->name, "TypeError");
  EXPECT_EQ(error->message, "outer");
  EXPECT_EQ(error->detail, "E1");
  EXPECT_NE(error->stack.find("maker"), std::string::npos) << error->stack;
  ASSERT_NE(error->cause, nullptr);
  EXPECT_EQ(describe(*error->cause), "threw: RangeError: inner");
  ASSERT_NE(error->cause->cause, nullptr);
  EXPECT_EQ(error->cause->cause->message, "text");
  EXPECT_EQ(error->cause->cause->cause, nullptr);
  EXPECT_EQ(value("new (class Mine extends Error { get name() { return 'Mine' } })('m')")
                .as<Error>()
                ->name,
            "Mine");
}

[[nodiscard]] int causes_of(const Error& error) {
  int count = 0;
  for (const Error* cause = error.cause.get(); cause != nullptr; cause = cause->cause.get())
    ++count;
  return count;
}

TEST_F(ErrorConversion, CausesComeEightLevelsDeep) {
  const std::string_view nest =
      "((n) => { let e = new Error('0'); for (let i = 1; i <= n; i++) "
      "e = new Error('' + i, {cause: e}); return e })";
  EXPECT_EQ(causes_of(*value(fmt::format("{}(7)", nest)).as<Error>()), 7);
  EXPECT_EQ(causes_of(*value(fmt::format("{}(8)", nest)).as<Error>()), 8);
  EXPECT_EQ(causes_of(*value(fmt::format("{}(9)", nest)).as<Error>()), 8);
  EXPECT_EQ(causes_of(*value("const e = new Error('loop'); e.cause = e; e").as<Error>()), 8);
}

TEST_F(ErrorConversion, CausesGoAtLeastEightLevelsDeep) {
  for (const int depth : {7, 8, 9, 20}) {
    Error error{.message = "0"};
    for (int i = 1; i <= depth; ++i) {
      error = Error{.message = std::to_string(i), .cause = std::make_shared<const Error>(error)};
    }
    ASSERT_TRUE(vm_.set("made", error));
    EXPECT_TRUE(gives(vm_,
                      "(() => { let n = 0; for (let e = made; e.cause; e = e.cause) n++; "
                      "return n >= 8 || n })()",
                      depth == 7 ? "7" : "true"))
        << depth;
  }
}

TEST_F(ErrorConversion, TakesErrorsOnly) {
  EXPECT_TRUE(refuses<Error>("({name: 'Error', message: 'm'})", "expected Error, got object"));
  EXPECT_TRUE(refuses<Error>("'text'", "expected Error, got string"));
  EXPECT_TRUE(refuses<Error>("Object.create(Error.prototype)", "expected Error, got object"));
  EXPECT_TRUE(refuses<Error>("null", "expected Error, got null"));
}

TEST_F(ErrorConversion, HostileErrorsAreRead) {
  const Result<Error> error =
      value(
          "Object.defineProperties(new Error('m'), {name: {get() { throw 1 }}, "
          "stack: {get() { throw 2 }}, cause: {get() { throw 3 }}})")
          .as<Error>();
  ASSERT_TRUE(error) << describe(error.error());
  EXPECT_EQ(error->message, "m");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ErrorConversion, AMessageThatIsNoStringIsNotCoerced) {
  static_cast<void>(value("Object.assign(new Error('m'), {message: {toString: hit}, "
                          "code: {toString: hit}})")
                        .as<Error>());
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

TEST_F(ErrorConversion, ExceptionPointersCrossAsErrors) {
  EXPECT_TRUE(becomes(std::exception_ptr(), "null"));
  EXPECT_EQ(*value("null").as<std::exception_ptr>(), nullptr);
  EXPECT_EQ(*value("undefined").as<std::exception_ptr>(), nullptr);
  ASSERT_TRUE(vm_.set("made", std::make_exception_ptr(std::out_of_range("too far"))));
  EXPECT_TRUE(gives(vm_, "`${made.constructor.name} ${made.message}`", "RangeError too far"));
  const auto pointer = value("new TypeError('mine')").as<std::exception_ptr>();
  ASSERT_TRUE(pointer);
  try {
    std::rethrow_exception(*pointer);
    FAIL() << "nothing was thrown";
  } catch (const ScriptError& error) {
    EXPECT_EQ(error.error().name, "TypeError");
    EXPECT_EQ(error.error().message, "mine");
    EXPECT_STREQ(error.what(), "threw: TypeError: mine");
  }
  EXPECT_TRUE(refuses<std::exception_ptr>("'x'", "expected Error, got string"));
}

TEST_F(ErrorConversion, ErrorCodesBecomeErrorsWithACode) {
  EXPECT_TRUE(becomes(std::error_code(), "null"));
  ASSERT_TRUE(vm_.set("made", std::make_error_code(std::errc::no_such_file_or_directory)));
  EXPECT_TRUE(gives(vm_, "[made.constructor.name, made.code, made.message].join('|')",
                    "Error|generic:2|No such file or directory"));
}

TEST_F(ErrorConversion, AnErrorWithAStandardCodeIsAnErrorCodeAgain) {
  const std::error_code codes[] = {std::make_error_code(std::errc::no_such_file_or_directory),
                                   std::error_code(13, std::system_category()),
                                   std::error_code(-5, std::generic_category())};
  for (const std::error_code code : codes) {
    const Result<Value> made = vm_.make(code);
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(made->as<std::error_code>().value_or(std::error_code()), code) << code;
  }
  EXPECT_TRUE(comes("null", std::error_code()));
  EXPECT_TRUE(comes("Object.assign(new TypeError('m'), {code: 'system:13'})",
                    std::error_code(13, std::system_category())));
  EXPECT_TRUE(refuses<std::error_code>("undefined", "expected Error, got undefined"));
  EXPECT_TRUE(refuses<std::error_code>("2", "expected Error, got number"));
  for (const std::string_view code :
       {"'ENOENT'", "'generic:'", "'generic:2x'", "'generic: 2'", "'generic:99999999999'", "':2'",
        "''", "'mine:2'", "'generic:2\\0'", "'iostream:1'", "5", "undefined"}) {
    const Error error =
        error_of(value(fmt::format("Object.assign(new Error('m'), {{code: {}}})", code))
                     .as<std::error_code>());
    EXPECT_EQ(error.code, Errc::conversion) << code;
    EXPECT_EQ(error.name, "TypeError") << code;
  }
}

TEST_F(ErrorConversion, EveryKindOfExceptionHasItsClass) {
  const auto name_of = [](auto exception) {
    return sandglass::error_of(std::make_exception_ptr(std::move(exception))).name;
  };
  EXPECT_EQ(name_of(std::invalid_argument("x")), "TypeError");
  EXPECT_EQ(name_of(std::bad_cast()), "TypeError");
  EXPECT_EQ(name_of(std::out_of_range("x")), "RangeError");
  EXPECT_EQ(name_of(std::length_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::range_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::overflow_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::underflow_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::domain_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::bad_alloc()), "InternalError");
  EXPECT_EQ(name_of(std::runtime_error("x")), "Error");
  EXPECT_EQ(name_of(std::logic_error("x")), "Error");
  const Error system = sandglass::error_of(std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::permission_denied), "opening")));
  EXPECT_EQ(system.name, "Error");
  EXPECT_EQ(system.detail, "generic:13");
  EXPECT_TRUE(system.message.starts_with("opening")) << system.message;
  const Error own{.message = "mine", .name = "SyntaxError", .detail = "D"};
  const Error back = sandglass::error_of(std::make_exception_ptr(ScriptError(own)));
  EXPECT_EQ(describe(back), describe(own));
  EXPECT_EQ(back.detail, "D");
  EXPECT_EQ(sandglass::error_of(std::make_exception_ptr(42)).code, Errc::threw);
  EXPECT_FALSE(sandglass::error_of(std::make_exception_ptr(42)).message.empty());
}

TEST_F(ErrorConversion, NestedExceptionsAreCauses) {
  std::exception_ptr outer;
  try {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::invalid_argument("outer"));
    }
  } catch (...) {
    outer = std::current_exception();
  }
  ASSERT_TRUE(vm_.set("made", outer));
  EXPECT_TRUE(gives(vm_, "`${made} <- ${made.cause}`", "TypeError: outer <- RangeError: inner"));
}

// Paths.

TEST_F(ConversionPath, NamesThePlaceInsideOfTheValue) {
  const Value globals = value(R"(({user: {name: 'u', colour: 'red', friends: [
      {name: 'a'}, {name: 'b'}, {name: 'c'}, {name: 4}]}}))");
  EXPECT_EQ(describe(error_of(globals.as<Account>())),
            "conversion: user.friends[3].name: expected string, got number");
  EXPECT_EQ(error_of(globals.as<Account>()).path, "user.friends[3].name");
  EXPECT_EQ(describe(error_of(globals.get<User>("user"))),
            "conversion: user.friends[3].name: expected string, got number");
  EXPECT_EQ(describe(error_of(globals.as<Account>("body"))),
            "conversion: body.user.friends[3].name: expected string, got number");
  const Value list = value("[[1, 2], [3, 'x']]");
  EXPECT_EQ(describe(error_of(list.as<std::vector<std::vector<int>>>("matrix"))),
            "conversion: matrix[1][1]: expected int32, got string");
  EXPECT_EQ(describe(error_of(list.get<std::vector<int>>(1))),
            "conversion: [1][1]: expected int32, got string");
  ASSERT_TRUE(vm_.eval("globalThis.config = {limits: {cpu: -1}}"));
  using Config = std::map<std::string, std::map<std::string, unsigned>>;
  EXPECT_EQ(describe(error_of(vm_.get<Config>("config"))),
            "conversion: config.limits.cpu: -1 is not a uint32");
}

TEST_F(ConversionPath, IsToldOfValuesThatCannotBecomeJavaScriptToo) {
  const User user{"u", {{"a", 1}, {"\xff", 2}}, Colour::red};
  const Error error = error_of(vm_.make(user));
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(error.path, "friends[1].name");
  EXPECT_EQ(error_of(vm_.make(std::vector<std::string>{"ok", "\xff"})).path, "[1]");
  EXPECT_EQ(error_of(vm_.make(std::map<std::string, std::string>{{"key", "\xff"}})).path, "key");
  EXPECT_EQ(error_of(value("() => 1").call(1, user)).path, "argument 2.friends[1].name");
}

TEST_F(ConversionPath, TheScriptSeesItInTheMessage) {
  ASSERT_TRUE(vm_.set("greet", [](const User& user) { return user.name; }));
  EXPECT_TRUE(gives(vm_,
                    "try { greet({name: 'u', friends: [{}]}) } catch (e) { `${e.name}: "
                    "${e.message}` }",
                    "TypeError: argument 1.friends[0].name: expected string, got undefined"));
}

TEST_F(ConversionPath, IsEmptyForWhatScriptCodeThrows) {
  const Error error = error_of(
      value("({user: {name: 'u', get friends() { throw new Error('mine') }}})").as<Account>());
  EXPECT_EQ(describe(error), "threw: Error: mine");
  EXPECT_TRUE(error.path.empty());
}

// Depth and cycles.

constexpr std::string_view kNest =
    "globalThis.nest = (depth) => { let tree = {value: 0, children: []}; "
    "for (let i = 1; i < depth; i++) tree = {value: i, children: [tree]}; return tree }; 0";

[[nodiscard]] Tree nest(int depth) {
  Tree tree;
  for (int i = 1; i < depth; ++i) {
    Tree parent{i, {}};
    parent.children.push_back(std::move(tree));
    tree = std::move(parent);
  }
  return tree;
}

TEST_F(ConversionDepth, OneHundredLevelsCrossAndNoMore) {
  ASSERT_TRUE(vm_.eval(kNest));
  static_assert(kMaxConversionDepth == 100);
  // Each tree is two levels: its object and its array of children.
  EXPECT_TRUE(crosses("nest(49)", nest(49)));
  EXPECT_TRUE(crosses("nest(50)", nest(50)));
  std::string path = "children[0]";
  for (int i = 1; i < 50; ++i) path += ".children[0]";
  EXPECT_TRUE(refuses<Tree>("nest(51)", path + ": nested more than 100 deep"));
  EXPECT_TRUE(refuses<Tree>("nest(10000)", path + ": nested more than 100 deep"));
  const Error error = error_of(vm_.make(nest(51)));
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(error.message, "nested more than 100 deep");
  EXPECT_EQ(error_of(vm_.make(nest(2000))).code, Errc::conversion);
  EXPECT_TRUE(crosses("nest(50)", nest(50))) << "what failed left nothing behind";
}

TEST_F(ConversionDepth, CyclesAreToldWithTheirPlace) {
  EXPECT_TRUE(refuses<Tree>("const a = {value: 1, children: []}; a.children.push(a); a",
                            "children[0]: the object is inside itself"));
  EXPECT_TRUE(refuses<Tree>(
      "const x = {value: 1, children: []}; const y = {value: 2, children: [{value: 3, children: "
      "[]}, x]}; x.children.push(y); x",
      "children[0].children[1]: the object is inside itself"));
  EXPECT_TRUE(refuses<Tree>(
      "const list = []; const t = {value: 1, children: list}; list.push({value: 2, children: "
      "list}); t",
      "children[0].children: the object is inside itself"));
}

TEST_F(ConversionDepth, TheSameObjectInTwoPlacesIsNoCycle) {
  EXPECT_TRUE(comes("const leaf = {value: 1, children: []}; ({value: 0, children: [leaf, leaf]})",
                    Tree{0, {{1, {}}, {1, {}}}}));
  EXPECT_TRUE(
      comes("const row = [1]; [row, row, row]", std::vector<std::vector<int>>{{1}, {1}, {1}}));
}

TEST_F(ConversionDepth, ACycleOfValuesThatAreNotDescendedIntoIsFine) {
  const auto list = value("const self = []; self.push(self); self").as<std::vector<Value>>();
  ASSERT_TRUE(list);
  EXPECT_TRUE((*list)[0].is_array());
}

TEST_F(ConversionDepth, GettersThatMakeEverNewObjectsEnd) {
  EXPECT_EQ(told<Tree>("const endless = () => ({value: 1, get children() { return [endless()] }}); "
                       "endless()")
                .substr(0, 36),
            "conversion: children[0].children[0].");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ConversionDepth, AGetterMayHandTheSameObjectToAHostFunction) {
  ASSERT_TRUE(vm_.set("y_of", [](const OnlyY& object) { return object.y; }));
  const Result<OnlyX> got = value("({get x() { return y_of(this) + 1 }, y: 5})").as<OnlyX>();
  ASSERT_TRUE(got) << describe(got.error());
  EXPECT_EQ(got->x, 6);
}

TEST_F(ConversionDepth, AFailureManyTimesLeavesNothingBehind) {
  ASSERT_TRUE(vm_.eval(kNest));
  for (int i = 0; i < 300; ++i) {
    EXPECT_FALSE(value("nest(60)").as<Tree>());
    EXPECT_FALSE(value("[['x']]").as<std::vector<std::vector<int>>>());
    EXPECT_FALSE(value("({get value() { throw 1 }})").as<Tree>());
  }
  EXPECT_TRUE(crosses("nest(50)", nest(50)));
}

// Size: what is converted at once is bounded by eight times memory_bytes.

constexpr std::string_view kTooLarge = "the value has more than 16777216 bytes in C++";

/// Passes if `source` as a T is refused for its size.
template <class T>
[[nodiscard]] ::testing::AssertionResult is_too_large(std::string_view source) {
  Runtime vm = small_runtime();
  const Result<Value> made = vm.eval(source);
  if (!made) return ::testing::AssertionFailure() << source << ": " << describe(made.error());
  const Result<T> got = made->as<T>();
  if (got) return ::testing::AssertionFailure() << source << " fits";
  if (got.error().code != Errc::conversion || got.error().name != "RangeError" ||
      got.error().message != kTooLarge) {
    return ::testing::AssertionFailure() << source << ": " << describe(got.error());
  }
  return works(vm);
}

TEST_F(ConversionSize, EightTimesTheMemoryLimitFitsAndNoMore) {
  Runtime vm = small_runtime();
  ASSERT_TRUE(vm.eval("globalThis.copies = (n) => Array(n).fill('x'.repeat(100000)); 0"));
  using Strings = std::vector<std::string>;
  for (int i = 0; i < 3; ++i) {  // each conversion has all of it
    const Result<Strings> below = vm.eval<Strings>("copies(160)");
    ASSERT_TRUE(below) << describe(below.error());
    EXPECT_EQ(below->size(), 160U);
    EXPECT_EQ(below->back().size(), 100'000U);
    const Error above = error_of(vm.eval<Strings>("copies(170)"));
    EXPECT_EQ(above.code, Errc::conversion) << describe(above);
    EXPECT_EQ(above.name, "RangeError");
    EXPECT_EQ(above.message, kTooLarge);
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(ConversionSize, CopiesOfTheSameAreCountedInEveryType) {
  EXPECT_TRUE(is_too_large<std::vector<std::u16string>>("Array(90).fill('x'.repeat(100000))"));
  EXPECT_TRUE(is_too_large<std::vector<std::vector<std::byte>>>(
      "Array(200).fill(new ArrayBuffer(100000))"));
  EXPECT_TRUE(
      is_too_large<std::vector<TypedArray<float>>>("Array(200).fill(new Float32Array(25000))"));
  EXPECT_TRUE(is_too_large<std::vector<std::vector<int>>>("Array(200).fill(Array(10000).fill(1))"));
  EXPECT_TRUE(is_too_large<std::vector<Friend>>("Array(200).fill({name: 'x'.repeat(100000)})"));
  EXPECT_TRUE((is_too_large<std::vector<std::map<int, std::string>>>(
      "Array(200).fill(new Map([[1, 'x'.repeat(100000)]]))")));
  EXPECT_TRUE(is_too_large<std::vector<std::set<std::string>>>(
      "Array(200).fill(new Set(['x'.repeat(100000)]))"));
  EXPECT_TRUE(
      is_too_large<std::vector<std::filesystem::path>>("Array(200).fill('x'.repeat(100000))"));
}

TEST_F(ConversionSize, DigitsOfBigIntsAreCounted) {
  EXPECT_TRUE(is_too_large<std::vector<BigInt>>("Array(2000).fill(10n ** 9000n)"));
}

TEST_F(ConversionSize, PropertiesAreCounted) {
  using Objects = std::vector<std::map<std::string, int>>;
  EXPECT_TRUE(is_too_large<Objects>(
      "const wide = {}; for (let i = 0; i < 1000; i++) wide['property' + i] = 1; "
      "Array(1000).fill(wide)"));
}

TEST_F(ConversionSize, NamesOfPropertiesAreCounted) {
  using Objects = std::vector<std::map<std::string, int>>;
  EXPECT_TRUE(is_too_large<Objects>("Array(200).fill({['x'.repeat(100000)]: 1})"));
}

TEST_F(ConversionSize, MessagesOfErrorsAreCounted) {
  EXPECT_TRUE(is_too_large<std::vector<Error>>("Array(1000).fill(new Error('x'.repeat(50000)))"));
}

TEST_F(ConversionSize, ElementsThatAreWideInCppAreCounted) {
  using Wide = std::vector<std::optional<std::array<double, 16>>>;
  EXPECT_TRUE(is_too_large<Wide>("new Array(1000000)")) << "136 MB";
}

TEST_F(ConversionSize, ArgumentsOfHostFunctionsAreBoundToo) {
  Runtime vm = small_runtime();
  ASSERT_TRUE(vm.set("count", [](const std::vector<std::string>& list) { return list.size(); }));
  EXPECT_TRUE(gives(vm, "count(Array(100).fill('x'.repeat(100000)))", "100"));
  Error error;
  EXPECT_TRUE(fails(vm, "count(Array(200).fill('x'.repeat(100000)))", Errc::threw, &error));
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_TRUE(gives(vm, "count(Array(100).fill('x'.repeat(100000)))", "100"));
}

// Scripts that do not cooperate.

TEST_F(HostileConversion, NothingConvertsThroughToStringOrValueOf) {
  const std::string_view sources[] = {
      "({toString: hit, valueOf: hit, toJSON: hit, [Symbol.toPrimitive]: hit, length: 0, then: "
      "hit})",
      "Object.assign([], {toString: hit, valueOf: hit, [Symbol.iterator]: hit, toJSON: hit})",
      "Object.assign(() => 1, {toString: hit, valueOf: hit, [Symbol.toPrimitive]: hit})",
      "[{toString: hit, valueOf: hit, [Symbol.toPrimitive]: hit}]",
      "({a: {toString: hit, valueOf: hit, [Symbol.toPrimitive]: hit}})",
      "Object.assign(new String('s'), {toString: hit, valueOf: hit})",
      "Object.assign(new Number(1), {toString: hit, valueOf: hit})",
      "Object.assign(new Date(0), {toString: hit, valueOf: hit, getTime: hit})",
      "Object.assign(new Map([[{toString: hit}, {valueOf: hit}]]), {entries: hit, forEach: hit, "
      "[Symbol.iterator]: hit})",
      "Object.assign(new Set([{toString: hit, valueOf: hit}]), {values: hit, forEach: hit, "
      "[Symbol.iterator]: hit})",
      "Object.assign(new Uint8Array(2), {toString: hit, [Symbol.iterator]: hit})",
  };
  for (const std::string_view source : sources) {
    const Value it = value(source);
    static_cast<void>(it.as<bool>());
    static_cast<void>(it.as<int>());
    static_cast<void>(it.as<std::uint64_t>());
    static_cast<void>(it.as<double>());
    static_cast<void>(it.as<Int128>());
    static_cast<void>(it.as<BigInt>());
    static_cast<void>(it.as<std::string>());
    static_cast<void>(it.as<std::u16string>());
    static_cast<void>(it.as<std::filesystem::path>());
    static_cast<void>(it.as<std::nullptr_t>());
    static_cast<void>(it.as<std::monostate>());
    static_cast<void>(it.as<std::optional<std::string>>());
    static_cast<void>(it.as<std::variant<int, std::string, double>>());
    static_cast<void>(it.as<std::pair<int, std::string>>());
    static_cast<void>(it.as<std::array<std::string, 1>>());
    static_cast<void>(it.as<std::vector<std::string>>());
    static_cast<void>(it.as<std::vector<int>>());
    static_cast<void>(it.as<std::map<std::string, int>>());
    static_cast<void>(it.as<std::map<std::string, std::string>>());
    static_cast<void>(it.as<std::map<int, int>>());
    static_cast<void>(it.as<std::set<std::string>>());
    static_cast<void>(it.as<sys_seconds>());
    static_cast<void>(it.as<std::complex<double>>());
    static_cast<void>(it.as<std::vector<std::byte>>());
    static_cast<void>(it.as<TypedArray<float>>());
    static_cast<void>(it.as<Colour>());
    static_cast<void>(it.as<Plain>());
    static_cast<void>(it.as<Friend>());
    static_cast<void>(it.as<Lenient>());
    static_cast<void>(it.as<Error>());
    static_cast<void>(it.as<std::exception_ptr>());
    static_cast<void>(it.as<Function<int()>>());
    EXPECT_TRUE(gives(vm_, "hits", "0")) << source;
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileConversion, ReplacedBuiltinsAreNotUsed) {
  ASSERT_TRUE(
      vm_.eval("BigInt.prototype.toString = String.prototype.toString = hit; "
               "Number.prototype.valueOf = hit; Array.prototype[Symbol.iterator] = hit; "
               "Reflect.ownKeys = Object.keys = hit; globalThis.BigInt = hit; "
               "globalThis.Date = hit; globalThis.Array = hit; globalThis.Error = hit; 0"));
  EXPECT_TRUE(comes("2n ** 70n", BigInt{"1180591620717411303424"}));
  EXPECT_TRUE(comes("'text'", std::string("text")));
  EXPECT_TRUE(comes("[1, 2]", std::vector<int>{1, 2}));
  EXPECT_TRUE(comes("({a: 1})", std::map<std::string, int>{{"a", 1}}));
  ASSERT_TRUE(vm_.make(BigInt{"123456789012345678901234567890"}));
  ASSERT_TRUE(vm_.make(sys_seconds()));
  ASSERT_TRUE(vm_.make(std::vector<int>{1}));
  ASSERT_TRUE(vm_.make(Error{.message = "m"}));
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

TEST_F(HostileConversion, WhatGettersThrowIsTold) {
  const std::string_view kBad = "get() { throw new RangeError('mine') }";
  const std::string_view kTold = "threw: RangeError: mine";
  EXPECT_EQ(told<Friend>(fmt::format("Object.defineProperty({{}}, 'name', {{{}}})", kBad)), kTold);
  EXPECT_EQ(told<std::vector<int>>(fmt::format("Object.defineProperty([1, 2], 1, {{{}}})", kBad)),
            kTold);
  using Pair = std::pair<int, int>;
  EXPECT_EQ(told<Pair>(fmt::format("Object.defineProperty([1, 2], 1, {{{}}})", kBad)), kTold);
  using Strings = std::map<std::string, int>;
  EXPECT_EQ(told<Strings>(
                fmt::format("Object.defineProperty({{}}, 'a', {{{}, enumerable: true}})", kBad)),
            kTold);
  EXPECT_EQ(told<std::complex<double>>(
                fmt::format("Object.defineProperty({{real: 1}}, 'imag', {{{}}})", kBad)),
            kTold);
  EXPECT_EQ(told<Strict>("new Proxy({}, {ownKeys() { throw new RangeError('mine') }})"), kTold);
  EXPECT_EQ(told<Strings>("new Proxy({}, {ownKeys() { throw new RangeError('mine') }})"), kTold);
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileConversion, AnArrayMayChangeWhileItIsRead) {
  using Maybe = std::vector<std::optional<int>>;
  EXPECT_TRUE(
      comes("const shrinks = [0, 1, 2, 3]; Object.defineProperty(shrinks, 0, "
            "{get() { shrinks.length = 2; return 0 }}); shrinks",
            Maybe{0, 1, std::nullopt, std::nullopt}));
  EXPECT_TRUE(
      comes("const grows = [0, 1]; Object.defineProperty(grows, 0, "
            "{get() { grows.push(2, 3); return 0 }}); grows",
            Maybe{0, 1}));
  EXPECT_TRUE(
      comes("const turns = [0, 1, 2]; Object.defineProperty(turns, 0, {get() { "
            "turns[1] = 10; delete turns[2]; Object.setPrototypeOf(turns, {2: 20}); "
            "return 0 }}); turns",
            Maybe{0, 10, 20}));
  EXPECT_TRUE(refuses<std::vector<int>>(
      "const gone = [0, 1, 2]; Object.defineProperty(gone, 0, {get() { gone.length = 1; return 0 "
      "}}); gone",
      "[1]: expected int32, got undefined"));
  EXPECT_TRUE(
      comes("const many = Array.from({length: 1000}, () => 1); "
            "Object.defineProperty(many, 300, {get() { many.length = 0; "
            "return 1 }, configurable: true}); many",
            [] {
              Maybe expected(1000);
              for (std::size_t i = 0; i <= 300; ++i) expected[i] = 1;
              return expected;
            }()));
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileConversion, AnObjectMayChangeWhileItIsRead) {
  EXPECT_TRUE(comes("const o = {get a() { delete o.b; o.c = 3; return 1 }, b: 2}; o",
                    std::map<std::string, std::optional<int>>{{"a", 1}, {"b", std::nullopt}}));
  EXPECT_TRUE(comes("const f = {get name() { f.age = 7; return 'n' }}; f", Friend{"n", 7}));
}

TEST_F(HostileConversion, ProxiesAreNoArraysAndNoTrapRuns) {
  const std::string_view kTraps = "new Proxy({}, {get: () => hit})";
  for (const std::string_view target :
       {"[1, 2]", "new Uint8Array(2)", "new Map()", "new Set()", "new Date(0)", "new Error('e')"}) {
    const Value proxy = value(fmt::format("new Proxy({}, {})", target, kTraps));
    for (const Error& error :
         {error_of(proxy.as<std::vector<int>>()), error_of(proxy.as<std::vector<std::uint8_t>>()),
          error_of(proxy.as<std::pair<int, int>>()), error_of(proxy.as<std::map<int, int>>()),
          error_of(proxy.as<std::set<int>>()), error_of(proxy.as<sys_seconds>()),
          error_of(proxy.as<Error>()), error_of(proxy.as<std::vector<std::byte>>()),
          error_of(proxy.as<TypedArray<std::uint8_t>>())}) {
      EXPECT_EQ(error.code, Errc::conversion) << target << ": " << describe(error);
      EXPECT_NE(error.message.find("got proxy"), std::string::npos) << error.message;
    }
  }
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

TEST_F(HostileConversion, GettersRunUnderTheLimits) {
  Limits limits = roomy();
  limits.fuel = 3;
  Runtime vm = make_runtime(limits);
  const auto made = [&](std::string_view source) { return *vm.eval(source); };
  const Value endless = made("Object.defineProperty([1], 0, {get() { for (;;); }})");
  EXPECT_EQ(error_of(endless.as<std::vector<int>>()).code, Errc::fuel_limit);
  EXPECT_EQ(error_of(made("({get name() { for (;;); }})").as<Friend>()).code, Errc::fuel_limit);
  EXPECT_EQ(error_of(made("new Proxy({}, {ownKeys() { for (;;); }})").as<Strict>()).code,
            Errc::fuel_limit);
  EXPECT_EQ(error_of(made("({get name() { return 'x'.repeat(2 ** 28) }})").as<Friend>()).code,
            Errc::memory_limit);
  EXPECT_EQ(
      error_of(made("({get name() { return (function f() { return f() + 1 })() }})").as<Friend>())
          .code,
      Errc::stack_limit);
  const Value list = made(
      "const slow = []; for (let i = 0; i < 50; i++) Object.defineProperty(slow, i, "
      "{get() { for (let n = 0; n < 3000; n++); return 1 }}); slow");
  EXPECT_EQ(error_of(list.as<std::vector<int>>()).code, Errc::fuel_limit)
      << "a conversion is one run: its getters share the fuel";
  EXPECT_TRUE(works(vm));
}

TEST_F(HostileConversion, TheJobsThatGettersLeadToRunAtTheEnd) {
  const Value object = value(
      "globalThis.log = []; ({get name() { Promise.resolve().then(() => log.push('job')); "
      "log.push('name'); return 'n' }, get age() { log.push('age'); return 1 }})");
  EXPECT_TRUE(object.as<Friend>());
  EXPECT_TRUE(gives(vm_, "log.join()", "name,age,job"));
  EXPECT_EQ(told<Friend>("({get name() { Promise.reject(new Error('nobody')); return 'n' }})"),
            "threw: Error: nobody");
}

TEST_F(HostileConversion, AGetterMayDropTheRuntime) {
  std::optional<Runtime> vm(make_runtime());
  ASSERT_TRUE(vm->set("drop", [&] { vm.reset(); }));
  const Result<Value> object =
      vm->eval("({get name() { drop(); return 'n' }, get age() { return 5 }})");
  ASSERT_TRUE(object) << describe(object.error());
  const Result<Friend> got = object->as<Friend>();
  ASSERT_TRUE(got) << "the run goes on to its end: " << describe(got.error());
  EXPECT_EQ(*got, (Friend{"n", 5}));
  EXPECT_FALSE(vm);
  EXPECT_EQ(error_of(object->as<Friend>()).code, Errc::closed);
}

TEST_F(HostileConversion, NoConversionLeavesAnythingBehind) {
  const Value object = value(
      "({name: 'n', friends: [{name: 'f'}, {name: 'g', age: 1}], colour: "
      "'red', extra: {}})");
  const Value map = value("new Map([[1, 'a'], [2, 'b']])");
  const Value mixed = value("[1, 'a', {}, 2n ** 80n, Symbol()]");
  const Value bad = value("({get name() { throw new Error('e') }})");
  const Value view = value("new DataView(new ArrayBuffer(16))");
  const User user{"u", {{"f", 1}, {"g", std::nullopt}}, Colour::blue};
  const auto use = [&] {
    static_cast<void>(object.as<User>());
    static_cast<void>(object.as<Strict>());
    static_cast<void>(object.as<std::map<std::string, Value>>());
    static_cast<void>(map.as<std::map<int, std::string>>());
    static_cast<void>(map.as<std::map<int, int>>());
    static_cast<void>(mixed.as<std::vector<Value>>());
    static_cast<void>(mixed.as<std::vector<int>>());
    static_cast<void>(mixed.as<std::variant<std::vector<int>, std::vector<Value>>>());
    static_cast<void>(bad.as<Friend>());
    static_cast<void>(view.as<std::vector<std::byte>>());
    static_cast<void>(vm_.make(user));
    static_cast<void>(vm_.make(User{"u", {{"\xff", 1}}, Colour::red}));
    static_cast<void>(vm_.make(std::map<int, std::string>{{1, "a"}, {2, "\xff"}}));
    static_cast<void>(vm_.make(std::map<std::string, std::string>{{"a", "b"}, {"\xff", "c"}}));
    static_cast<void>(vm_.make(std::set<std::string>{"a", "b"}));
    static_cast<void>(vm_.make(std::vector<std::string>{"a", "b", "\xff"}));
    static_cast<void>(vm_.make(TypedArray<float>{{1, 2}}));
    static_cast<void>(vm_.make(std::vector<std::byte>(64)));
    static_cast<void>(vm_.make(sys_seconds()));
    static_cast<void>(vm_.make(std::complex<double>(1, 2)));
    static_cast<void>(vm_.make(Error{.message = "m",
                                     .name = "Mine",
                                     .detail = "D",
                                     .cause = std::make_shared<const Error>(Error{})}));
    static_cast<void>(value("new Error('e', {cause: new Error('c')})").as<Error>());
  };
  for (int i = 0; i < 20; ++i) use();
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  for (int i = 0; i < 1000; ++i) use();
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before + 8 * kKiB);
}

}  // namespace
}  // namespace sandglass::test
