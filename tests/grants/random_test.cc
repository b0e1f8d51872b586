// Random numbers: the same for the same seed, different from the system.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr std::string_view kDraw = "[Math.random(), Math.random(), Math.random()].join()";

std::string drawn(Runtime& vm) {
  return vm.eval<std::string>(kDraw).value_or("?");
}

Runtime with_random(Random random) {
  return make_runtime({.grants = {.random = random}});
}

TEST(RandomGrant, WithoutItEveryVmHasTheSameNumbers) {
  Runtime first = make_runtime();
  Runtime second = make_runtime();
  EXPECT_EQ(drawn(first), drawn(second));
}

TEST(RandomGrant, ASeedDecides) {
  Runtime one = with_random(Random::seeded(1));
  Runtime again = with_random(Random::seeded(1));
  Runtime two = with_random(Random::seeded(2));
  const std::string numbers = drawn(one);
  EXPECT_EQ(numbers, drawn(again));
  EXPECT_NE(numbers, drawn(two));
}

TEST(RandomGrant, SmallSeedsMakeNoSmallNumbers) {
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Runtime vm = with_random(Random::seeded(seed));
    const double number = vm.eval<double>("Math.random()").value_or(-1);
    EXPECT_GE(number, 0);
    EXPECT_LT(number, 1);
    sum += number;
  }
  EXPECT_GT(sum / 64, 0.3);
  EXPECT_LT(sum / 64, 0.7);
}

TEST(RandomGrant, TheSystemsDifferFromVmToVmAndAfterAReset) {
  Runtime first = with_random(Random::system());
  Runtime second = with_random(Random::system());
  const std::string numbers = drawn(first);
  EXPECT_NE(numbers, drawn(second));
  ASSERT_TRUE(first.reset());
  EXPECT_NE(numbers, drawn(first));
}

TEST(RandomGrant, ASeedStartsAnewAfterAReset) {
  Runtime vm = with_random(Random::seeded(7));
  const std::string numbers = drawn(vm);
  EXPECT_NE(numbers, drawn(vm));
  ASSERT_TRUE(vm.reset());
  EXPECT_EQ(numbers, drawn(vm));
}

TEST(RandomGrant, VmsFromOneSnapshotDoNotShareTheSystemsNumbers) {
  Runtime vm = with_random(Random::system());
  static_cast<void>(drawn(vm));
  const Result<Snapshot> snapshot = vm.snapshot();
  ASSERT_TRUE(snapshot);
  Result<Runtime> first = Runtime::from(*snapshot);
  Result<Runtime> second = Runtime::from(*snapshot);
  ASSERT_TRUE(first && second);
  EXPECT_NE(drawn(*first), drawn(*second));
}

}  // namespace
}  // namespace sandglass::test
