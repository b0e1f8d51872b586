// Options and sources out of range: refused before anything runs, with a message that names them.

#include <limits>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class BadOption : public ::testing::Test {
 protected:
  /// Passes if `options` are refused as out of range by a message that names `field`.
  [[nodiscard]] static ::testing::AssertionResult refused(Options options, std::string_view field) {
    const Result<Runtime> made = Runtime::create(std::move(options));
    if (made) return ::testing::AssertionFailure() << field << " was accepted";
    if (made.error().code != Errc::invalid_argument ||
        made.error().message.find(field) == std::string::npos) {
      return ::testing::AssertionFailure() << describe(made.error()) << " does not name " << field;
    }
    return ::testing::AssertionSuccess();
  }

  /// Passes if a VM with `options` is made and runs a script.
  [[nodiscard]] static ::testing::AssertionResult accepted(Options options) {
    Result<Runtime> made = Runtime::create(std::move(options));
    if (!made) return ::testing::AssertionFailure() << describe(made.error());
    const Result<Value> value = patiently(*made, [&] { return made->eval("1+1"); });
    if (value && value->to_number().value_or(0) == 2) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "1+1 gave " << outcome(value);
  }

  template <class Field, class Number>
  [[nodiscard]] static Options with(Field Limits::* field, Number value) {
    Options options;
    options.limits.*field = value;
    return options;
  }
};
using BadSource = BadOption;

TEST_F(BadOption, MemoryBelowAtAndAboveItsRange) {
  constexpr std::uint64_t kMost = 4 * kGiB - 64 * kKiB;
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, 2 * kMiB - 1, kMost + 1, 4 * kGiB, 5 * kGiB,
        std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_TRUE(refused(with(&Limits::memory_bytes, bytes), "memory_bytes")) << bytes;
  }
  for (const std::uint64_t bytes :
       {2 * kMiB, 2 * kMiB + 1, 64 * kMiB - 1, 1 * kGiB, kMost - 1, kMost}) {
    EXPECT_TRUE(accepted(with(&Limits::memory_bytes, bytes))) << bytes;
  }
}

TEST_F(BadOption, StackBelowAtAndAboveItsRange) {
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, 64 * kKiB - 1, 16 * kMiB + 1, std::uint64_t{1} << 40,
        std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_TRUE(refused(with(&Limits::stack_bytes, bytes), "stack_bytes")) << bytes;
  }
  for (const std::uint64_t bytes :
       {64 * kKiB, 64 * kKiB + 1, 960 * kKiB, 960 * kKiB + 1, 16 * kMiB - 1, 16 * kMiB}) {
    EXPECT_TRUE(accepted(with(&Limits::stack_bytes, bytes))) << bytes;
  }
}

TEST_F(BadOption, AStackThatDoesNotFitTheMemoryIsNoCrash) {
  for (const std::uint64_t memory : {2 * kMiB, 4 * kMiB, 16 * kMiB, 17 * kMiB}) {
    Options options;
    options.limits.memory_bytes = memory;
    options.limits.stack_bytes = 16 * kMiB;
    Result<Runtime> made = Runtime::create(options);
    if (!made) {
      EXPECT_EQ(made.error().code, Errc::invalid_argument) << describe(made.error());
      EXPECT_NE(made.error().message.find("_bytes"), std::string::npos) << describe(made.error());
      continue;
    }
    EXPECT_TRUE(works(*made)) << memory;
    EXPECT_FALSE(made->eval("(function f() { f() })()")) << memory;
    EXPECT_TRUE(works(*made)) << memory;
  }
}

TEST_F(BadOption, WallAndCpuTimeBelowAtAndAboveTheirRange) {
  for (const nanoseconds time :
       {nanoseconds{0}, nanoseconds{-1}, nanoseconds{999'999}, nanoseconds::min()}) {
    EXPECT_TRUE(refused(with(&Limits::wall_time, time), "wall_time")) << time.count();
    EXPECT_TRUE(refused(with(&Limits::cpu_time, time), "cpu_time")) << time.count();
  }
  for (const nanoseconds time :
       {nanoseconds{1'000'000}, nanoseconds{seconds{86400 * 365}}, nanoseconds::max()}) {
    EXPECT_TRUE(accepted(with(&Limits::wall_time, time))) << time.count();
    EXPECT_TRUE(accepted(with(&Limits::cpu_time, time))) << time.count();
  }
  EXPECT_TRUE(accepted(with(&Limits::wall_time, std::nullopt)));
  EXPECT_TRUE(accepted(with(&Limits::cpu_time, std::nullopt)));
}

TEST_F(BadOption, GraceBelowAtAndAboveItsRange) {
  for (const nanoseconds time : {nanoseconds{-1}, nanoseconds{seconds{1}} + nanoseconds{1},
                                 nanoseconds::max(), nanoseconds::min()}) {
    EXPECT_TRUE(refused(with(&Limits::grace, time), "grace")) << time.count();
  }
  for (const nanoseconds time : {nanoseconds{0}, nanoseconds{1}, nanoseconds{seconds{1}}}) {
    EXPECT_TRUE(accepted(with(&Limits::grace, time))) << time.count();
  }
}

TEST_F(BadOption, FuelBelowAndAtItsRange) {
  EXPECT_TRUE(refused(with(&Limits::fuel, 0), "fuel"));
  for (const std::uint64_t fuel : {std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_TRUE(accepted(with(&Limits::fuel, fuel))) << fuel;
  }
}

TEST_F(BadOption, AnyOutputLimitIsAccepted) {
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_TRUE(accepted(with(&Limits::output_bytes, bytes))) << bytes;
  }
}

TEST_F(BadOption, GcThresholdAtAndAboveTheMemoryLimit) {
  Options options;
  options.limits.memory_bytes = 8 * kMiB;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{8 * kMiB}}) {
    options.gc_threshold_bytes = bytes;
    EXPECT_TRUE(accepted(options)) << bytes;
  }
  for (const std::size_t bytes :
       {std::size_t{8 * kMiB + 1}, std::numeric_limits<std::size_t>::max()}) {
    options.gc_threshold_bytes = bytes;
    EXPECT_TRUE(refused(options, "gc_threshold_bytes")) << bytes;
  }
}

