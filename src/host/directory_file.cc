#include "host/directory_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <limits>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace sandglass::host {
namespace {

constexpr int kLookFlags = O_PATH | O_CLOEXEC;
// Someone may make and remove a file at the moment when it is opened; at the latest then it fails.
constexpr int kMaxOpenAttempts = 16;

// What leads out of the root is not told apart from what may not be touched in it.
std::unexpected<std::error_code> refused(const OpenError& error) {
  switch (error.why) {
    case OpenFailure::malformed:
      return fail(EINVAL);
    case OpenFailure::outside:
    case OpenFailure::not_regular:
      return fail(EACCES);
    case OpenFailure::link:
      return fail(ELOOP);
    case OpenFailure::directory:
      return fail(EISDIR);
    case OpenFailure::absent:
    case OpenFailure::too_large:
    case OpenFailure::system:
      break;
  }
  return std::unexpected(error.system ? error.system : std::make_error_code(std::errc::io_error));
}

std::string_view below_root(std::string_view path) {
  return path == "/" ? "." : path.substr(1);
}

FileTime time_of(const struct statx_timestamp& time) {
  return FileTime(std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

int access_flags(const FileOpening& how) {
  if (how.read && how.write) return O_RDWR;
  return how.write ? O_WRONLY : O_RDONLY;
}

int open_flags(const FileOpening& how) {
  return access_flags(how) | (how.append ? O_APPEND : 0) | O_NOCTTY;
}

// Why a script may not open it so; 0: it may.
int find_refusal(const struct statx& status, const FileOpening& how) {
  if (S_ISDIR(status.stx_mode)) return how.write ? EISDIR : 0;
  if (S_ISLNK(status.stx_mode)) return ELOOP;  // where links are not followed
  return S_ISREG(status.stx_mode) ? 0 : EACCES;
}

class DirectoryFile final : public File {
 public:
  DirectoryFile(std::shared_ptr<MountRoot> root, Lease lease, Descriptor file, FileId id,
                FileOpening how) noexcept
      : root_(std::move(root)),
        lease_(std::move(lease)),
        file_(std::move(file)),
        id_(id),
        how_(how) {}

  ~DirectoryFile() override {
    if (!root_->options.writable) return;
    const std::lock_guard lock(root_->mutex);
    root_->ledger.closed(id_);
  }

  FileResult<std::size_t> read(std::span<std::byte> into, std::uint64_t offset) override {
    if (!how_.read) return fail(EBADF);
    if (offset > kMaxOffset) return fail(EINVAL);
    for (;;) {
      const ssize_t got =
          ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return fail(errno);
    }
  }

  FileResult<std::size_t> write(std::span<const std::byte> from, std::uint64_t offset) override {
    if (!how_.write) return fail(EBADF);
    if (from.empty()) return 0;
    const std::lock_guard lock(root_->mutex);
    const auto status = look(file_);
    if (!status) return std::unexpected(status.error());
    const std::uint64_t size = status->stx_size;
    const std::uint64_t begin = how_.append ? size : offset;
    if (begin > kMaxOffset || from.size() > kMaxOffset - begin) return fail(EFBIG);
    if (auto may = root_->ledger.may_write(size, std::max(size, begin + from.size()), from.size());
        !may) {
      return std::unexpected(may.error());
    }
    for (;;) {
      const ssize_t put =
          ::pwrite(file_.get(), from.data(), from.size(), static_cast<off_t>(begin));
      if (put >= 0) {
        const auto written = static_cast<std::size_t>(put);
        root_->ledger.wrote(id_, size, std::max(size, begin + written), written);
        return written;
      }
      if (errno != EINTR) return fail(errno);
    }
  }

  FileResult<void> resize(std::uint64_t bytes) override {
    if (!how_.write) return fail(EINVAL);
    if (bytes > kMaxOffset) return fail(EFBIG);
    const std::lock_guard lock(root_->mutex);
    return resize_locked(bytes);
  }

  /// resize() of someone who holds the lock of the root.
  FileResult<void> resize_locked(std::uint64_t bytes) {
    const auto status = look(file_);
    if (!status) return std::unexpected(status.error());
    const std::uint64_t size = status->stx_size;
    if (auto may = root_->ledger.may_write(size, bytes, 0); !may) return may;
    while (::ftruncate(file_.get(), static_cast<off_t>(bytes)) != 0) {
      if (errno != EINTR) return fail(errno);
    }
    root_->ledger.wrote(id_, size, bytes, 0);
    return {};
  }

  FileResult<FileStatus> status() override {
    const auto status = look(file_);
    if (!status) return std::unexpected(status.error());
    return status_of(*status, root_->options.real_times);
  }

 private:
  static constexpr auto kMaxOffset =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

  std::shared_ptr<MountRoot> root_;
  Lease lease_;
  Descriptor file_;
  FileId id_;
  FileOpening how_;
};

struct OpenedFile {
  Descriptor file;
  struct statx status;
  bool made;
};

// Opens what is there. ENOENT: nothing is.
FileResult<OpenedFile> open_existing(const Beneath& beneath, std::string_view path,
                                     const FileOpening& how) {
  const auto found = open_in(beneath, path, kLookFlags);
  if (!found) return std::unexpected(found.error());
  const auto seen = look(*found);
  if (!seen) return std::unexpected(seen.error());
  if (const int number = find_refusal(*seen, how); number != 0) return fail(number);
  auto file = open_in(beneath, path, open_flags(how) | O_NONBLOCK);
  if (!file) return std::unexpected(file.error());
  // It may be another one by now.
  const auto status = look(*file);
  if (!status) return std::unexpected(status.error());
  if (const int number = find_refusal(*status, how); number != 0) return fail(number);
  return OpenedFile{.file = std::move(*file), .status = *status, .made = false};
}

// Makes the file, which must not be there.
FileResult<OpenedFile> open_new(const Beneath& beneath, std::string_view path,
                                const FileOpening& how, const Ledger& ledger) {
  if (auto may = ledger.may_make(); !may) {
    // What is there already, or cannot be made at all, is told first.
    const auto found = open_in(beneath, path, kLookFlags | O_NOFOLLOW);
    if (found) return fail(EEXIST);
    return std::unexpected(found.error().value() == ENOENT ? may.error() : found.error());
  }
  auto file =
      open_in(beneath, path, open_flags(how) | O_CREAT | O_EXCL | O_NOFOLLOW, how.mode & 0777u);
  if (!file) return std::unexpected(file.error());
  const auto status = look(*file);
  if (!status) return std::unexpected(status.error());
  return OpenedFile{.file = std::move(*file), .status = *status, .made = true};
}

FileResult<OpenedFile> open_or_make(const Beneath& beneath, std::string_view path,
                                    const FileOpening& how, const Ledger& ledger) {
  if (how.exclusive) return open_new(beneath, path, how, ledger);
  for (int attempt = 0; attempt < kMaxOpenAttempts; ++attempt) {
    auto opened = open_existing(beneath, path, how);
    if (opened || opened.error().value() != ENOENT) return opened;
    opened = open_new(beneath, path, how, ledger);
    if (opened || opened.error().value() != EEXIST) return opened;
  }
  // A link to nothing. It is not made by way of the link.
  return fail(ENOENT);
}

}  // namespace

FileResult<Descriptor> open_in(const Beneath& beneath, std::string_view path, int flags,
                               unsigned mode) {
  auto opened = beneath.open_any(below_root(path), flags, mode);
  if (!opened) return refused(opened.error());
  return std::move(*opened);
}

FileResult<struct statx> look(const Descriptor& file) {
  struct statx status{};
  if (::statx(file.get(), "", AT_EMPTY_PATH, kStatusFields, &status) != 0) return fail(errno);
  return status;
}

FileKind kind_of(unsigned mode) {
  if (S_ISREG(mode)) return FileKind::file;
  if (S_ISDIR(mode)) return FileKind::directory;
  return S_ISLNK(mode) ? FileKind::link : FileKind::other;
}

FileId id_of(const struct statx& status) {
  return {.device = makedev(status.stx_dev_major, status.stx_dev_minor), .inode = status.stx_ino};
}

FileStatus status_of(const struct statx& status, bool real_times) {
  FileStatus result{.kind = kind_of(status.stx_mode),
                    .bytes = status.stx_size,
                    .mode = status.stx_mode & 07777u,
                    .id = status.stx_ino,
                    .links = status.stx_nlink};
  if (!real_times) return result;
  result.accessed = time_of(status.stx_atime);
  result.modified = time_of(status.stx_mtime);
  result.changed = time_of(status.stx_ctime);
  result.created =
      (status.stx_mask & STATX_BTIME) != 0 ? time_of(status.stx_btime) : result.changed;
  return result;
}

FileResult<std::unique_ptr<File>> open_for_script(const std::shared_ptr<MountRoot>& root,
                                                  std::string_view path, const FileOpening& how) {
  const MountOptions& options = root->options;
  auto lease = Lease::take(root->open_files, options.quota.open_files);
  if (!lease) return std::unexpected(lease.error());
  std::unique_lock lock(root->mutex, std::defer_lock);
  if (options.writable) lock.lock();
  auto opened = how.write && how.create ? open_or_make(root->beneath, path, how, root->ledger)
                                        : open_existing(root->beneath, path, how);
  if (!opened) return std::unexpected(opened.error());
  const FileId id = id_of(opened->status);
  if (opened->made) root->ledger.made(id);
  if (options.writable) root->ledger.opened(id);
  auto file =
      std::make_unique<DirectoryFile>(root, std::move(*lease), std::move(opened->file), id, how);
  const auto emptied = how.write && how.truncate ? file->resize_locked(0) : FileResult<void>();
  if (lock.owns_lock()) lock.unlock();  // before a file that is not handed out takes it again
  if (!emptied) return std::unexpected(emptied.error());
  return file;
}

}  // namespace sandglass::host
