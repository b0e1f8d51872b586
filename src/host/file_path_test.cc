#include "host/file_path.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

TEST(FilePath, OnlyAbsoluteNormalisedPathsAreAccepted) {
  for (const std::string_view path : {"/", "/a", "/a/b", "/...", "/ ", "/a\\b"}) {
    EXPECT_TRUE(check_path(path, kMaxPathBytes)) << path;
  }
  using namespace std::string_view_literals;
  for (const std::string_view path : {""sv, "a"sv, "a/b"sv, "/a/"sv, "//"sv, "/a//b"sv, "/."sv,
                                      "/.."sv, "/a/../b"sv, "/a\0b"sv}) {
    EXPECT_EQ(check_path(path, kMaxPathBytes).error(), std::errc::invalid_argument) << path;
  }
}

TEST(FilePath, LongPathsAndNamesAreTold) {
  EXPECT_TRUE(check_path("/" + std::string(kMaxNameBytes, 'x'), kMaxPathBytes));
  EXPECT_EQ(check_path("/" + std::string(kMaxNameBytes + 1, 'x'), kMaxPathBytes).error(),
            std::errc::filename_too_long);
  EXPECT_TRUE(check_path("/abc", 4));
  EXPECT_EQ(check_path("/abcd", 4).error(), std::errc::filename_too_long);
}

TEST(FilePath, SplitGivesTheDirectoryAndTheName) {
  EXPECT_EQ(split("/").directory, "/");
  EXPECT_EQ(split("/").name, "");
  EXPECT_EQ(split("/a").directory, "/");
  EXPECT_EQ(split("/a").name, "a");
  EXPECT_EQ(split("/a/b").directory, "/a");
  EXPECT_EQ(split("/a/b").name, "b");
}

TEST(FilePath, WithinIsByWholeNames) {
  EXPECT_TRUE(is_within("/a/b", "/a"));
  EXPECT_TRUE(is_within("/a", "/a"));
  EXPECT_TRUE(is_within("/a", "/"));
  EXPECT_FALSE(is_within("/ab", "/a"));
  EXPECT_FALSE(is_within("/", "/a"));
}

TEST(FilePath, NamesAreVisitedInOrderUntilOneSaysNo) {
  std::vector<std::string> names;
  for_each_name("/a/bc/d", [&](std::string_view name) {
    names.emplace_back(name);
    return name != "bc";
  });
  EXPECT_EQ(names, (std::vector<std::string>{"a", "bc"}));
  for_each_name("/", [](std::string_view) {
    ADD_FAILURE();
    return true;
  });
}

}  // namespace
}  // namespace sandglass::host
