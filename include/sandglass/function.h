#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/convert.h"
#include "sandglass/convert/errors.h"
#include "sandglass/convert/numbers.h"
#include "sandglass/convert/strings.h"
#include "sandglass/detail/host_function.h"

namespace sandglass {

/// Parameter of a host function: what it was called on.
struct This {
  Value value;
};

/// Last parameter of a host function: all further arguments.
template <class T>
struct Rest {
  std::vector<T> values;
  [[nodiscard]] auto begin() const noexcept { return values.begin(); }
  [[nodiscard]] auto end() const noexcept { return values.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return values[i]; }
};

namespace detail {

// How a parameter of type P is made: `Holder` keeps it during the call, `pass` gives it on.
// `kCount` arguments are used up by it; -1: all that are left.
template <class P>
struct Parameter;

template <class T>
Result<T> argument_as(const Arguments& arguments, std::size_t i) {
  Result<T> value = Convert<T>::from_js(arguments[i]);
  if (!value) [[unlikely]] {
    if (value.error().code == Errc::conversion && i >= arguments.size()) {
      value.error().message += " (it is missing)";
    }
    return std::unexpected(
        Access::named(std::move(value.error()), "argument " + std::to_string(i + 1)));
  }
  return value;
}

template <class T>
struct PlainParameter {
  using Holder = T;
  static constexpr int kCount = 1;
  static Result<Holder> take(Arguments& arguments, std::size_t i) {
    return argument_as<T>(arguments, i);
  }
};

template <class P>
  requires(!std::is_lvalue_reference_v<P> ||
           (std::is_const_v<std::remove_reference_t<P>> && FromJs<std::remove_cvref_t<P>>))
struct Parameter<P> : PlainParameter<std::remove_cvref_t<P>> {
  static_assert(FromJs<std::remove_cvref_t<P>>,
                "a host function has a parameter that sandglass::Convert cannot make");
};

template <>
struct Parameter<std::string_view> : PlainParameter<std::string> {};
template <>
struct Parameter<const std::string_view&> : PlainParameter<std::string> {};
template <>
struct Parameter<std::u16string_view> : PlainParameter<std::u16string> {};
template <class T>
  requires std::is_const_v<T>
struct Parameter<std::span<T>> : PlainParameter<std::vector<std::remove_const_t<T>>> {};

struct ContextParameter {
  using Holder = Context;
  static constexpr int kCount = 0;
  static Result<Holder> take(Arguments& arguments, std::size_t) { return arguments.context(); }
};
template <>
struct Parameter<Context> : ContextParameter {};
template <>
struct Parameter<Context&> : ContextParameter {};
template <>
struct Parameter<const Context&> : ContextParameter {};

struct ThisParameter {
  using Holder = This;
  static constexpr int kCount = 0;
  static Result<Holder> take(Arguments& arguments, std::size_t) { return This{arguments.self()}; }
};
template <>
struct Parameter<This> : ThisParameter {};
template <>
struct Parameter<const This&> : ThisParameter {};

struct ArgumentsParameter {
  using Holder = Arguments*;
  static constexpr int kCount = -1;
  static Result<Holder> take(Arguments& arguments, std::size_t) { return &arguments; }
};
template <>
struct Parameter<Arguments&> : ArgumentsParameter {};
template <>
struct Parameter<const Arguments&> : ArgumentsParameter {};

template <class T>
struct RestParameter {
  using Holder = Rest<T>;
  static constexpr int kCount = -1;
  static Result<Holder> take(Arguments& arguments, std::size_t i) {
    Rest<T> rest;
    for (; i < arguments.size(); ++i) {
      Result<T> value = argument_as<T>(arguments, i);
      if (!value) return std::unexpected(std::move(value.error()));
      rest.values.push_back(std::move(*value));
    }
    return rest;
  }
};
template <class T>
struct Parameter<Rest<T>> : RestParameter<T> {};
template <class T>
struct Parameter<const Rest<T>&> : RestParameter<T> {};

// Signatures.

template <class... P>
struct Signature {
  using Parameters = std::tuple<P...>;
  /// What JavaScript says as `length`: parameters before the first optional one.
  static constexpr int kLength = [] {
    int length = 0;
    [[maybe_unused]] bool counting = true;
    [[maybe_unused]] const auto count = [&](int uses, bool optional) {
      counting = counting && uses >= 0 && !optional;
      if (counting) length += uses;
    };
    (count(Parameter<P>::kCount, requires(std::remove_cvref_t<P> p) { p.has_value(); }), ...);
    return length;
  }();
};

template <class F>
struct SignatureOf;
template <class R, class... P>
struct SignatureOf<R(P...)> {
  using Type = Signature<P...>;
  using Return = R;
};
template <class R, class... P>
struct SignatureOf<R(P...) noexcept> : SignatureOf<R(P...)> {};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...)> : SignatureOf<R(P...)> {};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...) const> : SignatureOf<R(P...)> {};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...) noexcept> : SignatureOf<R(P...)> {};
template <class C, class R, class... P>
struct SignatureOf<R (C::*)(P...) const noexcept> : SignatureOf<R(P...)> {};

