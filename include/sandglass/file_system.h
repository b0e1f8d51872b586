#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "sandglass/error.h"
#include "sandglass/module_loader.h"

namespace sandglass {

namespace host {
struct MemoryTree;
struct MountRoot;
}  // namespace host

/// What an operation on files gives, or why it failed: a value of std::errc, which the script sees
/// as Node's `code` (ENOENT) and `errno` (-2).
template <class T>
using FileResult = std::expected<T, std::error_code>;

using FileTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// What file systems without real times say of every file: the instant at which the clock of a
/// script without a clock stands, 2022-01-01T00:00:00Z.
inline constexpr FileTime kNoFileTime{std::chrono::seconds{1640995200}};

enum class FileKind : std::uint8_t {
  file,
  directory,
  link,   ///< A symbolic link that was not followed.
  other,  ///< A FIFO, socket or device: can be listed, never opened.
};

/// What a script sees of a file as `fs.Stats`.
struct FileStatus {
  FileKind kind = FileKind::file;
  std::uint64_t bytes = 0;    ///< Size of a file.
  std::uint32_t mode = 0644;  ///< Permission bits, 07777.
  std::uint64_t id = 0;       ///< The same for two names of one file in one file system (inode).
  std::uint64_t links = 1;    ///< Names it has.
  FileTime accessed = kNoFileTime;
  FileTime modified = kNoFileTime;
  FileTime changed = kNoFileTime;
  FileTime created = kNoFileTime;
};

/// How a file is opened. Neither `read` nor `write` is not allowed (EINVAL).
struct FileOpening {
  bool read = true;
  bool write = false;
  bool append = false;        ///< With `write`: each write goes to the end, whatever its offset.
  bool create = false;        ///< With `write`: makes the file if it is absent.
  bool exclusive = false;     ///< With `create`: EEXIST if anything is there, a link too.
  bool truncate = false;      ///< With `write`: empties it.
  std::uint32_t mode = 0666;  ///< Of a new file, less the umask of the process; 0777 at most.
};

/// What access() is asked for; nothing: whether it exists.
struct FileAccess {
  bool read = false;
  bool write = false;
  bool execute = false;
};

/// An open file or directory. What it counts towards a quota ends with it.
///
/// Thread: one at a time.
class File {
 public:
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  virtual ~File() = default;

