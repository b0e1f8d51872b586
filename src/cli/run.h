#pragma once

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace sandglass::cli {

/// `sandglass run`, `eval` and `snapshot`: reads, runs, and tells what came of it. With --watch
/// again and again, until a signal comes.
[[nodiscard]] ExitCode run_source(const Command& command, Output& out, Output& err);

/// `sandglass compile`.
[[nodiscard]] ExitCode compile_file(const Command& command, Output& out, Output& err);

}  // namespace sandglass::cli
