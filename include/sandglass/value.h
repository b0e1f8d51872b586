#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/detail/js_value.h"
#include "sandglass/detail/vm_link.h"
#include "sandglass/error.h"

namespace sandglass {

namespace detail {
struct Access;
}
class Context;
class Value;
template <class T>
class Iteration;

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

/// What an object was made as, by the engine's own mark on it: no prototype, `Symbol.toStringTag`
/// or `instanceof` trick changes it.
enum class Brand : std::uint8_t {
  none,  ///< not an object, or of a VM that is gone
  plain,
  array,
  function,
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
  typed_array,
  data_view,
  host_object,  ///< an object of a bound class, or an opaque one
  other,        ///< a generator, an iterator, a boxed primitive, a namespace, arguments ...
};

/// The name of `brand` as it is written above.
[[nodiscard]] std::string_view to_string(Brand brand) noexcept;

/// What a property is called: a name, an index, or a Value (a symbol, or anything that JavaScript
/// takes for a key). Made from these implicitly; refers to what it was made from, so it is an
/// argument, not something to keep.
class Key {
 public:
  Key(std::string_view name) noexcept : name_(name) {}
  Key(const char* name) noexcept : name_(name) {}
  Key(const std::string& name) noexcept : name_(name) {}
  template <class I>
    requires std::is_integral_v<I> && (!std::is_same_v<I, bool>) && (!std::is_same_v<I, char>)
  Key(I index) noexcept
      : index_(static_cast<std::uint64_t>(index)),
        kind_(index < 0 ? Kind::negative_index : Kind::index) {}
  Key(const Value& key) noexcept : value_(&key), kind_(Kind::value) {}

  /// For messages: "name", "[3]", "[symbol]".
  [[nodiscard]] std::string path() const;

 private:
  friend class runtime::Vm;
  enum class Kind : std::uint8_t { name, index, negative_index, value };

  [[nodiscard]] std::string index_text() const;

  std::string_view name_;
  std::uint64_t index_ = 0;  // negative ones as two's complement
  const Value* value_ = nullptr;
  Kind kind_ = Kind::name;
};

/// How Value::to_display shows a value.
struct DisplayOptions {
  bool colors = false;  ///< ANSI colours, as Node has them on a terminal
};

/// How Value::iterate goes through an iterable.
struct IterateOptions {
  /// Elements after which it ends with an Errc::conversion error: an endless iterable is no hang.
  std::uint64_t max_items = std::uint64_t{1} << 24;
};

/// A JavaScript value, held from C++.
///
/// Move-only: see clone(). A Value keeps its object alive inside its VM; it does not keep the VM
/// alive.
///
/// Lifetime: it may outlive its Runtime, or the state that `Runtime::reset()` threw away: whatever
///           needs the VM then returns `Errc::closed`, and destruction does nothing.
///           undefined, null, booleans and numbers are held by value and stay readable.
/// Runs:     an operation that enters the VM is a run of its own, with its limits armed and its
///           pending jobs run afterwards, at a microsecond or so; inside a Scope, an eval or a host
///           function it is part of that run and costs some ten nanoseconds.
/// Errors:   those of Runtime::eval except syntax, and closed. What may run script code (getters,
///           proxies, toString) is told with each operation.
/// Thread:   that of its Runtime: one at a time.
class Value {
 public:
  /// undefined, tied to no VM.
  Value() noexcept = default;
  [[nodiscard]] static Value undefined() noexcept { return Value(); }
  [[nodiscard]] static Value null() noexcept { return Value(JsValue::null()); }
  [[nodiscard]] static Value boolean(bool value) noexcept { return Value(JsValue::boolean(value)); }
  [[nodiscard]] static Value number(double value) noexcept { return Value(JsValue::number(value)); }
  [[nodiscard]] static Value number(std::int32_t value) noexcept {
    return Value(JsValue::integer(value));
  }

  Value(Value&& other) noexcept
      : vm_(std::move(other.vm_)), js_(std::exchange(other.js_, JsValue())) {}
  Value& operator=(Value&& other) noexcept {
    if (this != &other) {
      release();
      vm_ = std::move(other.vm_);
      js_ = std::exchange(other.js_, JsValue());
    }
    return *this;
  }
  Value(const Value&) = delete;
  Value& operator=(const Value&) = delete;
  ~Value() { release(); }

  // What it is. Never runs script code, never fails.

