// Files that a script has open, by the numbers it knows them by.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "sandglass/file_system.h"

namespace sandglass::runtime {

/// One open file, and where the next read or write without a position goes.
struct FileHandle {
  std::unique_ptr<File> file;
  std::uint64_t position = 0;
};

/// The handles of one VM. Numbers begin after those of the standard streams, which scripts do not
/// have as files; the lowest that is free is taken, as POSIX has it.
class FileHandles {
 public:
  /// How many a VM may have open, whatever the quotas of its file systems.
  static constexpr std::size_t kMax = 1024;

  /// nullopt: there are kMax.
  [[nodiscard]] std::optional<int> add(std::unique_ptr<File> file) {
    const auto free = std::ranges::find_if(
        handles_, [](const FileHandle& handle) { return handle.file == nullptr; });
    const auto index = static_cast<std::size_t>(free - handles_.begin());
    if (index == kMax) return std::nullopt;
    if (free == handles_.end()) handles_.emplace_back();
    handles_[index] = {.file = std::move(file)};
    return static_cast<int>(index) + kFirst;
  }

  /// Null if `number` is not one of an open file.
  [[nodiscard]] FileHandle* find(double number) noexcept {
    const double index = number - kFirst;
    if (!(index >= 0) || index >= static_cast<double>(handles_.size())) return nullptr;
    if (index != std::trunc(index)) return nullptr;
    FileHandle& handle = handles_[static_cast<std::size_t>(index)];
    return handle.file == nullptr ? nullptr : &handle;
  }

 private:
  static constexpr int kFirst = 3;

  std::vector<FileHandle> handles_;
};

}  // namespace sandglass::runtime
