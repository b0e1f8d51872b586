#include "machine/own_pages.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace sandglass::machine {
namespace {

// From Linux's include/uapi/linux/fs.h; Debian 12's headers are older than the call.
struct PageRegion {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t categories;
};
struct ScanArguments {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t regions;
  std::uint64_t region_count;
  std::uint64_t max_pages;
  std::uint64_t category_inverted;
  std::uint64_t category_mask;
  std::uint64_t category_anyof_mask;
  std::uint64_t return_mask;
};
constexpr std::uint64_t kIsFile = 1 << 2;
constexpr std::uint64_t kIsPresent = 1 << 3;
constexpr std::uint64_t kIsSwapped = 1 << 4;
constexpr std::uint64_t kIsZeroPage = 1 << 5;
const unsigned long kScanRequest = _IOWR('f', 16, ScanArguments);

std::atomic<int> pagemap_fd = -1;

std::atomic<std::uint64_t> thread_count = 0;
thread_local std::uint64_t own_thread_number = 0;

// What is known of this process is wrong in its children. False: they cannot be told apart.
bool forks_are_watched() {
  static const bool watched = [] {
    return pthread_atfork(nullptr, nullptr, [] {
             pagemap_fd.store(-1);
             own_thread_number = 0;
           }) == 0;
  }();
  return watched;
}

// A file of /proc/self belongs to the address space that opened it: a forked child opens its own.
int pagemap() {
  if (!forks_are_watched()) return -1;
  int fd = pagemap_fd.load();
  if (fd >= 0) return fd;
  const int opened = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap_fd.compare_exchange_strong(fd, opened)) return opened;
  if (opened >= 0) close(opened);
  return fd;
}

// SAFETY: addresses are told to the kernel, and compared, as numbers.
std::uintptr_t number(const std::byte* address) {
  return reinterpret_cast<std::uintptr_t>(address);
}

constexpr std::size_t kMaxRegions = 256;

ScanArguments scan_arguments(std::uintptr_t begin, std::size_t bytes,
                             std::span<PageRegion> regions) noexcept {
  ScanArguments arguments = {};
  arguments.size = sizeof arguments;
  arguments.start = begin;
  arguments.end = begin + bytes;
  arguments.regions = reinterpret_cast<std::uintptr_t>(regions.data());  // SAFETY: for the kernel
  arguments.region_count = regions.size();
  // Neither of the file nor the shared page of zeros, and there or swapped out.
  arguments.category_inverted = kIsFile | kIsZeroPage;
  arguments.category_mask = kIsFile | kIsZeroPage;
  arguments.category_anyof_mask = kIsPresent | kIsSwapped;
  // Not whether it is present: runs would be cut there.
  arguments.return_mask = kIsFile;
  return arguments;
}

std::optional<std::size_t> scan_by_ioctl(std::span<const std::byte> range, std::size_t max_pages,
                                         std::span<PageRun> runs) {
  std::array<PageRegion, kMaxRegions> regions;
  ScanArguments arguments =
      scan_arguments(number(range.data()), range.size(),
                     std::span(regions).first(std::min(runs.size(), kMaxRegions)));
  arguments.max_pages = max_pages;
  const int count = ioctl(pagemap(), kScanRequest, &arguments);
  if (count < 0 || arguments.walk_end != arguments.end) return std::nullopt;
  const auto found = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < found; ++i) {
    runs[i] = {static_cast<std::uintptr_t>(regions[i].start),
               static_cast<std::uintptr_t>(regions[i].end)};
  }
  return found;
}

// An entry of the file: whether it is that of an own page.
bool tells_own(std::uint64_t entry) noexcept {
  // Bits, proc(5): present, swapped, of a file or shared.
  constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
  constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
  constexpr std::uint64_t kOfFile = std::uint64_t{1} << 61;
  return (entry & (kPresent | kSwapped)) != 0 && (entry & kOfFile) == 0;
}

off_t offset_of_entry(std::uintptr_t page) noexcept {
  return static_cast<off_t>(page / kPageBytes * sizeof(std::uint64_t));
}

std::optional<std::size_t> scan_by_pagemap(std::span<const std::byte> range, std::size_t max_pages,
                                           std::span<PageRun> runs) {
  const std::uintptr_t begin = number(range.data());
  std::vector<std::uint64_t> entries(range.size() / kPageBytes);
  const std::size_t bytes = entries.size() * sizeof(std::uint64_t);
  if (pread(pagemap(), entries.data(), bytes, offset_of_entry(begin)) !=
      static_cast<ssize_t>(bytes)) {
    return std::nullopt;
  }
  std::size_t count = 0;
  std::size_t pages = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!tells_own(entries[i])) continue;
    const std::uintptr_t page = begin + i * kPageBytes;
    if (++pages > max_pages) return std::nullopt;
    if (count > 0 && runs[count - 1].end == page) {
      runs[count - 1].end += kPageBytes;
    } else if (count < runs.size()) {
      runs[count++] = {page, page + kPageBytes};
    } else {
      return std::nullopt;
    }
  }
  return count;
}

// Both kinds: one that waited for a disk is counted as major only.
std::optional<std::uint64_t> faults_of_thread() noexcept {
  rusage usage = {};
  if (getrusage(RUSAGE_THREAD, &usage) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(usage.ru_minflt) + static_cast<std::uint64_t>(usage.ru_majflt);
}

bool kernel_scans() noexcept {
  static const bool scans = [] {
    ScanArguments arguments = {};
    arguments.size = sizeof arguments;
    return ioctl(pagemap(), kScanRequest, &arguments) >= 0;  // of nothing
  }();
  return scans;
}

// Some systems that pass for Linux have the call, and answer zero.
bool system_counts_faults() noexcept {
  if (!forks_are_watched()) return false;
  void* const page =
      mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  const auto before = faults_of_thread();
  auto& word = *static_cast<volatile int*>(page);
  const int zero = word;  // of the shared page of zeros
  const auto after_read = faults_of_thread();
  word = zero + 1;  // in a page of our own
  const auto after_write = faults_of_thread();
  munmap(page, kPageBytes);
  return before && after_read && after_write && *before < *after_read && *after_read < *after_write;
}

}  // namespace

std::uint64_t thread_number() noexcept {
  if (own_thread_number == 0) own_thread_number = ++thread_count;
  return own_thread_number;
}

std::optional<FaultMark> fault_mark() noexcept {
  static const bool counted = system_counts_faults();
  if (!counted) return std::nullopt;
  const auto faults = faults_of_thread();
  return faults ? std::optional(FaultMark{thread_number(), *faults}) : std::nullopt;
}

bool may_be_own(std::uintptr_t page) noexcept {
  if (kernel_scans()) {
    std::array<PageRegion, 1> region;
    ScanArguments arguments = scan_arguments(page, kPageBytes, region);
    return ioctl(pagemap(), kScanRequest, &arguments) != 0;
  }
  std::uint64_t entry = 0;
  return pread(pagemap(), &entry, sizeof entry, offset_of_entry(page)) != sizeof entry ||
         tells_own(entry);
}

std::optional<std::size_t> find_own_pages(std::span<const std::byte> range, std::size_t max_pages,
                                          std::span<PageRun> runs, PageScan scan) {
  if (scan == PageScan::pagemap || (scan == PageScan::best && !kernel_scans())) {
    return scan_by_pagemap(range, max_pages, runs);
  }
  return scan_by_ioctl(range, max_pages, runs);
}

}  // namespace sandglass::machine
