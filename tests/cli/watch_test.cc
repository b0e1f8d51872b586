// `run --watch`: a change is seen however it is made, and ends a run that is going on.

#include <filesystem>
#include <signal.h>
#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

class WatchFile : public testing::Test {
 protected:
  // Reads on until the command waits again.
  static std::string until_it_waits(Child& child) {
    return child.read_err_until("; Ctrl-C ends\n");
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.file("a.js", "console.error('first')");
  Child child_{Words{"run", "--watch", "--time", "none", path_}};
};

TEST_F(WatchFile, RunsAgainWhenItIsWritten) {
  EXPECT_TRUE(until_it_waits(child_).starts_with("first\n"));
  static_cast<void>(folder_.file("a.js", "console.error('second')"));
  const std::string text = until_it_waits(child_);
  EXPECT_NE(text.find("-- " + path_ + " changed\nsecond\n"), std::string::npos) << text;
}

TEST_F(WatchFile, RunsAgainWhenAnotherTakesItsPlace) {
  until_it_waits(child_);
  for (const std::string word : {"second", "third"}) {
    const std::string other = folder_.file("other", "console.error('" + word + "')");
    std::filesystem::rename(other, path_);
    const std::string text = until_it_waits(child_);
    EXPECT_NE(text.find("changed\n" + word + "\n"), std::string::npos) << text;
  }
}

TEST_F(WatchFile, ErrorIsToldAndWaitedOver) {
  until_it_waits(child_);
  static_cast<void>(folder_.file("a.js", "throw new Error('no')"));
  EXPECT_NE(until_it_waits(child_).find("error: threw: Error: no"), std::string::npos);
  static_cast<void>(folder_.file("a.js", "console.error('mended')"));
  EXPECT_NE(until_it_waits(child_).find("mended\n"), std::string::npos);
}

TEST_F(WatchFile, ChangeEndsARunThatIsGoingOnWithoutAnError) {
  until_it_waits(child_);
  static_cast<void>(folder_.file("a.js", "console.error('spins'); for (;;);"));
  child_.read_err_until("spins\n");
  static_cast<void>(folder_.file("a.js", "console.error('over')"));
  const std::string text = until_it_waits(child_);
  EXPECT_TRUE(text.starts_with("-- " + path_ + " changed\nover\n")) << text;
}

TEST_F(WatchFile, OtherFilesDoNotCount) {
  until_it_waits(child_);
  static_cast<void>(folder_.file("b.js", "console.error('other')"));
  static_cast<void>(folder_.file("a.js", "console.error('second')"));
  const std::string text = until_it_waits(child_);
  EXPECT_EQ(text.find("b.js"), std::string::npos) << text;
  EXPECT_NE(text.find("second\n"), std::string::npos) << text;
}

TEST_F(WatchFile, SignalEndsItWith130) {
  until_it_waits(child_);
  child_.send(SIGINT);
  EXPECT_EQ(child_.finish().exit_code, 130);
}

TEST(WatchLink, WhatALinkLeadsToIsWatchedToo) {
  const TemporaryFolder real;
  const TemporaryFolder links;
  const std::string target = real.file("a.js", "console.error('first')");
  const std::string link = links.path() + "/link.js";
  std::filesystem::create_symlink(target, link);
  Child child({"run", "--watch", link});
  child.read_err_until("ends\n");
  static_cast<void>(real.file("a.js", "console.error('second')"));
  const std::string text = child.read_err_until("second\n");
  EXPECT_NE(text.find("-- " + link + " changed\n"), std::string::npos) << text;
}

TEST(WatchMissing, FolderThatIsNotThereIs2) {
  const Finished run = sandglass({"run", "--watch", "no/such/folder/a.js"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.err.find("cannot watch no/such/folder: No such file or directory"),
            std::string::npos)
      << run.err;
}

}  // namespace
}  // namespace sandglass::cli_test
