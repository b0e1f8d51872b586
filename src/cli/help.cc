#include "cli/help.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

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

constexpr std::string_view kSelftest =
    "Exit codes:\n"
    "  0 every overflow was reported as a stack limit and every VM went on working\n"
    "  1 something else happened; the table tells where";

}  // namespace

std::string description() {
  return "Runs untrusted JavaScript inside hard limits of memory, stack, time and output.\n"
         "The script can compute and print. It has no files, no network and no real clock.\n";
}

std::string footer(std::string_view verb) {
  if (verb == "run" || verb == "eval") {
    return fmt::format("{}{}{}", kUnits, verb == "run" ? kRun : kEval, kExitCodes);
  }
  return verb == "selftest" ? std::string(kSelftest) : fmt::format("{}{}", kTop, kExitCodes);
}

Formatter::Formatter() {
  column_width(24);
}

std::string Formatter::make_usage(const CLI::App* app, std::string /*name*/) const {
  struct Usage {
    std::string_view verb;
    std::string_view line;
  };
  static constexpr std::array<Usage, 4> kUsages{{
      {"sandglass", "sandglass COMMAND [OPTIONS]"},
      {"run", "sandglass run [OPTIONS] FILE|- [-- ARGS...]"},
      {"eval", "sandglass eval [OPTIONS] CODE [-- ARGS...]"},
      {"selftest", "sandglass selftest"},
  }};
  const auto* usage = std::ranges::find(kUsages, app->get_name(), &Usage::verb);
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

std::string explain(const CLI::ParseError& error, const std::vector<std::string>& left_over,
                    std::string_view verb) {
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    const std::string_view what = error.what();
    return fmt::format("{}: a value is missing", what.substr(0, what.find(':')));
  }
  const bool no_verb = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr;
  if (no_verb && left_over.empty()) {
    return "a command is missing: use run, eval or selftest";
  }
  if (!no_verb && dynamic_cast<const CLI::ExtrasError*>(&error) == nullptr) {
    return error.what();
  }
  const std::string first = left_over.empty() ? std::string() : left_over.front();
  if (first.starts_with('-')) {
    return fmt::format("unknown option '{}'{}", first,
                       verb == "eval" ? "; code that starts with - goes after --" : "");
  }
  if (verb.empty()) {
    return fmt::format("unknown command '{}': use run, eval or selftest", first);
  }
  return fmt::format("unexpected argument '{}'{}", first,
                     verb == "selftest" ? "" : "; arguments for the script go after --");
}

}  // namespace sandglass::cli::help
