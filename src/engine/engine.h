// QuickJS's C API, called from the host: typed, checked, and never trusted.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/host.h"
#include "engine/js_value.h"
#include "engine/prelude.h"
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

inline constexpr std::uint32_t kCompileStrict = 1u << 3;
/// Stacks of errors end at this evaluation.
inline constexpr std::uint32_t kCompileBarrier = 1u << 6;

enum class PromiseState : std::uint32_t { not_a_promise, pending, fulfilled, rejected };

struct EngineOptions {
  std::uint64_t memory_bytes;
  std::uint64_t stack_bytes;
  std::uint64_t gc_threshold_bytes;
  machine::Account* account = nullptr;  ///< see machine::MachineOptions
};

/// A property name as the engine numbers them; owns a reference. 0: none, after a failure.
struct Atom {
  std::uint32_t number = 0;
  [[nodiscard]] explicit operator bool() const noexcept { return number != 0; }
};

/// JS_PROP_* of quickjs.h.
inline constexpr std::uint32_t kPropertyConfigurable = 1u << 0;
inline constexpr std::uint32_t kPropertyWritable = 1u << 1;
inline constexpr std::uint32_t kPropertyEnumerable = 1u << 2;
inline constexpr std::uint32_t kPropertyHasGetter = 1u << 11;
inline constexpr std::uint32_t kPropertyHasSetter = 1u << 12;
inline constexpr std::uint32_t kPropertyPlain = 7;
/// As methods of classes are: not enumerable.
inline constexpr std::uint32_t kPropertyHidden = 3;
/// JS_GPN_* of quickjs.h.
inline constexpr std::uint32_t kNamesStrings = 1u << 0;
inline constexpr std::uint32_t kNamesSymbols = 1u << 1;
inline constexpr std::uint32_t kNamesEnumerableOnly = 1u << 4;

