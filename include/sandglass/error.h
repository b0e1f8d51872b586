#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sandglass {

namespace detail {
class ThrownValue;
}

/// Why an operation failed. `docs/limits.md` tells for each what the script saw.
enum class Errc : std::uint8_t {
  syntax = 1,        ///< The source did not parse. The VM is usable.
  threw,             ///< An ordinary exception left the script. The VM is usable.
  time_limit,        ///< `Limits::wall_time` or `Limits::cpu_time` ran out.
  memory_limit,      ///< The guest asked for more than `Limits::memory_bytes`.
  stack_limit,       ///< The guest's stack reached `Limits::stack_bytes`.
  fuel_limit,        ///< `Limits::fuel` ran out.
  budget_limit,      ///< `Options::budget`, which it shares with other VMs, ran out.
  output_limit,      ///< The script printed more than `Limits::output_bytes`.
  interrupted,       ///< Another thread called `Runtime::interrupt()`.
  guest_fault,       ///< The engine itself failed and was contained: always `vm_usable == false`.
  invalid_argument,  ///< The caller asked for something out of range; nothing was run.
  closed,            ///< The VM behind this handle is gone, reset, or faulted.
  conversion,        ///< A value does not fit the type that was asked for; see Error::path.
  module_not_found,  ///< No module loader has it; the message names the candidates.
  exited,            ///< The script called `process.exit()`, see Error::exit_status.
};

/// The name of `code` as it is written above, e.g. "time_limit".
[[nodiscard]] std::string_view to_string(Errc code) noexcept;

/// A place in source text.
struct SourceLocation {
  std::string file{};        ///< As in EvalOptions::file_name, or the canonical name of a module.
  std::uint32_t line = 0;    ///< From 1.
  std::uint32_t column = 0;  ///< From 1, in bytes of UTF-8 as the engine counts.
  std::string text{};        ///< The line itself, without its end; empty if it is not known.
};

/// What went wrong, as a value. Plain data: it needs no VM and may cross threads.
///
/// A script that hit a memory, stack, time, fuel or output limit is reported by that limit's code,
/// whether or not it caught the error that the engine raised for it.
struct Error {
  Errc code = Errc::threw;

  /// For humans, UTF-8, without the name: "x is not a function".
  std::string message{};

  /// Class name of the JavaScript error ("TypeError"); empty if there was none.
  std::string name{};

  /// The string that the error has as `code`, as errors of Node and of std::error_code do:
  /// "ENOENT", "generic:2".
  std::string detail{};

  /// JavaScript stack, one "    at function (file:line:column)" a line; may be empty.
  std::string stack{};

  /// Where in a value a conversion failed: "user.friends[3].name". Empty for all else.
  std::string path{};

  /// Where a JavaScript error was thrown, or where the source does not parse, if that is known.
  std::optional<SourceLocation> location{};

  /// The `cause` of a JavaScript error, at most 8 levels deep.
  std::shared_ptr<const Error> cause{};

  /// Whether the VM can be used on. If false only `Runtime::reset()` or destruction remain.
  bool vm_usable = true;

  /// Set if the script caught the error of the limit it hit and went on to complete: its completion
  /// value as text. Nothing that the script computed is lost, but the run still counts as failed.
  std::optional<std::string> completion{};

  /// Of `Errc::exited`: 0 to 255, what the script gave.
  std::optional<int> exit_status{};

  /// Names the thrown JavaScript value inside its VM while the run goes on, so that a host function
  /// that returns this Error throws that very value again. Null: none.
  std::shared_ptr<const detail::ThrownValue> thrown{};

  /// For people, several lines: what happened, where, the line of source with a caret below it, and
  /// the stack. Ends without a newline.
  [[nodiscard]] std::string pretty() const;
};

/// One line, for logs: "time_limit: wall time limit of 5 s reached", "threw: TypeError: x is not a
/// function", "conversion: user.name: expected string, got number".
[[nodiscard]] std::string describe(const Error& error);

/// Every fallible operation returns this. Nothing in the public API throws for what a script does.
template <class T>
using Result = std::expected<T, Error>;

}  // namespace sandglass
