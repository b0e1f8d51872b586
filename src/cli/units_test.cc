#include "cli/units.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

using namespace std::chrono_literals;

constexpr SizeRange kAnySize{};
constexpr SizeRange kSmall{1024, 2048, {}};
constexpr DurationRange kAnyDuration{};
constexpr DurationRange kUpToASecond{0ns, 1s};

std::uint64_t size_of(const std::string& text) {
  return parse_size(text, kAnySize).value();
}

std::string size_error(const std::string& text, const SizeRange& range = kAnySize) {
  const auto size = parse_size(text, range);
  return size ? "accepted as " + std::to_string(*size) : size.error();
}

std::string duration_error(const std::string& text, const DurationRange& range = kAnyDuration) {
  const auto duration = parse_duration(text, range);
  return duration ? "accepted as " + std::to_string(duration->count()) : duration.error();
}

TEST(SizeUnits, BinaryUnitsArePowersOf1024) {
  EXPECT_EQ(size_of("7B"), 7U);
  EXPECT_EQ(size_of("1KiB"), 1024U);
  EXPECT_EQ(size_of("64MiB"), std::uint64_t{64} << 20);
  EXPECT_EQ(size_of("3GiB"), std::uint64_t{3} << 30);
}

TEST(SizeUnits, DecimalUnitsArePowersOf1000) {
  EXPECT_EQ(size_of("10KB"), 10'000U);
  EXPECT_EQ(size_of("2MB"), 2'000'000U);
  EXPECT_EQ(size_of("1GB"), 1'000'000'000U);
}

TEST(SizeUnits, PlainNumberIsBytes) {
  EXPECT_EQ(size_of("4096"), 4096U);
}

TEST(SizeUnits, CaseOfAUnitDoesNotMatter) {
  EXPECT_EQ(size_of("1mib"), size_of("1MiB"));
}

TEST(SizeUnits, FractionIsExactAndRoundedDownToAByte) {
  EXPECT_EQ(size_of("1.5KiB"), 1536U);
  EXPECT_EQ(size_of("0.0009KB"), 0U);
}

TEST(SizeUnits, LargestNumberFitsAndOneMoreDoesNot) {
  EXPECT_EQ(size_of("18446744073709551615"), UINT64_MAX);
  EXPECT_NE(size_error("18446744073709551616").find("out of range"), std::string::npos);
  EXPECT_NE(size_error("18446744073709551615.5KiB").find("out of range"), std::string::npos);
  EXPECT_NE(size_error("17179869184GiB").find("out of range"), std::string::npos);
}

TEST(SizeUnits, BoundsOfTheRangeAreInside) {
  EXPECT_EQ(parse_size("1KiB", kSmall).value(), 1024U);
  EXPECT_EQ(parse_size("2KiB", kSmall).value(), 2048U);
  EXPECT_EQ(size_error("1023", kSmall), "'1023' is out of range (range: 1KiB to 2KiB)");
  EXPECT_EQ(size_error("2049", kSmall), "'2049' is out of range (range: 1KiB to 2KiB)");
}

TEST(SizeUnits, UnknownUnitIsNamedWithTheKnownOnes) {
  EXPECT_EQ(size_error("1TB", kSmall),
            "'1TB' has the unknown unit 'TB': use B, KiB, MiB, GiB, KB, MB or GB "
            "(range: 1KiB to 2KiB)");
}

TEST(SizeUnits, NegativeIsCalledNegative) {
  EXPECT_EQ(size_error("-1", kSmall), "'-1' is negative (range: 1KiB to 2KiB)");
}

TEST(SizeUnits, NonsenseIsRefused) {
  for (const std::string text : {"", "MiB", "abc", ".5MiB", "1.MiB", "+1", " 1", "1 ", "1..5KiB",
                                 "0x10", "1e3", "1,5KiB", "1.0000001KiB", "--json", "-"}) {
    EXPECT_FALSE(parse_size(text, kAnySize)) << text;
  }
}

TEST(DurationUnits, EveryUnitIsRead) {
  EXPECT_EQ(parse_duration("15us", kAnyDuration).value(), 15us);
  EXPECT_EQ(parse_duration("200ms", kAnyDuration).value(), 200ms);
  EXPECT_EQ(parse_duration("1.5s", kAnyDuration).value(), 1500ms);
  EXPECT_EQ(parse_duration("2m", kAnyDuration).value(), 120s);
}

TEST(DurationUnits, NumberWithoutUnitTellsWhichUnitsExist) {
  EXPECT_EQ(duration_error("10"), "'10' has no unit: add us, ms, s or m (range: 0ms or more)");
}

TEST(DurationUnits, NegativeAndTooLongAreRefused) {
  EXPECT_EQ(duration_error("-1", kUpToASecond), "'-1' is negative (range: 0ms to 1s)");
  EXPECT_EQ(duration_error("-1ms", kUpToASecond), "'-1ms' is negative (range: 0ms to 1s)");
  EXPECT_EQ(duration_error("1001ms", kUpToASecond), "'1001ms' is out of range (range: 0ms to 1s)");
  EXPECT_NE(duration_error("9223372037s").find("out of range"), std::string::npos);
  EXPECT_NE(duration_error("99999999999999999999m").find("out of range"), std::string::npos);
  EXPECT_NE(duration_error("1h").find("unknown unit 'h'"), std::string::npos);
}

TEST(DurationUnits, NoneTurnsALimitOffOnlyWhereThatIsAllowed) {
  const auto none = parse_optional_duration("none", kUpToASecond);
  ASSERT_TRUE(none.has_value());
  EXPECT_EQ(*none, std::nullopt);
  EXPECT_EQ(parse_optional_duration("1s", kUpToASecond).value(),
            std::optional<std::chrono::nanoseconds>(1s));
  EXPECT_FALSE(parse_duration("none", kUpToASecond));
  EXPECT_NE(parse_optional_duration("2s", kUpToASecond).error().find("'none' turns the limit off"),
            std::string::npos);
}

TEST(Count, IsAWholeNumberFromOneOrNone) {
  EXPECT_EQ(parse_optional_count("1").value(), std::optional<std::uint64_t>(1));
  EXPECT_EQ(parse_optional_count("none").value(), std::nullopt);
  for (const std::string text : {"0", "-1", "", "1.5", "1k", "18446744073709551616"}) {
    EXPECT_FALSE(parse_optional_count(text)) << text;
  }
}

TEST(Formatting, SizeReadsBackAsItself) {
  for (const std::uint64_t bytes : {std::uint64_t{0}, std::uint64_t{1000}, std::uint64_t{1024},
                                    std::uint64_t{64} << 20, (std::uint64_t{4} << 30) - 65536}) {
    EXPECT_EQ(size_of(format_size(bytes)), bytes);
  }
  EXPECT_EQ(format_size(std::uint64_t{64} << 20), "64MiB");
  EXPECT_EQ(format_size(1000), "1000B");
  EXPECT_EQ(format_size(0), "0B");
}

TEST(Formatting, DurationReadsBackAsItself) {
  for (const std::chrono::nanoseconds duration : {0ns, 1000ns, 1500000ns, 5000000000ns}) {
    EXPECT_EQ(parse_duration(format_duration(duration), kAnyDuration).value(), duration);
  }
  EXPECT_EQ(format_duration(5s), "5s");
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(0ns), "0ms");
}

TEST(RoundSize, HasThreeDigitsAtMost) {
  EXPECT_EQ(round_size(0), "0B");
  EXPECT_EQ(round_size(1023), "1023B");
  EXPECT_EQ(round_size(1024), "1.0KiB");
  EXPECT_EQ(round_size(103'992), "102KiB");
  EXPECT_EQ(round_size(1'769'472), "1.7MiB");
  EXPECT_EQ(round_size(std::uint64_t{64} << 20), "64MiB");
  EXPECT_EQ(round_size(std::uint64_t{5} << 40), "5120GiB");
}

}  // namespace
}  // namespace sandglass::cli