  /// Functions of a VM that is gone are told as objects.
  [[nodiscard]] Type type() const noexcept;
  [[nodiscard]] Brand brand() const noexcept;
  /// What the `typeof` operator gives: "object" for null.
  [[nodiscard]] std::string_view type_of() const noexcept;

  [[nodiscard]] bool is_undefined() const noexcept { return tag() == Tag::undefined; }
  [[nodiscard]] bool is_null() const noexcept { return tag() == Tag::null; }
  /// undefined or null.
  [[nodiscard]] bool is_nullish() const noexcept { return is_undefined() || is_null(); }
  [[nodiscard]] bool is_boolean() const noexcept { return tag() == Tag::boolean; }
  [[nodiscard]] bool is_number() const noexcept {
    return tag() == Tag::integer || tag() == Tag::float64;
  }
  [[nodiscard]] bool is_bigint() const noexcept {
    return tag() == Tag::bigint || tag() == Tag::short_bigint;
  }
  [[nodiscard]] bool is_string() const noexcept { return js_.is_string(); }
  [[nodiscard]] bool is_symbol() const noexcept { return tag() == Tag::symbol; }
  /// Functions are objects too.
  [[nodiscard]] bool is_object() const noexcept { return js_.is_object(); }
  [[nodiscard]] bool is_function() const noexcept;
  [[nodiscard]] bool is_constructor() const noexcept;
  [[nodiscard]] bool is_array() const noexcept { return brand() == Brand::array; }
  [[nodiscard]] bool is_error() const noexcept { return brand() == Brand::error; }
  [[nodiscard]] bool is_date() const noexcept { return brand() == Brand::date; }
  [[nodiscard]] bool is_regexp() const noexcept { return brand() == Brand::regexp; }
  [[nodiscard]] bool is_promise() const noexcept { return brand() == Brand::promise; }
  [[nodiscard]] bool is_proxy() const noexcept { return brand() == Brand::proxy; }
  [[nodiscard]] bool is_map() const noexcept { return brand() == Brand::map; }
  [[nodiscard]] bool is_set() const noexcept { return brand() == Brand::set; }
  [[nodiscard]] bool is_weak_map() const noexcept { return brand() == Brand::weak_map; }
  [[nodiscard]] bool is_weak_set() const noexcept { return brand() == Brand::weak_set; }
  [[nodiscard]] bool is_weak_ref() const noexcept { return brand() == Brand::weak_ref; }
  [[nodiscard]] bool is_array_buffer() const noexcept { return brand() == Brand::array_buffer; }
  [[nodiscard]] bool is_typed_array() const noexcept { return brand() == Brand::typed_array; }
  [[nodiscard]] bool is_data_view() const noexcept { return brand() == Brand::data_view; }
  [[nodiscard]] bool is_host_object() const noexcept { return brand() == Brand::host_object; }

  // To C++, by the rules of JavaScript. On an object the first three may run script code (toString,
  // valueOf, toJSON).

  /// `String(value)` as UTF-8; lone surrogates become U+FFFD. O(length).
  [[nodiscard]] Result<std::string> to_string() const;

  /// `Number(value)`. A BigInt or symbol throws a TypeError as in JavaScript.
  [[nodiscard]] Result<double> to_number() const;

  /// `JSON.stringify(value)`. A value without JSON (undefined, a function, a symbol) gives "null";
  /// a BigInt or a cycle throws a TypeError as in JavaScript.
  [[nodiscard]] Result<std::string> to_json() const;

  /// What the console prints for it: strings as they are, anything else as Node's `util.inspect`
  /// shows it (see docs/console.md); only what it is called, "[Object]", if that were more than 16
  /// MiB. For humans; the format may change. Never runs script code.
  [[nodiscard]] Result<std::string> to_display(const DisplayOptions& options = {}) const;

  /// `Boolean(value)`. Never runs script code.
  [[nodiscard]] Result<bool> to_boolean() const;

  /// A short text that never runs script code: strings, numbers and the like as they are, objects
  /// as what they are branded: "[array]", "[function]". For logs and messages.
  [[nodiscard]] Result<std::string> summary() const;

  // To C++, by type: Convert<T> says what fits, and nothing is coerced. See docs/values.md.

  /// This value as a T. `what` names it in messages: "user.friends[3].name: expected string".
  /// Errors: conversion (it does not fit), and those of script code that it runs (getters).
  template <class T>
  [[nodiscard]] Result<T> as(std::string_view what = {}) const;

