#include "runtime/display.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/exception.h"
#include "runtime/utf8.h"

namespace sandglass::runtime {
namespace {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;
using engine::Tag;

// nullopt if the script's code failed.
Outcome<std::optional<std::string>> try_text(Engine& engine, JsValue value, std::size_t max_bytes) {
  auto text = engine.to_string(value, max_bytes);
  if (!text) return std::unexpected(text.error());
  if (*text) return to_valid_utf8(std::move(**text));
  const auto exception = engine.take_exception();
  if (!exception) return std::unexpected(exception.error());
  if (auto freed = engine.free(*exception); !freed) return std::unexpected(freed.error());
  return std::nullopt;
}

Outcome<std::string> text_or(Engine& engine, JsValue value, std::size_t max_bytes, std::string instead) {
  auto text = try_text(engine, value, max_bytes);
  if (!text) return std::unexpected(text.error());
  return std::move(*text).value_or(std::move(instead));
}

// `value.key` as text; empty if it is not a string.
Outcome<std::string> string_property(Engine& engine, JsValue value, std::string_view key) {
  const auto property = engine.get_property(value, key);
  if (!property) return std::unexpected(property.error());
  if (property->is_exception()) {
    const auto exception = engine.take_exception();
    if (!exception) return std::unexpected(exception.error());
    if (auto freed = engine.free(*exception); !freed) return std::unexpected(freed.error());
    return std::string();
  }
  if (!property->is_string()) {
    if (auto freed = engine.free(*property); !freed) return std::unexpected(freed.error());
    return std::string();
  }
  auto text = text_or(engine, *property, kMaxErrorTextBytes, "");
  if (!text) return text;
  if (auto freed = engine.free(*property); !freed) return std::unexpected(freed.error());
  return text;
}

Outcome<std::string> display_error(Engine& engine, JsValue value) {
  auto error = describe_exception(engine, value);
  if (!error) return std::unexpected(error.error());
  std::string text = error->name.empty() ? "Error" : error->name;
  if (!error->message.empty()) text += ": " + error->message;
  if (!error->stack.empty()) text += "\n" + error->stack;
  return text;
}

Outcome<std::string> display_object(Engine& engine, JsValue value, std::size_t max_bytes) {
  const auto is_error = engine.is_error(value);
  if (!is_error) return std::unexpected(is_error.error());
  if (*is_error) return display_error(engine, value);
  const auto is_function = engine.is_function(value);
  if (!is_function) return std::unexpected(is_function.error());
  if (*is_function) {
    const auto name = string_property(engine, value, "name");
    if (!name) return name;
    return name->empty() ? "[Function (anonymous)]" : fmt::format("[Function: {}]", *name);
  }
  const auto json = engine.to_json(value);
  if (!json) return std::unexpected(json.error());
  if (json->is_string()) {
    auto text = text_or(engine, *json, max_bytes, "");
    if (!text) return text;
    if (auto freed = engine.free(*json); !freed) return std::unexpected(freed.error());
    return text;
  }
  if (json->is_exception()) {  // a cycle, a BigInt inside, a toJSON that throws
    const auto exception = engine.take_exception();
    if (!exception) return std::unexpected(exception.error());
    if (auto freed = engine.free(*exception); !freed) return std::unexpected(freed.error());
  }
  return text_or(engine, value, max_bytes, "[object]");
}

}  // namespace

Outcome<std::string> display(Engine& engine, JsValue value, std::size_t max_bytes) {
  switch (value.tag()) {
    case Tag::object: return display_object(engine, value, max_bytes);
    case Tag::symbol: {
      const auto description = string_property(engine, value, "description");
      if (!description) return description;
      return fmt::format("Symbol({})", *description);
    }
    case Tag::bigint:
    case Tag::short_bigint: {
      auto text = text_or(engine, value, max_bytes, "");
      if (text) text->push_back('n');
      return text;
    }
    default: return text_or(engine, value, max_bytes, "");
  }
}

}  // namespace sandglass::runtime
