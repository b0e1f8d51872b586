// What an object begins with: its class, its size, or all of it in one word.
#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/format.h>

#include "runtime/inspect/inspector.h"
#include "runtime/vm.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::PreludeFunction;

namespace {

// The names of longer arrays' other properties are not looked for: the engine would list every
// element with them.
constexpr std::uint64_t kListedLength = 10000;

}  // namespace

std::string Inspector::prefix(const Subject& subject, std::string_view fallback,
                              std::string_view size) const {
  const std::string& tag = subject.tag;
  if (!subject.constructor) {
    if (fallback == tag) return fmt::format("[{}{}: null prototype] ", fallback, size);
    return tag.empty() ? fmt::format("[{}{}: null prototype] ", fallback, size)
                       : fmt::format("[{}{}: null prototype] [{}] ", fallback, size, tag);
  }
  const std::string& name = *subject.constructor;
  return tag.empty() || tag == name ? fmt::format("{}{} ", name, size)
                                    : fmt::format("{}{} [{}] ", name, size, tag);
}

void Inspector::list_keys(Subject& subject) {
  bool names = true;
  if (subject.kind == Kind::array) {
    names = subject.size <= kListedLength ||
            !reader_.own(subject.object, reader_.index_atom(99));  // it is sparse
  } else if (subject.kind == Kind::typed_array) {
    names = subject.size <= kListedLength;
  }
  // The engine cannot tell whether a binding without a value is enumerable; all of a module's are.
  const bool is_namespace = subject.kind == Kind::namespace_object;
  if (is_namespace) reader_.mute_errors();
  reader_.list(subject.keys, subject.object, names, settings_.show_hidden || is_namespace);
  if (is_namespace) subject.keys.remove([](const Key& key) { return key.is_symbol; });
  const bool has_elements = subject.kind == Kind::array || subject.kind == Kind::typed_array ||
                            subject.kind == Kind::boxed_string;
  if (has_elements) {
    subject.keys.remove(
        [&](const Key& key) { return key.atom.is_index() && key.atom.index() < subject.size; });
  }
}

std::optional<std::string> Inspector::head(Subject& subject, int level) {
  switch (subject.kind) {
    case Kind::array:
    case Kind::typed_array:
      return head_of_elements(subject);
    case Kind::map:
    case Kind::set:
    case Kind::map_iterator:
    case Kind::set_iterator:
      return head_of_collection(subject);
    case Kind::function:
    case Kind::generator_function:
    case Kind::async_function:
    case Kind::async_generator_function:
    case Kind::regexp:
    case Kind::date:
    case Kind::error:
    case Kind::boxed_number:
    case Kind::boxed_string:
    case Kind::boxed_boolean:
    case Kind::boxed_bigint:
    case Kind::boxed_symbol:
      return head_of_text(subject, level);
    case Kind::platform_object:
      return head_of_platform_object(subject);
    default:
      return head_of_rest(subject);
  }
}

std::optional<std::string> Inspector::head_of_elements(Subject& subject) {
  const bool is_array = subject.kind == Kind::array;
  if (!is_array) reader_.mute_errors();
  if (is_array) {
    subject.size = reader_.array_length(subject.object);
  } else if (const auto bytes = reader_.engine().bytes_of(subject.object)) {
    subject.size =
        bytes->bytes.size() / element_bytes(reader_.engine().typed_array_type(subject.object));
  } else {
    reader_.forget_exception();  // it is detached
  }
  list_keys(subject);
  subject.block.is_array = true;
  subject.block.close = "]";
  subject.block.open = "[";
  if (!is_array || subject.constructor != "Array" || !subject.tag.empty()) {
    subject.block.open =
        prefix(subject, reader_.class_label(subject.object), fmt::format("({})", subject.size)) +
        "[";
  }
  if (subject.size == 0 && subject.keys.empty()) return subject.block.open + "]";
  return std::nullopt;
}

