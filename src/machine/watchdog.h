// The one thread of a process that ends runs which outlive their deadlines.
#pragma once

#include <chrono>
#include <optional>
#include <pthread.h>
#include <time.h>

#include "machine/account.h"
#include "machine/interrupts.h"

namespace sandglass::machine {

/// One run under the watchdog's eyes. Made and destroyed by the thread that runs, around the run.
///
/// At a deadline the run is asked to stop (soft); when its thread has computed for `grace` since,
/// it is taken out of the guest (hard). Construction and destruction take a lock and no system call
/// in the usual case, in which no earlier deadline must be announced to the watchdog thread.
class Watch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Deadlines {
    std::optional<Clock::time_point> wall;
    std::optional<std::chrono::nanoseconds> cpu;  // CPU time that this thread may still use
    std::chrono::nanoseconds grace{0};            // CPU time of this thread, too
    Account* account = nullptr;                   // from whom CPU time is taken, too
  };

  Watch(Interrupts& interrupts, const Deadlines& deadlines);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

 private:
  friend class Watchdog;
  /// Tells the account what was used up to `used`, on cpu_clock_. Gives what is left.
  std::chrono::nanoseconds charge(std::chrono::nanoseconds used);
  /// In a forked child, where the clock of its thread begins at 0: `used` was spent before.
  void restart_cpu_clock(std::chrono::nanoseconds used);

  Interrupts& interrupts_;
  const std::chrono::nanoseconds grace_;
  const pthread_t thread_;
  Account* const account_;
  clockid_t cpu_clock_ = CLOCK_MONOTONIC;

  // Guarded by the watchdog's mutex. A time point that is over, or will never be, is `kNever`.
  static constexpr Clock::time_point kNever = Clock::time_point::max();
  Clock::time_point wall_at_ = kNever;
  Clock::time_point cpu_check_at_ = kNever;
  std::chrono::nanoseconds cpu_until_{0};    // on cpu_clock_
  std::chrono::nanoseconds cpu_charged_{0};  // to the account, up to here
  Clock::time_point hard_at_ = kNever;       // when to see whether the grace is used up
  std::chrono::nanoseconds hard_cpu_{0};     // on cpu_clock_, when it is
  std::chrono::nanoseconds cpu_seen_{0};     // on cpu_clock_, at the last look
  std::chrono::nanoseconds pause_{0};        // until the next one, while the thread waits
  bool killed_ = false;
  Watch* next_ = nullptr;
  Watch* previous_ = nullptr;
};

/// Starts the thread, if there is none yet. False: the host cannot make one; a Watch made then ends
/// its run at once.
[[nodiscard]] bool start_watchdog() noexcept;

/// Asks the run that is going on with `interrupts`, if any, to stop now, and takes its thread out
/// of the guest when its grace is used up. Any thread.
void interrupt_run(Interrupts& interrupts) noexcept;

}  // namespace sandglass::machine
