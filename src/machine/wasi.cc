// The WASI functions that the guest imports: a world without files, with a clock and random bytes
// as the machine's owner grants them.
//
// All of them are leaves that run on the guest's stack and may be abandoned anywhere.
#include <array>
#include <cstdint>

#include "machine/machine.h"

namespace {

using sandglass::machine::Machine;

// Error numbers of wasi_snapshot_preview1.
constexpr std::uint32_t kSuccess = 0;
constexpr std::uint32_t kBadFileDescriptor = 8;
constexpr std::uint32_t kFault = 21;
constexpr std::uint32_t kIoError = 29;

constexpr std::uint32_t kRealtime = 0;  // clock ids of wasi_snapshot_preview1

// SAFETY: Machine::map_from_image and Module put the machine's address there.
Machine& machine_of(Z_wasi_snapshot_preview1_instance_t* wasi) {
  return *reinterpret_cast<Machine*>(wasi);
}

}  // namespace

extern "C" {

SANDGLASS_UNINSTRUMENTED u32 Z_wasi_snapshot_preview1Z_clock_time_get(
    Z_wasi_snapshot_preview1_instance_t* wasi, u32 clock, u64, u32 result) {
  const Machine& machine = machine_of(wasi);
  const std::uint64_t now =
      clock == kRealtime ? machine.clock().wall_now() : machine.clock().monotonic_now();
  return machine.store(result, now) ? kSuccess : kFault;
}

SANDGLASS_UNINSTRUMENTED u32 Z_wasi_snapshot_preview1Z_random_get(
    Z_wasi_snapshot_preview1_instance_t* wasi, u32 buffer, u32 bytes) {
  Machine& machine = machine_of(wasi);
  std::byte* into = machine.resolve(buffer, bytes);
  if (into == nullptr) return kFault;
  return machine.random_bytes({into, bytes}) ? kSuccess : kIoError;
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
