// What a DirectoryMount and its open files share.
#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <sys/stat.h>
#include <utility>

#include "host/beneath.h"
#include "host/file_path.h"
#include "host/ledger.h"

namespace sandglass::host {

/// `mutex` is held from the first look at a file until the ledger knows what was done to it, so
/// that what scripts do at the same time is added up.
struct MountRoot {
  Beneath beneath;
  MountOptions options;
  std::atomic<std::uint64_t> open_files{0};
  std::mutex mutex;
  Ledger ledger;
};

/// Counts one open file of a quota.
class Lease {
 public:
  [[nodiscard]] static FileResult<Lease> take(std::atomic<std::uint64_t>& count,
                                              std::uint64_t most) {
    if (count.fetch_add(1) < most) return Lease(&count);
    count.fetch_sub(1);
    return fail(EMFILE);
  }
  Lease(Lease&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (count_ != nullptr) count_->fetch_sub(1);
  }

 private:
  explicit Lease(std::atomic<std::uint64_t>* count) noexcept : count_(count) {}

  std::atomic<std::uint64_t>* count_;
};

/// Opens `path`, one that check_path() accepts, with `flags` of open(2) and O_CLOEXEC.
[[nodiscard]] FileResult<Descriptor> open_in(const Beneath& beneath, std::string_view path,
                                             int flags, unsigned mode = 0);

/// What is asked of statx(2).
inline constexpr unsigned kStatusFields = STATX_BASIC_STATS | STATX_BTIME;

[[nodiscard]] FileResult<struct statx> look(const Descriptor& file);
[[nodiscard]] FileKind kind_of(unsigned mode);
[[nodiscard]] FileId id_of(const struct statx& status);
[[nodiscard]] FileStatus status_of(const struct statx& status, bool real_times);

/// Opens a file for a script. `path`: one that check_path() accepts.
[[nodiscard]] FileResult<std::unique_ptr<File>> open_for_script(
    const std::shared_ptr<MountRoot>& root, std::string_view path, const FileOpening& how);

}  // namespace sandglass::host
