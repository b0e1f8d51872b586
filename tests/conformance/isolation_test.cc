// What a script cannot reach: other VMs, the last tenant, the machine it runs on, the time, chance.

#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Isolation : public ::testing::Test {
 protected:
  Runtime first_ = make_runtime();
  Runtime second_ = make_runtime();
};
using Determinism = Isolation;

class Forbidden : public ::testing::Test {
 protected:
  Runtime vm_ = make_runtime();
};

TEST_F(Isolation, GlobalsOfOneVmAreUnknownToAnother) {
  ASSERT_TRUE(
      first_.eval("var secret = 'token'; let other = 1; globalThis.third = 2; Symbol.for('key')"));
  EXPECT_TRUE(gives(second_, "[typeof secret, typeof other, typeof third].join()",
                    "undefined,undefined,undefined"));
  Runtime later = make_runtime();
  EXPECT_TRUE(gives(later, "[typeof secret, typeof other, typeof third].join()",
                    "undefined,undefined,undefined"));
  EXPECT_TRUE(gives(first_, "secret + other + third", "token12"));
}

TEST_F(Isolation, PollutedPrototypesStayInTheirVm) {
  ASSERT_TRUE(first_.eval(R"(
    Object.prototype.polluted = 'yes';
    Array.prototype.push = function () { return 'stolen' };
    Promise.prototype.then = null; RegExp.prototype.exec = null; Function.prototype.call = null;
    globalThis.JSON = {parse() { return 'forged' }, stringify() { return 'forged' }};)"));
  EXPECT_TRUE(gives(second_, "[typeof ({}).polluted, [].push(1)].join()", "undefined,1"));
  EXPECT_TRUE(works(second_));
  Runtime later = make_runtime();
  EXPECT_TRUE(works(later));
  ASSERT_TRUE(first_.reset());
  EXPECT_TRUE(gives(first_, "[typeof ({}).polluted, [].push(1)].join()", "undefined,1"));
  EXPECT_TRUE(works(first_));
}

TEST_F(Isolation, ModulesOfOneVmAreUnknownToAnother) {
  ASSERT_TRUE(first_.eval("export const secret = 1",
                          {.file_name = "shared.mjs", .kind = SourceKind::module}));
  EXPECT_TRUE(fails(second_, "import { secret } from 'shared.mjs'", Errc::module_not_found, nullptr,
                    {.kind = SourceKind::module}));
  ASSERT_TRUE(first_.reset());
  EXPECT_TRUE(fails(first_, "import { secret } from 'shared.mjs'", Errc::module_not_found, nullptr,
                    {.kind = SourceKind::module}));
}

TEST_F(Isolation, NewMemoryHoldsNothingOfTheLastTenant) {
  for (int i = 0; i < 20; ++i) {
    Runtime tenant = make_runtime();
    ASSERT_TRUE(tenant.eval("globalThis.secret = new Uint8Array(8e6).fill(0x5A); 0"));
    if (i % 2 == 0) {
      ASSERT_TRUE(tenant.reset());
    }
    Runtime next = make_runtime();
    for (Runtime* vm : {&tenant, &next}) {
      EXPECT_TRUE(gives(
          *vm, "const bytes = new Uint8Array(new ArrayBuffer(8e6)); bytes.indexOf(0x5A)", "-1"));
      if (i % 2 == 1) break;
    }
  }
}

TEST_F(Isolation, AFailedVmDoesNotHarmItsNeighbour) {
  ASSERT_TRUE(second_.eval("globalThis.state = [1, 2, 3]"));
  for (const std::string_view source :
       {"(function f() { f() })()", "for (let a = [];;) a.push('x'.repeat(1e6))", "throw 1"}) {
    EXPECT_FALSE(first_.eval(source));
    EXPECT_TRUE(gives(second_, "state.join()", "1,2,3"));
    EXPECT_TRUE(works(second_));
  }
}

TEST_F(Determinism, TheClockStands) {
  EXPECT_TRUE(gives(first_, "Date.now()", "1640995200000"));
  EXPECT_TRUE(gives(first_, "new Date().toISOString()", "2022-01-01T00:00:00.000Z"));
  EXPECT_TRUE(
      gives(first_, "const t = Date.now(); for (let i = 0; i < 3e6; i++); Date.now() - t", "0"));
  EXPECT_TRUE(gives(first_, "Date.now()", "1640995200000")) << "nor does it move between runs";
  EXPECT_TRUE(gives(first_, "new Date().getTimezoneOffset()", "0"));
}

TEST_F(Determinism, NoOtherClockMoves) {
  EXPECT_TRUE(gives(first_, R"(
    const now = () => typeof performance === 'object' ? performance.now() + performance.timeOrigin : 0;
    const start = now();
    for (let i = 0; i < 3e6; i++);
    now() - start)",
                    "0"));
  EXPECT_TRUE(gives(
      first_, "typeof performance === 'object' ? performance.timeOrigin + performance.now() : 0",
      outcome(second_.eval(
          "typeof performance === 'object' ? performance.timeOrigin + performance.now() : 0"))));
}

