// What a JavaScript call of a C++ callable looks like from here. Arguments is public API; the rest
// is for the headers.
#pragma once

#include <cstddef>
#include <span>

#include "sandglass/context.h"
#include "sandglass/value.h"

namespace sandglass {

/// The arguments of one call, as they came: for host functions that want them raw.
///
/// Lifetime: the call.
class Arguments {
 public:
  /// How many were given.
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  /// Argument `i`; undefined beyond the last, as in JavaScript.
  [[nodiscard]] Value operator[](std::size_t i) const noexcept {
    return i < values_.size() ? hold(values_[i]) : Value();
  }
  /// What the function was called on: `this`.
  [[nodiscard]] Value self() const noexcept { return hold(self_); }
  [[nodiscard]] Context context() const noexcept;

 private:
  friend class runtime::Vm;
  friend struct detail::Access;
  using JsValue = detail::JsValue;

  Arguments(runtime::Vm& vm, JsValue self, std::span<const JsValue> values) noexcept
      : vm_(&vm), self_(self), values_(values) {}
  [[nodiscard]] Value hold(JsValue value) const noexcept {
    return value.is_counted() ? hold_counted(value) : Value(value);
  }
  [[nodiscard]] Value hold_counted(JsValue value) const noexcept;

  runtime::Vm* vm_;
  JsValue self_;
  std::span<const JsValue> values_;
};

namespace detail {

/// A C++ callable as a VM keeps it.
class HostFunction {
 public:
  HostFunction() = default;
  HostFunction(const HostFunction&) = delete;
  HostFunction& operator=(const HostFunction&) = delete;
  virtual ~HostFunction() = default;
  /// May throw: the caller makes a JavaScript error of it.
  [[nodiscard]] virtual Result<Value> call(Arguments& arguments) = 0;
};

}  // namespace detail
}  // namespace sandglass
