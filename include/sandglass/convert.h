#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/context.h"
#include "sandglass/error.h"
#include "sandglass/value.h"

namespace sandglass {

class Arguments;

/// How a C++ type crosses the boundary. Specialise it for types of your own:
///
///     template <>
///     struct sandglass::Convert<Celsius> {
///       static Result<Value> to_js(Context& context, const Celsius& c);   // either may be missing
///       static Result<Celsius> from_js(const Value& value);
///     };
///
/// from_js never coerces: a value that does not fit is `mismatch(...)`, one that would lose
/// something is `out_of_range(...)`. What the library knows already is in docs/values.md.
template <class T>
struct Convert {};

/// T can be made from a JavaScript value.
template <class T>
concept FromJs = requires(const Value& value) {
  { Convert<T>::from_js(value) } -> std::same_as<Result<T>>;
};

/// A JavaScript value can be made from a T.
template <class T>
concept ToJs = requires(Context& context, const T& value) {
  { Convert<T>::to_js(context, value) } -> std::same_as<Result<Value>>;
};

/// "expected string, got number": a TypeError to the script.
[[nodiscard]] Error mismatch(std::string_view expected, const Value& got);
/// "300 is not a uint8": a RangeError to the script.
[[nodiscard]] Error out_of_range(std::string message);
/// Says that `error` happened in that part of a larger value: puts ".name" or "[3]" before its
/// path. Errors of other kinds than conversion are left alone.
[[nodiscard]] Error in_field(Error error, std::string_view name);
[[nodiscard]] Error in_element(Error error, std::uint64_t index);

/// How deep conversions may nest; JavaScript objects can be cyclic, C++ values of a recursive type
/// cannot be told from it otherwise.
inline constexpr int kMaxConversionDepth = 100;

namespace detail {

/// One level of a conversion that descends. Beyond the limit, or in a cycle, `error()` is set.
/// A host function that a getter calls meanwhile begins conversions of its own.
class Descent {
 public:
  explicit Descent(const Value& value) noexcept;
  Descent() noexcept;
  Descent(const Descent&) = delete;
  Descent& operator=(const Descent&) = delete;
  ~Descent();
  [[nodiscard]] bool failed() const noexcept { return failed_ != Failure::none; }
  [[nodiscard]] Error error() const;

 private:
  enum class Failure : std::uint8_t { none, depth, cycle };
  void enter() noexcept;

  const VmLink* vm_ = nullptr;  // of the object; null on the way to JavaScript
  std::uint64_t bits_ = 0;
  const Descent* outer_ = nullptr;
  Failure failed_ = Failure::none;
};

/// What headers may do that users may not.
struct Access {
  [[nodiscard]] static JsValue js(const Value& value) noexcept { return value.js_; }
  [[nodiscard]] static Value plain(JsValue js) noexcept { return Value(js); }
  [[nodiscard]] static const VmPointer& vm(const Value& value) noexcept { return value.vm_; }
  [[nodiscard]] static const VmPointer& vm(const Context& context) noexcept { return context.vm_; }
  [[nodiscard]] static Context context(const VmPointer& vm) noexcept { return Context(vm); }
  [[nodiscard]] static const runtime::Vm* vm(const Arguments& arguments) noexcept;
  /// Elements of an array, in order; of anything else an error. May run getters.
  [[nodiscard]] static Result<std::vector<Value>> elements(const Value& array);
  /// `[key, value, ...]` of a Map, elements of a Set.
  [[nodiscard]] static Result<std::vector<Value>> map_entries(const Value& map);
  [[nodiscard]] static Result<std::vector<Value>> set_elements(const Value& set);
  /// Own enumerable properties with string names.
  [[nodiscard]] static Result<std::vector<std::pair<std::string, Value>>> properties(
      const Value& object);
  /// Properties by names in static storage, which the VM remembers by their addresses.
  [[nodiscard]] static Result<Value> get_static(const Value& object, const char* name);
  [[nodiscard]] static Result<Value> object_static(const Context& context,
                                                   std::span<const char* const> names,
                                                   std::span<Value> values);
  [[nodiscard]] static Result<double> date_milliseconds(const Value& date);
  [[nodiscard]] static Result<std::u16string> utf16(const Value& string);
  [[nodiscard]] static Result<std::string> utf8(const Value& string);
  [[nodiscard]] static Result<std::string> bigint_decimal(const Value& bigint);
  /// Of a BigInt; nullopt if it does not fit.
  [[nodiscard]] static Result<std::optional<std::int64_t>> bigint_int64(const Value& bigint);
  [[nodiscard]] static Result<std::optional<std::uint64_t>> bigint_uint64(const Value& bigint);
  [[nodiscard]] static Result<Error> describe_error(const Value& error);
  /// TypedArrayKind of a typed array, -1 of anything else.
  [[nodiscard]] static int typed_array_kind(const Value& value) noexcept;
  [[nodiscard]] static Result<Value> typed_array(const Context& context, int kind,
                                                 std::span<const std::byte> bytes);
  /// What `reason` says, of a promise that was rejected with it.
  [[nodiscard]] static Error thrown(const Context& context, const Value& reason);
  /// Counts bytes that a conversion takes in C++; an error when they are too many.
  [[nodiscard]] static std::optional<Error> count_bytes(const Value& of, std::uint64_t bytes);
  [[nodiscard]] static Error closed();
  /// Puts `what` before the path of a conversion error.
  [[nodiscard]] static Error named(Error error, std::string_view what);
};

/// The limits of a conversion that goes through an object, as one run.
class ConversionRun {
 public:
  explicit ConversionRun(const Value& value) {
    if (value.is_object()) scope_.emplace(value.context());
  }
  [[nodiscard]] Result<void> close() { return scope_ ? scope_->close() : Result<void>(); }

