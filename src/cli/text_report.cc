#include "cli/text_report.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/units.h"

namespace sandglass::cli {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{16} << 10;
constexpr int kMaxCauses = 8;  // what Error::cause promises

std::string shortened(std::string_view text) {
  if (text.size() <= kMaxTextBytes) {
    return std::string(text);
  }
  std::size_t end = kMaxTextBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;  // not inside a code point
  }
  return fmt::format("{}... ({} bytes more)", text.substr(0, end), text.size() - end);
}

// "TypeError: x is not a function", or the half of it that there is.
std::string headline(const Error& error) {
  if (error.name.empty()) {
    return error.message.empty() ? "(no message)" : shortened(error.message);
  }
  return error.message.empty() ? shortened(error.name)
                               : shortened(error.name) + ": " + shortened(error.message);
}

std::string stack_text(std::string_view stack) {
  std::string text = shortened(stack.substr(0, stack.find_last_not_of('\n') + 1));
  if (!text.empty()) {
    text += '\n';
  }
  return text;
}

// For a syntax error the line in question says more than the stack, which only repeats its number.
std::string place_text(const Error& error, const Source* source) {
  if (error.code != Errc::syntax || source == nullptr) {
    return stack_text(error.stack);
  }
  std::optional<Position> position = find_position(error.stack, source->name);
  if (!position) {
    position = find_position(error.message, source->name);
  }
  if (!position) {
    return stack_text(error.stack);
  }
  return fmt::format("    at {}:{}:{}\n{}", source->name, position->line, position->column,
                     excerpt(source->text, *position));
}

std::string time_hint(const Limits& limits) {
  std::string hint;
  if (limits.wall_time) {
    hint = fmt::format("--time (now {})", format_duration(*limits.wall_time));
  }
  if (limits.cpu_time) {
    hint += fmt::format("{}--cpu-time (now {})", hint.empty() ? "" : " or ",
                        format_duration(*limits.cpu_time));
  }
  return hint;
}

// How to raise the limit that `code` stands for; empty if it is none.
std::string limit_hint(Errc code, const Limits& limits) {
  switch (code) {
    case Errc::time_limit:
      return time_hint(limits);
    case Errc::memory_limit:
      return fmt::format("--memory (now {})", format_size(limits.memory_bytes));
    case Errc::stack_limit:
      return fmt::format("--stack (now {})", format_size(limits.stack_bytes));
    case Errc::fuel_limit:
      return fmt::format("--fuel (now {})", limits.fuel.value_or(0));
    case Errc::output_limit:
      return fmt::format("--output (now {})", format_size(limits.output_bytes));
    default:
      return {};
  }
}

std::string hint_text(const Error& error, const Limits* limits) {
  if (error.code == Errc::guest_fault) {
    return "hint: the engine failed inside the sandbox and was contained; please report it\n";
  }
  const std::string option = limits == nullptr ? std::string() : limit_hint(error.code, *limits);
  return option.empty() ? option : fmt::format("hint: raise the limit with {}\n", option);
}

}  // namespace

std::string error_text(const Error& error, const ErrorContext& context) {
  std::string text = fmt::format("error: {}: {}\n", to_string(error.code), headline(error));
  text += place_text(error, context.source);
  const Error* cause = error.cause.get();
  for (int depth = 0; cause != nullptr && depth < kMaxCauses; cause = cause->cause.get(), ++depth) {
    text += fmt::format("cause: {}\n", headline(*cause)) + stack_text(cause->stack);
  }
  return text + hint_text(error, context.limits);
}

}  // namespace sandglass::cli
