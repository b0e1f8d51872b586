#include "runtime/exception.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/text.h"

namespace sandglass::runtime {
namespace {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;
using engine::Tag;

constexpr int kMaxCauses = 8;
// The message of a thrown value whose own conversion to a string throws.
constexpr std::string_view kNoText = "(a value without text)";

Outcome<std::string> text_property(Engine& engine, JsValue object, std::string_view name) {
  const auto value = property_or_undefined(engine, object, name);
  if (!value) return std::unexpected(value.error());
  if (value->is_object()) {  // its text would be script code
    if (auto freed = engine.free(*value); !freed) return std::unexpected(freed.error());
    return std::string();
  }
  if (value->tag() == Tag::undefined) return std::string();
  auto text = string_or(engine, *value, kMaxErrorTextBytes, "");
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
    auto text = string_or(engine, thrown, kMaxErrorTextBytes, kNoText);
    if (!text) return std::unexpected(text.error());
    error.message = std::move(*text);
    return error;
  }
  for (auto [field, name] :
       {std::pair(&Error::name, "name"), std::pair(&Error::message, "message"),
        std::pair(&Error::stack, "stack"), std::pair(&Error::detail, "code")}) {
    auto text = text_property(engine, thrown, name);
    if (!text) return std::unexpected(text.error());
    error.*field = std::move(*text);
  }
  error.stack = without_last_newline(std::move(error.stack));

  const auto is_error = engine.is_error(thrown);
  if (!is_error) return std::unexpected(is_error.error());
  if (!*is_error && error.message.empty()) {  // a plain object was thrown: say what it looks like
    auto text = string_or(engine, thrown, kMaxErrorTextBytes, kNoText);
    if (!text) return std::unexpected(text.error());
    error.message = std::move(*text);
  }
  if (depth >= kMaxCauses) return error;
  const auto cause = property_or_undefined(engine, thrown, "cause");
  if (!cause) return std::unexpected(cause.error());
  if (cause->tag() == Tag::undefined) return error;
  auto described = describe(engine, *cause, depth + 1);
  if (!described) return described;
  error.cause = std::make_shared<const Error>(std::move(*described));
  if (auto freed = engine.free(*cause); !freed) return std::unexpected(freed.error());
  return error;
}

}  // namespace

Outcome<Error> describe_exception(Engine& engine, JsValue thrown) {
  return describe(engine, thrown, 0);
}

}  // namespace sandglass::runtime
