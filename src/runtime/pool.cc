#include "sandglass/pool.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "runtime/options.h"

namespace sandglass {
namespace runtime {
namespace {

using Clock = std::chrono::steady_clock;

// Counts durations in buckets an eighth apart.
class Histogram {
 public:
  void add(std::chrono::nanoseconds duration) noexcept {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 1));
    buckets_[bucket_of(value)].fetch_add(1, std::memory_order_relaxed);
  }
  /// Below which `share` of them are.
  [[nodiscard]] std::chrono::nanoseconds quantile(double share) const noexcept {
    std::uint64_t total = 0;
    for (const auto& bucket : buckets_) total += bucket.load(std::memory_order_relaxed);
    const auto wanted = static_cast<std::uint64_t>(static_cast<double>(total) * share);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i].load(std::memory_order_relaxed);
      if (seen > wanted) return std::chrono::nanoseconds(end_of(i));
    }
    return std::chrono::nanoseconds(0);
  }

 private:
  static constexpr std::size_t kSteps = 8;
  static std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < kSteps) return value;
    const auto exponent = static_cast<std::size_t>(std::bit_width(value)) - 1;
    const auto step = (value >> (exponent - 3)) & (kSteps - 1);
    return std::min<std::size_t>((exponent - 2) * kSteps + step, kBuckets - 1);
  }
  static std::int64_t end_of(std::size_t bucket) noexcept {
    if (bucket < kSteps) return static_cast<std::int64_t>(bucket) + 1;
    const std::size_t exponent = bucket / kSteps + 2;
    return (std::int64_t{1} << exponent) +
           (static_cast<std::int64_t>(bucket % kSteps + 1) << (exponent - 3));
  }

  static constexpr std::size_t kBuckets = 45 * kSteps;  // up to some hours
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_ = {};
};

// VMs that threads of one kind gave back; the last is the warmest.
struct alignas(64) Shard {
  std::mutex mutex;
  std::vector<Runtime> idle;
};

// Which shard is this thread's.
std::size_t thread_number() {
  static std::atomic<std::size_t> next = 0;
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

}  // namespace

/// Where VMs wait, and who waits for them.
///
/// A VM that comes back is put into a shard first, and whoever waits is looked for after that; who
/// wants one says that it waits first, and looks into the shards again after that. So neither can
/// miss the other.
class PoolState : public std::enable_shared_from_this<PoolState> {
 public:
  PoolState(const Snapshot& snapshot, PoolOptions options, Options vm_options)
      : snapshot_(snapshot),
        options_(std::move(options)),
        vm_options_(std::move(vm_options)),
        shards_(std::max(std::thread::hardware_concurrency(), 1U)) {}

  [[nodiscard]] Result<void> warm_up() {
    for (std::size_t i = 0; i < options_.size; ++i) {
      auto vm = make();
      if (!vm) return std::unexpected(std::move(vm.error()));
      live_.fetch_add(1);
      put(std::move(*vm));
      if (options_.progress) options_.progress(i + 1, options_.size);
    }
    return {};
  }

  [[nodiscard]] Result<Runtime> acquire(Clock::time_point deadline) {
    const Clock::time_point begin = Clock::now();
    Result<Runtime> vm = acquire_within(deadline);
    if (vm) {
      leases_.fetch_add(1, std::memory_order_relaxed);
      times_.add(Clock::now() - begin);
    }
    return vm;
  }

  void give_back(Runtime vm) noexcept {
    if (!vm.usable() || (vm.tainted() && !snapshot_.tainted())) {
      replacements_.fetch_add(1, std::memory_order_relaxed);
      replace(std::move(vm));
      return;
    }
    if (!closed_.load() && (idle_.load() < options_.size || waiting_.load() != 0)) {
      if (vm.reset() && vm.set_limits(vm_options_.limits)) {
        resets_.fetch_add(1, std::memory_order_relaxed);
        put(std::move(vm));
        settle();
        return;
      }
    }
    {
      const Runtime gone = std::move(vm);
    }
    one_less();
    serve();
  }

  /// Closes for good; waits until no VM is left, or `deadline`.
  [[nodiscard]] bool drain(Clock::time_point deadline) {
    close();
    std::unique_lock lock(mutex_);
    const auto empty = [this] { return live_.load() == 0; };
    if (deadline == Clock::time_point::max()) {
      drained_.wait(lock, empty);
      return true;
    }
    return drained_.wait_until(lock, deadline, empty);
  }

