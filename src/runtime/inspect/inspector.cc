#include "runtime/inspect/inspector.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::Tag;

std::string Inspector::show(JsValue value) {
  indentation_ = 0;
  current_depth_ = 0;
  seen_.clear();
  circular_.clear();
  return this->value(value, 0);
}

std::string Inspector::spend(std::string text) {
  room_.take(text.size());
  return text;
}

// Primitives.

std::string Inspector::value(JsValue value, int level) {
  if (!goes_on()) return {};
  return value.is_object() ? object(value, level) : spend(primitive(value));
}

std::string Inspector::primitive(JsValue value) {
  switch (value.tag()) {
    case Tag::string:
    case Tag::string_rope:
      return string_literal(value);
    case Tag::bigint:
    case Tag::short_bigint:
      return style(reader_.text(value) + "n", Style::number);
    case Tag::boolean:
      return style(value.as_boolean() ? "true" : "false", Style::boolean);
    case Tag::null:
      return style("null", Style::null);
    case Tag::symbol:
      return style(reader_.text(value), Style::string);
    case Tag::undefined:
    case Tag::uninitialized:
    case Tag::exception:
      return style("undefined", Style::undefined);
    case Tag::integer:
      return style(std::to_string(value.as_integer()), Style::number);
    default:
      return style(number_of(value.as_number()), Style::number);
  }
}

std::string Inspector::string_literal(JsValue string) {
  constexpr std::size_t kShortString = 16;
  const std::size_t length = reader_.string_length(string);
  const std::size_t shown = std::min(length, settings_.max_string_length);
  if (!room_.has(shown)) {
    room_.take(shown);
    return {};
  }
  const std::string text = shown < length ? reader_.text(string, shown) : reader_.text(string);
  const std::string rest =
      shown < length ? "... " + counted(length - shown, "more character") : std::string();
  const std::size_t line = settings_.layout.break_length;
  if (shown <= kShortString || shown + indentation_ + 4 <= line) {
    return style(quoted(text), Style::string) + rest;
  }
  // Line by line.
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    if (begin != 0) result += " +\n" + std::string(indentation_ + 2, ' ');
    result += style(quoted(std::string_view(text).substr(begin, end - begin)), Style::string);
    begin = end;
  }
  return result + rest;
}

// Objects.

std::string Inspector::object(JsValue given, int level) {
  Held held;
  JsValue object = given;
  Kind kind = reader_.kind(given);
  if (kind == Kind::proxy) {
    held = reader_.target(given);
    object = held.get();
    if (!object.is_object()) return spend(style("<Revoked Proxy>", Style::special));
    if (settings_.show_proxy) return proxy(given, level);
    kind = reader_.kind(object);
  }
  if (std::ranges::find(seen_, object.bits) != seen_.end()) return spend(circular(object));
  Subject subject(reader_.engine(), object);
  subject.kind = kind;
  return opened(subject, level);
}

std::string Inspector::proxy(JsValue proxy, int level) {
  if (too_deep(level)) return spend(style("Proxy [Array]", Style::special));
  const Held target(reader_.engine(), reader_.engine().proxy_target(proxy));
  const Held handler(reader_.engine(), reader_.engine().proxy_handler(proxy));
  Block block{.base = {}, .open = "Proxy [", .close = "]", .entries = {}, .is_array = true};
  block.entries.push_back(nested(target.get(), level + 1));
  block.entries.push_back(nested(handler.get(), level + 1));
  return assemble(std::move(block), level + 1);
}

std::string Inspector::circular(JsValue object) {
  auto at = std::ranges::find(circular_, object.bits);
  if (at == circular_.end()) at = circular_.insert(at, object.bits);
  return style(fmt::format("[Circular *{}]", at - circular_.begin() + 1), Style::special);
}

