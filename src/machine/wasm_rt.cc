#include "machine/wasm_rt.h"

#include <array>
#include <cstdarg>
#include <cstdlib>
#include <sys/mman.h>

#include <wasm-rt.h>

#include "machine/layout.h"
#include "machine/machine.h"
#include "machine/own_pages.h"

namespace sandglass::machine {

std::size_t function_table_bytes(std::uint32_t guest_elements) noexcept {
  const std::size_t bytes = (guest_elements + kHostFunctionSlots) * sizeof(wasm_rt_funcref_t);
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

namespace {

// Signatures of functions, numbered from 1 as they are met. Filled while the module and the host
// functions are prepared, which std::call_once serialises.
struct FunctionType {
  std::uint32_t params = 0;
  std::uint32_t results = 0;
  std::array<std::uint8_t, 24> types = {};
  bool operator==(const FunctionType&) const = default;
};
constexpr std::size_t kMaxFunctionTypes = 512;
std::array<FunctionType, kMaxFunctionTypes> function_types;
std::uint32_t function_type_count = 0;

// SAFETY: the memory struct is a member of the instance struct.
Machine& machine_of(wasm_rt_memory_t* memory) {
  auto* member = reinterpret_cast<std::byte*>(memory);
  return Machine::of(member - offsetof(Instance, w2c_memory));
}

struct Growth {
  Machine* machine;
  std::uint32_t delta;
  std::uint32_t result;
};

void grow_on_host(void* argument) {
  auto& growth = *static_cast<Growth*>(argument);
  growth.result = growth.machine->grow(growth.delta);
}

struct TableAllocation {
  std::uint32_t elements;
  void* result;
};

void allocate_table_on_host(void* argument) {
  auto& allocation = *static_cast<TableAllocation*>(argument);
  void* data = mmap(nullptr, function_table_bytes(allocation.elements), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (data != MAP_FAILED) allocation.result = data;
}

}  // namespace
}  // namespace sandglass::machine

// The functions below are called by generated code, on the guest's stack. They hold no lock and own
// nothing there; what needs the host goes to the host's stack.
extern "C" {

using namespace sandglass::machine;

bool wasm_rt_is_initialized() {
  return true;
}

std::uint32_t wasm_rt_register_func_type(std::uint32_t params, std::uint32_t results, ...) {
  FunctionType type;
  type.params = params;
  type.results = results;
  if (params + results > type.types.size() || function_type_count == kMaxFunctionTypes)
    std::abort();
  va_list list;
  va_start(list, results);
  for (std::uint32_t i = 0; i < params + results; ++i) {
    type.types[i] = static_cast<std::uint8_t>(va_arg(list, int));
  }
  va_end(list);
  for (std::uint32_t i = 0; i < function_type_count; ++i) {
    if (function_types[i] == type) return i + 1;
  }
  function_types[function_type_count++] = type;
  return function_type_count;
}

SANDGLASS_UNINSTRUMENTED void wasm_rt_trap(wasm_rt_trap_t code) {
  // wasm2c's codes are ours, except for the one that means the depth counter we do not use.
  current_activation->machine->raise(code == WASM_RT_TRAP_EXHAUSTION ? Trap::native_stack_overflow
                                                                     : static_cast<Trap>(code));
}

SANDGLASS_UNINSTRUMENTED std::uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory,
                                                           std::uint32_t pages) {
  Growth growth{&machine_of(memory), pages, 0};
  growth.machine->call_on_host(&grow_on_host, &growth);
  return growth.result;
}

SANDGLASS_UNINSTRUMENTED void wasm_rt_allocate_memory(wasm_rt_memory_t* memory,
                                                      std::uint32_t initial_pages, std::uint32_t) {
  Machine& machine = machine_of(memory);
  *memory = {.data = reinterpret_cast<std::uint8_t*>(machine.slot().memory()),
             .pages = 0,
             .max_pages = kMaxPages,
             .size = 0};
  if (wasm_rt_grow_memory(memory, initial_pages) == UINT32_MAX) machine.raise(Trap::no_host_memory);
}

SANDGLASS_UNINSTRUMENTED void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table,
                                                             std::uint32_t elements,
                                                             std::uint32_t) {
  TableAllocation allocation{elements, nullptr};
  Machine& machine = *current_activation->machine;
  machine.call_on_host(&allocate_table_on_host, &allocation);
  if (allocation.result == nullptr) machine.raise(Trap::no_host_memory);
  table->data = static_cast<wasm_rt_funcref_t*>(allocation.result);
  table->size = elements;
  table->max_size = elements;
}

// Only Z_guest_free calls these, and nobody calls that: a machine is dropped by unmapping it.
void wasm_rt_free_memory(wasm_rt_memory_t*) {}
void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t*) {}

SANDGLASS_UNINSTRUMENTED void sandglass_note_stack_overflow(void* instance) {
  Machine::of(instance).note_stack_overflow();
}
}
