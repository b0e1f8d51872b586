#include "cli/help.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/suggest.h"

namespace sandglass::cli::help {
namespace {

constexpr std::string_view kExitCodes =
    "Exit codes:\n"
    "  0 ok                  4 time limit      8 output limit\n"
    "  1 threw               5 memory limit    9 engine fault, contained\n"
    "  2 usage, bad input    6 stack limit   130 interrupted (Ctrl-C)\n"
    "  3 syntax error        7 fuel limit    141 the reader of stdout left";

constexpr std::string_view kUnits =
    "Units:\n"
    "  SIZE      B, KiB, MiB, GiB, KB, MB, GB; a plain number is bytes\n"
    "  DURATION  us, ms, s, m\n"
    "  COUNT     a whole number\n"
    "\n";

constexpr std::string_view kTop =
    "Examples:\n"
    "  sandglass run script.js\n"
    "  sandglass run --time 200ms --memory 16MiB script.js -- first second\n"
    "  sandglass eval '[1, 2, 3].map(x => x * x)'\n"
    "  sandglass repl\n"
    "\n"
    "`sandglass COMMAND --help` tells the options of a command.\n"
    "\n";

constexpr std::string_view kRun =
    "A file whose name ends in .mjs, or that has import or export, is a module.\n"
    "ARGS are what the script finds in the global array scriptArgs.\n"
    "\n"
    "Examples:\n"
    "  sandglass run --time 200ms --memory 16MiB script.js\n"
    "  sandglass run script.js -- first second\n"
    "  sandglass run --allow-read=data --allow-clock script.js\n"
    "  sandglass run --watch --config sandglass.toml script.js\n"
    "  curl -s https://example.com/script.js | sandglass run --json -\n"
    "\n";

constexpr std::string_view kEval =
    "The value is printed as the console would print it; undefined is not printed.\n"
    "\n"
    "Examples:\n"
    "  sandglass eval '1 + 1'\n"
    "  sandglass eval 'await Promise.all([1, 2])'\n"
    "  sandglass eval --json --time 50ms 'while (true) {}'\n"
    "  sandglass eval -- '-1'\n"
    "\n";

constexpr std::string_view kCompile =
    "What is compiled is bound to this engine; `sandglass run` tells it from source\n"
    "by its first bytes. Imports must be found when it is compiled.\n"
    "\n"
    "Examples:\n"
    "  sandglass compile script.js -o script.sgb && sandglass run script.sgb\n"
    "  head -c 32 /dev/urandom > key\n"
    "  sandglass compile --key key script.js -o script.sgb\n"
    "  sandglass run --key key script.sgb\n"
    "\n"
    "Exit codes:\n"
    "  0 written      2 usage, bad input    3 syntax error    4, 5, 6 limits, as run";

constexpr std::string_view kSnapshot =
    "Runs the file as `sandglass run` does and writes its VM, all that was defined\n"
    "included. A VM starts from it in microseconds, in the same state each time.\n"
    "\n"
    "Examples:\n"
    "  sandglass snapshot library.js -o library.sgs\n"
    "  sandglass run --snapshot library.sgs script.js\n"
    "\n";

constexpr std::string_view kCompletions =
    "Examples:\n"
    "  source <(sandglass completions bash)     # in ~/.bashrc\n"
    "  sandglass completions zsh > ~/.zsh/_sandglass    # a folder of $fpath\n"
    "  sandglass completions fish > ~/.config/fish/completions/sandglass.fish";

constexpr std::string_view kConfig =
    "Configuration file:\n"
    "  [limits]\n"
    "  memory = \"16MiB\"    # the names of the options, their values as strings\n"
    "  time = \"200ms\"\n"
    "  [grants]\n"
    "  read = [\"data\"]      # without allow-; lists are added to those of the options\n"
    "\n";

constexpr std::string_view kSelftest =
    "Exit codes:\n"
    "  0 every overflow was reported as a stack limit and every VM went on working\n"
    "  1 something else happened; the table tells where";

constexpr std::string_view kRepl =
    "Each input has the limits for itself, memory excepted: that belongs to the\n"
    "session. .help in it tells its commands and keys. Without a terminal it reads\n"
    "inputs from standard input and shows no prompt.\n"
    "ARGS are what the script finds in the global array scriptArgs.\n"
    "\n"
    "Examples:\n"
    "  sandglass repl --time none --memory 256MiB\n"
    "  printf 'let a = 20\\na + 1\\n_ * 2\\n' | sandglass repl\n"
    "\n"
    "Files:\n"
    "  $XDG_STATE_HOME/sandglass/history  what was typed, or below ~/.local/state\n"
    "  ~/.editrc                          keys, as editrc(5) tells\n"
    "Environment:\n"
    "  NO_COLOR  if it is set, there are no colours";

constexpr std::string_view kCheck =
    "Nothing is printed if all is well. Imported modules are not looked for.\n"
    "A file whose name ends in .mjs, or that parses only as one, is a module.\n"
    "\n"
    "Examples:\n"
    "  sandglass check script.js module.mjs\n"
    "  git diff --name-only -- '*.js' | xargs sandglass check\n"
    "  echo 'let x = ;' | sandglass check --json -\n"
    "\n"
    "Exit codes:\n"
    "  0 all parse    2 usage, bad input    3 syntax error    4, 5, 6 limits, as run";

std::vector<std::string> verb_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(verb->get_name());
  }
  return names;
}