  void close() noexcept {
    {
      const std::lock_guard lock(mutex_);
      closed_.store(true);
      for (Waiter* waiter : waiters_) waiter->ready.notify_one();
    }
    drop_idle();
  }

  void drop_idle() noexcept {
    for (Shard& shard : shards_) {
      std::vector<Runtime> gone;
      {
        const std::lock_guard lock(shard.mutex);
        gone.swap(shard.idle);
      }
      const std::size_t count = gone.size();
      idle_.fetch_sub(count);
      gone.clear();
      for (std::size_t i = 0; i < count; ++i) one_less();
    }
  }

  [[nodiscard]] PoolStats stats() const {
    return {.live = live_.load(),
            .idle = idle_.load(),
            .leases = leases_.load(),
            .waits = waits_.load(),
            .timeouts = timeouts_.load(),
            .resets = resets_.load(),
            .replacements = replacements_.load(),
            .acquire_p50 = times_.quantile(0.5),
            .acquire_p99 = times_.quantile(0.99)};
  }

 private:
  struct Waiter {
    std::condition_variable ready;
    std::optional<Result<Runtime>> vm;
  };

  [[nodiscard]] Result<Runtime> make() const { return Runtime::from(snapshot_, vm_options_); }

  [[nodiscard]] static Error closed() {
    return {.code = Errc::closed, .message = "the pool was drained"};
  }

  [[nodiscard]] Result<Runtime> acquire_within(Clock::time_point deadline) {
    if (closed_.load()) return std::unexpected(closed());
    // Those who wait come first.
    if (waiting_.load() == 0) {
      if (auto vm = take()) return std::move(*vm);
      if (auto vm = make_one_more()) {
        if (!*vm) serve();
        return std::move(*vm);
      }
    }
    std::unique_lock lock(mutex_);
    Waiter self;
    waiters_.push_back(&self);
    waiting_.fetch_add(1);
    lock.unlock();
    serve();
    lock.lock();
    const auto served = [&] { return self.vm.has_value() || closed_.load(); };
    if (!served()) {
      waits_.fetch_add(1, std::memory_order_relaxed);
      if (deadline == Clock::time_point::max()) {
        self.ready.wait(lock, served);
      } else {
        self.ready.wait_until(lock, deadline, served);
      }
    }
    if (self.vm) return std::move(*self.vm);
    waiters_.erase(std::ranges::find(waiters_, &self));
    waiting_.fetch_sub(1);
    if (closed_.load()) return std::unexpected(closed());
    timeouts_.fetch_add(1, std::memory_order_relaxed);
    return std::unexpected(Error{
        .code = Errc::time_limit,
        .message =
            fmt::format("none of the pool's {} VMs came back before the deadline", live_.load())});
  }

  // Hands what is there to those who wait, in their order.
  void serve() noexcept {
    while (waiting_.load() != 0) {
      std::optional<Result<Runtime>> vm;
      if (auto idle = take()) {
        vm.emplace(std::move(*idle));
      } else {
        vm = make_one_more();
      }
      // The host cannot make one: who waits may have that of another, if any is to come back.
      if (!vm || (!*vm && live_.load() != 0)) return;
      const std::lock_guard lock(mutex_);
      if (waiters_.empty()) {
        if (*vm) put(std::move(**vm));
        return;
      }
      Waiter& first = *waiters_.front();
      waiters_.pop_front();
      waiting_.fetch_sub(1);
      first.vm = std::move(vm);
      first.ready.notify_one();
    }
  }

