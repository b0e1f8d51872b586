// eval: from source text to a completion value, with all the jobs that the source leads to.
#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "runtime/loading.h"
#include "runtime/options.h"
#include "runtime/run.h"
#include "runtime/text.h"
#include "runtime/utf8.h"

namespace sandglass::runtime {

using engine::CompileMode;
using engine::Outcome;
using engine::PromiseState;
using machine::Stop;

namespace {

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

// Whether a line starts like an import or export declaration. Only decides which of two syntax
// errors is told.
bool looks_like_module(std::string_view source) {
  for (std::size_t at = 0; at != std::string_view::npos;) {
    at = source.find_first_not_of(" \t\r\n;", at);
    if (at == std::string_view::npos) return false;
    const std::string_view rest = source.substr(at);
    if (rest.starts_with("import") || rest.starts_with("export")) return true;
    at = source.find('\n', at);
  }
  return false;
}

}  // namespace

Result<Value> Vm::eval(std::string_view source, const EvalOptions& options) {
  if (auto error = check_source(source, options)) return std::unexpected(std::move(*error));
  const std::shared_ptr<Vm> self = shared_from_this();  // a callback may drop the Runtime
  const auto value = run<JsValue>([&](RunState& state) -> Outcome<std::optional<JsValue>> {
    const std::string_view outer_name = std::exchange(running_name_, options.file_name);
    const std::string_view outer_source = std::exchange(running_source_, source);
    auto completion = evaluate(source, options, state);
    if (!state.entered) {
      running_name_ = outer_name;
      running_source_ = outer_source;
    }
    return completion;
  });
  if (!in_run()) running_name_ = running_source_ = {};
  if (!value) return std::unexpected(value.error());
  return adopt(*value);
}

std::optional<Error> Vm::check_source(std::string_view source, const EvalOptions& options) const {
  const std::uint64_t limit = options_.limits.memory_bytes;
  if (source.size() > limit) {
    return invalid(fmt::format("the source has {} bytes, more than memory_bytes ({})",
                               source.size(), format_bytes(limit)));
  }
  if (const auto at = source.find('\0'); at != std::string_view::npos) {
    return invalid(fmt::format("the source has a NUL byte at offset {}", at));
  }
  if (const auto at = find_invalid_utf8(source)) {
    return invalid(fmt::format("the source is not UTF-8: ill-formed at offset {}", *at));
  }
  if (options.file_name.find('\0') != std::string_view::npos ||
      find_invalid_utf8(options.file_name)) {
    return invalid("the file name has a NUL byte or is not UTF-8");
  }
  return std::nullopt;
}

Outcome<void> Vm::take_thrown(RunState& state) {
  const auto exception = engine_->take_exception();
  if (!exception) return std::unexpected(exception.error());
  if (state.thrown) return engine_->free(*exception);  // the first one counts
  state.thrown = *exception;
  return {};
}

Outcome<std::optional<engine::JsValue>> Vm::compile(std::string_view source,
                                                    const EvalOptions& options, RunState& state) {
  const CompileMode script =
      options.top_level_await ? CompileMode::async_script : CompileMode::script;
  const bool module = options.kind == SourceKind::module;
  const std::uint32_t flags = (options.strict ? engine::kCompileStrict : 0) |
                              (options.backtrace_barrier ? engine::kCompileBarrier : 0);
  Loading loading(*this, options.file_name);
  auto compiled =
      engine_->compile(source, options.file_name, module ? CompileMode::module : script, flags);
  if (!compiled) return std::unexpected(compiled.error());
  if (!compiled->is_exception()) {
    loading.done();
    return *compiled;
  }
  if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
  state.did_not_compile = true;

  const machine::Machine& machine = engine_->machine();
  const bool hit_limit = machine.growth_refusals() != state.growth_refusals ||
                         machine.stack_overflows() != state.stack_overflows ||
                         machine.interrupts().stop() != Stop::none;
  if (options.kind != SourceKind::detect || hit_limit) return std::nullopt;
  compiled = engine_->compile(source, options.file_name, CompileMode::module, flags);
  if (!compiled) return std::unexpected(compiled.error());
  if (compiled->is_exception() && !looks_like_module(source)) {
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  }
  if (auto freed = engine_->free(*std::exchange(state.thrown, std::nullopt)); !freed) {
    return std::unexpected(freed.error());
  }
  if (compiled->is_exception()) {
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  }
  state.did_not_compile = false;
  loading.done();
  return *compiled;
}

Outcome<std::optional<engine::JsValue>> Vm::evaluate(std::string_view source,
                                                     const EvalOptions& options, RunState& state) {
  const auto compiled = compile(source, options, state);
  if (!compiled || !*compiled) return compiled;
  if ((*compiled)->tag() == engine::Tag::module) set_module_url(**compiled, options.file_name);
  return evaluate_compiled(**compiled, options, state);
}

Outcome<std::optional<engine::JsValue>> Vm::evaluate_compiled(JsValue compiled,
                                                              const EvalOptions& options,
                                                              RunState& state) {
  const bool module = compiled.tag() == engine::Tag::module;
  if (module) {  // the context keeps it; evaluation consumes one reference more
    if (auto kept = engine_->duplicate(compiled); !kept) return std::unexpected(kept.error());
  }
  const auto completion = engine_->evaluate(compiled);
  if (!completion) return std::unexpected(completion.error());
  if (completion->is_exception()) {
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
  }
  const bool awaits = module || options.top_level_await;
  if (state.entered || awaits) {
    if (auto done = run_jobs(state); !done) return std::unexpected(done.error());
  }

  std::optional<JsValue> value;
  if (!state.thrown) value = *completion;
  if (value && awaits) {
    auto settled = settle(*value, state, std::chrono::steady_clock::time_point::max(), !module);
    if (!settled) return settled;
    value = *settled;
  }
  if (module) {
    if (value) {
      const auto exports = engine_->module_namespace(compiled);
      if (!exports) return std::unexpected(exports.error());
      value = *exports;
    }
    if (auto freed = engine_->free(compiled); !freed) return std::unexpected(freed.error());
  }
  // Nobody is left to handle a rejection that is there now.
  if (value && options.until_idle && !state.thrown && !state.failure && rejections_.empty()) {
    const auto end = loop(state, std::nullopt, std::chrono::steady_clock::time_point::max());
    if (!end) return std::unexpected(end.error());
  }
  if (!state.thrown && !state.failure) return value;
  if (value) {
    if (auto freed = engine_->free(*value); !freed) return std::unexpected(freed.error());
  }
  return std::nullopt;
}

Outcome<std::optional<engine::JsValue>> Vm::settle(JsValue promise, RunState& state,
                                                   std::chrono::steady_clock::time_point until,
                                                   bool wraps) {
  const auto end = loop(state, promise, until);
  if (!end) return std::unexpected(end.error());
  const auto status = engine_->promise_state(promise);
  if (!status) return std::unexpected(status.error());
  if (*status == PromiseState::not_a_promise) return promise;
  std::optional<JsValue> value;
  if (*status == PromiseState::pending) {
    if (*end == LoopEnd::idle) state.failure = never_settles();
    if (*end == LoopEnd::deadline) {
      const std::string pending = tell_pending();
      state.failure =
          Error{.code = Errc::time_limit,
                .message = fmt::format("the promise is still pending at the deadline{}{}",
                                       pending.empty() ? "" : "; pending: ", pending)};
    }
  } else {
    const auto result = engine_->promise_result(promise);
    if (!result) return std::unexpected(result.error());
    if (*status == PromiseState::rejected) {
      if (state.thrown) give_back(*state.thrown);
      state.thrown = *result;
      if (auto marked = engine_->mark_promise_handled(promise); !marked) {
        return std::unexpected(marked.error());
      }
      forget_rejection(promise);
    } else {
      value = *result;
    }
  }
  if (auto freed = engine_->free(promise); !freed) return std::unexpected(freed.error());
  if (!wraps || !value || !value->is_object()) return value;
  const auto inner = engine_->get_property(*value, "value");
  if (!inner) return std::unexpected(inner.error());
  if (auto freed = engine_->free(*value); !freed) return std::unexpected(freed.error());
  if (!inner->is_exception()) return *inner;
  if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
  return std::nullopt;
}

// Jobs.

Outcome<void> Vm::run_jobs(RunState& state) {
  for (;;) {
    if (engine_->machine().interrupts().stop() != Stop::none) return {};
    settle_posted();
    const auto pending = engine_->job_pending();
    if (!pending) return std::unexpected(pending.error());
    if (!*pending) return {};
    const auto done = engine_->run_job();
    if (!done) return std::unexpected(done.error());
    if (!*done) {
      if (auto taken = take_thrown(state); !taken) return taken;
    }
  }
}

// Jobs that a run leaves behind must not go on in the next one. Each is ended at its first poll;
// the grace bounds all of them together.
Outcome<void> Vm::drop_jobs() {
  for (bool first = true;; first = false) {
    const auto pending = engine_->job_pending();
    if (!pending) return std::unexpected(pending.error());
    if (!*pending) return {};
    if (first) machine::interrupt_run(engine_->machine().interrupts());
    engine_->set_interrupt_counter(1);
    const auto done = engine_->run_job();
    if (!done) return std::unexpected(done.error());
    if (!*done) {
      if (auto dropped = drop_exception(*engine_); !dropped) return dropped;
    }
  }
}

// Rejected promises.

void Vm::forget_rejections() {
  for (const Rejection& rejection : std::exchange(rejections_, {})) {
    give_back(rejection.promise);
    give_back(rejection.reason);
  }
}

Outcome<void> Vm::collect_rejections(RunState& state) {
  for (const Rejection& rejection : std::exchange(rejections_, {})) {
    if (auto freed = engine_->free(rejection.promise); !freed) return freed;
    if (!state.thrown) {
      state.thrown = rejection.reason;
    } else if (auto freed = engine_->free(rejection.reason); !freed) {
      return freed;
    }
  }
  return {};
}

// A rejection that is told as the outcome of the run that awaited it.
void Vm::forget_rejection(JsValue promise) {
  const auto at = std::ranges::find(
      rejections_, promise.bits, [](const Rejection& rejection) { return rejection.promise.bits; });
  if (at == rejections_.end()) return;
  give_back(at->promise);
  give_back(at->reason);
  rejections_.erase(at);
}

void Vm::promise_rejected(JsValue promise, JsValue reason, bool handled) noexcept {
  const auto at = std::ranges::find(
      rejections_, promise.bits, [](const Rejection& rejection) { return rejection.promise.bits; });
  if (handled) {
    if (at == rejections_.end()) return;
    const Rejection rejection = *at;
    rejections_.erase(at);
    // At once: a script may do this without end, and the host keeps no lists for it. A trap here
    // ends the run as this returns.
    static_cast<void>(engine_->free(rejection.promise));
    static_cast<void>(engine_->free(rejection.reason));
    return;
  }
  if (at != rejections_.end() || rejections_.size() >= kMaxRejections) return;
  const auto kept_promise = engine_->duplicate(promise);
  const auto kept_reason = engine_->duplicate(reason);
  // If not, the machine has faulted, and the run is about to end.
  if (kept_promise && kept_reason) rejections_.push_back({*kept_promise, *kept_reason});
}

}  // namespace sandglass::runtime
