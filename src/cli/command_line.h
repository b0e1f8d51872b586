#pragma once

#include <array>
#include <expected>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grant_options.h"
#include "sandglass/limits.h"
#include "sandglass/runtime.h"

namespace sandglass::cli {

enum class Verb { run, eval, repl, check, compile, snapshot, completions, selftest };

/// All of them, in the order in which help tells them.
inline constexpr std::array kVerbs{Verb::run,         Verb::eval,    Verb::repl,
                                   Verb::check,       Verb::compile, Verb::snapshot,
                                   Verb::completions, Verb::selftest};

/// What the user asked for, checked.
struct Command {
  Verb verb = Verb::run;
  /// run, compile, snapshot: a path, or "-" for standard input. eval: the code.
  /// completions: the name of a shell.
  std::string input;
  /// check: what it is to read, each as `input` of run.
  std::vector<std::string> inputs;
  /// For the script.
  std::vector<std::string> arguments;
  Limits limits;
  GrantRequest grants;
  /// Names of the limits that the command line or the configuration file has set.
  std::set<std::string, std::less<>> given_limits;
  /// The configuration file, if any; see apply_config().
  std::string config;
  /// compile, snapshot: the file to write.
  std::string target;
  /// The snapshot to start from, if any.
  std::string snapshot;
  /// The file with the key of bytecode and snapshots, if any.
  std::string key;
  SourceKind kind = SourceKind::detect;
  bool json = false;
  /// run: again whenever the file changes.
  bool watch = false;
};

/// Why there is no Command: help or version was asked for, or the command line is wrong.
struct NoCommand {
  bool is_error = false;
  /// The help text, or one sentence that tells what is wrong.
  std::string text;
  /// How to get on: "run --help". Only with an error.
  std::string help_arguments;
  /// Whether the error is to be told as a JSON object.
  bool json = false;
};

/// `arguments` without the program's name.
[[nodiscard]] std::expected<Command, NoCommand> parse_command_line(
    std::vector<std::string> arguments);

/// Settles what options and configuration file say together: deterministic runs have fuel in place
/// of time. A sentence that tells the contradiction, or nothing.
[[nodiscard]] std::string settle_grants(Command& command);

/// "run": what `verb` is called on the command line.
[[nodiscard]] std::string_view verb_name(Verb verb);

/// How the file `name` is read if no option tells.
[[nodiscard]] SourceKind kind_of_file(std::string_view name);

}  // namespace sandglass::cli