/// Questions that the engine answers of a value by its own marks. Never run script code.
enum class Test : std::uint8_t {
  function,
  constructor,
  array,
  error,
  date,
  regexp,
  promise,
  proxy,
  map,
  set,
  weak_map,
  weak_set,
  weak_ref,
  array_buffer,
  data_view,
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
      const EngineOptions& options, Host& host, std::shared_ptr<const Prepared> from = nullptr);

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Takes everything back to how create() left it.
  [[nodiscard]] std::error_code reset();

  /// The present state, to create others from. Nothing may be running.
  [[nodiscard]] std::expected<std::shared_ptr<const Prepared>, std::error_code> freeze() const;

  // Source to value.

  /// Compiles without running. `source` must not contain NUL (the engine wants a terminator).
  /// `flags`: kCompile*.
  [[nodiscard]] Outcome<JsValue> compile(std::string_view source, std::string_view file_name,
                                         CompileMode mode, std::uint32_t flags = 0);
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

  // Plain calls. What cannot be done gives an exception (or false, or 0): either one is pending in
  // the guest, or the machine has trapped. After a trap every further call fails at once, so a
  // sequence of them need not look at each; whoever began it looks at trapped() at its end.

  /// The first trap of a plain call since the last take_trap(), or none.
  [[nodiscard]] machine::Trap trapped() const noexcept { return trap_; }
  machine::Trap take_trap() noexcept { return std::exchange(trap_, machine::Trap::none); }
  /// Makes a trap of an Outcome one of the plain calls.
  template <class T>
  void note(const std::expected<T, machine::Trap>& outcome) noexcept {
    if (!outcome) [[unlikely]]
      note_trap(outcome.error());
  }

  // Properties. May run script code (getters, setters, proxies).

  [[nodiscard]] Atom atom(std::string_view name);
  [[nodiscard]] Atom atom(std::uint32_t index);
  [[nodiscard]] Atom atom_of(JsValue key);
  [[nodiscard]] JsValue atom_value(Atom atom);
  [[nodiscard]] std::optional<std::string> atom_text(Atom atom);
  void free_atom(Atom atom);
  [[nodiscard]] JsValue get(JsValue object, Atom key);
  [[nodiscard]] JsValue get(JsValue object, std::int64_t index);
  /// Consumes `value`.
  [[nodiscard]] bool set(JsValue object, Atom key, JsValue value);
  [[nodiscard]] bool set(JsValue object, std::int64_t index, JsValue value);
  /// Defines an own property; consumes `value`. `flags`: kProperty*.
  [[nodiscard]] bool define(JsValue object, Atom key, JsValue value, std::uint32_t flags);
  /// An undefined half is left as it is. Consumes both.
  [[nodiscard]] bool define_accessor(JsValue object, Atom key, JsValue getter, JsValue setter,
                                     std::uint32_t flags);
  /// -1: failed.
  [[nodiscard]] int has(JsValue object, Atom key);
  [[nodiscard]] int remove(JsValue object, Atom key);
  /// Own properties, atoms to be freed by free_atoms(). `flags`: kNames*.
  [[nodiscard]] std::optional<std::vector<Atom>> own_properties(JsValue object,
                                                                std::uint32_t flags);
  void free_atoms(std::span<const Atom> atoms);
  [[nodiscard]] std::optional<std::uint64_t> length(JsValue object);
  /// Reads `out.size()` elements from index `from` on. Returns how many it could.
  [[nodiscard]] std::size_t get_elements(JsValue array, std::uint64_t from, std::span<JsValue> out);
  [[nodiscard]] JsValue prototype(JsValue object);
  [[nodiscard]] bool set_prototype(JsValue object, JsValue prototype);

  // Calls. Arguments are borrowed.

  [[nodiscard]] JsValue call_function(JsValue function, JsValue self,
                                      std::span<const JsValue> arguments);
  [[nodiscard]] JsValue construct(JsValue function, std::span<const JsValue> arguments);
  [[nodiscard]] int is_instance_of(JsValue value, JsValue constructor);

  // Telling values apart.

  [[nodiscard]] bool is(JsValue value, Test test);
  /// An object made by `{}` or a constructor of the script's.
  [[nodiscard]] bool is_plain_object(JsValue value);
  /// JSTypedArrayEnum, or -1.
  [[nodiscard]] int typed_array_type(JsValue value);
  [[nodiscard]] bool strict_equal(JsValue a, JsValue b);

  // Making values. Owned by the caller.

  [[nodiscard]] JsValue duplicate_plain(JsValue value);
  void free_plain(JsValue value);
  void free_all(std::span<const JsValue> values);
  [[nodiscard]] JsValue make_string(std::string_view utf8);
  [[nodiscard]] JsValue make_string(std::u16string_view utf16);
  [[nodiscard]] JsValue make_object();
  /// Consumes the elements.
  [[nodiscard]] JsValue make_array(std::span<const JsValue> elements);
  [[nodiscard]] JsValue make_symbol(std::string_view description, bool registered);
  [[nodiscard]] JsValue make_bigint(std::int64_t value);
  [[nodiscard]] JsValue make_bigint(std::uint64_t value);
  [[nodiscard]] JsValue make_date(double milliseconds);
  [[nodiscard]] JsValue parse_json(std::string_view text, std::string_view file_name = "<json>");
  /// Function `id` of the host, see Host::call; `owned`: Host::released is told when it goes.
  [[nodiscard]] JsValue make_function(std::string_view name, int length, std::uint32_t id,
                                      bool owned);
  [[nodiscard]] std::optional<std::u16string> utf16_of(JsValue string);
  /// Of a BigInt that fits.
  [[nodiscard]] std::optional<std::int64_t> bigint_int64(JsValue bigint);
  /// Throws `error`, which it consumes; gives what the host function is to return.
  JsValue throw_value(JsValue error);
  /// Throws an error of class `constructor` that has a message and no stack: no script code runs,
  /// and little of the stack is used. Gives what the host function is to return.
  JsValue throw_bare(PreludeFunction constructor, std::string_view message);
  /// A promise, and the functions that settle it.
  struct Capability {
    JsValue promise;
    JsValue resolve;
    JsValue reject;
  };
  [[nodiscard]] std::optional<Capability> make_promise();
  /// `promise.then(fulfilled, rejected)`, by the engine's own.
  [[nodiscard]] JsValue then(JsValue promise, JsValue fulfilled, JsValue rejected);

  // Objects of the host: of one class, with a number in them that the guest cannot be trusted with.

  /// Host::released is told when it goes.
  [[nodiscard]] JsValue make_host_object(JsValue prototype, std::uint32_t id);
  /// The number in a host object; nullopt for anything else.
  [[nodiscard]] std::optional<std::uint32_t> host_object_id(JsValue value);

  // Bytes.

  [[nodiscard]] JsValue make_array_buffer(std::span<const std::byte> bytes);
  /// One that `fill` writes, in place: it gets `size` bytes, of any content, and tells how many it
  /// wrote, which is the buffer's length; nullopt gives undefined. It must not enter the guest.
  using Fill = std::function<std::optional<std::size_t>(std::span<std::byte> into)>;
  [[nodiscard]] JsValue make_array_buffer(std::uint64_t size, const Fill& fill);
  /// `type`: JSTypedArrayEnum. Consumes `buffer`.
  [[nodiscard]] JsValue make_typed_array(JsValue buffer, int type);
  /// Where the bytes of an ArrayBuffer, typed array or DataView lie now; nullopt for anything else
  /// and for what is detached. Valid until the guest runs.
  struct Bytes {
    std::span<std::byte> bytes;
    bool immutable = false;  // to the script: writing would break what it was promised
  };
  [[nodiscard]] std::optional<Bytes> bytes_of(JsValue value);

  // Modules. A module is named by the address of its definition, which is only ever handed back.

  [[nodiscard]] JsValue read_bytecode(std::span<const std::byte> code);
  /// Functions without their source show as native ones.
  [[nodiscard]] std::optional<std::vector<std::byte>> write_bytecode(JsValue compiled,
                                                                     bool with_source = true);
  [[nodiscard]] bool resolve_module(JsValue module);
  [[nodiscard]] std::string module_name(std::uint32_t module);
  [[nodiscard]] JsValue import_meta(JsValue module);
  [[nodiscard]] JsValue load_module(std::string_view name, std::string_view importer);
  /// A module whose exports Host::module_ready is asked for. 0: failed.
  [[nodiscard]] std::uint32_t make_module(std::string_view name,
                                          std::span<const std::string> exports);
  /// Consumes `value`.
  [[nodiscard]] bool set_module_export(std::uint32_t module, std::string_view name, JsValue value);

  /// What the image holds for us.
  /// The `type` of import attributes, empty if there is none; nullopt after an error was thrown.
  [[nodiscard]] std::optional<std::string> attribute_type(JsValue attributes);
  /// A C string for the engine to free; 0 if there is no memory.
  [[nodiscard]] std::uint32_t make_c_string(std::string_view text);
  [[nodiscard]] bool has_exception();

  [[nodiscard]] JsValue prelude(PreludeFunction which) const;
  [[nodiscard]] JsValue global() const;
  [[nodiscard]] std::uint32_t host_class() const noexcept { return prepared_->host_class; }

  // Housekeeping.

  [[nodiscard]] Outcome<void> collect_garbage();
  /// Bytes of the heap in use. O(objects).
  [[nodiscard]] Outcome<std::uint64_t> heap_bytes();
  /// Makes the next poll of the engine ask the interrupt handler after `polls` polls.
  void set_interrupt_counter(std::uint32_t polls);
  /// Begins a run: populates the pages that any run writes to, and makes sure that a heap that an
  /// earlier run filled has room for a small script, while the reserve lasts.
  [[nodiscard]] Outcome<void> begin_run();
  /// Tells VMs to come from the same image what the first run of the first one wrote to.
  void end_run();

  [[nodiscard]] machine::Machine& machine() noexcept { return *machine_; }
  [[nodiscard]] const machine::Machine& machine() const noexcept { return *machine_; }
  [[nodiscard]] Host& host() noexcept { return *host_; }
  /// Linear memory that counts towards memory_bytes, now; it never shrinks.
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

 private:
  friend class ImageBuilder;

  Engine(std::unique_ptr<machine::Machine> machine, Host* host);

  /// Takes up what the image holds; nothing runs in the guest.
  [[nodiscard]] std::error_code attach();
  [[nodiscard]] Outcome<void> apply_options();
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

  // What plain calls are made of: the result, or what stands for a failure after a trap.
  void note(const std::unexpected<machine::Trap>& trap) noexcept { note_trap(trap.error()); }
  void note_trap(machine::Trap trap) noexcept {
    if (trap_ == machine::Trap::none) trap_ = trap;
  }
  template <class T>
  T plain(Outcome<T> outcome, T failure = T()) noexcept {
    note(outcome);
    return outcome ? *outcome : failure;
  }
  void plain(Outcome<void> outcome) noexcept { note(outcome); }
  [[nodiscard]] JsValue plain_value(Outcome<std::uint64_t> outcome) noexcept {
    return {plain(outcome, JsValue::exception().bits)};
  }
  [[nodiscard]] JsValue plain_value(Outcome<JsValue> outcome) noexcept {
    return plain(outcome, JsValue::exception());
  }
  [[nodiscard]] int plain_status(Outcome<std::uint32_t> outcome) noexcept {
    return static_cast<std::int32_t>(plain(outcome, UINT32_MAX));
  }
  /// `use` with the guest address of `text` and a terminator; zero if there is no memory.
  template <class Use>
  auto with_text(std::string_view text, Use use) -> decltype(use(std::uint32_t{}));
  template <class Use>
  [[nodiscard]] JsValue with_arguments(std::span<const JsValue> arguments, Use use);

  std::unique_ptr<machine::Machine> machine_;
  Host* host_;
  EngineOptions options_ = {};
  std::shared_ptr<const Prepared> prepared_;  // what it was mapped from
  GuestPtr<JSRuntime> runtime_;
  GuestPtr<JSContext> context_;
  bool populated_ = false;
  bool options_applied_ = false;
  bool learns_ = false;
  machine::Trap trap_ = machine::Trap::none;  // of plain calls, until taken
  std::uint32_t transfer_block_ = 0;          // guest memory for short strings on their way in
};

}  // namespace sandglass::engine