std::optional<std::string> Inspector::head_of_collection(Subject& subject) {
  list_keys(subject);
  if (subject.kind == Kind::map_iterator || subject.kind == Kind::set_iterator) {
    const std::string_view type = subject.kind == Kind::map_iterator ? "Map" : "Set";
    const std::string name = fmt::format("{} Iterator", type);
    subject.block.open = subject.tag.empty() || subject.tag == name
                             ? fmt::format("[{}] {{", name)
                             : fmt::format("[{}] [{}] {{", subject.tag, name);
    return std::nullopt;
  }
  const bool is_map = subject.kind == Kind::map;
  const std::size_t most = std::min(settings_.layout.max_array_length, kMostParts);
  const std::array<JsValue, 2> arguments = {subject.object,
                                            JsValue::integer(static_cast<std::int32_t>(most))};
  const Held list =
      reader_.call(is_map ? PreludeFunction::map_part : PreludeFunction::set_part, arguments);
  subject.parts = reader_.elements(list.get());
  // An integer, unless the guest has changed what is ours there.
  if (!subject.parts.empty() && subject.parts.front().get().is_integer()) {
    subject.size =
        static_cast<std::uint64_t>(std::max(subject.parts.front().get().as_integer(), 0));
  }
  subject.block.open =
      prefix(subject, is_map ? "Map" : "Set", fmt::format("({})", subject.size)) + "{";
  if (subject.size == 0 && subject.keys.empty()) return subject.block.open + "}";
  return std::nullopt;
}

void Inspector::find_platform_parts(Subject& subject, std::size_t most) {
  const std::array<JsValue, 2> arguments = {subject.object,
                                            JsValue::integer(static_cast<std::int32_t>(most))};
  const Held parts = reader_.call(PreludeFunction::shown_parts, arguments);
  subject.parts = reader_.elements(parts.get());
  if (subject.parts.size() < 2) return;
  subject.kind = Kind::platform_object;
  // An integer, unless the guest has changed what is ours there.
  const JsValue size = subject.parts[1].get();
  if (size.is_integer()) subject.size = static_cast<std::uint64_t>(std::max(size.as_integer(), 0));
}

std::optional<std::string> Inspector::head_of_platform_object(Subject& subject) {
  list_keys(subject);
  std::string& open = subject.block.open;
  open = (subject.constructor ? *subject.constructor + " " : prefix(subject, subject.tag)) + "{";
  if (subject.size == 0 && subject.keys.empty()) return open + "}";
  return std::nullopt;
}

// Those that are a text of their own, which stands before the other properties if there are any.
std::optional<std::string> Inspector::head_of_text(Subject& subject, int level) {
  std::string& base = subject.block.base;
  Style style_of_all = Style::special;
  if (subject.kind == Kind::boxed_string) {
    const std::array<JsValue, 2> arguments = {subject.object, JsValue::integer(1)};
    const Held string = reader_.call(PreludeFunction::unbox, arguments);
    subject.size = reader_.string_length(string.get());
  }
  list_keys(subject);
  switch (subject.kind) {
    case Kind::regexp: {
      const Held text = reader_.call(PreludeFunction::regexp_text, {&subject.object, 1});
      const std::string before = prefix(subject, "RegExp");
      base = (before == "RegExp " ? "" : before) + reader_.text(text.get());
      if (subject.keys.empty() || too_deep(level)) return style(base, Style::regexp);
      return std::nullopt;
    }
    case Kind::date: {
      const Held text = reader_.call(PreludeFunction::date_text, {&subject.object, 1});
      const std::string before = prefix(subject, "Date");
      base = (before == "Date " ? "" : before) + reader_.text(text.get());
      style_of_all = Style::date;
      break;
    }
    case Kind::error:
      base = error_base(subject);
      if (subject.keys.empty()) return base;
      return std::nullopt;
    case Kind::boxed_number:
    case Kind::boxed_string:
    case Kind::boxed_boolean:
    case Kind::boxed_bigint:
    case Kind::boxed_symbol:
      base = boxed_base(subject);
      style_of_all = subject.kind == Kind::boxed_number || subject.kind == Kind::boxed_bigint ||
                             subject.kind == Kind::boxed_boolean
                         ? Style::number
                         : Style::string;
      break;
    default:
      base = function_base(subject);
      break;
  }
  if (subject.keys.empty()) return style(base, style_of_all);
  return std::nullopt;
}

