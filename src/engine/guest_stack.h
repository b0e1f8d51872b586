// Room on the guest's own stack, for what the C API takes and gives through pointers.
#pragma once

#include <cstdint>
#include <span>

#include "engine/js_value.h"
#include "machine/machine.h"

namespace sandglass::engine {

/// A few bytes on the guest's stack. Given back in reverse order of taking, like any stack frame.
class StackBytes {
 public:
  StackBytes(machine::Machine& machine, std::uint32_t bytes)
      : stack_pointer_(machine.instance().w2c___stack_pointer), before_(stack_pointer_) {
    stack_pointer_ = (before_ - bytes) & ~15u;
  }
  StackBytes(const StackBytes&) = delete;
  StackBytes& operator=(const StackBytes&) = delete;
  ~StackBytes() { stack_pointer_ = before_; }

  [[nodiscard]] std::uint32_t address() const noexcept { return stack_pointer_; }

 private:
  std::uint32_t& stack_pointer_;
  std::uint32_t before_;
};

}  // namespace sandglass::engine
