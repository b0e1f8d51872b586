#include "cli/command_line.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command_line_app.h"
#include "cli/help.h"

namespace sandglass::cli {
namespace {

// What stands after "--" is the script's, whatever it looks like; CLI11 never sees it.
std::vector<std::string> take_script_arguments(std::vector<std::string>& arguments) {
  const auto separator = std::ranges::find(arguments, "--");
  if (separator == arguments.end()) {
    return {};
  }
  std::vector<std::string> rest(separator + 1, arguments.end());
  arguments.erase(separator, arguments.end());
  return rest;
}

// `sandglass run -- -odd-name.js a b`: the one way to name what looks like an option.
// A sentence that tells what is missing, or nothing.
std::string place_input(Command& command, const CLI::App& verb) {
  std::vector<std::string>& rest = command.arguments;
  switch (command.verb) {
    case Verb::check:
      std::ranges::move(rest, std::back_inserter(command.inputs));
      rest.clear();
      return command.inputs.empty() ? "FILE is missing: name what to check, or - for standard input"
                                    : "";
    case Verb::completions:
      if (verb.count("SHELL") + rest.size() > 1) {
        return "completions takes one argument";
      }
      break;
    case Verb::compile:
      if (rest.size() + verb.count("FILE") > 1) {
        return "compile runs nothing, so it takes no arguments for the script";
      }
      break;
    case Verb::selftest:
      return rest.empty() ? "" : fmt::format("{} takes no arguments", verb.get_name());
    default:
      break;
  }
  const std::string name = input_name(command.verb);
  if (name.empty()) {
    return {};
  }
  if (verb.count(name) > 0) {
    return {};
  }
  if (rest.empty()) {
    return fmt::format("{} is missing: {}", name,
                       command.verb == Verb::eval ? "give the code as one argument"
                       : command.verb == Verb::completions
                           ? "use bash, zsh or fish"
                           : "name a script, or - for standard input");
  }
  command.input = std::move(rest.front());
  rest.erase(rest.begin());
  return {};
}

}  // namespace

SourceKind kind_of_file(std::string_view name) {
  return name.ends_with(".mjs") ? SourceKind::module : SourceKind::detect;
}

std::string settle_grants(Command& command) {
  GrantRequest& grants = command.grants;
  if (!grants.deterministic) {
    return {};
  }
  if (grants.clock && grants.clock->runs()) {
    return "--deterministic and the system's clock exclude each other";
  }
  if (grants.random && !grants.random->seed()) {
    return "--deterministic and --allow-random exclude each other";
  }
  if (command.given_limits.contains("time")) {
    return "--deterministic and --time exclude each other: --fuel ends what does not end by itself";
  }
  const Options defaults = Options::deterministic(0);
  command.limits.wall_time = defaults.limits.wall_time;
  if (!command.given_limits.contains("fuel")) {
    command.limits.fuel = defaults.limits.fuel;
  }
  return {};
}

std::expected<Command, NoCommand> parse_command_line(std::vector<std::string> arguments) {
  Command command;
  command.arguments = take_script_arguments(arguments);
  const bool wants_json = std::ranges::find(arguments, "--json") != arguments.end();

  // CLI11 would take the next word, or see no value where there may be none.
  const auto empty = std::ranges::find_if(arguments, [](const std::string& word) {
    return word.starts_with("--") && word.find('=') + 1 == word.size();
  });
  if (empty != arguments.end()) {
    return std::unexpected(
        NoCommand{true, fmt::format("{}: a value is missing", empty->substr(0, empty->size() - 1)),
                  "--help", wants_json});
  }

  CLI::App app;
  define_command_line(app, command);
  const auto chosen = [&]() -> const CLI::App* {
    const std::vector<CLI::App*> verbs = app.get_subcommands();
    return verbs.empty() ? nullptr : verbs.front();
  };
  const auto refuse = [&](std::string why) {
    const CLI::App* verb = chosen();
    return std::unexpected(NoCommand{true, std::move(why),
                                     verb == nullptr ? "--help" : verb->get_name() + " --help",
                                     wants_json});
  };
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(NoCommand{false, app.help(), {}, false});
  } catch (const CLI::CallForVersion&) {
    return std::unexpected(NoCommand{false, app.version() + "\n", {}, false});
  } catch (const CLI::ParseError& error) {
    return refuse(help::explain(error, app, chosen()));
  }
  command.verb = *std::ranges::find(kVerbs, chosen()->get_name(), verb_name);
  if (std::string missing = place_input(command, *chosen()); !missing.empty()) {
    return refuse(std::move(missing));
  }
  if (command.watch && command.input == "-") {
    return refuse("--watch wants a file: standard input does not change");
  }
  if (command.json && command.target == "-") {
    return refuse("--json and -o - would both write to standard output");
  }
  if (command.kind == SourceKind::detect && input_name(command.verb) == "FILE") {
    command.kind = kind_of_file(command.input);
  }
  return command;
}

}  // namespace sandglass::cli
