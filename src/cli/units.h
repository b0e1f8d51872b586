#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

// Sizes, durations and counts as people write them on a command line.
namespace sandglass::cli {

/// A parsed value, or a sentence that tells what is wrong with the text and what is allowed.
template <class T>
using Parsed = std::expected<T, std::string>;

struct SizeRange {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  /// How to write `max` if "4194240KiB" would not help anybody.
  std::string_view max_text;
};

struct DurationRange {
  std::chrono::nanoseconds min{0};
  std::chrono::nanoseconds max = std::chrono::nanoseconds::max();
};

/// "64MiB", "1.5KiB", "20KB", "4096". Units: B, KiB, MiB, GiB (powers of 1024) and KB, MB, GB
/// (powers of 1000), in any case; no unit means bytes.
[[nodiscard]] Parsed<std::uint64_t> parse_size(std::string_view text, const SizeRange& range);

/// "200ms", "1.5s". Units: us, ms, s, m; a number without a unit is refused, because nobody can
/// tell which one was meant.
[[nodiscard]] Parsed<std::chrono::nanoseconds> parse_duration(std::string_view text,
                                                              const DurationRange& range);

/// As parse_duration; "none" gives nullopt.
[[nodiscard]] Parsed<std::optional<std::chrono::nanoseconds>> parse_optional_duration(
    std::string_view text, const DurationRange& range);

/// A whole number of at least 1; "none" gives nullopt.
[[nodiscard]] Parsed<std::optional<std::uint64_t>> parse_optional_count(std::string_view text);

/// The shortest exact text that parse_size reads back: "64MiB", "1000B".
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// About how much, for people: "1.7MiB", "103KiB".
[[nodiscard]] std::string round_size(std::uint64_t bytes);

/// The shortest exact text that parse_duration reads back, for whole microseconds: "5s", "1500us".
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

/// "64KiB to 16MiB"; "any size" if the range excludes nothing.
[[nodiscard]] std::string describe(const SizeRange& range);

/// "1ms or more", "0ms to 1s".
[[nodiscard]] std::string describe(const DurationRange& range);

}  // namespace sandglass::cli
