// Host functions: scripts that mean harm.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "host_functions.h"
#include "types.h"

namespace sandglass::test {
namespace {

using FunctionHostile = HostFunctions;

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
