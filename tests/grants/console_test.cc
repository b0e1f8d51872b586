// The console: what it shows is what Node shows, and nothing of the script's runs for it.

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Inspection : public ::testing::Test {
 protected:
  [[nodiscard]] Runtime printing(Limits limits = roomy(), ConsoleOptions look = {}) {
    return make_runtime(
        Options{.limits = limits, .console = printed_.sink(), .console_options = look});
  }

  /// What `source` prints, to both streams.
  [[nodiscard]] std::string prints(Runtime& vm, std::string_view source) {
    printed_.clear();
    const Result<Value> result = vm.eval(source);
    EXPECT_TRUE(result) << source << ": " << describe(error_of(result));
    return printed_.out() + printed_.err();
  }
  [[nodiscard]] std::string shows(Runtime& vm, std::string_view value) {
    return prints(vm, fmt::format("console.log({})", value));
  }

  ConsoleBuffer printed_;
};

// Every way of printing a value; `v` is the value.
constexpr std::string_view kPrintEveryWay = R"js(
  console.log(v); console.log([v], { v }, new Map([[v, v]]), new Set([v]));
  console.log('%s %d %i %f %j %o %O %c', v, v, v, v, v, v, v, v);
  console.info(v); console.debug(v); console.warn(v); console.error(v); console.trace(v);
  console.dir(v); console.dir(v, { showHidden: true, depth: 5 }); console.dir([v], v);
  console.table(v); console.table([v]); console.table([v], [v]); console.table([v], ['a', 'toString']);
  console.assert(false, v); console.assert(v, v); console.group(v); console.groupEnd(v);
  if (typeof v !== 'symbol') { console.count(v); console.countReset(v); console.time(v); console.timeLog(v, v); console.timeEnd(v); }
)js";

