// Errors: what they are called, what they say, and where they were made.
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "runtime/inspect/inspector.h"
#include "runtime/vm.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;

namespace {

constexpr std::string_view kFrame = "    at";

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

struct Common {
  std::size_t begin = 0;
  std::size_t count = 0;
};

// The first run of more than three lines that is also in `other`.
Common common_lines(const std::vector<std::string_view>& lines,
                    const std::vector<std::string_view>& other) {
  constexpr std::size_t kFew = 3;
  for (std::size_t i = 0; i + kFew < lines.size(); ++i) {
    const auto found = std::ranges::find(other, lines[i]);
    if (found == other.end()) continue;
    const auto [end, other_end] = std::mismatch(lines.begin() + static_cast<std::ptrdiff_t>(i),
                                                lines.end(), found, other.end());
    const auto count = static_cast<std::size_t>(other_end - found);
    if (count > kFew) return {i, count};
  }
  return {};
}

// A DOMException computes its name and message.
std::string dom_header(Reader& reader, JsValue exception) {
  const std::array<JsValue, 2> arguments = {exception, JsValue::boolean(true)};
  const Held list = reader.call(engine::PreludeFunction::error_parts, arguments);
  const std::vector<Held> parts = reader.elements(list.get());  // stack, name, message
  std::string header = "DOMException";
  if (parts.size() != 3) return header;
  header += " [" + reader.text(parts[1].get()) + "]";
  const std::string message = reader.text(parts[2].get());
  return message.empty() ? header : header + ": " + message;
}

}  // namespace

// Frames of the stack, each on a line; empty where there are none.
std::string Inspector::frames(JsValue error) {
  Held stack = reader_.own_data(error, "stack");
  if (!stack.get().is_string()) stack = reader_.error_stack(error);
  if (!stack.get().is_string()) return {};
  std::string text = reader_.text(stack.get(), settings_.max_string_length);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

// As the engine's stacks do not begin with it. What an error is called when it is made is in its
// prototypes: a name of its own was given to it later.
std::string Inspector::error_header(const Subject& subject) {
  if (reader_.is_dom_exception(subject.object)) return dom_header(reader_, subject.object);
  const Held first = reader_.prototype(subject.object);
  std::string name =
      first.get().is_object() ? reader_.text_of(first.get(), "name") : std::string("Error");
  if (name.empty()) name = "Error";
  const Held message = reader_.data(subject.object, "message");
  const std::string said = message.get().is_object()
                               ? std::string()
                               : reader_.text(message.get(), settings_.max_string_length);
  std::string shown = name;
  const std::string own_name = reader_.text_of(subject.object, "name");
  if (!subject.constructor || (own_name.ends_with("Error") && own_name == name)) {
    std::string called = prefix(subject, "Error");
    called.pop_back();
    if (called != name) {
      shown = called.find(name) != std::string::npos ? called : called + " [" + name + "]";
    }
  }
  return message.get().is_undefined() || said.empty() ? shown : shown + ": " + said;
}

std::string Inspector::error_base(Subject& subject) {
  const std::string header = error_header(subject);
  std::string stack = frames(subject.object);
  const bool is_made_by_engine = stack.empty() || stack.starts_with(kFrame);
  std::string text = is_made_by_engine ? header : stack;
  drop_told_keys(subject, text + "\n" + stack);
  for (const char* hidden : {"cause", "errors"}) {
    const engine::Atom atom = reader_.vm().static_atom(hidden);
    const auto found = reader_.own(subject.object, atom);
    if (found && !found->enumerable && !settings_.show_hidden) subject.keys.add_borrowed(atom);
  }
  if (is_made_by_engine && !stack.empty()) {
    std::vector<std::string_view> lines = lines_of(stack);
    const Held cause = reader_.own_data(subject.object, "cause");
    std::string cause_stack;
    Common common;
    if (cause.get().is_object() && reader_.kind(cause.get()) == Kind::error) {
      cause_stack = frames(cause.get());
      common = common_lines(lines, lines_of(cause_stack));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (common.count > 0 && i == common.begin + 1) {
        const std::size_t left_out = common.count - 2;
        text +=
            "\n" + style(fmt::format("    ... {} lines matching cause stack trace ...", left_out),
                         Style::undefined);
        i += left_out - 1;
        continue;
      }
      text += "\n";
      text += lines[i];
    }
  } else if (text.find("\n" + std::string(kFrame)) == std::string::npos) {
    text = "[" + text + "]";
  }
  return indentation_ == 0 ? text : indented(text, indentation_);
}

// What the text says already.
void Inspector::drop_told_keys(Subject& subject, std::string_view told) {
  constexpr std::array<std::string_view, 3> kTold = {"name", "message", "stack"};
  subject.keys.remove([&](const Key& key) {
    if (key.is_symbol || settings_.show_hidden) return false;
    const std::string name = reader_.name(key);
    if (std::ranges::find(kTold, name) == kTold.end()) return false;
    const auto found = reader_.own(subject.object, key.atom);
    if (!found || !found->value.get().is_string()) return false;
    std::string text = reader_.text(found->value.get(), settings_.max_string_length);
    while (text.ends_with('\n')) text.pop_back();
    return told.find(text) != std::string_view::npos;
  });
}

}  // namespace sandglass::runtime::inspect
