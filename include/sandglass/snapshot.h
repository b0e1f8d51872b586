#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sandglass/error.h"
#include "sandglass/options.h"

namespace sandglass {

namespace runtime {
struct SnapshotFile;
struct SnapshotState;
}  // namespace runtime
class Bindings;
class Runtime;

/// How Snapshot::save does it.
struct SnapshotSaveOptions {
  /// 32 secret bytes: the result carries a MAC (keyed BLAKE2b), by which load() knows it again.
  std::span<const std::byte> mac_key{};
  /// Of zstd, 1 (fast) to 19 (small).
  int compression_level = 1;
};

/// How Snapshot::load does it, and what a file cannot hold.
struct SnapshotLoadOptions {
  /// The key that save() was given. Bytes without its MAC are refused then.
  std::span<const std::byte> mac_key{};
  /// Larger snapshots, unpacked or as memory of a VM, are refused: a few bytes may claim gigabytes.
  std::uint64_t max_bytes = std::uint64_t{1} << 30;
  ConsoleSink console{};                    ///< See Options.
  ConsoleOptions console_options{};         ///< See Options.
  std::shared_ptr<ModuleLoader> modules{};  ///< See Options.
};

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
/// snapshot or one of its VMs. What the host has promised (Deferred, future, Task) stays with the
/// VM it was promised to: in the others it never settles, which an await tells.
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

  /// As bytes, for a file: compressed, with a checksum, bound to this engine. Limits are in it;
  /// console and modules are not, nor are host functions: their names are.
  /// Errors: invalid_argument: it holds what has no name in a file (objects of the host, functions
  ///         without a name or of the same name, host modules that are being imported), all of
  ///         which are told; a key of another length; a level out of range · memory_limit (the
  ///         host has no memory). O(memory in it).
  [[nodiscard]] Result<std::vector<std::byte>> save(const SnapshotSaveOptions& options = {}) const;

  /// What save() gave. The engine trusts what is in its memory, and anyone can make a snapshot that
  /// breaks it: it stays contained like any script, but unless a key vouched for it, it is
  /// tainted().
  ///
  /// Errors: invalid_argument (truncated, damaged, not a snapshot, of a newer format or another
  ///         engine, not authenticated, larger than max_bytes; names that `bindings` lacks, all of
  ///         which are told) · memory_limit (the host has no memory).
  [[nodiscard]] static Result<Snapshot> load(std::span<const std::byte> bytes,
                                             const Bindings& bindings,
                                             const SnapshotLoadOptions& options = {});
  [[nodiscard]] static Result<Snapshot> load(std::span<const std::byte> bytes,
                                             const SnapshotLoadOptions& options = {});

 private:
  friend class Runtime;
  explicit Snapshot(std::shared_ptr<const runtime::SnapshotState> state) noexcept
      : state_(std::move(state)) {}
  std::shared_ptr<const runtime::SnapshotState> state_;
};

}  // namespace sandglass
