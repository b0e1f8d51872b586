#include "cli/instant.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

TEST(Instant, DateAloneIsMidnight) {
  EXPECT_EQ(parse_instant("1970-01-02"), Clock::Time(24h));
}

TEST(Instant, SecondsAndTheirFractionMayBeLeftOut) {
  EXPECT_EQ(parse_instant("1970-01-01T01:02Z"), Clock::Time(1h + 2min));
  EXPECT_EQ(parse_instant("1970-01-01T01:02:03Z"), Clock::Time(1h + 2min + 3s));
  EXPECT_EQ(parse_instant("1970-01-01T01:02:03.25Z"), Clock::Time(1h + 2min + 3s + 250ms));
}

TEST(Instant, LeapDaysAreThoseOfTheCalendar) {
  EXPECT_TRUE(parse_instant("2024-02-29"));
  EXPECT_FALSE(parse_instant("2023-02-29"));
  EXPECT_FALSE(parse_instant("2100-02-29"));
}

TEST(Instant, AllElseIsRefusedWithAnExample) {
  for (const std::string text :
       {"", "now", "1969-12-31", "2200-01-01", "2024-13-01", "2024-1-1", "2024-01-01T",
        "2024-01-01T12", "2024-01-01T12:00", "2024-01-01T24:00Z", "2024-01-01T12:60Z",
        "2024-01-01T12:00:60Z", "2024-01-01T12:00:00.Z", "2024-01-01T12:00:00.1234567890Z",
        "2024-01-01T12:00Z ", "2024-01-01T12:00+01:00", "-024-01-01"}) {
    const auto time = parse_instant(text);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().find("2024-02-29T12:30:00Z"), std::string::npos) << time.error();
  }
}

}  // namespace
}  // namespace sandglass::cli
