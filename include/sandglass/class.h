#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include "sandglass/function.h"
#include "sandglass/iterate.h"

namespace sandglass {

namespace detail {

/// A bound class as the library installs it in a VM. Shared by all VMs, immutable from then on.
struct ClassDefinition {
  enum class Kind : std::uint8_t { method, getter, setter, iterator, static_method, static_value };
  struct Member {
    Kind kind;
    std::string name;
    int length = 0;
    std::shared_ptr<HostFunction> function;
    std::function<Result<Value>(Context&)> value;  // of a static_value
  };
  struct Base {
    const std::type_info* type;
    void* (*cast)(void* derived);
  };
  std::string name;
  const std::type_info* type = nullptr;
  int constructor_length = 0;
  std::shared_ptr<HostFunction> constructor;  // null: a script cannot make one
  std::vector<Member> members;
  std::vector<Base> bases;
};

struct HostObjects {
  /// The constructor of `definition` in this VM, made now.
  [[nodiscard]] static Result<Value> define(
      const Context& context, const std::shared_ptr<const ClassDefinition>& definition);
  /// What an object may be used for.
  enum class Use : std::uint8_t { change, look };
  /// The object of `type` (or of a class derived from it) inside `value`, for `use`.
  /// `vm`, where it is known, tells the name of the class if `value` belongs to none.
  [[nodiscard]] static Result<std::shared_ptr<void>> unwrap(const Value& value,
                                                            const std::type_info& type, Use use,
                                                            const runtime::Vm* vm = nullptr);
  /// The wrapper of `object`: the one it has already, or a new one of its class. Without a class it
  /// is opaque to scripts. An object that was handed over to be changed stays so.
  [[nodiscard]] static Result<Value> wrap(const Context& context, std::shared_ptr<void> object,
                                          const std::type_info& type, Use use = Use::change);
  /// A new wrapper for `new_target`, from inside a constructor.
  [[nodiscard]] static Result<Value> construct(const Context& context, const Value& new_target,
                                               std::shared_ptr<void> object,
                                               const std::type_info& type);
};

template <class T>
Result<std::shared_ptr<T>> unwrap_as(const Value& value, const runtime::Vm* vm = nullptr) {
  using Use = HostObjects::Use;
  auto object =
      HostObjects::unwrap(value, typeid(T), std::is_const_v<T> ? Use::look : Use::change, vm);
  if (!object) return std::unexpected(std::move(object.error()));
  return std::static_pointer_cast<T>(std::move(*object));
}

// A parameter T& or const T& of a bound class.
template <class T>
struct HostParameter {
  using Holder = std::shared_ptr<T>;
  static constexpr int kCount = 1;
  static Result<Holder> take(Arguments& arguments, std::size_t i) {
    auto object = unwrap_as<T>(arguments[i], Access::vm(arguments));
    if (!object) {
      return std::unexpected(
          Access::named(std::move(object.error()), "argument " + std::to_string(i + 1)));
    }
    return object;
  }
};
template <class T>
  requires(!std::is_const_v<T> && std::is_class_v<T>)
struct Parameter<T&> : HostParameter<T> {};
template <class T>
  requires(std::is_class_v<T> && !FromJs<T>)
struct Parameter<const T&> : HostParameter<const T> {};

// A shared object, or null.
template <class T>
struct SharedParameter {
  using Holder = std::shared_ptr<T>;
  static constexpr int kCount = 1;
  static Result<Holder> take(Arguments& arguments, std::size_t i) {
    if (arguments[i].is_null()) return Holder();
    return HostParameter<T>::take(arguments, i);
  }
};
template <class T>
  requires(!FromJs<std::remove_const_t<T>>)
struct Parameter<std::shared_ptr<T>> : SharedParameter<T> {};
template <class T>
  requires(!FromJs<std::remove_const_t<T>>)
struct Parameter<const std::shared_ptr<T>&> : SharedParameter<T> {};

// What a member is called on, and how its parameters follow.
template <class F>
struct MethodSignature;
template <class C, class R, class... P>
struct MethodSignature<R (C::*)(P...)> {
  using Parameters = Signature<P...>;
  static constexpr bool kConst = false;  // whether it only looks at the object
};
template <class C, class R, class... P>
struct MethodSignature<R (C::*)(P...) const> {
  using Parameters = Signature<P...>;
  static constexpr bool kConst = true;
};
template <class C, class R, class... P>
struct MethodSignature<R (C::*)(P...) noexcept> : MethodSignature<R (C::*)(P...)> {};
template <class C, class R, class... P>
struct MethodSignature<R (C::*)(P...) const noexcept> : MethodSignature<R (C::*)(P...) const> {};
template <class S>
struct DropFirst;
template <class First, class... P>
struct DropFirst<Signature<First, P...>> {
  using Type = Signature<P...>;
  static constexpr bool kConst = std::is_const_v<std::remove_reference_t<First>>;
};
template <Callable F>
struct MethodSignature<F> {
  using Split = DropFirst<typename CallableSignature<F>::Type>;
  using Parameters = typename Split::Type;
  static constexpr bool kConst = Split::kConst;
};

template <class T, class F>
class MethodFunction final : public HostFunction {
 public:
  explicit MethodFunction(F function) : function_(std::move(function)) {}
  Result<Value> call(Arguments& arguments) override {
    using Self = std::conditional_t<MethodSignature<F>::kConst, const T, T>;
    const auto self = unwrap_as<Self>(arguments.self(), Access::vm(arguments));
    if (!self) return std::unexpected(Access::named(self.error(), "this"));
    return call_with_arguments(
        typename MethodSignature<F>::Parameters(), arguments,
        [&]<class... A>(A&&... values) -> decltype(auto) {
          using R = decltype(std::invoke(function_, **self, std::forward<A>(values)...));
          if constexpr (kIsIterableRange<std::remove_cvref_t<R>>) {
            // The range may be a view of the object.
            auto range = std::invoke(function_, **self, std::forward<A>(values)...);
            range.owner = std::const_pointer_cast<T>(*self);
            return range;
          } else {
            return std::invoke(function_, **self, std::forward<A>(values)...);
          }
        });
  }

