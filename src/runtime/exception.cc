#include "runtime/exception.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/utf8.h"

namespace sandglass::runtime {
namespace {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;
using engine::Tag;

constexpr int kMaxCauses = 8;

Outcome<void> drop_exception(Engine& engine) {
  const auto exception = engine.take_exception();
  if (!exception) return std::unexpected(exception.error());
  return engine.free(*exception);
}

// Text of `value` (borrowed); empty if getting it fails.
Outcome<std::string> text_of(Engine& engine, JsValue value) {
  auto text = engine.to_string(value, kMaxErrorTextBytes);
  if (!text) return std::unexpected(text.error());
  if (*text) return to_valid_utf8(std::move(**text));
  if (auto dropped = drop_exception(engine); !dropped) return std::unexpected(dropped.error());
  return std::string();
}

// The property `name` of `object`, or undefined if getting it fails. Owned by the caller.
Outcome<JsValue> property_of(Engine& engine, JsValue object, std::string_view name) {
  const auto value = engine.get_property(object, name);
  if (!value || !value->is_exception()) return value;
  if (auto dropped = drop_exception(engine); !dropped) return std::unexpected(dropped.error());
  return JsValue::undefined();
}

Outcome<std::string> text_property(Engine& engine, JsValue object, std::string_view name) {
  const auto value = property_of(engine, object, name);
  if (!value) return std::unexpected(value.error());
  if (value->tag() == Tag::undefined) return std::string();
  auto text = text_of(engine, *value);
  if (!text) return text;
  if (auto freed = engine.free(*value); !freed) return std::unexpected(freed.error());
  return text;
}

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

Outcome<Error> describe(Engine& engine, JsValue thrown, int depth) {
  Error error;
  error.code = Errc::threw;
  if (!thrown.is_object()) {
    auto text = text_of(engine, thrown);
    if (!text) return std::unexpected(text.error());
    error.message = std::move(*text);
    return error;
  }
  for (auto [field, name] : {std::pair(&Error::name, "name"), std::pair(&Error::message, "message"),
                             std::pair(&Error::stack, "stack")}) {
    auto text = text_property(engine, thrown, name);
    if (!text) return std::unexpected(text.error());
    error.*field = std::move(*text);
  }
  error.stack = without_last_newline(std::move(error.stack));

  const auto is_error = engine.is_error(thrown);
  if (!is_error) return std::unexpected(is_error.error());
  if (!*is_error && error.message.empty()) {  // a plain object was thrown: say what it looks like
    auto text = text_of(engine, thrown);
    if (!text) return std::unexpected(text.error());
    error.message = std::move(*text);
  }
  if (depth >= kMaxCauses) return error;
  const auto cause = property_of(engine, thrown, "cause");
  if (!cause) return std::unexpected(cause.error());
  if (cause->tag() == Tag::undefined) return error;
  auto described = describe(engine, *cause, depth + 1);
  if (!described) return described;
  error.cause = std::make_shared<const Error>(std::move(*described));
  if (auto freed = engine.free(*cause); !freed) return std::unexpected(freed.error());
  return error;
}

}  // namespace

Outcome<Error> describe_exception(Engine& engine, JsValue thrown) { return describe(engine, thrown, 0); }

}  // namespace sandglass::runtime
