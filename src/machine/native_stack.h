// The native stack under guest code: reserved address space, committed as it is used, with a guard.
#pragma once

#include <cstddef>
#include <expected>
#include <system_error>

namespace sandglass::machine {

/// One native stack. Move-only; unmapped on destruction.
class NativeStack {
 public:
  /// No-access bytes below the stack. Larger than any frame of guest code (the build checks that),
  /// so no frame can step over it.
  static constexpr std::size_t kGuardBytes = std::size_t{1} << 20;

  NativeStack() noexcept = default;
  NativeStack(NativeStack&& other) noexcept;
  NativeStack& operator=(NativeStack&& other) noexcept;
  ~NativeStack();

  [[nodiscard]] static std::expected<NativeStack, std::error_code> create(std::size_t bytes);

  [[nodiscard]] std::byte* top() const noexcept { return base_ + kGuardBytes + bytes_; }
  [[nodiscard]] const std::byte* guard_begin() const noexcept { return base_; }
  [[nodiscard]] const std::byte* guard_end() const noexcept { return base_ + kGuardBytes; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_; }
  [[nodiscard]] explicit operator bool() const noexcept { return base_ != nullptr; }

  /// Gives the memory below the topmost `keep_bytes` back to the system.
  void trim(std::size_t keep_bytes) noexcept;

 private:
  std::byte* base_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Takes a stack of at least `bytes` from this thread's cache, or makes one.
[[nodiscard]] std::expected<NativeStack, std::error_code> acquire_native_stack(std::size_t bytes);

/// Gives a stack back to this thread's cache. `deep` says that much of it may have been touched.
void release_native_stack(NativeStack stack, bool deep) noexcept;

}  // namespace sandglass::machine
