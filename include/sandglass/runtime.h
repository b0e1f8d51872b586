#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sandglass/context.h"
#include "sandglass/error.h"
#include "sandglass/options.h"
#include "sandglass/snapshot.h"
#include "sandglass/value.h"

namespace sandglass {

/// What a VM has used since its creation or last reset().
///
/// The CPU clock of a thread costs as much to read as a small script takes. So the beginning of a
/// run, up to its first call of the host or its first 10,000 polls (some 100 µs), counts in `cpu`
/// as long as it took on the wall clock.
struct Stats {
  std::uint64_t runs = 0;               ///< evals, and conversions that entered the guest
  std::chrono::nanoseconds wall{0};     ///< in runs, host callbacks included
  std::chrono::nanoseconds cpu{0};      ///< in runs, of the threads that ran them; see below
  std::uint64_t memory_bytes = 0;       ///< heap now in use by live objects
  std::uint64_t memory_peak_bytes = 0;  ///< linear memory taken, what `Limits::memory_bytes` bounds
  std::uint64_t stack_peak_bytes = 0;   ///< deepest use of the guest's stack, to the page
  std::uint64_t fuel = 0;               ///< units of 10,000 polls, rounded down
  std::uint64_t output_bytes = 0;       ///< printed, dropped or not
  std::uint64_t host_functions = 0;     ///< C++ callables that the script can reach now
  std::uint64_t host_objects = 0;       ///< C++ objects that the script can reach now
};

/// A JavaScript virtual machine of its own, inside its limits.
///
/// It starts as a copy-on-write view of a prepared image, so creation costs microseconds, and
/// shares no state with any other Runtime. What one does with it is in Context. The script can
/// compute and print; unless `Options::grants` hands it more, it has no files, no network, a clock
/// that stands at 2022-01-01T00:00:00Z, and a random generator with a fixed seed.
///
/// Thread:   one at a time; it may move between threads between calls. Only `interrupt()` may be
///           called concurrently. Different Runtimes are independent.
/// Signals:  creation of the first Runtime installs handlers for SIGSEGV, SIGBUS, SIGFPE and SIGURG
///           which act only on faults of guest code and pass all else to the handler before them.
///           During a run its thread has these signals unblocked; it gets an alternate signal
///           stack if it has none.
/// Lifetime: Values may outlive it, see Value. A callback may drop it: its run goes on to its end.
/// Fork:     a child process has its own copy of it, copy-on-write, under the same limits. One that
///           another thread was running at the fork can only be dropped there. Not while another
///           thread makes the first Runtime of the process.
class Runtime : public Context {
 public:
  /// Makes a VM. About 10 µs; the first of a process also prepares the image (milliseconds).
  /// Errors: invalid_argument (an option out of range; the message names it) ·
  ///         memory_limit (the host has no address space or memory for it) · budget_limit
  ///         (`options.budget` has none left).
  [[nodiscard]] static Result<Runtime> create(Options options = {});

  /// Makes a VM in the state that `snapshot` holds. Microseconds, whatever is in it.
  /// `options` may differ from those of the VM it was taken of, as long as its memory fits:
  ///
  ///     sandglass::Options options = snapshot.options();
  ///     options.limits.wall_time = 20ms;
  ///     auto vm = sandglass::Runtime::from(snapshot, options);
  ///
  /// Errors: those of create; invalid_argument (memory_bytes is less than the snapshot takes, or
  ///         stack_bytes is on the other side of 960 KiB).
  [[nodiscard]] static Result<Runtime> from(const Snapshot& snapshot);
  [[nodiscard]] static Result<Runtime> from(const Snapshot& snapshot, Options options);

  Runtime(Runtime&&) noexcept;
  Runtime& operator=(Runtime&&) noexcept;
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  /// Drops the VM's memory; never runs script code. Microseconds, whatever the heap holds.
  ~Runtime();

  /// Takes the VM back to the state it was created in (empty, or that of its snapshot), whatever
  /// happened to it; no byte differs. Values made before answer `closed`. Microseconds; what a big
  /// run took of the system's memory is given back.
  /// Errors: memory_limit (the host has no memory for it; the VM stays faulted) · invalid_argument
  ///         (called from inside one of its own callbacks).
  [[nodiscard]] Result<void> reset();

  /// Freezes the VM's state, for any number of VMs to start from; this one goes on as it was.
  /// Jobs that are due run first, and garbage is collected. O(memory in use).
  /// Errors: invalid_argument (called from inside one of its own callbacks) · closed (it is
  ///         faulted) · those of eval without syntax · memory_limit (the host has no memory).
  [[nodiscard]] Result<Snapshot> snapshot();

  /// A second VM in the state of this one, in this process: snapshot() and from().
  [[nodiscard]] Result<Runtime> fork();

  /// Frees unreachable cycles now. O(heap). Errors: as eval, without syntax and threw.
  [[nodiscard]] Result<void> collect_garbage();

  /// Ends the run that is going on, if any: it returns `Errc::interrupted`. Any thread, also while
  /// another thread is inside eval(); not from a signal handler. The Runtime must stay alive.
  void interrupt() noexcept;

  /// What was used since creation or the last reset(). O(live objects) for `memory_bytes`.
  [[nodiscard]] Stats stats() const;

  /// The limits in force.
  [[nodiscard]] const Limits& limits() const noexcept;
  /// Other limits, from the next run on, also after reset(). memory_bytes and stack_bytes stay what
  /// they are.
  /// Errors: invalid_argument (out of range; memory_bytes or stack_bytes differ; called from inside
  ///         one of its own callbacks).
  [[nodiscard]] Result<void> set_limits(const Limits& limits);

 private:
  explicit Runtime(std::shared_ptr<runtime::Vm> vm) noexcept;
  std::shared_ptr<runtime::Vm> owned_;
};

}  // namespace sandglass
