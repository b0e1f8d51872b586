#pragma once

#include <map>
#include <memory>
#include <string>

#include "sandglass/clock.h"
#include "sandglass/fetcher.h"
#include "sandglass/file_system.h"
#include "sandglass/random.h"

namespace sandglass {

/// What a script may touch besides computing and printing. Nothing of it is there by default; each
/// field is one thing that is handed over, and tells what the script sees without it.
///
/// Each VM has its own: one from a snapshot has those it is created with, not those of the VM that
/// the snapshot was taken of.
struct Grants {
  /// The time. Default: a clock that stands.
  Clock clock = Clock::none();

  /// Time zone of `Date`, by its name in the system's tz database: "Europe/Berlin". Beyond the
  /// table of the database (the year 2037) the last rule holds.
  std::string time_zone = "UTC";

  /// Random numbers. Default: the same in every VM.
  Random random = Random::seeded(0);

  /// What the script finds in `process.env`, UTF-8. Default: nothing.
  std::map<std::string, std::string> environment{};

  /// What `fetch()` asks. None: `fetch()` rejects with a TypeError that says so. May be shared by
  /// VMs.
  std::shared_ptr<Fetcher> fetcher{};

  /// Files, which the script reaches by `node:fs` and `node:fs/promises`. The file system may be
  /// shared by any number of VMs. None: both imports fail with an error that names this field.
  std::shared_ptr<FileSystem> files{};
};

}  // namespace sandglass
