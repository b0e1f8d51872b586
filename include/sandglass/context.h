#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/bytecode.h"
#include "sandglass/detail/vm_link.h"
#include "sandglass/error.h"
#include "sandglass/eval_options.h"
#include "sandglass/value.h"

namespace sandglass {

namespace detail {
class HostFunction;
}

template <class T>
class Deferred;

/// A VM as one works with it: evaluates source, makes values, reaches the global object.
///
/// A Runtime is a Context that owns its VM. Host functions and conversions get one that does not;
/// it may be copied and kept.
///
/// Lifetime: when the VM is gone or was reset, every operation answers `Errc::closed`.
/// Thread:   that of its Runtime: one at a time.
/// Errors:   memory_limit and stack_limit, where the guest has no room for what is made; closed.
class Context {
 public:
  /// Closed, until assigned to.
  Context() noexcept = default;

  /// False after a run with `Error::vm_usable == false`, until reset(), and when the VM is gone.
  [[nodiscard]] bool usable() const noexcept;

  /// Runs `source` and the jobs (promises) it leads to, and returns its completion value; for a
  /// module its namespace object. Inside a host function or a Scope it is part of that run, and the
  /// jobs of a script run at the end of it.
  ///
  /// Time:   `limits.wall_time` bounds the call, host callbacks included; built-ins are cut after
  ///         `limits.grace`.
  /// Memory: `source` is copied into the guest and counts towards `limits.memory_bytes`.
  /// Errors: invalid_argument (not UTF-8, a NUL byte, longer than the memory limit; nothing ran) ·
  ///         syntax, threw · time_limit, memory_limit, stack_limit, fuel_limit, output_limit,
  ///         budget_limit, interrupted (see Error::vm_usable) · guest_fault · module_not_found ·
  ///         closed (the VM is faulted). A promise that was rejected and never handled is `threw`;
  ///         an awaited promise that nothing can settle any more is `threw` too.
  [[nodiscard]] Result<Value> eval(std::string_view source, EvalOptions options = {}) const;

  /// The same, with the result as a T.
  template <class T>
  [[nodiscard]] Result<T> eval(std::string_view source, EvalOptions options = {}) const;

  /// Imports a module as `import(specifier)` would in `importer`, and returns its namespace: its
  /// exports are properties, "default" among them. Modules come from Options::modules.
  /// Errors: those of eval.
  [[nodiscard]] Result<Value> import(std::string_view specifier,
                                     std::string_view importer = {}) const;

  /// Lets later imports of the module of that canonical name load it anew. Who has imported it
  /// keeps what it has; in stacks the new one is called "name?1".
  Result<void> forget_module(std::string_view name) const;

  // Bytecode; see docs/bytecode.md.

  /// Compiles without running anything: a script, or a module and all that it imports statically
  /// (by Options::modules; modules of the host stay outside). In a fresh VM with this one's
  /// options, so nothing of it stays here.
  /// Errors: those of eval before it runs; invalid_argument (a key of another length).
  [[nodiscard]] Result<std::vector<std::byte>> compile(std::string_view source,
                                                       const CompileOptions& options = {}) const;

  /// Runs what compile() gave, as eval would run its source.
  ///
  /// The engine trusts bytecode, and anyone can make some that breaks it. It stays contained like
  /// any script; but unless a key vouched for it, the VM is tainted() from then on.
  /// Errors: those of eval; invalid_argument (damaged, of another engine or format, not
  ///         authenticated): nothing ran then.
  [[nodiscard]] Result<Value> run(std::span<const std::byte> bytecode,
                                  const BytecodeOptions& options = {}) const;

  /// Whether it ever ran bytecode without a key, since creation or reset(): do not use it for
  /// anyone else.
  [[nodiscard]] bool tainted() const noexcept;

  // Promises; see docs/async.md.

  /// A promise that C++ settles, from any thread. `what` names it in diagnoses.
  template <class T>
  [[nodiscard]] Result<Deferred<T>> deferred(std::string_view what = "deferred") const;

  /// Runs jobs, and waits for what the host has promised, until `promise` is settled; its value, or
  /// its reason as an error. Any other value is its own result.
  ///
  /// Time:   `limits.wall_time` covers all of it. At `deadline`, if that is earlier, the error is
  ///         time_limit and the promise goes on pending.
  /// Errors: those of eval. threw, at once, if nothing can settle it any more: the message tells
  ///         what is pending, and where it was asked for.
  template <class T = Value>
  [[nodiscard]] Result<T> await(
      const Value& promise,
      std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt) const;

  /// Runs jobs, and waits for what the host has promised, until there is neither, or until `until`.
  /// True: there is nothing left. It is one run: `limits.wall_time` covers it.
  [[nodiscard]] Result<bool> run(
      std::optional<std::chrono::steady_clock::time_point> until = std::nullopt) const;

