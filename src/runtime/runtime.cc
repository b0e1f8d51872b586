#include "sandglass/runtime.h"

#include <utility>

#include "runtime/vm.h"

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

}  // namespace sandglass
