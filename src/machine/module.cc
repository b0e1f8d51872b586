#include "machine/module.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <sys/mman.h>
#include <system_error>

#include "machine/image.h"
#include "machine/machine.h"
#include "machine/wasm_rt.h"

namespace sandglass::machine {
namespace {

// The module is part of the program: that it cannot be instantiated is no run-time condition that a
// caller could handle. That the host has no memory is one.
[[noreturn]] void die(std::string_view what, std::string_view why) {
  std::fprintf(stderr, "sandglass: cannot prepare the guest: %.*s: %.*s\n",
               static_cast<int>(what.size()), what.data(), static_cast<int>(why.size()),
               why.data());
  std::abort();
}

void instantiate(Instance* instance) {
  Z_guest_instantiate(instance, instance->Z_env_instance,
                      instance->Z_wasi_snapshot_preview1_instance);
}

}  // namespace

Module::Module(std::span<const HostFunction> host_functions) {
  Z_guest_init_module();
  auto machine = Machine::blank(*this);
  if (!machine) throw std::system_error(machine.error());
  Instance& instance = (*machine)->instance();
  // SAFETY: opaque to generated code, which hands it back to our imports.
  instance.Z_env_instance = reinterpret_cast<Z_env_instance_t*>(machine->get());
  instance.Z_wasi_snapshot_preview1_instance =
      reinterpret_cast<Z_wasi_snapshot_preview1_instance_t*>(machine->get());
  if (auto done = (*machine)->call(&instantiate); !done) {
    if (done.error() != Trap::no_host_memory) die("instantiate", to_string(done.error()));
    throw std::system_error(std::make_error_code(std::errc::not_enough_memory));
  }

  table_ = instance.w2c___indirect_function_table;
  guest_table_size_ = table_.size;
  if (host_functions.size() > kHostFunctionSlots) die("function table", "too many host functions");
  for (const HostFunction& function : host_functions) {
    table_.data[table_.size++] = {function.func_type, function.function, nullptr};
  }
  // The instance of a call is passed by the caller, never taken from the table.
  for (std::uint32_t i = 0; i < table_.size; ++i) table_.data[i].module_instance = nullptr;
  table_.max_size = table_.size;
  if (mprotect(table_.data, function_table_bytes(guest_table_size_), PROT_READ) != 0) {
    die("seal the function table", "mprotect failed");
  }

  instance.w2c___indirect_function_table = table_;
  (*machine)->set_stack_layout({.stack = {0, instance.w2c___stack_pointer}, .guard = {}});
  auto image = Image::freeze(**machine);
  if (!image) {
    munmap(table_.data, function_table_bytes(guest_table_size_));
    throw std::system_error(image.error());
  }
  image_ = std::move(*image);
}

}  // namespace sandglass::machine
