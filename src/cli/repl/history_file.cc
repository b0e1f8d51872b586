#include "cli/repl/history_file.h"

#include <cstdlib>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace sandglass::cli {
namespace {

// The specification has relative paths ignored.
std::filesystem::path absolute_from(const char* variable) {
  const char* const value = std::getenv(variable);
  std::filesystem::path path = value == nullptr ? "" : value;
  return path.is_absolute() ? path : std::filesystem::path();
}

}  // namespace

std::filesystem::path history_file() {
  std::filesystem::path state = absolute_from("XDG_STATE_HOME");
  if (state.empty()) {
    const std::filesystem::path home = absolute_from("HOME");
    if (home.empty()) {
      return {};
    }
    state = home / ".local" / "state";
  }
  std::error_code error;
  std::filesystem::create_directories(state, error);
  const std::filesystem::path folder = state / "sandglass";
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && !std::filesystem::is_directory(folder, error)) {
    return {};
  }
  return folder / "history";
}

}  // namespace sandglass::cli
