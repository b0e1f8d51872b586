#pragma once

#include <chrono>
#include <cstdint>

namespace sandglass {

/// What time a script is told: by `Date`, `performance.now()`, timers and the console.
///
/// | clock          | `Date.now()`                | `performance.now()` | a timer of one hour |
/// |---|---|---|---|
/// | `none()`       | 2022-01-01T00:00:00Z        | 0                   | ends at once |
/// | `fixed(t)`     | t                           | 0                   | ends at once |
/// | `simulated(t)` | t, and what timers waited   | what timers waited  | ends at once |
/// | `coarse(r)`    | the system's, cut down to r | the same            | takes an hour |
/// | `system()`     | the system's                | since creation      | takes an hour |
///
/// Where time does not pass by itself, timers fire in the order in which they are due as soon as
/// the script waits for nothing else, that is, for no promise of the host. So a script without a
/// clock cannot measure time by timers either, and its runs are the same on every machine.
class Clock {
 public:
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;
  enum class Kind : std::uint8_t { none, fixed, simulated, coarse, system };

  /// 2022-01-01T00:00:00Z, as in the library fastschema/qjs.
  static constexpr Time kEpoch{std::chrono::seconds{1'640'995'200}};

  [[nodiscard]] static constexpr Clock none() noexcept {
    return {Kind::none, kEpoch, std::chrono::nanoseconds{0}};
  }
  /// Stands at `time`, which lies between 1970 and the year 2200.
  [[nodiscard]] static constexpr Clock fixed(Time time) noexcept {
    return {Kind::fixed, time, std::chrono::nanoseconds{0}};
  }
  /// Starts at `time` and goes on only when the script waits for a timer, and then at once; for
  /// fifty years, then it stands.
  [[nodiscard]] static constexpr Clock simulated(Time time = kEpoch) noexcept {
    return {Kind::simulated, time, std::chrono::nanoseconds{0}};
  }
  /// The system's clock, in steps of `resolution` (1 µs to 1 h): against attacks by timing. Timers
  /// are due at such steps, too.
  [[nodiscard]] static constexpr Clock coarse(std::chrono::nanoseconds resolution) noexcept {
    return {Kind::coarse, kEpoch, resolution};
  }
  [[nodiscard]] static constexpr Clock system() noexcept {
    return {Kind::system, kEpoch, std::chrono::nanoseconds{1}};
  }

  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  /// Of a clock that stands or is simulated.
  [[nodiscard]] constexpr Time start() const noexcept { return start_; }
  /// Of a clock of the system.
  [[nodiscard]] constexpr std::chrono::nanoseconds resolution() const noexcept {
    return resolution_;
  }
  /// Whether time passes by itself.
  [[nodiscard]] constexpr bool runs() const noexcept {
    return kind_ == Kind::coarse || kind_ == Kind::system;
  }

  friend constexpr bool operator==(const Clock&, const Clock&) = default;

 private:
  constexpr Clock(Kind kind, Time start, std::chrono::nanoseconds resolution) noexcept
      : kind_(kind), start_(start), resolution_(resolution) {}

  Kind kind_;
  Time start_;
  std::chrono::nanoseconds resolution_;
};

}  // namespace sandglass
