#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

// What the command line says about itself.
namespace sandglass::cli::help {

/// The first lines of the help of the whole command.
[[nodiscard]] std::string description();

/// Units, examples and exit codes: the last lines of the help of `verb`, or of the whole command if
/// it is empty.
[[nodiscard]] std::string footer(std::string_view verb);

/// CLI11's layout with our usage lines.
class Formatter : public CLI::Formatter {
 public:
  Formatter();
  std::string make_usage(const CLI::App* app, std::string name) const override;
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

/// CLI11's complaint as one sentence that tells what to do. `verb` is null if none was named.
[[nodiscard]] std::string explain(const CLI::ParseError& error, const CLI::App& app,
                                  const CLI::App* verb);

}  // namespace sandglass::cli::help
