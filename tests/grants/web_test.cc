// Events, AbortSignal, structuredClone, Headers, Blob, Request and Response, navigator.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "snippets/snippets.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait = {.top_level_await = true};

TEST(Events, DoWhatNodeDoes) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "events");
}

TEST(Events, AreTheSameAfterResetAndSnapshot) {
  expect_same_as_node_after_reset_and_snapshot("events");
}

TEST(Events, FollowTheStandardWhereNodeDoesNot) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm,
                    "const e = new Event('x', {cancelable: true}); e.returnValue = false;"
                    "e.defaultPrevented",
                    "true"));
  EXPECT_TRUE(
      gives(vm,
            "const t = new EventTarget(); t.addEventListener('a', (e) => e.preventDefault(),"
            "{passive: true}); t.dispatchEvent(new Event('a', {cancelable: true}))",
            "true"));
}

TEST(Events, AFailingListenerIsToldAndStopsNoOther) {
  Runtime vm = make_runtime();
  Error error;
  EXPECT_TRUE(fails(vm, R"js(
    globalThis.seen = [];
    const t = new EventTarget();
    t.addEventListener('a', () => { throw new RangeError('from a listener'); });
    t.addEventListener('a', () => seen.push('second'));
    seen.push(t.dispatchEvent(new Event('a')));
  )js",
                    Errc::threw, &error));
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_TRUE(gives(vm, "seen.join()", "second,true"));
}

TEST(Events, ListenersOfASnapshotAreCalledInIts) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(
      vm.eval("globalThis.c = new AbortController(); globalThis.n = 0;"
              "c.signal.onabort = () => n++; AbortSignal.any([c.signal]).onabort = () => n++"));
  const auto snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  auto other = Runtime::from(*snapshot);
  ASSERT_TRUE(other);
  EXPECT_TRUE(gives(*other, "c.abort(); n", "2"));
  EXPECT_TRUE(gives(vm, "[n, c.signal.aborted].join()", "0,false"));
}

TEST(Events, HostileListenersAndSubclassesDoNoHarm) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    const t = new EventTarget();
    let n = 0;
    class Liar extends Event { get type() { return 'other'; } get target() { throw 1; } }
    t.addEventListener('a', () => { n++; for (let i = 0; i < 10; i++) t.addEventListener('a', () => { n += 100; }); });
    t.addEventListener('a', { get handleEvent() { n += 10; return () => {}; } });
    EventTarget.prototype.removeEventListener = null;
    Array.prototype.push = null;
    t.dispatchEvent(new Liar('a'));
    n
  )js",
                    "11"));
  EXPECT_TRUE(gives(vm, R"js(
    let depth = 0;
    const nested = new EventTarget();
    nested.addEventListener('q', () => { if (depth++ < 50) nested.dispatchEvent(new Event('q')); });
    nested.dispatchEvent(new Event('q'));
    depth
  )js",
                    "51"));
  EXPECT_TRUE(works(vm));
}

TEST(Clone, DoesWhatNodeDoes) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "clone");
}

TEST(Clone, IsTheSameAfterResetAndSnapshot) {
  expect_same_as_node_after_reset_and_snapshot("clone");
}

class Counter {
 public:
  int value = 0;
};

TEST(Clone, ObjectsOfTheHostAreRefused) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.set("host", std::make_shared<Counter>()));
  ASSERT_TRUE(vm.set("call", [] { return 1; }));
  for (const char* source : {"structuredClone(host)", "structuredClone([{deep: host}])",
                             "structuredClone(new Map([[host, 1]]))", "structuredClone(call)"}) {
    Error error;
    ASSERT_TRUE(fails(vm, source, Errc::threw, &error)) << source;
    EXPECT_EQ(error.name, "DataCloneError") << source;
  }
  EXPECT_TRUE(gives(
      vm, "try { structuredClone(host) } catch (e) { `${e instanceof DOMException} ${e.code}` }",
      "true 25"));
}

TEST(Clone, ObjectsOfWebApisAreRefused) {
  Runtime vm = make_runtime();
  for (const char* made :
       {"new URL('http://a')", "new URLSearchParams()", "new Headers()", "new EventTarget()",
        "new AbortController()", "AbortSignal.abort()", "new Event('x')", "new Response()",
        "new Request('http://a')", "new TextDecoder()", "new TextEncoder()", "crypto"}) {
    Error error;
    ASSERT_TRUE(fails(vm, fmt::format("structuredClone({{x: {}}})", made), Errc::threw, &error))
        << made;
    EXPECT_EQ(error.name, "DataCloneError") << made;
  }
}

TEST(Clone, AWrongTransferListIsADataCloneError) {
  Runtime vm = make_runtime();
  for (const char* source : {"structuredClone({}, {transfer: [{}]})",
                             "structuredClone({}, {transfer: [new Uint8Array(1)]})",
                             "const b = new ArrayBuffer(1); structuredClone(1, {transfer: [b]}); "
                             "structuredClone(1, {transfer: [b]})"}) {
    Error error;
    ASSERT_TRUE(fails(vm, source, Errc::threw, &error)) << source;
    EXPECT_EQ(error.name, "DataCloneError") << source;
  }
  ASSERT_TRUE(vm.reset());
  EXPECT_TRUE(gives(vm, R"js(
    const b = new Uint8Array([1, 2]).buffer;
    // Written to, and detached, while the clone is made.
    const c = structuredClone({ get x() { new Uint8Array(b)[0] = 9; return 1; }, b }, { transfer: [b] });
    let said = [...new Uint8Array(c.b)].join() + b.byteLength;
    const d = new ArrayBuffer(4);
    try { structuredClone({ get x() { d.transfer(); return 1; }, d }, { transfer: [d] }); } catch (e) { said += e.name; }
    said
  )js",
                    "9,20DataCloneError"));
}

