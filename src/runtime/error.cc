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
    case Errc::budget_limit:
      return "budget_limit";
    case Errc::output_limit:
      return "output_limit";
    case Errc::exited:
      return "exited";
    case Errc::interrupted:
      return "interrupted";
    case Errc::guest_fault:
      return "guest_fault";
    case Errc::invalid_argument:
      return "invalid_argument";
    case Errc::closed:
      return "closed";
    case Errc::conversion:
      return "conversion";
    case Errc::module_not_found:
      return "module_not_found";
  }
  return "unknown";
}

std::string describe(const Error& error) {
  std::string line = fmt::format("{}: ", to_string(error.code));
  if (!error.name.empty() && error.code != Errc::conversion) line += error.name + ": ";
  if (!error.path.empty()) line += error.path + ": ";
  line += error.message;
  std::ranges::replace_if(line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line;
}

}  // namespace sandglass
