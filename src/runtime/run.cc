#include "runtime/run.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/budget.h"
#include "runtime/display.h"
#include "runtime/exception.h"
#include "runtime/options.h"

namespace sandglass::runtime {

using engine::Outcome;
using machine::Stop;
using machine::Trap;
using std::chrono::nanoseconds;
using SteadyClock = std::chrono::steady_clock;

namespace {

constexpr std::string_view kNestedTooDeep =
    "stack limit reached: C++ and JavaScript call each other too deep";

Error closed_error() {
  return {.code = Errc::closed,
          .message = "the VM ended with a fault or a hard limit; reset() makes it usable again",
          .vm_usable = false};
}

machine::Watch::Deadlines deadlines(const Options& options, SteadyClock::time_point now) {
  const Limits& limits = options.limits;
  machine::Watch::Deadlines result;
  if (limits.wall_time && *limits.wall_time < SteadyClock::time_point::max() - now) {
    result.wall = now + *limits.wall_time;
  }
  result.cpu = limits.cpu_time;
  result.grace = limits.grace;
  result.account = account_of(options.budget);
  return result;
}

}  // namespace

Vm::Armed::Armed(Vm& vm)
    : vm_(vm),
      wall_begin_(SteadyClock::now()),
      watch_(vm.prepare_guest(), deadlines(vm.options_, wall_begin_)) {
  vm_.wall_deadline_ =
      deadlines(vm.options_, wall_begin_).wall.value_or(SteadyClock::time_point::max());
}

Vm::Armed::~Armed() {
  vm_.engine_->machine().set_signals_prepared(false);
  machine::Interrupts& interrupts = vm_.engine_->machine().interrupts();
  const std::uint64_t polls = interrupts.polls();
  const SteadyClock::time_point end = SteadyClock::now();
  vm_.totals_.runs += 1;
  vm_.totals_.wall += end - wall_begin_;
  vm_.totals_.cpu += interrupts.cpu().used(wall_begin_, end);
  vm_.totals_.fuel += std::min(polls, vm_.options_.limits.fuel.value_or(polls));
  vm_.totals_.output_bytes += vm_.run_output_bytes_;
}

machine::Interrupts& Vm::prepare_guest() {
  engine_->machine().set_signals_prepared(true);
  machine::Interrupts& interrupts = engine_->machine().interrupts();
  interrupts.begin_run(options_.limits.fuel.value_or(machine::Interrupts::kNoPollLimit));
  engine_->set_interrupt_counter(engine::kInterruptCounterStart);
  run_output_bytes_ = 0;
  return interrupts;
}

std::optional<Error> Vm::begin_run(RunState& state) {
  const std::thread::id me = std::this_thread::get_id();
  std::thread::id runner;
  if (locked_) {
    return Error{.code = Errc::invalid_argument,
                 .message = "the VM is locked while the host looks at its bytes"};
  }
  if (runner_.compare_exchange_strong(runner, me)) {
    state.entered = true;
    state.vm = shared_from_this();
  } else if (runner != me) {
    return Error{.code = Errc::invalid_argument, .message = "the VM is running on another thread"};
  }
  if (!usable()) return closed_error();
  if (state.entered) {
    if (!machine::start_watchdog()) {
      return Error{.code = Errc::memory_limit,
                   .message = "the host cannot make the thread that keeps time limits"};
    }
    // Without one nothing would run, and what is owed to the engine would be lost.
    if (!engine_->machine().acquire_stack()) {
      return Error{.code = Errc::memory_limit,
                   .message = "the host has no memory for the VM's native stack"};
    }
    state.armed.emplace(*this);
    // A trap in it makes the calls that follow fail.
    static_cast<void>(engine_->begin_run());
    free_returned();
    static_cast<void>(engine_->take_trap());
    if (math_random_seed_) engine_->seed_math_random(*std::exchange(math_random_seed_, {}));
  }
  state.growth_refusals = engine_->machine().growth_refusals();
  state.stack_overflows = engine_->machine().stack_overflows();
  state.module_failures = module_failures_;
  state.nesting_refusals = nesting_refusals_;
  return std::nullopt;
}

void Vm::end_run(RunState& state) noexcept {
  if (state.entered && state.armed) forget_thrown();
  state.armed.reset();
  if (!std::exchange(state.entered, false)) return;
  // A stop or a kill that came too late has nothing to do with what is asked of the VM next.
  engine_->machine().interrupts().begin_run(machine::Interrupts::kNoPollLimit);
  sources_.clear();
  engine_->end_run();
  runner_.store(std::thread::id());
  // Destructors of the embedder run last: they may use the VM again.
  if (host_table_.uncollected() != 0) host_table_.collect();
}

std::optional<Error> Vm::begin_span(RunState& state) {
  auto error = begin_run(state);
  if (!error) before_host();
  return error;
}

Result<void> Vm::end_span(RunState& state) {
  std::optional<Error> error;
  if (state.entered && state.armed) {
    Trap trap = engine_->take_trap();
    if (trap == Trap::none) {
      if (const auto finished = finish_jobs(state); !finished) trap = finished.error();
    }
    error = verdict(state, trap, nullptr);
  }
  end_run(state);
  if (error) return std::unexpected(std::move(*error));
  return {};
}

Error Vm::nested_failure(bool thrown, std::uint64_t growth_refusals,
                         std::uint64_t stack_overflows) {
  RunState state;
  state.growth_refusals = growth_refusals;
  state.stack_overflows = stack_overflows;
  Trap trap = engine_->take_trap();
  if (thrown && trap == Trap::none) {
    if (const auto taken = take_thrown(state); !taken) trap = taken.error();
  }
  auto error = verdict(state, trap, nullptr);
  if (error) return std::move(*error);
  return {.code = Errc::guest_fault, .message = "the engine failed without an exception"};
}

// Which of several things that went wrong is told: a fault, then what ended the run from outside,
// then a limit that the guest ran into, then what the script threw.
std::optional<Error> Vm::verdict(RunState& state, Trap trap, const JsValue* result) {
  const machine::Machine& machine = engine_->machine();
  const machine::Interrupts& interrupts = machine.interrupts();
  if (trap == Trap::none) trap = machine.fault();
  if (trap == Trap::nested_too_deep) {
    return Error{.code = Errc::stack_limit, .message = std::string(kNestedTooDeep)};
  }
  if (trap != Trap::none) return stopped(interrupts.stop(), trap);

  Outcome<Error> error = Error{};
  bool failed = true;
  if (interrupts.stop() != Stop::none) {
    // Answered below.
  } else if (machine.growth_refusals() != state.growth_refusals && machine.refused_by_account()) {
    error = limit_error(state, Errc::budget_limit, memory_budget_message(), result);
  } else if (machine.growth_refusals() != state.growth_refusals) {
    error = limit_error(
        state, Errc::memory_limit,
        fmt::format("memory limit of {} reached", format_bytes(options_.limits.memory_bytes)),
        result);
  } else if (machine.stack_overflows() != state.stack_overflows) {
    error = limit_error(
        state, Errc::stack_limit,
        nesting_refusals_ != state.nesting_refusals
            ? std::string(kNestedTooDeep)
            : fmt::format("stack limit of {} reached", format_bytes(options_.limits.stack_bytes)),
        result);
  } else if (state.thrown) {
    error = thrown_error(state);
  } else if (state.failure) {
    error = std::move(*state.failure);
  } else {
    failed = false;
  }
  if (state.thrown) {
    if (error && !state.entered) {
      // Kept for a while: the host function that called may pass it on.
      error->thrown = keep_thrown(*state.thrown);
    } else {
      give_back(*state.thrown);
    }
  }
  if (failed && result != nullptr) give_back(*result);
  // Looking at what was thrown may have run script code: it may have been stopped, and may have
  // left jobs and rejections behind, which belong to this run.
  const Stop stop = interrupts.stop();
  if (error && state.entered) {
    const auto dropped = drop_jobs();
    forget_rejections();
    if (!dropped) {
      // It asks for a stop of its own; one that came from outside meanwhile is told instead.
      const Stop late = stop != Stop::none ? stop : interrupts.stop();
      if (late != Stop::interrupted || stop != Stop::none) return stopped(late, dropped.error());
      if (!failed) return faulted(engine_->machine().fault());
      error->vm_usable = false;
      return std::move(*error);
    }
  }
  if (!error) return stopped(stop, error.error());
  if (stop != Stop::none) return stopped(stop, Trap::none);
  if (failed) return std::move(*error);
  return std::nullopt;
}

std::shared_ptr<const detail::ThrownValue> Vm::keep_thrown(JsValue owned) {
  if (thrown_.size() >= collect_thrown_at_) collect_thrown();
  const std::uint64_t number = ++thrown_count_;
  thrown_.emplace(number, owned);
  return std::make_shared<const detail::ThrownValue>(inbox_, number);
}

std::optional<engine::JsValue> Vm::find_thrown(const Error& error) const {
  if (error.thrown == nullptr || error.thrown->inbox() != inbox_) return std::nullopt;
  const auto at = thrown_.find(error.thrown->number());
  return at != thrown_.end() ? std::optional(at->second) : std::nullopt;
}

void Vm::collect_thrown() {
  for (const std::uint64_t number : inbox_->take_dropped()) {
    const auto at = thrown_.find(number);
    if (at == thrown_.end()) continue;
    give_back(at->second);
    thrown_.erase(at);
  }
  collect_thrown_at_ = std::max(kFewThrown, thrown_.size() * 2);
}

void Vm::forget_thrown() {
  if (thrown_.empty()) return;
  for (const auto& [number, value] : std::exchange(thrown_, {})) give_back(value);
  inbox_->forget_thrown(thrown_count_);
  collect_thrown_at_ = kFewThrown;
}

Outcome<void> Vm::finish_jobs(RunState& state) {
  if (auto done = run_jobs(state); !done) return done;
  return collect_rejections(state);
}

std::string Vm::memory_budget_message() const {
  const auto& limits = account_of(options_.budget)->limits();
  return fmt::format("memory of {}, shared by the VMs of a budget, is used up",
                     format_bytes(limits.memory_bytes.value_or(0)));
}

Error Vm::stopped(Stop stop, Trap trap) const {
  // The call that is asked for may only have met a fault that another one left.
  if (trap == Trap::faulted_before) trap = engine_->machine().fault();
  const Limits& limits = options_.limits;
  Error error;
  error.vm_usable = trap == Trap::none;
  // Only a kill is the continuation of a stop; any other trap is a fault of its own.
  if (stop == Stop::none || (trap != Trap::none && trap != Trap::killed)) return faulted(trap);
  switch (stop) {
    case Stop::none:
      break;
    case Stop::wall_time:
      error.code = Errc::time_limit;
      error.message =
          fmt::format("wall time limit of {} reached", format_duration(*limits.wall_time));
      break;
    case Stop::cpu_time:
      error.code = Errc::time_limit;
      error.message =
          fmt::format("CPU time limit of {} reached", format_duration(*limits.cpu_time));
      break;
    case Stop::interrupted:
      error.code = Errc::interrupted;
      error.message = "interrupted by the host";
      break;
    case Stop::fuel:
      error.code = Errc::fuel_limit;
      error.message = fmt::format("fuel limit of {} reached", *limits.fuel);
      break;
    case Stop::budget:
      error.code = Errc::budget_limit;
      error.message = fmt::format(
          "CPU time of {}, shared by the VMs of a budget, is used up",
          format_duration(account_of(options_.budget)->limits().cpu_time.value_or(nanoseconds(0))));
      break;
    case Stop::exited:
      error.code = Errc::exited;
      error.message = fmt::format("the script ended itself with status {}", exit_status_);
      error.exit_status = exit_status_;
      break;
    case Stop::output:
      error.code = Errc::output_limit;
      error.message = fmt::format("output limit of {} reached", format_bytes(limits.output_bytes));
      break;
  }
  if (!error.vm_usable) error.message += "; the guest did not end by itself and was cut off";
  return error;
}

Error Vm::faulted(Trap trap) const {
  // Recursion in C code of the engine that its own check does not see.
  if (trap == Trap::native_stack_overflow || trap == Trap::guest_stack_overflow) {
    return {.code = Errc::stack_limit,
            .message = fmt::format("stack limit of {} reached, inside the engine",
                                   format_bytes(options_.limits.stack_bytes)),
            .vm_usable = false};
  }
  return {
      .code = Errc::guest_fault,
      .message = fmt::format("the engine failed and was contained: {}", machine::to_string(trap)),
      .vm_usable = false};
}

Outcome<Error> Vm::thrown_error(RunState& state) {
  auto error = describe_exception(*engine_, *state.thrown);
  if (!error) return error;
  // Compilation also loads imported modules.
  const bool module_failed = module_failures_ != state.module_failures;
  if (module_failed && error->detail == kModuleNotFound) {
    error->code = Errc::module_not_found;
  } else if (state.did_not_compile && !module_failed) {
    error->code = Errc::syntax;
  }
  locate(*error);
  return error;
}

Outcome<Error> Vm::limit_error(RunState& state, Errc code, std::string message,
                               const JsValue* result) {
  Error error;
  if (state.thrown) {
    auto described = describe_exception(*engine_, *state.thrown);
    if (!described) return described;
    error = std::move(*described);
  } else if (result != nullptr) {
    auto text = display(*this, *result);
    if (!text) return std::unexpected(text.error());
    error.completion = std::move(*text);
    message += "; the script caught the error and went on";
  }
  error.code = code;
  error.message = std::move(message);
  return error;
}

}  // namespace sandglass::runtime