std::string Inspector::opened(Subject& subject, int level) {
  subject.constructor = reader_.constructor_name(subject.object, settings_.depth - level);
  subject.tag = reader_.tag(subject.object);
  if (subject.kind == Kind::object && subject.constructor && subject.constructor != "Object" &&
      reader_.inherits(subject.object,
                       reader_.engine().prelude(engine::PreludeFunction::error_prototype))) {
    subject.kind = Kind::error;
  }
  if (subject.kind == Kind::typed_array && subject.constructor && subject.tag.empty()) {
    // A built-in getter, which tells the class.
    subject.tag = reader_.class_label(subject.object);
  }
  if (subject.kind == Kind::object && (subject.constructor != "Object" || !subject.tag.empty())) {
    find_platform_parts(subject, too_deep(level) ? 0 : kMostParts);
  }
  subject.block.open = "{";
  subject.block.close = "}";
  if (auto whole = head(subject, level)) return spend(std::move(*whole));
  if (too_deep(level)) {
    std::string name = prefix(subject, reader_.class_label(subject.object));
    name.pop_back();
    return spend(style(subject.constructor ? "[" + name + "]" : name, Style::special));
  }
  seen_.push_back(subject.object.bits);
  current_depth_ = level + 1;
  entries(subject, level + 1);
  key_entries(subject, level + 1);
  seen_.pop_back();
  const auto reference = std::ranges::find(circular_, subject.object.bits);
  if (reference != circular_.end()) {
    const std::string label =
        style(fmt::format("<ref *{}>", reference - circular_.begin() + 1), Style::special);
    std::string& base = subject.block.base;
    base = base.empty() ? label : label + " " + base;
  }
  return assemble(std::move(subject.block), level + 1);
}

std::string Inspector::assemble(Block block, int level) {
  std::size_t inside = 0;
  for (const std::string& entry : block.entries) inside += entry.size();
  // What lines and indentation may add, before any of it is made.
  const std::size_t frame = block.base.size() + block.open.size() + block.close.size();
  const std::size_t most = frame + (block.entries.size() + 2) * (indentation_ + 4);
  if (!goes_on() || (!room_.has(most) && !room_.take(most))) return {};
  std::string text =
      arrange(std::move(block), settings_.layout, indentation_, current_depth_ - level);
  room_.take(text.size() - std::min(text.size(), inside));
  return text;
}

std::string Inspector::nested(JsValue inner, int level) {
  indentation_ += 2;
  std::string text = value(inner, level);
  indentation_ -= 2;
  return text;
}

// Properties.

std::string Inspector::property(const Property& property, const Key& key, Place place, int level) {
  std::string text = property_value(property, level);
  if (place == Place::array_element) return text;
  return spend(property_name(key, property.enumerable) + ": ") + text;
}

std::string Inspector::property_value(const Property& property, int level) {
  if (!property.has_getter && !property.has_setter) return nested(property.value.get(), level);
  std::string_view label = "[Setter]";
  if (property.has_getter) label = property.has_setter ? "[Getter/Setter]" : "[Getter]";
  return spend(style(std::string(label), Style::special));
}

std::string Inspector::property_name(const Key& key, bool enumerable) {
  const std::string name = reader_.name(key);
  if (key.is_symbol) {
    return "[" + style(escaped("Symbol(" + name + ")"), Style::string) + "]";
  }
  if (name == "__proto__") return "['__proto__']";
  return enumerable ? property_name(name) : "[" + escaped(name) + "]";
}

std::string Inspector::property_name(const std::string& name) const {
  return is_plain_name(name) ? name : style(quoted(name), Style::string);
}

void Inspector::key_entries(Subject& subject, int level) {
  const Place place = subject.block.is_array ? Place::array_extra : Place::object;
  for (const Key& key : subject.keys.all()) {
    if (!goes_on()) return;
    const auto found = reader_.own(subject.object, key.atom);
    if (!found) continue;
    subject.block.is_numeric = false;
    subject.block.entries.push_back(property(*found, key, place, level));
  }
}

}  // namespace sandglass::runtime::inspect
