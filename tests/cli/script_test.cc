// What a script finds, and what is printed of it.

#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

std::string printed(const std::string& code) {
  const Finished run = sandglass({"eval", code});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  return run.out;
}

TEST(Eval, PrintsTheCompletionValue) {
  EXPECT_EQ(printed("1 + 1"), "2\n");
  EXPECT_EQ(printed("'text'"), "text\n");
  EXPECT_EQ(printed("[1, 2, 3].map(x => x * x)"), "[ 1, 4, 9 ]\n");
  EXPECT_EQ(printed("null"), "null\n");
  EXPECT_EQ(printed("''"), "\n");
  EXPECT_EQ(printed("-1"), "-1\n");
}

TEST(Eval, PrintsNothingForUndefined) {
  EXPECT_EQ(printed("undefined"), "");
  EXPECT_EQ(printed("let a = 1"), "");
  EXPECT_EQ(printed(""), "");
}

TEST(Eval, AwaitsAtTheTopLevel) {
  EXPECT_EQ(printed("await 1"), "1\n");
  EXPECT_EQ(printed("const a = await Promise.all([1, 2]); a[1]"), "2\n");
}

TEST(Eval, RunsTheJobsThatTheScriptLeavesBehind) {
  EXPECT_EQ(printed("Promise.resolve().then(() => console.log('job')); undefined"), "job\n");
}

TEST(Run, PrintsNoValue) {
  const TemporaryFolder folder;
  const Finished run = sandglass({"run", folder.file("a.js", "1 + 1")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
}

TEST(Run, HandsOverTheArguments) {
  const Finished run = sandglass({"run", "-", "--", "first", "--json", "ä"},
                                 "console.log(scriptArgs.length, scriptArgs.join('|'))");
  EXPECT_EQ(run.out, "3 first|--json|ä\n");
}

class RunKind : public testing::Test {
 protected:
  // Only a module is strict without being told.
  [[nodiscard]] std::string kind(const std::string& name, const Words& options,
                                 const std::string& prefix = {}) const {
    Words words{"run", folder_.file(name, prefix + "console.log(function () { return this }() === "
                                                   "undefined ? 'module' : 'script')")};
    words.insert(words.end(), options.begin(), options.end());
    return sandglass(words).out;
  }
  TemporaryFolder folder_;
};

TEST_F(RunKind, JsIsAScriptAndMjsIsAModule) {
  EXPECT_EQ(kind("a.js", {}), "script\n");
  EXPECT_EQ(kind("a.mjs", {}), "module\n");
}

TEST_F(RunKind, ExportMakesAModule) {
  EXPECT_EQ(kind("a.js", {}, "export {};"), "module\n");
}

TEST_F(RunKind, FlagsDecideOverTheName) {
  EXPECT_EQ(kind("a.js", {"--module"}), "module\n");
  EXPECT_EQ(kind("a.mjs", {"--script"}), "script\n");
}

TEST_F(RunKind, TopLevelAwaitWorksInBoth) {
  EXPECT_EQ(kind("a.js", {}, "await 1;"), "script\n");
  EXPECT_EQ(kind("a.mjs", {}, "await 1;"), "module\n");
}

TEST(Sandbox, ScriptHasNoFilesAndAFrozenClock) {
  EXPECT_EQ(printed("[typeof require, typeof process, typeof std, typeof os].join()"),
            "undefined,object,undefined,undefined\n");
  EXPECT_EQ(printed("new Date().toISOString()"), "2022-01-01T00:00:00.000Z\n");
}

}  // namespace
}  // namespace sandglass::cli_test
