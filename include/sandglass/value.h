#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sandglass/error.h"

namespace sandglass {

namespace runtime {
class Vm;
}

/// What a JavaScript value is, told by the engine, not by anything a script can forge.
enum class Type : std::uint8_t {
  undefined,
  null,
  boolean,
  number,
  bigint,
  string,
  symbol,
  object,  ///< arrays and errors too
  function,
};

/// The name of `type` as it is written above.
[[nodiscard]] std::string_view to_string(Type type) noexcept;

/// A JavaScript value, held from C++.
///
/// Move-only. A Value keeps its object alive inside its VM; it does not keep the VM alive.
///
/// Lifetime: it may outlive its Runtime, or the state that `Runtime::reset()` threw away: whatever
///           needs the VM then returns `Errc::closed`, and destruction does nothing.
///           undefined, null and booleans are held by value and stay readable; so do numbers, by
///           to_number() and to_boolean() (their text is the engine's to make).
/// Thread:   that of its Runtime: one at a time.
class Value {
 public:
  /// undefined, tied to no VM.
  Value() noexcept;
  Value(Value&& other) noexcept;
  Value& operator=(Value&& other) noexcept;
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value();

  [[nodiscard]] Type type() const noexcept { return type_; }
  [[nodiscard]] bool is_undefined() const noexcept { return type_ == Type::undefined; }
  [[nodiscard]] bool is_null() const noexcept { return type_ == Type::null; }
  [[nodiscard]] bool is_boolean() const noexcept { return type_ == Type::boolean; }
  [[nodiscard]] bool is_number() const noexcept { return type_ == Type::number; }
  [[nodiscard]] bool is_bigint() const noexcept { return type_ == Type::bigint; }
  [[nodiscard]] bool is_string() const noexcept { return type_ == Type::string; }
  [[nodiscard]] bool is_symbol() const noexcept { return type_ == Type::symbol; }
  /// Functions are objects too.
  [[nodiscard]] bool is_object() const noexcept {
    return type_ == Type::object || type_ == Type::function;
  }
  [[nodiscard]] bool is_function() const noexcept { return type_ == Type::function; }

  // The conversions below follow JavaScript's rules. On an object they may run the script's code
  // (toString, valueOf, toJSON), which makes them a run of its own under the VM's limits.
  // Errors: those of Runtime::eval except syntax; closed.

  /// `String(value)` as UTF-8; lone surrogates become U+FFFD. O(length).
  [[nodiscard]] Result<std::string> to_string() const;

  /// `Number(value)`. A BigInt or symbol throws a TypeError as in JavaScript.
  [[nodiscard]] Result<double> to_number() const;

  /// `Boolean(value)`. Never runs script code.
  [[nodiscard]] Result<bool> to_boolean() const;

  /// `JSON.stringify(value)`. A value without JSON (undefined, a function, a symbol) gives "null";
  /// a BigInt or a cycle throws a TypeError as in JavaScript.
  [[nodiscard]] Result<std::string> to_json() const;

  /// What the console prints for it: strings as they are, objects as JSON where they have one,
  /// errors with their stack, functions as "[Function: name]". For humans; the format may change.
  [[nodiscard]] Result<std::string> to_display() const;

 private:
  friend class runtime::Vm;
  Value(std::weak_ptr<runtime::Vm> vm, std::uint64_t generation, std::uint64_t bits,
        Type type) noexcept;
  void release() noexcept;
  [[nodiscard]] std::shared_ptr<runtime::Vm> current_vm() const;
  [[nodiscard]] std::optional<std::string> plain_text() const;

  std::weak_ptr<runtime::Vm> vm_;
  std::uint64_t generation_ = 0;
  std::uint64_t bits_;
  Type type_ = Type::undefined;
};

}  // namespace sandglass