 private:
  F function_;
};

// Reads or writes a data member.
template <class T, class M, bool kWrites>
class FieldFunction final : public HostFunction {
 public:
  explicit FieldFunction(M T::* field) : field_(field) {}
  Result<Value> call(Arguments& arguments) override {
    using Self = std::conditional_t<kWrites, T, const T>;
    const auto self = unwrap_as<Self>(arguments.self(), Access::vm(arguments));
    if (!self) return std::unexpected(Access::named(self.error(), "this"));
    if constexpr (kWrites) {
      Result<M> value = argument_as<M>(arguments, 0);
      if (!value) return std::unexpected(std::move(value.error()));
      (**self).*field_ = std::move(*value);
      return Value();
    } else {
      return arguments.context().make(std::as_const((**self).*field_));
    }
  }

 private:
  M T::* field_;
};

// A constructor: `this` is new.target.
template <class T, class S, class F>
class ConstructFunction final : public HostFunction {
 public:
  explicit ConstructFunction(F make) : make_(std::move(make)) {}
  Result<Value> call(Arguments& arguments) override {
    std::shared_ptr<T> object;
    Result<Value> made =
        call_with_arguments(S(), arguments, [&]<class... A>(A&&... values) -> Result<void> {
          return keep(object, make_(std::forward<A>(values)...));
        });
    if (!made) return made;
    if (!object) return std::unexpected(out_of_range("the constructor made nothing"));
    return HostObjects::construct(arguments.context(), arguments.self(), std::move(object),
                                  typeid(T));
  }

