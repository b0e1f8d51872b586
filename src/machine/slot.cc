#include "machine/slot.h"

#include <cerrno>
#include <sys/mman.h>
#include <utility>

namespace sandglass::machine {
namespace {

constexpr int kReserveFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

std::error_code last_error() {
  return {errno, std::generic_category()};
}

}  // namespace

Slot::Slot(Slot&& other) noexcept : base_(std::exchange(other.base_, nullptr)) {}

Slot& Slot::operator=(Slot&& other) noexcept {
  std::swap(base_, other.base_);
  return *this;
}

Slot::~Slot() {
  if (base_ != nullptr) munmap(base_, kBytes);
}

std::expected<Slot, std::error_code> Slot::reserve() {
  void* base = mmap(nullptr, kBytes, PROT_NONE, kReserveFlags, -1, 0);
  if (base == MAP_FAILED) return std::unexpected(last_error());
  Slot slot;
  slot.base_ = static_cast<std::byte*>(base);
  return slot;
}

std::error_code Slot::commit(std::size_t offset, std::size_t bytes) const noexcept {
  if (bytes == 0) return {};
  return mprotect(base_ + offset, bytes, PROT_READ | PROT_WRITE) == 0 ? std::error_code()
                                                                      : last_error();
}

std::error_code Slot::forbid(std::size_t offset, std::size_t bytes) const noexcept {
  return mprotect(base_ + offset, bytes, PROT_NONE) == 0 ? std::error_code() : last_error();
}

std::error_code Slot::map_image(int fd, std::size_t bytes) const noexcept {
  void* at =
      mmap(base_, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, 0);
  return at == MAP_FAILED ? last_error() : std::error_code();
}

std::error_code Slot::decommit(std::size_t offset, std::size_t bytes) const noexcept {
  if (bytes == 0) return {};
  void* at = mmap(base_ + offset, bytes, PROT_NONE, kReserveFlags | MAP_FIXED, -1, 0);
  return at == MAP_FAILED ? last_error() : std::error_code();
}

}  // namespace sandglass::machine
