#include "runtime/vm.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/display.h"
#include "runtime/options.h"
#include "runtime/run.h"
#include "runtime/text.h"

namespace sandglass::runtime {

using engine::Outcome;
using engine::Tag;
using machine::Trap;

Result<std::shared_ptr<Vm>> Vm::create(Options options) {
  if (auto error = find_invalid(options)) return std::unexpected(std::move(*error));
  std::shared_ptr<Vm> vm(new Vm(std::move(options)));
  const Limits& limits = vm->options_.limits;
  const machine::SignalScope signals;
  auto engine = engine::Engine::create({.memory_bytes = limits.memory_bytes,
                                        .stack_bytes = limits.stack_bytes,
                                        .gc_threshold_bytes = vm->options_.gc_threshold_bytes},
                                       *vm);
  if (!engine) {
    return std::unexpected(
        Error{.code = Errc::memory_limit,
              .message = fmt::format("the host cannot make a VM: {}", engine.error().message()),
              .vm_usable = false});
  }
  vm->engine_ = std::move(*engine);
  if (!vm->set_arguments()) return std::unexpected(vm->faulted(vm->engine_->machine().fault()));
  return vm;
}

Outcome<void> Vm::set_arguments() {
  if (options_.arguments.empty()) return {};  // the image has an empty array
  const auto global = engine_->global_object();
  if (!global) return std::unexpected(global.error());
  const auto array = engine_->new_array();
  if (!array) return std::unexpected(array.error());
  for (std::size_t i = 0; i < options_.arguments.size(); ++i) {
    const auto text = engine_->new_string(options_.arguments[i]);
    if (!text) return std::unexpected(text.error());
    const auto set = engine_->set_element(*array, static_cast<std::uint32_t>(i), *text);
    if (!set) return std::unexpected(set.error());
  }
  if (auto set = engine_->set_property(*global, "scriptArgs", *array); !set) {
    return std::unexpected(set.error());
  }
  return engine_->free(*global);
}

Result<void> Vm::reset() {
  if (runner_.load() != std::thread::id()) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument, .message = "reset() while the VM is running"});
  }
  const machine::SignalScope signals;
  ++generation_;
  returned_.clear();
  rejections_.clear();
  totals_ = {};
  const auto error = engine_->reset();
  if (!error && set_arguments()) return {};
  engine_->machine().poison(Trap::out_of_bounds);
  return std::unexpected(
      Error{.code = Errc::memory_limit,
            .message = fmt::format("the host cannot reset the VM: {}", error.message()),
            .vm_usable = false});
}

bool Vm::usable() const noexcept {
  return engine_->machine().fault() == Trap::none;
}

bool Vm::is_current(std::uint64_t generation) const noexcept {
  return generation == generation_ && usable();
}

void Vm::interrupt() noexcept {
  machine::interrupt_run(engine_->machine().interrupts());
}

void Vm::give_back(std::uint64_t generation, std::uint64_t bits) noexcept {
  if (generation == generation_) returned_.push_back({bits});
}

Outcome<void> Vm::free_returned() {
  for (const JsValue value : std::exchange(returned_, {})) {
    if (auto freed = engine_->free(value); !freed) return freed;
  }
  return {};
}

Outcome<Type> Vm::type_of(JsValue value) {
  switch (value.tag()) {
    case Tag::null:
      return Type::null;
    case Tag::boolean:
      return Type::boolean;
    case Tag::integer:
    case Tag::float64:
      return Type::number;
    case Tag::bigint:
    case Tag::short_bigint:
      return Type::bigint;
    case Tag::string:
    case Tag::string_rope:
      return Type::string;
    case Tag::symbol:
      return Type::symbol;
    case Tag::object: {
      const auto function = engine_->is_function(value);
      if (!function) return std::unexpected(function.error());
      return *function ? Type::function : Type::object;
    }
    default:
      return Type::undefined;
  }
}

// Conversions. Each may run script code, and is a run.

Result<std::string> Vm::to_string(std::uint64_t bits) {
  return run<std::string>([&](RunState& state) -> Outcome<std::optional<std::string>> {
    auto text = string_of(*engine_, {bits});
    if (!text || *text) return text;
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  });
}

Result<double> Vm::to_number(std::uint64_t bits) {
  return run<double>([&](RunState& state) -> Outcome<std::optional<double>> {
    const auto number = engine_->to_number({bits});
    if (!number || *number) return number;
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  });
}

Result<bool> Vm::to_boolean(std::uint64_t bits) {
  return run<bool>([&](RunState&) -> Outcome<std::optional<bool>> {
    const auto truth = engine_->to_boolean({bits});
    if (!truth) return std::unexpected(truth.error());
    return *truth;
  });
}

Result<std::string> Vm::to_json(std::uint64_t bits) {
  return run<std::string>([&](RunState& state) -> Outcome<std::optional<std::string>> {
    const auto json = engine_->to_json({bits});
    if (!json) return std::unexpected(json.error());
    if (json->is_exception()) {
      if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
      return std::nullopt;
    }
    if (!json->is_string()) return "null";
    auto text = string_of(*engine_, *json);
    if (!text) return text;
    if (auto freed = engine_->free(*json); !freed) return std::unexpected(freed.error());
    if (*text) return text;
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  });
}

Result<std::string> Vm::to_display(std::uint64_t bits) {
  return run<std::string>(
      [&](RunState&) -> Outcome<std::optional<std::string>> { return display(*engine_, {bits}); });
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
  const Stats before = totals_;
  Stats stats = before;
  stats.memory_bytes = engine_->memory_bytes();
  stats.memory_peak_bytes = engine_->memory_bytes();
  stats.stack_peak_bytes = engine_->machine().stack_peak_bytes();
  const auto heap = run<std::uint64_t>(
      [&](RunState&) -> Outcome<std::optional<std::uint64_t>> { return engine_->heap_bytes(); });
  if (heap) stats.memory_bytes = *heap;
  totals_ = before;  // looking is not counted
  return stats;
}

}  // namespace sandglass::runtime
