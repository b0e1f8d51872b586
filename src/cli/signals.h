#pragma once

#include <mutex>
#include <signal.h>
#include <thread>

#include "sandglass/runtime.h"

namespace sandglass::cli {

/// Turns Ctrl-C (SIGINT) and SIGTERM into `Runtime::interrupt()`.
///
/// The first signal interrupts the run that is watched; a second one, or one while nothing is
/// watched (standard input is being read, a pipe is full), ends the process at once with 130.
/// A signal that was ignored when the process started stays ignored.
///
/// Thread:   construct it before any other thread exists: it blocks the signals for all of them.
/// Lifetime: one a process.
class SignalWatcher {
 public:
  SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  ~SignalWatcher();

  /// `runtime` must stay alive until unwatch().
  void watch(Runtime& runtime);
  void unwatch();

  /// Whether a signal has asked the run to end.
  [[nodiscard]] bool signalled();

 private:
  void listen();
  void handle_signal();

  int signal_descriptor_ = -1;
  int stop_descriptor_ = -1;
  std::mutex mutex_;
  Runtime* runtime_ = nullptr;
  bool signalled_ = false;
  std::thread thread_;
};

}  // namespace sandglass::cli
