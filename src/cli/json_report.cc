#include "cli/json_report.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sandglass::cli {
namespace {

// What Error::cause promises; also what keeps this loop short if it should not.
constexpr int kMaxCauses = 8;

constexpr std::size_t kEscape = 6;  // length of "\\uXXXX"

double milliseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

// {"name":…,"message":…,"stack":…,"cause":{…}}, the braces left to the caller.
std::string described(const Error& error) {
  return fmt::format(R"("name":{},"message":{},"stack":{})", quote_json(error.name),
                     quote_json(error.message), quote_json(error.stack));
}

std::string location_json(const SourceLocation& location) {
  return fmt::format(R"({{"file":{},"line":{},"column":{}}})", quote_json(location.file),
                     location.line, location.column);
}

std::string stats_json(const Stats& stats) {
  return fmt::format(
      R"({{"wall_ms":{:.3f},"cpu_ms":{:.3f},"memory_bytes":{},"memory_peak_bytes":{},)"
      R"("stack_peak_bytes":{},"fuel":{}}})",
      milliseconds(stats.wall), milliseconds(stats.cpu), stats.memory_bytes,
      stats.memory_peak_bytes, stats.stack_peak_bytes, stats.fuel);
}

// The code unit of the escape "\\uXXXX" at `at`, or 0 if there is none.
unsigned escaped_unit(std::string_view json, std::size_t at) {
  unsigned unit = 0;
  if (!json.substr(std::min(at, json.size())).starts_with("\\u") || json.size() - at < kEscape) {
    return 0;
  }
  const char* const digits = json.data() + at + 2;
  const auto parsed = std::from_chars(digits, digits + 4, unit, 16);
  return parsed.ptr == digits + 4 ? unit : 0;
}

bool is_high_surrogate(unsigned unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}
bool is_low_surrogate(unsigned unit) {
  return unit >= 0xdc00 && unit < 0xe000;
}

}  // namespace

std::string quote_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void replace_lone_surrogates(std::string& json) {
  // A backslash stands in strings only, and always with what it escapes.
  for (std::size_t at = json.find('\\'); at != json.npos;) {
    const unsigned unit = escaped_unit(json, at);
    std::size_t length = unit == 0 ? 2 : kEscape;
    if (is_high_surrogate(unit) && is_low_surrogate(escaped_unit(json, at + kEscape))) {
      length = 2 * kEscape;
    } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      json.replace(at, kEscape, "\\ufffd");
    }
    at = json.find('\\', at + length);
  }
}

std::string as_utf8(std::string_view text) {
  return nlohmann::json::parse(quote_json(text)).get<std::string>();
}

bool is_json(std::string_view text) {
  return nlohmann::json::accept(text);
}

std::string error_json(const Error& error) {
  std::string json = fmt::format(
      R"({{"code":{},{},"location":{},"vm_usable":{})", quote_json(to_string(error.code)),
      described(error), error.location ? location_json(*error.location) : "null", error.vm_usable);
  const Error* cause = error.cause.get();
  int depth = 0;
  for (; cause != nullptr && depth < kMaxCauses; cause = cause->cause.get(), ++depth) {
    json += R"(,"cause":{)" + described(*cause);
  }
  return json.append(static_cast<std::size_t>(depth) + 1, '}');
}

std::string json_report(const Outcome& outcome) {
  return fmt::format(R"({{"ok":{},"value":{},"output":{},"error":{},"stats":{}}})"
                     "\n",
                     !outcome.error, outcome.value_json, quote_json(outcome.output),
                     outcome.error ? error_json(*outcome.error) : "null",
                     stats_json(outcome.stats));
}

}  // namespace sandglass::cli
