#include "cli/repl/syntax.h"

#include <cstddef>
#include <optional>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view without_blank_end(std::string_view text) {
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

std::optional<Error> error_in(const Context& context, std::string_view source) {
  auto compiled = context.compile(source, {.file_name = "repl", .top_level_await = true});
  return compiled ? std::nullopt : std::optional(std::move(compiled.error()));
}

// The offset in `source` of where the error was seen.
std::size_t offset_of(const SourceLocation& location, std::string_view source) {
  std::size_t at = 0;
  for (std::uint32_t line = 1; line < location.line && at < source.size(); ++line) {
    const std::size_t end = source.find('\n', at);
    at = end == source.npos ? source.size() : end + 1;
  }
  return at + location.column - 1;
}

// `source` has no blank end.
bool ends_too_early(const Error& error, std::string_view source) {
  if (error.code != Errc::syntax || !error.location || error.location->column == 0) {
    return false;
  }
  const std::size_t at = offset_of(*error.location, source);
  if (at >= source.size() || error.message == "unexpected end of comment") {
    return true;
  }
  // The engine has one message for strings, which end with their line, and for templates, which go
  // on; it is seen where the piece of text begins.
  return error.message == "unexpected end of string" && (source[at] == '`' || source[at] == '}');
}

bool starts_like_an_object(std::string_view input) {
  const std::size_t start = input.find_first_not_of(kBlank);
  return start != input.npos && input[start] == '{';
}

std::string in_parentheses(std::string_view input) {
  return fmt::format("({})", without_blank_end(input));
}

}  // namespace

bool goes_on(const Context& context, std::string_view input) {
  input = without_blank_end(input);
  const std::optional<Error> error = error_in(context, input);
  if (!error) {
    return false;
  }
  if (starts_like_an_object(input)) {
    if (!error_in(context, in_parentheses(input))) {
      return false;
    }
    const std::string open = fmt::format("({}", input);
    if (const auto inside = error_in(context, open); inside && ends_too_early(*inside, open)) {
      return true;
    }
  }
  return ends_too_early(*error, input);
}

std::string as_expression(const Context& context, std::string_view input) {
  if (starts_like_an_object(input)) {
    if (std::string wrapped = in_parentheses(input); !error_in(context, wrapped)) {
      return wrapped;
    }
  }
  return std::string(input);
}

}  // namespace sandglass::cli
