#pragma once

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/output.h"

namespace sandglass::cli {

/// `sandglass repl`: reads inputs from standard input, runs each in one VM, prints its value.
///
/// With a person at a terminal it ends with 0. Else no prompt is shown, and it ends with the exit
/// code of the last input that failed, after having run them all.
[[nodiscard]] ExitCode repl(const Command& command, Output& out, Output& err);

}  // namespace sandglass::cli