template <class F>
concept FunctionPointer = std::is_pointer_v<F> && std::is_function_v<std::remove_pointer_t<F>>;
template <class F>
concept FunctionObject = std::is_class_v<F> && requires { &F::operator(); };

template <class F>
struct CallableSignature;
template <FunctionPointer F>
struct CallableSignature<F> : SignatureOf<std::remove_pointer_t<F>> {};
template <FunctionObject F>
struct CallableSignature<F> : SignatureOf<decltype(&F::operator())> {};

/// A C++ callable with one signature: no overloads, no templates.
template <class F>
concept Callable = FunctionPointer<F> || FunctionObject<F>;

// Results. What a return type of its own does (a coroutine, a future) is a Convert of its own.

template <class R>
Result<Value> result_to_js(Arguments& arguments, R&& result) {
  using Plain = std::remove_cvref_t<R>;
  if constexpr (std::is_same_v<Plain, Value>) {
    if constexpr (std::is_lvalue_reference_v<R>)
      return result.clone();
    else
      return std::forward<R>(result);
  } else if constexpr (std::is_same_v<Plain, std::error_code>) {
    if (result) return std::unexpected(error_of(result));
    return Value();
  } else if constexpr (requires { Convert<Plain>::to_js_plain(result); }) {
    return Convert<Plain>::to_js_plain(result);
  } else {
    Context context = arguments.context();
    return context.make(std::forward<R>(result));
  }
}

template <class T>
inline constexpr bool kIsResult = false;
template <class T>
inline constexpr bool kIsResult<Result<T>> = true;

template <class Invoke>
Result<Value> invoke_to_js(Arguments& arguments, Invoke&& invoke) {
  using R = decltype(invoke());
  using Plain = std::remove_cvref_t<R>;
  if constexpr (std::is_void_v<R>) {
    invoke();
    return Value();
  } else if constexpr (kIsResult<Plain>) {
    Plain result = invoke();
    if (!result) return std::unexpected(std::move(result.error()));
    if constexpr (std::is_void_v<typename Plain::value_type>) {
      return Value();
    } else {
      return result_to_js(arguments, std::move(*result));
    }
  } else {
    return result_to_js(arguments, invoke());
  }
}

template <class P, class Holder>
decltype(auto) pass(Holder& holder) {
  if constexpr (std::is_reference_v<P> && requires { static_cast<P>(*holder); }) {
    return static_cast<P>(*holder);  // Arguments&, T& of a bound class
  } else if constexpr (std::is_same_v<P, Holder&>) {
    return (holder);  // a reference, for decltype(auto)
  } else if constexpr (std::is_lvalue_reference_v<P>) {
    return static_cast<const Holder&>(holder);
  } else {
    return std::move(holder);
  }
}

/// Converts the arguments for parameters P... from `first` on and calls `function` with them.
template <class... P, class F>
Result<Value> call_with_arguments(Signature<P...>, Arguments& arguments, F&& function) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> Result<Value> {
    std::tuple<std::optional<typename Parameter<P>::Holder>...> holders;
    std::size_t next = 0;
    std::optional<Error> error;
    [[maybe_unused]] const auto take = [&]<class Q>(std::type_identity<Q>, auto& holder) {
      auto taken = Parameter<Q>::take(arguments, next);
      if (!taken) [[unlikely]] {
        error = std::move(taken.error());
        return false;
      }
      holder.emplace(std::move(*taken));
      if constexpr (Parameter<Q>::kCount > 0) next += Parameter<Q>::kCount;
      return true;
    };
    if (!(take(std::type_identity<P>(), std::get<I>(holders)) && ...)) [[unlikely]] {
      return std::unexpected(std::move(*error));
    }
    return invoke_to_js(
        arguments, [&]() -> decltype(auto) { return function(pass<P>(*std::get<I>(holders))...); });
  }(std::index_sequence_for<P...>());
}

template <class F>
class CallableFunction : public HostFunction {
 public:
  explicit CallableFunction(F function) : function_(std::move(function)) {}
  Result<Value> call(Arguments& arguments) override {
    return call_with_arguments(typename CallableSignature<F>::Type(), arguments, function_);
  }

 private:
  F function_;
};

/// A callable that several VMs share.
template <class F>
struct SharedCallable {
  std::shared_ptr<F> callable;
};
template <class F>
struct CallableSignature<SharedCallable<F>> : CallableSignature<F> {};

template <class F>
class CallableFunction<SharedCallable<F>> final : public HostFunction {
 public:
  explicit CallableFunction(SharedCallable<F> function) : function_(std::move(function.callable)) {}
  Result<Value> call(Arguments& arguments) override {
    return call_with_arguments(typename CallableSignature<F>::Type(), arguments, *function_);
  }

