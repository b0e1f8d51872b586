#include "cli/completions.h"

#include <algorithm>
#include <array>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command_line_app.h"

namespace sandglass::cli {
namespace {

using Words = std::vector<std::string>;

constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};

// An option as a shell has to know it.
struct Flag {
  Words names;              // "-h", "--help"
  std::string description;  // its first line
  bool takes_value = false;
  bool takes_file = false;
};

struct Subcommand {
  std::string name;
  std::string description;
  std::vector<Flag> flags;
  Words words;  // what its argument may be; empty: a file, if it takes one
  bool takes_file = false;
};

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Flag flag_of(const CLI::Option& option) {
  Flag flag{.names = {}, .description = first_line(option.get_description())};
  for (const std::string& name : option.get_snames()) {
    flag.names.push_back("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    flag.names.push_back("--" + name);
  }
  flag.takes_value = option.get_items_expected_max() > 0;
  flag.takes_file =
      option.get_option_text() == "FILE" || option.get_option_text().starts_with("DIR");
  return flag;
}

Subcommand subcommand_of(const CLI::App& app) {
  Subcommand result{.name = app.get_name(), .description = app.get_description()};
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) {
      result.flags.push_back(flag_of(*option));
    } else if (option->get_name() == "SHELL") {
      result.words.assign(kShells.begin(), kShells.end());
    } else {
      result.takes_file = option->get_name() == "FILE";
    }
  }
  return result;
}

std::vector<Subcommand> subcommands_of(const CLI::App& app) {
  std::vector<Subcommand> result;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    result.push_back(subcommand_of(*verb));
  }
  return result;
}

Words names_of(const std::vector<Flag>& flags) {
  Words names;
  for (const Flag& flag : flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return names;
}

// In single quotes, for any of the shells.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return result + "'";
}

// Names of the flags of all subcommands that `wanted` is true for, as a pattern of `case`.
template <class Wanted>
std::string pattern(const std::vector<Subcommand>& verbs, Wanted wanted) {
  Words names;
  for (const Subcommand& verb : verbs) {
    for (const Flag& flag : verb.flags) {
      for (const std::string& name : flag.names) {
        if (wanted(flag) && std::ranges::find(names, name) == names.end()) {
          names.push_back(name);
        }
      }
    }
  }
  return fmt::format("{}", fmt::join(names, "|"));
}

std::string bash_script(const CLI::App& app) {
  const std::vector<Subcommand> verbs = subcommands_of(app);
  Words first = names_of(subcommand_of(app).flags);
  std::string cases;
  for (const Subcommand& verb : verbs) {
    first.push_back(verb.name);
    cases += fmt::format(
        "    {})\n      flags={}\n      words={}\n      files={}\n      ;;\n", verb.name,
        shell_quoted(fmt::format("{}", fmt::join(names_of(verb.flags), " "))),
        shell_quoted(fmt::format("{}", fmt::join(verb.words, " "))), verb.takes_file ? "yes" : "");
  }
  return fmt::format(
      R"(# bash completion of sandglass. Use: source <(sandglass completions bash)
_sandglass() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  local flags= words= files=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W {first} -- "$word")
    return
  fi
  case $before in
    {file_flags})
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      return
      ;;
    {value_flags}) return ;;
  esac
  case ${{COMP_WORDS[1]}} in
{cases}  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$flags" -- "$word")
  elif [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [ -n "$files" ]; then
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}}
complete -F _sandglass sandglass
)",
      fmt::arg("first", shell_quoted(fmt::format("{}", fmt::join(first, " ")))),
      fmt::arg("file_flags", pattern(verbs, [](const Flag& flag) { return flag.takes_file; })),
      fmt::arg(
          "value_flags",
          pattern(verbs, [](const Flag& flag) { return flag.takes_value && !flag.takes_file; })),
      fmt::arg("cases", cases));
}