TEST_F(Determinism, ChanceIsTheSameInEveryVm) {
  constexpr std::string_view kDraw = "Array.from({length: 50}, Math.random).join()";
  const std::string drawn = outcome(first_.eval(kDraw));
  EXPECT_TRUE(gives(second_, kDraw, drawn));
  EXPECT_NE(outcome(first_.eval(kDraw)), drawn) << "but it is not constant";
  ASSERT_TRUE(first_.reset());
  EXPECT_TRUE(gives(first_, kDraw, drawn));
  EXPECT_TRUE(gives(first_, "new Set(Array.from({length: 1000}, Math.random)).size", "1000"));
}

TEST_F(Determinism, TheTimezoneOfTheHostIsNotSeen) {
  setenv("TZ", "Asia/Tokyo", 1);
  setenv("LANG", "de_DE.UTF-8", 1);
  tzset();
  Runtime vm = make_runtime();
  EXPECT_TRUE(
      gives(vm, "new Date(0).getHours() + ',' + new Date(2022, 5, 1).getTimezoneOffset()", "0,0"));
  EXPECT_TRUE(gives(vm, "(1.5).toLocaleString()", "1.5"));
  unsetenv("TZ");
  tzset();
}

TEST_F(Forbidden, NoDoorToTheHostIsThere) {
  for (const std::string_view name :
       {"std",          "os",           "bjson",         "require",        "module",
        "exports",      "Deno",         "Bun",           "XMLHttpRequest", "WebSocket",
        "Worker",       "SharedWorker", "importScripts", "load",           "loadScript",
        "loadFile",     "read",         "readline",      "open",           "system",
        "exec",         "getenv",       "WebAssembly",   "window",         "document",
        "localStorage", "print",        "__dirname",     "__filename",     "gc",
        "Buffer",       "global",       "scriptPath"}) {
    EXPECT_TRUE(gives(vm_, fmt::format("typeof {}", name), "undefined"));
  }
}

TEST_F(Forbidden, NothingCanBeImported) {
  for (const std::string_view name :
       {"fs", "std", "os", "qjs:std", "qjs:os", "qjs:bjson", "node:fs", "node:child_process",
        "./x.js", "../x.js", "/etc/passwd", "file:///etc/passwd", "https://example.com/x.js",
        "data:text/javascript,1", "", "\\0", "."}) {
    Error error;
    EXPECT_TRUE(fails(vm_, fmt::format("import '{}'; globalThis.in = 1", name),
                      Errc::module_not_found, &error, {.kind = SourceKind::module}));
    EXPECT_FALSE(error.message.empty()) << name;
    EXPECT_TRUE(fails(vm_, fmt::format("await import('{}')", name), Errc::module_not_found, nullptr,
                      {.top_level_await = true}));
    EXPECT_TRUE(gives(
        vm_,
        fmt::format("import('{}').then(() => {{ globalThis.in = 1 }}, () => 0); 'asked'", name),
        "asked"));
  }
  EXPECT_TRUE(gives(vm_, "typeof globalThis.in", "undefined"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(Forbidden, NoModuleLeaksTheFileSystem) {
  const Result<Value> space = vm_.eval("export const meta = JSON.stringify({...import.meta})",
                                       {.file_name = "given.mjs", .kind = SourceKind::module});
  ASSERT_TRUE(space) << describe(space.error());
  EXPECT_EQ(space->to_json().value_or("?").find('/'), std::string::npos)
      << "a path that the embedder did not give";
}

// Whoever adds a global adds it here, and has thought of what it opens.
TEST_F(Forbidden, GlobalsAreOnTheList) {
  EXPECT_TRUE(gives(vm_, R"(
    const known = new Set(`
      Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError
      AggregateError SuppressedError Iterator Array parseInt parseFloat isNaN isFinite queueMicrotask decodeURI
      decodeURIComponent encodeURI encodeURIComponent escape unescape Infinity NaN undefined eval Number Boolean
      String Math Reflect Symbol DisposableStack AsyncDisposableStack globalThis BigInt Date RegExp JSON Proxy Map
      Set WeakMap WeakSet WeakRef FinalizationRegistry ArrayBuffer SharedArrayBuffer Uint8ClampedArray Int8Array
      Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array
      Float32Array Float64Array DataView Atomics Promise DOMException btoa atob performance
      URL URLSearchParams TextEncoder TextDecoder Headers crypto Crypto CryptoKey SubtleCrypto structuredClone
      Event CustomEvent EventTarget AbortSignal AbortController Blob Request Response fetch navigator
      setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate
      process console scriptArgs`.trim().split(/\s+/));
    Reflect.ownKeys(globalThis).map(String)
        .filter((name) => !known.has(name) && name !== 'Symbol(Symbol.toStringTag)').join())",
                    ""));
}

}  // namespace
}  // namespace sandglass::test
