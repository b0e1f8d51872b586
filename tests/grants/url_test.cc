// URL, URLSearchParams and the encodings.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "snippets/snippets.h"

namespace sandglass::test {
namespace {

TEST(Url, DoesWhatNodeDoes) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "url");
}

TEST(Url, IsTheSameAfterResetAndSnapshot) {
  expect_same_as_node_after_reset_and_snapshot("url");
}

TEST(Url, SearchParamsTakeNullAsTheStandardSays) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, "String(new URLSearchParams(null))", "null="));  // "" in Node
  EXPECT_TRUE(gives(vm, "URL.parse('http://a/b').pathname", "/b"));      // not in every Node
  EXPECT_TRUE(gives(
      vm, "URL.parse('x') === null && URL.parse('x', 'http://a/').href === 'http://a/x'", "true"));
}

TEST(Url, SearchParamsOfASnapshotFollowTheirUrl) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval("globalThis.u = new URL('http://a/?x=1'); globalThis.p = u.searchParams"));
  const auto snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  auto other = Runtime::from(*snapshot);
  ASSERT_TRUE(other);
  EXPECT_TRUE(gives(*other, "p.append('y', 2); u.href", "http://a/?x=1&y=2"));
  EXPECT_TRUE(gives(*other, "u.search = 'z=3'; [...p].join()", "z,3"));
  EXPECT_TRUE(gives(vm, "u.href", "http://a/?x=1"));
}

TEST(Url, ReplacedBuiltInsChangeNothing) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval(R"js(
    const { defineProperty } = Object;
    const spoil = () => { throw new Error('spoilt'); };
    for (const made of [Array, String, Map, WeakMap, RegExp, Function, Uint8Array, Symbol]) {
      for (const name of Object.getOwnPropertyNames(made.prototype)) {
        if (name === 'constructor' || name === 'length' || name === 'toString') continue;
        try { defineProperty(made.prototype, name, { __proto__: null, get: spoil, set: spoil, configurable: true }); } catch {}
      }
    }
    for (let i = 0; i < 8; i++) {
      defineProperty(Array.prototype, i, { __proto__: null, get: spoil, set: spoil, configurable: true });
      defineProperty(Object.prototype, i, { __proto__: null, get: spoil, set: spoil, configurable: true });
    }
    for (const name of ['value', 'get', 'set', 'writable', 'enumerable', 'next', 'done', 'stream', 'fatal', 'params']) {
      defineProperty(Object.prototype, name, { __proto__: null, get: spoil, set: spoil, configurable: true });
    }
    delete Array.prototype[Symbol.iterator];
    globalThis.TextEncoder = globalThis.TextDecoder = undefined;
  )js"));
  EXPECT_TRUE(gives(vm, R"js(
    const u = new URL('http://a/p?x=1&y=%C3%BC');
    u.searchParams.append('z', '\u00e9 &');
    u.searchParams.sort();
    u.searchParams.set('x', '2');
    u.href + ' ' + u.searchParams.get('y') + ' ' + u.searchParams.size
  )js",
                    "http://a/p?x=2&y=%C3%BC&z=%C3%A9+%26 ü 3"));
  EXPECT_TRUE(gives(vm, "btoa('x') + atob('eA==')", "eA==x"));
}

TEST(Url, HostileArgumentsDoNoHarm) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    let said = '';
    const p = new URLSearchParams('a=1&b=2');
    // Changes the list while it is being worked on.
    const evil = { toString() { p.delete('a'); p.delete('b'); return 'c'; } };
    p.append(evil, evil); said += String(p);
    p.has(evil, evil); p.get(evil); p.getAll(evil); p.delete(evil, evil); p.set(evil, evil);
    said += ' ' + String(p);
    p.forEach((value, name) => { p.delete(name); p.append('n' + p.size, 1); if (p.size > 3) p.sort(); });
    said
  )js",
                    "c=c c=c"));
  EXPECT_TRUE(gives(vm, R"js(
    const traps = [];
    const proxy = new Proxy({ a: '1' }, { ownKeys(t) { traps.push('ownKeys'); return Reflect.ownKeys(t); } });
    String(new URLSearchParams(proxy)) + traps
  )js",
                    "a=1ownKeys"));
  for (const char* source :
       {"URL.prototype.href", "Object.create(new URL('http://a')).href",
        "new Proxy(new URL('http://a'), {}).href", "URLSearchParams.prototype.size",
        "Object.create(new URLSearchParams()).get('x')", "TextDecoder.prototype.decode.call({})",
        "TextEncoder.prototype.encode.call(new TextDecoder())",
        "new TextDecoder().decode(new SharedArrayBuffer(1))"}) {
    Error error;
    ASSERT_TRUE(fails(vm, source, Errc::threw, &error));
    EXPECT_EQ(error.name, "TypeError") << source;
  }
}

TEST(Url, HugeInputsEndAtTheLimits) {
  Limits limits = roomy();
  limits.memory_bytes = 16 * kMiB;
  Runtime vm = make_runtime(limits);
  EXPECT_TRUE(gives(vm, "new URL('http://a/' + 'x'.repeat(100000)).href.length", "100009"));
  for (const char* source :
       {"new URL('http://a/' + 'x'.repeat(1e7)).href",
        "String(new URLSearchParams('\\u20ac'.repeat(4e6)))",
        "const p = new URLSearchParams(); for (;;) p.append('aaaaaaaa', 'bbbbbbbb')",
        "new TextEncoder().encode('\\u20ac'.repeat(8e6))", "btoa('x'.repeat(2e7))"}) {
    const auto result = vm.eval(source);
    ASSERT_FALSE(result) << source;
    EXPECT_TRUE(result.error().code == Errc::memory_limit) << describe(result.error());
    ASSERT_TRUE(vm.reset());
  }
}

TEST(Encoding, DoesWhatNodeDoes) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "encoding");
}

TEST(Encoding, IsTheSameAfterResetAndSnapshot) {
  expect_same_as_node_after_reset_and_snapshot("encoding");
}

// Every way to cut the bytes in two must give the same text.
TEST(Encoding, StreamsAreDecodedWhereverTheyAreCut) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, R"js(
    const bytes = new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xe2, 0x82, 0xac, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xe2, 0x28, 0xc3]);
    let wrong = 0;
    for (const label of ['utf-8', 'utf-16le', 'utf-16be', 'latin1']) {
      const whole = new TextDecoder(label).decode(bytes);
      for (let i = 0; i <= bytes.length; i++) {
        for (let j = i; j <= bytes.length; j++) {
          const decoder = new TextDecoder(label);
          const text = decoder.decode(bytes.subarray(0, i), { stream: true }) +
            decoder.decode(bytes.subarray(i, j), { stream: true }) + decoder.decode(bytes.subarray(j));
          if (text !== whole) wrong++;
        }
      }
    }
    wrong
  )js",
                    "0"));
}

}  // namespace
}  // namespace sandglass::test
