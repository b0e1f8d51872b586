#include "sandglass/runtime.h"

#include <utility>

#include "runtime/snapshot.h"

namespace sandglass {
namespace {

Error no_vm() {
  return {.code = Errc::closed, .message = "the Runtime was moved from", .vm_usable = false};
}

}  // namespace

Runtime::Runtime(std::shared_ptr<runtime::Vm> vm) noexcept
    : Context(vm->link()), owned_(std::move(vm)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<Runtime> Runtime::create(Options options) {
  auto vm = runtime::Vm::create(std::move(options));
  if (!vm) return std::unexpected(std::move(vm.error()));
  return Runtime(std::move(*vm));
}

Result<Runtime> Runtime::from(const Snapshot& snapshot) {
  return from(snapshot, snapshot.options());
}

Result<Runtime> Runtime::from(const Snapshot& snapshot, Options options) {
  if (auto error = runtime::find_misfit(*snapshot.state_, options)) {
    return std::unexpected(std::move(*error));
  }
  auto vm = runtime::Vm::create(std::move(options), snapshot.state_);
  if (!vm) return std::unexpected(std::move(vm.error()));
  return Runtime(std::move(*vm));
}

Result<Snapshot> Runtime::snapshot() {
  if (!owned_) return std::unexpected(no_vm());
  auto state = owned_->snapshot();
  if (!state) return std::unexpected(std::move(state.error()));
  return Snapshot(std::move(*state));
}

Result<Runtime> Runtime::fork() {
  const Result<Snapshot> now = snapshot();
  if (!now) return std::unexpected(now.error());
  return from(*now);
}

Result<void> Runtime::reset() {
  if (!owned_) return std::unexpected(no_vm());
  auto done = owned_->reset();
  vm_ = owned_->link();
  return done;
}

Result<void> Runtime::collect_garbage() {
  if (!owned_) return std::unexpected(no_vm());
  return owned_->collect_garbage();
}

void Runtime::interrupt() noexcept {
  if (owned_) owned_->interrupt();
}

Stats Runtime::stats() const {
  return owned_ ? owned_->stats() : Stats();
}

const Limits& Runtime::limits() const noexcept {
  static const Limits none;
  return owned_ ? owned_->limits() : none;
}

Result<void> Runtime::set_limits(const Limits& limits) {
  if (!owned_) return std::unexpected(no_vm());
  return owned_->set_limits(limits);
}

}  // namespace sandglass