TEST_F(BadOption, ArgumentsThatAreNotUtf8) {
  Options options;
  options.arguments = {"fine", "not \xff utf-8"};
  EXPECT_TRUE(refused(options, "argument"));
}

TEST_F(BadOption, LimitsAreToldAsGiven) {
  Limits limits;
  limits.memory_bytes = 8 * kMiB;
  limits.stack_bytes = 128 * kKiB;
  limits.wall_time = std::nullopt;
  limits.cpu_time = seconds{3};
  limits.grace = milliseconds{7};
  limits.fuel = 99;
  limits.output_bytes = 12;
  const Runtime vm = make_runtime(limits);
  EXPECT_EQ(vm.limits().memory_bytes, limits.memory_bytes);
  EXPECT_EQ(vm.limits().stack_bytes, limits.stack_bytes);
  EXPECT_EQ(vm.limits().wall_time, limits.wall_time);
  EXPECT_EQ(vm.limits().cpu_time, limits.cpu_time);
  EXPECT_EQ(vm.limits().grace, limits.grace);
  EXPECT_EQ(vm.limits().fuel, limits.fuel);
  EXPECT_EQ(vm.limits().output_bytes, limits.output_bytes);
}

TEST_F(BadSource, WithAZeroByteIsRefused) {
  Runtime vm = make_runtime();
  for (const std::string& source : {std::string(1, '\0'), std::string("1+1\0", 4),
                                    std::string("globalThis.ran = 1; '\0'", 23)}) {
    Error error;
    EXPECT_TRUE(fails(vm, source, Errc::invalid_argument, &error));
    EXPECT_FALSE(error.message.empty());
    EXPECT_TRUE(error.vm_usable);
  }
  EXPECT_TRUE(gives(vm, "typeof ran", "undefined"));
  EXPECT_TRUE(works(vm));
}

TEST_F(BadSource, ThatIsNotUtf8IsRefused) {
  Runtime vm = make_runtime();
  for (const std::string_view bytes :
       {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xe2\x82", "\xed\xa0\x80",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xf0\x9f\x98"}) {
    for (const char* quote : {"'", "//", ""}) {
      EXPECT_TRUE(
          fails(vm, fmt::format("globalThis.ran = 1; {}{}", quote, bytes), Errc::invalid_argument));
    }
  }
  EXPECT_TRUE(gives(vm, "typeof ran", "undefined"));
  EXPECT_TRUE(works(vm));
}

TEST_F(BadSource, LongerThanTheMemoryIsRefused) {
  Runtime vm = make_runtime(Limits{.memory_bytes = 4 * kMiB});
  EXPECT_TRUE(fails(vm, std::string(4 * kMiB + 1, ' '), Errc::invalid_argument));
  EXPECT_TRUE(fails(vm, std::string(200'000'000, ' '), Errc::invalid_argument));
  EXPECT_TRUE(works(vm));
}

TEST_F(BadSource, NearlyAsLongAsTheMemoryIsNoCrash) {
  Runtime vm = make_runtime(Limits{.memory_bytes = 4 * kMiB});
  for (const std::size_t bytes : {4 * kMiB, 4 * kMiB - 1, 3 * kMiB, 2 * kMiB}) {
    const Result<Value> result = vm.eval(std::string(bytes, ' '));
    if (!result) {
      EXPECT_TRUE(result.error().code == Errc::memory_limit ||
                  result.error().code == Errc::invalid_argument)
          << bytes << ": " << describe(result.error());
      EXPECT_TRUE(result.error().vm_usable);
    }
    EXPECT_TRUE(works(vm)) << bytes;
  }
  EXPECT_TRUE(gives(vm, std::string(256 * kKiB, ' ') + "'small enough'", "small enough"));
}

TEST_F(BadSource, FileNamesAreCheckedToo) {
  Runtime vm = make_runtime();
  for (const std::string_view name : {std::string_view("a\0b", 3), std::string_view("\xff.js")}) {
    EXPECT_TRUE(
        fails(vm, "globalThis.ran = 1", Errc::invalid_argument, nullptr, {.file_name = name}));
  }
  EXPECT_TRUE(gives(vm, "typeof ran", "undefined"));
  EXPECT_TRUE(gives(vm, "'no name'", "no name", {.file_name = ""}));
  EXPECT_TRUE(works(vm));
}

}  // namespace
}  // namespace sandglass::test
