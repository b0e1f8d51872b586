#include "runtime/budget.h"

#include <algorithm>
#include <atomic>

namespace sandglass {
namespace runtime {
namespace {

using std::chrono::nanoseconds;

class SharedBudget final : public BudgetAccount {
 public:
  explicit SharedBudget(const BudgetLimits& limits)
      : limits_(limits), cpu_limit_(limits.cpu_time.value_or(nanoseconds::max()).count()) {}

  [[nodiscard]] std::uint64_t memory_used() const noexcept override { return memory_.load(); }
  [[nodiscard]] nanoseconds cpu_used() const noexcept override { return nanoseconds(cpu_.load()); }
  void add_cpu_time(nanoseconds time) noexcept override {
    if (limits_.cpu_time) cpu_limit_.fetch_add(time.count());
  }
  [[nodiscard]] const BudgetLimits& limits() const noexcept override { return limits_; }

  [[nodiscard]] bool take_memory(std::uint64_t bytes) noexcept override {
    std::uint64_t used = memory_.load();
    do {
      if (limits_.memory_bytes &&
          (used > *limits_.memory_bytes || bytes > *limits_.memory_bytes - used)) {
        return false;
      }
    } while (!memory_.compare_exchange_weak(used, used + bytes));
    return true;
  }
  void give_memory(std::uint64_t bytes) noexcept override { memory_.fetch_sub(bytes); }

  void begin_run() noexcept override { runs_.fetch_add(1); }
  void end_run() noexcept override { runs_.fetch_sub(1); }
  nanoseconds charge(nanoseconds used) noexcept override {
    const std::int64_t total = cpu_.fetch_add(used.count()) + used.count();
    const std::int64_t left = cpu_limit_.load() - total;
    return nanoseconds(left / std::max<std::int64_t>(runs_.load(), 1));
  }

 private:
  const BudgetLimits limits_;
  std::atomic<std::uint64_t> memory_ = 0;
  std::atomic<std::int64_t> cpu_ = 0;
  std::atomic<std::int64_t> cpu_limit_;
  std::atomic<std::int64_t> runs_ = 0;
};

}  // namespace

BudgetAccount* account_of(const std::shared_ptr<Budget>& budget) noexcept {
  return static_cast<BudgetAccount*>(budget.get());
}

}  // namespace runtime

std::shared_ptr<Budget> Budget::create(const BudgetLimits& limits) {
  return std::make_shared<runtime::SharedBudget>(limits);
}

}  // namespace sandglass