  /// Reads up to `into.size()` bytes from `offset` on; 0 at the end. `into` may be guest memory: it
  /// must be written by this thread, and not be kept.
  /// Errors: EBADF (not opened for reading) · EISDIR · those of the system.
  [[nodiscard]] virtual FileResult<std::size_t> read(std::span<std::byte> into,
                                                     std::uint64_t offset) = 0;
  /// Writes bytes at `offset`, beyond the end too; what lies between is zero and counts. May write
  /// less, but not nothing. `from` may be guest memory, as for read().
  /// Errors: EBADF (not opened for writing) · EFBIG, ENOSPC (a quota) · those of the system.
  [[nodiscard]] virtual FileResult<std::size_t> write(std::span<const std::byte> from,
                                                      std::uint64_t offset) = 0;
  /// Cuts it, or extends it by zeros, which count.
  /// Errors: as write(); EINVAL (not opened for writing).
  [[nodiscard]] virtual FileResult<void> resize(std::uint64_t bytes) = 0;
  [[nodiscard]] virtual FileResult<FileStatus> status() = 0;
};

/// Files for scripts: what `Options::grants.files` hands over. MemoryFs, DirectoryMount and Mounts
/// are such; derive from it for one of your own.
///
/// Paths:  absolute and normalised: "/" or "/a/b", without ".", "..", empty names, a '/' at the end
///         or NUL. Else any bytes, of any length. The runtime takes ".." away before it asks, by
///         the text alone. An implementation of your own should refuse all others with EINVAL.
/// Thread: one file system may serve several VMs on several threads at the same time, so it must
///         be safe to call from all of them. Those below are.
/// Calls:  on the thread of the run and on that thread's own stack, while the script waits. Their
///         time counts as wall time, and nothing cuts them short: large work comes in pieces.
/// Errors: are values. An exception that leaves one is thrown into the script.
class FileSystem {
 public:
  /// Gets a name and its kind. False: enough, list() ends without an error.
  using Visitor = std::function<bool(std::string_view name, FileKind kind)>;

  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// `follow`: of what a link at the end of the path leads to, else of the link.
  /// Errors: ENOENT · ENOTDIR · EACCES · ELOOP · ENAMETOOLONG, as for all that take a path.
  [[nodiscard]] virtual FileResult<FileStatus> status(std::string_view path, bool follow) = 0;
  /// Whether the script could do that. Errors: EACCES · EROFS.
  [[nodiscard]] virtual FileResult<void> access(std::string_view path, FileAccess wanted) = 0;
  /// Errors: EEXIST · EISDIR (a directory, for writing) · EACCES (no file or directory) · EROFS ·
  ///         ENOSPC, EMFILE (a quota).
  [[nodiscard]] virtual FileResult<std::unique_ptr<File>> open(std::string_view path,
                                                               const FileOpening& how) = 0;
  /// Every name in a directory, in any order. Errors: ENOTDIR.
  [[nodiscard]] virtual FileResult<void> list(std::string_view path, const Visitor& visit) = 0;
  /// `mode`: less the umask of the process. Errors: EEXIST · EROFS · ENOSPC (a quota).
  [[nodiscard]] virtual FileResult<void> make_directory(std::string_view path,
                                                        std::uint32_t mode) = 0;
  /// Removes a file, or a link itself. Errors: EISDIR · EROFS.
  [[nodiscard]] virtual FileResult<void> remove_file(std::string_view path) = 0;
  /// Errors: ENOTDIR · ENOTEMPTY · EROFS · EBUSY (a mount).
  [[nodiscard]] virtual FileResult<void> remove_directory(std::string_view path) = 0;
  /// Replaces `to` if it is a file, or an empty directory and `from` is one.
  /// Errors: EXDEV (another mount) · EINVAL (into itself) · EISDIR · ENOTDIR · ENOTEMPTY · EROFS.
  [[nodiscard]] virtual FileResult<void> rename(std::string_view from, std::string_view to) = 0;
  /// The path of what `path` leads to, without links.
  [[nodiscard]] virtual FileResult<std::string> real_path(std::string_view path) = 0;
};

/// What scripts may take of one file system, all VMs that use it together. Counted is what scripts
/// did, not what was there before.
struct FileQuota {
  /// By how many bytes files may grow. Cutting or removing a file gives back what scripts added to
  /// it. Default 64 MiB. At the limit: ENOSPC.
  std::uint64_t bytes = std::uint64_t{64} << 20;
  /// Bytes that are ever written; nothing gives them back. Default none. At the limit: ENOSPC.
  std::optional<std::uint64_t> written_bytes = std::nullopt;
  /// Files and directories that are made and not removed yet. Default 10,000. At the limit: ENOSPC.
  std::uint64_t files = 10'000;
  /// Open at a time, for reading too. Default 64. At the limit: EMFILE.
  std::uint64_t open_files = 64;
  /// Size that a file may be given. Default 16 MiB. At the limit: EFBIG.
  std::uint64_t file_bytes = std::uint64_t{16} << 20;
  /// Length of a path. Default and most: 4,000. Beyond: ENAMETOOLONG. A name has 255 at most.
  std::uint64_t path_bytes = 4'000;
};

/// Files in memory, for tests and tools. It has no links. Every time is kNoFileTime, so that what a
/// script sees does not depend on when it runs.
///
///     auto files = sandglass::MemoryFs::create().value();
///     sandglass::write_file(*files, "/data.json", "[1, 2, 3]").value();
///     auto vm = sandglass::Runtime::create({.grants = {.files = files}});
///
/// What the host puts there counts towards the quota, too.
///
/// Thread: any number at a time. Cost: O(names in the path); one lock.
class MemoryFs final : public FileSystem {
 public:
  /// Errors: invalid_argument (path_bytes out of range).
  [[nodiscard]] static Result<std::shared_ptr<MemoryFs>> create(FileQuota quota = {});
  ~MemoryFs() override;