 private:
  std::optional<Scope> scope_;
};

template <class T>
inline constexpr bool kUnknownType = false;

}  // namespace detail

template <class T>
Result<T> Value::as(std::string_view what) const {
  static_assert(!std::is_reference_v<T> && !std::is_pointer_v<T>,
                "as<T>() makes a T of its own: a reference or pointer would dangle");
  static_assert(FromJs<T>, "sandglass::Convert<T> has no from_js for this type");
  if (js_.is_counted() && !context().usable()) [[unlikely]]
    return std::unexpected(detail::Access::closed());
  detail::ConversionRun run(*this);
  Result<T> result = Convert<T>::from_js(*this);
  const Result<void> closed = run.close();
  if (!result) return std::unexpected(detail::Access::named(std::move(result.error()), what));
  if (!closed) return std::unexpected(closed.error());
  return result;
}

template <class T>
Result<T> Value::get(Key key) const {
  Result<Value> value = get(key);
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as<T>(key.path());
}

template <class T>
Result<Value> Context::make(T&& value) const {
  using Plain = std::decay_t<T>;
  if constexpr (std::is_same_v<Plain, Value>) {
    if constexpr (std::is_lvalue_reference_v<T>) {
      return value.clone();
    } else {
      return std::forward<T>(value);
    }
  } else if constexpr (requires(Context& c) { Convert<Plain>::to_js(c, std::forward<T>(value)); }) {
    Context self(vm_);
    Result<Value> made = Convert<Plain>::to_js(self, std::forward<T>(value));
    if (!made) [[unlikely]]
      return std::unexpected(detail::Access::named(std::move(made.error()), ""));
    return made;
  } else {
    static_assert(detail::kUnknownType<T>, "sandglass::Convert<T> has no to_js for this type");
  }
}

namespace detail {
/// What a property called `name` is set to: functions and classes learn their names from it.
template <class T>
Result<Value> make_named(Context& context, std::string_view name, T&& value) {
  using Plain = std::decay_t<T>;
  if constexpr (requires { Convert<Plain>::to_js(context, std::forward<T>(value), name); }) {
    return Convert<Plain>::to_js(context, std::forward<T>(value), name);
  } else {
    return context.make(std::forward<T>(value));
  }
}
}  // namespace detail

template <class T>
  requires(!std::is_same_v<std::remove_cvref_t<T>, Value>)
Result<void> Value::set(Key key, T&& value) const {
  Context here = context();
  Result<Value> made = detail::make_named(here, key.path(), std::forward<T>(value));
  if (!made) return std::unexpected(std::move(made.error()));
  return set(key, *made);
}

template <class T>
Result<void> Context::set(std::string_view name, T&& value) const {
  if constexpr (std::is_same_v<std::remove_cvref_t<T>, Value>) {
    return global().set(Key(name), value);
  } else {
    Context here(vm_);
    Result<Value> made = detail::make_named(here, name, std::forward<T>(value));
    if (!made) return std::unexpected(std::move(made.error()));
    return global().set(Key(name), *made);
  }
}

template <class T>
Result<T> Context::eval(std::string_view source, EvalOptions options) const {
  Result<Value> value = eval(source, options);
  if (!value) return std::unexpected(std::move(value.error()));
  return value->as<T>();
}

template <class T>
Result<T> Context::get(std::string_view name) const {
  Result<Value> value = global().get(Key(name));
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else {
    if (!value) return std::unexpected(std::move(value.error()));
    return value->template as<T>(name);
  }
}

/// A Value is its own conversion.
template <>
struct Convert<Value> {
  static Result<Value> from_js(const Value& value) { return value.clone(); }
  static Result<Value> to_js(Context&, const Value& value) { return value.clone(); }
  static Result<Value> to_js(Context&, Value&& value) { return std::move(value); }
};

}  // namespace sandglass
