// crypto: known answers, what Node gives, and errors.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "snippets/snippets.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kAwait = {.top_level_await = true};

TEST(Crypto, DoesWhatNodeDoes) {
  Runtime vm = make_runtime();
  expect_same_as_node(vm, "crypto");
}

// FIPS 180-4, RFC 4231, RFC 5869, RFC 6070 and the first two of the GCM specification.
TEST(Crypto, GivesKnownAnswers) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval(R"js(
    globalThis.hex = (data) => [...new Uint8Array(data)].map((b) => b.toString(16).padStart(2, '0')).join('');
    globalThis.utf8 = (text) => new TextEncoder().encode(text);
  )js"));
  EXPECT_TRUE(gives(vm, "hex(await crypto.subtle.digest('SHA-256', utf8('abc')))",
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", kAwait));
  EXPECT_TRUE(gives(vm, "hex(await crypto.subtle.digest('SHA-1', utf8('abc')))",
                    "a9993e364706816aba3e25717850c26c9cd0d89d", kAwait));
  EXPECT_TRUE(gives(vm, R"js({
    const k = await crypto.subtle.importKey('raw', utf8('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    hex(await crypto.subtle.sign('HMAC', k, utf8('what do ya want for nothing?')))
  })js",
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", kAwait));
  EXPECT_TRUE(gives(vm, R"js({
    const k = await crypto.subtle.importKey('raw', utf8('password'), 'PBKDF2', false, ['deriveBits']);
    hex(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: utf8('salt'), iterations: 4096 }, k, 160))
  })js",
                    "4b007901b765489abead49d926f721d065a429c1", kAwait));
  EXPECT_TRUE(gives(vm, R"js({
    const k = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt']);
    const iv = new Uint8Array(12);
    hex(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, new Uint8Array(0))) + ' ' +
      hex(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, k, new Uint8Array(16)))
  })js",
                    "58e2fccefa7e3061367f1d57a4e7455a "
                    "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
                    kAwait));
}

TEST(Crypto, ErrorsAreDomExceptions) {
  Runtime vm = make_runtime();
  const auto name = [&](const char* source) {
    return outcome(vm.eval(fmt::format("try {{ await {}; 'none' }} catch (e) {{ `${{e.name}} ${{e "
                                       "instanceof DOMException}}` }}",
                                       source),
                           kAwait));
  };
  EXPECT_EQ(name("crypto.subtle.digest('MD5', new Uint8Array(1))"), "NotSupportedError true");
  EXPECT_EQ(name("crypto.subtle.importKey('raw', new Uint8Array(1), 'nonsense', true, [])"),
            "NotSupportedError true");
  EXPECT_EQ(name("(async () => crypto.getRandomValues(new Uint8Array(70000)))()"),
            "QuotaExceededError true");
  EXPECT_EQ(name("(async () => crypto.getRandomValues(new Float64Array(1)))()"),
            "TypeMismatchError true");
  EXPECT_EQ(name("crypto.subtle.digest.call({}, 'SHA-1', new Uint8Array(1))"), "TypeError false");
  EXPECT_EQ(
      name("(async () => crypto.subtle.exportKey('raw', await crypto.subtle.generateKey({name: "
           "'AES-GCM', length: 128}, false, ['encrypt'])))()"),
      "InvalidAccessError true");
  EXPECT_EQ(name("crypto.subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign'])"),
            "NotSupportedError true");
}

// Every VM begins the same, and goes on: random bytes are not those of the image.
TEST(Crypto, RandomBytesGoOnAndAreTheSameAgainAfterAReset) {
  Runtime vm = make_runtime();
  constexpr const char* kDraw =
      "crypto.getRandomValues(new Uint8Array(16)).join() + crypto.randomUUID()";
  const std::string first = outcome(vm.eval(kDraw));
  EXPECT_NE(outcome(vm.eval(kDraw)), first);
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(outcome(vm.eval(kDraw)), first);
}

TEST(Crypto, KeysOfASnapshotWorkInItsVms) {
  Runtime vm = make_runtime();
  ASSERT_TRUE(vm.eval(R"js(
    globalThis.k = await crypto.subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    globalThis.sign = async () => new Uint8Array(await crypto.subtle.sign('HMAC', k, new Uint8Array(3))).join();
  )js",
                      kAwait));
  const std::string signature = outcome(vm.eval("await sign()", kAwait));
  const auto snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  auto other = Runtime::from(*snapshot);
  ASSERT_TRUE(other);
  EXPECT_TRUE(gives(*other, "await sign()", signature, kAwait));
}

TEST(Crypto, HostileArgumentsDoNoHarm) {
  Runtime vm = make_runtime();
  for (const char* source :
       {"crypto.subtle.digest(new Proxy({}, {get() { throw 1 }}), new Uint8Array(1))",
        "crypto.subtle.digest({get name() { return {} }}, new Uint8Array(1))",
        "crypto.subtle.digest('SHA-1', {length: 1e9})", "crypto.subtle.encrypt({}, {}, {})",
        "crypto.subtle.importKey('raw', new Uint8Array(1e6), 'AES-GCM', true, ['encrypt'])",
        "crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, ['nonsense'])",
        "crypto.subtle.importKey('pkcs8', new Uint8Array(200).fill(0x30), {name: 'ECDSA', "
        "namedCurve: 'P-256'}, true, ['sign'])",
        "crypto.subtle.importKey('spki', new Uint8Array(0), {name: 'RSA-PSS', hash: 'SHA-256'}, "
        "true, ['verify'])",
        "crypto.subtle.sign('HMAC', Object.create(CryptoKey.prototype), new Uint8Array(1))",
        "crypto.subtle.deriveBits({name: 'PBKDF2', hash: 'SHA-1', salt: new Uint8Array(1), "
        "iterations: 1}, {}, -8)",
        "crypto.subtle.generateKey({name: 'AES-GCM', length: 1e9}, true, ['encrypt'])",
        "crypto.subtle.generateKey({name: 'RSA-PSS', modulusLength: 1e9, publicExponent: new "
        "Uint8Array([1, 0, 1]), hash: 'SHA-256'}, true, ['sign'])"}) {
    EXPECT_TRUE(gives(vm, fmt::format("try {{ await {}; 'nothing' }} catch {{ 'failed' }}", source),
                      "failed", kAwait))
        << source;
  }
  // Detached while it is looked at.
  EXPECT_TRUE(gives(vm, R"js(
    const v = new Uint8Array(64);
    try { await crypto.subtle.digest({ get name() { v.buffer.transfer(); return 'SHA-256'; } }, v); 'done' } catch { 'done' }
  )js",
                    "done", kAwait));
  EXPECT_TRUE(works(vm));
}

TEST(Crypto, LongWorkEndsWithTheWallTime) {
  Limits limits = roomy();
  limits.wall_time = milliseconds{100};
  Runtime vm = make_runtime(limits);
  Error error;
  EXPECT_TRUE(fails(vm, R"js({
    const k = await crypto.subtle.importKey('raw', new Uint8Array(4), 'PBKDF2', false, ['deriveBits']);
    await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(4), iterations: 2e9 }, k, 512)
  })js",
                    Errc::time_limit, &error, kAwait));
  EXPECT_TRUE(as_reported(vm, error));
}

}  // namespace
}  // namespace sandglass::test
