#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "sandglass/budget.h"
#include "sandglass/console.h"
#include "sandglass/grants.h"
#include "sandglass/limits.h"
#include "sandglass/module_loader.h"

namespace sandglass {

/// How to make a VM.
struct Options {
  Limits limits{};

  /// Collect cycles when the heap has grown to this many bytes; the engine then raises it to 1.5
  /// times what is live. Default 256 KiB. 0 collects at every allocation of an object (slow, for
  /// tests). At most `limits.memory_bytes`.
  std::size_t gc_threshold_bytes = 256 << 10;

  /// What this VM uses together with others, besides its own limits. None: nothing.
  std::shared_ptr<Budget> budget{};

  /// What the script may touch besides. See docs/grants.md.
  Grants grants{};

  /// Where console output goes. None: dropped, but still counted towards `Limits::output_bytes`.
  ConsoleSink console{};
  /// How it looks. Default: without colours.
  ConsoleOptions console_options{};

  /// Where `import` finds modules; see docs/modules.md. None: no import works.
  std::shared_ptr<ModuleLoader> modules{};

  /// What the script finds in the global array `scriptArgs`, UTF-8.
  std::vector<std::string> arguments{};
};

}  // namespace sandglass
