#pragma once

// Snippets of JavaScript in files, one expression a line, run here and by Node.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <sandglass/sandglass.h>

#include "../../support.h"

namespace sandglass::test {

/// The expressions of `name`.txt. A line that begins with two slashes is a comment.
[[nodiscard]] inline std::vector<std::string> snippets_of(std::string_view name) {
  const std::string text = read_file(fmt::format("{}/{}.txt", SANDGLASS_SNIPPETS_DIR, name));
  std::vector<std::string> snippets;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (!line.empty() && !line.starts_with("//")) snippets.push_back(line);
    at = end + 1;
  }
  return snippets;
}

/// A script that runs them and comes to a promise of JSON: what each gave, as text.
[[nodiscard]] inline std::string script_of(const std::vector<std::string>& snippets) {
  return fmt::format("({})({})", read_file(SANDGLASS_SNIPPETS_DIR "/compare.js"),
                     nlohmann::json(snippets).dump());
}

[[nodiscard]] inline std::vector<std::string> run_here(Runtime& runtime,
                                                       const std::vector<std::string>& snippets) {
  const auto result = runtime.eval("await " + script_of(snippets), {.top_level_await = true});
  if (!result) {
    ADD_FAILURE() << describe(result.error());
    return {};
  }
  return nlohmann::json::parse(outcome(result)).get<std::vector<std::string>>();
}

[[nodiscard]] inline std::vector<std::string> run_in_node(
    const std::vector<std::string>& snippets) {
  std::string path = ::testing::TempDir() + "snippets-XXXXXX";
  const int file = mkstemp(path.data());
  if (file < 0) {
    ADD_FAILURE() << "no temporary file";
    return {};
  }
  const std::string script = script_of(snippets) + ".then((text) => process.stdout.write(text));";
  const bool written =
      write(file, script.data(), script.size()) == static_cast<ssize_t>(script.size());
  close(file);
  std::string output;
  if (FILE* node = popen(fmt::format("'{}' '{}' 2>/dev/null", SANDGLASS_NODE, path).c_str(), "r");
      written && node != nullptr) {
    char buffer[4096];
    for (std::size_t bytes = 0; (bytes = fread(buffer, 1, sizeof(buffer), node)) > 0;) {
      output.append(buffer, bytes);
    }
    pclose(node);
  }
  unlink(path.c_str());
  const auto parsed = nlohmann::json::parse(output, nullptr, false);
  if (!parsed.is_array()) {
    ADD_FAILURE() << "node gave " << output.substr(0, 500);
    return {};
  }
  return parsed.get<std::vector<std::string>>();
}

/// Expects of each snippet of `name` what Node makes of it, in `runtime`.
inline void expect_same_as_node(Runtime& runtime, std::string_view name) {
  const std::vector<std::string> snippets = snippets_of(name);
  const std::vector<std::string> ours = run_here(runtime, snippets);
  const std::vector<std::string> theirs = run_in_node(snippets);
  ASSERT_EQ(ours.size(), snippets.size());
  ASSERT_EQ(theirs.size(), snippets.size());
  for (std::size_t i = 0; i < snippets.size(); ++i) EXPECT_EQ(ours[i], theirs[i]) << snippets[i];
}

/// The same in a VM that is reset, and in one from a snapshot: what was there before is no matter.
inline void expect_same_as_node_after_reset_and_snapshot(std::string_view name) {
  const std::vector<std::string> snippets = snippets_of(name);
  Runtime fresh = make_runtime();
  const std::vector<std::string> first = run_here(fresh, snippets);
  ASSERT_TRUE(fresh.reset());
  EXPECT_EQ(run_here(fresh, snippets), first);
  const auto snapshot = fresh.snapshot();
  ASSERT_TRUE(snapshot);
  auto other = Runtime::from(*snapshot);
  ASSERT_TRUE(other);
  EXPECT_EQ(run_here(*other, snippets), first);
}

}  // namespace sandglass::test
