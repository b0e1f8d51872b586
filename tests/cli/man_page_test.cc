// The manual page is written by hand: it must not lack what --help tells.

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

// The page with "\-" as "-".
std::string page() {
  std::ifstream file(SANDGLASS_MAN_PAGE);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  for (std::size_t at = text.find("\\-"); at != text.npos; at = text.find("\\-", at)) {
    text.erase(at, 1);
  }
  return text;
}

// The first words of the lines of `help` that are indented by two: options and commands.
Words entries(const std::string& help, const std::string& heading) {
  std::istringstream lines(help.substr(help.find(heading)));
  Words words;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && !line.empty()) {
    if (line.starts_with("  ") && line[2] != ' ') {
      words.push_back(line.substr(2, line.find_first_of(" ,", 2) - 2));
    }
  }
  return words;
}

TEST(ManPage, HasEveryCommandAndEveryOption) {
  const std::string text = page();
  const Words commands = entries(sandglass({"--help"}).out, "Subcommands:");
  ASSERT_GE(commands.size(), 8U);
  for (const std::string& command : commands) {
    EXPECT_NE(text.find(".SS " + command + "\n"), std::string::npos) << command;
    const std::string help = sandglass({command, "--help"}).out;
    for (const std::string heading : {"Options:", "Limits:", "Grants:"}) {
      if (help.find(heading) == help.npos) {
        continue;
      }
      for (const std::string& option : entries(help, heading)) {
        EXPECT_NE(text.find(".B " + option), std::string::npos) << command << ' ' << option;
      }
    }
  }
}

TEST(ManPage, IsReadWithoutComplaint) {
  if (shell_output("command -v man 2>/dev/null").empty()) {
    GTEST_SKIP() << "man is missing";
  }
  EXPECT_EQ(shell_output("LC_ALL=C.UTF-8 MANROFFSEQ= MANWIDTH=80 man --warnings -l " +
                         shell_quoted(SANDGLASS_MAN_PAGE) + " 2>&1 >/dev/null"),
            "");
}

}  // namespace
}  // namespace sandglass::cli_test
