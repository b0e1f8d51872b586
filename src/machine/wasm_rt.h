// Our implementation of the runtime that wasm2c's output calls (wasm-rt.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace sandglass::machine {

/// Places in the function table after those of the guest.
inline constexpr std::uint32_t kHostFunctionSlots = 64;

/// Bytes of the mapping that holds a function table of `guest_elements` and the host's places.
[[nodiscard]] std::size_t function_table_bytes(std::uint32_t guest_elements) noexcept;

}  // namespace sandglass::machine