  [[nodiscard]] std::optional<Runtime> take() noexcept {
    if (idle_.load() == 0) return std::nullopt;
    const std::size_t own = thread_number() % shards_.size();
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      Shard& shard = shards_[(own + i) % shards_.size()];
      const std::lock_guard lock(shard.mutex);
      if (shard.idle.empty()) continue;
      Runtime vm = std::move(shard.idle.back());
      shard.idle.pop_back();
      idle_.fetch_sub(1);
      return vm;
    }
    return std::nullopt;
  }

  void put(Runtime vm) noexcept {
    Shard& shard = shards_[thread_number() % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    shard.idle.push_back(std::move(vm));
    idle_.fetch_add(1);
  }

  // nullopt: there are as many as may live.
  [[nodiscard]] std::optional<Result<Runtime>> make_one_more() {
    std::size_t live = live_.load();
    do {
      if (live >= options_.max_live) return std::nullopt;
    } while (!live_.compare_exchange_weak(live, live + 1));
    if (closed_.load()) {
      one_less();
      return std::nullopt;
    }
    Result<Runtime> vm = make();
    if (!vm) one_less();
    return vm;
  }

  void replace(Runtime vm) noexcept {
    {
      const Runtime gone = std::move(vm);
    }
    if (!closed_.load() && idle_.load() < options_.size) {
      if (auto made = make()) {
        put(std::move(*made));
        settle();
        return;
      }
    }
    one_less();
    serve();
  }

  // After one was put: it may be waited for, or the pool may have been closed meanwhile.
  void settle() noexcept {
    serve();
    if (closed_.load()) drop_idle();
  }

  void one_less() noexcept {
    if (live_.fetch_sub(1) != 1) return;
    const std::lock_guard lock(mutex_);
    drained_.notify_all();
  }

  const Snapshot snapshot_;
  const PoolOptions options_;
  const Options vm_options_;
  std::vector<Shard> shards_;
  std::mutex mutex_;
  std::condition_variable drained_;
  std::deque<Waiter*> waiters_;
  std::atomic<std::size_t> waiting_ = 0;  // of waiters_
  std::atomic<bool> closed_ = false;
  std::atomic<std::size_t> live_ = 0;
  std::atomic<std::size_t> idle_ = 0;
  std::atomic<std::uint64_t> leases_ = 0;
  std::atomic<std::uint64_t> waits_ = 0;
  std::atomic<std::uint64_t> timeouts_ = 0;
  std::atomic<std::uint64_t> resets_ = 0;
  std::atomic<std::uint64_t> replacements_ = 0;
  Histogram times_;
};

}  // namespace runtime

void Lease::give_back() noexcept {
  if (!runtime_) return;
  pool_->give_back(std::move(*runtime_));
  runtime_.reset();
  pool_.reset();
}

Result<Pool> Pool::create(const Snapshot& snapshot, PoolOptions options) {
  using runtime::format_bytes;
  using runtime::invalid;
  Options vm_options = snapshot.options();
  if (options.options) vm_options = std::move(*options.options);
  options.options.reset();
  if (auto error = runtime::find_invalid(vm_options)) return std::unexpected(std::move(*error));
  if (options.size == 0) return std::unexpected(invalid("a pool's size must be at least 1"));
  if (options.max_live < options.size) {
    return std::unexpected(invalid(
        fmt::format("max_live of {} is less than size ({})", options.max_live, options.size)));
  }
  if (options.max_memory_bytes) {
    const std::uint64_t each = vm_options.limits.memory_bytes;
    const std::uint64_t fit = *options.max_memory_bytes / each;
    if (fit < options.size) {
      return std::unexpected(invalid(fmt::format(
          "max_memory_bytes of {} has room for {} VMs of {}, not for size ({})",
          format_bytes(*options.max_memory_bytes), fit, format_bytes(each), options.size)));
    }
    options.max_live = std::min<std::uint64_t>(options.max_live, fit);
  }
  // When the last Pool goes, its idle VMs go too, whoever still has a lease.
  auto* made = new runtime::PoolState(snapshot, std::move(options), std::move(vm_options));
  const std::shared_ptr<runtime::PoolState> inner(made);
  if (auto warm = inner->warm_up(); !warm) return std::unexpected(std::move(warm.error()));
  return Pool(std::shared_ptr<runtime::PoolState>(
      made, [inner](runtime::PoolState* state) { state->close(); }));
}

Result<Lease> Pool::acquire(Deadline deadline) const {
  Result<Runtime> vm = state_->acquire(deadline);
  if (!vm) return std::unexpected(std::move(vm.error()));
  return Lease(state_->shared_from_this(), std::move(*vm));
}

Result<Lease> Pool::acquire_for(const PoolRunOptions& options) const {
  Result<Lease> lease = acquire(options.deadline);
  if (!lease || !options.limits) return lease;
  Limits limits = *options.limits;
  limits.memory_bytes = (*lease)->limits().memory_bytes;
  limits.stack_bytes = (*lease)->limits().stack_bytes;
  if (auto set = (*lease)->set_limits(limits); !set) {
    return std::unexpected(std::move(set.error()));
  }
  return lease;
}

Result<void> Pool::drain(Deadline deadline) const {
  if (state_->drain(deadline)) return {};
  return std::unexpected(
      Error{.code = Errc::time_limit,
            .message = fmt::format("{} VMs of the pool are still out", state_->stats().live)});
}

PoolStats Pool::stats() const {
  return state_->stats();
}

}  // namespace sandglass
