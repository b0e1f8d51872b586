#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/convert.h"
#include "sandglass/convert/numbers.h"

namespace sandglass {

/// What to do with properties of an object that the struct does not have.
enum class UnknownFields : std::uint8_t { ignore, refuse };

/// How a struct described by Boost.Describe crosses. Specialise it to change that:
///
///     template <>
///     struct sandglass::StructOptions<User> : sandglass::StructDefaults {
///       static constexpr UnknownFields unknown = UnknownFields::refuse;
///       static constexpr std::array renamed = {std::pair{"from_", "from"}};   // C++ name, JS name
///     };
// NOLINTBEGIN(readability-identifier-naming): options, written by users, not constants of ours
struct StructDefaults {
  static constexpr UnknownFields unknown = UnknownFields::ignore;
  /// Whether a missing property leaves the member as its default constructor made it. If not, it is
  /// an error for every member but std::optional ones.
  static constexpr bool missing_is_default = false;
  static constexpr std::array<std::pair<const char*, const char*>, 0> renamed = {};
};
template <class T>
struct StructOptions : StructDefaults {};
// NOLINTEND(readability-identifier-naming)

/// How an enum crosses: by the names of its enumerators if it is described, else by its value.
/// Specialise it to true for a described enum that should go by value.
template <class E>
inline constexpr bool kEnumByValue = false;

namespace detail {

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;
template <class E>
concept NamedEnum =
    std::is_enum_v<E> && boost::describe::has_describe_enumerators<E>::value && !kEnumByValue<E>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

// Public members, those of described bases first.
template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public |
                                                         boost::describe::mod_inherited>;

template <class T>
constexpr const char* js_name(const char* name) {
  for (const auto& [from, to] : StructOptions<T>::renamed) {
    if (std::string_view(from) == name) return to;
  }
  return name;
}

}  // namespace detail

/// A struct described by BOOST_DESCRIBE_STRUCT <-> an object with a property for each public
/// member. std::optional members may be missing, and are left out when empty.
template <detail::Described T>
struct Convert<T> {
  static Result<Value> to_js(Context& context, const T& value) {
    const detail::Descent descent;
    if (descent.failed()) return std::unexpected(descent.error());
    constexpr std::size_t kCount = boost::mp11::mp_size<detail::Members<T>>::value;
    std::array<const char*, kCount> names = {};
    std::array<Value, kCount> values;
    std::size_t count = 0;
    std::optional<Error> error;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      if (error) return;
      const auto& field = value.*member.pointer;
      using Field = std::remove_cvref_t<decltype(field)>;
      if constexpr (detail::kIsOptional<Field>) {
        if (!field) return;
      }
      Result<Value> made = Convert<Field>::to_js(context, field);
      if (!made) {
        error = in_field(std::move(made.error()), detail::js_name<T>(member.name));
        return;
      }
      names[count] = detail::js_name<T>(member.name);
      values[count++] = std::move(*made);
    });
    if (error) return std::unexpected(std::move(*error));
    return detail::Access::object_static(context, std::span(names).first(count),
                                         std::span(values).first(count));
  }

  static Result<T> from_js(const Value& value)
    requires std::is_default_constructible_v<T>
  {
    if (!value.is_object()) return std::unexpected(mismatch("object", value));
    const detail::Descent descent(value);
    if (descent.failed()) return std::unexpected(descent.error());
    if constexpr (StructOptions<T>::unknown == UnknownFields::refuse) {
      if (auto error = unknown_field(value)) return std::unexpected(std::move(*error));
    }
    T result{};
    std::optional<Error> error;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      if (error) return;
      using Field = std::remove_cvref_t<decltype(result.*member.pointer)>;
      const char* name = detail::js_name<T>(member.name);
      const Result<Value> property = detail::Access::get_static(value, name);
      if (!property) {
        error = property.error();
        return;
      }
      if (property->is_undefined() && StructOptions<T>::missing_is_default) return;
      Result<Field> field = Convert<Field>::from_js(*property);
      if (!field) {
        error = in_field(std::move(field.error()), name);
        return;
      }
      result.*member.pointer = std::move(*field);
    });
    if (error) return std::unexpected(std::move(*error));
    return result;
  }

 private:
  static std::optional<Error> unknown_field(const Value& value) {
    const Result<std::vector<std::string>> keys = value.keys();
    if (!keys) return keys.error();
    for (const std::string& key : *keys) {
      bool known = false;
      boost::mp11::mp_for_each<detail::Members<T>>(
          [&](auto member) { known = known || key == detail::js_name<T>(member.name); });
      if (!known) {
        Error error = mismatch("no such property", value);
        error.message = "unknown property";
        return in_field(std::move(error), key);
      }
    }
    return std::nullopt;
  }
};

/// An enum described by BOOST_DESCRIBE_ENUM <-> the name of the enumerator.
template <detail::NamedEnum E>
struct Convert<E> {
  using Enumerators = boost::describe::describe_enumerators<E>;

  static Result<Value> to_js(Context& context, E value) {
    const char* name = nullptr;
    boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
      if (enumerator.value == value) name = enumerator.name;
    });
    if (name == nullptr) return std::unexpected(out_of_range("the enum value has no name"));
    return context.string(std::string_view(name));
  }

  static Result<E> from_js(const Value& value) {
    std::string names;
    if (value.is_string()) {
      const Result<std::string> text = detail::Access::utf8(value);
      if (!text) return std::unexpected(text.error());
      std::optional<E> found;
      boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
        if (*text == enumerator.name) found = enumerator.value;
        names += (names.empty() ? "" : ", ") + std::string(enumerator.name);
      });
      if (found) return *found;
      return std::unexpected(out_of_range("expected one of " + names));
    }
    boost::mp11::mp_for_each<Enumerators>([&](auto enumerator) {
      names += (names.empty() ? "" : ", ") + std::string(enumerator.name);
    });
    return std::unexpected(mismatch("one of " + names, value));
  }
};

/// Any other enum <-> its underlying integer. Which of them mean something is not checked.
template <class E>
  requires(std::is_enum_v<E> && !detail::NamedEnum<E>)
struct Convert<E> {
  using Number = std::underlying_type_t<E>;
  static Result<Value> to_js(Context& context, E value) {
    return Convert<Number>::to_js(context, static_cast<Number>(value));
  }
  static Result<E> from_js(const Value& value) {
    const Result<Number> number = Convert<Number>::from_js(value);
    if (!number) return std::unexpected(number.error());
    return static_cast<E>(*number);
  }
};

}  // namespace sandglass
