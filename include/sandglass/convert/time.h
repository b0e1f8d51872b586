#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sandglass/convert.h"

namespace sandglass {

/// A point in system time <-> Date, to the millisecond (rounded down, as Date has no finer one). A
/// finer or coarser time_point of C++ is cut to its own precision. An Invalid Date does not fit.
template <class D>
struct Convert<std::chrono::sys_time<D>> {
  using Time = std::chrono::sys_time<D>;
  static Result<Value> to_js(Context& context, Time time) {
    constexpr double kMaxMilliseconds = 8.64e15;  // ECMA-262, Time Values and Time Range
    // Roughly first: a coarse time may be beyond what milliseconds can count.
    const std::chrono::duration<double, std::milli> rough = time.time_since_epoch();
    if (!(std::abs(rough.count()) <= kMaxMilliseconds)) {
      return std::unexpected(out_of_range("the time is beyond what a Date can hold"));
    }
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
    return context.date(static_cast<double>(milliseconds.time_since_epoch().count()));
  }
  static Result<Time> from_js(const Value& value) {
    const Result<double> count = detail::Access::date_milliseconds(value);
    if (!count) return std::unexpected(count.error());
    if (!std::isfinite(*count)) return std::unexpected(out_of_range("the Date is invalid"));
    // What D counts from the epoch must fit its representation.
    using Ticks = std::numeric_limits<typename D::rep>;
    const double ticks = *count / 1000 * D::period::den / D::period::num;
    if (ticks < static_cast<double>(Ticks::lowest()) ||
        ticks >= static_cast<double>(Ticks::max())) {
      return std::unexpected(out_of_range("the Date is beyond what the time_point can hold"));
    }
    const std::chrono::sys_time<std::chrono::milliseconds> time(
        std::chrono::milliseconds(static_cast<std::int64_t>(*count)));
    return std::chrono::floor<D>(time);
  }
};

}  // namespace sandglass
