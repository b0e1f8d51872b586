#include "runtime/options.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "runtime/utf8.h"

namespace sandglass::runtime {
namespace {

using std::chrono::nanoseconds;

constexpr std::uint64_t kMinMemory = std::uint64_t{2} << 20;
constexpr std::uint64_t kMaxMemory = (std::uint64_t{4} << 30) - (64 << 10);
constexpr std::uint64_t kMinStack = 64 << 10;
constexpr std::uint64_t kMaxStack = 16 << 20;
constexpr nanoseconds kMinTime = std::chrono::milliseconds{1};
constexpr nanoseconds kMaxGrace = std::chrono::seconds{1};
constexpr nanoseconds kMinResolution = std::chrono::microseconds{1};
constexpr nanoseconds kMaxResolution = std::chrono::hours{1};
constexpr Clock::Time kMinInstant{};
// With Timers::kEnd on top it fits into 64 bits.
constexpr Clock::Time kMaxInstant{std::chrono::seconds{7'258'118'400}};  // the year 2200

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

std::optional<Error> check_bytes(std::string_view name, std::uint64_t bytes, std::uint64_t min,
                                 std::uint64_t max) {
  if (bytes >= min && bytes <= max) return std::nullopt;
  return invalid(fmt::format("{} of {} is out of range: {} to {}", name, format_bytes(bytes),
                             format_bytes(min), format_bytes(max)));
}

std::optional<Error> check_time(std::string_view name, std::optional<nanoseconds> time) {
  if (!time || *time >= kMinTime) return std::nullopt;
  return invalid(fmt::format("{} of {} is out of range: at least {}, or none", name,
                             format_duration(*time), format_duration(kMinTime)));
}

}  // namespace

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 4> kUnits = {"B", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && bytes != 0 && bytes % 1024 == 0) {
    bytes /= 1024;
    ++unit;
  }
  return fmt::format("{} {}", bytes, kUnits[unit]);
}

std::string format_duration(nanoseconds duration) {
  constexpr std::array<std::string_view, 4> kUnits = {"ns", "us", "ms", "s"};
  auto count = duration.count();
  std::size_t unit = 0;
  while (unit + 1 < kUnits.size() && count != 0 && count % 1000 == 0) {
    count /= 1000;
    ++unit;
  }
  return fmt::format("{} {}", count, kUnits[unit]);
}

std::optional<Error> find_invalid(const Limits& limits) {
  if (auto error = check_bytes("memory_bytes", limits.memory_bytes, kMinMemory, kMaxMemory))
    return error;
  if (auto error = check_bytes("stack_bytes", limits.stack_bytes, kMinStack, kMaxStack))
    return error;
  if (auto error = check_time("wall_time", limits.wall_time)) return error;
  if (auto error = check_time("cpu_time", limits.cpu_time)) return error;
  if (limits.grace < nanoseconds{0} || limits.grace > kMaxGrace) {
    return invalid(fmt::format("grace of {} is out of range: 0 to {}",
                               format_duration(limits.grace), format_duration(kMaxGrace)));
  }
  if (limits.fuel && *limits.fuel == 0)
    return invalid("fuel of 0 is out of range: at least 1, or none");
  return std::nullopt;
}

std::optional<Error> find_invalid(const Grants& grants) {
  const Clock& clock = grants.clock;
  if (clock.kind() == Clock::Kind::coarse &&
      (clock.resolution() < kMinResolution || clock.resolution() > kMaxResolution)) {
    return invalid(fmt::format("the clock's resolution of {} is out of range: {} to {}",
                               format_duration(clock.resolution()), format_duration(kMinResolution),
                               format_duration(kMaxResolution)));
  }
  if (clock.start() < kMinInstant || clock.start() > kMaxInstant) {
    return invalid("the clock's instant is out of range: 1970 to 2200");
  }
  if (grants.time_zone != "UTC" && find_time_zone(grants.time_zone) == nullptr) {
    return invalid(fmt::format("time_zone of '{}' is not in the system's tz database",
                               to_valid_utf8(grants.time_zone)));
  }
  for (const auto& [name, value] : grants.environment) {
    if (find_invalid_utf8(name) || find_invalid_utf8(value)) {
      return invalid("a name or value of the environment is not UTF-8");
    }
  }
  return std::nullopt;
}

std::optional<Error> find_invalid(const Options& options) {
  const Limits& limits = options.limits;
  if (auto error = find_invalid(limits)) return error;
  if (options.gc_threshold_bytes > limits.memory_bytes) {
    return invalid(
        fmt::format("gc_threshold_bytes of {} is out of range: at most memory_bytes ({})",
                    format_bytes(options.gc_threshold_bytes), format_bytes(limits.memory_bytes)));
  }
  for (const std::string& argument : options.arguments) {
    if (find_invalid_utf8(argument)) return invalid("an argument is not UTF-8");
  }
  if (find_invalid_utf8(options.script_name)) return invalid("script_name is not UTF-8");
  return find_invalid(options.grants);
}

}  // namespace sandglass::runtime
