// QuickJS's C API, called from the host: typed, checked, and never trusted.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/host.h"
#include "engine/js_value.h"
#include "engine/prepared.h"
#include "machine/machine.h"

namespace sandglass::engine {

using machine::Outcome;

/// How source is compiled; JS_EVAL_* of quickjs.h.
enum class CompileMode : std::uint32_t {
  script = 0,
  async_script = 1u << 7,  // await at top level; evaluation gives a promise of {value}
  module = 1u << 0,
};

enum class PromiseState : std::uint32_t { not_a_promise, pending, fulfilled, rejected };

struct EngineOptions {
  std::uint64_t memory_bytes;
  std::uint64_t stack_bytes;
  std::uint64_t gc_threshold_bytes;
};

/// One engine in one machine.
///
/// Every function that enters the guest returns an Outcome: the machine may trap at any time, and
/// is then of no use. JavaScript exceptions are values: a JsValue that is_exception() means that
/// one is pending, to be taken by take_exception(). Results are owned by the caller (see free)
/// unless said otherwise; arguments are borrowed unless said otherwise.
///
/// Bytes read from the guest are copied once and may be anything.
class Engine {
 public:
  using MaybeString = std::optional<std::string>;

  [[nodiscard]] static std::expected<std::unique_ptr<Engine>, std::error_code> create(
      const EngineOptions& options, Host& host);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes everything back to how create() left it.
  [[nodiscard]] std::error_code reset();

  // Source to value.

  /// Compiles without running. `source` must not contain NUL (the engine wants a terminator).
  [[nodiscard]] Outcome<JsValue> compile(std::string_view source, std::string_view file_name,
                                         CompileMode mode);
  /// Runs what compile() gave; consumes it.
  [[nodiscard]] Outcome<JsValue> evaluate(JsValue compiled);
  /// The namespace object of a module that was evaluated.
  [[nodiscard]] Outcome<JsValue> module_namespace(JsValue module);

  // Jobs and promises.

  [[nodiscard]] Outcome<bool> job_pending();
  /// Runs one job. False: it ended in an exception, which is pending.
  [[nodiscard]] Outcome<bool> run_job();
  [[nodiscard]] Outcome<PromiseState> promise_state(JsValue value);
  [[nodiscard]] Outcome<JsValue> promise_result(JsValue promise);
  [[nodiscard]] Outcome<void> mark_promise_handled(JsValue promise);

  // Exceptions.

  /// The pending exception, or JsValue of Tag::uninitialized if there was none.
  [[nodiscard]] Outcome<JsValue> take_exception();
  [[nodiscard]] Outcome<bool> is_error(JsValue value);
  /// For a host function: throws an Error with `message`; returns what the function is to return.
  [[nodiscard]] Outcome<JsValue> throw_error(std::string_view message);
  /// As throw_error, but the script cannot catch it.
  [[nodiscard]] Outcome<JsValue> throw_uncatchable(std::string_view message);

  // Values.

  [[nodiscard]] Outcome<void> free(JsValue value);
  [[nodiscard]] Outcome<JsValue> duplicate(JsValue value);
  [[nodiscard]] Outcome<bool> is_function(JsValue value);
  [[nodiscard]] Outcome<JsValue> new_string(std::string_view utf8);
  [[nodiscard]] Outcome<JsValue> new_array();
  [[nodiscard]] Outcome<JsValue> global_object();
  /// At most the first `max_bytes` bytes, as the engine encodes them (lone surrogates included).
  /// May run script code. nullopt: an exception is pending.
  [[nodiscard]] Outcome<MaybeString> to_string(JsValue value, std::size_t max_bytes = SIZE_MAX);
  [[nodiscard]] Outcome<std::optional<double>> to_number(JsValue value);
  [[nodiscard]] Outcome<bool> to_boolean(JsValue value);
  /// A string, undefined, or an exception.
  [[nodiscard]] Outcome<JsValue> to_json(JsValue value);
  /// May run script code (a getter, a proxy).
  [[nodiscard]] Outcome<JsValue> get_property(JsValue object, std::string_view name);
  /// Consumes `value`. False: an exception is pending.
  [[nodiscard]] Outcome<bool> set_property(JsValue object, std::string_view name, JsValue value);
  [[nodiscard]] Outcome<bool> set_element(JsValue array, std::uint32_t index, JsValue value);
  [[nodiscard]] Outcome<JsValue> new_function(std::string_view name, std::uint32_t id);

  // Housekeeping.

  [[nodiscard]] Outcome<void> collect_garbage();
  /// Bytes of the heap in use. O(objects).
  [[nodiscard]] Outcome<std::uint64_t> heap_bytes();
  /// Makes the next poll of the engine ask the interrupt handler after `polls` polls.
  void set_interrupt_counter(std::uint32_t polls);
  /// Begins a run: populates the pages that any run writes to, and makes sure that a heap that an
  /// earlier run filled has room for a small script, while the reserve lasts.
  [[nodiscard]] Outcome<void> begin_run();

  [[nodiscard]] machine::Machine& machine() noexcept { return *machine_; }
  [[nodiscard]] const machine::Machine& machine() const noexcept { return *machine_; }
  [[nodiscard]] Host& host() noexcept { return *host_; }
  /// Linear memory that counts towards memory_bytes, now; it never shrinks.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

 private:
  friend class ImageBuilder;
  class StackBytes;

  Engine(std::unique_ptr<machine::Machine> machine, Host* host);

  [[nodiscard]] std::error_code apply_options();
  [[nodiscard]] Outcome<std::uint32_t> allocate(std::uint64_t bytes);
  [[nodiscard]] Outcome<void> deallocate(std::uint32_t block);
  /// Copies `text` and a terminator into a new block; 0 if there is no memory.
  [[nodiscard]] Outcome<std::uint32_t> copy_in(std::string_view text);
  /// Poisons the machine: what it handed us cannot be.
  [[nodiscard]] std::unexpected<machine::Trap> corrupt();
  [[nodiscard]] Outcome<JsValue> throw_out_of_memory();

  template <class R, class... P, class... A>
  [[nodiscard]] Outcome<R> call(R (*function)(machine::Instance*, P...), A... arguments) {
    return machine_->call(function, arguments...);
  }
  // The same, reading the result as a JSValue, a truth value, or an int that is negative on
  // failure.
  template <class... T>
  [[nodiscard]] Outcome<JsValue> call_value(T... arguments) {
    const Outcome<std::uint64_t> result = call(arguments...);
    if (!result) return std::unexpected(result.error());
    return JsValue{*result};
  }
  template <class... T>
  [[nodiscard]] Outcome<bool> call_flag(T... arguments) {
    const Outcome<std::uint32_t> result = call(arguments...);
    if (!result) return std::unexpected(result.error());
    return *result != 0;
  }
  template <class... T>
  [[nodiscard]] Outcome<bool> call_status(T... arguments) {
    const Outcome<std::uint32_t> result = call(arguments...);
    if (!result) return std::unexpected(result.error());
    return static_cast<std::int32_t>(*result) >= 0;
  }

  std::unique_ptr<machine::Machine> machine_;
  Host* host_;
  EngineOptions options_ = {};
  GuestPtr<JSRuntime> runtime_;
  GuestPtr<JSContext> context_;
  bool populated_ = false;
};

}  // namespace sandglass::engine
