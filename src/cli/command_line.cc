#include "cli/command_line.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/help.h"
#include "cli/units.h"
#include "sandglass/version.h"

namespace sandglass::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// The library checks its ranges too; here they are for messages that name the option.
constexpr SizeRange kMemoryRange{std::uint64_t{2} << 20, (std::uint64_t{4} << 30) - (64 << 10),
                                 "4GiB less 64KiB"};
constexpr SizeRange kStackRange{std::uint64_t{64} << 10, std::uint64_t{16} << 20, {}};
constexpr SizeRange kOutputRange{};
constexpr DurationRange kTimeRange{milliseconds{1}};
constexpr DurationRange kGraceRange{nanoseconds{0}, seconds{1}};

// Lets `parse` read the option's text into `target`; its complaint becomes CLI11's.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& app, const std::string& name, T& target,
                        const std::string& description, Parse parse) {
  const CLI::callback_t read = [&target, name, parse](const CLI::results_t& texts) {
    auto value = parse(texts.back());
    if (!value) {
      throw CLI::ValidationError(name, value.error());
    }
    target = *value;
    return true;
  };
  return app.add_option(name, read, description)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::string default_text(const std::optional<nanoseconds>& limit) {
  return limit ? format_duration(*limit) : "none";
}

void add_limits(CLI::App& app, Limits& limits) {
  add_parsed(app, "--memory", limits.memory_bytes,
             fmt::format("Memory of the VM\n[default {}; {}]", format_size(limits.memory_bytes),
                         describe(kMemoryRange)),
             [](std::string_view text) { return parse_size(text, kMemoryRange); })
      ->option_text("SIZE");
  add_parsed(app, "--stack", limits.stack_bytes,
             fmt::format("Stack of the script\n[default {}; {}]", format_size(limits.stack_bytes),
                         describe(kStackRange)),
             [](std::string_view text) { return parse_size(text, kStackRange); })
      ->option_text("SIZE");
  add_parsed(app, "--time", limits.wall_time,
             fmt::format("Wall-clock time\n[default {}; {}, or none]",
                         default_text(limits.wall_time), describe(kTimeRange)),
             [](std::string_view text) { return parse_optional_duration(text, kTimeRange); })
      ->option_text("DURATION");
  add_parsed(app, "--cpu-time", limits.cpu_time,
             fmt::format("Processor time\n[default {}; {}, or none]", default_text(limits.cpu_time),
                         describe(kTimeRange)),
             [](std::string_view text) { return parse_optional_duration(text, kTimeRange); })
      ->option_text("DURATION");
  add_parsed(app, "--grace", limits.grace,
             fmt::format("How long it may run on after its time is up\n"
                         "[default {}; {}]",
                         format_duration(limits.grace), describe(kGraceRange)),
             [](std::string_view text) { return parse_duration(text, kGraceRange); })
      ->option_text("DURATION");
  add_parsed(app, "--fuel", limits.fuel,
             "Work in units of 10,000 polls (calls and jumps)\n"
             "[default none; 1 or more, or none]",
             [](std::string_view text) { return parse_optional_count(text); })
      ->option_text("COUNT");
  add_parsed(app, "--output", limits.output_bytes,
             fmt::format("Bytes that the script may print\n[default {}; {}]",
                         format_size(limits.output_bytes), describe(kOutputRange)),
             [](std::string_view text) { return parse_size(text, kOutputRange); })
      ->option_text("SIZE");
  for (CLI::Option* option : app.get_options()) {
    if (!option->get_positional() && option != app.get_help_ptr()) {
      option->group("Limits");
    }
  }
}

void add_source_options(CLI::App& app, Command& command) {
  CLI::Option* module = app.add_flag_callback(
      "--module", [&command] { command.kind = SourceKind::module; },
      "Read the source as an ES module");
  CLI::Option* script = app.add_flag_callback(
      "--script", [&command] { command.kind = SourceKind::script; },
      "Read the source as a classic script");
  app.add_flag("--json", command.json, "Print one JSON object that holds everything");
  module->excludes(script)->option_text(" ");
  script->excludes(module)->option_text(" ");
}

struct Verbs {
  CLI::App* run;
  CLI::App* eval;
  CLI::App* selftest;
};

Verbs add_verbs(CLI::App& app, Command& command) {
  Verbs verbs{};
  verbs.run = app.add_subcommand("run", "Run a file, or standard input, inside limits");
  verbs.run->add_option("FILE", command.input, "The script; - is standard input")->option_text(" ");
  verbs.eval = app.add_subcommand("eval", "Evaluate code and print the value it completes with");
  verbs.eval->add_option("CODE", command.input, "JavaScript")->option_text(" ");
  for (CLI::App* verb : {verbs.run, verbs.eval}) {
    add_limits(*verb, command.limits);
    add_source_options(*verb, command);
  }
  verbs.selftest = app.add_subcommand("selftest", "Overflow the stack at every size; check the VM");
  verbs.run->footer(help::footer("run"));
  verbs.eval->footer(help::footer("eval"));
  verbs.selftest->footer(help::footer("selftest"));
  return verbs;
}

bool is_module_name(std::string_view file_name) {
  return file_name.ends_with(".mjs");
}

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

std::string version_text() {
  return fmt::format("sandglass {}\nengine    {}\nguest     sha256 {}", version(), engine_version(),
                     guest_hash());
}

}  // namespace

std::expected<Command, NoCommand> parse_command_line(std::vector<std::string> arguments) {
  Command command;
  command.arguments = take_script_arguments(arguments);
  const bool wants_json = std::ranges::find(arguments, "--json") != arguments.end();

  CLI::App app{help::description(), "sandglass"};
  app.formatter(std::make_shared<help::Formatter>());
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", version_text(), "Print the versions in use and exit");
  app.footer(help::footer(""));
  app.require_subcommand(1);
  const Verbs verbs = add_verbs(app, command);

  const auto verb_name = [&] {
    const std::vector<CLI::App*> chosen = app.get_subcommands();
    return chosen.empty() ? std::string() : chosen.front()->get_name();
  };
  const auto refuse = [&](std::string why) {
    return std::unexpected(NoCommand{true, std::move(why),
                                     verb_name().empty() ? "--help" : verb_name() + " --help",
                                     wants_json});
  };
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return std::unexpected(NoCommand{false, app.help(), {}, false});
  } catch (const CLI::CallForVersion&) {
    return std::unexpected(NoCommand{false, version_text() + "\n", {}, false});
  } catch (const CLI::ParseError& error) {
    return refuse(help::explain(error, app.remaining(true), verb_name()));
  }

  if (verbs.selftest->parsed()) {
    if (!command.arguments.empty()) {
      return refuse("selftest takes no arguments");
    }
    command.verb = Verb::selftest;
    return command;
  }
  const CLI::App& verb = verbs.run->parsed() ? *verbs.run : *verbs.eval;
  command.verb = verbs.run->parsed() ? Verb::run : Verb::eval;
  const std::string positional = command.verb == Verb::run ? "FILE" : "CODE";
  if (verb.count(positional) == 0) {
    // `sandglass run -- -odd-name.js a b`: the one way to name what looks like an option.
    if (command.arguments.empty()) {
      return refuse(command.verb == Verb::run
                        ? "FILE is missing: name a script, or - for standard input"
                        : "CODE is missing: give the code as one argument");
    }
    command.input = std::move(command.arguments.front());
    command.arguments.erase(command.arguments.begin());
  }
  if (command.verb == Verb::run && command.kind == SourceKind::detect &&
      is_module_name(command.input)) {
    command.kind = SourceKind::module;
  }
  return command;
}

}  // namespace sandglass::cli