 private:
  template <class M>
  static Result<void> keep(std::shared_ptr<T>& object, M made) {
    if constexpr (kIsResult<M>) {
      if (!made) return std::unexpected(std::move(made.error()));
      return keep(object, std::move(*made));
    } else if constexpr (std::is_convertible_v<M&&, std::shared_ptr<T>>) {
      object = std::move(made);
    } else {
      object = std::make_shared<T>(std::move(made));
    }
    return {};
  }
  F make_;
};

}  // namespace detail

/// Binds a C++ class to JavaScript:
///
///     global.set("Counter", sandglass::Class<Counter>("Counter")
///                               .constructor<int>()
///                               .method("inc", &Counter::inc)
///                               .property("count", &Counter::count)
///                               .static_method("zero", [] { return std::make_shared<Counter>(0);
///                               }));
///
/// Methods check what they are called on by the host's own mark, which no script can forge; scripts
/// may derive from the class. Objects are shared: C++ holds them by std::shared_ptr, which converts
/// to the object's one wrapper and back; `T&` and `const T&` parameters refer to them. An object is
/// let go of once its wrapper was collected or the VM ends, never in the middle of guest code.
///
/// Thread: one Class may be installed in VMs of several threads; its callables are then called from
///         all of them.
template <class T>
class Class {
 public:
  explicit Class(std::string name) : definition_(std::make_shared<detail::ClassDefinition>()) {
    definition_->name = std::move(name);
    definition_->type = &typeid(T);
  }

  /// `new Name(...)` calls T(A...).
  template <class... A>
    requires(std::is_constructible_v<T, A...>)
  Class& constructor() {
    return add_constructor<detail::Signature<A...>>(
        [](A... arguments) { return std::make_shared<T>(std::forward<A>(arguments)...); });
  }
  /// `new Name(...)` calls `make`, which returns a T, a shared_ptr or unique_ptr of one, or a
  /// Result of any.
  template <detail::Callable F>
  Class& constructor(F make) {
    return add_constructor<typename detail::CallableSignature<F>::Type>(std::move(make));
  }

  /// A member function, or a callable that takes the object first: T& or const T&.
  template <class F>
  Class& method(std::string name, F function) {
    using Parameters = typename detail::MethodSignature<F>::Parameters;
    return add(Kind::method, std::move(name), Parameters::kLength,
               std::make_shared<detail::MethodFunction<T, F>>(std::move(function)));
  }

  /// A read-only property: a const member function, or a callable that takes the object.
  template <class F>
    requires(!std::is_member_object_pointer_v<F>)
  Class& property(std::string name, F getter) {
    return add(Kind::getter, std::move(name), 0,
               std::make_shared<detail::MethodFunction<T, F>>(std::move(getter)));
  }
  template <class G, class S>
  Class& property(const std::string& name, G getter, S setter) {
    property(name, std::move(getter));
    return add(Kind::setter, name, 1,
               std::make_shared<detail::MethodFunction<T, S>>(std::move(setter)));
  }
  /// A data member; it can be written unless it is const.
  template <class M, class B>
    requires(std::is_base_of_v<B, T> && !std::is_function_v<M>)
  Class& property(const std::string& name, M B::* field) {
    const auto member = static_cast<M T::*>(field);
    add(Kind::getter, name, 0, std::make_shared<detail::FieldFunction<T, M, false>>(member));
    if constexpr (FromJs<M> && !std::is_const_v<M>) {
      add(Kind::setter, name, 1, std::make_shared<detail::FieldFunction<T, M, true>>(member));
    }
    return *this;
  }

  /// What `for (const x of object)` goes through: a callable that takes the object and returns a
  /// range (by value or a view; see iterate_range).
  template <class F>
  Class& iterator(F range) {
    using Self = std::conditional_t<std::is_invocable_v<const F&, const T&>, const T, T>;
    auto function = [range = std::move(range)](Self& object) {
      return iterate_range(std::invoke(range, object));
    };
    return add(
        Kind::iterator, "[Symbol.iterator]", 0,
        std::make_shared<detail::MethodFunction<T, decltype(function)>>(std::move(function)));
  }

  template <detail::Callable F>
  Class& static_method(const std::string& name, F function) {
    return add(Kind::static_method, name, detail::CallableSignature<F>::Type::kLength,
               std::make_shared<detail::CallableFunction<F>>(std::move(function)));
  }
  template <class V>
  Class& static_value(const std::string& name, V value) {
    definition_->members.push_back(
        {.kind = Kind::static_value,
         .name = name,
         .value = [kept = std::move(value)](Context& context) { return context.make(kept); }});
    return *this;
  }

