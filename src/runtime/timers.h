// Timers of one VM: which callbacks are due when.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/js_value.h"

namespace sandglass::runtime {

/// In the order in which they fire: by time, then by age. Times count from the VM's creation. Plain
/// data: a copy is what a snapshot keeps of it; what the values refer to, its owner holds.
class Timers {
 public:
  using Time = std::chrono::nanoseconds;

  struct Timer {
    engine::JsValue callback;   // owned, both
    engine::JsValue arguments;  // an array, or undefined
    std::optional<Time> interval;
  };
  /// One that is to fire now, out of the queue.
  struct Due {
    std::uint32_t id;
    Timer timer;
  };

  /// Time stands still from here on: fifty years.
  static constexpr Time kEnd = std::chrono::hours{24 * 365 * 50};

  /// Timers that a VM may have at a time: each takes memory of the host.
  static constexpr std::size_t kMax = 65'536;

  [[nodiscard]] bool empty() const noexcept { return places_.empty(); }
  [[nodiscard]] bool full() const noexcept { return places_.size() >= kMax; }
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

  /// `due` is cut down to kEnd.
  std::uint32_t add(Timer timer, Time due);
  /// Runs when what is due now has run.
  std::uint32_t add_immediate(Timer timer);
  /// Puts back one that fired.
  void again(Due fired, Time due);
  [[nodiscard]] std::optional<Timer> remove(std::uint32_t id);
  /// One of a file, which may say anything; of an immediate `due` is nullopt.
  void restore(Due timer, std::optional<Time> due);

  /// When the next one is due; immediates are always.
  [[nodiscard]] std::optional<Time> next() const noexcept;
  /// Younger ones than `age` wait for the next round, see age().
  [[nodiscard]] std::optional<Due> take_due(Time now, std::uint64_t age);
  [[nodiscard]] std::optional<Due> take_immediate(std::uint64_t age);
  [[nodiscard]] std::uint64_t age() const noexcept { return count_; }

  /// `visit(id, timer, due)` of each, in order; of immediates `due` is nullopt.
  template <class Visit>
  void each(Visit visit) const {
    for (const auto& [number, entry] : immediates_) visit(entry.id, entry.timer, std::nullopt);
    for (const auto& [key, entry] : queue_) {
      visit(entry.id, entry.timer, std::optional(key.first));
    }
  }

 private:
  using Key = std::pair<Time, std::uint64_t>;
  static constexpr Time kImmediate = Time::min();

  [[nodiscard]] std::uint32_t new_id();
  void put_immediate(Due timer);

  std::map<Key, Due> queue_;
  std::map<std::uint64_t, Due> immediates_;
  std::unordered_map<std::uint32_t, Key> places_;
  std::uint64_t count_ = 0;  // of all that were ever queued
  std::uint32_t last_id_ = 0;
};

}  // namespace sandglass::runtime
