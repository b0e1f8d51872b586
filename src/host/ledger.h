// What scripts have taken of a DirectoryMount, against its quota.
#pragma once

#include <cstdint>
#include <map>

#include "sandglass/file_system.h"

namespace sandglass::host {

/// Which file of the host it is, whatever its names.
struct FileId {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend auto operator<=>(const FileId&, const FileId&) = default;
};

/// Keeps for each file what scripts added to it. So a script gives back only what it took: removing
/// a file of the host's does not pay for one of its own. A file that was removed counts until its
/// last handle is closed, since until then it takes space.
///
/// Thread: one at a time; the caller holds a lock from the question to the entry.
class Ledger {
 public:
  explicit Ledger(const FileQuota& quota) : quota_(quota) {}

  /// Whether a file of `size` bytes may become one of `new_size` by a write of `written` bytes.
  [[nodiscard]] FileResult<void> may_write(std::uint64_t size, std::uint64_t new_size,
                                           std::uint64_t written) const;
  void wrote(FileId file, std::uint64_t size, std::uint64_t new_size, std::uint64_t written);

  /// Whether there may be one more file or directory.
  [[nodiscard]] FileResult<void> may_make() const;
  /// `file` is new: what an older one of that number took is forgotten.
  void made(FileId file);
  /// The last name of `file` is gone.
  void removed(FileId file);

  void opened(FileId file) { ++entries_[file].handles; }
  void closed(FileId file);

 private:
  struct Entry {
    std::uint64_t bytes = 0;
    std::uint64_t handles = 0;
    bool made = false;
    bool removed = false;
  };
  using Entries = std::map<FileId, Entry>;
  void forget_if_idle(Entries::iterator entry);

  const FileQuota quota_;
  Entries entries_;
  std::uint64_t bytes_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t files_ = 0;
};

}  // namespace sandglass::host
