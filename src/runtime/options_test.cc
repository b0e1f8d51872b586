#include "runtime/options.h"

#include <gtest/gtest.h>

namespace sandglass::runtime {
namespace {

using namespace std::chrono_literals;

TEST(FormatBytes, UsesTheLargestUnitThatDivides) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(64 << 20), "64 MiB");
  EXPECT_EQ(format_bytes(1536), "1536 B");
}

TEST(FormatDuration, UsesTheLargestUnitThatDivides) {
  EXPECT_EQ(format_duration(5s), "5 s");
  EXPECT_EQ(format_duration(1500us), "1500 us");
  EXPECT_EQ(format_duration(0ns), "0 ns");
}

TEST(Options, DefaultsAreInRange) {
  EXPECT_FALSE(find_invalid(Options{}));
}

TEST(Options, TheMessageNamesTheOptionAndItsRange) {
  Options options;
  options.limits.memory_bytes = 1;
  const auto error = find_invalid(options);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::invalid_argument);
  EXPECT_EQ(error->message, "memory_bytes of 1 B is out of range: 2 MiB to 4194240 KiB");
}

}  // namespace
}  // namespace sandglass::runtime
