#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "sandglass/runtime.h"

namespace sandglass::cli {

/// Tells when files change, and interrupts the run that is watched then.
///
/// It watches the folders that they lie in, so a file may be written, replaced by another of its
/// name (as most editors do it), removed and made again. A symbolic link is watched together with
/// what it leads to.
///
/// Thread: one of its own listens; all else is for one thread.
class FileWatcher {
 public:
  /// Errors: invalid_argument (a folder that is not there; no watch is left in the system).
  [[nodiscard]] static Result<std::unique_ptr<FileWatcher>> start(
      const std::vector<std::string>& paths);
  FileWatcher(const FileWatcher&) = delete;
  FileWatcher& operator=(const FileWatcher&) = delete;
  ~FileWatcher();

  /// `runtime` must stay alive until unwatch().
  void watch(Runtime& runtime);
  void unwatch();

  /// Whether one has changed since the last wait().
  [[nodiscard]] bool changed();
  /// Waits until one has changed, and all is quiet again; which one, as it was given to start().
  [[nodiscard]] std::string wait();

 private:
  FileWatcher() = default;
  Result<void> add(const std::string& path, const std::string& called);
  void listen();
  void take_events();

  int events_ = -1;
  int stop_ = -1;
  // Folder (a watch descriptor) and name in it -> what the user calls the file.
  std::map<std::pair<int, std::string>, std::string> files_;
  std::mutex mutex_;
  std::condition_variable something_changed_;
  Runtime* runtime_ = nullptr;
  std::string changed_;
  std::thread thread_;
};

}  // namespace sandglass::cli
