// Opening what lies beneath a directory, by paths that a script chose.
//
// What changes a directory (directory_mount.cc) does so by the descriptor of the directory that
// holds the last name of a path, and that name alone, which the kernel does not follow.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace sandglass::host {

/// Owns a file descriptor. Move-only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }
  /// Gives it up, to someone else who closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Why a path was not opened.
enum class OpenFailure : std::uint8_t {
  malformed,    ///< Not a path as Beneath wants it.
  absent,       ///< There is nothing of that name, or the name is longer than any can be.
  directory,    ///< It is a directory.
  not_regular,  ///< It is a FIFO, a socket or a device.
  outside,      ///< A link leads out of the root, or has an absolute target.
  link,         ///< A link that is not followed: by choice, a magic link, or one of a loop.
  too_large,    ///< The file is longer than the caller wants.
  system,       ///< Something else, see OpenError::system.
};

struct OpenError {
  OpenFailure why = OpenFailure::system;
  std::error_code system{};  ///< What the system said, if it was asked.
};

/// For humans, as what comes after the name and a colon: "not a regular file". No host path in it.
[[nodiscard]] std::string describe(const OpenError& error);

/// How a Beneath treats symbolic links.
enum class Links : std::uint8_t {
  within,   ///< Followed while they stay beneath the root.
  refused,  ///< Never followed.
};

/// How a Beneath looks for a file.
enum class Lookup : std::uint8_t {
  automatic,  ///< In one go by openat2(2); step by step if the kernel or seccomp does not let us.
  stepwise,   ///< A directory at a time. Follows no links whatever `Links` says.
};

struct BeneathOptions {
  Links links = Links::within;
  Lookup lookup = Lookup::automatic;
};

/// A directory, held open, and the regular files beneath it.
///
/// Paths are '/'-separated and relative to the root, without empty, "." or ".." segments and
/// without NUL; all others are `malformed`. No path leads out of the root, also if its directories
/// or links are swapped for others in the middle of a lookup: it is the kernel that keeps it inside
/// (openat2 with RESOLVE_BENEATH), or each step is one directory that is not a link.
///
/// Nothing but regular files is opened for reading, because opening alone does something to a FIFO
/// (it wakes the writer) or a device; what a path names is looked at first. Only in a race with
/// someone who swaps a file beneath the root for a FIFO or a device is one opened, without
/// blocking, and closed unread.
///
/// Thread: immutable, any number at a time.
class Beneath {
 public:
  /// Opens `root`; links in it are followed.
  [[nodiscard]] static std::expected<Beneath, std::error_code> open(
      const std::filesystem::path& root, BeneathOptions options = {});

  /// Whether `path` is a regular file now. Opens nothing for reading.
  [[nodiscard]] std::expected<void, OpenError> find_file(std::string_view path) const;

  /// Opens whatever `path` is, or the root for ".", with `flags` of open(2) and O_CLOEXEC. Only
  /// with O_PATH does nothing happen to what is no regular file, so look at it that way first.
  [[nodiscard]] std::expected<Descriptor, OpenError> open_any(std::string_view path, int flags,
                                                              unsigned mode = 0) const;

  /// Opens the regular file `path` for reading, close-on-exec.
  [[nodiscard]] std::expected<Descriptor, OpenError> open_file(std::string_view path) const;

  /// All bytes of the regular file `path`; no more than `max_bytes` and one are read, also if it
  /// grows. `max_bytes` must be less than SIZE_MAX.
  [[nodiscard]] std::expected<std::string, OpenError> read_file(std::string_view path,
                                                                std::uint64_t max_bytes) const;

 private:
  Beneath(Descriptor root, BeneathOptions options) noexcept
      : root_(std::move(root)), options_(options) {}
  [[nodiscard]] std::expected<Descriptor, OpenError> open_path(const std::string& path, int flags,
                                                               unsigned mode = 0) const;
  [[nodiscard]] std::expected<Descriptor, OpenError> open_stepwise(const std::string& path,
                                                                   int flags, unsigned mode) const;

  Descriptor root_;
  BeneathOptions options_;
};

}  // namespace sandglass::host
