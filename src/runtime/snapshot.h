// What a VM is apart from its guest, frozen beside the image of that. Private to the room.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "runtime/vm.h"

namespace sandglass::runtime {

/// Values in it are those of the image: they mean the same in each VM that starts from it.
struct SnapshotState {
  Options options;
  std::shared_ptr<const engine::Prepared> prepared;
  std::shared_ptr<const HostTable::Saved> host_table;
  Vm::Kept kept;
  std::uint64_t promise_count = 0;
};

/// Guest memory in it, without a stack region of its own.
[[nodiscard]] std::uint64_t memory_bytes_of(const SnapshotState& state) noexcept;
/// Why a VM with `options` cannot start from it, if so.
[[nodiscard]] std::optional<Error> find_misfit(const SnapshotState& state, const Options& options);

}  // namespace sandglass::runtime
