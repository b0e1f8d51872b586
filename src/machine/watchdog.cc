#include "machine/watchdog.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <signal.h>
#include <sys/prctl.h>
#include <thread>
#include <utility>

#include "machine/signals.h"

namespace sandglass::machine {

namespace {

// The wall clock stands in for one that the host does not let us read, as a filter of system calls
// may have it.
std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec now = {};
  if (clock_gettime(clock, &now) != 0) clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// A deadline so far away that adding it would overflow is none.
Watch::Clock::time_point after(Watch::Clock::time_point from, std::chrono::nanoseconds delay,
                               Watch::Clock::time_point never) {
  return never - from > delay ? from + delay : never;
}

}  // namespace

/// Holds the watches of all runs. The list is as long as there are threads that run guests, so it
/// is scanned whole; it is kept unsorted to make the entry and the exit of a run cheap.
class Watchdog {
 public:
  static Watchdog& get() {
    // Never destroyed: runs may outlast static destructors.
    static Watchdog* const watchdog = create();
    return *watchdog;
  }

  bool ensure_started() noexcept {
    if (started_.load()) return true;
    const std::lock_guard lock(mutex_);
    return started_.load() || start();
  }

  void add(Watch& watch) {
    const std::lock_guard lock(mutex_);
    if (!started_.load() && !start()) give_up(watch);
    watch.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &watch;
    first_ = &watch;
    announce(std::min(watch.wall_at_, watch.cpu_check_at_));
  }

  void remove(Watch& watch) noexcept {
    const std::lock_guard lock(mutex_);
    (watch.previous_ != nullptr ? watch.previous_->next_ : first_) = watch.next_;
    if (watch.next_ != nullptr) watch.next_->previous_ = watch.previous_;
  }

  void interrupt(Interrupts& interrupts) noexcept {
    const std::lock_guard lock(mutex_);
    for (Watch* watch = first_; watch != nullptr; watch = watch->next_) {
      if (&watch->interrupts_ == &interrupts) {
        const auto now = Clock::now();
        soften(*watch, Stop::interrupted, now);
        // Without grace there is no need to wake the watchdog for it.
        if (watch->hard_at_ <= now) check_grace(*watch, now);
        announce(watch->hard_at_);
      }
    }
  }

 private:
  using Clock = Watch::Clock;
  static constexpr Clock::time_point kNever = Watch::kNever;
  // Between two looks at a run in its grace: of one that computes, and of one that waits or gets no
  // CPU, at most.
  static constexpr std::chrono::nanoseconds kShortestPause = std::chrono::microseconds(100);
  static constexpr std::chrono::nanoseconds kPause = std::chrono::milliseconds(1);
  static constexpr std::chrono::nanoseconds kLongestPause = std::chrono::milliseconds(10);

  static Watchdog* create() {
    static auto* watchdog = new Watchdog;
    // A forked child has the watches of its own thread's runs, but no watchdog thread.
    pthread_atfork(
        [] {
          watchdog->mutex_.lock();
          watchdog->cpu_at_fork_ = read_clock(CLOCK_THREAD_CPUTIME_ID);
        },
        [] { watchdog->mutex_.unlock(); }, [] { watchdog->restart_in_child(); });
    return watchdog;
  }

  void restart_in_child() {
    new (&mutex_) std::mutex;
    new (&wake_) std::condition_variable;
    started_ = false;
    sleeping_until_ = Clock::time_point::min();
    // Watches of the parent's other threads have no owner here. Those of this thread stay.
    Watch* kept = nullptr;
    for (Watch *watch = first_, *next = nullptr; watch != nullptr; watch = next) {
      next = watch->next_;
      if (pthread_equal(watch->thread_, pthread_self()) == 0) continue;
      watch->restart_cpu_clock(cpu_at_fork_);
      watch->previous_ = nullptr;
      watch->next_ = kept;
      if (kept != nullptr) kept->previous_ = watch;
      kept = watch;
    }
    first_ = kept;
    if (first_ == nullptr || start()) return;
    for (Watch* watch = first_; watch != nullptr; watch = watch->next_) give_up(*watch);
  }

  // False: the host cannot make a thread.
  bool start() noexcept {
    // Signals belong to the embedder's threads.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      std::thread([this] { run(); }).detach();
      started_ = true;
    } catch (const std::exception&) {
      started_ = false;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return started_;
  }

  // Ends a run whose time nobody keeps.
  void give_up(Watch& watch) {
    soften(watch, Stop::interrupted, Clock::now());
    kill(watch);
  }

  // Wakes the thread if it would sleep past `when`.
  void announce(Clock::time_point when) {
    if (when < sleeping_until_) {
      sleeping_until_ = when;
      wake_.notify_one();
    }
  }

  [[noreturn]] void run() {
    prctl(PR_SET_NAME, "sandglass-watch");
    prctl(PR_SET_TIMERSLACK, 1UL);  // nanosecond; the default of 50 µs would delay every deadline
    std::unique_lock lock(mutex_);
    for (;;) {
      const Clock::time_point next = look();
      sleeping_until_ = next;
      if (next == kNever) {
        wake_.wait(lock);
      } else {
        wake_.wait_until(lock, next);
      }
    }
  }

  // Acts on what is due. Returns when to look again.
  Clock::time_point look() {
    const Clock::time_point now = Clock::now();
    Clock::time_point next = kNever;
    for (Watch* watch = first_; watch != nullptr; watch = watch->next_) {
      if (watch->wall_at_ <= now) soften(*watch, Stop::wall_time, now);
      if (watch->cpu_check_at_ <= now) check_cpu(*watch, now);
      if (watch->hard_at_ <= now) check_grace(*watch, now);
      next = std::min({next, watch->wall_at_, watch->cpu_check_at_, watch->hard_at_});
    }
    return next;
  }

