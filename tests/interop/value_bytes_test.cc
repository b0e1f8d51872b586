// Value: the bytes of buffers.

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "interop_value.h"

namespace sandglass::test {
namespace {

using ValueBytes = InteropValue;

// Bytes.

/// What with_bytes shows, as hexadecimal digits; or the error.
[[nodiscard]] std::string bytes_of(const Value& value) {
  std::string text;
  const Result<void> done = value.with_bytes([&](std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  });
  return done ? text : describe(done.error());
}

TEST_F(ValueBytes, AreShownOfEveryKindOfBuffer) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"new Uint8Array([1, 2, 255]).buffer", "0102ff"},
      {"new Uint8Array([1, 2, 255])", "0102ff"},
      {"new Uint8ClampedArray([1, 999])", "01ff"},
      {"new Int8Array([-1])", "ff"},
      {"new Int16Array([-2])", "feff"},
      {"new Uint16Array([0x1234])", "3412"},
      {"new Int32Array([1])", "01000000"},
      {"new Uint32Array([0xdeadbeef])", "efbeadde"},
      {"new BigInt64Array([-1n])", "ffffffffffffffff"},
      {"new BigUint64Array([1n])", "0100000000000000"},
      {"new Float16Array([1])", "003c"},
      {"new Float32Array([1])", "0000803f"},
      {"new Float64Array([1])", "000000000000f03f"},
      {"new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 4)", "020304"},
      {"new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 2)", "0304"},
      {"new Uint16Array(new Uint8Array([1, 2, 3, 4, 5, 6]).buffer, 2, 1)", "0304"},
      {"new DataView(new Uint8Array([1, 2, 3]).buffer)", "010203"},
      {"new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", "0203"},
      {"new (class extends Uint8Array {})([7])", "07"},
      {"new ArrayBuffer(0)", ""},
      {"new Uint8Array(0)", ""},
      {"new Uint8Array(new ArrayBuffer(4), 4)", ""},
      {"new DataView(new ArrayBuffer(0))", ""},
      {"new DataView(new ArrayBuffer(4), 4)", ""},
  };
  for (const auto& [source, bytes] : cases) EXPECT_EQ(bytes_of(value(source)), bytes) << source;
}

TEST_F(ValueBytes, OfWhatHasNoneAreAConversionError) {
  for (const std::string_view source :
       {"[1, 2]", "({})", "'text'", "1", "new Map()", "() => 1", "new Proxy(new Uint8Array(1), {})",
        "({buffer: new ArrayBuffer(1), byteLength: 1, byteOffset: 0})",
        "Object.create(new Uint8Array(1))", "2n ** 80n"}) {
    const Error error = error_of(
        value(source).with_bytes([](std::span<const std::byte>) { ADD_FAILURE() << "called"; }));
    EXPECT_EQ(error.code, Errc::conversion) << source << ": " << describe(error);
  }
}

TEST_F(ValueBytes, AreThoseOfTheScriptAndMayBeWritten) {
  const Value list = value("globalThis.list = new Uint8Array([1, 2, 3])");
  ASSERT_TRUE(list.with_bytes([](std::span<std::byte> bytes) {
    ASSERT_EQ(bytes.size(), 3U);
    bytes[1] = std::byte{200};
  }));
  EXPECT_TRUE(gives(vm_, "list.join()", "1,200,3"));
  const Value part = value("globalThis.whole = new Uint8Array(8); whole.subarray(2, 4)");
  ASSERT_TRUE(
      part.with_bytes([](std::span<std::byte> bytes) { std::ranges::fill(bytes, std::byte{9}); }));
  EXPECT_TRUE(gives(vm_, "whole.join('')", "00990000"));
}

TEST_F(ValueBytes, OfADetachedBufferAreNone) {
  for (const std::string_view view :
       {"buffer", "new Uint8Array(buffer)", "new Float64Array(buffer, 8)", "new DataView(buffer)",
        "new DataView(buffer, 8, 4)", "new Uint8Array(buffer, 4, 4)"}) {
    const Value it =
        value(fmt::format("(() => {{ const buffer = new ArrayBuffer(32); const view = {}; "
                          "globalThis.moved = buffer.transfer(); return view }})()",
                          view));
    std::size_t shown = 0;
    const Result<void> done =
        it.with_bytes([&](std::span<const std::byte> bytes) { shown = bytes.size(); });
    EXPECT_EQ(shown, 0U) << view;
    if (!done) {
      EXPECT_EQ(done.error().code, Errc::threw) << view << ": " << describe(done.error());
      EXPECT_EQ(done.error().name, "TypeError") << view;
    }
    EXPECT_TRUE(works(vm_)) << view;
  }
}

/// Views of a buffer of the bytes 1 to 4 that may be resized.
constexpr std::string_view kResizable = R"(
    globalThis.buffer = new ArrayBuffer(4, {maxByteLength: 4096});
    new Uint8Array(buffer).set([1, 2, 3, 4]);
    globalThis.tracking = new Uint8Array(buffer);
    globalThis.tail = new Uint8Array(buffer, 2);
    globalThis.fixed = new Uint8Array(buffer, 1, 2);
    globalThis.view = new DataView(buffer, 1);
    globalThis.window = new DataView(buffer, 1, 3);)";

