// How the engine encodes a JavaScript value in 64 bits. Not part of the API: headers need it so
// that numbers and booleans cross the boundary without a call.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace sandglass::detail {

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
  /// An integer where `value` is one of 32 bits and not -0, as the engine itself prefers.
  [[nodiscard]] static JsValue number(double value) noexcept {
    // In range first: the conversion of any other double is undefined.
    if (value >= -2147483648.0 && value <= 2147483647.0) {
      const auto whole = static_cast<std::int32_t>(value);
      if (static_cast<double>(whole) == value && (whole != 0 || !std::signbit(value))) {
        return integer(whole);
      }
    }
    // One NaN only: others would be read as tags.
    const std::uint64_t raw =
        value != value ? std::uint64_t{0x7ff8} << 48 : std::bit_cast<std::uint64_t>(value);
    return {raw - kFloat64Offset};
  }

  [[nodiscard]] constexpr Tag tag() const noexcept {
    const auto high = static_cast<std::int32_t>(bits >> 32);
    // Everything outside of the tags is the high word of a shifted double; any bits may come.
    return high < static_cast<std::int32_t>(Tag::bigint) ||
                   high > static_cast<std::int32_t>(Tag::short_bigint)
               ? Tag::float64
               : static_cast<Tag>(high);  // NOLINT(clang-analyzer-optin.core.EnumCastOutOfRange)
  }
  [[nodiscard]] constexpr bool is_exception() const noexcept { return tag() == Tag::exception; }
  [[nodiscard]] constexpr bool is_object() const noexcept { return tag() == Tag::object; }
  [[nodiscard]] constexpr bool is_undefined() const noexcept { return tag() == Tag::undefined; }
  [[nodiscard]] constexpr bool is_integer() const noexcept { return (bits >> 32) == 0; }
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
  /// Of a number of either kind.
  [[nodiscard]] double as_number() const noexcept {
    return is_integer() ? as_integer() : as_float64();
  }

  friend constexpr bool operator==(JsValue, JsValue) noexcept = default;

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

}  // namespace sandglass::detail
