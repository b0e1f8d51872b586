// Numbers that are more than an instruction.
#include "sandglass/convert/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "runtime/text.h"

namespace sandglass::runtime {

// ECMA-262, Number::toString with radix 10.
std::string number_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
  if (number == 0) return "0";
  if (number < 0) return "-" + number_text(-number);
  // Shortest digits that are the same number again: "d.ddde[+-]xx".
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  std::string digits(text.substr(0, e));
  std::erase(digits, '.');
  int exponent = 0;
  const std::size_t exponent_at = e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(text.data() + exponent_at, end, exponent);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // where the decimal point is, in digits from the left
  if (count <= point && point <= 21) return digits + std::string(point - count, '0');
  if (0 < point && point <= 21) return digits.insert(static_cast<std::size_t>(point), 1, '.');
  if (-6 < point && point <= 0) return "0." + std::string(-point, '0') + digits;
  if (count > 1) digits.insert(1, 1, '.');
  return fmt::format("{}e{}{}", digits, point > 0 ? "+" : "-", std::abs(point - 1));
}

}  // namespace sandglass::runtime

namespace sandglass::detail {

Error not_an_integer(const Value& got, std::string_view type) {
  if (!got.is_number() && !got.is_bigint()) return mismatch(type, got);
  const Result<std::string> text = got.summary();
  return out_of_range(fmt::format("{} is not {} {}", text.value_or("the number"),
                                  type.starts_with('i') ? "an" : "a", type));
}

std::optional<Uint128> parse_uint128(std::string_view decimal) noexcept {
  constexpr Uint128 kMax = ~Uint128{0};
  if (decimal.empty()) return std::nullopt;
  Uint128 value = 0;
  for (const char c : decimal) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (value > (kMax - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::optional<Int128> parse_int128(std::string_view decimal) noexcept {
  const bool negative = decimal.starts_with('-');
  const auto magnitude = parse_uint128(negative ? decimal.substr(1) : decimal);
  constexpr Uint128 kLimit = Uint128{1} << 127;
  if (!magnitude || *magnitude > kLimit || (!negative && *magnitude == kLimit)) {
    return std::nullopt;
  }
  // Negated unsigned, where the smallest value has its own magnitude.
  return static_cast<Int128>(negative ? Uint128{0} - *magnitude : *magnitude);
}

std::string to_decimal(Uint128 value) {
  std::string digits;
  do {
    digits.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::ranges::reverse(digits);
  return digits;
}

std::string to_decimal(Int128 value) {
  const auto bits = static_cast<Uint128>(value);
  return value < 0 ? "-" + to_decimal(Uint128{0} - bits) : to_decimal(bits);
}

}  // namespace sandglass::detail
