#include "machine/native_stack.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/mman.h>
#include <utility>

namespace sandglass::machine {
namespace {

// What a cached stack may keep resident. Page faults of stacks trimmed further cost more than all
// else that a small overflow does.
constexpr std::size_t kKeepBytes = std::size_t{2} << 20;

// One stack serves any number of VMs that run one after another on a thread; more are needed only
// while runs are nested, so a small cache is enough. Destroyed with the thread.
struct Cache {
  std::array<NativeStack, 4> stacks;
};

Cache& cache() {
  thread_local Cache instance;
  return instance;
}

}  // namespace

NativeStack::NativeStack(NativeStack&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

NativeStack& NativeStack::operator=(NativeStack&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

NativeStack::~NativeStack() {
  if (base_ != nullptr) munmap(base_, kGuardBytes + bytes_);
}

std::expected<NativeStack, std::error_code> NativeStack::create(std::size_t bytes) {
  void* base = mmap(nullptr, kGuardBytes + bytes, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (base == MAP_FAILED) return std::unexpected(std::error_code(errno, std::generic_category()));
  NativeStack stack;
  stack.base_ = static_cast<std::byte*>(base);
  stack.bytes_ = bytes;
  if (mprotect(stack.base_ + kGuardBytes, bytes, PROT_READ | PROT_WRITE) != 0) {
    return std::unexpected(std::error_code(errno, std::generic_category()));
  }
  return stack;
}

void NativeStack::trim(std::size_t keep_bytes) noexcept {
  if (keep_bytes < bytes_) madvise(base_ + kGuardBytes, bytes_ - keep_bytes, MADV_DONTNEED);
}

std::expected<NativeStack, std::error_code> acquire_native_stack(std::size_t bytes) {
  for (NativeStack& stack : cache().stacks) {
    if (stack.size() >= bytes) return std::exchange(stack, NativeStack());
  }
  return NativeStack::create(bytes);
}

void release_native_stack(NativeStack stack, bool deep) noexcept {
  if (deep) stack.trim(kKeepBytes);
  // Into a free place, or in place of the smallest.
  auto& stacks = cache().stacks;
  auto smallest = std::ranges::min_element(stacks, {}, &NativeStack::size);
  if (smallest->size() < stack.size()) *smallest = std::move(stack);
}

}  // namespace sandglass::machine
