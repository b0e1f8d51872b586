// Numbers that are more than an instruction.
#include "sandglass/convert/numbers.h"

#include <algorithm>

#include <fmt/format.h>

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
