// Value: keys, properties, length and prototype.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "interop_value.h"

namespace sandglass::test {
namespace {

using ValueKey = InteropValue;
using ValueProperty = InteropValue;
using ValueKeys = InteropValue;

// Keys.

static_assert(!std::is_convertible_v<char, Key> && !std::is_convertible_v<bool, Key>,
              "neither is a name or an index");

constexpr std::string_view kNames[] = {
    std::string_view("plain"),       std::string_view(""),       std::string_view("a b"),
    std::string_view("0x10"),        std::string_view("01"),     std::string_view("-0"),
    std::string_view("constructor"), std::string_view("é日😀"),  std::string_view("a\0b", 3),
    std::string_view("\0", 1),       std::string_view("\uffff"),
};

TEST_F(ValueKey, AnyNameWorksForEveryOperation) {
  for (const std::string_view name : kNames) {
    const Value object = value("globalThis.object = Object.create(null)");
    const std::string shown = fmt::format("name '{}' of {} bytes", name, name.size());
    EXPECT_EQ(told(object.has(name)), "false") << shown;
    EXPECT_EQ(told(object.get(name)), "undefined") << shown;
    EXPECT_EQ(told(object.set(name, 17)), "done") << shown;
    EXPECT_EQ(told(object.get(name)), "17") << shown;
    EXPECT_EQ(told(object.has(name)), "true") << shown;
    EXPECT_EQ(told(object.keys()), name) << shown;
    ASSERT_TRUE(vm_.set("name", name));
    EXPECT_TRUE(gives(vm_, "Object.keys(object)[0] === name && object[name] === 17", "true"));
    EXPECT_EQ(told(object.remove(name)), "true") << shown;
    EXPECT_EQ(told(object.has(name)), "false") << shown;
    EXPECT_TRUE(gives(vm_, "Object.keys(object).length", "0"));
  }
}

TEST_F(ValueKey, LongNamesWork) {
  const std::string name(100'000, 'n');
  const Value object = value("({})");
  ASSERT_TRUE(object.set(name, true));
  EXPECT_EQ(told(object.has(name)), "true");
  EXPECT_EQ(told(object.has(name + "n")), "false");
}

TEST_F(ValueKey, NamesThatAreNotUtf8AreRefused) {
  const Value object = value("globalThis.object = {'\\ufffd': 'another'}");
  for (const std::string_view name : {"\xff", "\xc3", "a\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_FALSE(object.set(name, 1)) << "it would be another name in the script";
    EXPECT_NE(told(object.get(name)), "another");
  }
  EXPECT_TRUE(gives(vm_, "Object.keys(object).length + object['\\ufffd']", "1another"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueKey, ProtoIsTheAccessorThatItIsInJavaScript) {
  const Value object = value("globalThis.object = {}");
  const Value parent = value("globalThis.parent = {inherited: 5}");
  EXPECT_EQ(told(object.get("__proto__")->strict_equals(value("Object.prototype"))), "true");
  ASSERT_TRUE(object.set("__proto__", parent));
  EXPECT_EQ(told(object.get("inherited")), "5");
  EXPECT_TRUE(gives(vm_, "Object.getPrototypeOf(object) === parent", "true"));
  EXPECT_EQ(told(object.keys()), "");

  const Value bare = value("globalThis.bare = Object.create(null)");
  ASSERT_TRUE(bare.set("__proto__", parent));
  EXPECT_TRUE(
      gives(vm_, "Object.keys(bare).join() + Object.getPrototypeOf(bare)", "__proto__null"));
}

TEST_F(ValueKey, AnIndexIsTheNameThatJavaScriptMakesOfIt) {
  const std::pair<std::int64_t, std::string_view> indexes[] = {
      {0, "0"},
      {7, "7"},
      {2147483647, "2147483647"},
      {2147483648, "2147483648"},
      {4294967294, "4294967294"},
      {4294967295, "4294967295"},
      {4294967296, "4294967296"},
      {9007199254740991, "9007199254740991"},
      {-1, "-1"},
      {-2147483648LL, "-2147483648"},
      {std::numeric_limits<std::int64_t>::max(), "9223372036854775807"},
      {std::numeric_limits<std::int64_t>::min(), "-9223372036854775808"},
  };
  for (const auto& [index, name] : indexes) {
    const Value object = value("globalThis.object = {}");
    EXPECT_EQ(told(object.get(index)), "undefined") << name;
    EXPECT_EQ(told(object.set(index, name)), "done") << name;
    EXPECT_EQ(told(object.get(index)), name);
    EXPECT_EQ(told(object.get(name)), name) << "by its name";
    EXPECT_EQ(told(object.keys()), name);
    EXPECT_TRUE(gives(vm_, fmt::format("object['{}']", name), name));
    EXPECT_EQ(told(object.has(index)), "true") << name;
    EXPECT_EQ(told(object.remove(index)), "true") << name;
    EXPECT_EQ(told(object.has(name)), "false") << name;
  }
}

TEST_F(ValueKey, AnIndexBeyondInt64IsNotANegativeOne) {
  const Value object = value("({'-1': 'wrapped', '18446744073709551615': 'right'})");
  EXPECT_EQ(told(object.get(std::numeric_limits<std::uint64_t>::max())), "right");
}

TEST_F(ValueKey, EveryIntegerTypeIsAnIndex) {
  const Value list = value("Array.from({length: 300}, (_, i) => i)");
  EXPECT_EQ(told(list.get(std::uint8_t{200})), "200");
  EXPECT_EQ(told(list.get(std::int8_t{100})), "100");
  EXPECT_EQ(told(list.get(std::uint16_t{299})), "299");
  EXPECT_EQ(told(list.get(std::size_t{299})), "299");
  EXPECT_EQ(told(list.get(0)), "0") << "0 is no null pointer";
  EXPECT_EQ(told(list.get(std::int8_t{-1})), "undefined");
}

TEST_F(ValueKey, TheLargestIndexMakesTheLongestArray) {
  const Value list = value("globalThis.list = []");
  ASSERT_TRUE(list.set(2147483648U, 1));
  EXPECT_EQ(told(list.length()), "2147483649");
  ASSERT_TRUE(list.set(4294967294U, 1));
  EXPECT_EQ(told(list.length()), "4294967295");
  ASSERT_TRUE(list.set(4294967295U, 1)) << "a name, no index any more";
  ASSERT_TRUE(list.set(-1, 1));
  EXPECT_EQ(told(list.length()), "4294967295");
  EXPECT_TRUE(gives(vm_, "Object.keys(list).join()", "2147483648,4294967294,4294967295,-1"));
}

TEST_F(ValueKey, TypedArraysTakeOnlyTheIndexesTheyHave) {
  const Value bytes = value("globalThis.bytes = new Uint8Array([1, 2])");
  ASSERT_TRUE(bytes.set(1, 257));
  static_cast<void>(bytes.set(2, 1));
  static_cast<void>(bytes.set(-1, 1));
  static_cast<void>(bytes.set(4294967295U, 1));
  EXPECT_TRUE(gives(vm_, "Object.keys(bytes).join() + '=' + bytes", "0,1=1,1"));
  EXPECT_EQ(told(bytes.get(2)), "undefined");
  EXPECT_EQ(told(bytes.has(1)), "true");
  EXPECT_EQ(told(bytes.has(-1)), "false");
}

TEST_F(ValueKey, SymbolsAreKeys) {
  const Value object = value("globalThis.mark = Symbol('m'); ({[mark]: 1, m: 2, 'Symbol(m)': 3})");
  const Value mark = value("mark");
  EXPECT_EQ(told(object.get(mark)), "1");
  EXPECT_EQ(told(object.get(value("Symbol('m')"))), "undefined");
  ASSERT_TRUE(object.set(mark, 9));
  EXPECT_EQ(told(object.get(mark)), "9");
  EXPECT_EQ(told(object.remove(mark)), "true");
  EXPECT_EQ(told(object.has(mark)), "false");

  const Result<Value> iterator = vm_.well_known_symbol("iterator");
  ASSERT_TRUE(iterator);
  EXPECT_TRUE(value("[]").get(*iterator)->is_function());
  const Result<Value> shared = vm_.symbol("shared", true);
  ASSERT_TRUE(shared);
  EXPECT_EQ(told(value("({[Symbol.for('shared')]: 'here'})").get(*shared)), "here");
}

TEST_F(ValueKey, OtherValuesAreKeysAsInJavaScript) {
  const Value object = value(
      "({1: 'one', '1.5': 'number', 'undefined': 'u', 'null': 'n', true: 't', text: 'text', "
      "'10000000000': 'big'})");
  EXPECT_EQ(told(object.get(Value::number(1))), "one");
  EXPECT_EQ(told(object.get(Value::number(1.5))), "number");
  EXPECT_EQ(told(object.get(Value())), "u");
  EXPECT_EQ(told(object.get(Value::null())), "n");
  EXPECT_EQ(told(object.get(Value::boolean(true))), "t");
  EXPECT_EQ(told(object.get(value("'text'"))), "text");
  EXPECT_EQ(told(object.get(value("10000000000n"))), "big");
  EXPECT_EQ(told(object.get(value("({toString: () => 'text'})"))), "text");
  const Error error = error_of(object.get(value("({toString() { throw new RangeError('no') }})")));
  EXPECT_EQ(describe(error), "threw: RangeError: no");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueKey, HasAPathForMessages) {
  EXPECT_EQ(Key("name").path(), "name");
  EXPECT_EQ(Key(3).path(), "[3]");
  EXPECT_EQ(Key(-1).path(), "[-1]");
  EXPECT_EQ(Key("").path(), "");
}

TEST_F(ValueKey, ASymbolIsToldAsSuchInMessages) {
  EXPECT_EQ(Key(value("Symbol('s')")).path(), "[symbol]");
}

// Properties.

TEST_F(ValueProperty, SetIsSeenByTheScriptAndGetSeesTheScript) {
  const Value object = value("globalThis.shared = {n: 1}");
  ASSERT_TRUE(object.set("text", "from C++"));
  ASSERT_TRUE(object.set("n", 2));
  ASSERT_TRUE(object.set("list", std::vector<int>{1, 2}));
  ASSERT_TRUE(object.set("none", nullptr));
  EXPECT_TRUE(gives(vm_, "JSON.stringify(shared)",
                    R"({"n":2,"text":"from C++","list":[1,2],"none":null})"));
  ASSERT_TRUE(vm_.eval("shared.deep = {er: [10, 20]}"));
  EXPECT_EQ(told(object.get("deep")->get("er")->get(1)), "20");
}

TEST_F(ValueProperty, ACallableBecomesAFunctionOfThatName) {
  const Value object = value("globalThis.host = {}");
  ASSERT_TRUE(object.set("twice", [](int n) { return n * 2; }));
  EXPECT_TRUE(
      gives(vm_, "[host.twice(21), host.twice.name, host.twice.length].join()", "42,twice,1"));
}

TEST_F(ValueProperty, GetAndHasFollowThePrototypeChain) {
  const Value object = value(
      "Object.create({inherited: 1, get self() { return this.own }}, "
      "{own: {value: 7}})");
  EXPECT_EQ(told(object.get("inherited")), "1");
  EXPECT_EQ(told(object.get("self")), "7") << "a getter is called on the object itself";
  EXPECT_EQ(told(object.has("inherited")), "true");
  EXPECT_EQ(told(object.has("toString")), "true");
  EXPECT_EQ(told(object.has("missing")), "false");
}

TEST_F(ValueProperty, TypedGetTellsWhereItDoesNotFit) {
  const Value object = value("({n: 5, text: 'x', list: [1, {}], 3: true})");
  EXPECT_EQ(object.get<int>("n").value_or(0), 5);
  EXPECT_EQ(told(object.get<int>("text")), "conversion: text: expected int32, got string");
  EXPECT_EQ(told(object.get<std::string>(3)), "conversion: [3]: expected string, got boolean");
  EXPECT_EQ(told(object.get<std::vector<int>>("list")),
            "conversion: list[1]: expected int32, got object");
  EXPECT_EQ(told(object.get<int>("missing")), "conversion: missing: expected int32, got undefined");
}

TEST_F(ValueProperty, WhatAGetterThrowsIsTold) {
  const Value object =
      value("({get bad() { return (function thrower() { throw new RangeError('mine') })() }})");
  const Error error = error_of(object.get("bad"));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "mine");
  EXPECT_NE(error.stack.find("thrower"), std::string::npos) << error.stack;
  EXPECT_TRUE(error.path.empty());
  EXPECT_TRUE(error.vm_usable);
  EXPECT_EQ(told(object.has("bad")), "true") << "has() does not call it";
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueProperty, ASetterGetsTheValueAndMayThrow) {
  const Value object = value(
      "globalThis.seen = []; ({set good(v) { seen.push(v) }, set bad(v) { throw new "
      "TypeError('not ' + v) }})");
  ASSERT_TRUE(object.set("good", "given"));
  EXPECT_TRUE(gives(vm_, "seen.join()", "given"));
  EXPECT_EQ(told(object.set("bad", 3)), "threw: TypeError: not 3");
}

TEST_F(ValueProperty, ThrownPrimitivesAreToldAsText) {
  EXPECT_EQ(told(value("({get x() { throw 42 }})").get("x")), "threw: 42");
  EXPECT_EQ(told(value("({get x() { throw 'text' }})").get("x")), "threw: text");
  EXPECT_EQ(told(value("({get x() { throw null }})").get("x")), "threw: null");
  EXPECT_EQ(told(value("({get x() { throw undefined }})").get("x")), "threw: undefined");
  EXPECT_EQ(told(value("({get x() { throw Symbol('s') }})").get("x")), "threw: Symbol(s)");
}

TEST_F(ValueProperty, EveryTrapOfAProxyRunsAndMayThrow) {
  const Value proxy = value(R"(new Proxy({}, {
    get(o, k) { throw new Error('get ' + k) },
    set(o, k, v) { throw new Error('set ' + k + v) },
    has(o, k) { throw new Error('has ' + k) },
    deleteProperty(o, k) { throw new Error('delete ' + k) },
    ownKeys() { throw new Error('ownKeys') },
    getPrototypeOf() { throw new Error('getPrototypeOf') },
  }))");
  EXPECT_EQ(told(proxy.get("k")), "threw: Error: get k");
  EXPECT_EQ(told(proxy.get(5)), "threw: Error: get 5");
  EXPECT_EQ(told(proxy.set("k", 1)), "threw: Error: set k1");
  EXPECT_EQ(told(proxy.has("k")), "threw: Error: has k");
  EXPECT_EQ(told(proxy.remove("k")), "threw: Error: delete k");
  EXPECT_EQ(told(proxy.keys()), "threw: Error: ownKeys");
  EXPECT_EQ(code_of(proxy.own_keys()), "threw");
  EXPECT_EQ(told(proxy.length()), "threw: Error: get length");
  EXPECT_EQ(told(proxy.prototype()), "threw: Error: getPrototypeOf");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueProperty, ProxiesAnswerInPlaceOfTheirTargets) {
  const Value proxy = value(R"(new Proxy({}, {
    get: (o, k) => 'got ' + String(k), has: () => true, deleteProperty: () => false,
    ownKeys: () => ['x', 'hidden', 'y', Symbol.iterator], getPrototypeOf: () => Array.prototype,
    getOwnPropertyDescriptor: (o, k) =>
        ({value: 1, configurable: true, enumerable: k !== 'hidden'}),
  }))");
  EXPECT_EQ(told(proxy.get("any")), "got any");
  EXPECT_EQ(told(proxy.has("any")), "true");
  EXPECT_EQ(told(proxy.remove("any")), "false");
  EXPECT_EQ(told(proxy.keys()), "x|y");
  EXPECT_EQ(proxy.own_keys()->size(), 4U);
  EXPECT_EQ(told(proxy.prototype()->strict_equals(value("Array.prototype"))), "true");
}

TEST_F(ValueProperty, ARevokedProxyThrowsTypeErrors) {
  const Value proxy =
      value("(() => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy })()");
  for (const Error& error :
       {error_of(proxy.get("x")), error_of(proxy.set("x", 1)), error_of(proxy.has("x")),
        error_of(proxy.remove("x")), error_of(proxy.keys()), error_of(proxy.own_keys()),
        error_of(proxy.length()), error_of(proxy.prototype())}) {
    EXPECT_EQ(error.code, Errc::threw);
    EXPECT_EQ(error.name, "TypeError");
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueProperty, SetFailsWhereStrictCodeWould) {
  const std::string_view sources[] = {
      "Object.freeze({x: 'kept'})",
      "Object.defineProperty({}, 'x', {value: 'kept'})",
      "Object.create(Object.freeze({x: 'kept'}))",
      "({get x() { return 'kept' }})",
      "new Proxy({x: 'kept'}, {set: () => false})",
  };
  for (const std::string_view source : sources) {
    const Value object = value(fmt::format("globalThis.object = {}", source));
    const Error error = error_of(object.set("x", "changed"));
    EXPECT_EQ(error.code, Errc::threw) << source << ": " << describe(error);
    EXPECT_EQ(error.name, "TypeError") << source;
    EXPECT_EQ(told(object.get("x")), "kept") << source;
    EXPECT_TRUE(gives(vm_, "object.x = 'changed'; object.x", "kept")) << "sloppy code goes on";
    EXPECT_TRUE(fails(vm_, "'use strict'; object.x = 'changed'", Errc::threw)) << source;
  }
  EXPECT_EQ(error_of(value("Object.preventExtensions({})").set("x", 1)).name, "TypeError");
  EXPECT_EQ(error_of(value("Object.freeze([1])").set(0, 2)).name, "TypeError");
  EXPECT_TRUE(value("Object.seal({x: 1})").set("x", 2));
}

TEST_F(ValueProperty, RemoveTellsWhetherItIsGone) {
  const Value object = value(
      "globalThis.object = Object.defineProperty({a: 1}, 'fixed', "
      "{value: 2})");
  EXPECT_EQ(told(object.remove("a")), "true");
  EXPECT_EQ(told(object.remove("never there")), "true");
  EXPECT_EQ(told(object.remove("fixed")), "false");
  EXPECT_EQ(told(object.get("fixed")), "2");
  EXPECT_EQ(told(object.remove("toString")), "true") << "inherited: nothing to delete";
  EXPECT_EQ(told(object.has("toString")), "true");
  EXPECT_EQ(told(value("[1]").remove("length")), "false");
  EXPECT_EQ(told(value("Object.freeze([1])").remove(0)), "false");
}

TEST_F(ValueProperty, OperationsOnWhatIsNoObjectAreConversionErrors) {
  for (const std::string_view source :
       {"undefined", "null", "true", "1", "1.5", "1n", "2n ** 80n", "'text'", "Symbol()"}) {
    const Value it = value(source);
    const Value argument = Value::number(1);
    for (const Error& error :
         {error_of(it.get("x")), error_of(it.get(0)), error_of(it.set("x", argument)),
          error_of(it.has("x")), error_of(it.remove("x")), error_of(it.keys()),
          error_of(it.own_keys()), error_of(it.length()), error_of(it.prototype()),
          error_of(it.invoke("x")), error_of(it.call()), error_of(it.construct()),
          error_of(it.with_bytes([](std::span<const std::byte>) { ADD_FAILURE(); }))}) {
      EXPECT_EQ(error.code, Errc::conversion) << source << ": " << describe(error);
      EXPECT_TRUE(error.vm_usable);
    }
  }
  EXPECT_EQ(told(value("'text'").get("length")), "conversion: expected object, got string");
}

TEST_F(ValueProperty, GettersRunUnderTheLimits) {
  Limits limits = roomy();
  limits.fuel = 2;
  Runtime vm = make_runtime(limits);
  const Value object = made_by(vm, "({get x() { for (;;); }, set y(v) { for (;;); }})");
  const Value proxy = made_by(vm, "new Proxy({}, {has() { for (;;); }, ownKeys() { for (;;); }})");
  for (const Error& error : {error_of(object.get("x")), error_of(object.set("y", 1)),
                             error_of(proxy.has("x")), error_of(proxy.keys())}) {
    EXPECT_EQ(error.code, Errc::fuel_limit) << describe(error);
    EXPECT_TRUE(error.vm_usable);
  }
  EXPECT_TRUE(works(vm));
}

// Keys, length, prototype.

TEST_F(ValueKeys, AreOwnEnumerableAndStringsInTheOrderOfJavaScript) {
  const Value object = value(R"(Object.defineProperty(
      {__proto__: {inherited: 1}, b: 1, 10: 1, a: 1, 2: 1, [Symbol('s')]: 1, '': 1},
      'hidden', {value: 1}))");
  EXPECT_EQ(told(object.keys()), "2|10|b|a|");
  EXPECT_EQ(told(value("['x', , 'z']").keys()), "0|2");
  EXPECT_EQ(told(value("new String('ab')").keys()), "0|1");
  EXPECT_EQ(told(value("({})").keys()), "");
  EXPECT_EQ(told(value("({'é日😀': 1, 'a\\0b': 1})").keys()), std::string("é日😀|a\0b", 13));
}

TEST_F(ValueKeys, AreUtf8EvenIfTheNamesAreNotWellFormed) {
  EXPECT_EQ(told(value("({'a\\ud800b': 1})").keys()), "a\ufffdb");
}

TEST_F(ValueKeys, OwnKeysAreStringsThenSymbolsEnumerableOrNot) {
  const Value object = value(R"(globalThis.mark = Symbol('m');
      Object.defineProperty({[mark]: 1, b: 1, 7: 1, a: 1}, 'hidden', {value: 1}))");
  const auto keys = object.own_keys();
  ASSERT_TRUE(keys) << describe(keys.error());
  ASSERT_EQ(keys->size(), 5U);
  const std::string_view names[] = {"7", "b", "a", "hidden"};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    EXPECT_TRUE((*keys)[i].is_string()) << i;
    EXPECT_EQ(told((*keys)[i].to_string()), names[i]);
  }
  EXPECT_EQ(told((*keys)[4].strict_equals(value("mark"))), "true");
  EXPECT_EQ(told(object.get((*keys)[4])), "1") << "they are keys";
  EXPECT_EQ(value("[1]").own_keys()->size(), 2U) << "0 and length";
}

