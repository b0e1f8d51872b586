// How soon a script ends that is told to.
//
// Catalogue (one ended script an iteration; the time is from the call of interrupt(), or from the
// deadline, to the return of eval)
//
//   BM_SoftInterrupt_EmptyLoop     while (true) {}
//   BM_SoftInterrupt_CatchLoop     one that catches what it can and goes on
//   BM_SoftInterrupt_PromiseLoop   jobs that make jobs
//     BM_Baseline_WakeThread       a thread that sleeps on a condition variable is woken: the least
//     that a
//                                  message from thread to thread takes that does not spin
//   BM_HardInterrupt_ArrayJoin     built-ins that never look up, with a grace of 0: the watchdog
//   thread is BM_HardInterrupt_IndexOf       woken and sends a signal, whose handler leaves the
//   guest BM_HardInterrupt_BigIntPower
//     BM_Baseline_Signal           a signal to a thread that computes, to the first line of its
//     handler
//   BM_SoftDeadline_EmptyLoop      past a wall_time of 1 ms
//   BM_HardDeadline_ArrayJoin      past a wall_time of 1 ms, with a grace of 0
//
// Counters: median, 99th percentile and maximum of the iterations, in microseconds. They are what
// is compared with the targets; the mean that Google Benchmark prints is moved by a single
// preemption.
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <pthread.h>
#include <random>
#include <semaphore>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <thread>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr int kSamples = 1000;  // ten of them above the 99th percentile

/// Latencies of one benchmark.
class Latencies {
 public:
  explicit Latencies(benchmark::State& state) : state_(state) {}
  Latencies(const Latencies&) = delete;
  Latencies& operator=(const Latencies&) = delete;
  ~Latencies() {
    if (samples_.empty()) return;
    state_.counters["p50_us"] = median(samples_);
    state_.counters["p99_us"] = quantile(samples_, 0.99);
    state_.counters["max_us"] = samples_.back();
  }

  void add(double seconds) {
    state_.SetIterationTime(seconds);
    samples_.push_back(seconds * 1e6);
  }

 private:
  benchmark::State& state_;
  std::vector<double> samples_;
};

/// A thread that does something to the benchmark's thread, once for each request, after a pause of
/// random length: what is interrupted shall be met anywhere.
class Actor {
 public:
  template <class Action>
  explicit Actor(Action action)
      : thread_([this, action](std::stop_token stop) {
          prctl(PR_SET_TIMERSLACK, 1UL);
          std::minstd_rand random;
          std::uniform_int_distribution<int> pause_us(100, 400);
          for (;;) {
            requests_.acquire();
            if (stop.stop_requested()) return;
            std::this_thread::sleep_for(microseconds(pause_us(random)));
            acted_at_ = Clock::now();
            action();
            done_.release();
          }
        }) {}
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;
  ~Actor() {
    thread_.request_stop();
    requests_.release();
  }

  void request() { requests_.release(); }

  /// Waits until the action is over. Returns when it began.
  Clock::time_point finish() {
    done_.acquire();
    return acted_at_;
  }

 private:
  std::binary_semaphore requests_{0};
  std::binary_semaphore done_{0};
  Clock::time_point acted_at_;
  std::jthread thread_;  // last: uses the others
};

// interrupt().

/// `source` prints a line when it is where it shall be interrupted.
void interrupt(benchmark::State& state, std::string_view source, bool hard) {
  Runtime* target = nullptr;
  Actor interrupter([&target] { target->interrupt(); });
  Options options;
  // A soft end shall never turn into a hard one, even if this thread is not scheduled for a while.
  options.limits.grace = hard ? milliseconds(0) : milliseconds(1000);
  options.console = [&interrupter](ConsoleStream, std::string_view) { interrupter.request(); };
  Runtime runtime = must(Runtime::create(std::move(options)), "Runtime::create");
  target = &runtime;

  Latencies latencies(state);
  for (auto _ : state) {
    const auto value = runtime.eval(source);
    const auto returned_at = Clock::now();
    latencies.add(seconds_between(interrupter.finish(), returned_at));
    if (value || value.error().code != Errc::interrupted || runtime.usable() == hard) {
      fail("interrupt", value ? "the script completed" : describe(value.error()).c_str());
    }
    must(runtime.reset(), "reset");
  }
}

