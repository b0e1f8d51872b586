#pragma once

#include <mutex>
#include <signal.h>
#include <thread>

#include "sandglass/runtime.h"

namespace sandglass::cli {

/// Turns Ctrl-C (SIGINT) and SIGTERM into `Runtime::interrupt()`.
///
/// In a process of one run the first signal interrupts the run that is watched; a second one, or
/// one while nothing is watched (standard input is being read, a pipe is full), ends the process at
/// once with 130. In a session SIGINT interrupts what is watched, every time, and wakes whoever
/// waits for input if nothing is; SIGTERM does that once, and ends the process the second time.
/// A signal that was ignored when the process started stays ignored.
///
/// Thread:   construct it before any other thread exists: it blocks the signals for all of them.
/// Lifetime: one a process.
class SignalWatcher {
 public:
  enum class Mode { one_run, session };

  explicit SignalWatcher(Mode mode = Mode::one_run);
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  ~SignalWatcher();

  /// `runtime` must stay alive until unwatch().
  void watch(Runtime& runtime);
  void unwatch();

  /// Whether a signal has asked the run to end, since the beginning or the last forget().
  [[nodiscard]] bool signalled();
  void forget();

  /// Whether a SIGTERM has come. Only in a session; in all else it counts as SIGINT.
  [[nodiscard]] bool terminated();

  /// An eventfd, readable when a signal came while nothing was watched. Only in a session.
  [[nodiscard]] int wake_descriptor() const noexcept { return wake_descriptor_; }

 private:
  void listen();
  void handle_signal(int signal);

  Mode mode_;
  int signal_descriptor_ = -1;
  int stop_descriptor_ = -1;
  int wake_descriptor_ = -1;
  std::mutex mutex_;
  Runtime* runtime_ = nullptr;
  bool signalled_ = false;
  bool terminated_ = false;
  std::thread thread_;
};

/// Lets a watcher interrupt `runtime` for as long as this lives.
template <class Watcher>
class Watch {
 public:
  Watch(Watcher& watcher, Runtime& runtime) : watcher_(watcher) { watcher_.watch(runtime); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch() { watcher_.unwatch(); }

 private:
  Watcher& watcher_;
};

}  // namespace sandglass::cli