  FileResult<FileStatus> status(std::string_view path, bool follow) override;
  FileResult<void> access(std::string_view path, FileAccess wanted) override;
  FileResult<std::unique_ptr<File>> open(std::string_view path, const FileOpening& how) override;
  FileResult<void> list(std::string_view path, const Visitor& visit) override;
  FileResult<void> make_directory(std::string_view path, std::uint32_t mode) override;
  FileResult<void> remove_file(std::string_view path) override;
  FileResult<void> remove_directory(std::string_view path) override;
  FileResult<void> rename(std::string_view from, std::string_view to) override;
  FileResult<std::string> real_path(std::string_view path) override;

 private:
  explicit MemoryFs(std::shared_ptr<host::MemoryTree> tree) noexcept;

  std::shared_ptr<host::MemoryTree> tree_;  // open files keep it
};

/// How a DirectoryMount lets scripts at a directory.
struct MountOptions {
  /// Whether scripts may change anything. Default false: all that would gives EROFS.
  bool writable = false;
  FileQuota quota{};
  /// Whether symbolic links are followed as long as they stay beneath the root. Default true. Where
  /// the kernel has no openat2(2) (before Linux 5.6, or kept away by seccomp), none is followed.
  bool follow_links = true;
  /// Whether scripts see the real times of files. Default true. A script that may write reads the
  /// clock by them, whatever clock it was granted; false: all are kNoFileTime.
  bool real_times = true;
};

/// A directory of the host as the root of a file system.
///
/// No path leads out of it: no "..", link with a target outside or an absolute one, magic link
/// (/proc/self/root), also if links or folders are swapped by another process at the same moment.
/// That is refused with EACCES. Only regular files and directories are opened, never a FIFO, device
/// or socket (EACCES). Scripts cannot make links, nor change modes, owners or times. New files have
/// the mode that the script asks for less the umask, at most 0777.
///
/// A hard link is a file: one that the host put beneath the root belongs to it, wherever its other
/// names are. So does a file system that is mounted there. The script sees neither user nor device
/// numbers, and not where the directory lies.
///
/// Thread:   any number at a time.
/// Lifetime: it holds the directory open, so a directory that is renamed is still the same root.
/// Cost:     that of the system calls, two to four for an open. Writes to one mount take turns.
class DirectoryMount final : public FileSystem {
 public:
  /// Opens `root`; links in it are followed.
  /// Errors: invalid_argument (not a directory, cannot be opened, path_bytes out of range).
  [[nodiscard]] static Result<std::shared_ptr<DirectoryMount>> open(
      const std::filesystem::path& root, const MountOptions& options = {});
  ~DirectoryMount() override;

  FileResult<FileStatus> status(std::string_view path, bool follow) override;
  FileResult<void> access(std::string_view path, FileAccess wanted) override;
  FileResult<std::unique_ptr<File>> open(std::string_view path, const FileOpening& how) override;
  FileResult<void> list(std::string_view path, const Visitor& visit) override;
  FileResult<void> make_directory(std::string_view path, std::uint32_t mode) override;
  FileResult<void> remove_file(std::string_view path) override;
  FileResult<void> remove_directory(std::string_view path) override;
  FileResult<void> rename(std::string_view from, std::string_view to) override;
  FileResult<std::string> real_path(std::string_view path) override;

