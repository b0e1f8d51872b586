#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "cli/output.h"

namespace sandglass::cli {

/// A line on standard error that tells a person that a script still runs, for how long, what memory
/// the process has, and how to end it.
///
/// It comes after a second without output, goes before anything is written, and is gone when this
/// goes. Only on a terminal; else it does nothing. The figures are the process's, because those of
/// a VM may be asked for by the thread that runs it only.
///
/// Thread: one of its own draws it; the outputs are still for one thread at a time.
class Progress final : private Overlay {
 public:
  /// The outputs must outlive it.
  Progress(Output& out, Output& err);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() override;

 private:
  void before_write() override;
  void after_write() override;
  void draw_until_stopped();
  void draw();
  void erase();

  using Clock = std::chrono::steady_clock;

  Output& out_;
  Output& err_;
  Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  std::condition_variable stopping_;
  Clock::time_point quiet_since_ = start_;
  bool shown_ = false;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace sandglass::cli