 private:
  std::shared_ptr<F> function_;
};

}  // namespace detail

/// A C++ callable -> a function. Its parameters are converted by Convert, and so is what it
/// returns; see docs/functions.md. The callable lives as long as the function, or the VM.
template <detail::Callable F>
struct Convert<F> {
  static Result<Value> to_js(Context& context, F function, std::string_view name = {}) {
    return context.function(name, std::move(function));
  }
};

template <class F>
Result<Value> Context::function(std::string_view name, F&& callable) const {
  using Plain = std::decay_t<F>;
  static_assert(
      requires { typename detail::CallableSignature<Plain>::Type; },
      "function() wants a callable with one signature: no overloads, no templates");
  return make_function(
      name, detail::CallableSignature<Plain>::Type::kLength,
      std::make_unique<detail::CallableFunction<Plain>>(std::forward<F>(callable)));
}

// From C++ to JavaScript.

namespace detail {

// Arguments of a call as Values; the first failure, if any.
template <class... A>
class CallValues {
 public:
  explicit CallValues(const Value& callee, A&&... arguments) {
    std::size_t i = 0;
    static_cast<void>((add(callee, i++, std::forward<A>(arguments)) && ...));
  }
  [[nodiscard]] std::optional<Error>& error() noexcept { return error_; }
  [[nodiscard]] std::span<const Value> values() const noexcept {
    return std::span(values_).first(sizeof...(A));
  }

 private:
  template <class T>
  bool add(const Value& callee, std::size_t i, T&& argument) {
    using Plain = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<Plain, bool>) {
      values_[i] = Value::boolean(argument);
      return true;
    } else if constexpr (std::is_floating_point_v<Plain> ||
                         (SmallInteger<Plain> && sizeof(Plain) <= 4)) {
      values_[i] = Value::number(static_cast<double>(argument));
      return true;
    } else {
      return add_made(i, callee.context().make(std::forward<T>(argument)));
    }
  }

  bool add_made(std::size_t i, Result<Value> made) {
    if (made) {
      values_[i] = std::move(*made);
    } else {
      error_ = Access::named(std::move(made.error()), "argument " + std::to_string(i + 1));
    }
    return made.has_value();
  }

  std::array<Value, sizeof...(A) + 1> values_;
  std::optional<Error> error_;
};

template <class R>
Result<R> result_as(Result<Value> value) {
  if constexpr (std::is_same_v<R, Value>) {
    return value;
  } else if constexpr (std::is_void_v<R>) {
    if (!value) return std::unexpected(std::move(value.error()));
    return {};
  } else {
    if (!value) return std::unexpected(std::move(value.error()));
    return value->template as<R>("result");
  }
}

}  // namespace detail

template <class R, class... A>
Result<R> Value::call_on(const Value& self, A&&... arguments) const {
  detail::CallValues<A...> values(*this, std::forward<A>(arguments)...);
  if (values.error()) return std::unexpected(std::move(*values.error()));
  return detail::result_as<R>(call_with(self, values.values()));
}

template <class R, class... A>
Result<R> Value::call(A&&... arguments) const {
  return call_on<R>(Value(), std::forward<A>(arguments)...);
}

template <class R, class... A>
Result<R> Value::construct(A&&... arguments) const {
  detail::CallValues<A...> values(*this, std::forward<A>(arguments)...);
  if (values.error()) return std::unexpected(std::move(*values.error()));
  return detail::result_as<R>(construct_with(values.values()));
}

template <class R, class... A>
Result<R> Value::invoke(Key method, A&&... arguments) const {
  detail::CallValues<A...> values(*this, std::forward<A>(arguments)...);
  if (values.error()) return std::unexpected(std::move(*values.error()));
  return detail::result_as<R>(invoke_with(method, values.values()));
}

template <class F>
Result<void> Value::with_bytes(F&& look) const {
  return with_bytes_of([&](std::span<std::byte> bytes) { look(bytes); });
}

/// A JavaScript function as a C++ callable: Function<int(int, int)> returns Result<int>.
///
/// Move-only, as the Value inside. Threads, lifetime and errors are those of Value::call.
template <class S>
class Function;
template <class R, class... A>
class Function<R(A...)> {
 public:
  /// `function` as it is; that it is a function is found out by calling it.
  explicit Function(Value function) noexcept : function_(std::move(function)) {}

  Result<R> operator()(const A&... arguments) const { return function_.call<R>(arguments...); }
  [[nodiscard]] const Value& value() const noexcept { return function_; }

 private:
  Value function_;
};

template <class R, class... A>
struct Convert<Function<R(A...)>> {
  static Result<Value> to_js(Context&, const Function<R(A...)>& function) {
    return function.value().clone();
  }
  static Result<Function<R(A...)>> from_js(const Value& value) {
    if (!value.is_function()) return std::unexpected(mismatch("function", value));
    return Function<R(A...)>(value.clone());
  }
};

}  // namespace sandglass
