#include "cli/grant_options.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

std::expected<void, std::string> set(GrantRequest& request, std::string_view name,
                                     std::string_view text) {
  return std::ranges::find(grant_options(), name, &GrantOption::name)->set(request, text);
}

TEST(GrantOptions, DirectoriesAreSplitAtCommasAndAtTheLastColon) {
  GrantRequest request;
  ASSERT_TRUE(set(request, "allow-read", "a,b:c:/d"));
  ASSERT_TRUE(set(request, "allow-write", "e"));
  ASSERT_EQ(request.directories.size(), 3U);
  EXPECT_EQ(request.directories[0].host, "a");
  EXPECT_EQ(request.directories[0].guest, "");
  EXPECT_EQ(request.directories[1].host, "b:c");
  EXPECT_EQ(request.directories[1].guest, "/d");
  EXPECT_FALSE(request.directories[1].writable);
  EXPECT_TRUE(request.directories[2].writable);
}

TEST(GrantOptions, WhatIsEmptyIsRefused) {
  GrantRequest request;
  for (const std::string_view name : {"allow-read", "allow-write", "allow-env", "allow-net"}) {
    for (const std::string_view text : {"", ",", "a,", ",a"}) {
      EXPECT_FALSE(set(request, name, text)) << name << ' ' << text;
    }
  }
  EXPECT_FALSE(set(request, "allow-read", ":/a"));
  EXPECT_FALSE(set(request, "allow-read", "a:"));
}

TEST(GrantOptions, ClockHasFiveKinds) {
  const auto clock = [](std::string_view text) {
    GrantRequest request;
    EXPECT_TRUE(set(request, "clock", text)) << text;
    return request.clock;
  };
  EXPECT_EQ(clock("none"), Clock::none());
  EXPECT_EQ(clock("virtual"), Clock::simulated());
  EXPECT_EQ(clock("system"), Clock::system());
  EXPECT_EQ(clock("2ms"), Clock::coarse(2ms));
  EXPECT_EQ(clock("1970-01-02"), Clock::fixed(Clock::Time(24h)));
}

TEST(GrantOptions, SeedsAreWholeNumbersOf64Bits) {
  GrantRequest request;
  ASSERT_TRUE(set(request, "seed", "18446744073709551615"));
  EXPECT_EQ(request.random, Random::seeded(UINT64_MAX));
  for (const std::string_view text : {"", "-1", "1.5", "18446744073709551616", "0x1", " 1"}) {
    EXPECT_FALSE(set(request, "seed", text)) << text;
  }
}

TEST(GrantOptions, OfAFileListsAreAddedAndValuesAreOnlyDefaults) {
  GrantRequest request{.environment = {"A"}, .random = Random::system()};
  add_grants(request, {.environment = {"B"},
                       .time_zone = "Asia/Tokyo",
                       .random = Random::seeded(1),
                       .deterministic = true});
  EXPECT_EQ(request.environment, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(request.random, Random::system());
  EXPECT_EQ(request.time_zone, "Asia/Tokyo");
  EXPECT_TRUE(request.deterministic);
}

}  // namespace
}  // namespace sandglass::cli
