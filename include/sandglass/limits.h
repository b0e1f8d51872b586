#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sandglass {

/// What one VM may use. Each field tells its default, its range, and what happens at the limit.
/// Out of range is `Errc::invalid_argument` at `Runtime::create`, never a silent clamp.
///
/// Time, fuel and output are counted anew for each run (one `eval`, one conversion that runs
/// JavaScript); memory belongs to the VM and is counted from its creation or last `reset()`.
struct Limits {
  /// Linear memory of the guest: its heap, its static data, and its own stack up to 960 KiB. A
  /// larger stack lies in a region of its own, which `stack_bytes` bounds. Default 64 MiB. Range 2
  /// MiB to 4 GiB less one 64 KiB page; rounded down to whole pages. At the limit: the script sees
  /// a catchable InternalError; `Errc::memory_limit`; VM usable. Cost: address space is reserved
  /// anyway (4 GiB a VM), memory is taken as the guest grows.
  std::uint64_t memory_bytes = std::uint64_t{64} << 20;

  /// Stack of the engine inside the guest. The native stack that mirrors it is 16 times as large,
  /// taken only as it is used, and shared by the VMs that run one after another on a thread.
  /// Default 512 KiB. Range 64 KiB to 16 MiB.
  /// At the limit: the script sees a catchable RangeError; `Errc::stack_limit`; VM usable.
  std::uint64_t stack_bytes = std::uint64_t{512} << 10;

  /// Wall time of a run, host callbacks and awaited promises included.
  /// Default 5 s; `std::nullopt` is no limit. At least 1 ms.
  /// At the limit: an end that the script cannot catch; `Errc::time_limit`; VM usable if the
  /// script ended within `grace`.
  std::optional<std::chrono::nanoseconds> wall_time = std::chrono::seconds{5};

  /// CPU time of a run on its thread; waiting in host callbacks is free.
  /// Default none. At least 1 ms. As `wall_time` otherwise.
  std::optional<std::chrono::nanoseconds> cpu_time = std::nullopt;

  /// How long a script that is asked to end (time, `interrupt()`) may still compute: CPU time of
  /// its thread, so that a busy machine does not fault VMs. Script code ends within microseconds;
  /// some built-ins (a sort of a huge array, a BigInt power) do not look up and are cut off after
  /// this. Default 10 ms. Range 0 to 1 s. After a cut: `Error::vm_usable == false`;
  /// `Runtime::reset()` heals.
  std::chrono::nanoseconds grace = std::chrono::milliseconds{10};

  /// Work of a run, in units of 10,000 polls of the engine. A call polls once, a turn of a loop
  /// once or twice.
  /// The same script on the same VM state uses the same fuel on every machine.
  /// Default none. At least 1.
  /// At the limit: an end that the script cannot catch; `Errc::fuel_limit`; VM usable.
  std::optional<std::uint64_t> fuel = std::nullopt;

  /// UTF-8 bytes that a run may print, line ends included. The write that would exceed it is
  /// dropped. Default 1 MiB. 0 allows no output. At the limit: an end that the script cannot catch;
  /// `Errc::output_limit`; VM usable.
  std::uint64_t output_bytes = std::uint64_t{1} << 20;
};

}  // namespace sandglass
