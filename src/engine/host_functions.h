// The native functions in the guest's function table.
#pragma once

#include <array>
#include <cstddef>

#include "machine/module.h"

namespace sandglass::engine {

/// Places after the guest's own functions.
enum class HostFunctionId : std::size_t {
  poll,
  call,
  promise_rejected,
  function_gone,
  object_gone,
  reallocate_buffer,
  resolve_module,
  load_module,
  module_ready,
  count
};

/// All of them, in that order. Registers their signatures with the machine.
[[nodiscard]] std::array<machine::HostFunction, static_cast<std::size_t>(HostFunctionId::count)>
host_functions();

}  // namespace sandglass::engine