TEST_F(ValueBytes, OfABufferThatMayBeResizedAreShown) {
  ASSERT_TRUE(vm_.eval(kResizable));
  EXPECT_EQ(bytes_of(value("buffer")), "01020304");
  EXPECT_EQ(bytes_of(value("tracking")), "01020304");
  EXPECT_EQ(bytes_of(value("tail")), "0304");
  EXPECT_EQ(bytes_of(value("fixed")), "0203");
  EXPECT_EQ(bytes_of(value("view")), "020304");
  EXPECT_EQ(bytes_of(value("window")), "020304");
}

TEST_F(ValueBytes, GrowWithTheBufferUnlessTheViewIsOfFixedLength) {
  ASSERT_TRUE(vm_.eval(kResizable));
  ASSERT_TRUE(vm_.eval("buffer.resize(6); tracking[5] = 6"));
  EXPECT_EQ(bytes_of(value("buffer")), "010203040006");
  EXPECT_EQ(bytes_of(value("tracking")), "010203040006");
  EXPECT_EQ(bytes_of(value("tail")), "03040006");
  EXPECT_EQ(bytes_of(value("fixed")), "0203");
  EXPECT_EQ(bytes_of(value("view")), "0203040006");
  EXPECT_EQ(bytes_of(value("window")), "020304");
}

TEST_F(ValueBytes, ShrinkWithTheBuffer) {
  for (const auto& [name, bytes] :
       std::initializer_list<std::pair<const char*, const char*>>{{"buffer", "010203"},
                                                                  {"tracking", "010203"},
                                                                  {"tail", "03"},
                                                                  {"fixed", "0203"},
                                                                  {"view", "0203"}}) {
    ASSERT_TRUE(vm_.reset());
    ASSERT_TRUE(vm_.eval(kResizable));
    ASSERT_TRUE(vm_.eval("buffer.resize(3)"));
    EXPECT_EQ(bytes_of(value(name)), bytes) << name;
    EXPECT_TRUE(works(vm_)) << name;
  }
}

TEST_F(ValueBytes, OfAViewThatIsOutOfBoundsAreNone) {
  for (const auto& [name, length] : std::initializer_list<std::pair<const char*, int>>{
           {"buffer", 0}, {"tracking", 0}, {"tail", 1}, {"fixed", 1}, {"view", 0}, {"window", 3}}) {
    ASSERT_TRUE(vm_.reset());
    ASSERT_TRUE(vm_.eval(kResizable));
    ASSERT_TRUE(vm_.eval(fmt::format("buffer.resize({})", length)));
    const Error error = error_of(value(name).with_bytes(
        [&](std::span<const std::byte> bytes) { EXPECT_TRUE(bytes.empty()) << name; }));
    EXPECT_TRUE(error.vm_usable) << name << ": " << describe(error);
    EXPECT_TRUE(works(vm_)) << name;
  }
}

TEST_F(ValueBytes, LargeBuffersComeWhole) {
  const Value big = value("globalThis.big = new Uint8Array(20e6); big[19999999] = 5; big");
  ASSERT_TRUE(big.with_bytes([](std::span<std::byte> bytes) {
    ASSERT_EQ(bytes.size(), 20'000'000U);
    EXPECT_EQ(bytes.back(), std::byte{5});
    bytes.front() = std::byte{6};
  }));
  EXPECT_TRUE(gives(vm_, "big[0]", "6"));
}

