#pragma once

#include <string_view>

#include "cli/units.h"
#include "sandglass/clock.h"

namespace sandglass::cli {

/// "2024-02-29", "2024-02-29T12:30Z", "2024-02-29T12:30:00.250Z": ISO 8601 in UTC, from 1970 to
/// 2199. A time of day without the Z is refused, because nobody can tell which zone was meant.
[[nodiscard]] Parsed<Clock::Time> parse_instant(std::string_view text);

}  // namespace sandglass::cli