void BM_SoftInterrupt_EmptyLoop(benchmark::State& state) {
  interrupt(state, "console.log(); while (true) {}", false);
}
void BM_SoftInterrupt_CatchLoop(benchmark::State& state) {
  interrupt(state, R"(
    console.log();
    while (true) {
      try { while (true) null.x; } catch {} finally { continue; }
    }
  )",
            false);
}
void BM_SoftInterrupt_PromiseLoop(benchmark::State& state) {
  interrupt(state, R"(
    console.log();
    const again = () => { Promise.resolve().then(again); };
    again();
  )",
            false);
}
void BM_HardInterrupt_ArrayJoin(benchmark::State& state) {
  interrupt(state, "console.log(); new Array(2 ** 32 - 1).join('')", true);
}
void BM_HardInterrupt_IndexOf(benchmark::State& state) {
  interrupt(state, R"(
    const hay = 'a'.repeat(3e6);
    const needle = 'a'.repeat(1.5e6) + 'b';
    console.log();
    hay.indexOf(needle);
  )",
            true);
}
void BM_HardInterrupt_BigIntPower(benchmark::State& state) {
  interrupt(state, "console.log(); 7n ** 1000000n", true);
}

// Deadlines.

void deadline(benchmark::State& state, std::string_view source, bool hard) {
  constexpr milliseconds kWallTime{1};
  Options options;
  options.limits.wall_time = kWallTime;
  options.limits.grace = hard ? milliseconds(0) : milliseconds(1000);
  Runtime runtime = must(Runtime::create(std::move(options)), "Runtime::create");
  Latencies latencies(state);
  for (auto _ : state) {
    const auto begin = Clock::now();
    const auto value = runtime.eval(source);
    latencies.add(seconds_between(begin + kWallTime, Clock::now()));
    if (value || value.error().code != Errc::time_limit || runtime.usable() == hard) {
      fail("deadline", value ? "the script completed" : describe(value.error()).c_str());
    }
    must(runtime.reset(), "reset");
  }
}

void BM_SoftDeadline_EmptyLoop(benchmark::State& state) {
  deadline(state, "while (true) {}", false);
}
void BM_HardDeadline_ArrayJoin(benchmark::State& state) {
  deadline(state, "new Array(2 ** 32 - 1).join('')", true);
}

// Baselines.

void BM_Baseline_WakeThread(benchmark::State& state) {
  std::mutex mutex;
  std::condition_variable wake;
  bool woken = false;
  Actor waker([&] {
    {
      const std::lock_guard lock(mutex);
      woken = true;
    }
    wake.notify_one();
  });
  Latencies latencies(state);
  for (auto _ : state) {
    waker.request();
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return woken; });
      woken = false;
    }
    const auto woken_at = Clock::now();
    latencies.add(seconds_between(waker.finish(), woken_at));
  }
}

std::atomic<std::int64_t> signalled_at_ns;

// SAFETY: async-signal-safe: clock_gettime(2), of which the clock is a wrapper, and a lock-free
// atomic.
void note_time(int) {
  signalled_at_ns = Clock::now().time_since_epoch().count();
}

void BM_Baseline_Signal(benchmark::State& state) {
  struct sigaction action = {};
  struct sigaction before = {};
  action.sa_handler = note_time;
  sigaction(SIGUSR1, &action, &before);
  const pthread_t target = pthread_self();
  Actor signaller([target] { pthread_kill(target, SIGUSR1); });
  Latencies latencies(state);
  for (auto _ : state) {
    signalled_at_ns = 0;
    signaller.request();
    while (signalled_at_ns == 0) {
    }
    const Clock::time_point signalled_at{std::chrono::nanoseconds(signalled_at_ns)};
    latencies.add(seconds_between(signaller.finish(), signalled_at));
  }
  sigaction(SIGUSR1, &before, nullptr);
}

void manual(benchmark::internal::Benchmark* benchmark) {
  benchmark->UseManualTime()->Iterations(kSamples)->Unit(benchmark::kMicrosecond);
}

BENCHMARK(BM_SoftInterrupt_EmptyLoop)->Apply(manual);
BENCHMARK(BM_SoftInterrupt_CatchLoop)->Apply(manual);
BENCHMARK(BM_SoftInterrupt_PromiseLoop)->Apply(manual);
BENCHMARK(BM_Baseline_WakeThread)->Apply(manual);
BENCHMARK(BM_HardInterrupt_ArrayJoin)->Apply(manual);
BENCHMARK(BM_HardInterrupt_IndexOf)->Apply(manual);
BENCHMARK(BM_HardInterrupt_BigIntPower)->Apply(manual);
BENCHMARK(BM_Baseline_Signal)->Apply(manual);
BENCHMARK(BM_SoftDeadline_EmptyLoop)->Apply(manual);
BENCHMARK(BM_HardDeadline_ArrayJoin)->Apply(manual);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
