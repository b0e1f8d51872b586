#include "cli/file_watcher.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

// An editor may write a file in several steps.
constexpr auto kQuiet = 50ms;
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO;

std::unexpected<Error> refuse(const std::string& path, int error) {
  return std::unexpected(Error{
      .code = Errc::invalid_argument,
      .message = fmt::format("cannot watch {}: {}", path, std::generic_category().message(error))});
}

}  // namespace

Result<std::unique_ptr<FileWatcher>> FileWatcher::start(const std::vector<std::string>& paths) {
  std::unique_ptr<FileWatcher> watcher(new FileWatcher);
  watcher->events_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  watcher->stop_ = ::eventfd(0, EFD_CLOEXEC);
  if (watcher->events_ < 0 || watcher->stop_ < 0) {
    return refuse("files", errno);
  }
  for (const std::string& path : paths) {
    if (auto added = watcher->add(path, path); !added) {
      return std::unexpected(std::move(added.error()));
    }
    std::error_code error;
    if (std::filesystem::is_symlink(path, error)) {
      const std::filesystem::path real = std::filesystem::canonical(path, error);
      if (!error) {
        static_cast<void>(watcher->add(real, path));
      }
    }
  }
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  watcher->thread_ = std::thread([raw = watcher.get()] { raw->listen(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return watcher;
}

FileWatcher::~FileWatcher() {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    while (::write(stop_, &one, sizeof one) < 0 && errno == EINTR) {
    }
    thread_.join();
  }
  ::close(events_);
  ::close(stop_);
}

Result<void> FileWatcher::add(const std::string& path, const std::string& called) {
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  const int watch = ::inotify_add_watch(events_, folder.c_str(), kEvents | IN_ONLYDIR);
  if (watch < 0) {
    return refuse(folder, errno);
  }
  files_[{watch, file.filename().string()}] = called;
  return {};
}

void FileWatcher::watch(Runtime& runtime) {
  const std::scoped_lock lock(mutex_);
  runtime_ = &runtime;
}

void FileWatcher::unwatch() {
  const std::scoped_lock lock(mutex_);
  runtime_ = nullptr;
}

bool FileWatcher::changed() {
  const std::scoped_lock lock(mutex_);
  return !changed_.empty();
}

std::string FileWatcher::wait() {
  std::unique_lock lock(mutex_);
  something_changed_.wait(lock, [this] { return !changed_.empty(); });
  while (something_changed_.wait_for(lock, kQuiet) == std::cv_status::no_timeout) {
  }
  return std::exchange(changed_, {});
}

void FileWatcher::listen() {
  std::array<pollfd, 2> entries{{{events_, POLLIN, 0}, {stop_, POLLIN, 0}}};
  for (;;) {
    if (::poll(entries.data(), entries.size(), -1) < 0) {
      continue;  // EINTR; nothing else can happen to two open descriptors
    }
    if (entries[1].revents != 0) {
      return;
    }
    take_events();
  }
}

void FileWatcher::take_events() {
  alignas(inotify_event) std::array<char, std::size_t{16} << 10> buffer;
  const ssize_t got = ::read(events_, buffer.data(), buffer.size());
  for (ssize_t at = 0; at < got;) {
    inotify_event event;
    std::memcpy(&event, buffer.data() + at, sizeof event);
    // SAFETY: the kernel pads the name with NULs, inside what it said it has written.
    const char* const name = event.len > 0 ? buffer.data() + at + sizeof event : "";
    at += static_cast<ssize_t>(sizeof event + event.len);
    const auto file = files_.find({event.wd, name});
    if (file == files_.end()) {
      continue;
    }
    const std::scoped_lock lock(mutex_);
    changed_ = file->second;
    if (runtime_ != nullptr) {
      runtime_->interrupt();
    }
    something_changed_.notify_one();
  }
}

}  // namespace sandglass::cli
