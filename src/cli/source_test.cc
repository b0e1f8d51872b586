#include "cli/source.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

class ReadSource : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandglass-source-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const {
    const std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::string folder_;
};

TEST_F(ReadSource, FileIsReadAsItIs) {
  const std::string path = file("a.js", std::string("1\0\xff\r\n", 5));
  const Result<Source> source = read_source(path, 100);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->name, path);
  EXPECT_EQ(source->text, std::string("1\0\xff\r\n", 5));
}

TEST_F(ReadSource, EmptyFileIsFine) {
  EXPECT_EQ(read_source(file("a.js", ""), 100).value().text, "");
}

TEST_F(ReadSource, FileAsLargeAsTheLimitIsReadAndOneByteMoreIsRefused) {
  EXPECT_TRUE(read_source(file("a.js", std::string(1024, ' ')), 1024));
  const std::string path = file("b.js", std::string(1025, ' '));
  const Result<Source> source = read_source(path, 1024);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, Errc::invalid_argument);
  EXPECT_EQ(source.error().message,
            path + ": the source is larger than the memory limit of 1KiB; raise it with --memory");
}

TEST_F(ReadSource, EndlessDeviceIsReadUpToTheLimitOnly) {
  const Result<Source> source = read_source("/dev/zero", 100'000);
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().message.find("larger than the memory limit"), std::string::npos);
}

TEST_F(ReadSource, WhatCannotBeReadIsNamedWithTheReason) {
  EXPECT_EQ(read_source(folder_ + "/none.js", 100).error().message,
            "cannot open " + folder_ + "/none.js: No such file or directory");
  EXPECT_EQ(read_source(folder_, 100).error().message,
            "cannot read " + folder_ + ": Is a directory");
  EXPECT_EQ(read_source("", 100).error().message, "cannot open : No such file or directory");
}

TEST(MarkedShebang, BecomesACommentOfTheSameLength) {
  std::string text = "\xEF\xBB\xBF#!/usr/bin/env node\n1";
  accept_marked_shebang(text);
  EXPECT_EQ(text, "\xEF\xBB\xBF///usr/bin/env node\n1");
}

TEST(MarkedShebang, AllElseIsLeftToTheEngine) {
  for (const std::string text : {"", "#!x", "\xEF\xBB\xBF", "\xEF\xBB\xBF 1", "\xEF\xBB\xBF#"}) {
    std::string changed = text;
    accept_marked_shebang(changed);
    EXPECT_EQ(changed, text);
  }
}

TEST(LineOf, IsTheLineWithoutItsEnd) {
  EXPECT_EQ(line_of("one\r\ntwo\n", 1), "one");
  EXPECT_EQ(line_of("one\ntwo\n", 2), "two");
  EXPECT_EQ(line_of("one\ntwo", 2), "two");
}

TEST(LineOf, LineThatIsNotThereIsEmpty) {
  EXPECT_EQ(line_of("one\n", 2), "");
  EXPECT_EQ(line_of("one", 4'000'000'000), "");
  EXPECT_EQ(line_of("", 1), "");
}

}  // namespace
}  // namespace sandglass::cli
