// Paths of a FileSystem, see include/sandglass/file_system.h.
#pragma once

#include <string_view>

#include "sandglass/file_system.h"

namespace sandglass::host {

/// Longest path of a FileSystem that comes with the library: below PATH_MAX.
inline constexpr std::uint64_t kMaxPathBytes = 4000;
inline constexpr std::size_t kMaxNameBytes = 255;

/// With a number of <cerrno>.
[[nodiscard]] inline std::unexpected<std::error_code> fail(int number) {
  return std::unexpected(std::error_code(number, std::generic_category()));
}

/// Errors: EINVAL (not absolute and normalised) · ENAMETOOLONG.
[[nodiscard]] FileResult<void> check_path(std::string_view path, std::uint64_t max_bytes);

/// Where a path leads: a directory and a name in it.
struct SplitPath {
  std::string_view directory;  ///< "/" or "/a"
  std::string_view name;       ///< "" for the root
};
/// Of a path that check_path() accepts.
[[nodiscard]] SplitPath split(std::string_view path);

/// Whether `path` is `directory` or lies in it. Both are paths that check_path() accepts.
[[nodiscard]] bool is_within(std::string_view path, std::string_view directory);

/// Calls `visit` with each name of a path that check_path() accepts, until it returns false.
template <class Visit>
void for_each_name(std::string_view path, Visit visit) {
  while (path.size() > 1) {
    const std::size_t end = path.find('/', 1);
    if (!visit(path.substr(1, end == path.npos ? end : end - 1)) || end == path.npos) return;
    path.remove_prefix(end);
  }
}

/// What is wrong with a quota, if anything is.
[[nodiscard]] std::optional<Error> find_invalid(const FileQuota& quota);

}  // namespace sandglass::host
