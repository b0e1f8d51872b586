// A virtual machine under its limits: what Runtime and Value stand on.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"
#include "sandglass/runtime.h"

namespace sandglass::runtime {

/// Everything that happens in the guest happens inside a run: limits are armed, time is counted,
/// and what went wrong is told apart when it ends. Runs nest when a host callback uses its own VM;
/// the limits are those of the outermost.
class Vm final : public std::enable_shared_from_this<Vm>, private engine::Host {
 public:
  [[nodiscard]] static Result<std::shared_ptr<Vm>> create(Options options);

  ~Vm() override = default;

  [[nodiscard]] Result<Value> eval(std::string_view source, const EvalOptions& options);
  [[nodiscard]] Result<void> reset();
  [[nodiscard]] Result<void> collect_garbage();
  void interrupt() noexcept;
  [[nodiscard]] Stats stats();
  [[nodiscard]] bool usable() const noexcept;
  [[nodiscard]] const Limits& limits() const noexcept { return options_.limits; }

  // For Value. `generation` is that of the state the bits belong to.
  [[nodiscard]] bool is_current(std::uint64_t generation) const noexcept;
  [[nodiscard]] Result<std::string> to_string(std::uint64_t bits);
  [[nodiscard]] Result<double> to_number(std::uint64_t bits);
  [[nodiscard]] Result<bool> to_boolean(std::uint64_t bits);
  [[nodiscard]] Result<std::string> to_json(std::uint64_t bits);
  [[nodiscard]] Result<std::string> to_display(std::uint64_t bits);
  /// Takes back a reference that a Value owned. Frees it at the next run: dropping a Value never
  /// enters the guest.
  void give_back(std::uint64_t generation, std::uint64_t bits) noexcept;

 private:
  using JsValue = engine::JsValue;

  struct RunState;  // of one run: where it began, what it threw
  class Armed;      // limits in force, for the outermost run

  explicit Vm(Options options) : options_(std::move(options)) {}

  /// Runs `body` (Outcome<optional<T>>(RunState&); nullopt when something was thrown) under the
  /// limits.
  template <class T, class Body>
  [[nodiscard]] Result<T> run(Body body);
  /// Clears the guest's counters for a new run.
  [[nodiscard]] machine::Interrupts& prepare_guest();
  [[nodiscard]] std::optional<Error> begin_run(RunState& state);
  void end_run(RunState& state) noexcept;
  /// How a run ended, if not well. `result` is the value it completed with, if it is known.
  [[nodiscard]] std::optional<Error> verdict(RunState& state, machine::Trap trap,
                                             const JsValue* result);
  [[nodiscard]] Error stopped(machine::Stop stop, machine::Trap trap) const;
  [[nodiscard]] Error faulted(machine::Trap trap) const;
  [[nodiscard]] engine::Outcome<Error> thrown_error(RunState& state);
  [[nodiscard]] engine::Outcome<Error> limit_error(RunState& state, Errc code, std::string message,
                                                   const JsValue* result);

  // Parts of eval.
  [[nodiscard]] std::optional<Error> check_source(std::string_view source,
                                                  const EvalOptions& options) const;
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> compile(std::string_view source,
                                                                const EvalOptions& options,
                                                                RunState& state);
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> evaluate(std::string_view source,
                                                                 const EvalOptions& options,
                                                                 RunState& state);
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> settle(JsValue promise, RunState& state);
  [[nodiscard]] engine::Outcome<void> run_jobs(RunState& state);
  [[nodiscard]] engine::Outcome<void> drop_jobs();
  [[nodiscard]] engine::Outcome<void> take_thrown(RunState& state);
  [[nodiscard]] engine::Outcome<void> collect_rejections(RunState& state);
  void forget_rejections();
  [[nodiscard]] engine::Outcome<void> free_returned();
  /// What follows the body of an outermost run: its jobs, and promises that nobody handled.
  [[nodiscard]] engine::Outcome<void> finish_jobs(RunState& state);
  [[nodiscard]] engine::Outcome<void> set_arguments();
  [[nodiscard]] engine::Outcome<Type> type_of(JsValue value);

  // engine::Host
  JsValue call(std::uint32_t id, JsValue self,
               std::span<const JsValue> arguments) noexcept override;
  void promise_rejected(JsValue promise, JsValue reason, bool handled) noexcept override;
  [[nodiscard]] engine::Outcome<JsValue> print(engine::Builtin which,
                                               std::span<const JsValue> arguments);

  /// Unhandled rejections that are kept; the first is told.
  static constexpr std::size_t kMaxRejections = 64;

  struct Rejection {
    JsValue promise;
    JsValue reason;
  };

  Options options_;
  std::unique_ptr<engine::Engine> engine_;
  std::uint64_t generation_ = 1;
  std::atomic<std::thread::id> runner_;  // the thread that is inside, if any
  std::vector<JsValue> returned_;        // references to free at the next run
  std::vector<Rejection> rejections_;    // without a handler so far
  std::uint64_t run_output_bytes_ = 0;
  Stats totals_;
};

}  // namespace sandglass::runtime
