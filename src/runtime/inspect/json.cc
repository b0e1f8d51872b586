// JSON of an object's data: what JSON.stringify makes of it, without toJSON() and getters.
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "runtime/inspect/format.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::PreludeFunction;
using engine::Tag;

namespace {

std::string json_string(std::string_view text) {
  std::string result = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool surrogate =
        byte == 0xed && i + 2 < text.size() && static_cast<unsigned char>(text[i + 1]) >= 0xa0;
    constexpr std::string_view kLetters = "btn?fr";  // from 8 on; there is none for 11
    if (byte == '"' || byte == '\\') {
      result += '\\';
      result += text[i];
    } else if (byte >= 8 && byte <= 13 && byte != 11) {
      result += '\\';
      result += kLetters[byte - 8];
    } else if (byte < 0x20) {
      result += fmt::format("\\u{:04x}", byte);
    } else if (surrogate) {
      const unsigned low = (static_cast<unsigned char>(text[i + 1]) & 0x3fu) << 6 |
                           (static_cast<unsigned char>(text[i + 2]) & 0x3fu);
      result += fmt::format("\\u{:04x}", 0xd000u | low);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result + '"';
}

class JsonWriter {
 public:
  JsonWriter(Reader& reader, Room& room) : reader_(reader), room_(room) {}

  std::string write(JsValue value) {
    std::string text = value_text(value).value_or("undefined");
    return circular_ ? "[Circular]" : text;
  }

 private:
  using MaybeText = std::optional<std::string>;  // nullopt: there is no JSON for it

  MaybeText value_text(JsValue value) {
    if (room_.full() || circular_ || reader_.stopped()) return std::nullopt;
    MaybeText text = value.is_object() ? object(value) : primitive(value);
    return text;
  }

  std::string counted(std::string text) {
    if (!room_.take(text.size())) text.clear();
    return text;
  }

  MaybeText primitive(JsValue value) {
    switch (value.tag()) {
      case Tag::string:
      case Tag::string_rope: {
        const std::size_t length = reader_.string_length(value);
        if (!room_.has(length)) {
          room_.take(length);
          return std::nullopt;
        }
        return counted(json_string(reader_.text(value)));
      }
      case Tag::undefined:
      case Tag::symbol:
      case Tag::uninitialized:
      case Tag::exception:
        return std::nullopt;
      case Tag::null:
      case Tag::boolean:
      case Tag::bigint:
      case Tag::short_bigint:
        return counted(reader_.text(value));
      default: {
        const double number = value.as_number();
        return counted(std::isfinite(number) ? number_of(number + 0.0) : "null");
      }
    }
  }

  MaybeText object(JsValue given) {
    const Held held = reader_.target(given);
    const JsValue object = held.get();
    if (!object.is_object()) return counted("null");
    const Kind kind = reader_.kind(object);
    switch (kind) {
      case Kind::function:
      case Kind::generator_function:
      case Kind::async_function:
      case Kind::async_generator_function:
        return std::nullopt;
      case Kind::date: {
        const Held text = reader_.call(PreludeFunction::date_text, {&object, 1});
        const std::string date = reader_.text(text.get());
        return counted(date == "Invalid Date" ? "null" : json_string(date));
      }
      case Kind::boxed_number:
      case Kind::boxed_string:
      case Kind::boxed_boolean: {
        const std::int32_t type =
            static_cast<std::int32_t>(kind) - static_cast<std::int32_t>(Kind::boxed_number);
        const std::array<JsValue, 2> arguments = {object, JsValue::integer(type)};
        return primitive(reader_.call(PreludeFunction::unbox, arguments).get());
      }
      default:
        break;
    }
    if (std::ranges::find(open_, object.bits) != open_.end()) {
      circular_ = true;
      return std::nullopt;
    }
    if (open_.size() >= Settings::kMaxDepth) return counted("null");
    open_.push_back(object.bits);
    std::string text = kind == Kind::array ? elements(object) : properties(object);
    open_.pop_back();
    return text;
  }

  // A value, or nothing where a getter would have to be asked.
  MaybeText property(JsValue object, engine::Atom atom) {
    const auto found = reader_.own(object, atom);
    if (!found || found->has_getter || found->has_setter) return std::nullopt;
    return value_text(found->value.get());
  }

  std::string elements(JsValue array) {
    std::string text = counted("[");
    const std::uint64_t length = std::min<std::uint64_t>(reader_.array_length(array), INT32_MAX);
    for (std::uint32_t i = 0; i < length && !room_.full() && !reader_.stopped(); ++i) {
      if (i != 0) text += counted(",");
      MaybeText element = property(array, reader_.index_atom(i));
      text += element ? *element : counted("null");
    }
    return text + counted("]");
  }

  std::string properties(JsValue object) {
    Keys keys(reader_.engine());
    reader_.list(keys, object, true, false);
    std::string text = counted("{");
    bool first = true;
    for (const Key& key : keys.all()) {
      if (room_.full() || reader_.stopped()) break;
      if (key.is_symbol) continue;
      const MaybeText value = property(object, key.atom);
      if (!value) continue;
      text += counted((first ? "" : ",") + json_string(reader_.name(key)) + ":") + *value;
      first = false;
    }
    return text + counted("}");
  }

  Reader& reader_;
  Room& room_;
  bool circular_ = false;
  std::vector<std::uint64_t> open_;
};

}  // namespace

std::string to_json(Reader& reader, Room& room, JsValue value) {
  return JsonWriter(reader, room).write(value);
}

}  // namespace sandglass::runtime::inspect
