// The address space of one guest: header, 4 GiB of linear memory, guard. See layout.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <system_error>

#include "machine/layout.h"

namespace sandglass::machine {

/// WebAssembly page: the unit in which linear memory grows.
inline constexpr std::uint64_t kWasmPageBytes = 65536;
/// 4 GiB less a page, so that the size in bytes fits 32 bits.
inline constexpr std::uint32_t kMaxPages = 65535;

/// A reserved slot. Move-only; unmapped on destruction.
class Slot {
 public:
  static constexpr std::size_t kBytes =
      SANDGLASS_HEADER_BYTES + (std::size_t{1} << 32) + SANDGLASS_GUARD_BYTES;

  Slot() noexcept = default;
  Slot(Slot&& other) noexcept;
  Slot& operator=(Slot&& other) noexcept;
  ~Slot();

  /// Reserves address space; nothing is accessible yet. Fails with ENOMEM when the process has no
  /// address space or mappings left (about 32,000 slots in 47 bits of address space).
  [[nodiscard]] static std::expected<Slot, std::error_code> reserve();

  [[nodiscard]] std::byte* begin() const noexcept { return base_; }
  [[nodiscard]] std::byte* end() const noexcept { return base_ + kBytes; }
  [[nodiscard]] std::byte* memory() const noexcept { return base_ + SANDGLASS_HEADER_BYTES; }

  /// Makes [offset, offset + bytes) of the slot readable and writable, or inaccessible.
  [[nodiscard]] std::error_code commit(std::size_t offset, std::size_t bytes) const noexcept;
  [[nodiscard]] std::error_code forbid(std::size_t offset, std::size_t bytes) const noexcept;

  /// Maps the first `bytes` of `fd` copy-on-write at the start of the slot.
  [[nodiscard]] std::error_code map_image(int fd, std::size_t bytes) const noexcept;

  /// Takes [offset, offset + bytes) back to the reserved state and frees its memory.
  [[nodiscard]] std::error_code decommit(std::size_t offset, std::size_t bytes) const noexcept;

 private:
  std::byte* base_ = nullptr;
};

}  // namespace sandglass::machine
