#include "cli/command_line.h"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

Command parsed(const Words& words) {
  auto command = parse_command_line(words);
  EXPECT_TRUE(command) << command.error().text;
  return command.value_or(Command{});
}

NoCommand refused(const Words& words) {
  auto command = parse_command_line(words);
  EXPECT_FALSE(command);
  return command ? NoCommand{} : command.error();
}

TEST(CommandLine, WithoutOptionsTheLimitsAreTheDefaults) {
  const Command command = parsed({"run", "a.js"});
  EXPECT_EQ(command.verb, Verb::run);
  EXPECT_EQ(command.input, "a.js");
  EXPECT_EQ(command.kind, SourceKind::detect);
  EXPECT_FALSE(command.json);
  EXPECT_EQ(command.limits.memory_bytes, Limits{}.memory_bytes);
  EXPECT_EQ(command.limits.stack_bytes, Limits{}.stack_bytes);
  EXPECT_EQ(command.limits.wall_time, Limits{}.wall_time);
  EXPECT_EQ(command.limits.cpu_time, Limits{}.cpu_time);
  EXPECT_EQ(command.limits.fuel, Limits{}.fuel);
}

TEST(CommandLine, EveryLimitCanBeSet) {
  const Command command =
      parsed({"eval", "1", "--memory", "8MiB", "--stack=64KiB", "--time", "200ms", "--cpu-time",
              "1s", "--grace", "0ms", "--fuel", "7", "--output", "10"});
  EXPECT_EQ(command.limits.memory_bytes, 8U << 20);
  EXPECT_EQ(command.limits.stack_bytes, 64U << 10);
  EXPECT_EQ(command.limits.wall_time, 200ms);
  EXPECT_EQ(command.limits.cpu_time, 1s);
  EXPECT_EQ(command.limits.grace, 0ms);
  EXPECT_EQ(command.limits.fuel, 7U);
  EXPECT_EQ(command.limits.output_bytes, 10U);
}

TEST(CommandLine, NoneTurnsALimitOff) {
  const Command command = parsed({"eval", "--time", "none", "1"});
  EXPECT_EQ(command.limits.wall_time, std::nullopt);
}

TEST(CommandLine, LastOfARepeatedOptionCounts) {
  EXPECT_EQ(parsed({"run", "--time", "1s", "--time", "2s", "a"}).limits.wall_time, 2s);
}

TEST(CommandLine, WordsAfterTheSeparatorAreTheScripts) {
  const Command command = parsed({"run", "a.js", "--", "--json", "-x", "--", ""});
  EXPECT_EQ(command.arguments, (Words{"--json", "-x", "--", ""}));
  EXPECT_FALSE(command.json);
}

TEST(CommandLine, InputThatLooksLikeAnOptionStandsAfterTheSeparator) {
  const Command command = parsed({"run", "--", "-odd.js", "first"});
  EXPECT_EQ(command.input, "-odd.js");
  EXPECT_EQ(command.arguments, Words{"first"});
  EXPECT_EQ(parsed({"eval", "--", "--x"}).input, "--x");
}

TEST(CommandLine, CodeIsTakenAsItIs) {
  for (const std::string code :
       {"", "-1", "[1,2]", "[]", "{}", "{\"a\":1}", "''", "\"a\"", "a=b", "%%", "1 -- 2", "-"}) {
    const auto command = parse_command_line({"eval", code});
    ASSERT_TRUE(command) << code << ": " << command.error().text;
    EXPECT_EQ(command->input, code);
  }
}

TEST(CommandLine, KindComesFromTheFlagThenTheNameThenTheText) {
  EXPECT_EQ(parsed({"run", "a.mjs"}).kind, SourceKind::module);
  EXPECT_EQ(parsed({"run", "a.mjs", "--script"}).kind, SourceKind::script);
  EXPECT_EQ(parsed({"run", "a.js", "--module"}).kind, SourceKind::module);
  EXPECT_EQ(parsed({"run", "-"}).kind, SourceKind::detect);
  EXPECT_EQ(parsed({"eval", "'a.mjs'"}).kind, SourceKind::detect);
}

TEST(CommandLine, CheckTakesFilesBeforeAndAfterTheSeparator) {
  const Command command = parsed({"check", "a.js", "b.mjs", "--", "-c.js"});
  EXPECT_EQ(command.verb, Verb::check);
  EXPECT_EQ(command.inputs, (Words{"a.js", "b.mjs", "-c.js"}));
  EXPECT_EQ(command.arguments, Words{});
}

TEST(CommandLine, HelpAndVersionAreNotErrors) {
  for (const Words& words :
       {Words{"--help"}, Words{"run", "--help"}, Words{"eval", "-h"}, Words{"check", "--help"},
        Words{"selftest", "--help"}, Words{"--version"}}) {
    const NoCommand help = refused(words);
    EXPECT_FALSE(help.is_error);
    EXPECT_FALSE(help.text.empty());
  }
}

