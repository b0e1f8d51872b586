#include "machine/image.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include "machine/machine.h"
#include "machine/own_pages.h"

namespace sandglass::machine {
namespace {

static_assert(SANDGLASS_HEADER_BYTES % kPageBytes == 0);

std::error_code last_error() {
  return {errno, std::generic_category()};
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

std::error_code write_page(int fd, std::span<const std::byte> page, std::size_t offset) {
  while (!page.empty()) {
    const ssize_t written = pwrite(fd, page.data(), page.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_error();
    page = page.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
  return {};
}

// The header as it goes into the image: the instance struct without the host's addresses in it.
std::vector<std::byte> clean_header(const Machine& machine) {
  const std::byte* header = machine.slot().begin();
  std::vector<std::byte> copy(header, header + SANDGLASS_HEADER_BYTES);
  const std::byte* instance = reinterpret_cast<const std::byte*>(&machine.instance());
  Instance clean = machine.instance();
  clean.Z_env_instance = nullptr;
  clean.Z_wasi_snapshot_preview1_instance = nullptr;
  clean.w2c_memory.data = nullptr;
  clean.w2c___indirect_function_table.data = nullptr;
  std::memcpy(copy.data() + (instance - header), &clean, sizeof clean);
  return copy;
}

}  // namespace

Image::~Image() {
  // SAFETY: mapped by freeze(), and given away as const only.
  if (view_ != nullptr) munmap(const_cast<std::byte*>(view_), file_bytes_);
  if (fd_ >= 0) close(fd_);
}

std::expected<std::shared_ptr<const Image>, std::error_code> Image::freeze(const Machine& machine) {
  std::shared_ptr<Image> image(new Image);
  image->pages_ = machine.pages();
  image->stack_layout_ = machine.stack_layout();
  image->module_ = &machine.module();
  image->fd_ = memfd_create("sandglass-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (image->fd_ < 0) return std::unexpected(last_error());

  if (auto error = write_page(image->fd_, clean_header(machine), 0)) return std::unexpected(error);
  const auto& [stack, guard] = machine.stack_layout();
  const std::uint64_t memory_bytes = machine.pages() * kWasmPageBytes;
  std::size_t end = SANDGLASS_HEADER_BYTES;
  for (std::uint64_t address = 0; address < memory_bytes; address += kPageBytes) {
    // What lies below the stack pointer is dead, what lies in the guard cannot be read.
    const bool dead = address >= stack.begin &&
                      address + kPageBytes <= machine.instance().w2c___stack_pointer &&
                      address < stack.end;
    if (dead || (address >= guard.begin && address < guard.end)) continue;
    const std::span page(machine.slot().memory() + address, kPageBytes);
    if (is_zero(page)) continue;
    const std::size_t offset = SANDGLASS_HEADER_BYTES + address;
    if (auto error = write_page(image->fd_, page, offset)) return std::unexpected(error);
    end = offset + kPageBytes;
  }
  // Zeros at the end become a hole of the file, unless they are many: a hole that is written to
  // takes a page of the file besides. See Machine::own_runs for what it is good for.
  constexpr std::size_t kMaxHole = std::size_t{1} << 20;
  const std::size_t used = SANDGLASS_HEADER_BYTES + memory_bytes;
  if (used != end && used - end <= kMaxHole) {
    if (ftruncate(image->fd_, static_cast<off_t>(used)) != 0) return std::unexpected(last_error());
    end = used;
  }
  image->file_bytes_ = end;
  constexpr int kSeals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  if (fcntl(image->fd_, F_ADD_SEALS, kSeals) != 0) return std::unexpected(last_error());
  // Private, because kernels before 6.7 refuse shared mappings of a file that is sealed.
  void* view = mmap(nullptr, end, PROT_READ, MAP_PRIVATE, image->fd_, 0);
  if (view == MAP_FAILED) return std::unexpected(last_error());
  image->view_ = static_cast<const std::byte*>(view);
  static_cast<void>(
      fault_mark());  // finds out here whether there are any: a process may fork later
  return image;
}

}  // namespace sandglass::machine
