#include "cli/limit_options.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "cli/units.h"

namespace sandglass::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

using Set = std::expected<void, std::string>;

// The library checks its ranges too; here they are for messages that name the option.
constexpr SizeRange kMemoryRange{std::uint64_t{2} << 20, (std::uint64_t{4} << 30) - (64 << 10),
                                 "4GiB less 64KiB"};
constexpr SizeRange kStackRange{std::uint64_t{64} << 10, std::uint64_t{16} << 20, {}};
constexpr SizeRange kOutputRange{};
constexpr DurationRange kTimeRange{milliseconds{1}};
constexpr DurationRange kGraceRange{nanoseconds{0}, seconds{1}};

template <class T>
Set put(T& field, Parsed<T> parsed) {
  if (!parsed) {
    return std::unexpected(std::move(parsed.error()));
  }
  field = *parsed;
  return {};
}

std::string text_of(const std::optional<nanoseconds>& limit) {
  return limit ? format_duration(*limit) : "none";
}

const std::array<LimitOption, 7>& table() {
  static const std::array<LimitOption, 7> options{{
      {"memory", "SIZE", "Memory of the VM", describe(kMemoryRange), true,
       [](Limits& limits, std::string_view text) {
         return put(limits.memory_bytes, parse_size(text, kMemoryRange));
       },
       [](const Limits& limits) { return format_size(limits.memory_bytes); }},
      {"stack", "SIZE", "Stack of the script", describe(kStackRange), true,
       [](Limits& limits, std::string_view text) {
         return put(limits.stack_bytes, parse_size(text, kStackRange));
       },
       [](const Limits& limits) { return format_size(limits.stack_bytes); }},
      {"time", "DURATION", "Wall-clock time", describe(kTimeRange) + ", or none", true,
       [](Limits& limits, std::string_view text) {
         return put(limits.wall_time, parse_optional_duration(text, kTimeRange));
       },
       [](const Limits& limits) { return text_of(limits.wall_time); }},
      {"cpu-time", "DURATION", "Processor time", describe(kTimeRange) + ", or none", true,
       [](Limits& limits, std::string_view text) {
         return put(limits.cpu_time, parse_optional_duration(text, kTimeRange));
       },
       [](const Limits& limits) { return text_of(limits.cpu_time); }},
      {"grace", "DURATION", "How long it may compute after its time is up", describe(kGraceRange),
       true,
       [](Limits& limits, std::string_view text) {
         return put(limits.grace, parse_duration(text, kGraceRange));
       },
       [](const Limits& limits) { return format_duration(limits.grace); }},
      {"fuel", "COUNT", "Work in units of 10,000 polls (calls and jumps)", "1 or more, or none",
       false,
       [](Limits& limits, std::string_view text) {
         return put(limits.fuel, parse_optional_count(text));
       },
       [](const Limits& limits) {
         return limits.fuel ? std::to_string(*limits.fuel) : std::string("none");
       }},
      {"output", "SIZE", "Bytes that the script may print", describe(kOutputRange), false,
       [](Limits& limits, std::string_view text) {
         return put(limits.output_bytes, parse_size(text, kOutputRange));
       },
       [](const Limits& limits) { return format_size(limits.output_bytes); }},
  }};
  return options;
}

}  // namespace

std::span<const LimitOption> limit_options() {
  return table();
}

const LimitOption* find_limit_option(std::string_view name) {
  const auto at = std::ranges::find(table(), name, &LimitOption::name);
  return at == table().end() ? nullptr : &*at;
}

}  // namespace sandglass::cli
