// What ties handles to the state of the VM they belong to. Not part of the API.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace sandglass::runtime {
class Vm;
}

namespace sandglass::detail {

/// One generation of a VM's state. `vm` is null once the VM is gone or was reset: handles of that
/// generation then answer Errc::closed.
///
/// Thread: the count is atomic, since handles that outlive their VM may be dropped anywhere; `vm`
/// is read and written under the VM's own rule, one thread at a time.
struct VmLink {
  explicit VmLink(runtime::Vm* owner) noexcept : vm(owner) {}
  runtime::Vm* vm;
  std::atomic<std::uint32_t> references{0};
};

/// Counted pointer to a VmLink.
class VmPointer {
 public:
  VmPointer() noexcept = default;
  explicit VmPointer(VmLink* link) noexcept : link_(link) { add(); }
  VmPointer(const VmPointer& other) noexcept : link_(other.link_) { add(); }
  VmPointer(VmPointer&& other) noexcept : link_(std::exchange(other.link_, nullptr)) {}
  VmPointer& operator=(VmPointer other) noexcept {
    std::swap(link_, other.link_);
    return *this;
  }
  ~VmPointer() {
    if (link_ != nullptr && link_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete link_;
  }

  /// The VM, or null if there is none (any more).
  [[nodiscard]] runtime::Vm* vm() const noexcept { return link_ != nullptr ? link_->vm : nullptr; }
  [[nodiscard]] VmLink* link() const noexcept { return link_; }

 private:
  void add() noexcept {
    if (link_ != nullptr) link_->references.fetch_add(1, std::memory_order_relaxed);
  }
  VmLink* link_ = nullptr;
};

}  // namespace sandglass::detail
