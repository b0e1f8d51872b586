#pragma once

#include <cstddef>
#include <vector>

#include "cli/command_line.h"

namespace sandglass::cli {

/// The VM that `command` asks for, new or from its snapshot; `key` is what `command.key` holds.
/// Its limits and grants are those of the command line, whatever the snapshot says: whoever made
/// that file does not decide what it may use. Errors: those of Runtime::create, Runtime::from and
/// Snapshot::load, and a file that cannot be read; messages name the file.
[[nodiscard]] Result<Runtime> make_vm(const Command& command, const std::vector<std::byte>& key,
                                      ConsoleSink console, const ConsoleOptions& look);

}  // namespace sandglass::cli
