#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
  /// How it looks. Default: without colours.
  ConsoleOptions console_options{};

  /// Where `import` finds modules; see docs/modules.md. None: no import works.
  std::shared_ptr<ModuleLoader> modules{};

  /// What the script finds in the global array `scriptArgs`, and in `process.argv` from the third
  /// place on, UTF-8.
  std::vector<std::string> arguments{};
  /// What it finds in the second place of `process.argv`: how it is called. UTF-8.
  std::string script_name = "script";

  /// For runs that are the same everywhere: one script and one input give the same bytes out and
  /// the same fuel on every machine, however busy it is. The clock stands at Clock::kEpoch and
  /// timers fire without waiting, random numbers come from `seed`, and `fuel` (in units of 10,000
  /// polls, see Limits) ends what does not end by itself, in the place of time. Set
  /// `limits.wall_time` as well against built-ins that run long without a poll.
  [[nodiscard]] static Options deterministic(std::uint64_t seed, std::uint64_t fuel = 100'000) {
    Options options;
    options.limits.wall_time = std::nullopt;
    options.limits.fuel = fuel;
    options.grants.random = Random::seeded(seed);
    return options;
  }
};

}  // namespace sandglass