// "run, eval or selftest".
std::string verb_list(const CLI::App& app) {
  std::vector<std::string> names = verb_names(app);
  const std::string last = std::move(names.back());
  names.pop_back();
  return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

std::vector<std::string_view> views(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

std::string suggest_option(std::string_view word, const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return suggestion(word.substr(0, word.find('=')), views(names));
}

}  // namespace

std::string description() {
  return "Runs untrusted JavaScript inside hard limits of memory, stack, time and output.\n"
         "The script can compute and print. Files, network and clock are granted by name.\n";
}

std::string footer(std::string_view verb) {
  if (verb.empty()) {
    return fmt::format("{}{}", kTop, kExitCodes);
  }
  if (verb == "run" || verb == "eval") {
    return fmt::format("{}{}{}{}", kUnits, kConfig, verb == "run" ? kRun : kEval, kExitCodes);
  }
  if (verb == "repl") {
    return fmt::format("{}{}{}", kUnits, kConfig, kRepl);
  }
  if (verb == "snapshot") {
    return fmt::format("{}{}{}{}", kUnits, kConfig, kSnapshot, kExitCodes);
  }
  if (verb == "completions") {
    return std::string(kCompletions);
  }
  return std::string(verb == "check" ? kCheck : verb == "compile" ? kCompile : kSelftest);
}

Formatter::Formatter() {
  column_width(24);
}

std::string Formatter::make_usage(const CLI::App* app, std::string /*name*/) const {
  struct Usage {
    std::string_view verb;
    std::string_view line;
  };
  static constexpr auto kUsages = std::to_array<Usage>({
      {"sandglass", "sandglass COMMAND [OPTIONS]"},
      {"run", "sandglass run [OPTIONS] FILE|- [-- ARGS...]"},
      {"eval", "sandglass eval [OPTIONS] CODE [-- ARGS...]"},
      {"repl", "sandglass repl [OPTIONS] [-- ARGS...]"},
      {"check", "sandglass check [OPTIONS] FILE|-..."},
      {"compile", "sandglass compile [OPTIONS] FILE|- -o TARGET"},
      {"snapshot", "sandglass snapshot [OPTIONS] FILE|- -o TARGET [-- ARGS...]"},
      {"completions", "sandglass completions bash|zsh|fish"},
      {"selftest", "sandglass selftest"},
  });
  const auto usage = std::ranges::find(kUsages, app->get_name(), &Usage::verb);
  return fmt::format("\nUsage: {}\n", usage == kUsages.end() ? app->get_name() : usage->line);
}

// CLI11 puts a line break between groups and one more before each; one is enough.
std::string Formatter::make_help(const CLI::App* app, std::string name,
                                 CLI::AppFormatMode mode) const {
  std::string text = CLI::Formatter::make_help(app, std::move(name), mode);
  for (std::size_t at = text.find("\n\n\n"); at != text.npos; at = text.find("\n\n\n", at)) {
    text.erase(at, 1);
  }
  text.erase(text.find_last_not_of('\n') + 1);
  return text + '\n';
}

std::string explain(const CLI::ParseError& error, const CLI::App& app, const CLI::App* verb) {
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string_view what = error.what();
    return fmt::format("{}: a value is missing", what.substr(0, what.find(':')));
  }
  const std::vector<std::string> left_over = app.remaining(true);
  const bool lacks = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (lacks && verb != nullptr && left_over.empty()) {
    return "-o is missing: name the file to write";
  }
  const bool no_verb = lacks && verb == nullptr;
  if (no_verb && left_over.empty()) {
    return fmt::format("a command is missing: use {}", verb_list(app));
  }
  if (!no_verb && dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) {
    return error.what();
  }
  const std::string first = left_over.empty() ? std::string() : left_over.front();
  if (first.starts_with('-')) {
    const std::string code = verb != nullptr && verb->get_name() == "eval"
                                 ? "; code that starts with - goes after --"
                                 : "";
    return fmt::format("unknown option '{}'{}", first,
                       code.empty() ? suggest_option(first, verb == nullptr ? app : *verb) : code);
  }
  if (verb == nullptr) {
    const std::vector<std::string> names = verb_names(app);
    const std::string meant = suggestion(first, views(names));
    return fmt::format("unknown command '{}'{}", first,
                       meant.empty() ? ": use " + verb_list(app) : meant);
  }
  const bool takes_arguments = verb->get_name() == "run" || verb->get_name() == "eval";
  return fmt::format("unexpected argument '{}'{}", first,
                     takes_arguments ? "; arguments for the script go after --" : "");
}

}  // namespace sandglass::cli::help
