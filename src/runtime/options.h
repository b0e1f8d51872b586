// Whether options are in range.
#pragma once

#include <optional>

#include "sandglass/error.h"
#include "sandglass/options.h"

namespace date {
class time_zone;
}

namespace sandglass::runtime {

/// The first option that is out of its documented range, as Errc::invalid_argument.
[[nodiscard]] std::optional<Error> find_invalid(const Options& options);
[[nodiscard]] std::optional<Error> find_invalid(const Limits& limits);
[[nodiscard]] std::optional<Error> find_invalid(const Grants& grants);

/// Null: the system's tz database has none of this name.
[[nodiscard]] const date::time_zone* find_time_zone(const std::string& name);

/// "64 MiB", "512 KiB", "10 B": the largest unit that divides `bytes`.
[[nodiscard]] std::string format_bytes(std::uint64_t bytes);

/// "5 s", "50 ms", "1500 us": the largest unit that divides `duration`.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace sandglass::runtime
