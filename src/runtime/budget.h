// Budgets, as machines ask them.
#pragma once

#include "machine/account.h"
#include "sandglass/budget.h"

namespace sandglass::runtime {

/// Every Budget is one.
class BudgetAccount : public Budget, public machine::Account {
 public:
  [[nodiscard]] virtual const BudgetLimits& limits() const noexcept = 0;
};

/// Null of null.
[[nodiscard]] BudgetAccount* account_of(const std::shared_ptr<Budget>& budget) noexcept;

}  // namespace sandglass::runtime
