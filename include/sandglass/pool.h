#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sandglass/convert.h"
#include "sandglass/function.h"
#include "sandglass/runtime.h"
#include "sandglass/snapshot.h"

namespace sandglass {

namespace runtime {
class PoolState;
}

/// How to make a Pool.
struct PoolOptions {
  /// VMs that are made at once, and about as many are kept when they are not leased. At least 1.
  std::size_t size = 4;

  /// VMs that live at one time, leased or not: whoever wants one more waits. At least `size`.
  std::size_t max_live = 64;

  /// What the heaps of all may use together if each goes to its `Limits::memory_bytes`: bounds
  /// `max_live` further, so that memory is never promised twice. Stacks come on top. None by
  /// default.
  std::optional<std::uint64_t> max_memory_bytes{};

  /// Of each VM; see Runtime::from. None: those of the snapshot.
  std::optional<Options> options{};

  /// Called by create() after each VM it has made, on its thread.
  std::function<void(std::size_t ready, std::size_t size)> progress{};
};

/// What a Pool has done.
struct PoolStats {
  std::size_t live = 0;            ///< VMs now
  std::size_t idle = 0;            ///< of these, ready to be leased
  std::uint64_t leases = 0;        ///< given out since creation
  std::uint64_t waits = 0;         ///< of these, after waiting for another to come back
  std::uint64_t timeouts = 0;      ///< not given out before their deadline
  std::uint64_t resets = 0;        ///< VMs taken back to the snapshot
  std::uint64_t replacements = 0;  ///< VMs thrown away because they were faulted or tainted
  /// Time that acquire() took, to an eighth, waiting included.
  std::chrono::nanoseconds acquire_p50{0};
  std::chrono::nanoseconds acquire_p99{0};
};

/// A VM of a pool, for as long as this lives. Then it goes back, and not a byte of what it did
/// stays: Values made with it answer `closed`.
///
/// Move-only; do not move its Runtime out of it.
/// Thread: that of its Runtime: one at a time; it may end on another than it began on.
/// Lifetime: it may outlive its Pool.
class Lease {
 public:
  Lease(Lease&& other) noexcept
      : pool_(std::move(other.pool_)), runtime_(std::move(other.runtime_)) {
    other.runtime_.reset();
  }
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) {
      give_back();
      pool_ = std::move(other.pool_);
      runtime_ = std::move(other.runtime_);
      other.runtime_.reset();
    }
    return *this;
  }
  ~Lease() { give_back(); }

  [[nodiscard]] Runtime& operator*() noexcept { return *runtime_; }
  [[nodiscard]] Runtime* operator->() noexcept { return &*runtime_; }

 private:
  friend class Pool;
  Lease(std::shared_ptr<runtime::PoolState> pool, Runtime runtime) noexcept
      : pool_(std::move(pool)), runtime_(std::move(runtime)) {}
  void give_back() noexcept;

  std::shared_ptr<runtime::PoolState> pool_;
  std::optional<Runtime> runtime_;
};

/// How Pool::run and Pool::call do it.
struct PoolRunOptions {
  EvalOptions eval{};
  /// For this run alone; its memory_bytes and stack_bytes are not looked at.
  std::optional<Limits> limits{};
  /// Until when to wait for a VM.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
};

/// VMs that start from one snapshot, made ahead and used again and again, each time as new:
///
///     auto pool = sandglass::Pool::create(snapshot, {.size = 8}).value();
///     auto answer = pool.run<int>("answer(42)");                  // on any thread
///     auto lease = pool.acquire().value();                        // or by hand
///     lease->eval("...");
///
/// Threads take VMs that they gave back themselves first. Who waits is served in the order of
/// arrival.
///
/// Thread: any, for all of it. Copies share the pool; with the last one its idle VMs go.
/// Fork:   a child has its own copies of the idle VMs, and the leases of the thread that forked.
///         Those of other threads stay out for ever: in the child drain() never sees them return,
///         and they count in max_live. Not while another thread is inside of a call of this pool:
///         the child would wait for its locks.
class Pool {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Makes `options.size` VMs. Errors: invalid_argument (a size is 0 or they contradict each other;
  ///         max_memory_bytes has no room for one VM; those of Runtime::from) · memory_limit.
  [[nodiscard]] static Result<Pool> create(const Snapshot& snapshot, PoolOptions options = {});

  /// A VM in the state of the snapshot. Waits while `max_live` are leased.
  /// Errors: time_limit (none came back before `deadline`) · closed (drain() was called) ·
  ///         memory_limit, budget_limit (one more VM cannot be made).
  [[nodiscard]] Result<Lease> acquire(Deadline deadline = Deadline::max()) const;

  /// Evaluates `source` in a fresh VM and gives its value as a T; void drops it.
  /// Errors: those of acquire, Context::eval and Value::as.
  template <class T = void>
  Result<T> run(std::string_view source, const PoolRunOptions& options = {}) const;

  /// Calls the global function `name` in a fresh VM. A promise that it returns is awaited.
  /// Errors: those of acquire, Value::call and Value::as.
  template <class T = void, class... A>
  Result<T> call(std::string_view name, A&&... arguments) const;
  template <class T = void, class... A>
  Result<T> call_with(const PoolRunOptions& options, std::string_view name, A&&... arguments) const;

  /// Leases no more, and waits until all VMs came back; then they are gone. Errors: time_limit
  /// (some are still out at `deadline`: they go when they come back).
  Result<void> drain(Deadline deadline = Deadline::max()) const;

  [[nodiscard]] PoolStats stats() const;

 private:
  explicit Pool(std::shared_ptr<runtime::PoolState> state) noexcept : state_(std::move(state)) {}
  [[nodiscard]] Result<Lease> acquire_for(const PoolRunOptions& options) const;

  std::shared_ptr<runtime::PoolState> state_;
};

template <class T>
Result<T> Pool::run(std::string_view source, const PoolRunOptions& options) const {
  static_assert(!std::is_same_v<T, Value>, "a Value would be closed: the VM goes back");
  Result<Lease> lease = acquire_for(options);
  if (!lease) return std::unexpected(std::move(lease.error()));
  if constexpr (std::is_void_v<T>) {
    const Result<Value> value = (*lease)->eval(source, options.eval);
    if (!value) return std::unexpected(value.error());
    return {};
  } else {
    return (*lease)->template eval<T>(source, options.eval);
  }
}

template <class T, class... A>
Result<T> Pool::call_with(const PoolRunOptions& options, std::string_view name,
                          A&&... arguments) const {
  static_assert(!std::is_same_v<T, Value>, "a Value would be closed: the VM goes back");
  Result<Lease> lease = acquire_for(options);
  if (!lease) return std::unexpected(std::move(lease.error()));
  const Runtime& vm = **lease;
  Scope scope(vm);
  Result<T> result = [&]() -> Result<T> {
    const Result<Value> function = vm.get(name);
    if (!function) return std::unexpected(function.error());
    const Result<Value> value = function->call(std::forward<A>(arguments)...);
    if (!value) return std::unexpected(value.error());
    return vm.await<T>(*value);
  }();
  const Result<void> closed = scope.close();
  if (result && !closed) return std::unexpected(closed.error());
  return result;
}

template <class T, class... A>
Result<T> Pool::call(std::string_view name, A&&... arguments) const {
  return call_with<T>({}, name, std::forward<A>(arguments)...);
}

}  // namespace sandglass
