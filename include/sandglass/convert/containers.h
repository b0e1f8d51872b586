#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "sandglass/convert.h"
#include "sandglass/convert/strings.h"

namespace sandglass {

namespace detail {

/// JSTypedArrayEnum of the typed array whose elements are T's; -1 if there is none.
template <class T>
constexpr int typed_array_kind_of() {
  if constexpr (std::is_same_v<T, std::int8_t>) return 1;
  if constexpr (std::is_same_v<T, std::uint8_t>) return 2;
  if constexpr (std::is_same_v<T, std::int16_t>) return 3;
  if constexpr (std::is_same_v<T, std::uint16_t>) return 4;
  if constexpr (std::is_same_v<T, std::int32_t>) return 5;
  if constexpr (std::is_same_v<T, std::uint32_t>) return 6;
  if constexpr (std::is_same_v<T, std::int64_t>) return 7;
  if constexpr (std::is_same_v<T, std::uint64_t>) return 8;
  if constexpr (std::is_same_v<T, float>) return 10;
  if constexpr (std::is_same_v<T, double>) return 11;
  return -1;
}
inline constexpr int kUint8ClampedKind = 0;

template <class Range>
Result<Value> array_of(Context& context, const Range& range, std::size_t size_hint) {
  const Descent descent;
  if (descent.failed()) return std::unexpected(descent.error());
  std::vector<Value> values;
  values.reserve(size_hint);
  for (const auto& element : range) {
    using T = std::remove_cvref_t<decltype(element)>;
    Result<Value> value = Convert<T>::to_js(context, element);
    if (!value) return std::unexpected(in_element(std::move(value.error()), values.size()));
    values.push_back(std::move(*value));
  }
  return context.array(values);
}

/// Converts the elements of `array` one after another and gives them to `put`.
template <class T, class Put>
Result<void> each_element(const Value& array, Put put) {
  const Descent descent(array);
  if (descent.failed()) return std::unexpected(descent.error());
  const Result<std::vector<Value>> values = Access::elements(array);
  if (!values) return std::unexpected(values.error());
  if (auto error = Access::count_bytes(array, values->size() * sizeof(T))) {
    return std::unexpected(std::move(*error));
  }
  for (std::size_t i = 0; i < values->size(); ++i) {
    Result<T> element = Convert<T>::from_js((*values)[i]);
    if (!element) return std::unexpected(in_element(std::move(element.error()), i));
    put(std::move(*element));
  }
  return {};
}

/// The elements of a typed array of exactly T's, as they lie there.
template <class T>
Result<std::vector<T>> copy_typed_array(const Value& value) {
  std::vector<T> result;
  const Result<void> done = value.with_bytes([&](std::span<const std::byte> bytes) {
    result.resize(bytes.size() / sizeof(T));
    if (!result.empty()) std::memcpy(result.data(), bytes.data(), result.size() * sizeof(T));
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

template <class C, class T>
struct SequenceConvert {
  static Result<Value> to_js(Context& context, const C& value)
    requires ToJs<T>
  {
    return array_of(context, value, value.size());
  }
  static Result<C> from_js(const Value& value)
    requires FromJs<T>
  {
    C result;
    const auto done =
        each_element<T>(value, [&](T element) { result.insert(result.end(), std::move(element)); });
    if (!done) return std::unexpected(done.error());
    return result;
  }
};

template <class T>
concept StringKey = std::is_same_v<T, std::string>;

/// Maps with string keys <-> plain objects; a Map is taken too. Others <-> Map.
template <class C, class K, class V>
struct MapConvert {
  static Result<Value> to_js(Context& context, const C& value)
    requires ToJs<K> && ToJs<V>
  {
    const Descent descent;
    if (descent.failed()) return std::unexpected(descent.error());
    if constexpr (StringKey<K>) {
      std::vector<std::pair<std::string_view, Value>> properties;
      properties.reserve(value.size());
      for (const auto& [key, mapped] : value) {
        Result<Value> made = Convert<V>::to_js(context, mapped);
        if (!made) return std::unexpected(in_field(std::move(made.error()), key));
        properties.emplace_back(key, std::move(*made));
      }
      return context.object(properties);
    } else {
      std::vector<Value> flat;
      flat.reserve(value.size() * 2);
      for (const auto& [key, mapped] : value) {
        Result<Value> made_key = Convert<K>::to_js(context, key);
        if (!made_key) return made_key;
        Result<Value> made = Convert<V>::to_js(context, mapped);
        if (!made) return std::unexpected(in_element(std::move(made.error()), flat.size() / 2));
        flat.push_back(std::move(*made_key));
        flat.push_back(std::move(*made));
      }
      return context.map(flat);
    }
  }

  static Result<C> from_js(const Value& value)
    requires FromJs<K> && FromJs<V>
  {
    const Descent descent(value);
    if (descent.failed()) return std::unexpected(descent.error());
    if (value.is_map()) return from_map(value);
    if constexpr (StringKey<K>) {
      auto properties = Access::properties(value);
      if (!properties) return std::unexpected(std::move(properties.error()));
      if (auto error = Access::count_bytes(value, properties->size() * sizeof(V))) {
        return std::unexpected(std::move(*error));
      }
      C result;
      for (auto& [key, property] : *properties) {
        Result<V> mapped = Convert<V>::from_js(property);
        if (!mapped) return std::unexpected(in_field(std::move(mapped.error()), key));
        result.insert_or_assign(std::move(key), std::move(*mapped));
      }
      return result;
    } else {
      return std::unexpected(mismatch("Map", value));
    }
  }

 private:
  static Result<C> from_map(const Value& value) {
    const auto flat = Access::map_entries(value);
    if (!flat) return std::unexpected(flat.error());
    if (auto error = Access::count_bytes(value, flat->size() / 2 * (sizeof(K) + sizeof(V)))) {
      return std::unexpected(std::move(*error));
    }
    C result;
    for (std::size_t i = 0; i + 1 < flat->size(); i += 2) {
      Result<K> key = Convert<K>::from_js((*flat)[i]);
      if (!key) return std::unexpected(in_element(in_field(std::move(key.error()), "key"), i / 2));
      Result<V> mapped = Convert<V>::from_js((*flat)[i + 1]);
      if (!mapped) {
        return std::unexpected(in_element(in_field(std::move(mapped.error()), "value"), i / 2));
      }
      result.insert_or_assign(std::move(*key), std::move(*mapped));
    }
    return result;
  }
};

template <class C, class T>
struct SetConvert {
  static Result<Value> to_js(Context& context, const C& value)
    requires ToJs<T>
  {
    const Descent descent;
    if (descent.failed()) return std::unexpected(descent.error());
    std::vector<Value> elements;
    elements.reserve(value.size());
    for (const T& element : value) {
      Result<Value> made = Convert<T>::to_js(context, element);
      if (!made) return made;
      elements.push_back(std::move(*made));
    }
    return context.set_of(elements);
  }
  static Result<C> from_js(const Value& value)
    requires FromJs<T>
  {
    const Descent descent(value);
    if (descent.failed()) return std::unexpected(descent.error());
    const auto elements = Access::set_elements(value);
    if (!elements) return std::unexpected(elements.error());
    if (auto error = Access::count_bytes(value, elements->size() * sizeof(T))) {
      return std::unexpected(std::move(*error));
    }
    C result;
    for (std::size_t i = 0; i < elements->size(); ++i) {
      Result<T> element = Convert<T>::from_js((*elements)[i]);
      if (!element) return std::unexpected(in_element(std::move(element.error()), i));
      result.insert(std::move(*element));
    }
    return result;
  }
};

}  // namespace detail

/// std::vector <-> array. From a typed array of exactly these elements it is one copy.
template <class T, class A>
struct Convert<std::vector<T, A>> : detail::SequenceConvert<std::vector<T, A>, T> {
  static Result<std::vector<T, A>> from_js(const Value& value)
    requires FromJs<T>
  {
    if constexpr (constexpr int kKind = detail::typed_array_kind_of<T>(); kKind >= 0) {
      const int kind = detail::Access::typed_array_kind(value);
      if (kind == kKind || (kKind == 2 && kind == detail::kUint8ClampedKind)) {
        return detail::copy_typed_array<T>(value);
      }
    }
    return detail::SequenceConvert<std::vector<T, A>, T>::from_js(value);
  }
};
template <class T, class A>
struct Convert<std::deque<T, A>> : detail::SequenceConvert<std::deque<T, A>, T> {};
template <class T, class A>
struct Convert<std::list<T, A>> : detail::SequenceConvert<std::list<T, A>, T> {};

/// To JavaScript only, copied; parameters of host functions may be one of const elements.
template <class T>
  requires(!std::is_same_v<std::remove_const_t<T>, std::byte>)
struct Convert<std::span<T>> {
  static Result<Value> to_js(Context& context, std::span<T> value)
    requires ToJs<std::remove_const_t<T>>
  {
    return detail::array_of(context, value, value.size());
  }
};

template <class K, class V, class C, class A>
struct Convert<std::map<K, V, C, A>> : detail::MapConvert<std::map<K, V, C, A>, K, V> {};
template <class K, class V, class H, class E, class A>
struct Convert<std::unordered_map<K, V, H, E, A>>
    : detail::MapConvert<std::unordered_map<K, V, H, E, A>, K, V> {};
template <class T, class C, class A>
struct Convert<std::set<T, C, A>> : detail::SetConvert<std::set<T, C, A>, T> {};
template <class T, class H, class E, class A>
struct Convert<std::unordered_set<T, H, E, A>>
    : detail::SetConvert<std::unordered_set<T, H, E, A>, T> {};

namespace detail {

template <class C, class... T>
struct TupleConvert {
  static constexpr std::size_t kSize = sizeof...(T);

  static Result<Value> to_js(Context& context, const C& value)
    requires(ToJs<T> && ...)
  {
    const Descent descent;
    if (descent.failed()) return std::unexpected(descent.error());
    return std::apply(
        [&](const T&... element) -> Result<Value> {
          std::vector<Value> values;
          values.reserve(kSize);
          std::optional<Error> error;
          [[maybe_unused]] const auto add = [&](Result<Value> made) {
            if (made) {
              values.push_back(std::move(*made));
            } else {
              error = in_element(std::move(made.error()), values.size());
            }
            return made.has_value();
          };
          if (!(add(Convert<T>::to_js(context, element)) && ...)) {
            return std::unexpected(std::move(*error));
          }
          return context.array(values);
        },
        value);
  }

  static Result<C> from_js(const Value& value)
    requires(FromJs<T> && ...)
  {
    const Descent descent(value);
    if (descent.failed()) return std::unexpected(descent.error());
    const auto elements = Access::elements(value);
    if (!elements) return std::unexpected(elements.error());
    if (elements->size() != kSize) {
      return std::unexpected(out_of_range("expected an array of " + std::to_string(kSize) +
                                          " elements, got " + std::to_string(elements->size())));
    }
    return from_elements(*elements, std::index_sequence_for<T...>());
  }

 private:
  template <std::size_t... I>
  static Result<C> from_elements(const std::vector<Value>& elements, std::index_sequence<I...>) {
    std::tuple<std::optional<T>...> parts;
    std::optional<Error> error;
    [[maybe_unused]] const auto take =
        [&]<std::size_t At>(std::integral_constant<std::size_t, At>) {
          using Part = std::tuple_element_t<At, std::tuple<T...>>;
          Result<Part> part = Convert<Part>::from_js(elements[At]);
          if (part) {
            std::get<At>(parts) = std::move(*part);
          } else {
            error = in_element(std::move(part.error()), At);
          }
          return part.has_value();
        };
    if (!(take(std::integral_constant<std::size_t, I>()) && ...)) {
      return std::unexpected(std::move(*error));
    }
    return C{std::move(*std::get<I>(parts))...};
  }
};

template <class A, class T, std::size_t... I>
TupleConvert<A, std::enable_if_t<(static_cast<void>(I), true), T>...> array_convert(
    std::index_sequence<I...>);

}  // namespace detail

/// Fixed numbers of elements <-> an array of exactly that length.
template <class... T>
struct Convert<std::tuple<T...>> : detail::TupleConvert<std::tuple<T...>, T...> {};
template <class A, class B>
struct Convert<std::pair<A, B>> : detail::TupleConvert<std::pair<A, B>, std::remove_const_t<A>, B> {
};
template <class T, std::size_t N>
struct Convert<std::array<T, N>>
    : decltype(detail::array_convert<std::array<T, N>, T>(std::make_index_sequence<N>())) {};

/// nullopt <-> undefined; null is taken too.
template <class T>
struct Convert<std::optional<T>> {
  static Result<Value> to_js(Context& context, const std::optional<T>& value)
    requires ToJs<T>
  {
    return value ? Convert<T>::to_js(context, *value) : Result<Value>(Value());
  }
  static Result<std::optional<T>> from_js(const Value& value)
    requires FromJs<T>
  {
    if (value.is_nullish()) return std::optional<T>();
    Result<T> inner = Convert<T>::from_js(value);
    if (!inner) return std::unexpected(std::move(inner.error()));
    return std::optional<T>(std::move(*inner));
  }
};

/// The first alternative that fits, in their order.
template <class... T>
struct Convert<std::variant<T...>> {
  static Result<Value> to_js(Context& context, const std::variant<T...>& value)
    requires(ToJs<T> && ...)
  {
    return std::visit(
        [&](const auto& alternative) {
          return Convert<std::remove_cvref_t<decltype(alternative)>>::to_js(context, alternative);
        },
        value);
  }
  static Result<std::variant<T...>> from_js(const Value& value)
    requires(FromJs<T> && ...)
  {
    std::optional<std::variant<T...>> found;
    std::optional<Error> serious;  // not a matter of types: the script's code failed
    std::string reasons;
    const auto attempt = [&]<class A>(std::type_identity<A>) {
      Result<A> made = Convert<A>::from_js(value);
      if (made) {
        found.emplace(std::move(*made));
        return true;
      }
      if (made.error().code != Errc::conversion) {
        serious = std::move(made.error());
        return true;
      }
      reasons += (reasons.empty() ? "" : "; ") + made.error().path +
                 (made.error().path.empty() ? "" : ": ") + made.error().message;
      return false;
    };
    static_cast<void>((attempt(std::type_identity<T>()) || ...));
    if (found) return std::move(*found);
    if (serious) return std::unexpected(std::move(*serious));
    Error error = mismatch("one of several types", value);
    error.message = "fits none of the alternatives: " + reasons;
    return std::unexpected(std::move(error));
  }
};

/// std::complex <-> {real, imag}.
template <class T>
struct Convert<std::complex<T>> {
  static Result<Value> to_js(Context& context, const std::complex<T>& value) {
    static constexpr const char* kNames[] = {"real", "imag"};
    Value parts[] = {Value::number(static_cast<double>(value.real())),
                     Value::number(static_cast<double>(value.imag()))};
    return detail::Access::object_static(context, kNames, parts);
  }
  static Result<std::complex<T>> from_js(const Value& value) {
    if (!value.is_object()) return std::unexpected(mismatch("{real, imag}", value));
    const Result<T> real = value.get<T>("real");
    if (!real) return std::unexpected(real.error());
    const Result<T> imag = value.get<T>("imag");
    if (!imag) return std::unexpected(imag.error());
    return std::complex<T>(*real, *imag);
  }
};

// Bytes.

/// Bytes <- an ArrayBuffer, the part of it that a typed array or DataView shows; -> an ArrayBuffer.
template <class A>
struct Convert<std::vector<std::byte, A>> {
  static Result<Value> to_js(Context& context, const std::vector<std::byte, A>& value) {
    return context.array_buffer(value);
  }
  static Result<std::vector<std::byte, A>> from_js(const Value& value) {
    std::optional<std::vector<std::byte, A>> bytes;
    const Result<void> done = value.with_bytes(
        [&](std::span<const std::byte> view) { bytes.emplace(view.begin(), view.end()); });
    if (!done) return std::unexpected(done.error());
    return std::move(*bytes);
  }
};
template <class B>
  requires(std::is_same_v<std::remove_const_t<B>, std::byte>)
struct Convert<std::span<B>> {
  static Result<Value> to_js(Context& context, std::span<B> value) {
    return context.array_buffer(value);
  }
};

/// A typed array of exactly T's: TypedArray<float> <-> Float32Array.
template <class T>
  requires(detail::typed_array_kind_of<T>() >= 0)
struct TypedArray {
  std::vector<T> elements;
  friend bool operator==(const TypedArray&, const TypedArray&) = default;
};

template <class T>
struct Convert<TypedArray<T>> {
  static Result<Value> to_js(Context& context, const TypedArray<T>& value) {
    return detail::Access::typed_array(context, detail::typed_array_kind_of<T>(),
                                       std::as_bytes(std::span(value.elements)));
  }
  static Result<TypedArray<T>> from_js(const Value& value) {
    if (detail::Access::typed_array_kind(value) != detail::typed_array_kind_of<T>()) {
      return std::unexpected(mismatch("a typed array of that element type", value));
    }
    auto elements = detail::copy_typed_array<T>(value);
    if (!elements) return std::unexpected(std::move(elements.error()));
    return TypedArray<T>{std::move(*elements)};
  }
};

}  // namespace sandglass
