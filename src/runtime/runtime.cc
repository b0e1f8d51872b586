#include "sandglass/runtime.h"

#include <utility>

#include "runtime/vm.h"

namespace sandglass {
namespace {

Error no_vm() {
  return {.code = Errc::closed, .message = "the Runtime was moved from", .vm_usable = false};
}

}  // namespace

Runtime::Runtime(std::shared_ptr<runtime::Vm> vm) noexcept : vm_(std::move(vm)) {}
Runtime::Runtime(Runtime&&) noexcept = default;
Runtime& Runtime::operator=(Runtime&&) noexcept = default;
Runtime::~Runtime() = default;

Result<Runtime> Runtime::create(Options options) {
  auto vm = runtime::Vm::create(std::move(options));
  if (!vm) return std::unexpected(std::move(vm.error()));
  return Runtime(std::move(*vm));
}

Result<Value> Runtime::eval(std::string_view source, EvalOptions options) {
  if (!vm_) return std::unexpected(no_vm());
  return vm_->eval(source, options);
}

Result<void> Runtime::reset() {
  if (!vm_) return std::unexpected(no_vm());
  return vm_->reset();
}

Result<void> Runtime::collect_garbage() {
  if (!vm_) return std::unexpected(no_vm());
  return vm_->collect_garbage();
}

void Runtime::interrupt() noexcept {
  if (vm_) vm_->interrupt();
}

Stats Runtime::stats() const {
  return vm_ ? vm_->stats() : Stats();
}

bool Runtime::usable() const noexcept {
  return vm_ && vm_->usable();
}

const Limits& Runtime::limits() const noexcept {
  static const Limits none;
  return vm_ ? vm_->limits() : none;
}

}  // namespace sandglass