TEST(CommandLine, HelpTellsEveryDefaultAndRange) {
  const std::string text = refused({"run", "--help"}).text;
  for (const std::string part :
       {"[default 64MiB; 2MiB to 4GiB less 64KiB]", "[default 512KiB; 64KiB to 16MiB]",
        "[default 5s; 1ms or more, or none]", "[default none; 1ms or more, or none]",
        "[default 10ms; 0ms to 1s]", "[default none; 1 or more, or none]",
        "[default 1MiB; any size]", "Exit codes:", "Examples:"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

TEST(CommandLine, HelpFitsEightyColumns) {
  for (const std::string verb :
       {"", "run", "eval", "repl", "check", "compile", "snapshot", "completions", "selftest"}) {
    const std::string text = refused(verb.empty() ? Words{"--help"} : Words{verb, "--help"}).text;
    for (std::size_t start = 0; start < text.size();) {
      const std::size_t end = text.find('\n', start);
      EXPECT_LE(end - start, 80U) << text.substr(start, end - start);
      start = end + 1;
    }
  }
}

struct Mistake {
  Words words;
  std::string message;
};

class CommandLineMistake : public testing::TestWithParam<Mistake> {};

TEST_P(CommandLineMistake, IsToldInOneSentence) {
  const NoCommand refusal = refused(GetParam().words);
  EXPECT_TRUE(refusal.is_error);
  EXPECT_EQ(refusal.text, GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, CommandLineMistake,
    testing::Values(
        Mistake{{},
                "a command is missing: use run, eval, repl, check, compile, snapshot, completions "
                "or selftest"},
        Mistake{{"go"},
                "unknown command 'go': use run, eval, repl, check, compile, snapshot, completions "
                "or selftest"},
        Mistake{{"chek"}, "unknown command 'chek'; did you mean 'check'?"},
        Mistake{{"completions"}, "SHELL is missing: use bash, zsh or fish"},
        Mistake{{"run", "--watch", "-"}, "--watch wants a file: standard input does not change"},
        Mistake{{"compile", "--json", "a.js", "-o", "-"},
                "--json and -o - would both write to standard output"},
        Mistake{{"compile", "a.js"}, "-o is missing: name the file to write"},
        Mistake{{"compile", "a.js", "-o", "b", "--", "c"},
                "compile runs nothing, so it takes no arguments for the script"},
        Mistake{{"check"}, "FILE is missing: name what to check, or - for standard input"},
        Mistake{{"run", "--memry", "1MiB", "a"},
                "unknown option '--memry'; did you mean '--memory'?"},
        Mistake{{"--bogus"}, "unknown option '--bogus'"},
        Mistake{{"run"}, "FILE is missing: name a script, or - for standard input"},
        Mistake{{"eval"}, "CODE is missing: give the code as one argument"},
        Mistake{{"run", "--bogus", "a"}, "unknown option '--bogus'"},
        Mistake{{"eval", "--x"}, "unknown option '--x'; code that starts with - goes after --"},
        Mistake{{"run", "a", "b"}, "unexpected argument 'b'; arguments for the script go after --"},
        Mistake{{"selftest", "a"}, "unexpected argument 'a'"},
        Mistake{{"selftest", "--", "a"}, "selftest takes no arguments"},
        Mistake{{"run", "--memory"}, "--memory: a value is missing"},
        Mistake{{"run", "--memory", "1", "a"},
                "--memory: '1' is out of range (range: 2MiB to 4GiB less 64KiB)"},
        Mistake{{"run", "--memory", "5GiB", "a"},
                "--memory: '5GiB' is out of range (range: 2MiB to 4GiB less 64KiB)"},
        Mistake{{"run", "--memory", "4GiB", "a"},
                "--memory: '4GiB' is out of range (range: 2MiB to 4GiB less 64KiB)"},
        Mistake{{"run", "--time", "-1", "a"},
                "--time: '-1' is negative (range: 1ms or more); 'none' turns the limit off"},
        Mistake{{"run", "--time", "999us", "a"},
                "--time: '999us' is out of range (range: 1ms or more); 'none' turns the limit off"},
        Mistake{{"run", "--stack", "1TB", "a"},
                "--stack: '1TB' has the unknown unit 'TB': use B, KiB, MiB, GiB, KB, MB or GB "
                "(range: 64KiB to 16MiB)"},
        Mistake{{"run", "--grace", "1001ms", "a"},
                "--grace: '1001ms' is out of range (range: 0ms to 1s)"},
        Mistake{{"run", "--grace", "none", "a"},
                "--grace: 'none' is not a duration: write a number and a unit, us, ms, s or m "
                "(range: 0ms to 1s)"},
        Mistake{{"run", "--fuel", "0", "a"},
                "--fuel: '0' is not a whole number of at least 1; 'none' turns the limit off"},
        Mistake{{"run", "--module", "--script", "a"}, "--module excludes --script"}));

TEST(CommandLine, MistakeIsToldAsJsonIfJsonWasAskedForAnywhereBeforeTheSeparator) {
  EXPECT_TRUE(refused({"run", "--json", "--bogus", "a"}).json);
  EXPECT_TRUE(refused({"run", "--bogus", "a", "--json"}).json);
  EXPECT_FALSE(refused({"run", "--bogus", "a", "--", "--json"}).json);
}

}  // namespace
}  // namespace sandglass::cli
