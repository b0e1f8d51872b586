#pragma once

#include <memory>

#include "sandglass/fetcher.h"

namespace sandglass {

/// What a script may touch besides computing and printing. Nothing of it is there by default; each
/// field is one thing that is handed over, and tells what the script sees without it.
struct Grants {
  /// What `fetch()` asks. None: `fetch()` rejects with a TypeError that says so. May be shared by
  /// VMs.
  std::shared_ptr<Fetcher> fetcher{};
};

}  // namespace sandglass
