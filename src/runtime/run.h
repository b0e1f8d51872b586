// One run of a VM: what is in force while it lasts. Private to the room.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "machine/signals.h"
#include "machine/watchdog.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

/// The limits of a run in force, from construction to destruction.
class Vm::Armed {
 public:
  explicit Armed(Vm& vm);
  Armed(const Armed&) = delete;
  Armed& operator=(const Armed&) = delete;
  ~Armed();

 private:
  Vm& vm_;
  machine::SignalScope signals_;
  std::chrono::steady_clock::time_point wall_begin_;
  machine::Watch watch_;
};

struct Vm::RunState {
  RunState() = default;
  RunState(const RunState&) = delete;
  RunState& operator=(const RunState&) = delete;
  /// An exception of the host (no memory, a callback of with_bytes) ends the run as well.
  ~RunState() {
    if (entered) vm->end_run(*this);
  }

  std::shared_ptr<Vm> vm;      // in the outermost run: a callback may drop the Runtime
  std::optional<Armed> armed;  // in the outermost run only
  bool entered = false;        // runner_ is ours to clear
  std::uint64_t growth_refusals = 0;
  std::uint64_t stack_overflows = 0;
  std::uint64_t module_failures = 0;
  std::uint64_t nesting_refusals = 0;
  std::optional<JsValue> thrown;  // owned
  bool did_not_compile = false;
  std::optional<Error> failure;  // of our own making, e.g. a promise that nothing can settle
};

template <class T, class Body>
Result<T> Vm::run(Body body) {
  RunState state;
  if (auto error = begin_run(state)) {
    end_run(state);
    return std::unexpected(std::move(*error));
  }
  engine::Outcome<std::optional<T>> outcome = body(state);
  if (outcome && state.entered) {
    if (auto finished = finish_jobs(state); !finished) outcome = std::unexpected(finished.error());
  }
  const machine::Trap trap = outcome ? machine::Trap::none : outcome.error();
  const JsValue* result = nullptr;
  if constexpr (std::is_same_v<T, JsValue>) {
    if (outcome && *outcome) result = &**outcome;
  }
  auto error = verdict(state, trap, result);
  end_run(state);
  if (error) return std::unexpected(std::move(*error));
  return std::move(**outcome);
}

template <class Body>
auto Vm::act(Body body) -> Result<typename std::invoke_result_t<Body&>::value_type> {
  using T = typename std::invoke_result_t<Body&>::value_type;
  if (in_run() && !locked_ && usable()) [[likely]] {
    const machine::Machine& machine = engine_->machine();
    const std::uint64_t growth_refusals = machine.growth_refusals();
    const std::uint64_t stack_overflows = machine.stack_overflows();
    std::optional<T> result = body();
    if (result && engine_->trapped() == machine::Trap::none &&
        machine.fault() == machine::Trap::none &&
        machine.interrupts().stop() == machine::Stop::none &&
        machine.growth_refusals() == growth_refusals &&
        machine.stack_overflows() == stack_overflows) [[likely]] {
      return std::move(*result);
    }
    return std::unexpected(nested_failure(!result.has_value(), growth_refusals, stack_overflows));
  }
  return run<T>([&](RunState& state) -> engine::Outcome<std::optional<T>> {
    std::optional<T> result = body();
    if (const machine::Trap trap = engine_->take_trap(); trap != machine::Trap::none) {
      return std::unexpected(trap);
    }
    if (!result) {
      if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    }
    return result;
  });
}

template <class Body>
auto Vm::ask(Body body) -> std::invoke_result_t<Body&> {
  if (in_run()) return body();
  const machine::SignalScope signals;
  machine::Machine& machine = engine_->machine();
  machine.set_signals_prepared(true);
  auto answer = body();
  machine.set_signals_prepared(false);
  static_cast<void>(engine_->take_trap());
  return answer;
}

}  // namespace sandglass::runtime
