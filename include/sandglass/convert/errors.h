#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "sandglass/convert.h"

namespace sandglass {

/// An Error as a C++ exception, for code that prefers them: thrown by a host function it becomes
/// that very error in the script again.
class ScriptError : public std::runtime_error {
 public:
  explicit ScriptError(Error error);
  [[nodiscard]] const Error& error() const noexcept { return *error_; }

 private:
  std::shared_ptr<const Error> error_;  // copies of exceptions must not throw
};

/// What a C++ exception is in JavaScript: std::invalid_argument and std::bad_cast are a TypeError;
/// out_of_range, length_error, range_error, overflow_error, underflow_error and domain_error a
/// RangeError; bad_alloc an InternalError; std::system_error an Error with a `code`; anything else
/// an Error. What is nested in it (std::throw_with_nested) is its `cause`.
[[nodiscard]] Error error_of(const std::exception_ptr& exception);
/// An Error whose `code` is "category:value": "generic:2".
[[nodiscard]] Error error_of(std::error_code code);

/// The result, or a ScriptError thrown.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw ScriptError(std::move(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// Error <-> an Error object with the same class, message, code and cause (not thrown).
template <>
struct Convert<Error> {
  static Result<Value> to_js(Context& context, const Error& error) { return context.error(error); }
  static Result<Error> from_js(const Value& value) {
    if (!value.is_error()) return std::unexpected(mismatch("Error", value));
    return detail::Access::describe_error(value);
  }
};

template <>
struct Convert<std::exception_ptr> {
  static Result<Value> to_js(Context& context, const std::exception_ptr& exception) {
    if (exception == nullptr) return Value::null();
    return context.error(error_of(exception));
  }
  static Result<std::exception_ptr> from_js(const Value& value) {
    if (value.is_nullish()) return std::exception_ptr();
    Result<Error> error = Convert<Error>::from_js(value);
    if (!error) return std::unexpected(std::move(error.error()));
    return std::make_exception_ptr(ScriptError(std::move(*error)));
  }
};

/// The code of an error that has one of the standard categories ("generic:2", "system:13") as its
/// `code`; nullopt for any other.
[[nodiscard]] std::optional<std::error_code> error_code_of(const Error& error);

/// No error <-> null. From JavaScript an Error whose `code` is that of a standard category.
template <>
struct Convert<std::error_code> {
  static Result<std::error_code> from_js(const Value& value) {
    if (value.is_null()) return std::error_code();
    const Result<Error> error = Convert<Error>::from_js(value);
    if (!error) return std::unexpected(error.error());
    if (const auto code = error_code_of(*error)) return *code;
    return std::unexpected(mismatch("an Error with the code of a C++ error category", value));
  }
  static Result<Value> to_js(Context& context, std::error_code code) {
    if (!code) return Value::null();
    return context.error(error_of(code));
  }
};

}  // namespace sandglass