TEST_F(ValueKeys, ManyAreTold) {
  const Value object = value("const o = {}; for (let i = 0; i < 100000; i++) o['k' + i] = i; o");
  const auto keys = object.keys();
  ASSERT_TRUE(keys) << describe(keys.error());
  ASSERT_EQ(keys->size(), 100'000U);
  EXPECT_EQ(keys->back(), "k99999");
  EXPECT_EQ(object.own_keys()->size(), 100'000U);
}

TEST_F(ValueKeys, MoreThanCanBeListedAreAnErrorThatLeavesTheVmUsable) {
  Limits limits = roomy();
  limits.memory_bytes = kGiB;
  Runtime vm = make_runtime(limits);
  const Value bytes = made_by(vm, "new Uint8Array(17e6)");
  const Error error = error_of(bytes.keys());
  EXPECT_NE(error.code, Errc::guest_fault) << describe(error);
  EXPECT_TRUE(error.vm_usable) << describe(error);
  EXPECT_TRUE(works(vm));
}

TEST_F(ValueKeys, LengthFollowsToLength) {
  const std::pair<std::string_view, std::uint64_t> cases[] = {
      {"[]", 0},
      {"[1, , 3]", 3},
      {"new Array(4294967295)", 4294967295},
      {"new Uint16Array(5)", 5},
      {"new String('four')", 4},
      {"(a, b) => 1", 2},
      {"({})", 0},
      {"({length: 7.9})", 7},
      {"({length: '3'})", 3},
      {"({length: -5})", 0},
      {"({length: NaN})", 0},
      {"({length: Infinity})", 9007199254740991},
      {"({length: 1e300})", 9007199254740991},
      {"({length: -Infinity})", 0},
      {"({get length() { return 11 }})", 11},
  };
  for (const auto& [source, length] : cases) {
    const auto got = value(source).length();
    ASSERT_TRUE(got) << source << ": " << describe(got.error());
    EXPECT_EQ(*got, length) << source;
  }
  EXPECT_EQ(told(value("({get length() { throw new Error('mine') }})").length()),
            "threw: Error: mine");
  EXPECT_EQ(error_of(value("({length: 1n})").length()).name, "TypeError");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueKeys, PrototypeIsToldAndMayBeNull) {
  EXPECT_TRUE(value("Object.create(null)").prototype()->is_null());
  EXPECT_EQ(told(value("({})").prototype()->strict_equals(value("Object.prototype"))), "true");
  EXPECT_EQ(told(value("() => 1").prototype()->strict_equals(value("Function.prototype"))), "true");
  EXPECT_EQ(
      told(value("globalThis.p = {}; Object.create(p)").prototype()->strict_equals(value("p"))),
      "true");
}

}  // namespace
}  // namespace sandglass::test
