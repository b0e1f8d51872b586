#include "runtime/utf8.h"

#include <gtest/gtest.h>

namespace sandglass::runtime {
namespace {

TEST(Utf8, WellFormedTextHasNoInvalidByte) {
  EXPECT_FALSE(find_invalid_utf8(""));
  EXPECT_FALSE(find_invalid_utf8("plain"));
  EXPECT_FALSE(find_invalid_utf8("h\xC3\xA9llo \xF0\x9F\x98\x80"));
}

TEST(Utf8, TheFirstIllFormedByteIsFound) {
  EXPECT_EQ(find_invalid_utf8("ab\xFF"), 2u);
  EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0u);          // overlong
  EXPECT_EQ(find_invalid_utf8("x\xED\xA0\x80"), 1u);     // surrogate
  EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0u);  // above U+10FFFF
  EXPECT_EQ(find_invalid_utf8("\xC3\xA9\xE2\x82"), 2u);  // cut off
}

TEST(Utf8, IllFormedSequencesAreReplaced) {
  EXPECT_EQ(to_valid_utf8("fine"), "fine");
  EXPECT_EQ(to_valid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(to_valid_utf8("a\xED\xA0\x80z"), "a\xEF\xBF\xBDz");
}

TEST(Utf8, ASequenceThatIsCutOffAtTheEndIsDropped) {
  EXPECT_EQ(to_valid_utf8("a\xE2\x82"), "a");
  EXPECT_EQ(to_valid_utf8("\xFF\xE2\x82"), "\xEF\xBF\xBD");
}

}  // namespace
}  // namespace sandglass::runtime
