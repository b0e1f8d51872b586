#include "cli/completions.h"

#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

class CompletionScript : public testing::TestWithParam<const char*> {};

TEST_P(CompletionScript, HasCommandsAndOptions) {
  const std::string script = completion_script(GetParam()).value();
  for (const std::string word : {"run", "eval", "repl", "check", "compile", "snapshot", "selftest",
                                 "memory", "cpu-time", "watch", "config", "json", "version"}) {
    EXPECT_NE(script.find(word), std::string::npos) << word;
  }
}

INSTANTIATE_TEST_SUITE_P(All, CompletionScript, testing::Values("bash", "zsh", "fish"));

TEST(CompletionScript, UnknownShellIsRefusedWithThoseThatAreKnown) {
  EXPECT_EQ(completion_script("tcsh").error(), "unknown shell 'tcsh': use bash, zsh or fish");
}

}  // namespace
}  // namespace sandglass::cli
