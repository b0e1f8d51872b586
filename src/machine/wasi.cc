// The WASI functions that the guest imports: a world without files, with a clock that stands still
// and random bytes from a fixed seed.
//
// All of them are leaves that run on the guest's stack and may be abandoned anywhere.
#include <array>
#include <cstdint>
#include <cstring>

#include "machine/machine.h"

namespace {

using sandglass::machine::Machine;

// Error numbers of wasi_snapshot_preview1.
constexpr std::uint32_t kSuccess = 0;
constexpr std::uint32_t kBadFileDescriptor = 8;
constexpr std::uint32_t kFault = 21;

// 2022-01-01T00:00:00Z in nanoseconds.
constexpr std::uint64_t kFixedTime = 1640995200ull * 1'000'000'000ull;

// SAFETY: Machine::map_from_image and Module put the machine's address there.
Machine& machine_of(Z_wasi_snapshot_preview1_instance_t* wasi) {
  return *reinterpret_cast<Machine*>(wasi);
}

}  // namespace

extern "C" {

SANDGLASS_UNINSTRUMENTED u32 Z_wasi_snapshot_preview1Z_clock_time_get(
    Z_wasi_snapshot_preview1_instance_t* wasi, u32, u64, u32 result) {
  return machine_of(wasi).store(result, kFixedTime) ? kSuccess : kFault;
}

SANDGLASS_UNINSTRUMENTED u32 Z_wasi_snapshot_preview1Z_random_get(
    Z_wasi_snapshot_preview1_instance_t* wasi, u32 buffer, u32 bytes) {
  Machine& machine = machine_of(wasi);
  std::byte* into = machine.resolve(buffer, bytes);
  if (into == nullptr) return kFault;
  for (u32 done = 0; done < bytes; done += 8) {
    const std::uint64_t word = machine.next_random();
    std::memcpy(into + done, &word, bytes - done < 8 ? bytes - done : 8);
  }
  return kSuccess;
}

u32 Z_wasi_snapshot_preview1Z_fd_close(Z_wasi_snapshot_preview1_instance_t*, u32) {
  return kBadFileDescriptor;
}
u32 Z_wasi_snapshot_preview1Z_fd_fdstat_get(Z_wasi_snapshot_preview1_instance_t*, u32, u32) {
  return kBadFileDescriptor;
}
u32 Z_wasi_snapshot_preview1Z_fd_seek(Z_wasi_snapshot_preview1_instance_t*, u32, u64, u32, u32) {
  return kBadFileDescriptor;
}
u32 Z_wasi_snapshot_preview1Z_fd_write(Z_wasi_snapshot_preview1_instance_t*, u32, u32, u32, u32) {
  return kBadFileDescriptor;
}
}
