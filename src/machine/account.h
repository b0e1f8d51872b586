// What several machines use together.
#pragma once

#include <chrono>
#include <cstdint>

namespace sandglass::machine {

/// Asked by machines for memory, and by the watchdog for time. Any thread; never blocks for long.
class Account {
 public:
  virtual ~Account() = default;
  /// False: there is not so much left, and nothing was taken.
  [[nodiscard]] virtual bool take_memory(std::uint64_t bytes) noexcept = 0;
  virtual void give_memory(std::uint64_t bytes) noexcept = 0;
  /// A run begins or ends.
  virtual void begin_run() noexcept = 0;
  virtual void end_run() noexcept = 0;
  /// Takes CPU time that was used. Gives what is left to each of those that run, by now or less.
  virtual std::chrono::nanoseconds charge(std::chrono::nanoseconds used) noexcept = 0;
};

}  // namespace sandglass::machine
