#pragma once

#include "cli/command_line.h"

namespace sandglass::cli {

/// Sets in `command` what its configuration file says; what the command line has said stays.
/// Without a file nothing happens. Errors: invalid_argument: a file that cannot be read, is no
/// TOML, or has a key that nothing knows
///         or a value that does not fit; the message has file, line and column.
[[nodiscard]] Result<void> apply_config(Command& command);

}  // namespace sandglass::cli
