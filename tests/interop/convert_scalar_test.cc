// Convert: booleans, numbers, strings, and what may be nothing or one of several.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "conversion.h"
#include "types.h"

namespace sandglass::test {
namespace {

using BoolConversion = Conversion;
using FloatConversion = Conversion;
using Int128Conversion = Conversion;
using BigIntConversion = Conversion;
using StringConversion = Conversion;
using NothingConversion = Conversion;
using OptionalConversion = Conversion;
using PointerConversion = Conversion;
using VariantConversion = Conversion;

[[nodiscard]] std::string decimal(Int128 value) {
  if (value < 0) return "-" + decimal(-value);
  std::string digits;
  for (; value > 9; value /= 10) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
  }
  digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value)));
  return digits;
}

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

}  // namespace
}  // namespace sandglass::test
