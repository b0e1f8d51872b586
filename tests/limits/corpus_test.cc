// The rest of the corpus: scripts whose header alone says how they may end, run with the default
// limits and with all limits tight.

#include "corpus.h"

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

TEST(Corpus, EveryFolderHasScripts) {
  for (const std::string_view folder : {"stack", "deep", "memory", "time"}) {
    EXPECT_GE(hostile_scripts(folder).size(), 5U) << folder;
  }
}

// No script survives, whatever its subject, on a VM in which every limit is low; and none harms it.
TEST(Corpus, EachScriptEndsWithinTightLimitsAndResetHeals) {
  Limits limits;
  limits.memory_bytes = 4 * kMiB;
  limits.stack_bytes = 64 * kKiB;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{5};
  limits.fuel = 1000;
  limits.output_bytes = 100;
  Runtime vm = make_runtime(limits);
  for (const std::string_view folder : {"stack", "deep", "memory", "time"}) {
    for (const HostileScript& script : hostile_scripts(folder)) {
      const Clock::time_point start = Clock::now();
      const Result<Value> result = run(vm, script);
      EXPECT_LT(Clock::now() - start, kSurvived) << folder << "/" << script.name;
      EXPECT_EQ(vm.usable(), result || result.error().vm_usable) << folder << "/" << script.name;
      if (!result) {
        EXPECT_NE(result.error().code, Errc::closed) << folder << "/" << script.name;
        EXPECT_NE(result.error().code, Errc::invalid_argument) << folder << "/" << script.name;
      }
      ASSERT_TRUE(vm.reset()) << folder << "/" << script.name;
      ASSERT_TRUE(works(vm)) << folder << "/" << script.name;
    }
  }
}

}  // namespace
}  // namespace sandglass::test
