#include "machine/trap.h"

namespace sandglass::machine {

std::string_view to_string(Trap trap) noexcept {
  switch (trap) {
    case Trap::none:
      return "no trap";
    case Trap::out_of_bounds:
      return "access outside of guest memory";
    case Trap::integer_overflow:
      return "integer overflow";
    case Trap::divide_by_zero:
      return "division by zero";
    case Trap::invalid_conversion:
      return "conversion of NaN to an integer";
    case Trap::unreachable:
      return "unreachable code was reached";
    case Trap::bad_indirect_call:
      return "indirect call of a missing function or of a wrong type";
    case Trap::uncaught_exception:
      return "uncaught WebAssembly exception";
    case Trap::native_stack_overflow:
      return "native stack overflow";
    case Trap::killed:
      return "killed";
    case Trap::arithmetic_signal:
      return "arithmetic fault";
    case Trap::nested_too_deep:
      return "host and guest called each other too many times";
    case Trap::faulted_before:
      return "the machine had faulted before";
    case Trap::guest_stack_overflow:
      return "guest stack overflow";
    case Trap::no_host_memory:
      return "the host has no memory to run it";
  }
  return "unknown trap";
}

}  // namespace sandglass::machine
