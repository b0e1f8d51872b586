// CPU time of a run.
#pragma once

#include <chrono>
#include <time.h>

namespace sandglass::machine {

/// Reading a thread's CPU clock costs as much as a small script, and for as long as nothing makes
/// the thread wait the wall clock tells the same. So the clock is not looked at before the first
/// moment at which the thread may wait: begin().
///
/// Used by the thread that runs, also from guest code: no lock, nothing that could be left half
/// done and matter.
class CpuMeter {
 public:
  using Clock = std::chrono::steady_clock;

  void restart() noexcept { begun_ = false; }

  void begin() noexcept {
    if (begun_) return;
    wall_ = Clock::now();
    cpu_ = thread_time();
    begun_ = true;
  }

  /// Of a run that began at `begin` and ends now, at `end`.
  [[nodiscard]] std::chrono::nanoseconds used(Clock::time_point begin,
                                              Clock::time_point end) const noexcept {
    if (!begun_) return end - begin;
    return (wall_ - begin) + (thread_time() - cpu_);
  }

 private:
  static std::chrono::nanoseconds thread_time() noexcept {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  }

  bool begun_ = false;
  Clock::time_point wall_;
  std::chrono::nanoseconds cpu_{0};
};

}  // namespace sandglass::machine
