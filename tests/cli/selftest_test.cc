#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "process.h"

namespace sandglass::cli_test {
namespace {

TEST(Selftest, EveryStackSizeInTheRangeEndsInAStackLimitAndAUsableVm) {
  const Finished run = sandglass({"selftest"});
  EXPECT_EQ(run.exit_code, 0) << run.out << run.err;
  std::istringstream lines(run.out);
  long previous_frames = 0;
  int rows = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string stack;
    long frames = 0;
    std::string result;
    double microseconds = 0;
    std::string usable;
    if (words >> stack >> frames >> result >> microseconds >> usable) {
      ++rows;
      EXPECT_EQ(result, "stack_limit") << line;
      EXPECT_EQ(usable, "yes") << line;
      EXPECT_GT(frames, previous_frames) << "more stack must give more frames: " << line;
      if (stack == "256KiB") {
        EXPECT_GE(frames, 1000) << line;
      }
      previous_frames = frames;
    }
  }
  EXPECT_EQ(rows, 10) << run.out;
  EXPECT_NE(run.out.find("refused: minimum is 64KiB"), std::string::npos) << run.out;
}

}  // namespace
}  // namespace sandglass::cli_test
