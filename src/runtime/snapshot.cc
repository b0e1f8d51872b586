// Freezing a VM, and starting others from it.
#include "runtime/snapshot.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/options.h"
#include "runtime/run.h"
#include "sandglass/snapshot.h"

namespace sandglass {

std::uint64_t Snapshot::memory_bytes() const noexcept {
  return runtime::memory_bytes_of(*state_);
}

const Options& Snapshot::options() const noexcept {
  return state_->options;
}

bool Snapshot::tainted() const noexcept {
  return state_->kept.tainted;
}

namespace runtime {
namespace {

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

bool has_own_stack_region(const SnapshotState& state) {
  return state.prepared->image->stack_layout().guard.size() != 0;
}

}  // namespace

std::uint64_t memory_bytes_of(const SnapshotState& state) noexcept {
  const machine::StackLayout& layout = state.prepared->image->stack_layout();
  const std::uint64_t all = state.prepared->image->pages() * machine::kWasmPageBytes;
  return layout.guard.size() != 0 ? all - layout.stack.size() - layout.guard.size() : all;
}

std::optional<Error> find_misfit(const SnapshotState& state, const Options& options) {
  if (options.limits.memory_bytes < memory_bytes_of(state)) {
    return invalid(fmt::format("memory_bytes ({}) is less than the snapshot takes ({})",
                               format_bytes(options.limits.memory_bytes),
                               format_bytes(memory_bytes_of(state))));
  }
  if ((options.limits.stack_bytes > engine::kMaxStackInPlace) != has_own_stack_region(state)) {
    return invalid(fmt::format(
        "stack_bytes ({}) must be {} {}, as in the VM that the snapshot is of",
        format_bytes(options.limits.stack_bytes), has_own_stack_region(state) ? "over" : "at most",
        format_bytes(engine::kMaxStackInPlace)));
  }
  return std::nullopt;
}

Result<std::shared_ptr<const SnapshotState>> Vm::snapshot() {
  if (runner_.load() != std::thread::id() || locked_) {
    return std::unexpected(invalid("snapshot() while the VM is running"));
  }
  // A run of its own: handles that were given back are freed, jobs that are due are done.
  if (auto done = collect_garbage(); !done) return std::unexpected(std::move(done.error()));
  auto prepared = engine_->freeze();
  if (!prepared) {
    return std::unexpected(Error{
        .code = Errc::memory_limit,
        .message = fmt::format("the host cannot keep a snapshot: {}", prepared.error().message())});
  }
  auto state = std::make_shared<SnapshotState>();
  state->options = options_;
  state->prepared = std::move(*prepared);
  state->host_table = host_table_.save();
  state->kept = kept_;
  state->kept.elapsed = elapsed();
  // Whoever was to settle them settles those of this VM.
  for (auto& [id, pending] : state->kept.pending) pending.external = false;
  state->promise_count = promise_count_;
  return state;
}

}  // namespace runtime
}  // namespace sandglass
