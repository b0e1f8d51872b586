// `sandglass compile`, and running what it wrote.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class BytecodeCommand : public testing::Test {
 protected:
  void expect_ok(const Words& words) const {
    const Finished run = sandglass(words);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err, "");
  }
  void expect_refused(const Words& words, const std::string& part) const {
    const Finished run = sandglass(words);
    EXPECT_EQ(run.exit_code, 2) << run.err;
    EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
  }

  TemporaryFolder folder_;
  std::string script_ = folder_.file("a.js", "console.log('ran', await 1, scriptArgs.join());");
  std::string target_ = folder_.path() + "/a.sgb";
};

TEST_F(BytecodeCommand, RunsAsItsSourceWould) {
  expect_ok({"compile", script_, "-o", target_});
  EXPECT_EQ(sandglass({"run", target_, "--", "x", "y"}).out, "ran 1 x,y\n");
  EXPECT_EQ(sandglass({"run", "-"}, contents(target_)).out, "ran 1 \n");
}

TEST_F(BytecodeCommand, CompilingRunsNothing) {
  const Finished run = sandglass({"compile", script_, "-o", target_});
  EXPECT_EQ(run.out, "");
}

TEST_F(BytecodeCommand, ModulesAreFound) {
  const std::string module = folder_.file("m.js", "export default 6; console.log(import.meta.url)");
  expect_ok({"compile", module, "-o", target_});
  EXPECT_EQ(sandglass({"run", target_}).out, module + "\n");
}

TEST_F(BytecodeCommand, SyntaxErrorIs3AndLeavesTheOldFile) {
  expect_ok({"compile", script_, "-o", target_});
  const std::string before = contents(target_);
  const std::string bad = folder_.file("bad.js", "let = ;");
  EXPECT_EQ(sandglass({"compile", bad, "-o", target_}).exit_code, 3);
  EXPECT_EQ(contents(target_), before);
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    EXPECT_EQ(entry.path().string().find(".sgb."), std::string::npos) << entry.path();
  }
}

TEST_F(BytecodeCommand, FileHasTheUsualRights) {
  const mode_t before = ::umask(027);
  expect_ok({"compile", script_, "-o", target_});
  ::umask(before);
  EXPECT_EQ(std::filesystem::status(target_).permissions(), std::filesystem::perms{0640});
}

TEST_F(BytecodeCommand, DashWritesToAPipeButNotToATerminal) {
  const Finished run = sandglass({"compile", script_, "-o", "-"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(sandglass({"run", "-"}, run.out).out, "ran 1 \n");
  EXPECT_EQ(sandglass_in_terminal({"compile", script_, "-o", "-"}).exit_code, 2);
}

TEST_F(BytecodeCommand, TargetThatCannotBeWrittenIs2) {
  expect_refused({"compile", script_, "-o", folder_.path() + "/none/a.sgb"},
                 "cannot write " + folder_.path() + "/none/a.sgb: No such file or directory");
  expect_refused({"compile", script_, "-o", "/dev/full"},
                 "cannot write /dev/full: No space left on device");
}

TEST_F(BytecodeCommand, DamagedBytesAre2) {
  expect_ok({"compile", script_, "-o", target_});
  std::string bytes = contents(target_);
  bytes[bytes.size() / 2] ^= 1;
  expect_refused({"run", folder_.file("damaged.sgb", bytes)}, "bytecode is damaged");
}

TEST_F(BytecodeCommand, WithAKeyOnlyItsOwnAreTaken) {
  const std::string key = folder_.file("key", std::string(32, 'k'));
  const std::string other = folder_.file("other", std::string(32, 'o'));
  const std::string signed_target = folder_.path() + "/signed.sgb";
  expect_ok({"compile", script_, "-o", target_});
  expect_ok({"compile", "--key", key, script_, "-o", signed_target});
  expect_ok({"run", "--key", key, signed_target});
  expect_ok({"run", signed_target});
  expect_refused({"run", "--key", other, signed_target}, "not authenticated");
  expect_refused({"run", "--key", key, target_}, "not authenticated");
}

TEST_F(BytecodeCommand, KeyOfAnotherLengthIs2) {
  expect_refused({"run", "--key", folder_.file("short", "k"), script_},
                 "a key has 32 bytes, not 1");
  expect_refused({"run", "--key", folder_.file("long", std::string(100, 'k')), script_},
                 "a key has 32 bytes; this file has more");
  expect_refused({"run", "--key", "none", script_}, "cannot open none");
}

TEST_F(BytecodeCommand, BytecodeIsNotCompiledAgain) {
  expect_ok({"compile", script_, "-o", target_});
  expect_refused({"compile", target_, "-o", target_}, "is bytecode already");
}

}  // namespace
}  // namespace sandglass::cli_test