  // Objects. On a proxy or an accessor these run script code.

  [[nodiscard]] Result<Value> get(Key key) const;
  template <class T>
  [[nodiscard]] Result<T> get(Key key) const;
  [[nodiscard]] Result<void> set(Key key, const Value& value) const;
  /// Anything that Convert knows; a C++ callable becomes a function.
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value>)
  Result<void> set(Key key, T&& value) const;
  [[nodiscard]] Result<bool> has(Key key) const;
  /// `delete object[key]`. False: there it still is (not configurable).
  [[nodiscard]] Result<bool> remove(Key key) const;
  /// As Object.keys: own, enumerable, with string names.
  [[nodiscard]] Result<std::vector<std::string>> keys() const;
  /// As Reflect.ownKeys: strings first, then symbols, enumerable or not.
  [[nodiscard]] Result<std::vector<Value>> own_keys() const;
  /// `object.length` as an array has it.
  [[nodiscard]] Result<std::uint64_t> length() const;
  [[nodiscard]] Result<Value> prototype() const;

  /// Every element of an array, `[key, value]` of a map, element of a set, or whatever the object's
  /// iterator gives:
  ///
  ///     for (sandglass::Result<sandglass::Value>& item : list.iterate()) { ... }
  ///
  /// An error is the last item. Leaving the loop early calls the iterator's return(). The
  /// iteration holds a reference of its own.
  [[nodiscard]] Iteration<Value> iterate(IterateOptions options = {}) const;
  template <class T>
  [[nodiscard]] Iteration<T> iterate(IterateOptions options = {}) const;

  // Functions. Arguments are anything that Convert knows; so is the result.

  template <class R = Value, class... A>
  [[nodiscard]] Result<R> call(A&&... arguments) const;
  template <class R = Value, class... A>
  [[nodiscard]] Result<R> call_on(const Value& self, A&&... arguments) const;
  template <class R = Value, class... A>
  [[nodiscard]] Result<R> construct(A&&... arguments) const;
  /// `object[method](arguments...)`.
  template <class R = Value, class... A>
  [[nodiscard]] Result<R> invoke(Key method, A&&... arguments) const;

  // Comparing.

  /// `===`. Values of different VMs are never equal. Never runs script code.
  [[nodiscard]] Result<bool> strict_equals(const Value& other) const;
  /// `instanceof`. May run script code (Symbol.hasInstance, a proxy).
  [[nodiscard]] Result<bool> instance_of(const Value& constructor) const;

  // Bytes of an ArrayBuffer, typed array or DataView; see docs/values.md for copies by as<T>().

  /// Calls `look` with the bytes themselves, not a copy. Meanwhile the VM is locked: whatever would
  /// run it answers invalid_argument, so that the bytes cannot move or go. The script may have
  /// written anything there, and no other thread of it exists. O(1); of an immutable buffer a copy
  /// is shown.
  template <class F>
  Result<void> with_bytes(F&& look) const;

  /// A second handle on the same value.
  [[nodiscard]] Value clone() const noexcept;

  /// The VM it belongs to; a closed Context for values that belong to none.
  [[nodiscard]] Context context() const noexcept;

 private:
  using JsValue = detail::JsValue;
  using Tag = detail::Tag;
  friend class runtime::Vm;
  friend class Context;
  friend class Arguments;
  friend struct detail::Access;

  explicit Value(JsValue plain) noexcept : js_(plain) {}
  /// Takes over one reference of `vm`'s state to `owned`.
  Value(detail::VmPointer vm, JsValue owned) noexcept : vm_(std::move(vm)), js_(owned) {}

  [[nodiscard]] Tag tag() const noexcept { return js_.tag(); }
  void release() noexcept {
    if (js_.is_counted()) give_back();
  }
  void give_back() noexcept;
  [[nodiscard]] Result<Value> call_with(const Value& self, std::span<const Value> arguments) const;
  [[nodiscard]] Result<Value> construct_with(std::span<const Value> arguments) const;
  [[nodiscard]] Result<Value> invoke_with(Key method, std::span<const Value> arguments) const;
  [[nodiscard]] Result<void> with_bytes_of(
      const std::function<void(std::span<std::byte>)>& look) const;

  detail::VmPointer vm_;  // null for what needs no VM
  JsValue js_;
};

}  // namespace sandglass
