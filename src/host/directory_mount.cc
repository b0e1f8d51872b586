// A directory of the host as a FileSystem.
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <climits>
#include <fmt/format.h>

#include "host/directory_file.h"
#include "host/module_path.h"

namespace sandglass {
namespace {

using host::Beneath;
using host::Descriptor;
using host::fail;
using host::id_of;
using host::kind_of;
using host::Ledger;
using host::look;
using host::open_in;

constexpr int kDirectoryFlags = O_PATH | O_DIRECTORY;
constexpr int kLookFlags = O_PATH | O_CLOEXEC;
constexpr unsigned kMaxLinks = 40;  // as the kernel has it

FileKind kind_of(const dirent& entry, int directory) {
  switch (entry.d_type) {
    case DT_REG:
      return FileKind::file;
    case DT_DIR:
      return FileKind::directory;
    case DT_LNK:
      return FileKind::link;
    case DT_UNKNOWN: {  // not every file system tells
      struct stat status{};
      const bool known = ::fstatat(directory, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) == 0;
      return known ? kind_of(status.st_mode) : FileKind::other;
    }
    default:
      return FileKind::other;
  }
}

// Splices the target of links into a path, name by name.
class PathWalk {
 public:
  PathWalk(const Beneath& beneath, std::string_view path) : beneath_(beneath) { push(path); }

  FileResult<std::string> go() {
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.back());
      pending_.pop_back();
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        if (path_.empty()) return fail(EACCES);
        path_.resize(path_.rfind('/'));
        continue;
      }
      if (auto went = enter(name); !went) return std::unexpected(went.error());
    }
    return path_.empty() ? "/" : std::move(path_);
  }

 private:
  void push(std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.rfind('/');
      pending_.emplace_back(slash == path.npos ? path : path.substr(slash + 1));
      path = path.substr(0, slash == path.npos ? 0 : slash);
    }
  }

  FileResult<void> enter(const std::string& name) {
    const std::string path = path_ + "/" + name;
    const auto found = open_in(beneath_, path, kLookFlags | O_NOFOLLOW);
    if (!found) return std::unexpected(found.error());
    const auto status = look(*found);
    if (!status) return std::unexpected(status.error());
    if (!S_ISLNK(status->stx_mode)) {
      if (!S_ISDIR(status->stx_mode) && !pending_.empty()) return fail(ENOTDIR);
      path_ = path;
      return {};
    }
    std::string target(PATH_MAX, '\0');
    const ssize_t length = ::readlinkat(found->get(), "", target.data(), target.size());
    if (length < 0) return fail(errno);
    target.resize(static_cast<std::size_t>(length));
    if (target.starts_with('/')) return fail(EACCES);
    if (++links_ > kMaxLinks || pending_.size() > PATH_MAX) return fail(ELOOP);
    push(target);
    return {};
  }

  const Beneath& beneath_;
  std::vector<std::string> pending_;  // the next one last
  std::string path_;
  unsigned links_ = 0;
};

// What a path leads to, through links if they are followed at all.
FileResult<Descriptor> find_target(const Beneath& beneath, std::string_view path) {
  auto found = open_in(beneath, path, kLookFlags);
  if (!found) return found;
  const auto status = look(*found);
  if (!status) return std::unexpected(status.error());
  if (S_ISLNK(status->stx_mode)) return fail(ELOOP);
  return found;
}

/// A name in a directory, held open, so that no link is between what is seen and what is done.
struct Place {
  Descriptor directory;
  std::string name;

  [[nodiscard]] FileResult<struct statx> status() const {
    struct statx found{};
    if (::statx(directory.get(), name.c_str(), AT_SYMLINK_NOFOLLOW, host::kStatusFields, &found) !=
        0) {
      return fail(errno);
    }
    return found;
  }
};

FileResult<Place> find_place(const Beneath& beneath, std::string_view path) {
  const host::SplitPath parts = host::split(path);
  auto directory = open_in(beneath, parts.directory, kDirectoryFlags);
  if (!directory) return std::unexpected(directory.error());
  return Place{.directory = std::move(*directory), .name = std::string(parts.name)};
}

FileResult<void> remove_name(const Beneath& beneath, Ledger& ledger, std::string_view path,
                             int flags) {
  const auto place = find_place(beneath, path);
  if (!place) return std::unexpected(place.error());
  const auto status = place->status();
  if (!status) return std::unexpected(status.error());
  if (::unlinkat(place->directory.get(), place->name.c_str(), flags) != 0) return fail(errno);
  // A directory has no other name; of a file the host may have made one.
  if (S_ISDIR(status->stx_mode) || status->stx_nlink <= 1) ledger.removed(id_of(*status));
  return {};
}

}  // namespace

DirectoryMount::DirectoryMount(std::shared_ptr<host::MountRoot> root) noexcept
    : root_(std::move(root)) {}

DirectoryMount::~DirectoryMount() = default;

Result<std::shared_ptr<DirectoryMount>> DirectoryMount::open(const std::filesystem::path& root,
                                                             const MountOptions& options) {
  if (auto invalid = host::find_invalid(options.quota)) return std::unexpected(*invalid);
  auto beneath = Beneath::open(
      root, {.links = options.follow_links ? host::Links::within : host::Links::refused});
  if (!beneath) {
    return std::unexpected(Error{
        .code = Errc::invalid_argument,
        .message = fmt::format("cannot open the directory '{}': {}",
                               host::to_printable(root.native()), beneath.error().message())});
  }
  return std::shared_ptr<DirectoryMount>(
      new DirectoryMount(std::shared_ptr<host::MountRoot>(new host::MountRoot{
          .beneath = std::move(*beneath), .options = options, .ledger = Ledger(options.quota)})));
}

