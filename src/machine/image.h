// A prepared guest, frozen: what new machines are mapped from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <system_error>

#include "machine/module.h"
#include "machine/slot_cache.h"

namespace sandglass::machine {

class Machine;

/// A range of guest addresses.
struct GuestRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  [[nodiscard]] std::uint32_t size() const noexcept { return end - begin; }
};

/// Where the guest's own stack lies in its linear memory. It grows down from `end`.
struct StackLayout {
  GuestRange stack;
  /// A no-access range right below the stack; empty if the stack starts at address 0, below which
  /// an address wraps around to the guard of the slot.
  GuestRange guard;
};

/// Header and linear memory of a machine in a sealed memfd. Immutable, shared by any threads.
///
/// The file holds the pages that are not zero; trailing memory that was never written is not in it
/// and is mapped as fresh anonymous memory. No host address is in it.
class Image {
 public:
  /// Freezes the present state of `machine`, which must not be running.
  [[nodiscard]] static std::expected<std::shared_ptr<const Image>, std::error_code> freeze(
      const Machine& machine);

  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  ~Image();

  [[nodiscard]] int fd() const noexcept { return fd_; }
  /// Bytes of the file: header and linear memory up to its last page that was written.
  [[nodiscard]] std::size_t file_bytes() const noexcept { return file_bytes_; }
  /// Slots that its machines left.
  [[nodiscard]] SlotCache& slots() const noexcept { return slots_; }
  /// All of the file, to read.
  [[nodiscard]] std::span<const std::byte> view() const noexcept { return {view_, file_bytes_}; }
  /// Size of linear memory in WebAssembly pages.
  [[nodiscard]] std::uint32_t pages() const noexcept { return pages_; }
  [[nodiscard]] const StackLayout& stack_layout() const noexcept { return stack_layout_; }
  [[nodiscard]] const Module& module() const noexcept { return *module_; }

 private:
  Image() = default;

  mutable SlotCache slots_;
  int fd_ = -1;
  const std::byte* view_ = nullptr;
  std::size_t file_bytes_ = 0;
  std::uint32_t pages_ = 0;
  StackLayout stack_layout_;
  const Module* module_ = nullptr;
};

}  // namespace sandglass::machine