std::optional<std::string> Inspector::head_of_rest(Subject& subject) {
  list_keys(subject);
  std::string& open = subject.block.open;
  const std::string label = reader_.class_label(subject.object);
  bool has_content = false;
  switch (subject.kind) {
    case Kind::array_buffer:
    case Kind::shared_array_buffer:
    case Kind::data_view:
    case Kind::promise:
    case Kind::weak_map:
    case Kind::weak_set:
      open = prefix(subject, label) + "{";
      has_content = true;
      break;
    case Kind::namespace_object:
      open = prefix(subject, "Module") + "{";
      has_content = true;
      break;
    case Kind::arguments:
      if (subject.constructor == "Object") {
        open = "[Arguments] {";
        break;
      }
      open = prefix(subject, label) + "{";
      break;
    case Kind::host_object:
      open = (subject.constructor ? prefix(subject, label) : label + " ") + "{";
      break;
    default:
      // A plain object needs no name.
      if (subject.constructor != "Object" || !subject.tag.empty()) {
        open = prefix(subject, label == subject.tag ? "Object" : label) + "{";
      }
      break;
  }
  if (!has_content && subject.keys.empty()) return open + "}";
  return std::nullopt;
}

std::string Inspector::boxed_base(Subject& subject) {
  constexpr std::array<std::string_view, 5> kTypes = {"Number", "String", "Boolean", "BigInt",
                                                      "Symbol"};
  std::size_t which = 0;
  switch (subject.kind) {
    case Kind::boxed_string:
      which = 1;
      break;
    case Kind::boxed_boolean:
      which = 2;
      break;
    case Kind::boxed_bigint:
      which = 3;
      break;
    case Kind::boxed_symbol:
      which = 4;
      break;
    default:
      break;
  }
  const std::array<JsValue, 2> arguments = {subject.object,
                                            JsValue::integer(static_cast<std::int32_t>(which))};
  const Held inside = reader_.call(PreludeFunction::unbox, arguments);
  std::string base = fmt::format("[{}", kTypes[which]);
  if (subject.constructor != kTypes[which]) {
    base += fmt::format(" ({})", subject.constructor.value_or("null prototype"));
  }
  const bool colors = std::exchange(settings_.layout.colors, false);
  base += ": " + primitive(inside.get()) + "]";
  settings_.layout.colors = colors;
  if (!subject.tag.empty() && subject.tag != subject.constructor) base += " [" + subject.tag + "]";
  return base;
}

// Functions.

// Of a function of the engine's own, the helper would read `name`: it must not be a getter.
bool Inspector::is_class(JsValue function) {
  const auto name = reader_.own(function, reader_.vm().static_atom("name"));
  if (!name || name->has_getter || name->has_setter) return false;
  if (!reader_.own_data(function, "prototype").get().is_object()) return false;
  const std::array<JsValue, 2> arguments = {function, JsValue::integer(5)};
  const Held text = reader_.call(PreludeFunction::function_text, arguments);
  return reader_.text(text.get()) == "class";
}

std::string Inspector::class_base(const Subject& subject) {
  const Held own_name = reader_.own_data(subject.object, "name");
  std::string name = own_name.get().is_string() ? reader_.text(own_name.get()) : "";
  std::string base = "class " + (name.empty() ? "(anonymous)" : name);
  if (subject.constructor && subject.constructor != "Function") {
    base += " [" + *subject.constructor + "]";
  }
  if (!subject.tag.empty() && subject.constructor != subject.tag) base += " [" + subject.tag + "]";
  if (!subject.constructor) return "[" + base + " extends [null prototype]]";
  const Held parent = reader_.prototype(subject.object);
  const std::string parent_name =
      parent.get().is_object() ? reader_.text_of(parent.get(), "name") : "";
  return parent_name.empty() ? "[" + base + "]" : "[" + base + " extends " + parent_name + "]";
}

std::string Inspector::function_base(const Subject& subject) {
  if (subject.kind == Kind::function && is_class(subject.object)) return class_base(subject);
  std::string_view type = "Function";
  if (subject.kind == Kind::generator_function) type = "GeneratorFunction";
  if (subject.kind == Kind::async_function) type = "AsyncFunction";
  if (subject.kind == Kind::async_generator_function) type = "AsyncGeneratorFunction";
  std::string base = fmt::format("[{}", type);
  if (!subject.constructor) base += " (null prototype)";
  const std::string name = reader_.text_of(subject.object, "name");
  base += name.empty() ? " (anonymous)]" : ": " + name + "]";
  if (subject.constructor && subject.constructor != type) base += " " + *subject.constructor;
  if (!subject.tag.empty() && subject.constructor != subject.tag) base += " [" + subject.tag + "]";
  return base;
}

}  // namespace sandglass::runtime::inspect
