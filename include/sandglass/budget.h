#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace sandglass {

/// What all VMs of a Budget may use together.
struct BudgetLimits {
  /// Linear memory, as `Limits::memory_bytes` counts it for one VM. None: no limit.
  std::optional<std::uint64_t> memory_bytes{};
  /// CPU time of all their runs. None: no limit.
  std::optional<std::chrono::nanoseconds> cpu_time{};
};

/// One cap on the memory and the CPU time of many VMs, those of one tenant for example:
///
///     options.budget = sandglass::Budget::create({.memory_bytes = 256 << 20, .cpu_time = 10s});
///
/// The script that would exceed it ends with `Errc::budget_limit`; the VMs of other budgets go on.
/// Memory is a catchable InternalError to the script, as with `Limits::memory_bytes`, and what a VM
/// took comes back when it ends or is reset. CPU time is not given back: see add_cpu_time(). VMs of
/// several threads may use up to a millisecond each beyond it.
///
/// Lifetime: shared by its VMs. Thread: any, for all of it.
class Budget {
 public:
  [[nodiscard]] static std::shared_ptr<Budget> create(const BudgetLimits& limits);
  virtual ~Budget() = default;
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// Memory that its VMs hold now.
  [[nodiscard]] virtual std::uint64_t memory_used() const noexcept = 0;
  /// CPU time that their runs took so far. A run that goes on is counted to the last look at it.
  [[nodiscard]] virtual std::chrono::nanoseconds cpu_used() const noexcept = 0;
  /// Lets them use more from now on.
  virtual void add_cpu_time(std::chrono::nanoseconds time) noexcept = 0;

 protected:
  Budget() = default;
};

}  // namespace sandglass
