// What other threads hand to a VM.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "sandglass/promise.h"

namespace sandglass::detail {

/// Settled promises on their way into a VM, and word of thrown values that it need not keep.
///
/// Thread: any, for all of it; the VM alone takes.
class Inbox {
 public:
  using Clock = std::chrono::steady_clock;
  struct Message {
    std::uint64_t promise;
    MakeOutcome make;  // null: nobody holds a Deferred of it any more
  };

  /// False: the VM is gone; nothing was kept.
  bool post(std::uint64_t promise, MakeOutcome make);
  [[nodiscard]] std::vector<Message> take();
  /// The VM was reset: promises up to `last` are gone.
  void forget(std::uint64_t last);
  /// Waits until there is a message, wake() was called, or `until`.
  void wait(Clock::time_point until);
  void wake();
  /// No Error names the thrown value `number` any more.
  void drop_thrown(std::uint64_t number);
  [[nodiscard]] std::vector<std::uint64_t> take_dropped();
  /// Values up to `last` are gone; no word of them is wanted.
  void forget_thrown(std::uint64_t last);
  /// The VM ends. What was not taken is dropped.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
  std::uint64_t forgotten_ = 0;
  std::vector<std::uint64_t> dropped_thrown_;
  std::uint64_t forgotten_thrown_ = 0;
  bool woken_ = false;
  bool closed_ = false;
};

}  // namespace sandglass::detail
