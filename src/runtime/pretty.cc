// Errors for people: the line of source, and a caret below it.
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "runtime/vm.h"
#include "sandglass/error.h"

namespace sandglass {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kExcerptWidth = 72;  // characters; with number and bar it fits 80 columns
constexpr std::string_view kCut = "...";

// Continuation bytes take no column.
bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, starts_character));
}

// `count` characters of `line`, from number `first` on.
std::string_view characters(std::string_view line, std::size_t first, std::size_t count) {
  const auto offset = [&](std::size_t index) {
    std::size_t at = 0;
    while (at < line.size() && (index > 0 || !starts_character(line[at]))) {
      index -= starts_character(line[at]) ? 1 : 0;
      ++at;
    }
    return at;
  };
  const std::size_t begin = offset(first);
  return line.substr(begin, offset(first + count) - begin);
}

// The line and a caret below its column. A long line is cut around the caret.
std::string excerpt(const SourceLocation& location) {
  std::string_view line = location.text;
  std::size_t left_bytes = location.column - 1;
  if (location.line == 1 && line.starts_with(kByteOrderMark)) {
    line.remove_prefix(kByteOrderMark.size());  // takes columns, but no room on a screen
    left_bytes -= std::min(left_bytes, kByteOrderMark.size());
  }
  const std::size_t length = count_characters(line);
  std::size_t before = count_characters(line.substr(0, left_bytes));
  std::string_view left;
  std::string_view right;
  if (length > kExcerptWidth) {
    const std::size_t first =
        std::min(before - std::min(before, kExcerptWidth / 2), length - kExcerptWidth);
    left = first > 0 ? kCut : "";
    right = first + kExcerptWidth < length ? kCut : "";
    line = characters(line, first, kExcerptWidth);
    before -= first;
  }
  std::string indent(left.size(), ' ');
  for (const char byte : characters(line, 0, before)) {
    // A tab is as wide below as above.
    if (starts_character(byte)) indent.push_back(byte == '\t' ? '\t' : ' ');
  }
  const std::string number = std::to_string(location.line);
  return fmt::format("\n {} | {}{}{}\n {} | {}^", number, left, line, right,
                     std::string(number.size(), ' '), indent);
}

// Whether `stack` only repeats where a text does not parse.
bool repeats(std::string_view stack, const SourceLocation& location) {
  const std::string place =
      fmt::format("    at {}:{}:{}", location.file, location.line, location.column);
  return stack.substr(0, stack.find_last_not_of('\n') + 1) == place;
}

void add_stack(std::string& text, std::string_view stack) {
  stack = stack.substr(0, stack.find_last_not_of('\n') + 1);
  if (!stack.empty()) text.append("\n").append(stack);
}

}  // namespace

std::string Error::pretty() const {
  std::string text = describe(*this);
  if (location) {
    text += fmt::format("\n  --> {}:{}:{}", location->file, location->line, location->column);
    if (!location->text.empty() && location->column > 0) text += excerpt(*location);
  }
  if (!location || !repeats(stack, *location)) add_stack(text, stack);
  for (const Error* inner = cause.get(); inner != nullptr; inner = inner->cause.get()) {
    text += "\ncaused by: " + describe(*inner);
    add_stack(text, inner->stack);
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
