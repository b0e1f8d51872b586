#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

TEST(ExitCode, EveryErrorHasTheNumberThatTheManualPromises) {
  const auto number = [](Errc code) { return static_cast<int>(exit_code(code)); };
  EXPECT_EQ(number(Errc::threw), 1);
  EXPECT_EQ(number(Errc::invalid_argument), 2);
  EXPECT_EQ(number(Errc::syntax), 3);
  EXPECT_EQ(number(Errc::time_limit), 4);
  EXPECT_EQ(number(Errc::memory_limit), 5);
  EXPECT_EQ(number(Errc::stack_limit), 6);
  EXPECT_EQ(number(Errc::fuel_limit), 7);
  EXPECT_EQ(number(Errc::output_limit), 8);
  EXPECT_EQ(number(Errc::guest_fault), 9);
  EXPECT_EQ(number(Errc::closed), 9);
  EXPECT_EQ(number(Errc::interrupted), 130);
}

}  // namespace
}  // namespace sandglass::cli
