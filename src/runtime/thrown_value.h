// What Error::thrown names.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/inbox.h"

namespace sandglass::detail {

/// A JavaScript value that was thrown, by its number in the VM that keeps it. When the last Error
/// that names it goes, on whichever thread, the VM is told.
class ThrownValue {
 public:
  ThrownValue(std::shared_ptr<Inbox> inbox, std::uint64_t number) noexcept
      : inbox_(std::move(inbox)), number_(number) {}
  ThrownValue(const ThrownValue&) = delete;
  ThrownValue& operator=(const ThrownValue&) = delete;
  ~ThrownValue() { inbox_->drop_thrown(number_); }

  [[nodiscard]] const std::shared_ptr<Inbox>& inbox() const noexcept { return inbox_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }

 private:
  std::shared_ptr<Inbox> inbox_;
  std::uint64_t number_;
};

}  // namespace sandglass::detail