// In the descriptions of _arguments these have a meaning.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result += std::string_view("[]:\\").contains(c) ? fmt::format("\\{}", c) : std::string(1, c);
  }
  return result;
}

std::string zsh_flags(const std::vector<Flag>& flags) {
  std::string lines;
  for (const Flag& flag : flags) {
    for (const std::string& name : flag.names) {
      const std::string value = !flag.takes_value ? ""
                                : flag.takes_file ? ":file:_files"
                                                  : ":value: ";
      lines += fmt::format(
          " \\\n        {}",
          shell_quoted(fmt::format("{}[{}]{}", name, zsh_text(flag.description), value)));
    }
  }
  return lines;
}

std::string zsh_script(const CLI::App& app) {
  std::string names;
  std::string cases;
  for (const Subcommand& verb : subcommands_of(app)) {
    names += fmt::format("    {}\n", shell_quoted(verb.name + ":" + zsh_text(verb.description)));
    std::string rest;
    if (!verb.words.empty()) {
      rest = fmt::format(" \\\n        ':word:({})'", fmt::join(verb.words, " "));
    } else if (verb.takes_file) {
      rest = " \\\n        '*:file:_files'";
    }
    cases += fmt::format("    {})\n      _arguments{}{}\n      ;;\n", verb.name,
                         zsh_flags(verb.flags), rest);
  }
  return fmt::format(
      R"(#compdef sandglass
# zsh completion of sandglass. Use: sandglass completions zsh > a folder of $fpath/_sandglass
_sandglass() {{
  local -a commands
  commands=(
{names}  )
  if (( CURRENT == 2 )); then
    if [[ $words[2] == -* ]]; then
      _arguments{top}
    else
      _describe command commands
    fi
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{cases}  esac
}}
if [ "$funcstack[1]" = _sandglass ]; then
  _sandglass "$@"
else
  compdef _sandglass sandglass
fi
)",
      fmt::arg("names", names), fmt::arg("cases", cases),
      fmt::arg("top", zsh_flags(subcommand_of(app).flags)));
}

std::string fish_flag(const Flag& flag, std::string_view condition) {
  std::string line = fmt::format("complete -c sandglass -n {}", condition);
  for (const std::string& name : flag.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  line += flag.takes_file ? " -r -F" : flag.takes_value ? " -x" : "";
  return line + " -d " + shell_quoted(flag.description) + "\n";
}

std::string fish_script(const CLI::App& app) {
  std::string text =
      "# fish completion of sandglass. Use: sandglass completions fish | source\n"
      "complete -c sandglass -f\n";
  for (const Flag& flag : subcommand_of(app).flags) {
    text += fish_flag(flag, "__fish_use_subcommand");
  }
  for (const Subcommand& verb : subcommands_of(app)) {
    const std::string inside = shell_quoted("__fish_seen_subcommand_from " + verb.name);
    text += fmt::format("complete -c sandglass -n __fish_use_subcommand -a {} -d {}\n", verb.name,
                        shell_quoted(verb.description));
    if (!verb.words.empty()) {
      text += fmt::format("complete -c sandglass -n {} -a {}\n", inside,
                          shell_quoted(fmt::format("{}", fmt::join(verb.words, " "))));
    } else if (verb.takes_file) {
      text += fmt::format("complete -c sandglass -n {} -F\n", inside);
    }
    for (const Flag& flag : verb.flags) {
      text += fish_flag(flag, inside);
    }
  }
  return text;
}

}  // namespace

std::expected<std::string, std::string> completion_script(std::string_view shell) {
  Command command;
  CLI::App app;
  define_command_line(app, command);
  if (shell == "bash") {
    return bash_script(app);
  }
  if (shell == "zsh") {
    return zsh_script(app);
  }
  if (shell == "fish") {
    return fish_script(app);
  }
  return std::unexpected(fmt::format("unknown shell '{}': use bash, zsh or fish", shell));
}

}  // namespace sandglass::cli
