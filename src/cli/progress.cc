#include "cli/progress.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <signal.h>
#include <string>
#include <string_view>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/units.h"

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 1s;
constexpr auto kTick = 100ms;

bool can_erase(const Output& err) {
  const char* const terminal = std::getenv("TERM");
  return err.is_terminal() && terminal != nullptr && std::string_view(terminal) != "dumb";
}

// What this process has of the system's memory; 0 if the system does not tell.
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return file ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

// Signals belong to the thread that waits for them.
std::thread start_without_signals(auto work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(work);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace

Progress::Progress(Output& out, Output& err) : out_(out), err_(err) {
  if (!can_erase(err)) {
    return;
  }
  err_.set_overlay(this);
  if (out_.is_terminal()) {
    out_.set_overlay(this);
  }
  thread_ = start_without_signals([this] { draw_until_stopped(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) {
    return;
  }
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
  out_.set_overlay(nullptr);
  err_.set_overlay(nullptr);
}

void Progress::before_write() {
  mutex_.lock();
  erase();
}

void Progress::after_write() {
  quiet_since_ = Clock::now();
  mutex_.unlock();
}

void Progress::draw_until_stopped() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, kTick, [this] { return stop_; })) {
    if (Clock::now() - quiet_since_ >= kPatience) {
      draw();
    }
  }
  erase();
}

void Progress::draw() {
  const std::chrono::duration<double> elapsed = Clock::now() - start_;
  err_.write_bytes(fmt::format(
      "\r{}running for {:.1f}s, the process has {}; Ctrl-C ends it{}\x1b[K",
      err_.has_colours() ? escape_sequence(Style::hint) : "", elapsed.count(),
      round_size(resident_bytes()), err_.has_colours() ? escape_sequence(Style::plain) : ""));
  shown_ = true;
}

void Progress::erase() {
  if (shown_) {
    err_.write_bytes("\r\x1b[K");
    shown_ = false;
  }
}

}  // namespace sandglass::cli