  // The global object.

  [[nodiscard]] Value global() const noexcept;
  template <class T = Value>
  [[nodiscard]] Result<T> get(std::string_view name) const;
  /// Anything that Convert knows; a C++ callable becomes a function of that name.
  template <class T>
  Result<void> set(std::string_view name, T&& value) const;
  /// Deletes the global `name`; what it held is released when nothing else refers to it.
  Result<void> unset(std::string_view name) const;

  // Making values.

  /// Anything that Convert knows.
  template <class T>
  [[nodiscard]] Result<Value> make(T&& value) const;
  /// A string. Errors: conversion (not UTF-8).
  [[nodiscard]] Result<Value> string(std::string_view utf8) const;
  /// A string of any UTF-16 code units, lone surrogates included.
  [[nodiscard]] Result<Value> string(std::u16string_view utf16) const;
  /// `{}`.
  [[nodiscard]] Result<Value> object() const;
  /// An object with these own properties; takes the values over.
  [[nodiscard]] Result<Value> object(
      std::span<std::pair<std::string_view, Value>> properties) const;
  /// An array of these elements; takes them over.
  [[nodiscard]] Result<Value> array(std::span<Value> elements = {}) const;
  /// A symbol that is equal to no other; with `registered` the one of Symbol.for.
  [[nodiscard]] Result<Value> symbol(std::string_view description, bool registered = false) const;
  /// A well-known symbol by its name: "iterator" gives Symbol.iterator.
  [[nodiscard]] Result<Value> well_known_symbol(std::string_view name) const;
  /// A BigInt of these decimal digits, with an optional '-'. Errors: invalid_argument.
  [[nodiscard]] Result<Value> bigint(std::string_view decimal) const;
  [[nodiscard]] Result<Value> bigint(std::int64_t value) const;
  [[nodiscard]] Result<Value> bigint(std::uint64_t value) const;
  /// A Date of milliseconds since 1970-01-01T00:00:00Z. NaN or over 8.64e15 is an Invalid Date.
  [[nodiscard]] Result<Value> date(double milliseconds) const;
  /// An ArrayBuffer with a copy of `bytes`.
  [[nodiscard]] Result<Value> array_buffer(std::span<const std::byte> bytes) const;
  /// An error object, not thrown: of class `error.name` if that is a standard one, with message,
  /// cause, and the stack of here and now.
  [[nodiscard]] Result<Value> error(const Error& error) const;
  /// `JSON.parse`. Errors: threw (SyntaxError).
  [[nodiscard]] Result<Value> parse_json(std::string_view text) const;
  /// A Map of `[key, value, key, value ...]`, a Set of its elements; takes them over.
  [[nodiscard]] Result<Value> map(std::span<Value> flat) const;
  [[nodiscard]] Result<Value> set_of(std::span<Value> elements) const;
  /// A function that calls `callable`; see docs/functions.md.
  template <class F>
  [[nodiscard]] Result<Value> function(std::string_view name, F&& callable) const;

  friend bool operator==(const Context& a, const Context& b) noexcept {
    return a.vm_.link() == b.vm_.link();
  }

 protected:
  friend class Value;
  friend class Arguments;
  friend class Scope;
  friend class runtime::Vm;
  friend struct detail::Access;
  explicit Context(detail::VmPointer vm) noexcept : vm_(std::move(vm)) {}
  [[nodiscard]] runtime::Vm* vm() const noexcept { return vm_.vm(); }
  [[nodiscard]] Result<Value> await_value(
      const Value& promise, std::optional<std::chrono::steady_clock::time_point> deadline) const;
  [[nodiscard]] Result<Value> make_function(std::string_view name, int length,
                                            std::unique_ptr<detail::HostFunction> function) const;

  detail::VmPointer vm_;
};

/// Makes everything done while it lives one run: limits are armed once, at its beginning, and a
/// handle dropped meanwhile is freed at once, for some nanoseconds. Without one, each operation
/// that enters the VM is a run of its own, and dropped handles are freed together with the next.
///
///     sandglass::Scope scope(runtime);
///     for (...) total += add.call<int>(i, 1).value();   // tens of nanoseconds each
///     if (auto done = scope.close(); !done) ...
///
/// Inside a host function or another Scope it does nothing.
/// Time:   `limits.wall_time` runs from its beginning to its end.
/// Thread: it must end on the thread it began on; scopes end in the reverse order of their
///         beginnings.
class Scope {
 public:
  explicit Scope(const Context& context);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  /// As close(), with its result dropped.
  ~Scope();

  /// Runs the jobs that are left, and ends the run. Errors: those of Context::eval: a limit that
  /// was hit inside, a job that threw, a rejection that nobody handled.
  Result<void> close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sandglass
