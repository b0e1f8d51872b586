#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "sandglass/convert.h"

namespace sandglass {

// Strings are UTF-8 in C++ and must be well-formed; lone surrogates of JavaScript become U+FFFD in
// std::string and are kept in std::u16string.

template <>
struct Convert<std::string> {
  static Result<Value> to_js(Context& context, const std::string& value) {
    return context.string(std::string_view(value));
  }
  static Result<std::string> from_js(const Value& value) {
    if (!value.is_string()) return std::unexpected(mismatch("string", value));
    return detail::Access::utf8(value);
  }
};

/// To JavaScript only: a view of a string of the guest would dangle. Parameters of host functions
/// may be one.
template <>
struct Convert<std::string_view> {
  static Result<Value> to_js(Context& context, std::string_view value) {
    return context.string(value);
  }
};

template <>
struct Convert<const char*> {
  static Result<Value> to_js(Context& context, const char* value) {
    if (value == nullptr) return Value::null();
    return context.string(std::string_view(value));
  }
};
template <>
struct Convert<char*> : Convert<const char*> {};

template <>
struct Convert<std::u16string> {
  static Result<Value> to_js(Context& context, const std::u16string& value) {
    return context.string(std::u16string_view(value));
  }
  static Result<std::u16string> from_js(const Value& value) {
    if (!value.is_string()) return std::unexpected(mismatch("string", value));
    return detail::Access::utf16(value);
  }
};

template <>
struct Convert<std::u16string_view> {
  static Result<Value> to_js(Context& context, std::u16string_view value) {
    return context.string(value);
  }
};

template <>
struct Convert<std::filesystem::path> {
  static Result<Value> to_js(Context& context, const std::filesystem::path& value) {
    return context.string(std::string_view(value.native()));
  }
  static Result<std::filesystem::path> from_js(const Value& value) {
    Result<std::string> text = Convert<std::string>::from_js(value);
    if (!text) return std::unexpected(std::move(text.error()));
    if (text->find('\0') != std::string::npos) {
      return std::unexpected(out_of_range("a path cannot have a NUL character"));
    }
    return std::filesystem::path(std::move(*text));
  }
};

// Nothing.

template <>
struct Convert<std::nullptr_t> {
  static Result<Value> to_js(Context&, std::nullptr_t) { return Value::null(); }
  static Result<std::nullptr_t> from_js(const Value& value) {
    if (!value.is_null()) return std::unexpected(mismatch("null", value));
    return nullptr;
  }
};

template <>
struct Convert<std::monostate> {
  static Result<Value> to_js(Context&, std::monostate) { return Value(); }
  static Result<std::monostate> from_js(const Value& value) {
    if (!value.is_undefined()) return std::unexpected(mismatch("undefined", value));
    return std::monostate();
  }
};

}  // namespace sandglass
