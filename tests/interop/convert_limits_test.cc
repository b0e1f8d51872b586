// Convert: depth, size, and scripts that do not cooperate.

#include <array>
#include <chrono>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
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

using ConversionDepth = Conversion;
using ConversionSize = Conversion;
using HostileConversion = Conversion;

using std::chrono::sys_seconds;

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

constexpr std::string_view kTooLarge = "the value has more than 25165824 bytes in C++";

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
    const Result<Strings> below = vm.eval<Strings>("copies(240)");
    ASSERT_TRUE(below) << describe(below.error());
    EXPECT_EQ(below->size(), 240U);
    EXPECT_EQ(below->back().size(), 100'000U);
    const Error above = error_of(vm.eval<Strings>("copies(260)"));
    EXPECT_EQ(above.code, Errc::conversion) << describe(above);
    EXPECT_EQ(above.name, "RangeError");
    EXPECT_EQ(above.message, kTooLarge);
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(ConversionSize, CopiesOfTheSameAreCountedInEveryType) {
  EXPECT_TRUE(is_too_large<std::vector<std::u16string>>("Array(140).fill('x'.repeat(100000))"));
  EXPECT_TRUE(is_too_large<std::vector<std::vector<std::byte>>>(
      "Array(300).fill(new ArrayBuffer(100000))"));
  EXPECT_TRUE(
      is_too_large<std::vector<TypedArray<float>>>("Array(300).fill(new Float32Array(25000))"));
  EXPECT_TRUE(is_too_large<std::vector<std::vector<int>>>("Array(300).fill(Array(10000).fill(1))"));
  EXPECT_TRUE(is_too_large<std::vector<Friend>>("Array(300).fill({name: 'x'.repeat(100000)})"));
  EXPECT_TRUE((is_too_large<std::vector<std::map<int, std::string>>>(
      "Array(300).fill(new Map([[1, 'x'.repeat(100000)]]))")));
  EXPECT_TRUE(is_too_large<std::vector<std::set<std::string>>>(
      "Array(300).fill(new Set(['x'.repeat(100000)]))"));
  EXPECT_TRUE(
      is_too_large<std::vector<std::filesystem::path>>("Array(300).fill('x'.repeat(100000))"));
}

TEST_F(ConversionSize, DigitsOfBigIntsAreCounted) {
  EXPECT_TRUE(is_too_large<std::vector<BigInt>>("Array(3000).fill(10n ** 9000n)"));
}

TEST_F(ConversionSize, PropertiesAreCounted) {
  using Objects = std::vector<std::map<std::string, int>>;
  EXPECT_TRUE(is_too_large<Objects>(
      "const wide = {}; for (let i = 0; i < 1000; i++) wide['property' + i] = 1; "
      "Array(1500).fill(wide)"));
}

TEST_F(ConversionSize, NamesOfPropertiesAreCounted) {
  using Objects = std::vector<std::map<std::string, int>>;
  EXPECT_TRUE(is_too_large<Objects>("Array(300).fill({['x'.repeat(100000)]: 1})"));
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
  EXPECT_TRUE(fails(vm, "count(Array(300).fill('x'.repeat(100000)))", Errc::threw, &error));
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
