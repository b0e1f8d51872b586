#include "runtime/vm.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/budget.h"
#include "runtime/display.h"
#include "runtime/options.h"
#include "runtime/run.h"
#include "runtime/snapshot.h"
#include "runtime/text.h"

namespace sandglass::runtime {

using engine::Outcome;
using machine::Trap;

Vm::Vm(Options options) : options_(std::move(options)) {
  open_link();
}

Vm::~Vm() {
  inbox_->close();
  close_link();
  // Destructors of the embedder find the VM closed.
  host_table_.clear();
}

void Vm::open_link() {
  link_ = detail::VmPointer(new detail::VmLink(this));
}

void Vm::close_link() noexcept {
  link_.link()->vm = nullptr;
  close_promises();
}

Result<std::shared_ptr<Vm>> Vm::create(Options options,
                                       std::shared_ptr<const SnapshotState> origin) {
  if (auto error = find_invalid(options)) return std::unexpected(std::move(*error));
  std::shared_ptr<Vm> vm(new Vm(std::move(options)));
  const Limits& limits = vm->options_.limits;
  auto engine = engine::Engine::create({.memory_bytes = limits.memory_bytes,
                                        .stack_bytes = limits.stack_bytes,
                                        .gc_threshold_bytes = vm->options_.gc_threshold_bytes,
                                        .account = account_of(vm->options_.budget)},
                                       *vm, origin ? origin->prepared : nullptr);
  if (!engine && engine.error() == std::errc::operation_canceled) {
    return std::unexpected(Error{.code = Errc::budget_limit,
                                 .message = "the budget has no memory left for a VM",
                                 .vm_usable = false});
  }
  if (!engine) {
    return std::unexpected(
        Error{.code = Errc::memory_limit,
              .message = fmt::format("the host cannot make a VM: {}", engine.error().message()),
              .vm_usable = false});
  }
  vm->engine_ = std::move(*engine);
  vm->origin_ = std::move(origin);
  if (vm->origin_) {
    vm->promise_count_ = vm->origin_->promise_count;
    vm->restore_host_state();
  }
  vm->begin_time();
  if (auto set = vm->set_process(); !set) return std::unexpected(std::move(set.error()));
  return vm;
}

void Vm::restore_host_state() {
  host_table_.restore(origin_ ? origin_->host_table.get() : nullptr);
  kept_ = origin_ ? origin_->kept : Kept();
  file_handles_ = {};
}

Result<void> Vm::reset() {
  if (runner_.load() != std::thread::id() || locked_) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument, .message = "reset() while the VM is running"});
  }
  close_link();
  open_link();
  returned_.clear();
  rejections_.clear();
  thrown_.clear();
  static_atoms_.clear();
  totals_ = {};
  // Destructors of the embedder run here: the VM is nothing to work with.
  lock(true);
  restore_host_state();
  lock(false);
  const auto error = engine_->reset();
  if (!error) {
    begin_time();
    return set_process();
  }
  engine_->machine().poison(Trap::out_of_bounds);
  return std::unexpected(
      Error{.code = Errc::memory_limit,
            .message = fmt::format("the host cannot reset the VM: {}", error.message()),
            .vm_usable = false});
}

Result<void> Vm::set_limits(const Limits& limits) {
  const auto invalid = [](std::string message) {
    return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
  };
  if (runner_.load() != std::thread::id()) return invalid("set_limits() while the VM is running");
  if (limits.memory_bytes != options_.limits.memory_bytes ||
      limits.stack_bytes != options_.limits.stack_bytes) {
    return invalid("memory_bytes and stack_bytes of a VM cannot be changed");
  }
  if (auto error = find_invalid(limits)) return std::unexpected(std::move(*error));
  options_.limits = limits;
  return {};
}

bool Vm::usable() const noexcept {
  return engine_->machine().fault() == Trap::none;
}

void Vm::interrupt() noexcept {
  machine::interrupt_run(engine_->machine().interrupts());
  inbox_->wake();  // it may be waiting for the host
}

// Handles.

Value Vm::adopt(JsValue owned) noexcept {
  return owned.is_counted() ? Value(link_, owned) : Value(owned);
}

std::optional<Value> Vm::adopt_result(JsValue owned) noexcept {
  if (owned.is_exception()) return std::nullopt;
  return adopt(owned);
}

Value Vm::share(JsValue borrowed) noexcept {
  if (!borrowed.is_counted()) return Value(borrowed);
  const JsValue shared = engine_->duplicate_plain(borrowed);
  return shared.is_exception() ? Value() : Value(link_, shared);
}

Vm::JsValue Vm::take(Value& value) noexcept {
  value.vm_ = detail::VmPointer();
  return std::exchange(value.js_, JsValue());
}

bool Vm::accepts(const Value& value) const noexcept {
  return !value.js_.is_counted() || value.vm_.link() == link_.link();
}

void Vm::give_back(JsValue owned) noexcept {
  if (!owned.is_counted()) return;
  if (in_run() && !locked_) {
    engine_->free_plain(owned);
  } else {
    returned_.push_back(owned);
  }
}

void Vm::free_returned() {
  while (!returned_.empty()) {
    const std::vector<JsValue> values = std::exchange(returned_, {});
    engine_->free_all(values);
  }
}

engine::Atom Vm::static_atom(const char* name) {
  engine::Atom& atom = static_atoms_[name];
  if (!atom) atom = engine_->atom(std::string_view(name));
  return atom;
}

Result<void> Vm::collect_garbage() {
  const auto done = run<bool>([&](RunState&) -> Outcome<std::optional<bool>> {
    if (auto collected = engine_->collect_garbage(); !collected) {
      return std::unexpected(collected.error());
    }
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return {};
}

Stats Vm::stats() {
  const std::shared_ptr<Vm> self = shared_from_this();  // destructors may drop the Runtime
  const Stats before = totals_;
  Stats stats = before;
  stats.memory_bytes = engine_->memory_bytes();
  stats.memory_peak_bytes = engine_->memory_bytes();
  stats.stack_peak_bytes = engine_->machine().stack_peak_bytes();
  const auto heap = run<std::uint64_t>(
      [&](RunState&) -> Outcome<std::optional<std::uint64_t>> { return engine_->heap_bytes(); });
  if (heap) stats.memory_bytes = *heap;
  stats.host_functions = host_table_.functions();
  stats.host_objects = host_table_.objects();
  totals_ = before;  // looking is not counted
  return stats;
}

}  // namespace sandglass::runtime
