// Convert: tuples, sequences, typed arrays, bytes, maps and sets.

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <limits>
#include <list>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "conversion.h"
#include "types.h"

namespace sandglass::test {
namespace {

using TupleConversion = Conversion;
using SequenceConversion = Conversion;
using MapConversion = Conversion;
using SetConversion = Conversion;
using BytesConversion = Conversion;

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

}  // namespace
}  // namespace sandglass::test