TEST(Clone, PrototypesOfTheScriptAreNotTouched) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    let hits = 0;
    const original = { a: [1, 2, { a: 3 }], m: new Map([[1, new Set([2])]]), d: new Date(5), r: /x/g, u: new Uint8Array([1, 2]) };
    const trap = { __proto__: null, get() { hits++; }, set() { hits++; }, configurable: true };
    for (const name of ['a', '0', 'message', 'cause', 'get', 'set', 'value']) Object.defineProperty(Object.prototype, name, trap);
    Object.defineProperty(Array.prototype, '1', trap);
    Map.prototype.set = Set.prototype.add = Map.prototype.forEach = Date.prototype.getTime = () => { hits++; };
    Object.defineProperty(RegExp.prototype, 'source', trap);
    Uint8Array.prototype.set = () => { hits++; };
    Object.defineProperty(Uint8Array.prototype, 'constructor', trap);
    Object.defineProperty(ArrayBuffer, Symbol.species, trap);
    structuredClone(original);
    String(hits)
  )js",
                    "0"));
}

TEST(Clone, DeepAndWideObjectsEndAtTheLimits) {
  Limits limits = roomy();
  limits.memory_bytes = 16 * kMiB;
  Runtime vm = make_runtime(limits);
  Error error;
  EXPECT_TRUE(fails(vm, "let o = {}; for (let i = 0; i < 1e5; i++) o = {o}; structuredClone(o)",
                    Errc::stack_limit, &error));
  ASSERT_TRUE(as_reported(vm, error));
  EXPECT_TRUE(fails(vm, "const a = new Array(200000).fill().map(() => ({})); structuredClone(a)",
                    Errc::memory_limit, &error));
}

TEST(Headers, DoWhatNodeDoesAndBlobRequestResponseToo) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "headers");
}

TEST(Headers, AreTheSameAfterResetAndSnapshot) {
  expect_same_as_node_after_reset_and_snapshot("headers");
}

TEST(Headers, HostileArgumentsDoNoHarm) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    let said = [];
    const h = new Headers({ a: '1', b: '2' });
    h.append({ toString() { h.delete('a'); h.delete('b'); return 'c'; } }, 'x');
    said.push([...h].join('/'));
    let n = 0;
    for (const [name] of h) {
      said.push(name);
      if (n++ < 3) h.append('d' + n, '1');
    }
    for (const [name] of h) h.delete(name);
    said.push([...h.keys()].join());
    said.join(' ')
  )js",
                    "c,x c d1 d2 d3 d1,d3"));
  ASSERT_TRUE(vm.reset());
  EXPECT_TRUE(gives(vm, R"js(
    Object.defineProperty(Array.prototype, 0, { set() { throw 1; }, configurable: true });
    Object.prototype.get = () => { throw 1; };
    String.prototype.toLowerCase = String.prototype.charCodeAt = () => 'evil';
    const h = new Headers({ 'X-Y': 'z' }); h.append('x-y', 'w');
    h.get('X-y')
  )js",
                    "z, w"));
}

TEST(Headers, OfAResponseFromErrorOrRedirectCannotBeChanged) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(fails(vm, "Response.error().headers.append('a', 'b')", Errc::threw));
  EXPECT_TRUE(fails(vm, "Response.redirect('http://a/').headers.set('a', 'b')", Errc::threw));
}

TEST(Blob, SlicesShareNothingThatCanBeSeen) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    const b = new Blob(['abcdef']);
    const bytes = await b.slice(1, 4).bytes(); bytes[0] = 0;
    const buffer = await b.slice(2).arrayBuffer(); new Uint8Array(buffer).fill(0);
    await b.text() + ' ' + bytes.length + ' ' + buffer.byteLength + ' ' + bytes.buffer.byteLength
  )js",
                    "abcdef 3 4 3", kAwait));
}

TEST(Navigator, NamesTheLibrary) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, "navigator.userAgent", fmt::format("sandglass/{}", version())));
  EXPECT_TRUE(gives(vm, "Object.prototype.toString.call(navigator)", "[object Navigator]"));
}

TEST(AbortSignalTimeout, AbortsInItsTime) {
  Runtime vm = make_runtime();
  if (outcome(vm.eval("typeof setTimeout")) != "function") GTEST_SKIP() << "there are no timers";
  EXPECT_TRUE(gives(vm, R"js(
    const signal = AbortSignal.timeout(1);
    await new Promise((resolve) => { signal.onabort = resolve; });
    signal.reason.name
  )js",
                    "TimeoutError", kAwait));
  EXPECT_TRUE(fails(vm, "AbortSignal.timeout(-1)", Errc::threw));
}

}  // namespace
}  // namespace sandglass::test
