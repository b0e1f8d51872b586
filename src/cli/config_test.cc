#include "cli/config.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

class Config : public testing::Test {
 protected:
  Config() {
    std::string name = (std::filesystem::temp_directory_path() / "sandglass-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ + "/s.toml";
  }
  ~Config() override { std::filesystem::remove_all(folder_); }

  // The command line `run --config FILE WORDS... a.js` with `text` in the file.
  Command applied(const std::string& text, const std::vector<std::string>& words = {}) {
    Command command = parsed(text, words);
    const auto done = apply_config(command);
    EXPECT_TRUE(done) << done.error().message;
    return command;
  }
  // What is wrong with `text`, without the name of the file.
  std::string complaint(const std::string& text, const std::vector<std::string>& words = {}) {
    Command command = parsed(text, words);
    const auto done = apply_config(command);
    EXPECT_FALSE(done);
    return done ? "" : done.error().message.substr(file_.size() + 1);
  }

 private:
  Command parsed(const std::string& text, const std::vector<std::string>& words) {
    std::ofstream(file_) << text;
    std::vector<std::string> line{"run", "--config", file_, "a.js"};
    line.insert(line.end(), words.begin(), words.end());
    return parse_command_line(line).value();
  }

 protected:
  std::string folder_;
  std::string file_;
};

TEST_F(Config, SetsEveryLimit) {
  const Command command = applied(R"(
    [limits]
    memory = "8MiB"
    stack = 65536
    time = "none"
    cpu-time = "1s"
    grace = "0ms"
    fuel = 7
    output = 10
  )");
  EXPECT_EQ(command.limits.memory_bytes, 8U << 20);
  EXPECT_EQ(command.limits.stack_bytes, 64U << 10);
  EXPECT_EQ(command.limits.wall_time, std::nullopt);
  EXPECT_EQ(command.limits.cpu_time, 1s);
  EXPECT_EQ(command.limits.grace, 0ms);
  EXPECT_EQ(command.limits.fuel, 7U);
  EXPECT_EQ(command.limits.output_bytes, 10U);
}

TEST_F(Config, CommandLineHasTheLastWord) {
  const Command command = applied("[limits]\ntime = '1s'\nfuel = 7\n", {"--time", "2s"});
  EXPECT_EQ(command.limits.wall_time, 2s);
  EXPECT_EQ(command.limits.fuel, 7U);
}

TEST_F(Config, DefaultGivenOnTheCommandLineIsGivenToo) {
  EXPECT_EQ(applied("[limits]\ntime = '1s'\n", {"--time", "5s"}).limits.wall_time, 5s);
}

TEST_F(Config, EmptyFileChangesNothing) {
  EXPECT_EQ(applied("").limits.memory_bytes, Limits{}.memory_bytes);
  EXPECT_EQ(applied("[limits]").limits.wall_time, Limits{}.wall_time);
}

TEST_F(Config, UnknownKeyIsToldWithItsPlaceAndAGuess) {
  EXPECT_EQ(complaint("[limits]\nmemory = '8MiB'\n  memry = 1\n"),
            "3:3: unknown key 'memry' in [limits]; did you mean 'memory'?");
  EXPECT_EQ(complaint("[limits]\nnetwork = true\n"), "2:1: unknown key 'network' in [limits]");
  EXPECT_EQ(complaint("memory = 1"), "1:1: unknown key 'memory'");
}

TEST_F(Config, UnknownTableIsToldWithItsPlaceAndAGuess) {
  EXPECT_EQ(complaint("\n[limit]\n"), "2:2: unknown table 'limit'; did you mean 'limits'?");
  EXPECT_EQ(complaint("limits = 1"), "1:10: limits is a table");
}

TEST_F(Config, ValueThatDoesNotFitIsToldAsForTheOption) {
  EXPECT_EQ(complaint("[limits]\nmemory = '1'\n"),
            "2:10: memory: '1' is out of range (range: 2MiB to 4GiB less 64KiB)");
  EXPECT_EQ(complaint("[limits]\nfuel = 1.5\n"),
            "2:8: fuel: write the value as a string, as for --fuel");
  EXPECT_EQ(complaint("[limits]\nfuel = -1\n").substr(0, 10), "2:8: fuel:");
}

TEST_F(Config, ValueIsCheckedAlsoIfTheCommandLineWins) {
  EXPECT_EQ(complaint("[limits]\nmemory = '1'\n", {"--memory", "8MiB"}).substr(0, 5), "2:10:");
}

TEST_F(Config, WhatIsNoTomlIsToldWithItsPlace) {
  EXPECT_EQ(complaint("[limits]\nmemory = \n").substr(0, 2), "2:");
}

TEST_F(Config, WithoutAFileNothingIsRead) {
  Command command = parse_command_line({"run", "a.js"}).value();
  EXPECT_TRUE(apply_config(command));
  command.config = folder_ + "/none.toml";
  EXPECT_EQ(apply_config(command).error().message,
            "cannot open " + folder_ + "/none.toml: No such file or directory");
}

}  // namespace
}  // namespace sandglass::cli
