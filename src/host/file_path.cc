#include "host/file_path.h"

#include <cerrno>

#include <fmt/format.h>

namespace sandglass::host {

FileResult<void> check_path(std::string_view path, std::uint64_t max_bytes) {
  if (!path.starts_with('/') || path.contains('\0')) return fail(EINVAL);
  if (path.size() > 1 && path.ends_with('/')) return fail(EINVAL);
  if (path.size() > max_bytes) return fail(ENAMETOOLONG);
  FileResult<void> checked;
  for_each_name(path, [&](std::string_view name) {
    if (name.empty() || name == "." || name == "..") checked = fail(EINVAL);
    if (name.size() > kMaxNameBytes) checked = fail(ENAMETOOLONG);
    return checked.has_value();
  });
  return checked;
}

SplitPath split(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return {.directory = slash == 0 ? "/" : path.substr(0, slash), .name = path.substr(slash + 1)};
}

bool is_within(std::string_view path, std::string_view directory) {
  if (directory == "/") return true;
  return path.starts_with(directory) &&
         (path.size() == directory.size() || path[directory.size()] == '/');
}

std::optional<Error> find_invalid(const FileQuota& quota) {
  if (quota.path_bytes >= 1 && quota.path_bytes <= kMaxPathBytes) return std::nullopt;
  return Error{.code = Errc::invalid_argument,
               .message = fmt::format("path_bytes is {}; it must be 1 to {}", quota.path_bytes,
                                      kMaxPathBytes)};
}

}  // namespace sandglass::host
