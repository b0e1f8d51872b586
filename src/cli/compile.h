#pragma once

#include "cli/command_line.h"
#include "cli/source.h"

namespace sandglass::cli {

/// Compiles `source` as `command` says, and writes the bytecode to its target.
/// Errors: those of Context::compile; invalid_argument (a file that cannot be read or written; it
///         is bytecode or a snapshot already).
[[nodiscard]] Result<void> compile(const Command& command, const Source& source);

}  // namespace sandglass::cli
