// `sandglass completions`: the scripts in the shells that are there.

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

bool has_shell(const std::string& name) {
  return !shell_output("command -v " + name + " 2>/dev/null").empty();
}

class Completions : public testing::Test {
 protected:
  [[nodiscard]] std::string script(const std::string& shell) const {
    return folder_.file("script." + shell, sandglass({"completions", shell}).out);
  }

  // What bash offers for the last of `words`.
  [[nodiscard]] Words in_bash(const Words& words) const {
    std::string line = "source " + shell_quoted(script("bash")) + "; COMP_WORDS=(sandglass";
    for (const std::string& word : words) {
      line += ' ' + shell_quoted(word);
    }
    line += "); COMP_CWORD=" + std::to_string(words.size()) +
            "; _sandglass 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\"";
    std::istringstream output(
        shell_output("cd " + shell_quoted(folder_.path()) + " && bash -c " + shell_quoted(line)));
    Words offered;
    for (std::string word; std::getline(output, word);) {
      offered.push_back(word);
    }
    return offered;
  }

  TemporaryFolder folder_;
};

TEST_F(Completions, BashOffersCommandsOptionsAndFiles) {
  if (!has_shell("bash")) {
    GTEST_SKIP() << "bash is missing";
  }
  EXPECT_EQ(in_bash({"sn"}), Words{"snapshot"});
  EXPECT_EQ(in_bash({"run", "--me"}), Words{"--memory"});
  EXPECT_EQ(in_bash({"run", "--cp"}), Words{"--cpu-time"});
  EXPECT_EQ(in_bash({"selftest", "--me"}), Words{""});
  EXPECT_EQ(in_bash({"completions", "z"}), Words{"zsh"});
  static_cast<void>(folder_.file("a script.js", ""));
  EXPECT_EQ(in_bash({"run", "a"}), Words{"a script.js"});
  EXPECT_EQ(in_bash({"eval", "--config", "a"}), Words{"a script.js"});
  EXPECT_EQ(in_bash({"eval", "--memory", "a"}), Words{""});
}

TEST_F(Completions, EveryShellThatIsThereReadsItsScript) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    if (!has_shell(shell)) {
      continue;
    }
    const std::string check = shell + " -n " + shell_quoted(script(shell)) + " 2>&1 && echo ok";
    EXPECT_EQ(shell_output(check), "ok\n") << shell;
  }
}

TEST_F(Completions, UnknownShellIsRefused) {
  EXPECT_EQ(sandglass({"completions", "tcsh"}).exit_code, 2);
  EXPECT_EQ(sandglass({"completions"}).exit_code, 2);
}

}  // namespace
}  // namespace sandglass::cli_test
