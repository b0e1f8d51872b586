// Several file systems in one tree.
#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "host/file_path.h"
#include "host/module_path.h"

namespace sandglass {

using host::fail;

/// Where a path leads: into the file system of a mount, if it is in one.
struct Mounts::Place {
  const std::string* mount = nullptr;  ///< where that is: "" or "/data"
  FileSystem* files = nullptr;
  std::string path{};  ///< in it

  [[nodiscard]] bool is_mount() const { return path == "/"; }
};

namespace {

constexpr FileStatus kLeadingDirectory = {.kind = FileKind::directory, .mode = 0555};

bool is_absent(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory;
}

// "/" as a prefix of other paths is empty.
std::string_view prefix_of(std::string_view path) {
  return path == "/" ? "" : path;
}

}  // namespace

Mounts::Mounts(std::map<std::string, std::shared_ptr<FileSystem>> mounts) noexcept
    : mounts_(std::move(mounts)) {}

Result<std::shared_ptr<Mounts>> Mounts::create(
    std::map<std::string, std::shared_ptr<FileSystem>> mounts) {
  std::map<std::string, std::shared_ptr<FileSystem>> placed;
  for (auto& [path, files] : mounts) {
    if (!host::check_path(path, host::kMaxPathBytes) || files == nullptr) {
      return std::unexpected(
          Error{.code = Errc::invalid_argument,
                .message = fmt::format(
                    "bad mount '{}': {}", host::to_printable(path),
                    files == nullptr ? "there is no file system" : "the path must be like /a/b")});
    }
    placed.emplace(prefix_of(path), std::move(files));
  }
  return std::shared_ptr<Mounts>(new Mounts(std::move(placed)));
}

// The longest prefix is a mount whose path comes last among those that are prefixes.
Mounts::Place Mounts::find(std::string_view path) const {
  for (std::string_view prefix = prefix_of(path);;) {
    if (const auto at = mounts_.find(std::string(prefix)); at != mounts_.end()) {
      const std::string_view rest = prefix_of(path).substr(prefix.size());
      return {.mount = &at->first,
              .files = at->second.get(),
              .path = std::string(rest.empty() ? "/" : rest)};
    }
    if (prefix.empty()) return {};
    prefix = prefix.substr(0, prefix.rfind('/'));
  }
}

bool Mounts::leads_to_mount(std::string_view path) const {
  const std::string prefix = std::string(prefix_of(path)) + "/";
  const auto at = mounts_.lower_bound(prefix);
  return (at != mounts_.end() && at->first.starts_with(prefix)) || (path == "/" && mounts_.empty());
}

FileResult<FileStatus> Mounts::status(std::string_view path, bool follow) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) {
    return std::unexpected(checked.error());
  }
  const Place place = find(path);
  FileResult<FileStatus> found = fail(ENOENT);
  if (place.files != nullptr) found = place.files->status(place.path, follow);
  if (!found && is_absent(found.error()) && leads_to_mount(path)) return kLeadingDirectory;
  return found;
}

FileResult<void> Mounts::access(std::string_view path, FileAccess wanted) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  const Place place = find(path);
  FileResult<void> allowed = fail(ENOENT);
  if (place.files != nullptr) allowed = place.files->access(place.path, wanted);
  if (!allowed && is_absent(allowed.error()) && leads_to_mount(path)) {
    if (wanted.write) return fail(EROFS);
    return {};
  }
  return allowed;
}

FileResult<std::unique_ptr<File>> Mounts::open(std::string_view path, const FileOpening& how) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) {
    return std::unexpected(checked.error());
  }
  const Place place = find(path);
  if (place.files != nullptr) return place.files->open(place.path, how);
  if (leads_to_mount(path)) return fail(EISDIR);
  const bool creates = how.write && how.create && leads_to_mount(host::split(path).directory);
  return fail(creates ? EROFS : ENOENT);
}

FileResult<void> Mounts::list(std::string_view path, const Visitor& visit) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  const std::string prefix = std::string(prefix_of(path)) + "/";
  std::set<std::string, std::less<>> mounted;
  for (auto at = mounts_.lower_bound(prefix); at != mounts_.end() && at->first.starts_with(prefix);
       ++at) {
    const std::string_view rest = std::string_view(at->first).substr(prefix.size());
    mounted.emplace(rest.substr(0, rest.find('/')));
  }
  const Place place = find(path);
  bool wants_more = true;
  FileResult<void> listed = fail(ENOENT);
  if (place.files != nullptr) {
    listed = place.files->list(place.path, [&](std::string_view name, FileKind kind) {
      if (!mounted.contains(name)) wants_more = visit(name, kind);
      return wants_more;
    });
  }
  if (!listed && !(is_absent(listed.error()) && leads_to_mount(path))) return listed;
  for (const std::string& name : mounted) {
    if (!wants_more) break;
    wants_more = visit(name, FileKind::directory);
  }
  return {};
}

FileResult<void> Mounts::make_directory(std::string_view path, std::uint32_t mode) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  const Place place = find(path);
  if (leads_to_mount(path) || (place.files != nullptr && place.is_mount())) return fail(EEXIST);
  if (place.files != nullptr) return place.files->make_directory(place.path, mode);
  return fail(leads_to_mount(host::split(path).directory) ? EROFS : ENOENT);
}

FileResult<void> Mounts::remove_file(std::string_view path) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  const Place place = find(path);
  if (leads_to_mount(path) || (place.files != nullptr && place.is_mount())) return fail(EISDIR);
  if (place.files != nullptr) return place.files->remove_file(place.path);
  return fail(ENOENT);
}

FileResult<void> Mounts::remove_directory(std::string_view path) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  const Place place = find(path);
  if (leads_to_mount(path) || (place.files != nullptr && place.is_mount())) return fail(EBUSY);
  if (place.files != nullptr) return place.files->remove_directory(place.path);
  return fail(ENOENT);
}

FileResult<void> Mounts::rename(std::string_view from, std::string_view to) {
  for (const std::string_view path : {from, to}) {
    if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) return checked;
  }
  const Place source = find(from);
  const Place target = find(to);
  for (const auto& [path, place] : {std::pair{from, &source}, std::pair{to, &target}}) {
    if (leads_to_mount(path) || (place->files != nullptr && place->is_mount())) return fail(EBUSY);
  }
  if (source.files == nullptr) return fail(ENOENT);
  if (target.mount == source.mount) return source.files->rename(source.path, target.path);
  if (const auto found = source.files->status(source.path, false); !found) {
    return std::unexpected(found.error());
  }
  return fail(EXDEV);
}

FileResult<std::string> Mounts::real_path(std::string_view path) {
  if (auto checked = host::check_path(path, host::kMaxPathBytes); !checked) {
    return std::unexpected(checked.error());
  }
  const Place place = find(path);
  FileResult<std::string> found = fail(ENOENT);
  if (place.files != nullptr) found = place.files->real_path(place.path);
  if (!found && is_absent(found.error()) && leads_to_mount(path)) return std::string(path);
  if (!found) return found;
  const std::string real = *place.mount + std::string(prefix_of(*found));
  return real.empty() ? "/" : real;
}

}  // namespace sandglass
