// The translated WebAssembly module, one per process: its function table and its first image.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "guest.h"

namespace sandglass::machine {

class Image;

/// The instance struct that wasm2c generated.
using Instance = Z_guest_instance_t;

/// A native function that the guest can call through its function table. `function` takes the
/// Instance first, then arguments as `func_type` (from wasm_rt_register_func_type) says.
struct HostFunction {
  wasm_rt_function_ptr_t function;
  std::uint32_t func_type;
};

/// The table of functions and the image of the instantiated module. Built once, then read-only and
/// shared by all machines: no address in it can be changed by anyone.
class Module {
 public:
  /// Instantiates the module and appends `host_functions` to its table; done once in a process.
  /// Throws std::system_error if the host has no memory for it: it may be tried again. Ends the
  /// process if the module itself traps: nothing can be run then.
  explicit Module(std::span<const HostFunction> host_functions);
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Table index by which the guest calls `host_functions[i]`.
  [[nodiscard]] std::uint32_t host_function_index(std::size_t i) const noexcept {
    return guest_table_size_ + static_cast<std::uint32_t>(i);
  }

  /// The instantiated module before any of its exports ran.
  [[nodiscard]] const std::shared_ptr<const Image>& image() const noexcept { return image_; }

  /// The shared table, as each instance refers to it.
  [[nodiscard]] const wasm_rt_funcref_table_t& table() const noexcept { return table_; }

 private:
  std::uint32_t guest_table_size_ = 0;
  wasm_rt_funcref_table_t table_ = {};
  std::shared_ptr<const Image> image_;
};

}  // namespace sandglass::machine
