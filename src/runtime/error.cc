#include "sandglass/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace sandglass {

std::string_view to_string(Errc code) noexcept {
  switch (code) {
    case Errc::syntax:
      return "syntax";
    case Errc::threw:
      return "threw";
    case Errc::time_limit:
      return "time_limit";
    case Errc::memory_limit:
      return "memory_limit";
    case Errc::stack_limit:
      return "stack_limit";
    case Errc::fuel_limit:
      return "fuel_limit";
    case Errc::output_limit:
      return "output_limit";
    case Errc::interrupted:
      return "interrupted";
    case Errc::guest_fault:
      return "guest_fault";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::closed:
      return "closed";
  }
  return "unknown";
}

std::string describe(const Error& error) {
  std::string line =
      error.name.empty()
          ? fmt::format("{}: {}", to_string(error.code), error.message)
          : fmt::format("{}: {}: {}", to_string(error.code), error.name, error.message);
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace sandglass
