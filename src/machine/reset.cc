// Taking a machine back to its image.
#include <algorithm>
#include <array>
#include <cstring>
#include <sys/mman.h>
#include <utility>

#include "machine/image.h"
#include "machine/machine.h"
#include "machine/own_pages.h"

namespace sandglass::machine {
namespace {

constexpr std::size_t kMaxRuns = 256;
static_assert(std::tuple_size_v<decltype(KnownPages::runs)> <= kMaxRuns);
// Up to here copying costs less than what the page faults of the next run would; beyond, the memory
// is better given back. Measured by bench/lifecycle_bench.
constexpr std::size_t kMaxKeptPages = 512;
// Pages that one big run left, and small ones do not need, are dropped at each so-manieth reset, if
// there are more than these.
constexpr std::uint32_t kTidyEach = 16;
constexpr std::size_t kFewPages = 64;
// And once early, however few there are: what the preparation of a VM wrote to, its runs do not.
constexpr std::uint32_t kSettlesAt = 8;

}  // namespace

std::size_t Machine::image_end() const noexcept {
  return SANDGLASS_HEADER_BYTES + image_->pages() * kWasmPageBytes;
}

std::error_code Machine::reset(ResetWay way) {
  return restore(way, kMaxKeptPages);
}

std::error_code Machine::restore(ResetWay way, std::size_t max_pages) {
  if (running()) return std::make_error_code(std::errc::device_or_resource_busy);
  ++resets_;
  const std::size_t present_end = SANDGLASS_HEADER_BYTES + pages_ * kWasmPageBytes;
  // A failure half-way leaves the machine faulted.
  fault_ = Trap::out_of_bounds;
  if (options_.account != nullptr && charged_pages_ > image_->pages()) {
    const std::uint64_t more = charged_pages_ - image_->pages();
    charged_pages_ = image_->pages();
    options_.account->give_memory(more * kWasmPageBytes);
  }
  if (present_end > image_end()) {
    if (auto error = slot_.decommit(image_end(), present_end - image_end())) return error;
  }
  if (!mapped_) {  // an earlier attempt failed half-way
    if (auto error = slot_.decommit(0, image_end())) return error;
    keeps_pages_ = false;
    return map_from_image();
  }
  bool copied = false;
  switch (way) {
    case ResetWay::best:
      copied = copy_back(PageScan::best, max_pages);
      break;
    case ResetWay::copy_by_ioctl:
      copied = copy_back(PageScan::ioctl, max_pages);
      break;
    case ResetWay::copy_by_pagemap:
      copied = copy_back(PageScan::pagemap, max_pages);
      break;
    case ResetWay::drop:
      break;
  }
  if (!copied) {
    if (auto error = drop_pages()) return error;
  }
  keeps_pages_ = copied && keeps_pages_;
  attach();
  return {};
}

// SAFETY: runs lie inside the slot, as the kernel found them there; sources inside the image's
// view.
bool Machine::copy_back(PageScan scan, std::size_t max_pages) noexcept {
  std::array<PageRun, kMaxRuns> runs;
  const auto count = own_runs(scan, max_pages, runs);
  if (!count) return false;
  std::size_t pages = 0;
  for (const PageRun& run : std::span(runs).first(*count)) {
    pages += (run.end - run.begin) / kPageBytes;
  }
  if (pages > max_pages) return false;
  const std::span<const std::byte> view = image_->view();
  const auto& [stack, guard] = image_->stack_layout();
  // A stack in a region of its own starts as zeros, whatever the file has there.
  const std::size_t zeros_begin =
      guard.size() != 0 ? SANDGLASS_HEADER_BYTES + guard.begin : view.size();
  const std::size_t zeros_end =
      guard.size() != 0 ? SANDGLASS_HEADER_BYTES + stack.end : view.size();
  const auto base = reinterpret_cast<std::uintptr_t>(slot_.begin());
  static constexpr std::array<std::byte, kPageBytes> kZeros = {};
  const bool tidy = resets_ == kSettlesAt || (resets_ % kTidyEach == 0 && pages > kFewPages);
  for (const PageRun& run : std::span(runs).first(*count)) {
    for (std::size_t at = run.begin - base; at < run.end - base; at += kPageBytes) {
      const bool zero = at >= view.size() || (at >= zeros_begin && at < zeros_end);
      const std::byte* const from = zero ? kZeros.data() : view.data() + at;
      std::byte* const page = slot_.begin() + at;
      if (tidy && std::memcmp(page, from, kPageBytes) == 0) {
        madvise(page, kPageBytes, MADV_DONTNEED);
        known_.at.reset();
      } else {
        std::memcpy(page, from, kPageBytes);
      }
    }
  }
  return true;
}

// What the guest and the host write to becomes the machine's own by a page fault of the thread that
// writes, and is still it until it is dropped. So where that thread has had no fault since the own
// pages were found, they are the same, or fewer: asking the kernel again, which looks at each page
// of the image, would take longer than to copy them. Besides, there is what makes whole mappings
// the process's own: mlockall(), which the witness tells of, and huge pages, which the kernel makes
// of anonymous memory alone.
std::optional<std::size_t> Machine::own_runs(PageScan scan, std::size_t max_pages,
                                             std::span<PageRun> runs) noexcept {
  note_thread();
  // Any thread may write there at any time. From now on it makes no fault.
  interrupts_.set_countdown(1);
  if (scan == PageScan::best && known_.at && known_.at == fault_mark() &&
      (known_.witness == 0 || !may_be_own(known_.witness))) {
    std::ranges::copy(std::span(known_.runs).first(known_.count), runs.begin());
    return known_.count;
  }
  known_.at = fault_mark();
  const auto count = find_own_pages({slot_.begin(), image_end()}, max_pages + 1, runs, scan);
  const bool all_of_file =
      image_->stack_layout().guard.size() == 0 && image_->file_bytes() >= image_end();
  if (count && *count <= known_.runs.size() && all_of_file) {
    std::ranges::copy(runs.first(*count), known_.runs.begin());
    known_.count = *count;
    const auto begin = reinterpret_cast<std::uintptr_t>(slot_.begin());
    std::uintptr_t end = begin + image_end();
    for (std::size_t i = *count; i > 0 && runs[i - 1].end == end; --i) end = runs[i - 1].begin;
    known_.witness = end > begin ? end - kPageBytes : 0;
  } else {
    known_.at.reset();
  }
  return count;
}

std::error_code Machine::drop_pages() noexcept {
  known_.at.reset();
  if (madvise(slot_.begin(), image_end(), MADV_DONTNEED) == 0) return {};
  // Locked memory cannot be dropped: it is mapped anew.
  mapped_ = false;
  const std::size_t from = image_->file_bytes();
  if (auto error = slot_.decommit(from, image_end() - from)) return error;
  return map_from_image();
}

std::vector<GuestRange> Machine::written_pages() const {
  std::vector<PageRun> runs(4096);
  const auto count =
      find_own_pages({slot_.memory(), image_->pages() * kWasmPageBytes}, SIZE_MAX, runs);
  std::vector<GuestRange> ranges;
  const auto base = reinterpret_cast<std::uintptr_t>(slot_.memory());
  for (const PageRun& run : std::span(runs).first(count.value_or(0))) {
    ranges.push_back(
        {static_cast<std::uint32_t>(run.begin - base), static_cast<std::uint32_t>(run.end - base)});
  }
  return ranges;
}

}  // namespace sandglass::machine
