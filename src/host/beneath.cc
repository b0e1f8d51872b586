#include "host/beneath.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sandglass::host {
namespace {

// openat2 answers EAGAIN if a rename or mount anywhere on the system came in between a ".." of a
// link. Someone who renames in a loop can make this many fail, and gets a refusal.
constexpr int kMaxAttempts = 1000;

constexpr std::size_t kReadBytes = 16 << 10;

std::unexpected<OpenError> fail(OpenFailure why, int number = 0) {
  return std::unexpected(OpenError{why, {number, std::generic_category()}});
}

std::unexpected<OpenError> fail_with(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return fail(OpenFailure::absent, number);
    case EXDEV:
      return fail(OpenFailure::outside, number);
    case ELOOP:
      return fail(OpenFailure::link, number);
    case ENXIO:
      return fail(OpenFailure::not_regular, number);
    default:
      return fail(OpenFailure::system, number);
  }
}

bool is_well_formed(std::string_view path) {
  if (path.find('\0') != path.npos) return false;
  for (;;) {
    const std::size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (end == path.npos) return true;
    path.remove_prefix(end + 1);
  }
}

// Calls `open`, which returns a descriptor or -1, until it is neither interrupted nor asked to try
// again.
template <class Open>
int open_with_patience(Open open) {
  int fd = -1;
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    fd = open();
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) break;
  }
  return fd;
}

std::expected<struct stat, OpenError> look_at(const Descriptor& file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail(OpenFailure::system, errno);
  if (S_ISREG(status.st_mode)) return status;
  if (S_ISDIR(status.st_mode)) return fail(OpenFailure::directory);
  if (S_ISLNK(status.st_mode)) return fail(OpenFailure::link);
  return fail(OpenFailure::not_regular);
}

bool is_link(int directory, const char* name) {
  struct stat status{};
  return ::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string describe(const OpenError& error) {
  switch (error.why) {
    case OpenFailure::malformed:
      return "not a path beneath the root";
    case OpenFailure::absent:
      return "no such file";
    case OpenFailure::directory:
      return "a directory";
    case OpenFailure::not_regular:
      return "not a regular file";
    case OpenFailure::outside:
      return "a link that leads out of the root or is absolute";
    case OpenFailure::link:
      return "a link that is not followed";
    case OpenFailure::too_large:
      return "too large";
    case OpenFailure::system:
      break;
  }
  return error.system.message();
}

std::expected<Beneath, std::error_code> Beneath::open(const std::filesystem::path& root,
                                                      BeneathOptions options) {
  if (root.native().find('\0') != root.native().npos) {
    return std::unexpected(std::make_error_code(std::errc::invalid_argument));
  }
  Descriptor directory(
      open_with_patience([&] { return ::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC); }));
  if (directory.get() < 0) return std::unexpected(std::error_code(errno, std::generic_category()));
  return Beneath(std::move(directory), options);
}

std::expected<void, OpenError> Beneath::find_file(std::string_view path) const {
  if (!is_well_formed(path)) return fail(OpenFailure::malformed);
  const auto found = open_path(std::string(path), O_PATH);
  if (!found) return std::unexpected(found.error());
  const auto status = look_at(*found);
  if (!status) return std::unexpected(status.error());
  return {};
}

std::expected<Descriptor, OpenError> Beneath::open_any(std::string_view path, int flags,
                                                       unsigned mode) const {
  if (path != "." && !is_well_formed(path)) return fail(OpenFailure::malformed);
  return open_path(std::string(path), flags, mode);
}

std::expected<Descriptor, OpenError> Beneath::open_file(std::string_view path) const {
  if (const auto found = find_file(path); !found) return std::unexpected(found.error());
  auto file = open_path(std::string(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file) return file;
  // It may be another file by now.
  if (const auto status = look_at(*file); !status) return std::unexpected(status.error());
  return file;
}

std::expected<std::string, OpenError> Beneath::read_file(std::string_view path,
                                                         std::uint64_t max_bytes) const {
  const auto file = open_file(path);
  if (!file) return std::unexpected(file.error());
  const auto status = look_at(*file);
  if (!status) return std::unexpected(status.error());
  if (std::cmp_greater(status->st_size, max_bytes)) return fail(OpenFailure::too_large);
  std::string text;
  text.reserve(static_cast<std::size_t>(status->st_size));
  std::array<char, kReadBytes> buffer;
  for (;;) {
    const std::uint64_t room = max_bytes + 1 - text.size();
    const ssize_t got =
        ::read(file->get(), buffer.data(),
               static_cast<std::size_t>(std::min<std::uint64_t>(room, buffer.size())));
    if (got == 0) return text;
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(OpenFailure::system, errno);
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > max_bytes) return fail(OpenFailure::too_large);
  }
}

std::expected<Descriptor, OpenError> Beneath::open_path(const std::string& path, int flags,
                                                        unsigned mode) const {
  if (options_.lookup == Lookup::stepwise) return open_stepwise(path, flags, mode);
  open_how how = {};
  how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (options_.links == Links::refused) how.resolve |= RESOLVE_NO_SYMLINKS;
  Descriptor file(open_with_patience([&] {
    return static_cast<int>(::syscall(SYS_openat2, root_.get(), path.c_str(), &how, sizeof how));
  }));
  if (file.get() >= 0) return file;
  // EPERM is what some seccomp filters answer to a call that they do not know. If it was meant for
  // the file, the steps below meet it again.
  if (errno == ENOSYS || errno == EPERM) return open_stepwise(path, flags, mode);
  return fail_with(errno);
}

std::expected<Descriptor, OpenError> Beneath::open_stepwise(const std::string& path, int flags,
                                                            unsigned mode) const {
  constexpr int kDirectoryFlags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor held;
  int directory = root_.get();
  std::size_t begin = 0;
  for (;;) {
    const std::size_t end = path.find('/', begin);
    const bool last = end == path.npos;
    const std::string segment = path.substr(begin, last ? path.npos : end - begin);
    const int step_flags = last ? flags | O_NOFOLLOW | O_CLOEXEC : kDirectoryFlags;
    Descriptor next(
        open_with_patience([&] { return ::openat(directory, segment.c_str(), step_flags, mode); }));
    if (next.get() < 0) {
      const int number = errno;
      // A link is not a directory, but to say no more than that would be a riddle.
      if (number == ENOTDIR && is_link(directory, segment.c_str())) return fail(OpenFailure::link);
      return fail_with(number);
    }
    if (last) return next;
    held = std::move(next);
    directory = held.get();
    begin = end + 1;
  }
}

}  // namespace sandglass::host
