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

// What looks like the name of an error at the start of `text`.
std::string_view leading_name(std::string_view text) {
  const auto is_in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_ []()-").find(c) != std::string_view::npos;
  };
  const auto end =
      static_cast<std::size_t>(std::ranges::find_if_not(text, is_in_name) - text.begin());
  const std::string_view name = text.substr(0, end);
  const bool is_followed =
      text.substr(end).starts_with(':') || text.substr(end).starts_with("\n" + std::string(kFrame));
  if (end > 1 && is_followed && name[0] >= 'A' && name[0] <= 'Z') return name;
  return end == text.size() && name.ends_with("Error") ? name : std::string_view();
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

Inspector::Said Inspector::what_is_said(JsValue error) {
  Said said;
  if (reader_.is_dom_exception(error)) {  // which computes them
    const std::array<JsValue, 2> arguments = {error, JsValue::boolean(true)};
    const Held list = reader_.call(engine::PreludeFunction::error_parts, arguments);
    const std::vector<Held> parts = reader_.elements(list.get());  // stack, name, message
    if (parts.size() == 3) {
      said.name = reader_.text(parts[1].get());
      said.message = reader_.text(parts[2].get(), settings_.max_string_length);
    }
    return said;
  }
  const Held name = reader_.data(error, "name");
  const bool has_name = !name.get().is_object() && !name.get().is_undefined() &&
                        name.get().tag() != engine::Tag::null;
  said.name = has_name ? reader_.text(name.get(), settings_.max_string_length) : "Error";
  const Held message = reader_.data(error, "message");
  if (!message.get().is_undefined()) {
    said.message = reader_.text(message.get(), settings_.max_string_length);
  }
  return said;
}

// `text`, which may begin with `name`, with what the error's class is called as well.
std::string Inspector::with_class(const Subject& subject, const std::string& name,
                                  std::string text) {
  std::size_t length = name.size();
  std::string fallback = "Error";
  if (!subject.constructor) {
    const std::string_view leading = leading_name(text);
    length = leading.size();
    if (!leading.empty()) fallback = leading;
  } else if (!name.ends_with("Error") || !text.starts_with(name) ||
             (text.size() != length && text[length] != ':' && text[length] != '\n')) {
    return text;
  }
  std::string called = prefix(subject, fallback);
  called.pop_back();
  if (called == name) return text;
  if (called.find(name) == std::string::npos) called += " [" + name + "]";
  return called + (length == 0 ? ": " : "") + text.substr(length);
}

std::string Inspector::error_base(Subject& subject) {
  const Said said = what_is_said(subject.object);
  const std::string stack = frames(subject.object);
  // The engine's stacks are frames only. A script may have put in any text.
  const bool is_made_by_engine = stack.empty() || stack.starts_with(kFrame);
  std::string text = stack;
  if (is_made_by_engine) {
    const bool both = !said.name.empty() && !said.message.empty();
    text = said.name + (both ? ": " : "") + said.message;
  }
  drop_told_keys(subject, text + "\n" + stack);
  text = with_class(subject, said.name, std::move(text));
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
    if (!found || found->value.get().is_object() || found->value.get().is_undefined()) return false;
    std::string text = reader_.text(found->value.get(), settings_.max_string_length);
    while (text.ends_with('\n')) text.pop_back();
    return told.find(text) != std::string_view::npos;
  });
}

}  // namespace sandglass::runtime::inspect
