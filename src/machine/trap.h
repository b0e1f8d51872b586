// Why guest code was stopped without its consent.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

namespace sandglass::machine {

/// Reasons for which guest code ends without returning. After any but those that say that nothing
/// was run the machine is faulted: its memory is of no use until it is mapped anew. The values 1 to
/// 7 are those of wasm2c's `wasm_rt_trap_t`.
enum class Trap : std::uint32_t {
  none = 0,
  out_of_bounds = 1,
  integer_overflow = 2,
  divide_by_zero = 3,
  invalid_conversion = 4,
  unreachable = 5,
  bad_indirect_call = 6,
  uncaught_exception = 7,
  native_stack_overflow = 8,
  killed = 9,                 ///< hard interrupt
  arithmetic_signal = 10,     ///< SIGFPE in guest code
  nested_too_deep = 11,       ///< host and guest called each other too many times; nothing was run
  faulted_before = 12,        ///< the machine was faulted already; nothing was run
  guest_stack_overflow = 14,  ///< the stack in linear memory ran into its guard
  no_host_memory = 13,        ///< the host has no memory for what a call needs; nothing was run
};

[[nodiscard]] std::string_view to_string(Trap trap) noexcept;

/// Result of running guest code.
template <class T>
using Outcome = std::expected<T, Trap>;

}  // namespace sandglass::machine
