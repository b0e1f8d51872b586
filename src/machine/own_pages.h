// Which pages of a private mapping the process has copies of its own of: what was written to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace sandglass::machine {

inline constexpr std::size_t kPageBytes = 4096;

/// How the kernel is asked.
enum class PageScan : std::uint8_t {
  best,     ///< the first of the others that this kernel has
  ioctl,    ///< PAGEMAP_SCAN, since Linux 6.7: the kernel finds them itself
  pagemap,  ///< /proc/self/pagemap, read entry by entry
};

/// Pages that follow one another, in memory.
struct PageRun {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

/// Finds the pages of `range` (whole pages, of private mappings) that are this process's own, in
/// order. What was only read is not among them.
///
/// Returns how many runs were written to `runs`; nullopt if the kernel does not tell, if there are
/// more runs than fit, or more than `max_pages` pages.
/// Time: one system call by ioctl, O(pages that are mapped); by pagemap O(pages of the range).
/// Thread: any.
[[nodiscard]] std::optional<std::size_t> find_own_pages(std::span<const std::byte> range,
                                                        std::size_t max_pages,
                                                        std::span<PageRun> runs,
                                                        PageScan scan = PageScan::best);

/// Whether one page of a private mapping is the process's own, or the kernel does not tell.
/// Time: one system call.
[[nodiscard]] bool may_be_own(std::uintptr_t page) noexcept;

/// A number of the calling thread that no other thread has had. In the child of a fork it is
/// another one.
[[nodiscard]] std::uint64_t thread_number() noexcept;

/// How many page faults the calling thread has had. If two marks are equal, it has had none in
/// between: nothing that it wrote to has become the process's own meanwhile. (In the child of a
/// fork that passes libc by, they may be equal by accident.)
struct FaultMark {
  std::uint64_t thread = 0;
  std::uint64_t faults = 0;
  friend bool operator==(const FaultMark&, const FaultMark&) = default;
};

/// The own pages of a range that is mapped from a file, where they are few, for as long as the
/// thread that found them has no page fault and no other thread writes there.
struct KnownPages {
  std::array<PageRun, 48> runs = {};
  std::size_t count = 0;
  /// A page that is not among them. mlockall(), by whatever thread, would make it the process's own
  /// as well as all others. 0: all of the range are among them.
  std::uintptr_t witness = 0;
  std::optional<FaultMark> at;  ///< When they were found; nullopt: they are not known.
};

/// nullopt: the system does not count them. Time: one short system call.
[[nodiscard]] std::optional<FaultMark> fault_mark() noexcept;

}  // namespace sandglass::machine
