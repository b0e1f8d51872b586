#include "runtime/text.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/utf8.h"

namespace sandglass::runtime {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;

Outcome<void> drop_exception(Engine& engine) {
  const auto exception = engine.take_exception();
  if (!exception) return std::unexpected(exception.error());
  return engine.free(*exception);
}

Outcome<std::optional<std::string>> string_of(Engine& engine, JsValue value,
                                              std::size_t max_bytes) {
  if (value.tag() == engine::Tag::symbol) {  // which converts to a string by String() alone
    const auto description = property_or_undefined(engine, value, "description");
    if (!description) return std::unexpected(description.error());
    if (!description->is_string()) return "Symbol()";
    auto text = string_or(engine, *description, max_bytes, "");
    if (!text) return std::unexpected(text.error());
    if (auto freed = engine.free(*description); !freed) return std::unexpected(freed.error());
    return fmt::format("Symbol({})", *text);
  }
  auto text = engine.to_string(value, max_bytes);
  if (!text) return std::unexpected(text.error());
  if (!*text) return std::nullopt;
  return to_valid_utf8(std::move(**text));
}

Outcome<std::string> string_or(Engine& engine, JsValue value, std::size_t max_bytes,
                               std::string_view instead) {
  auto text = string_of(engine, value, max_bytes);
  if (!text) return std::unexpected(text.error());
  if (*text) return std::move(**text);
  if (auto dropped = drop_exception(engine); !dropped) return std::unexpected(dropped.error());
  return std::string(instead);
}

Outcome<JsValue> property_or_undefined(Engine& engine, JsValue object, std::string_view name) {
  const auto value = engine.get_property(object, name);
  if (!value || !value->is_exception()) return value;
  if (auto dropped = drop_exception(engine); !dropped) return std::unexpected(dropped.error());
  return JsValue::undefined();
}

}  // namespace sandglass::runtime
