#pragma once

#include "cli/command_line.h"
#include "cli/file_watcher.h"
#include "cli/outcome.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/source.h"

namespace sandglass::cli {

/// Runs `source`, text or bytecode, in a VM of its own as `command` says; writes the snapshot of it
/// that is left, if that was asked for.
///
/// Without JSON, console output goes to `out` and `err` as it happens, and a run whose output
/// nobody reads any more (see Output::failed) is ended; with JSON it is collected in the Outcome.
/// A signal ends it, and a change of `files` unless that is null.
[[nodiscard]] Outcome execute(const Command& command, const Source& source, SignalWatcher& signals,
                              FileWatcher* files, Output& out, Output& err);

}  // namespace sandglass::cli