  void soften(Watch& watch, Stop reason, Clock::time_point now) {
    watch.interrupts_.request_stop(reason);
    watch.wall_at_ = kNever;
    watch.cpu_check_at_ = kNever;
    if (watch.hard_at_ != kNever || watch.killed_) return;
    watch.hard_at_ = after(now, std::min(watch.grace_, kPause), kNever);
    if (watch.grace_.count() == 0) return;
    watch.cpu_seen_ = read_clock(watch.cpu_clock_);
    watch.hard_cpu_ = watch.cpu_seen_ + watch.grace_;
    watch.pause_ = kPause;
  }

  // The grace is time to compute: a thread that gets no CPU could not have ended by itself, nor
  // would it be taken out of the guest any sooner.
  void check_grace(Watch& watch, Clock::time_point now) {
    if (watch.grace_.count() == 0) {
      kill(watch);
      return;
    }
    const std::chrono::nanoseconds used = read_clock(watch.cpu_clock_);
    const std::chrono::nanoseconds left = watch.hard_cpu_ - used;
    if (left.count() <= 0) {
      kill(watch);
      return;
    }
    watch.interrupts_.set_countdown(1);  // the store before may have been lost
    const bool waits = used == std::exchange(watch.cpu_seen_, used);
    watch.pause_ = waits ? std::min(watch.pause_ * 2, kLongestPause) : kPause;
    const std::chrono::nanoseconds pause =
        waits ? watch.pause_ : std::max(std::min(left, kPause), kShortestPause);
    watch.hard_at_ = after(now, pause, kNever);
  }

  void check_cpu(Watch& watch, Clock::time_point now) {
    const std::chrono::nanoseconds used = read_clock(watch.cpu_clock_);
    const std::chrono::nanoseconds left = watch.cpu_until_ - used;
    if (left.count() <= 0) {
      soften(watch, Stop::cpu_time, now);
      return;
    }
    // A thread uses at most as much CPU time as wall time passes.
    watch.cpu_check_at_ = after(now, left, kNever);
    if (watch.account_ == nullptr) return;
    const std::chrono::nanoseconds shared = watch.charge(used);
    if (shared.count() <= 0) {
      soften(watch, Stop::budget, now);
    } else {
      // Others may begin meanwhile: not much later than a millisecond before it may be used up.
      watch.cpu_check_at_ = std::min(watch.cpu_check_at_, after(now, shared, kNever));
    }
  }

  void kill(Watch& watch) {
    watch.hard_at_ = kNever;
    watch.killed_ = true;
    watch.interrupts_.request_unwind(Trap::killed);
    // The thread is alive: it must take our lock to leave the run. If it is in a host callback the
    // signal finds nothing to do, and the flag is seen when the guest would go on.
    pthread_kill(watch.thread_, kKillSignal);
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  Watch* first_ = nullptr;
  Clock::time_point sleeping_until_ = Clock::time_point::min();
  std::chrono::nanoseconds cpu_at_fork_{0};  // of the thread that forked last
  std::atomic<bool> started_ = false;
};

Watch::Watch(Interrupts& interrupts, const Deadlines& deadlines)
    : interrupts_(interrupts),
      grace_(deadlines.grace),
      thread_(pthread_self()),
      account_(deadlines.account) {
  pthread_getcpuclockid(thread_, &cpu_clock_);
  if (deadlines.wall) wall_at_ = *deadlines.wall;
  if (deadlines.cpu || account_ != nullptr) {
    const std::chrono::nanoseconds used = read_clock(cpu_clock_);
    std::chrono::nanoseconds first_check = deadlines.cpu.value_or(std::chrono::nanoseconds::max());
    cpu_until_ = std::chrono::nanoseconds::max() - used > first_check
                     ? used + first_check
                     : std::chrono::nanoseconds::max();
    if (account_ != nullptr) {
      cpu_charged_ = used;
      account_->begin_run();
      const std::chrono::nanoseconds shared = account_->charge({});
      if (shared.count() <= 0) interrupts_.request_stop(Stop::budget);
      first_check = std::min(first_check, std::max(shared, std::chrono::nanoseconds(0)));
    }
    cpu_check_at_ = after(Clock::now(), first_check, kNever);
  }
  Watchdog::get().add(*this);
}

Watch::~Watch() {
  Watchdog::get().remove(*this);
  if (account_ == nullptr) return;
  charge(read_clock(cpu_clock_));
  account_->end_run();
}

std::chrono::nanoseconds Watch::charge(std::chrono::nanoseconds used) {
  return account_->charge(used - std::exchange(cpu_charged_, used));
}

void Watch::restart_cpu_clock(std::chrono::nanoseconds used) {
  pthread_getcpuclockid(thread_, &cpu_clock_);
  cpu_until_ -= used;
  hard_cpu_ -= used;
  cpu_seen_ -= used;
  cpu_charged_ -= used;
}

bool start_watchdog() noexcept {
  return Watchdog::get().ensure_started();
}

void interrupt_run(Interrupts& interrupts) noexcept {
  // Asked already, of this run or of one that is over: whoever asks again and again shall not keep
  // the lock from runs that begin and end.
  if (interrupts.stop() == Stop::interrupted) return;
  Watchdog::get().interrupt(interrupts);
}

}  // namespace sandglass::machine
