#include "runtime/display.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/exception.h"
#include "runtime/text.h"

namespace sandglass::runtime {
namespace {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;
using engine::Tag;

// `value.key` as text; empty if it is not a string.
Outcome<std::string> string_property(Engine& engine, JsValue value, std::string_view key) {
  const auto property = property_or_undefined(engine, value, key);
  if (!property) return std::unexpected(property.error());
  if (!property->is_string()) {
    if (auto freed = engine.free(*property); !freed) return std::unexpected(freed.error());
    return std::string();
  }
  auto text = string_or(engine, *property, kMaxErrorTextBytes, "");
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
    auto text = string_or(engine, *json, max_bytes, "");
    if (!text) return text;
    if (auto freed = engine.free(*json); !freed) return std::unexpected(freed.error());
    return text;
  }
  if (json->is_exception()) {  // a cycle, a BigInt inside, a toJSON that throws
    if (auto dropped = drop_exception(engine); !dropped) return std::unexpected(dropped.error());
  }
  return string_or(engine, value, max_bytes, "[object]");
}

}  // namespace

Outcome<std::string> display(Engine& engine, JsValue value, std::size_t max_bytes) {
  switch (value.tag()) {
    case Tag::object:
      return display_object(engine, value, max_bytes);
    case Tag::bigint:
    case Tag::short_bigint: {
      auto text = string_or(engine, value, max_bytes, "");
      if (text) text->push_back('n');
      return text;
    }
    default:
      return string_or(engine, value, max_bytes, "");
  }
}

}  // namespace sandglass::runtime
