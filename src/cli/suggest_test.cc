#include "cli/suggest.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

constexpr std::array<std::string_view, 3> kWords{"memory", "cpu-time", "time"};

TEST(Suggestion, SlipFindsTheWordThatWasMeant) {
  for (const std::string_view word : {"memry", "menory", "memoryy", "mmeory"}) {
    EXPECT_EQ(suggestion(word, kWords), "; did you mean 'memory'?") << word;
  }
  EXPECT_EQ(suggestion("cpu_time", kWords), "; did you mean 'cpu-time'?");
}

TEST(Suggestion, AnotherWordIsLeftAlone) {
  EXPECT_EQ(suggestion("network", kWords), "");
  EXPECT_EQ(suggestion("", kWords), "");
  EXPECT_EQ(suggestion(std::string(100'000, 'm'), kWords), "");
  EXPECT_EQ(suggestion("memory", {}), "");
}

}  // namespace
}  // namespace sandglass::cli
