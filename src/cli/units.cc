#include "cli/units.h"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t scale;  // bytes, or nanoseconds
};

constexpr std::array<Unit, 7> kSizeUnits{{
    {"B", 1},
    {"KiB", std::uint64_t{1} << 10},
    {"MiB", std::uint64_t{1} << 20},
    {"GiB", std::uint64_t{1} << 30},
    {"KB", 1'000},
    {"MB", 1'000'000},
    {"GB", 1'000'000'000},
}};

constexpr std::array<Unit, 4> kDurationUnits{{
    {"us", 1'000},
    {"ms", 1'000'000},
    {"s", 1'000'000'000},
    {"m", 60'000'000'000},
}};

constexpr std::string_view kDigits = "0123456789";

// With more digits, the fraction times the largest unit (a minute) would not fit 64 bits.
constexpr std::size_t kMaxFractionDigits = 6;

char to_lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

std::string unit_names(std::span<const Unit> units) {
  std::string names;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (i > 0) {
      names += i + 1 == units.size() ? " or " : ", ";
    }
    names += units[i].name;
  }
  return names;
}

// "12.5MiB" → whole "12", fraction "5", unit "MiB".
struct Quantity {
  std::string_view whole;
  std::string_view fraction;
  std::string_view unit;
};

std::optional<Quantity> split(std::string_view text) {
  Quantity quantity;
  const std::size_t whole_end = std::min(text.find_first_not_of(kDigits), text.size());
  quantity.whole = text.substr(0, whole_end);
  text.remove_prefix(whole_end);
  if (quantity.whole.empty()) {
    return std::nullopt;
  }
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::size_t fraction_end = std::min(text.find_first_not_of(kDigits), text.size());
    quantity.fraction = text.substr(0, fraction_end);
    text.remove_prefix(fraction_end);
    if (quantity.fraction.empty() || quantity.fraction.size() > kMaxFractionDigits) {
      return std::nullopt;
    }
  }
  quantity.unit = text;
  return quantity;
}

// Digits only, so the one possible failure is that the number is too large.
std::optional<std::uint64_t> to_number(std::string_view digits) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    if (__builtin_mul_overflow(number, std::uint64_t{10}, &number) ||
        __builtin_add_overflow(number, static_cast<std::uint64_t>(digit - '0'), &number)) {
      return std::nullopt;
    }
  }
  return number;
}

// Rounds down to a whole byte or nanosecond. nullopt: does not fit 64 bits.
std::optional<std::uint64_t> scale(const Quantity& quantity, std::uint64_t unit_scale) {
  const std::optional<std::uint64_t> whole = to_number(quantity.whole);
  std::uint64_t result = 0;
  if (!whole || __builtin_mul_overflow(*whole, unit_scale, &result)) {
    return std::nullopt;
  }
  std::uint64_t divisor = 1;
  for (std::size_t i = 0; i < quantity.fraction.size(); ++i) {
    divisor *= 10;
  }
  const std::uint64_t fraction = to_number(quantity.fraction).value_or(0) * unit_scale / divisor;
  if (__builtin_add_overflow(result, fraction, &result)) {
    return std::nullopt;
  }
  return result;
}

bool is_negative_number(std::string_view text) {
  return text.size() > 1 && text[0] == '-' && kDigits.contains(text[1]);
}

enum class MissingUnit { means_one, is_an_error };

// The part that sizes and durations share. `what` is "size" or "duration".
Parsed<std::uint64_t> parse_quantity(std::string_view text, std::string_view what,
                                     std::span<const Unit> units, MissingUnit missing_unit,
                                     std::string_view range) {
  const auto refuse = [&](std::string_view why) -> Parsed<std::uint64_t> {
    return std::unexpected(fmt::format("'{}' {} (range: {})", text, why, range));
  };
  if (is_negative_number(text)) {
    return refuse("is negative");
  }
  const std::optional<Quantity> quantity = split(text);
  if (!quantity) {
    return refuse(
        fmt::format("is not a {}: write a number and a unit, {}", what, unit_names(units)));
  }
  std::uint64_t unit_scale = 1;
  if (quantity->unit.empty()) {
    if (missing_unit == MissingUnit::is_an_error) {
      return refuse(fmt::format("has no unit: add {}", unit_names(units)));
    }
  } else {
    const auto unit = std::ranges::find_if(units, [&](const Unit& candidate) {
      return same_ignoring_case(candidate.name, quantity->unit);
    });
    if (unit == units.end()) {
      return refuse(
          fmt::format("has the unknown unit '{}': use {}", quantity->unit, unit_names(units)));
    }
    unit_scale = unit->scale;
  }
  const std::optional<std::uint64_t> result = scale(*quantity, unit_scale);
  if (!result) {
    return refuse("is out of range");
  }
  return *result;
}

}  // namespace

