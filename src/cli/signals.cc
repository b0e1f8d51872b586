#include "cli/signals.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/exit_code.h"

namespace sandglass::cli {
namespace {

// nohup and background jobs of a shell script ignore SIGINT on purpose.
bool is_ignored(int signal) {
  struct sigaction action{};
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

sigset_t signals_to_take() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM}) {
    if (!is_ignored(signal)) {
      sigaddset(&signals, signal);
    }
  }
  return signals;
}

void raise_event(int descriptor) {
  const std::uint64_t one = 1;
  while (::write(descriptor, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

}  // namespace

SignalWatcher::SignalWatcher(Mode mode) : mode_(mode) {
  const sigset_t signals = signals_to_take();
  signal_descriptor_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
  stop_descriptor_ = ::eventfd(0, EFD_CLOEXEC);
  wake_descriptor_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (signal_descriptor_ < 0 || stop_descriptor_ < 0 || wake_descriptor_ < 0) {
    return;  // no descriptors left: Ctrl-C then just ends the process
  }
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  thread_ = std::thread([this] { listen(); });
}

SignalWatcher::~SignalWatcher() {
  if (thread_.joinable()) {
    raise_event(stop_descriptor_);
    thread_.join();
  }
  ::close(signal_descriptor_);
  ::close(stop_descriptor_);
  ::close(wake_descriptor_);
}

void SignalWatcher::watch(Runtime& runtime) {
  const std::scoped_lock lock(mutex_);
  runtime_ = &runtime;
}

void SignalWatcher::unwatch() {
  const std::scoped_lock lock(mutex_);
  runtime_ = nullptr;
}

bool SignalWatcher::signalled() {
  const std::scoped_lock lock(mutex_);
  return signalled_;
}

void SignalWatcher::forget() {
  const std::scoped_lock lock(mutex_);
  signalled_ = false;
}

bool SignalWatcher::terminated() {
  const std::scoped_lock lock(mutex_);
  return terminated_;
}

void SignalWatcher::listen() {
  std::array<pollfd, 2> entries{{{signal_descriptor_, POLLIN, 0}, {stop_descriptor_, POLLIN, 0}}};
  for (;;) {
    if (::poll(entries.data(), entries.size(), -1) < 0) {
      continue;  // EINTR; nothing else can happen to two open descriptors
    }
    if (entries[1].revents != 0) {
      return;
    }
    signalfd_siginfo info;
    if (::read(signal_descriptor_, &info, sizeof info) == sizeof info) {
      handle_signal(static_cast<int>(info.ssi_signo));
    }
  }
}

void SignalWatcher::handle_signal(int signal) {
  const std::scoped_lock lock(mutex_);
  const bool again =
      mode_ == Mode::session ? terminated_ && signal == SIGTERM : signalled_ || runtime_ == nullptr;
  if (again) {
    std::_Exit(static_cast<int>(ExitCode::interrupted));
  }
  terminated_ = terminated_ || signal == SIGTERM;
  if (runtime_ != nullptr) {
    signalled_ = true;
    runtime_->interrupt();
  } else {
    raise_event(wake_descriptor_);
  }
}

}  // namespace sandglass::cli
