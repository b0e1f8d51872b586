#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "cli/command_line.h"

namespace sandglass::cli {

/// Gives `app` every command and option there is. What is parsed goes to `command`, which must
/// outlive `app`.
void define_command_line(CLI::App& app, Command& command);

/// "run": what `verb` is called on the command line.
[[nodiscard]] std::string_view verb_name(Verb verb);

/// What the positional argument of `verb` is called: "FILE".
[[nodiscard]] std::string input_name(Verb verb);

}  // namespace sandglass::cli
