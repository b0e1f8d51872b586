#include "cli/command_line_app.h"

#include <memory>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "cli/grant_options.h"
#include "cli/help.h"
#include "cli/limit_options.h"
#include "sandglass/version.h"

namespace sandglass::cli {
namespace {

std::string version_text() {
  return fmt::format("sandglass {}\nengine    {}\nguest     sha256 {}", version(), engine_version(),
                     guest_hash());
}

CLI::App* add_verb(CLI::App& app, Verb verb, const std::string& summary) {
  const std::string name(verb_name(verb));
  CLI::App* added = app.add_subcommand(name, summary);
  added->footer(help::footer(name));
  return added;
}

void add_input(CLI::App& verb, Command& command, const std::string& name,
               const std::string& description) {
  verb.add_option(name, command.input, description)->option_text(" ");
}

enum class LimitSet { all, those_of_parsing };

void add_limits(CLI::App& verb, Command& command, LimitSet set) {
  for (const LimitOption& limit : limit_options()) {
    if (set == LimitSet::those_of_parsing && !limit.concerns_parsing) {
      continue;
    }
    const std::string name = fmt::format("--{}", limit.name);
    const CLI::callback_t read = [&command, &limit, name](const CLI::results_t& texts) {
      if (const auto done = limit.set(command.limits, texts.back()); !done) {
        throw CLI::ValidationError(name, done.error());
      }
      command.given_limits.emplace(limit.name);
      return true;
    };
    verb.add_option(
            name, read,
            fmt::format("{}\n[default {}; {}]", limit.what, limit.get(Limits{}), limit.range))
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
        ->option_text(std::string(limit.value_name))
        ->group("Limits");
  }
}

// A value only after "=": what follows otherwise is the script.
CLI::Option* add_optional_grant(CLI::App& verb, Command& command, const GrantOption& grant,
                                const std::string& name) {
  const std::string what(grant.what);  // CLI11 wants it const
  CLI::Option* option = verb.add_flag(name, what);
  option->each([&command, &grant](const std::string& text) {
    // CLI11 says "true" where there is no value.
    if (const auto done = grant.set(command.grants, text == "true" ? "" : text); !done) {
      throw CLI::ValidationError(done.error());  // CLI11 adds the name
    }
  });
  return option;
}

CLI::Option* add_grant(CLI::App& verb, Command& command, const GrantOption& grant,
                       const std::string& name) {
  const bool is_list = grant.value == GrantValue::list;
  const CLI::callback_t read = [&command, &grant, name](const CLI::results_t& texts) {
    for (const std::string& text : texts) {
      if (const auto done = grant.set(command.grants, text); !done) {
        throw CLI::ValidationError(name, done.error());
      }
    }
    return true;
  };
  CLI::Option* option = verb.add_option(name, read, std::string(grant.what));
  return option->multi_option_policy(is_list ? CLI::MultiOptionPolicy::TakeAll
                                             : CLI::MultiOptionPolicy::TakeLast);
}

void add_grants(CLI::App& verb, Command& command) {
  for (const GrantOption& grant : grant_options()) {
    const std::string name = fmt::format("--{}", grant.name);
    CLI::Option* option = grant.value == GrantValue::optional
                              ? add_optional_grant(verb, command, grant, name)
                              : add_grant(verb, command, grant, name);
    // A blank keeps CLI11's own words away.
    option->option_text(grant.value_name.empty() ? " " : std::string(grant.value_name))
        ->group("Grants");
  }
  for (const GrantOption& grant : grant_options()) {
    if (!grant.excludes.empty()) {
      verb.get_option(fmt::format("--{}", grant.name))
          ->excludes(verb.get_option(fmt::format("--{}", grant.excludes)));
    }
  }
}

void add_kind(CLI::App& verb, Command& command) {
  CLI::Option* module = verb.add_flag_callback(
      "--module", [&command] { command.kind = SourceKind::module; },
      "Read the source as an ES module");
  CLI::Option* script = verb.add_flag_callback(
      "--script", [&command] { command.kind = SourceKind::script; },
      "Read the source as a classic script");
  module->excludes(script)->option_text(" ");
  script->excludes(module)->option_text(" ");
}

void add_json(CLI::App& verb, Command& command) {
  verb.add_flag("--json", command.json, "Print one JSON object that holds everything");
}

CLI::Option* add_text(CLI::App& verb, const std::string& name, std::string& target,
                      const std::string& value_name, const std::string& description) {
  return verb.add_option(name, target, description)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->option_text(value_name);
}

void add_key(CLI::App& verb, Command& command, const std::string& description) {
  add_text(verb, "--key", command.key, "FILE", description);
}

// For what makes a VM and runs something in it.
void add_start(CLI::App& verb, Command& command) {
  add_text(verb, "--snapshot", command.snapshot, "FILE",
           "Start from what `sandglass snapshot` wrote");
}

void add_target(CLI::App& verb, Command& command, const std::string& description) {
  add_text(verb, "-o", command.target, "FILE", description)->required();
}

void add_verbs(CLI::App& app, Command& command) {
  CLI::App* run = add_verb(app, Verb::run, "Run a file, or standard input, inside limits");
  add_input(*run, command, "FILE", "A script, module or bytecode; - is standard input");
  CLI::App* eval = add_verb(app, Verb::eval, "Evaluate code and print the value it completes with");
  add_input(*eval, command, "CODE", "JavaScript");
  for (CLI::App* verb : {run, eval}) {
    add_start(*verb, command);
    add_kind(*verb, command);
    add_json(*verb, command);
  }

  CLI::App* repl = add_verb(app, Verb::repl, "Type JavaScript and see what comes of it");
  add_start(*repl, command);

  CLI::App* check = add_verb(app, Verb::check, "Tell whether files parse; run nothing");
  check->add_option("FILE", command.inputs, "Scripts and modules; - is standard input")
      ->option_text(" ");
  CLI::App* compile = add_verb(app, Verb::compile, "Compile a file to bytecode; run nothing");
  add_input(*compile, command, "FILE", "The script or module; - is standard input");
  add_target(*compile, command, "The file to write, *.sgb by custom");
  CLI::App* snapshot = add_verb(app, Verb::snapshot, "Run a file and keep the VM that is left");
  add_input(*snapshot, command, "FILE", "The script or module; - is standard input");
  add_target(*snapshot, command, "The file to write, *.sgs by custom");
  add_start(*snapshot, command);
  for (CLI::App* verb : {check, compile, snapshot}) {
    add_kind(*verb, command);
    add_json(*verb, command);
  }

  for (CLI::App* verb : {compile, snapshot}) {
    add_key(*verb, command, "Sign it with the 32 bytes in this file");
  }
  for (CLI::App* verb : {run, eval, repl}) {
    add_key(*verb, command, "Take only what was signed with this key");
  }
  for (CLI::App* verb : {run, eval, repl, snapshot}) {
    add_limits(*verb, command, LimitSet::all);
    add_grants(*verb, command);
  }
  for (CLI::App* verb : {check, compile}) {
    add_limits(*verb, command, LimitSet::those_of_parsing);
  }

  for (CLI::App* verb : {run, eval, repl, check, compile, snapshot}) {
    add_text(*verb, "--config", command.config, "FILE",
             "Read limits and grants from this file; options win");
  }
  run->add_flag("--watch", command.watch, "Run again whenever the file changes");

  CLI::App* completions =
      add_verb(app, Verb::completions, "Print the completion script of a shell");
  add_input(*completions, command, "SHELL", "bash, zsh or fish");
  add_verb(app, Verb::selftest, "Overflow the stack at every size; check the VM");
}

}  // namespace

std::string_view verb_name(Verb verb) {
  switch (verb) {
    case Verb::run:
      return "run";
    case Verb::eval:
      return "eval";
    case Verb::repl:
      return "repl";
    case Verb::check:
      return "check";
    case Verb::compile:
      return "compile";
    case Verb::snapshot:
      return "snapshot";
    case Verb::completions:
      return "completions";
    case Verb::selftest:
      return "selftest";
  }
  return {};
}

std::string input_name(Verb verb) {
  switch (verb) {
    case Verb::eval:
      return "CODE";
    case Verb::completions:
      return "SHELL";
    case Verb::repl:
    case Verb::selftest:
      return {};
    default:
      return "FILE";
  }
}

void define_command_line(CLI::App& app, Command& command) {
  app.name("sandglass");
  app.description(help::description());
  app.formatter(std::make_shared<help::Formatter>());
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.set_version_flag("--version", version_text(), "Print the versions in use and exit");
  app.footer(help::footer(""));
  app.require_subcommand(1);
  add_verbs(app, command);
}

}  // namespace sandglass::cli
