#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sandglass/error.h"

namespace sandglass {
namespace {

Error at(std::string text, std::uint32_t line, std::uint32_t column) {
  return {.code = Errc::syntax,
          .message = "bad",
          .name = "SyntaxError",
          .location = SourceLocation{
              .file = "a.js", .line = line, .column = column, .text = std::move(text)}};
}

const std::string kHead = "syntax: SyntaxError: bad\n  --> a.js:";

TEST(Pretty, ShowsThePlaceTheLineAndACaret) {
  EXPECT_EQ(at("let x = ;", 12, 9).pretty(), kHead + "12:9\n 12 | let x = ;\n    |         ^");
}

TEST(Pretty, PlaceWithoutItsLineHasNoCaret) {
  EXPECT_EQ(at("", 2, 9).pretty(), kHead + "2:9");
}

TEST(Pretty, CaretBehindTheEndStandsThere) {
  EXPECT_EQ(at("one", 1, 4'000'000'000).pretty(), kHead + "1:4000000000\n 1 | one\n   |    ^");
}

TEST(Pretty, TabsAndMultiByteCharactersKeepTheCaretInPlace) {
  EXPECT_EQ(at("\tä€ = ;", 1, 10).pretty(), kHead + "1:10\n 1 | \tä€ = ;\n   | \t     ^");
}

TEST(Pretty, ByteOrderMarkTakesNoRoom) {
  EXPECT_EQ(at("\xEF\xBB\xBFx y", 1, 6).pretty(), kHead + "1:6\n 1 | x y\n   |   ^");
}

TEST(Pretty, LongLineIsCutAroundTheCaret) {
  for (const std::size_t place : {0, 5, 500, 995, 1000}) {
    std::string line(1001, 'a');
    line[place] = '!';
    const std::string text = at(line, 1, static_cast<std::uint32_t>(place + 1)).pretty();
    const std::size_t first = text.find(" 1 | ");
    const std::size_t second = text.find("   | ");
    ASSERT_NE(second, std::string::npos) << text;
    EXPECT_LE(second - first, 84U) << text;
    EXPECT_EQ(text.find('!') - first, text.find('^') - second) << text;
  }
}

TEST(Pretty, StackThatOnlyRepeatsThePlaceIsLeftOut) {
  Error error = at("", 1, 2);
  error.stack = "    at a.js:1:2\n";
  EXPECT_EQ(error.pretty(), kHead + "1:2");
  error.stack = "    at f (a.js:1:2)\n";
  EXPECT_EQ(error.pretty(), kHead + "1:2\n    at f (a.js:1:2)");
}

TEST(Pretty, CausesFollowWithTheirStacks) {
  Error error{.code = Errc::threw, .message = "outer", .name = "Error"};
  error.cause = std::make_shared<Error>(
      Error{.code = Errc::threw, .message = "inner", .name = "Error", .stack = "    at g\n"});
  EXPECT_EQ(error.pretty(), "threw: Error: outer\ncaused by: threw: Error: inner\n    at g");
}

}  // namespace
}  // namespace sandglass
