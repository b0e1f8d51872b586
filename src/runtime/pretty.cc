// Errors for people: the line of source, and a caret below it.
#include <charconv>
#include <string>

#include <fmt/format.h>

#include "runtime/vm.h"
#include "sandglass/error.h"

namespace sandglass {

std::string Error::pretty() const {
  std::string text = describe(*this);
  if (location) {
    text += fmt::format("\n  --> {}:{}:{}", location->file, location->line, location->column);
    if (!location->text.empty()) {
      const std::string number = std::to_string(location->line);
      // A tab of the source is kept, so that the caret stands where it should.
      std::string indent;
      for (std::uint32_t i = 1; i < location->column && i <= location->text.size(); ++i) {
        indent.push_back(location->text[i - 1] == '\t' ? '\t' : ' ');
      }
      text += fmt::format("\n {} | {}\n {} | {}^", number, location->text,
                          std::string(number.size(), ' '), indent);
    }
  }
  if (!stack.empty()) text += "\n" + stack;
  for (const Error* inner = cause.get(); inner != nullptr; inner = inner->cause.get()) {
    text += "\ncaused by: " + describe(*inner);
    if (!inner->stack.empty()) text += "\n" + inner->stack;
  }
  return text;
}

namespace runtime {
namespace {

// The file, line and column of the first frame of a stack that has them:
// "    at f (main.js:3:10)" or "    at main.js:3:10".
std::optional<SourceLocation> first_location(std::string_view stack) {
  while (!stack.empty()) {
    const std::size_t end = stack.find('\n');
    std::string_view line = stack.substr(0, end);
    stack = end == std::string_view::npos ? "" : stack.substr(end + 1);
    if (line.ends_with(')')) line.remove_suffix(1);
    const std::size_t open = line.rfind('(');
    const std::size_t at = line.find("at ");
    if (open == std::string_view::npos && at == std::string_view::npos) continue;
    line.remove_prefix(open != std::string_view::npos ? open + 1 : at + 3);
    const std::size_t column_at = line.rfind(':');
    if (column_at == std::string_view::npos || column_at == 0) continue;
    const std::size_t line_at = line.rfind(':', column_at - 1);
    if (line_at == std::string_view::npos) continue;
    SourceLocation location;
    const auto read = [&](std::size_t from, std::size_t to, std::uint32_t& into) {
      const auto [rest, error] = std::from_chars(line.data() + from, line.data() + to, into);
      return error == std::errc() && rest == line.data() + to;
    };
    if (!read(line_at + 1, column_at, location.line) ||
        !read(column_at + 1, line.size(), location.column)) {
      continue;
    }
    location.file = line.substr(0, line_at);
    if (location.file == "<sandglass>") continue;  // helpers of ours
    return location;
  }
  return std::nullopt;
}

// Line `number` (from 1) of `source`; empty if there is none, or it is too long to be shown.
std::string_view line_of(std::string_view source, std::uint32_t number) {
  constexpr std::size_t kMaxLineBytes = 400;
  for (; number > 1; --number) {
    const std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return "";
    source.remove_prefix(end + 1);
  }
  std::string_view line = source.substr(0, source.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line.size() <= kMaxLineBytes ? line : "";
}

}  // namespace

// Sources are kept while the run lasts that brought them in; later errors of their functions are
// told without the line.
void Vm::remember_source(std::string_view name, std::string_view text) {
  constexpr std::size_t kMaxSources = 256;
  if (sources_.size() < kMaxSources)
    sources_.insert_or_assign(std::string(name), std::string(text));
}

void Vm::locate(Error& error) const {
  error.location = first_location(error.stack);
  if (!error.location) return;
  if (error.location->file == running_name_) {
    error.location->text = line_of(running_source_, error.location->line);
  } else if (const auto at = sources_.find(error.location->file); at != sources_.end()) {
    error.location->text = line_of(at->second, error.location->line);
  }
}

}  // namespace runtime
}  // namespace sandglass