Parsed<std::uint64_t> parse_size(std::string_view text, const SizeRange& range) {
  Parsed<std::uint64_t> size =
      parse_quantity(text, "size", kSizeUnits, MissingUnit::means_one, describe(range));
  if (size && (*size < range.min || *size > range.max)) {
    return std::unexpected(fmt::format("'{}' is out of range (range: {})", text, describe(range)));
  }
  return size;
}

Parsed<std::chrono::nanoseconds> parse_duration(std::string_view text, const DurationRange& range) {
  const Parsed<std::uint64_t> count =
      parse_quantity(text, "duration", kDurationUnits, MissingUnit::is_an_error, describe(range));
  if (!count) {
    return std::unexpected(count.error());
  }
  const auto min = static_cast<std::uint64_t>(range.min.count());
  const auto max = static_cast<std::uint64_t>(range.max.count());
  if (*count < min || *count > max) {
    return std::unexpected(fmt::format("'{}' is out of range (range: {})", text, describe(range)));
  }
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*count));
}

Parsed<std::optional<std::chrono::nanoseconds>> parse_optional_duration(
    std::string_view text, const DurationRange& range) {
  if (text == "none") {
    return std::nullopt;
  }
  Parsed<std::chrono::nanoseconds> duration = parse_duration(text, range);
  if (!duration) {
    return std::unexpected(duration.error() + "; 'none' turns the limit off");
  }
  return *duration;
}

Parsed<std::optional<std::uint64_t>> parse_optional_count(std::string_view text) {
  if (text == "none") {
    return std::nullopt;
  }
  const bool all_digits = !text.empty() && text.find_first_not_of(kDigits) == text.npos;
  const std::optional<std::uint64_t> count = all_digits ? to_number(text) : std::nullopt;
  if (!count || *count == 0) {
    return std::unexpected(
        fmt::format("'{}' is not a whole number of at least 1; 'none' turns the limit off", text));
  }
  return *count;
}

std::string format_size(std::uint64_t bytes) {
  for (const std::size_t i : {3U, 2U, 1U}) {
    if (bytes != 0 && bytes % kSizeUnits[i].scale == 0) {
      return fmt::format("{}{}", bytes / kSizeUnits[i].scale, kSizeUnits[i].name);
    }
  }
  return fmt::format("{}B", bytes);
}

std::string format_duration(std::chrono::nanoseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  // Minutes are read but not written: "90s" needs no thought, "1.5m" does.
  for (const std::size_t i : {2U, 1U}) {
    if (count % kDurationUnits[i].scale == 0 && (count != 0 || i == 1)) {
      return fmt::format("{}{}", count / kDurationUnits[i].scale, kDurationUnits[i].name);
    }
  }
  return fmt::format("{}us", count / kDurationUnits[0].scale);
}

std::string describe(const SizeRange& range) {
  if (range.max == SizeRange{}.max) {
    return range.min == 0 ? "any size" : format_size(range.min) + " or more";
  }
  return fmt::format("{} to {}", format_size(range.min),
                     range.max_text.empty() ? format_size(range.max) : range.max_text);
}

std::string describe(const DurationRange& range) {
  if (range.max == DurationRange{}.max) {
    return format_duration(range.min) + " or more";
  }
  return fmt::format("{} to {}", format_duration(range.min), format_duration(range.max));
}

std::string round_size(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 3> kBinaryUnits{"KiB", "MiB", "GiB"};
  if (bytes < 1024) {
    return fmt::format("{}B", bytes);
  }
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1024 && unit + 1 < kBinaryUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return fmt::format("{:.{}f}{}", size, size < 10 ? 1 : 0, kBinaryUnits[unit]);
}

}  // namespace sandglass::cli