 private:
  explicit DirectoryMount(std::shared_ptr<host::MountRoot> root) noexcept;
  [[nodiscard]] FileResult<void> refuse_change(std::string_view path) const;

  std::shared_ptr<host::MountRoot> root_;  // open files keep it
};

/// Several file systems in one tree.
///
///     auto data = sandglass::DirectoryMount::open("/srv/data");
///     auto work = sandglass::DirectoryMount::open("/srv/work/42", {.writable = true});
///     auto files = sandglass::Mounts::create({{"/data", *data}, {"/work", *work}});
///
/// A path belongs to the mount that is its longest prefix. Directories that only lead to mounts
/// ("/" above) are there, and hold nothing else; nothing can be made, removed or renamed in them
/// (EROFS), mounts neither (EBUSY).
///
/// Thread: any number at a time, as its file systems; the tree itself is immutable.
class Mounts final : public FileSystem {
 public:
  /// Errors: invalid_argument (a path that is not absolute and normalised, a null pointer).
  [[nodiscard]] static Result<std::shared_ptr<Mounts>> create(
      std::map<std::string, std::shared_ptr<FileSystem>> mounts);

  FileResult<FileStatus> status(std::string_view path, bool follow) override;
  FileResult<void> access(std::string_view path, FileAccess wanted) override;
  FileResult<std::unique_ptr<File>> open(std::string_view path, const FileOpening& how) override;
  FileResult<void> list(std::string_view path, const Visitor& visit) override;
  FileResult<void> make_directory(std::string_view path, std::uint32_t mode) override;
  FileResult<void> remove_file(std::string_view path) override;
  FileResult<void> remove_directory(std::string_view path) override;
  FileResult<void> rename(std::string_view from, std::string_view to) override;
  FileResult<std::string> real_path(std::string_view path) override;

 private:
  struct Place;
  explicit Mounts(std::map<std::string, std::shared_ptr<FileSystem>> mounts) noexcept;
  [[nodiscard]] Place find(std::string_view path) const;
  [[nodiscard]] bool leads_to_mount(std::string_view path) const;

  std::map<std::string, std::shared_ptr<FileSystem>> mounts_;  // "" is the root's
};

/// All bytes of a file. Errors: those of FileSystem::open and File::read · EFBIG (more than
/// `max_bytes`).
[[nodiscard]] FileResult<std::string> read_file(FileSystem& files, std::string_view path,
                                                std::uint64_t max_bytes = std::uint64_t{1} << 30);

/// Makes a file of these bytes, or replaces what is in it.
[[nodiscard]] FileResult<void> write_file(FileSystem& files, std::string_view path,
                                          std::string_view bytes);

/// Modules in the files of a FileSystem, by the path rules of module_loader.h: what a script finds
/// as files it can import, too.
///
///     auto modules = sandglass::FileModules::create(files, "/app");
///     auto vm = sandglass::Runtime::create({.grants = {.files = files}, .modules = *modules});
///
/// Thread: any number at a time. Cost: as its file system; a file is read anew by each VM.
class FileModules final : public ModuleLoader {
 public:
  /// Modules are named by their paths beneath `root`, a path as FileSystem has it.
  /// Errors: invalid_argument (no file system, a bad root, `max_file_bytes` not 1 to 1 GiB).
  [[nodiscard]] static Result<std::shared_ptr<FileModules>> create(
      std::shared_ptr<FileSystem> files, std::string_view root = "/",
      std::uint64_t max_file_bytes = std::uint64_t{16} << 20);

  /// Errors: module_not_found · invalid_argument (also: what was found is refused).
  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  /// Errors: module_not_found · invalid_argument (refused, unreadable, or too large).
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  FileModules(std::shared_ptr<FileSystem> files, std::string root, std::uint64_t max) noexcept;

  std::shared_ptr<FileSystem> files_;
  std::string root_;  // empty, or "/app"
  std::uint64_t max_file_bytes_;
};

}  // namespace sandglass
