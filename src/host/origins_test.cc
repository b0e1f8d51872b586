#include "host/origins.h"

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

OriginList list_of(const std::string& origin) {
  auto list = OriginList::parse({origin});
  EXPECT_TRUE(list) << origin;
  return list ? *list : OriginList();
}

TEST(Origins, MatchExactly) {
  const OriginList list = list_of("https://API.example.com");
  EXPECT_TRUE(list.has({"https", "api.example.com", 443}));
  EXPECT_FALSE(list.has({"http", "api.example.com", 443}));
  EXPECT_FALSE(list.has({"https", "api.example.com", 8443}));
  EXPECT_FALSE(list.has({"https", "x.api.example.com", 443}));
  EXPECT_FALSE(list.has({"https", "example.com", 443}));
  EXPECT_FALSE(list.has({"https", "api.example.com.", 443}));
  EXPECT_FALSE(list.has({"https", "api.example.com.evil.org", 443}));
}

TEST(Origins, APatternStandsForSubdomainsOnly) {
  const OriginList list = list_of("https://*.example.com:8443/");
  EXPECT_TRUE(list.has({"https", "a.example.com", 8443}));
  EXPECT_TRUE(list.has({"https", "a.b.example.com", 8443}));
  EXPECT_FALSE(list.has({"https", "example.com", 8443}));
  EXPECT_FALSE(list.has({"https", ".example.com", 8443}));
  EXPECT_FALSE(list.has({"https", "evilexample.com", 8443}));
  EXPECT_FALSE(list.has({"https", "a.example.com", 443}));
}

TEST(Origins, HaveNumericHostsAndPorts) {
  EXPECT_TRUE(list_of("http://127.0.0.1:8080").has({"http", "127.0.0.1", 8080}));
  EXPECT_TRUE(list_of("http://[::1]:8080").has({"http", "[::1]", 8080}));
  EXPECT_TRUE(list_of("http://[::1]").has({"http", "[::1]", 80}));
}

TEST(Origins, AnEmptyListHasNothing) {
  EXPECT_FALSE(OriginList().has({"https", "example.com", 443}));
}

TEST(Origins, WhatIsNoOriginIsRefused) {
  for (const char* text : {"",
                           "*",
                           "example.com",
                           "https://",
                           "ftp://a",
                           "file:///",
                           "https://*",
                           "https://*.",
                           "https://a/b",
                           "https://a?x",
                           "https://u@a",
                           "https://a:0",
                           "https://a:99999",
                           "https://a:x",
                           "https://a:",
                           "https://.a",
                           "https://a..b",
                           "https://a*b.c",
                           "https://*.*.a",
                           "https://[::1",
                           "https://[]",
                           "https://[x]",
                           "https://a b",
                           "https://ä.de"}) {
    const auto list = OriginList::parse({text});
    ASSERT_FALSE(list) << text;
    EXPECT_EQ(list.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace sandglass::host