TEST_F(ValueBytes, AreFoundWithoutRunningScriptCode) {
  count_hits();
  ASSERT_TRUE(vm_.eval(R"(
    for (const [object, names] of [
        [Object.getPrototypeOf(Uint8Array.prototype), ['buffer', 'byteLength', 'byteOffset', 'length']],
        [DataView.prototype, ['buffer', 'byteLength', 'byteOffset']],
        [ArrayBuffer.prototype, ['byteLength']]])
      for (const name of names) Object.defineProperty(object, name, {get: hit});
    0)"));
  for (const std::string_view source :
       {"new Uint8Array([1])", "new ArrayBuffer(1)", "new DataView(new ArrayBuffer(1))"}) {
    std::size_t shown = 0;
    EXPECT_TRUE(value(source).with_bytes([&](std::span<const std::byte> b) { shown = b.size(); }));
    EXPECT_EQ(shown, 1U) << source;
  }
  EXPECT_EQ(hits(), 0);
}

TEST_F(ValueBytes, WhileTheyAreShownWhateverRunsTheVmIsRefused) {
  const Value list = value("globalThis.list = new Uint8Array([1])");
  const Value object = value("({x: 1})");
  const Value function = value("() => 1");
  const Value text = value("'te' + 'xt'");
  bool looked = false;
  const Result<void> done = list.with_bytes([&](std::span<std::byte>) {
    looked = true;
    const std::pair<std::string_view, Error> refused[] = {
        {"eval", error_of(vm_.eval("list.buffer.transfer()"))},
        {"import", error_of(vm_.import("x"))},
        {"get", error_of(object.get("x"))},
        {"set", error_of(object.set("x", 1))},
        {"has", error_of(object.has("x"))},
        {"remove", error_of(object.remove("x"))},
        {"keys", error_of(object.keys())},
        {"own_keys", error_of(object.own_keys())},
        {"length", error_of(object.length())},
        {"prototype", error_of(object.prototype())},
        {"call", error_of(function.call())},
        {"construct", error_of(function.construct())},
        {"invoke", error_of(object.invoke("toString"))},
        {"to_string", error_of(object.to_string())},
        {"to_number", error_of(object.to_number())},
        {"to_json", error_of(object.to_json())},
        {"to_display", error_of(object.to_display())},
        {"to_string of a string", error_of(text.to_string())},
        {"strict_equals", error_of(object.strict_equals(function))},
        {"instance_of", error_of(object.instance_of(function))},
        {"make", error_of(vm_.make("text"))},
        {"object", error_of(vm_.object())},
        {"array_buffer", error_of(vm_.array_buffer({}))},
        {"bigint", error_of(vm_.bigint("5"))},
        {"global set", error_of(vm_.set("x", "text"))},
        {"collect_garbage", error_of(vm_.collect_garbage())},
        {"reset", error_of(vm_.reset())},
        {"with_bytes", error_of(list.with_bytes([](std::span<std::byte>) { ADD_FAILURE(); }))},
        {"as string", error_of(text.as<std::string>())},
        {"as vector", error_of(list.as<std::vector<int>>())},
    };
    for (const auto& [what, error] : refused) {
      EXPECT_EQ(to_string(error.code), "invalid_argument") << what << ": " << describe(error);
      EXPECT_TRUE(error.vm_usable) << what;
    }
  });
  EXPECT_TRUE(done) << describe(done.error());
  EXPECT_TRUE(looked);
  EXPECT_TRUE(gives(vm_, "list.length + ',' + list.buffer.detached", "1,false"));
  EXPECT_EQ(told(object.get("x")), "1");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueBytes, WhileTheyAreShownAScopeRunsNothing) {
  const Value list = value("new Uint8Array([1])");
  ASSERT_TRUE(list.with_bytes([&](std::span<std::byte>) {
    Scope scope(vm_);
    EXPECT_EQ(code_of(vm_.eval("1")), "invalid_argument");
    EXPECT_EQ(code_of(scope.close()), "invalid_argument");
  }));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueBytes, WhileTheyAreShownValuesStillTellWhatTheyAre) {
  const Value list = value("new Uint8Array([1])");
  const Value function = value("() => 1");
  ASSERT_TRUE(list.with_bytes([&](std::span<std::byte>) {
    EXPECT_EQ(to_string(list.brand()), "typed_array");
    EXPECT_EQ(to_string(function.type()), "function");
    EXPECT_EQ(function.type_of(), "function");
    EXPECT_TRUE(Value::number(1).is_number());
  }));
}

TEST_F(ValueBytes, WhileTheyAreShownHandlesMayBeDroppedAndCloned) {
  std::vector<Value> many;
  for (int i = 0; i < 600; ++i) many.push_back(value("({})"));
  const Value list = value("new Uint8Array([1])");
  Value copy;
  for (const bool in_scope : {false, true}) {
    std::optional<Scope> scope;
    if (in_scope) scope.emplace(vm_);
    ASSERT_TRUE(list.with_bytes([&](std::span<std::byte>) {
      many.resize(in_scope ? 0 : 300);
      copy = list.clone();
    }));
    EXPECT_EQ(told(copy.strict_equals(list)), "true");
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueBytes, AnExceptionOfTheHostUnlocksTheVm) {
  const Value list = value("new Uint8Array([1])");
  EXPECT_THROW(static_cast<void>(
                   list.with_bytes([](std::span<std::byte>) { throw std::runtime_error("host"); })),
               std::runtime_error);
  EXPECT_TRUE(works(vm_));
}

TEST_F(ValueBytes, TheRuntimeMayGoWhileTheyAreShown) {
  std::optional<Runtime> vm(make_runtime());
  const Value list = made_by(*vm, "new Uint8Array([1, 2, 3])");
  ASSERT_TRUE(list.with_bytes([&](std::span<std::byte> bytes) {
    vm.reset();
    EXPECT_EQ(bytes[2], std::byte{3}) << "the bytes stay as long as they are looked at";
  }));
  EXPECT_EQ(code_of(list.to_string()), "closed");
}

TEST_F(ValueBytes, AreShownInsideHostFunctionsAndScopes) {
  ASSERT_TRUE(vm_.set("fill", [](const Value& list, int with) {
    return list.with_bytes([&](std::span<std::byte> bytes) {
      std::ranges::fill(bytes, static_cast<std::byte>(with));
    });
  }));
  EXPECT_TRUE(gives(vm_, "const l = new Uint8Array(3); fill(l, 8); l.join()", "8,8,8"));
  Scope scope(vm_);
  EXPECT_EQ(bytes_of(value("new Uint8Array([3])")), "03");
  EXPECT_TRUE(scope.close());
}

}  // namespace
}  // namespace sandglass::test
