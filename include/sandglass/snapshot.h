#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "sandglass/options.h"

namespace sandglass {

namespace runtime {
struct SnapshotState;
}
class Runtime;

/// The state of a VM, frozen: globals, libraries, modules, pending promises, host functions and
/// bound classes. Any number of VMs start from it, each copy-on-write, in the time an empty one
/// takes:
///
///     auto warmed = sandglass::Runtime::create(options).value();
///     warmed.set("log", &log).value();
///     warmed.eval(library).value();
///     const sandglass::Snapshot snapshot = warmed.snapshot().value();
///     auto vm = sandglass::Runtime::from(snapshot).value();     // some µs
///
/// Host functions and objects are not copied: all VMs of a snapshot call the same C++ callables,
/// from whichever threads they run on, so these must be safe for that. They live as long as the
/// snapshot or one of its VMs. What the host has promised (Deferred, future, Task) stays with the VM
/// it was promised to: in the others it never settles, which an await tells.
///
/// Immutable; copies share it. Thread: any.
class Snapshot {
 public:
  /// Bytes of guest memory in it: heap, and what the engine itself needs.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;
  /// Of the VM it was taken of.
  [[nodiscard]] const Options& options() const noexcept;
  /// Whether that VM had run bytecode that no key vouched for; then all that start from it have.
  [[nodiscard]] bool tainted() const noexcept;

 private:
  friend class Runtime;
  explicit Snapshot(std::shared_ptr<const runtime::SnapshotState> state) noexcept
      : state_(std::move(state)) {}
  std::shared_ptr<const runtime::SnapshotState> state_;
};

}  // namespace sandglass
