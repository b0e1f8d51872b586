#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/budget.h"
#include "sandglass/grants.h"
#include "sandglass/limits.h"
#include "sandglass/module_loader.h"

namespace sandglass {

/// Where a console call goes: `log`, `info` and `debug` to out; `warn`, `error` and `trace` to err.
enum class ConsoleStream { out, err };

/// Receives one console call as one chunk of UTF-8 that ends in '\n'. The view is valid during the
/// call only. Runs on the thread of the run, on that thread's own stack, and its time counts as
/// wall time. It may throw: the run then ends with `Errc::threw` and the exception's text.
using ConsoleSink = std::function<void(ConsoleStream stream, std::string_view text)>;

/// How to make a VM.
struct Options {
  Limits limits{};

  /// Collect cycles when the heap has grown by this many bytes from that of an empty VM; the engine
  /// then raises it to 1.5 times what is live. Default 256 KiB. 0 collects at every allocation of
  /// an object (slow, for tests). At most `limits.memory_bytes`.
  std::size_t gc_threshold_bytes = 256 << 10;

  /// What this VM uses together with others, besides its own limits. None: nothing.
  std::shared_ptr<Budget> budget{};

  /// What the script may touch besides. See docs/grants.md.
  Grants grants{};

  /// Where console output goes. None: dropped, but still counted towards `Limits::output_bytes`.
  ConsoleSink console{};

  /// Where `import` finds modules; see docs/modules.md. None: no import works.
  std::shared_ptr<ModuleLoader> modules{};

  /// What the script finds in the global array `scriptArgs`, UTF-8.
  std::vector<std::string> arguments{};
};

}  // namespace sandglass
