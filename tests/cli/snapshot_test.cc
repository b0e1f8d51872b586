// `sandglass snapshot`, and starting from what it wrote.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

class SnapshotCommand : public testing::Test {
 protected:
  Finished make(const Words& options = {}) const {
    Words words{"snapshot", library_, "-o", target_};
    words.insert(words.end(), options.begin(), options.end());
    return sandglass(words);
  }

  TemporaryFolder folder_;
  std::string library_ = folder_.file(
      "lib.js", "let count = 1; function next() { return ++count } console.log('loading')");
  std::string target_ = folder_.path() + "/lib.sgs";
};

TEST_F(SnapshotCommand, RunsTheFileOnceAndStartsFromItEachTime) {
  const Finished made = make();
  EXPECT_EQ(made.exit_code, 0) << made.err;
  EXPECT_EQ(made.out, "loading\n");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(sandglass({"eval", "--snapshot", target_, "next()"}).out, "2\n");
  }
  const std::string script = folder_.file("a.js", "console.log(next(), next(), scriptArgs.join())");
  EXPECT_EQ(sandglass({"run", "--snapshot", target_, script, "--", "x"}).out, "2 3 x\n");
  EXPECT_EQ(sandglass({"repl", "--snapshot", target_}, "next()\n.reset\nnext()\n").out, "2\n2\n");
}

TEST_F(SnapshotCommand, CanStartFromAnother) {
  make();
  const std::string more = folder_.file("more.js", "next(); next()");
  const std::string second = folder_.path() + "/more.sgs";
  EXPECT_EQ(sandglass({"snapshot", "--snapshot", target_, more, "-o", second}).exit_code, 0);
  EXPECT_EQ(sandglass({"eval", "--snapshot", second, "next()"}).out, "4\n");
}

TEST_F(SnapshotCommand, OnStandardOutputHasNoWordsInIt) {
  const Finished made = sandglass({"snapshot", library_, "-o", "-"});
  EXPECT_EQ(made.err, "loading\n");
  const std::string copy = folder_.file("copy.sgs", made.out);
  EXPECT_EQ(sandglass({"eval", "--snapshot", copy, "next()"}).out, "2\n");
}

TEST_F(SnapshotCommand, ScriptThatFailsLeavesNoFile) {
  const std::string bad = folder_.file("bad.js", "throw 1");
  EXPECT_EQ(sandglass({"snapshot", bad, "-o", target_}).exit_code, 1);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(SnapshotCommand, LimitsAreThoseOfTheCommandLineNotOfTheFile) {
  EXPECT_EQ(make({"--time", "none", "--memory", "128MiB"}).exit_code, 0);
  EXPECT_EQ(sandglass({"eval", "--snapshot", target_, "--time", "30ms", "for (;;);"}).exit_code, 4);
  const Finished run = sandglass({"eval", "--snapshot", target_, "--memory", "4MiB",
                                  "const a = []; for (;;) a.push('x'.repeat(1e5))"});
  EXPECT_EQ(run.exit_code, 5) << run.err;
}

TEST_F(SnapshotCommand, MemoryThatDoesNotHoldItIs2) {
  const std::string big =
      folder_.file("big.js", "globalThis.kept = new Uint8Array(16 << 20).fill(1); 0");
  EXPECT_EQ(sandglass({"snapshot", big, "-o", target_}).exit_code, 0);
  const Finished run = sandglass({"eval", "--snapshot", target_, "--memory", "8MiB", "1"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find(target_ + ": "), std::string::npos) << run.err;
}

TEST_F(SnapshotCommand, WithAKeyOnlyItsOwnAreTaken) {
  const std::string key = folder_.file("key", std::string(32, 'k'));
  make();
  EXPECT_EQ(sandglass({"eval", "--snapshot", target_, "--key", key, "1"}).exit_code, 2);
  EXPECT_EQ(make({"--key", key}).exit_code, 0);
  EXPECT_EQ(sandglass({"eval", "--snapshot", target_, "--key", key, "next()"}).out, "2\n");
}

TEST_F(SnapshotCommand, WhatIsNoneIsRefusedWithItsName) {
  const Finished script = sandglass({"eval", "--snapshot", library_, "1"});
  EXPECT_EQ(script.exit_code, 2);
  EXPECT_NE(script.err.find(library_ + ": "), std::string::npos) << script.err;
  EXPECT_EQ(sandglass({"eval", "--snapshot", "none.sgs", "1"}).exit_code, 2);
}

TEST_F(SnapshotCommand, RunningOneTellsTheWayToUseIt) {
  make();
  const Finished run = sandglass({"run", target_});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("this is a snapshot, not a script: name it with --snapshot"),
            std::string::npos)
      << run.err;
}

}  // namespace
}  // namespace sandglass::cli_test
