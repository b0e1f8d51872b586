// The engine's encoding of JavaScript values, and addresses of its structures.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace sandglass::engine {

/// Address of a T in guest memory. Says nothing about whether it is valid: it came from the guest,
/// or goes there, and is checked where it is used.
template <class T>
struct GuestPtr {
  std::uint32_t address = 0;
  [[nodiscard]] explicit operator bool() const noexcept { return address != 0; }
};

// Structures of the engine that we only pass around.
struct JSRuntime;
struct JSContext;

/// Kinds of values, as quickjs.h (JS_TAG_*) numbers them for 32-bit targets.
enum class Tag : std::int32_t {
  bigint = -9,
  symbol = -8,
  string = -7,
  string_rope = -6,
  module = -3,
  function_bytecode = -2,
  object = -1,
  integer = 0,
  boolean = 1,
  null = 2,
  undefined = 3,
  uninitialized = 4,
  exception = 6,
  short_bigint = 7,
  float64 = 8,
};

/// A JSValue of the guest: 64 bits, NaN-boxed. Plain bits: owns nothing, promises nothing. Any bits
/// are a possible value, since the guest may hand us any.
struct JsValue {
  std::uint64_t bits = make(Tag::undefined, 0);

  [[nodiscard]] static constexpr JsValue undefined() noexcept { return {make(Tag::undefined, 0)}; }
  [[nodiscard]] static constexpr JsValue null() noexcept { return {make(Tag::null, 0)}; }
  [[nodiscard]] static constexpr JsValue exception() noexcept { return {make(Tag::exception, 0)}; }
  [[nodiscard]] static constexpr JsValue integer(std::int32_t value) noexcept {
    return {make(Tag::integer, static_cast<std::uint32_t>(value))};
  }
  [[nodiscard]] static constexpr JsValue boolean(bool value) noexcept {
    return {make(Tag::boolean, value ? 1 : 0)};
  }

  [[nodiscard]] constexpr Tag tag() const noexcept {
    const auto high = static_cast<std::int32_t>(bits >> 32);
    // Everything outside of the tags is the high word of a shifted double.
    return high < static_cast<std::int32_t>(Tag::bigint) ||
                   high > static_cast<std::int32_t>(Tag::short_bigint)
               ? Tag::float64
               : static_cast<Tag>(high);
  }
  [[nodiscard]] constexpr bool is_exception() const noexcept { return tag() == Tag::exception; }
  [[nodiscard]] constexpr bool is_object() const noexcept { return tag() == Tag::object; }
  [[nodiscard]] constexpr bool is_string() const noexcept {
    return tag() == Tag::string || tag() == Tag::string_rope;
  }
  /// Whether the engine counts references to what it denotes.
  [[nodiscard]] constexpr bool is_counted() const noexcept {
    return static_cast<std::int32_t>(bits >> 32) < 0 && tag() != Tag::float64;
  }

  [[nodiscard]] constexpr std::int32_t as_integer() const noexcept {
    return static_cast<std::int32_t>(bits);
  }
  [[nodiscard]] constexpr bool as_boolean() const noexcept { return (bits & 0xffffffff) != 0; }
  [[nodiscard]] double as_float64() const noexcept {
    return std::bit_cast<double>(bits + kFloat64Offset);
  }

 private:
  // JS_FLOAT64_TAG_ADDEND of quickjs.h: 0x7ff80000 + number of tags, in the high word.
  static constexpr std::uint64_t kFloat64Offset = std::uint64_t{0x7ff8000A} << 32;

  [[nodiscard]] static constexpr std::uint64_t make(Tag tag, std::uint32_t low) noexcept {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(tag)) << 32) | low;
  }
};

static_assert(JsValue::integer(-1).tag() == Tag::integer);
static_assert(JsValue::integer(-1).as_integer() == -1);
static_assert(JsValue::exception().is_exception() && !JsValue::exception().is_counted());

}  // namespace sandglass::engine
