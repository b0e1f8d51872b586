// What a guest that asks for the time is told.
#pragma once

#include <cstdint>
#include <time.h>

namespace sandglass::machine {

/// Read by guest code, in leaves that may be abandoned anywhere; set between runs.
struct GuestClock {
  /// 2022-01-01T00:00:00Z in nanoseconds.
  static constexpr std::uint64_t kEpoch = 1'640'995'200ull * 1'000'000'000ull;

  /// Whether time passes by itself; else both clocks stand.
  bool runs = false;
  std::uint64_t wall = kEpoch;       ///< nanoseconds since 1970, where it stands
  std::uint64_t monotonic = kEpoch;  ///< nanoseconds, now or when CLOCK_MONOTONIC was `origin`
  std::uint64_t origin = 0;
  std::uint64_t resolution = 1;  ///< of a clock that runs, in nanoseconds

  [[nodiscard]] std::uint64_t wall_now() const noexcept {
    return runs ? cut(read(CLOCK_REALTIME)) : wall;
  }
  [[nodiscard]] std::uint64_t monotonic_now() const noexcept {
    return runs ? monotonic + cut(read(CLOCK_MONOTONIC) - origin) : monotonic;
  }

  [[nodiscard]] static std::uint64_t read(clockid_t clock) noexcept {
    timespec now = {};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(now.tv_nsec);
  }

 private:
  [[nodiscard]] std::uint64_t cut(std::uint64_t time) const noexcept {
    return time - time % resolution;
  }
};

}  // namespace sandglass::machine
