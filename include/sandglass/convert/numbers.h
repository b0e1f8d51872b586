#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sandglass/convert.h"

namespace sandglass {

// Numbers. An integer is never wrapped, rounded or cut: what does not fit is a RangeError.

namespace detail {

// 128-bit integers are an extension of both compilers.
__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

template <class T>
concept Character = std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
                    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
template <class T>
concept SmallInteger =
    std::integral<T> && !std::same_as<T, bool> && !Character<T> && sizeof(T) <= 8;

/// Largest integer of which every smaller one is a number of its own in JavaScript.
inline constexpr std::int64_t kMaxSafeInteger = (std::int64_t{1} << 53) - 1;

template <class T>
constexpr std::string_view integer_name() {
  constexpr std::string_view kSigned[] = {"int8", "int16", "int32", "int64"};
  constexpr std::string_view kUnsigned[] = {"uint8", "uint16", "uint32", "uint64"};
  constexpr int kAt = sizeof(T) == 1 ? 0 : sizeof(T) == 2 ? 1 : sizeof(T) == 4 ? 2 : 3;
  return std::is_signed_v<T> ? kSigned[kAt] : kUnsigned[kAt];
}

[[nodiscard]] Error not_an_integer(const Value& got, std::string_view type);

/// `decimal` digits with an optional '-' as a 128-bit integer; nullopt if it does not fit.
[[nodiscard]] std::optional<Int128> parse_int128(std::string_view decimal) noexcept;
[[nodiscard]] std::optional<Uint128> parse_uint128(std::string_view decimal) noexcept;
[[nodiscard]] std::string to_decimal(Int128 value);
[[nodiscard]] std::string to_decimal(Uint128 value);

}  // namespace detail

template <>
struct Convert<bool> {
  static Result<Value> to_js(Context&, bool value) { return Value::boolean(value); }
  static Result<bool> from_js(const Value& value) {
    const detail::JsValue js = detail::Access::js(value);
    if (js.tag() != detail::Tag::boolean) return std::unexpected(mismatch("boolean", value));
    return js.as_boolean();
  }
};

/// Integers up to 64 bits <-> a number, or beyond 2^53 - 1 a BigInt; either is taken from
/// JavaScript if it is whole and in range.
template <detail::SmallInteger T>
struct Convert<T> {
  static Result<Value> to_js(Context& context, T value) {
    if (std::in_range<std::int32_t>(value)) return Value::number(static_cast<std::int32_t>(value));
    if (std::cmp_less_equal(value, detail::kMaxSafeInteger) &&
        std::cmp_greater_equal(value, -detail::kMaxSafeInteger)) {
      return Value::number(static_cast<double>(value));
    }
    if constexpr (std::is_signed_v<T>) {
      return context.bigint(std::int64_t{value});
    } else {
      return context.bigint(std::uint64_t{value});
    }
  }

  static Result<T> from_js(const Value& value) {
    const detail::JsValue js = detail::Access::js(value);
    if (js.is_integer()) [[likely]] {
      if (std::in_range<T>(js.as_integer())) [[likely]]
        return static_cast<T>(js.as_integer());
      return std::unexpected(detail::not_an_integer(value, detail::integer_name<T>()));
    }
    return from_other(value);
  }

 private:
  static Result<T> from_other(const Value& value) {
    if (value.is_bigint()) {
      if constexpr (std::is_signed_v<T>) {
        const auto big = detail::Access::bigint_int64(value);
        if (!big) return std::unexpected(big.error());
        if (*big && std::in_range<T>(**big)) return static_cast<T>(**big);
      } else {
        const auto big = detail::Access::bigint_uint64(value);
        if (!big) return std::unexpected(big.error());
        if (*big && std::in_range<T>(**big)) return static_cast<T>(**big);
      }
    } else if (value.is_number()) {
      const double number = detail::Access::js(value).as_number();
      // Whole, and small enough that no other number could have been meant.
      if (std::trunc(number) == number && std::abs(number) <= detail::kMaxSafeInteger) {
        const auto whole = static_cast<std::int64_t>(number);
        if (std::in_range<T>(whole)) return static_cast<T>(whole);
      }
    }
    return std::unexpected(detail::not_an_integer(value, detail::integer_name<T>()));
  }
};

/// double <-> number, float too; a number that is finite and beyond float's range does not fit.
template <std::floating_point T>
  requires(sizeof(T) <= sizeof(double))
struct Convert<T> {
  static Result<Value> to_js(Context&, T value) {
    return Value::number(static_cast<double>(value));
  }
  static Result<T> from_js(const Value& value) {
    if (!value.is_number()) return std::unexpected(mismatch("number", value));
    const double number = detail::Access::js(value).as_number();
    if constexpr (sizeof(T) < sizeof(double)) {
      if (std::isfinite(number) &&
          std::abs(number) > static_cast<double>(std::numeric_limits<T>::max())) {
        return std::unexpected(out_of_range(std::to_string(number) + " is not a float"));
      }
    }
    return static_cast<T>(number);
  }
};

/// 128-bit integers <-> BigInt, always; a whole number is taken too.
template <>
struct Convert<detail::Int128> {
  static Result<Value> to_js(Context& context, detail::Int128 value) {
    return context.bigint(std::string_view(detail::to_decimal(value)));
  }
  static Result<detail::Int128> from_js(const Value& value) {
    if (value.is_number()) return Convert<std::int64_t>::from_js(value);
    if (!value.is_bigint()) return std::unexpected(mismatch("bigint", value));
    const auto text = detail::Access::bigint_decimal(value);
    if (!text) return std::unexpected(text.error());
    const auto number = detail::parse_int128(*text);
    if (!number) return std::unexpected(out_of_range(*text + " is not an int128"));
    return *number;
  }
};
template <>
struct Convert<detail::Uint128> {
  static Result<Value> to_js(Context& context, detail::Uint128 value) {
    return context.bigint(std::string_view(detail::to_decimal(value)));
  }
  static Result<detail::Uint128> from_js(const Value& value) {
    if (value.is_number()) return Convert<std::uint64_t>::from_js(value);
    if (!value.is_bigint()) return std::unexpected(mismatch("bigint", value));
    const auto text = detail::Access::bigint_decimal(value);
    if (!text) return std::unexpected(text.error());
    const auto number = detail::parse_uint128(*text);
    if (!number) return std::unexpected(out_of_range(*text + " is not a uint128"));
    return *number;
  }
};

/// A BigInt of any size, as decimal digits with an optional '-'.
struct BigInt {
  std::string decimal = "0";
  friend bool operator==(const BigInt&, const BigInt&) = default;
};

template <>
struct Convert<BigInt> {
  static Result<Value> to_js(Context& context, const BigInt& value) {
    return context.bigint(std::string_view(value.decimal));
  }
  static Result<BigInt> from_js(const Value& value) {
    if (!value.is_bigint()) return std::unexpected(mismatch("bigint", value));
    auto text = detail::Access::bigint_decimal(value);
    if (!text) return std::unexpected(text.error());
    return BigInt{std::move(*text)};
  }
};

}  // namespace sandglass
