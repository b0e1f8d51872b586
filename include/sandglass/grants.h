#pragma once

#include <memory>

#include "sandglass/file_system.h"

namespace sandglass {

/// What a script may touch besides computing and printing. Nothing of it is there by default; each
/// field is one thing that is handed over, and tells what the script sees without it.
struct Grants {
  /// Files, which the script reaches by `node:fs` and `node:fs/promises`. The file system may be
  /// shared by any number of VMs. None: both imports fail with an error that names this field.
  std::shared_ptr<FileSystem> files{};
};

}  // namespace sandglass
