#include "cli/instant.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr int kNanosecondDigits = 9;

bool take(std::string_view& text, char expected) {
  if (!text.starts_with(expected)) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

// Exactly `digits` of them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  const std::string_view number = text.substr(0, digits);
  if (number.size() < digits || number.find_first_not_of(kDigits) != number.npos) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  int value = 0;
  for (const char digit : number) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  const bool first = take(text, '-');
  const auto month = take_number(text, 2);
  const bool second = take(text, '-');
  const auto day = take_number(text, 2);
  if (!year || !month || !day || !first || !second || *year < 1970 || *year > 2199) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
  std::chrono::nanoseconds result{0};
  const std::size_t digits = std::min(text.find_first_not_of(kDigits), text.size());
  if (digits < 1 || digits > kNanosecondDigits) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < kNanosecondDigits; ++i) {
    result = result * 10 + std::chrono::nanoseconds(i < digits ? text[i] - '0' : 0);
  }
  text.remove_prefix(digits);
  return result;
}

std::optional<std::chrono::nanoseconds> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  const bool separated = take(text, ':');
  const auto minute = take_number(text, 2);
  std::optional<int> second = 0;
  std::optional<std::chrono::nanoseconds> fraction{0};
  if (take(text, ':')) {
    second = take_number(text, 2);
    if (take(text, '.')) {
      fraction = take_fraction(text);
    }
  }
  if (!hour || !separated || !minute || !second || !fraction || *hour > 23 || *minute > 59 ||
      *second > 59) {
    return std::nullopt;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(*second) +
         *fraction;
}

}  // namespace

Parsed<Clock::Time> parse_instant(std::string_view text) {
  std::string_view rest = text;
  const auto date = take_date(rest);
  std::optional<std::chrono::nanoseconds> time{0};
  if (date && take(rest, 'T')) {
    time = take_time_of_day(rest);
    time = time && take(rest, 'Z') ? time : std::nullopt;
  }
  if (!date || !time || !rest.empty()) {
    return std::unexpected(fmt::format(
        "'{}' is no time: write it as 2024-02-29 or 2024-02-29T12:30:00Z (1970 to 2199)", text));
  }
  return *date + *time;
}

}  // namespace sandglass::cli
