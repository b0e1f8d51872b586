#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "cli/command_line.h"

namespace sandglass::cli {

/// Gives `app` every command and option there is. What is parsed goes to `command`, which must
/// outlive `app`.
void define_command_line(CLI::App& app, Command& command);

/// What the positional argument of `verb` is called: "FILE".
[[nodiscard]] std::string input_name(Verb verb);

}  // namespace sandglass::cli
