#include "cli/text_report.h"

#include <array>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/json_report.h"
#include "cli/limit_options.h"

namespace sandglass::cli {
namespace {

constexpr std::size_t kMaxTextBytes = std::size_t{16} << 10;
constexpr std::string_view kMark = "error: ";
constexpr std::size_t kMaxCauses = 8;  // what Error::cause promises

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

// `error` with all that the script chose kept short, and without its cause.
Error shortened(const Error& error) {
  Error copy{.code = error.code,
             .message = shortened(error.message),
             .name = shortened(error.name),
             .stack = shortened(error.stack),
             .path = shortened(error.path),
             .location = error.location};
  if (copy.message.empty()) {
    copy.message = copy.name.empty() ? "(no message)" : std::exchange(copy.name, {});
  }
  return copy;
}

// The whole chain, built from its end: a cause cannot be changed once it is shared.
Error shortened_with_causes(const Error& error) {
  std::vector<const Error*> chain{&error};
  while (chain.back()->cause != nullptr && chain.size() <= kMaxCauses) {
    chain.push_back(chain.back()->cause.get());
  }
  Error result = shortened(*chain.back());
  for (std::size_t i = chain.size() - 1; i-- > 0;) {
    Error outer = shortened(*chain[i]);
    outer.cause = std::make_shared<const Error>(std::move(result));
    result = std::move(outer);
  }
  return result;
}

// The library knows the line while the run lasts that read the source; we know it for longer.
void add_line(Error& error, const Source& source) {
  if (error.location && error.location->text.empty() &&
      error.location->file == as_utf8(source.name)) {
    error.location->text = line_of(source.text, error.location->line);
  }
}

std::string flag(std::string_view name, const Limits& limits) {
  return fmt::format("--{} (now {})", name, find_limit_option(name)->get(limits));
}

std::string time_hint(const Limits& limits) {
  std::string hint = limits.wall_time ? flag("time", limits) : "";
  if (limits.cpu_time) {
    hint += (hint.empty() ? "" : " or ") + flag("cpu-time", limits);
  }
  return hint;
}

// How to raise the limit that `code` stands for; empty if it is none.
std::string limit_hint(Errc code, const Limits& limits) {
  switch (code) {
    case Errc::time_limit:
      return time_hint(limits);
    case Errc::memory_limit:
      return flag("memory", limits);
    case Errc::stack_limit:
      return flag("stack", limits);
    case Errc::fuel_limit:
      return flag("fuel", limits);
    case Errc::output_limit:
      return flag("output", limits);
    default:
      return {};
  }
}

// The library's own words for what is missing, and what gives it. A script can say the same, and
// then gets the same advice.
std::string grant_hint(const Error& error) {
  struct Hint {
    std::string_view words;
    std::string_view option;
  };
  static constexpr auto kHints = std::to_array<Hint>({
      {"Options::grants.files is empty", "--allow-read=DIR or --allow-write=DIR"},
      {"whose directory is not granted", "--allow-read=DIR"},
      {"fetch needs the grant", "--allow-net=ORIGIN"},
      {"is not one of the public internet", "--allow-private-net"},
  });
  const Error* at = &error;
  for (std::size_t i = 0; at != nullptr && i <= kMaxCauses; ++i, at = at->cause.get()) {
    for (const Hint& hint : kHints) {
      if (at->message.contains(hint.words)) {
        return fmt::format("hint: grant it with {}\n", hint.option);
      }
    }
  }
  return {};
}

std::string hint_text(const Error& error, const Limits* limits) {
  if (error.code == Errc::guest_fault) {
    return "hint: the engine failed inside the sandbox and was contained; please report it\n";
  }
  const std::string option = limits == nullptr ? std::string() : limit_hint(error.code, *limits);
  return option.empty() ? grant_hint(error)
                        : fmt::format("hint: raise the limit with {}\n", option);
}

}  // namespace

void write_error(Output& err, const Error& error, const ErrorContext& context) {
  const std::string text = error_text(error, context);
  const std::string hint = hint_text(error, context.limits);
  const std::string_view body = std::string_view(text).substr(0, text.size() - hint.size());
  if (error.code == Errc::interrupted && err.is_terminal()) {
    err.write("\n");  // the terminal has echoed "^C"
  }
  err.write(kMark, Style::error);
  err.write(body.substr(kMark.size()));
  err.write(hint, Style::hint);
}

std::string error_text(const Error& error, const ErrorContext& context) {
  Error printable = shortened_with_causes(error);
  if (context.source != nullptr) {
    add_line(printable, *context.source);
  }
  return fmt::format("{}{}\n{}", kMark, printable.pretty(), hint_text(error, context.limits));
}

}  // namespace sandglass::cli