TEST_F(Inspection, RunsNothingOfTheScripts) {
  Runtime vm = printing();
  const std::string_view hostile[] = {
      "{ get a() { ran() }, set b(v) { ran() }, get [Symbol.toStringTag]() { ran() } }",
      "{ toString: ran, toJSON: ran, valueOf: ran, inspect: ran, [Symbol.toPrimitive]: ran, "
      "[Symbol.iterator]: ran, [Symbol.for('nodejs.util.inspect.custom')]: ran, then: ran }",
      "{ get constructor() { ran() } }",
      "{ get toString() { ran() }, get toJSON() { ran() } }",
      "{ constructor: Object.defineProperty(function F() {}, 'name', { get: ran }) }",
      "{ constructor: Object.defineProperty(() => {}, 'prototype', { get: ran }) }",
      "{ constructor: { [Symbol.hasInstance]: ran } }",
      "new (class { static [Symbol.hasInstance]() { ran() } static get name() { ran() } })",
      "new (class { get [Symbol.toStringTag]() { ran() } toString() { ran() } get x() { ran() } })",
      "new Proxy({ a: 1 }, allTraps)",
      "new Proxy([1, 2], allTraps)",
      "new Proxy(function f() {}, allTraps)",
      "new Proxy(class {}, allTraps)",
      "new Proxy(new Proxy({}, allTraps), allTraps)",
      "new Proxy(new Map([[1, 2]]), allTraps)",
      "new Proxy(new Error('x'), allTraps)",
      "new Proxy(new Date(0), allTraps)",
      "Object.create(new Proxy({ a: 1 }, allTraps))",
      "Object.setPrototypeOf([1], new Proxy([], allTraps))",
      "Object.setPrototypeOf(() => {}, new Proxy(Function.prototype, allTraps))",
      "{ constructor: new Proxy(class {}, allTraps) }",
      "(() => { const { proxy, revoke } = Proxy.revocable({}, allTraps); revoke(); return proxy "
      "})()",
      "Object.defineProperty(() => {}, 'name', { get: ran })",
      "Object.defineProperty(class {}, 'name', { get: ran })",
      "Object.defineProperty(Math.max, 'name', { get: ran })",
      "Object.defineProperty(Map, 'name', { get: ran })",
      "Object.setPrototypeOf(class A {}, Object.defineProperty(() => {}, 'name', { get: ran }))",
      "Object.defineProperty(new Error('m'), 'code', { get: ran, enumerable: true })",
      "Object.defineProperties(new Error('m'), { name: { get: ran }, message: { get: ran }, stack: "
      "{ get: ran }, cause: { get: ran }, errors: { get: ran } })",
      "new Error('m', { cause: Object.defineProperty(new Error('c'), 'stack', { get: ran }) })",
      "Object.defineProperty(new AggregateError([1]), 'errors', { get: ran })",
      "Object.assign(new Error('m'), { message: { toString: ran }, name: { toString: ran } })",
      "Object.defineProperties(/x/g, { source: { get: ran }, flags: { get: ran }, global: { get: "
      "ran }, exec: { value: ran }, toString: { value: ran } })",
      "Object.defineProperties(new Date(0), { toISOString: { value: ran }, getTime: { value: ran } "
      "})",
      "Object.defineProperties(new Map([[1, 2]]), { size: { get: ran }, entries: { value: ran }, "
      "forEach: { value: ran }, [Symbol.iterator]: { value: ran } })",
      "Object.defineProperties(new Set([1]), { size: { get: ran }, values: { value: ran }, "
      "[Symbol.iterator]: { value: ran } })",
      "Object.defineProperties([1, 2], { 0: { get: ran, enumerable: true }, join: { value: ran }, "
      "map: { value: ran }, [Symbol.iterator]: { value: ran } })",
      "Object.defineProperty([1, , 3], 1, { get: ran, enumerable: true })",
      "Object.defineProperties(new Uint8Array(2), { length: { get: ran }, buffer: { get: ran } })",
      "Object.defineProperties(new DataView(new ArrayBuffer(2)), { byteLength: { get: ran }, "
      "buffer: { get: ran }, byteOffset: { get: ran } })",
      "Object.defineProperty(new ArrayBuffer(2), 'byteLength', { get: ran })",
      "Object.defineProperties(Promise.resolve(1), { then: { get: ran }, constructor: { get: ran } "
      "})",
      "Object.assign(new String('s'), { toString: ran, valueOf: ran, length2: 1 })",
      "Object.assign(new Number(1), { valueOf: ran, toString: ran })",
      "Object.assign(Object(Symbol('s')), { toString: ran, valueOf: ran })",
      "Object.assign(new WeakRef({}), { deref: ran })",
      "(function () { return Object.defineProperty(arguments, 'length', { get: ran }) })(1)",
      "(function* () { ran() })()",
      "[][Symbol.iterator]()",
      "new Map([[1, 2]]).entries()",
      "{ depth: { valueOf: ran }, get showHidden() { ran() }, get maxArrayLength() { ran() } }",
      "new DOMException('m', 'AbortError')",
      "Object.defineProperties(new URL('https://a.b/?c=d'), { href: { get: ran }, searchParams: { "
      "get: ran }, toString: { value: ran }, toJSON: { value: ran } })",
      "new (class extends URL { get href() { ran() } get searchParams() { ran() } "
      "})('https://a.b')",
      "Object.defineProperties(new URLSearchParams('a=b'), { entries: { value: ran }, size: { get: "
      "ran }, [Symbol.iterator]: { value: ran }, toString: { value: ran } })",
      "Object.defineProperties(new Headers({ a: 'b' }), { entries: { value: ran }, forEach: { "
      "value: ran }, [Symbol.iterator]: { value: ran } })",
      "Object.defineProperty(AbortSignal.abort({ toString: ran }), 'aborted', { get: ran })",
      "new Proxy(new URL('https://a.b'), allTraps)",
      "Object.create(new URL('https://a.b'), { href: { get: ran } })",
      "new (class { get [Symbol.toStringTag]() { ran() } get href() { ran() } })",
      "{ [Symbol.toStringTag]: 'URL', get href() { ran() } }",
      "Object.assign(Object.create({ [Symbol.toStringTag]: 'URL' }), { a: 1 })",
  };
  ASSERT_TRUE(vm.eval(R"js(
    globalThis.count = 0;
    globalThis.ran = function () { globalThis.count++; throw new Error('it ran') };
    globalThis.allTraps = new Proxy({}, { get() { count++; throw new Error('a trap was looked for') } });
    0)js"));
  for (const std::string_view value : hostile) {
    const std::string source =
        fmt::format("globalThis.count = 0; {{ const v = ({}); globalThis.count = 0; {} }} count",
                    value, kPrintEveryWay);
    EXPECT_TRUE(gives(vm, source, "0")) << value;
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(Inspection, DoesNotNeedWhatTheScriptReplaced) {
  const std::string values = R"js([
    { a: 1, b: [1, , 3] }, new Map([['k', { v: 1 }]]), new Set([1, 'x']), /re/gi, new Date(0),
    new Error('e', { cause: 1 }), new AggregateError([new Error('in')], 'agg'), new Uint8Array([1, 2]), new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)), Promise.resolve({ p: 1 }), new Number(1), new String('s'), Object(Symbol('q')),
    Object(1n), class A {}, class B extends Map {}, function f() {}, () => {}, async () => {}, new (class C { x = 1 }),
    Symbol('s'), 5n, -0, 'text', null, undefined, Object.create(null), new Proxy({ p: 1 }, {}), 'x'.repeat(10010),
    new URL('https://a.b/c?d=%41+e'), new URLSearchParams('a=b+%C3%A9'), new Headers({ a: 'b' }), new AbortController(), new Event('e'),
    new Blob(['b']), new TextDecoder(), new Request('https://a.b', { headers: { a: 'b' } }), new Response('text'),
  ])js";
  Runtime clean = printing();
  ASSERT_TRUE(clean.eval("globalThis.values = " + values + "; 0"));
  constexpr std::string_view kPrint =
      "console.log(values); console.log('%s %d %i %f %j %o', 1.5, '2', '3x', '4.5', { j: [1] }, "
      "[1]); "
      "console.table([[1, 2], { a: 1 }]); console.count('l'); console.time('t'); "
      "console.timeEnd('t')";
  const std::string expected = prints(clean, kPrint);

  Runtime vm = printing();
  ASSERT_TRUE(vm.eval("globalThis.values = " + values + "; 0"));
  ASSERT_TRUE(vm.eval(R"js(
    globalThis.print = console; globalThis.count = 0;
    const hit = function () { globalThis.count++; throw new Error('it ran') };
    const { ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect;
    const types = [Map, Set, WeakMap, Promise, Date, RegExp, Error, Array, String, Number, Boolean, Symbol, BigInt, Function,
                   ArrayBuffer, DataView, Uint8Array, Object.getPrototypeOf(Uint8Array), Iterator, URL, URLSearchParams, Headers, AbortController, AbortSignal,
                   Event, Blob, TextDecoder, Request, Response];
    const targets = [Object.getPrototypeOf([].values()), Object.getPrototypeOf(new Map().keys()), Object.getPrototypeOf(new Set().keys())];
    for (let i = 0; i < types.length; i++) targets[targets.length] = types[i], targets[targets.length] = types[i].prototype;
    for (let i = 0; i < targets.length; i++) {
      const keys = ownKeys(targets[i]);
      for (let k = 0; k < keys.length; k++) {
        const key = keys[k], { configurable } = getOwnPropertyDescriptor(targets[i], key);
        // How things are called is what is compared.
        if (key === 'name' || key === 'constructor' || key === 'message' || key === Symbol.toStringTag) continue;
        if (key === 'prepareStackTrace') targets[i][key] = hit;
        else if (configurable) defineProperty(targets[i], key, { __proto__: null, get: hit, set: hit, configurable: true });
      }
    }
    const names = ['parseInt', 'parseFloat', 'Map', 'Set', 'Reflect', 'Object', 'Symbol', 'JSON', 'Date', 'Number', 'String'];
    for (let i = 0; i < names.length; i++) globalThis[names[i]] = hit;
    const keys = ['0', '1', 'value', 'get', 'set', 'writable', 'done', 'next', 'then', 'stack', 'cause', 'letter', 'prepare', 'limit'];
    const bait = { __proto__: null, get: hit, set: hit, configurable: true };
    for (let i = 0; i < keys.length; i++) defineProperty({}.__proto__, keys[i], bait);
    globalThis.count = 0; 0)js"));
  printed_.clear();
  EXPECT_TRUE(gives(vm, std::string(kPrint) + "; count", "0"));
  EXPECT_EQ(printed_.out() + printed_.err(), expected);
}

TEST_F(Inspection, MakesNoErrorThatTheScriptSees) {
  Runtime vm = printing();
  ASSERT_TRUE(vm.eval(
      "globalThis.count = 0; Error.prepareStackTrace = () => { count++ }; "
      "globalThis.limit = { valueOf() { count++; return 5 } }; Error.stackTraceLimit = limit; 0"));
  EXPECT_TRUE(gives(
      vm,
      "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); console.log(proxy, [proxy]); "
      "console.trace('t'); console.log('%d', Symbol()); count",
      "0"));
  // And gives back what it found.
  EXPECT_TRUE(
      gives(vm, "Error.stackTraceLimit === limit && typeof Error.prepareStackTrace", "function"));
}

TEST_F(Inspection, OfModulesShowsWhatHasNoValueYet) {
  auto modules = MemoryModules::create(
      {{"a.js", "import * as b from './b.js'; export const later = 1; export { b };"},
       {"b.js", "import * as a from './a.js'; console.log(a); export const x = { y: 1 };"}});
  ASSERT_TRUE(modules);
  Runtime vm =
      make_runtime(Options{.limits = roomy(), .console = printed_.sink(), .modules = *modules});
  ASSERT_TRUE(vm.import("./a.js"));
  EXPECT_EQ(printed_.out(),
            "[Module: null prototype] {\n"
            "  b: [Module: null prototype] { x: <uninitialized> },\n"
            "  later: <uninitialized>\n"
            "}\n");
}

TEST_F(Inspection, ShowsHostObjectsByTheirClass) {
  struct Point {
    int x = 1;
  };
  Runtime vm = printing();
  ASSERT_TRUE(
      vm.set("Point", std::move(Class<Point>("Point").constructor<>().property("x", &Point::x))));
  EXPECT_EQ(shows(vm, "new Point(), Point, Object.assign(new Point(), { own: 1 })"),
            "Point {} [class Point] Point { own: 1 }\n");
  ASSERT_TRUE(vm.set("add", [](int a, int b) { return a + b; }));
  EXPECT_EQ(shows(vm, "add"), "[Function: add]\n");
}

TEST_F(Inspection, ShowsWhatIsDetachedAsEmpty) {
  Runtime vm = printing();
  EXPECT_EQ(
      prints(
          vm,
          "const b = new ArrayBuffer(4), u = new Uint8Array(b), d = new DataView(b); b.transfer(); "
          "console.log(b, u, d, [b]); null"),
      "ArrayBuffer { (detached), byteLength: 0 } Uint8Array(0) [] DataView { (detached) } "
      "[ ArrayBuffer { (detached), byteLength: 0 } ]\n");
  EXPECT_TRUE(works(vm));
}

// Limits.

TEST_F(Inspection, StopsAtTheOutputLimitHoweverMuchThereIs) {
  Limits limits = roomy();
  limits.output_bytes = 100'000;
  Runtime vm = printing(limits);
  for (const std::string_view source : {
           "let g = { leaf: 1 }; for (let i = 0; i < 100; i++) g = { a: g, b: g, c: g, d: g }; "
           "console.dir(g, { depth: Infinity })",
           "let g = []; for (let i = 0; i < 100; i++) g = [g, g, g]; console.dir(g, { depth: null, "
           "maxArrayLength: null })",
           "let g = 1; for (let i = 0; i < 100; i++) g = new Map([[g, g]]); console.dir(g, { "
           "depth: null })",
           "console.log(Object.fromEntries(Array.from({ length: 50000 }, (_, i) => ['k' + i, i])))",
           "console.dir(new Array(2 ** 20).fill(7), { maxArrayLength: Infinity })",
           "console.dir(new Uint8Array(2 ** 24), { maxArrayLength: Infinity })",
           "console.log('x'.repeat(2 ** 25))",
           "const x = 'x'.repeat(2 ** 25); console.log([x], { a: x }, '%s', x)",
           "console.dir('x'.repeat(2 ** 25), { maxStringLength: Infinity })",
           "console.log('%j', 'x'.repeat(2 ** 25)); console.log('%s%s', 'x'.repeat(2 ** 25), 1)",
           "let g = {}; for (let i = 0; i < 60; i++) g = { a: g, b: g }; console.log('%j', g)",
           "console.table(Array.from({ length: 3000 }, (_, i) => ({ ['c' + i]: i })))",
           "console.table(new Map(Array.from({ length: 50000 }, (_, i) => [i, i])))",
           "console.assert(false, 'x'.repeat(2 ** 25))",
           "for (;;) console.group('deeper')",
           "for (;;) console.count()",
       }) {
    Error error;
    EXPECT_TRUE(fails(vm, source, Errc::output_limit, &error)) << source;
    EXPECT_TRUE(error.vm_usable) << source;
    EXPECT_LE(printed_.out().size() + printed_.err().size(), limits.output_bytes);
    printed_.clear();
    ASSERT_TRUE(vm.reset());
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(Inspection, CountsIndentationOfGroupsAndItsLineEnds) {
  Limits limits = roomy();
  limits.output_bytes = 20;
  Runtime vm = printing(limits);
  // "12345\n" and "  1234567\n  89\n": 6 and 16 bytes.
  EXPECT_TRUE(fails(vm, "console.log('12345'); console.group(); console.log('1234567\\n89')",
                    Errc::output_limit));
  EXPECT_EQ(printed_.out(), "12345\n");
  limits.output_bytes = 22;
  Runtime enough = printing(limits);
  printed_.clear();
  EXPECT_EQ(prints(enough, "console.log('12345'); console.group(); console.log('1234567\\n89')"),
            "12345\n  1234567\n  89\n");
}

TEST_F(Inspection, EndsWithItsRun) {
  Limits limits;
  limits.wall_time = milliseconds{50};
  limits.output_bytes = std::uint64_t{1} << 40;
  limits.memory_bytes = 256 * kMiB;
  Runtime vm = make_runtime(Options{.limits = limits});
  for (const std::string_view source :
       {"const g = Array.from({ length: 100 }, (_, i) => new Proxy({}, {})); let h = g; for (let i "
        "= 0; i < 50; i++) h = Array(100).fill(h); "
        "console.dir(h, { depth: null })",
        "for (;;) console.log({ a: [1, 2, 3], b: new Map([[1, 2]]) })"}) {
    const Clock::time_point start = Clock::now();
    const Error error = error_of(vm.eval(source));
    EXPECT_EQ(error.code, Errc::time_limit) << source << ": " << describe(error);
    EXPECT_LT(Clock::now() - start, kSurvived) << source;
    EXPECT_TRUE(as_reported(vm, error));
  }
}

TEST_F(Inspection, GoesOnlySoDeep) {
  Runtime vm = printing();
  const std::string deep = prints(
      vm,
      "let g = {}; for (let i = 0; i < 1e5; i++) g = { g }; console.dir(g, { depth: Infinity })");
  EXPECT_NE(deep.find("[Object]"), std::string::npos);
  EXPECT_LT(deep.size(), 100'000U);
  EXPECT_EQ(shows(vm,
                  "(() => { let p = null; for (let i = 0; i < 1e5; i++) p = Object.create(p); "
                  "return p })()")
                .back(),
            '\n');
  EXPECT_EQ(
      shows(
          vm,
          "(() => { let p = {}; for (let i = 0; i < 1e4; i++) p = new Proxy(p, {}); return p })()")
          .back(),
      '\n');
  EXPECT_TRUE(works(vm));
}

TEST_F(Inspection, OfALongArrayLooksAtItsBeginningOnly) {
  // Listing the keys of these would take many times their own memory.
  Limits limits = roomy();
  limits.memory_bytes = 64 * kMiB;
  Runtime vm = printing(limits);
  EXPECT_NE(shows(vm, "new Uint8Array(2 ** 25)").find("... 33554332 more items"),
            std::string::npos);
  EXPECT_NE(shows(vm, "new Array(3e6).fill(1)").find("... 2999900 more items"), std::string::npos);
  EXPECT_TRUE(works(vm));
}

// Counts, timers and groups.

TEST_F(Inspection, KeepsSoManyLabels) {
  Runtime vm = printing();
  const std::string counts =
      prints(vm, "for (let i = 0; i < 1010; i++) console.count(i); console.count(0)");
  EXPECT_NE(counts.find("999: 1\n"), std::string::npos);
  EXPECT_EQ(counts.find("1000: 1\n"), std::string::npos);
  EXPECT_NE(counts.find("0: 2\n"), std::string::npos);
  EXPECT_NE(counts.find("Warning: console.count() keeps no more than 1000 labels\n"),
            std::string::npos);
  const std::string timers = prints(
      vm,
      "for (let i = 0; i < 1001; i++) console.time(i); console.timeEnd('0'); console.time('new')");
  EXPECT_EQ(timers, "0: 0ms\nWarning: console.time() keeps no more than 1000 labels\n");
}

TEST_F(Inspection, SaysWhatIsWrongWithLabels) {
  Runtime vm = printing();
  EXPECT_EQ(prints(vm,
                   "console.countReset('no'); console.timeEnd('no'); console.timeLog('no'); "
                   "console.time(); console.time(); console.timeEnd()"),
            "default: 0ms\n"
            "Warning: Count for 'no' does not exist\n"
            "Warning: No such label 'no' for console.timeEnd()\n"
            "Warning: No such label 'no' for console.timeLog()\n"
            "Warning: Label 'default' already exists for console.time()\n");
  for (const std::string_view method : {"count", "countReset", "time", "timeEnd", "timeLog"}) {
    EXPECT_TRUE(fails(vm, fmt::format("console.{}(Symbol('s'))", method), Errc::threw)) << method;
  }
}

TEST_F(Inspection, TimesStandStillWithTheClock) {
  Runtime vm = printing();
  EXPECT_EQ(prints(vm,
                   "console.time('t'); Date.now = () => 1e9; for (let i = 0; i < 1e5; i++); "
                   "console.timeLog('t', { a: 1 }, '%s'); console.timeEnd('t')"),
            "t: 0ms { a: 1 } %s\nt: 0ms\n");
}

TEST_F(Inspection, GroupsIndentOnlySoFarAndCloseInOrder) {
  Runtime vm = printing();
  const std::string text =
      prints(vm,
             "for (let i = 0; i < 1000; i++) console.group(); console.log('deep'); "
             "for (let i = 0; i < 999; i++) console.groupEnd(); console.log('one'); "
             "console.groupEnd(); console.groupEnd(); console.log('none')");
  EXPECT_EQ(text, std::string(200, ' ') + "deep\n  one\nnone\n");
}

TEST_F(Inspection, BelongsToItsVmAlone) {
  Runtime vm = printing();
  static_cast<void>(prints(vm, "console.group(); console.count('c'); console.time('t')"));
  Result<Snapshot> snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot) << describe(error_of(snapshot));
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(prints(vm, "console.log('reset'); console.count('c')"), "reset\nc: 1\n");
  Result<Runtime> first = Runtime::from(*snapshot);
  Result<Runtime> second = Runtime::from(*snapshot);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(prints(*first, "console.count('c'); console.groupEnd(); console.count('c')"),
            "  c: 2\nc: 3\n");
  EXPECT_EQ(prints(*second, "console.count('c'); console.timeEnd('t')"), "  c: 2\n  t: 0ms\n");
}

// The object itself.

TEST_F(Inspection, TheConsoleHasNodesShape) {
  Runtime vm = printing();
  EXPECT_TRUE(gives(vm, R"js(
    const wanted = ['log', 'warn', 'dir', 'time', 'timeEnd', 'timeLog', 'trace', 'assert', 'count', 'countReset', 'group',
      'groupCollapsed', 'groupEnd', 'table', 'debug', 'info', 'dirxml', 'error', 'clear'];
    const bad = wanted.filter((name) => {
      const d = Object.getOwnPropertyDescriptor(console, name);
      return typeof d?.value !== 'function' || !d.writable || !d.enumerable || !d.configurable || Object.hasOwn(d.value, 'prototype');
    });
    bad.join() + Object.prototype.toString.call(console) + Object.getOwnPropertyDescriptor(globalThis, 'console').enumerable)js",
                    "[object console]false"));
  EXPECT_EQ(
      prints(vm,
             "const { log, group, groupEnd, count, assert } = console; console = null; "
             "group('g'); log('detached'); count(); groupEnd(); assert(true, 'no'); assert(0)"),
      "g\n  detached\n  default: 1\nAssertion failed\n");
}

TEST_F(Inspection, AssertionsSayWhatTheyAreAbout) {
  Runtime vm = printing();
  EXPECT_EQ(prints(vm,
                   "console.assert(); console.assert(false, 'a %s', 'b'); console.assert(0, 5); "
                   "console.assert(null, { a: 1 }, 'x'); console.assert(1)"),
            "Assertion failed\nAssertion failed: a b\nAssertion failed: 5\n"
            "Assertion failed: { a: 1 } x\n");
  EXPECT_EQ(printed_.out(), "");
}

TEST_F(Inspection, TraceTellsWhereItWasCalled) {
  Runtime vm = printing();
  const std::string text = prints(vm, "function caller() { console.trace('at %d', 5) } caller()");
  EXPECT_TRUE(text.starts_with("Trace: at 5\n    at caller (")) << text;
  EXPECT_EQ(printed_.out(), "");
  EXPECT_TRUE(
      prints(vm, "(function bare() { console.trace() })()").starts_with("Trace\n    at bare ("));
}

TEST_F(Inspection, ColoursAreNodesAndOnlyWhereAskedFor) {
  Runtime vm = printing(roomy(), {.out_colors = true});
  ASSERT_TRUE(vm.eval("console.error([1]); console.warn('%o', 2)"));
  EXPECT_EQ(printed_.take_err(), "[ 1 ]\n2\n");
  EXPECT_EQ(
      shows(vm,
            "'text', 1, ['s', 1, 1n, true, null, undefined, Symbol('q'), new Date(0), /r/, () => "
            "{}], { a: { b: { c: { d: 1 } } } }"),
      "text \x1b[33m1\x1b[39m [\n  \x1b[32m's'\x1b[39m,\n  \x1b[33m1\x1b[39m,\n  "
      "\x1b[33m1n\x1b[39m,\n  \x1b[33mtrue\x1b[39m,\n  \x1b[1mnull\x1b[22m,\n  "
      "\x1b[90mundefined\x1b[39m,\n  \x1b[32mSymbol(q)\x1b[39m,\n  "
      "\x1b[35m1970-01-01T00:00:00.000Z\x1b[39m,\n  \x1b[31m/r/\x1b[39m,\n  "
      "\x1b[36m[Function (anonymous)]\x1b[39m\n] { a: { b: { c: \x1b[36m[Object]\x1b[39m } } }\n");
  Runtime plain = printing();
  EXPECT_EQ(prints(plain, "console.dir({ a: 1 }, { colors: true })"), "{ a: 1 }\n");
}

// Sinks.

TEST(ConsoleSinks, ToFilesStreamsAndDescriptorsWriteWholeChunks) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  std::ostringstream stream;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  for (const ConsoleSink& sink : {console_to_files(file, file), console_to_streams(stream, stream),
                                  console_to_descriptors(ends[1], ends[1])}) {
    Runtime vm = make_runtime(Options{.limits = roomy(), .console = sink});
    ASSERT_TRUE(vm.eval("console.log('out', { a: 1 }); console.error('err')"));
  }
  std::array<char, 64> buffer{};
  std::rewind(file);
  const std::size_t from_file = std::fread(buffer.data(), 1, buffer.size(), file);
  EXPECT_EQ(std::string(buffer.data(), from_file), "out { a: 1 }\nerr\n");
  EXPECT_EQ(stream.str(), "out { a: 1 }\nerr\n");
  const ssize_t from_pipe = read(ends[0], buffer.data(), buffer.size());
  ASSERT_GT(from_pipe, 0);
  EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(from_pipe)), "out { a: 1 }\nerr\n");
  std::fclose(file);
  close(ends[0]);
  close(ends[1]);
}

