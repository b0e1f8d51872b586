// Entry into guest code, and the ways out of it.
//
// Guest code runs on a stack of its own; host code never does. An Activation is one entry of a
// thread into a guest. Activations of a thread form a chain, innermost first, since a host function
// that a guest calls may enter a guest again:
//
//   host stack    | eval ... enter(A1) |            | host function ... enter(A2) |
//   guest stack                | guest frames | call_on_host      | guest frames (below) |
//
// A trap or a kill ends the innermost activation and no other: control returns from its enter()
// with the reason. Host frames are therefore never jumped over. The outer activation learns of it
// when its host function returns, and is ended in turn.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sandglass::machine {

class Machine;

/// Read by the assembly of switch_x86_64.S and by signal handlers; hence plain data.
struct Activation {
  void* host_sp = nullptr;   // where the host's stack stood at entry; host functions run below it
  void* guest_sp = nullptr;  // where the guest's stack stands while a host function runs
  // Set exactly while guest code (or a leaf that may be abandoned anywhere) runs in this
  // activation. Written by this thread only; read by its signal handlers.
  volatile std::uint32_t in_guest = 0;
  std::uint32_t reserved = 0;
  const volatile std::uint32_t* must_unwind = nullptr;  // a Trap other than none: leave at once

  Machine* machine = nullptr;
  Activation* previous = nullptr;  // of this thread, of any machine
  const std::byte* slot_begin = nullptr;
  const std::byte* slot_end = nullptr;
  const std::byte* guest_stack_guard_begin = nullptr;  // in linear memory
  const std::byte* guest_stack_guard_end = nullptr;
  const std::byte* stack_guard_begin = nullptr;
  const std::byte* stack_guard_end = nullptr;
};

static_assert(offsetof(Activation, host_sp) == 0);
static_assert(offsetof(Activation, guest_sp) == 8);
static_assert(offsetof(Activation, in_guest) == 16);
static_assert(offsetof(Activation, must_unwind) == 24);

/// The innermost activation of this thread, or null.
///
/// SAFETY: read by signal handlers. The initial-exec model makes the access a plain load relative
/// to the thread pointer: no allocation and no lock, even on a thread's first access.
[[gnu::tls_model("initial-exec")]] extern thread_local constinit Activation* current_activation;

extern "C" {

/// Switches to `stack_top`, runs `function(argument)` as guest code, switches back. Returns 0, or
/// the value of `must_unwind` if that was set at entry, or the code given to sandglass_unwind.
std::uint32_t sandglass_enter(Activation* activation, void (*function)(void*), void* argument,
                              void* stack_top);

/// Called in guest code: runs `function(argument)` on the host's stack with `in_guest` cleared,
/// then goes on in the guest, unless `must_unwind` was set meanwhile.
void sandglass_call_on_host(Activation* activation, void (*function)(void*), void* argument);

/// Ends `activation`: its sandglass_enter returns `code`. Only from code that runs in it on the
/// guest's stack, or by resuming there from a signal handler.
[[noreturn]] void sandglass_unwind(Activation* activation, std::uint32_t code);
}

}  // namespace sandglass::machine