  /// T derives from B, which is bound in the VM already: B's methods work on T's.
  template <class B>
    requires(std::is_base_of_v<B, T> && !std::is_same_v<B, T>)
  Class& base() {
    definition_->bases.push_back({.type = &typeid(B), .cast = [](void* derived) -> void* {
                                    return static_cast<B*>(static_cast<T*>(derived));
                                  }});
    return *this;
  }

  [[nodiscard]] std::shared_ptr<const detail::ClassDefinition> definition() const noexcept {
    return definition_;
  }

 private:
  using Kind = detail::ClassDefinition::Kind;

  template <class S, class F>
  Class& add_constructor(F make) {
    definition_->constructor_length = S::kLength;
    definition_->constructor =
        std::make_shared<detail::ConstructFunction<T, S, F>>(std::move(make));
    return *this;
  }
  Class& add(Kind kind, std::string name, int length, std::shared_ptr<detail::HostFunction> f) {
    definition_->members.push_back(
        {.kind = kind, .name = std::move(name), .length = length, .function = std::move(f)});
    return *this;
  }

  std::shared_ptr<detail::ClassDefinition> definition_;
};

template <class T>
struct Convert<Class<T>> {
  static Result<Value> to_js(Context& context, const Class<T>& definition) {
    return detail::HostObjects::define(context, definition.definition());
  }
};

namespace detail {

template <class T>
inline constexpr bool kByValue = FromJs<T> || ToJs<T>;

}  // namespace detail

/// A shared object <-> its wrapper. null <-> null. Of types that Convert knows, it is the value.
/// What is handed over as const has its const methods only, and is not taken where it could be
/// changed.
template <class T>
struct Convert<std::shared_ptr<T>> {
  using Plain = std::remove_const_t<T>;
  static Result<Value> to_js(Context& context, const std::shared_ptr<T>& object) {
    if (object == nullptr) return Value::null();
    if constexpr (detail::kByValue<Plain>) {
      const detail::Descent descent;
      if (descent.failed()) return std::unexpected(descent.error());
      return context.make(std::as_const(*object));
    } else {
      using Use = detail::HostObjects::Use;
      return detail::HostObjects::wrap(context, std::const_pointer_cast<Plain>(object),
                                       typeid(Plain), std::is_const_v<T> ? Use::look : Use::change);
    }
  }
  static Result<std::shared_ptr<T>> from_js(const Value& value) {
    if (value.is_null()) return std::shared_ptr<T>();
    if constexpr (FromJs<Plain>) {
      Result<Plain> made = Convert<Plain>::from_js(value);
      if (!made) return std::unexpected(std::move(made.error()));
      return std::make_shared<Plain>(std::move(*made));
    } else {
      return detail::unwrap_as<T>(value);
    }
  }
};

/// A unique object goes over into a shared wrapper; of types that Convert knows, it is the value.
template <class T>
struct Convert<std::unique_ptr<T>> {
  static Result<Value> to_js(Context& context, std::unique_ptr<T> object)
    requires(!detail::kByValue<T>)
  {
    if (object == nullptr) return Value::null();
    return detail::HostObjects::wrap(context, std::shared_ptr<T>(std::move(object)), typeid(T));
  }
  static Result<Value> to_js(Context& context, const std::unique_ptr<T>& object)
    requires(ToJs<T>)
  {
    if (object == nullptr) return Value::null();
    const detail::Descent descent;
    if (descent.failed()) return std::unexpected(descent.error());
    return Convert<T>::to_js(context, *object);
  }
  static Result<std::unique_ptr<T>> from_js(const Value& value)
    requires(FromJs<T>)
  {
    if (value.is_null()) return std::unique_ptr<T>();
    Result<T> made = Convert<T>::from_js(value);
    if (!made) return std::unexpected(std::move(made.error()));
    return std::make_unique<T>(std::move(*made));
  }
};

}  // namespace sandglass
