// How a running guest is told to stop: the flags it looks at.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "machine/cpu_meter.h"
#include "machine/trap.h"

namespace sandglass::machine {

/// Why a run is to end softly. The first reason given counts.
enum class Stop : std::uint32_t {
  none = 0,
  wall_time,
  cpu_time,
  interrupted,
  fuel,
  output,
  budget,
  exited,  // at its own request
};

/// The stop flags of one machine. Any thread may ask; only the thread that runs the guest clears.
class Interrupts {
 public:
  /// Asks the guest to end at its next poll. Safe from any thread and from signal handlers, while
  /// the machine lives.
  void request_stop(Stop reason) noexcept {
    std::uint32_t expected = 0;
    stop_.compare_exchange_strong(expected, static_cast<std::uint32_t>(reason),
                                  std::memory_order_relaxed);
    set_countdown(1);
  }

  /// Names the word in guest memory from which the guest counts down to its next poll. It makes
  /// stops prompt where little is polled in much time. The guest may write what it likes there, and
  /// a store of ours may be lost to one of its own: the poll then comes when it would have come
  /// anyway.
  void use_countdown(std::uint32_t* word) noexcept { countdown_ = word; }

  [[nodiscard]] bool has_countdown() const noexcept { return countdown_ != nullptr; }

  void set_countdown(std::uint32_t polls) noexcept {
    if (countdown_ == nullptr) return;
    std::atomic_ref(*countdown_).store(polls, std::memory_order_relaxed);
  }

  /// Asks that the guest be left without its consent as soon as it is or gets to run.
  void request_unwind(Trap reason) noexcept {
    std::uint32_t expected = 0;
    must_unwind_.compare_exchange_strong(expected, static_cast<std::uint32_t>(reason));
  }

  [[nodiscard]] Stop stop() const noexcept {
    return static_cast<Stop>(stop_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] Trap must_unwind() const noexcept {
    return static_cast<Trap>(must_unwind_.load(std::memory_order_relaxed));
  }

  /// What the assembly looks at.
  ///
  /// SAFETY: a lock-free std::atomic<uint32_t> has the representation of a uint32_t, and an aligned
  /// 32-bit load is atomic on x86-64.
  [[nodiscard]] const volatile std::uint32_t* must_unwind_word() const noexcept {
    return reinterpret_cast<const volatile std::uint32_t*>(&must_unwind_);
  }

  /// One poll of the guest: counts it, and tells whether the guest is to end. A leaf that may be
  /// abandoned anywhere: it holds no lock and leaves nothing half done that matters.
  [[nodiscard]] bool poll() noexcept {
    cpu_.begin();  // a run that polls takes long enough to be measured
    ++polls_;
    if (polls_ >= poll_limit_) [[unlikely]]
      request_stop(Stop::fuel);
    return stop() != Stop::none;
  }

  /// Starts a run that is stopped at its `poll_limit`-th poll.
  void begin_run(std::uint64_t poll_limit) noexcept {
    cpu_.restart();
    polls_ = 0;
    poll_limit_ = poll_limit;
    stop_.store(0, std::memory_order_relaxed);
    must_unwind_.store(0, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t polls() const noexcept { return polls_; }

  /// CPU time of the run. begin() is called by polls, and by the owner before the thread may wait.
  [[nodiscard]] CpuMeter& cpu() noexcept { return cpu_; }

  static constexpr std::uint64_t kNoPollLimit = std::numeric_limits<std::uint64_t>::max();

 private:
  static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
  static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t));

  std::atomic<std::uint32_t> stop_{0};
  std::atomic<std::uint32_t> must_unwind_{0};
  std::uint32_t* countdown_ = nullptr;
  CpuMeter cpu_;
  std::uint64_t polls_ = 0;
  std::uint64_t poll_limit_ = kNoPollLimit;
};

}  // namespace sandglass::machine