FileResult<FileStatus> DirectoryMount::status(std::string_view path, bool follow) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return std::unexpected(checked.error());
  }
  const auto found = follow ? find_target(root_->beneath, path)
                            : open_in(root_->beneath, path, kLookFlags | O_NOFOLLOW);
  if (!found) return std::unexpected(found.error());
  const auto status = look(*found);
  if (!status) return std::unexpected(status.error());
  return host::status_of(*status, root_->options.real_times);
}

FileResult<void> DirectoryMount::access(std::string_view path, FileAccess wanted) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return checked;
  }
  const auto found = find_target(root_->beneath, path);
  if (!found) return std::unexpected(found.error());
  if (wanted.write && !root_->options.writable) return fail(EROFS);
  const int mode =
      (wanted.read ? R_OK : 0) | (wanted.write ? W_OK : 0) | (wanted.execute ? X_OK : 0);
  if (mode == 0 || ::faccessat(found->get(), "", mode, AT_EACCESS | AT_EMPTY_PATH) == 0) return {};
  if (errno != EINVAL) return fail(errno);
  // Linux before 5.8 has no way to ask this of a descriptor: then anybody's permission does.
  const auto status = look(*found);
  if (!status) return std::unexpected(status.error());
  const unsigned bits = status->stx_mode | (status->stx_mode >> 3) | (status->stx_mode >> 6);
  if ((bits & static_cast<unsigned>(mode)) != static_cast<unsigned>(mode)) return fail(EACCES);
  return {};
}

FileResult<std::unique_ptr<File>> DirectoryMount::open(std::string_view path,
                                                       const FileOpening& how) {
  const MountOptions& options = root_->options;
  if (auto checked = host::check_path(path, options.quota.path_bytes); !checked) {
    return std::unexpected(checked.error());
  }
  if (!how.read && !how.write) return fail(EINVAL);
  if (how.write && !options.writable) {
    const auto found = open_in(root_->beneath, path, kLookFlags);
    if (!found && !how.create) return std::unexpected(found.error());
    return fail(EROFS);
  }
  return host::open_for_script(root_, path, how);
}

FileResult<void> DirectoryMount::list(std::string_view path, const Visitor& visit) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return checked;
  }
  const auto lease = host::Lease::take(root_->open_files, root_->options.quota.open_files);
  if (!lease) return std::unexpected(lease.error());
  auto directory = open_in(root_->beneath, path, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  if (!directory) return std::unexpected(directory.error());
  const std::unique_ptr<DIR, decltype([](DIR* stream) { ::closedir(stream); })> stream(
      ::fdopendir(directory->get()));
  if (!stream) return fail(errno);
  static_cast<void>(directory->release());  // the stream closes it
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) return fail(errno);
      return {};
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (!visit(name, kind_of(*entry, ::dirfd(stream.get())))) return {};
  }
}

FileResult<void> DirectoryMount::make_directory(std::string_view path, std::uint32_t mode) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return checked;
  }
  if (path == "/") return fail(EEXIST);
  const auto place = find_place(root_->beneath, path);
  if (!place) return std::unexpected(place.error());
  if (place->status()) return fail(EEXIST);
  if (!root_->options.writable) return fail(EROFS);
  const std::lock_guard lock(root_->mutex);
  if (auto may = root_->ledger.may_make(); !may) return may;
  if (::mkdirat(place->directory.get(), place->name.c_str(), mode & 0777u) != 0) return fail(errno);
  if (const auto status = place->status()) root_->ledger.made(id_of(*status));
  return {};
}

FileResult<void> DirectoryMount::remove_file(std::string_view path) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return checked;
  }
  if (path == "/") return fail(EISDIR);
  if (!root_->options.writable) return refuse_change(path);
  const std::lock_guard lock(root_->mutex);
  return remove_name(root_->beneath, root_->ledger, path, 0);
}

FileResult<void> DirectoryMount::remove_directory(std::string_view path) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return checked;
  }
  if (path == "/") return fail(EBUSY);
  if (!root_->options.writable) return refuse_change(path);
  const std::lock_guard lock(root_->mutex);
  return remove_name(root_->beneath, root_->ledger, path, AT_REMOVEDIR);
}

FileResult<void> DirectoryMount::rename(std::string_view from, std::string_view to) {
  for (const std::string_view path : {from, to}) {
    if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
      return checked;
    }
  }
  if (from == "/" || to == "/") return fail(EBUSY);
  if (!root_->options.writable) return refuse_change(from);
  const auto source = find_place(root_->beneath, from);
  if (!source) return std::unexpected(source.error());
  const auto target = find_place(root_->beneath, to);
  if (!target) return std::unexpected(target.error());
  const std::lock_guard lock(root_->mutex);
  const auto moved = source->status();
  const auto replaced = target->status();
  if (::renameat(source->directory.get(), source->name.c_str(), target->directory.get(),
                 target->name.c_str()) != 0) {
    return fail(errno);
  }
  if (!moved || !replaced || id_of(*moved) == id_of(*replaced)) return {};
  if (S_ISDIR(replaced->stx_mode) || replaced->stx_nlink <= 1) {
    root_->ledger.removed(id_of(*replaced));
  }
  return {};
}

FileResult<std::string> DirectoryMount::real_path(std::string_view path) {
  if (auto checked = host::check_path(path, root_->options.quota.path_bytes); !checked) {
    return std::unexpected(checked.error());
  }
  return PathWalk(root_->beneath, path).go();
}

// EROFS, unless there is nothing to change.
FileResult<void> DirectoryMount::refuse_change(std::string_view path) const {
  const auto found = open_in(root_->beneath, path, kLookFlags | O_NOFOLLOW);
  if (!found) return std::unexpected(found.error());
  return fail(EROFS);
}

}  // namespace sandglass