TEST(ConsoleSinks, ThatCannotWriteEndTheRun) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  std::setvbuf(full, nullptr, _IONBF, 0);
  std::ofstream closed;
  closed.setstate(std::ios::badbit);
  for (const ConsoleSink& sink : {console_to_files(full, full), console_to_streams(closed, closed),
                                  console_to_descriptors(-1, -1)}) {
    Runtime vm = make_runtime(Options{.limits = roomy(), .console = sink});
    Error error;
    EXPECT_TRUE(fails(vm, "console.log('x')", Errc::threw, &error));
    EXPECT_NE(error.message.find("console output"), std::string::npos) << describe(error);
    EXPECT_TRUE(works(vm));
  }
  std::fclose(full);
}

TEST(ConsoleSinks, ABufferTakesFromSeveralThreads) {
  ConsoleBuffer buffer;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      Runtime vm = make_runtime(Options{.limits = roomy(), .console = buffer.sink()});
      EXPECT_TRUE(
          vm.eval("for (let i = 0; i < 100; i++) console.log('line'); console.warn('end')"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(buffer.out().size(), 4U * 100 * 5);
  EXPECT_EQ(buffer.take_err(), "end\nend\nend\nend\n");
  EXPECT_EQ(buffer.err(), "");
}

// As Node.

std::vector<std::string> snippets() {
  std::vector<std::string> lines;
  std::istringstream text(read_file(SANDGLASS_CONSOLE_SNIPPETS));
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// One program for both: a mark, then what a snippet prints.
std::string program_of(const std::vector<std::string>& lines) {
  std::string program;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    program += fmt::format(
        "console.log('####{}');\ntry {{ (0, eval)({}) }} catch (e) {{ console.log('threw', "
        "String(e)) }}\n",
        i, js_string("{" + lines[i] + "\n}"));
  }
  return program;
}

// By snippet. Where the frames of a stack lie is no subject here.
std::vector<std::string> outputs_of(const std::string& printed, std::size_t count) {
  static const std::regex frames(R"(( +)at [^\n]*(\n +(at|\.\.\. \d+ lines) [^\n]*)*)");
  std::vector<std::string> outputs(count);
  std::size_t at = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string mark = fmt::format("####{}\n", i);
    at = printed.find(mark, at);
    if (at == std::string::npos) return outputs;
    at += mark.size();
    const std::size_t end =
        std::min(printed.find(fmt::format("####{}\n", i + 1), at), printed.size());
    outputs[i] = std::regex_replace(printed.substr(at, end - at), frames, "$1at ...");
  }
  return outputs;
}

TEST_F(Inspection, ShowsWhatWebObjectsHold) {
  Runtime vm = printing();
  EXPECT_EQ(shows(vm, "new Headers({ 'X-Late': '2', Accept: 'a' })"),
            "Headers { accept: 'a', 'x-late': '2' }\n");
  EXPECT_EQ(shows(vm, "new Headers([['x', '1'], ['x', '2'], ['y', \"it's\"]]), new Headers()"),
            "Headers { x: '1, 2', y: \"it's\" } Headers {}\n");
  EXPECT_EQ(shows(vm, "new TextDecoder()"),
            "TextDecoder { encoding: 'utf-8', fatal: false, ignoreBOM: false }\n");
  EXPECT_EQ(shows(vm, "[[[[new URL('https://a.b')]]]]"), "[ [ [ [Array] ] ] ]\n");
  EXPECT_EQ(shows(vm, "[[[new URLSearchParams('a=b')]]]"), "[ [ [ [URLSearchParams] ] ] ]\n");
  EXPECT_EQ(shows(vm,
                  "new (class M extends URLSearchParams { get [Symbol.toStringTag]() { return "
                  "'t' } })('a=b')"),
            "M { 'a' => 'b' }\n");
  EXPECT_EQ(shows(vm, "Object.assign(new Blob(['b']), { own: 1 })"),
            "Blob { size: 1, type: '', own: 1 }\n");
  EXPECT_EQ(shows(vm, "new Proxy(new URLSearchParams('a=b'), {})"),
            "URLSearchParams { 'a' => 'b' }\n");
  EXPECT_EQ(shows(vm, "Object.create({ [Symbol.toStringTag]: 'URL' })"), "Object [URL] {}\n");
}

TEST_F(Inspection, OfTooManySearchParamsTheRestIsCounted) {
  Limits limits = roomy();
  limits.output_bytes = 16 * kMiB;
  Runtime vm = printing(limits);
  const std::string text =
      shows(vm, "{ params: new URL('https://a.b/?' + 'a&'.repeat(150000)).searchParams }");
  EXPECT_NE(text.find("... 50000 more items"), std::string::npos) << text.substr(0, 200);
}

TEST_F(Inspection, AHeaderWithALongNameIsCutOffByTheOutputLimit) {
  Limits limits = roomy();
  limits.output_bytes = 1000;
  Runtime vm = printing(limits);
  EXPECT_TRUE(fails(vm, "console.log(new Headers([['a'.repeat(2000), 'b'], ['c', 'd']]))",
                    Errc::output_limit));
  EXPECT_EQ(printed_.out(), "");
}

TEST_F(Inspection, ShowingSearchParamsChangesNothing) {
  Runtime vm = printing();
  const std::string_view source =
      "const u = new URL('https://a.b/?x=1'), p = u.searchParams; p.append({ toString() { "
      "u.search = '?z=1'; SHOW return 'a' } }, 'b'); u.search";
  std::string shown(source);
  shown.replace(shown.find("SHOW"), 4, "console.log(p);");
  std::string silent(source);
  silent.replace(silent.find("SHOW"), 4, "");
  EXPECT_TRUE(gives(vm, "{" + shown + "}", "?z=1&a=b"));
  EXPECT_TRUE(gives(vm, "{" + silent + "}", "?z=1&a=b"));
}

TEST_F(Inspection, ShowsWhatNodeShows) {
  const std::vector<std::string> lines = snippets();
  ASSERT_GE(lines.size(), 150U);
  const std::string program = program_of(lines);
  const auto path =
      std::filesystem::temp_directory_path() / fmt::format("sandglass-console-{}.cjs", getpid());
  std::ofstream(path) << program;
  std::string by_node;
  std::FILE* node = popen(fmt::format("node '{}' 2>/dev/null", path.string()).c_str(), "r");
  ASSERT_NE(node, nullptr);
  std::array<char, 4096> buffer{};
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), node)) {
    by_node.append(buffer.data(), got);
  }
  const int status = pclose(node);
  std::filesystem::remove(path);
  if (status != 0) GTEST_SKIP() << "no Node.js here";

  Runtime vm = printing();
  ASSERT_TRUE(vm.eval(program));
  const std::vector<std::string> theirs = outputs_of(by_node, lines.size());
  const std::vector<std::string> ours = outputs_of(printed_.out(), lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(ours[i], theirs[i]) << lines[i];
}

}  // namespace
}  // namespace sandglass::test
