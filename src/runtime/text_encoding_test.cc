#include "runtime/text_encoding.h"

#include <string>

#include <gtest/gtest.h>

namespace sandglass::runtime {
namespace {

std::u16string decoded(std::string_view bytes, TextEncoding encoding) {
  return decode(std::as_bytes(std::span(bytes)), encoding);
}

std::string encoded(std::u16string_view text, TextEncoding encoding) {
  std::string bytes;
  for (const std::byte byte : encode(text, encoding)) bytes += static_cast<char>(byte);
  return bytes;
}

TEST(TextEncodingNames, AreTakenInAnyCase) {
  EXPECT_EQ(find_encoding("utf8"), TextEncoding::utf8);
  EXPECT_EQ(find_encoding("UTF-8"), TextEncoding::utf8);
  EXPECT_EQ(find_encoding("Binary"), TextEncoding::latin1);
  EXPECT_EQ(find_encoding("base64url"), TextEncoding::base64url);
  EXPECT_EQ(find_encoding(""), std::nullopt);
  EXPECT_EQ(find_encoding("utf9"), std::nullopt);
  EXPECT_EQ(find_encoding(std::string(1 << 20, 'u')), std::nullopt);
}

// As the Encoding standard has it; the examples are those of Unicode 15, section 3.9.
TEST(Utf8, EachLongestBeginningBecomesOneReplacement) {
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(decode_utf8("a\xC3\xA9\xF0\x9F\x98\x80"), "a\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(decode_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(decode_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(decode_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            r + r + r + r + r + "A" + r + r + "B");
  EXPECT_EQ(decode_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), r + r + r + r + "A");
}

TEST(Utf8, WhatIsCutOffAtTheEndIsNotDropped) {
  EXPECT_EQ(decode_utf8("a\xE2\x82"), "a\xEF\xBF\xBD");
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98"), "\xEF\xBF\xBD");
}

TEST(Base64, OfEachLengthGoesBothWays) {
  EXPECT_EQ(decoded("", TextEncoding::base64), u"");
  EXPECT_EQ(decoded("a", TextEncoding::base64), u"YQ==");
  EXPECT_EQ(decoded("ab", TextEncoding::base64), u"YWI=");
  EXPECT_EQ(decoded("abc", TextEncoding::base64), u"YWJj");
  EXPECT_EQ(decoded("\xFB\xFF", TextEncoding::base64), u"+/8=");
  EXPECT_EQ(decoded("\xFB\xFF", TextEncoding::base64url), u"-_8");
  EXPECT_EQ(encoded(u"YWI=", TextEncoding::base64), "ab");
  EXPECT_EQ(encoded(u"YWI", TextEncoding::base64), "ab");
  EXPECT_EQ(encoded(u"-_8", TextEncoding::base64), "\xFB\xFF");
  EXPECT_EQ(encoded(u"Y W\nI=YWJj\u20ac", TextEncoding::base64), "ab");
}

TEST(Hex, EndsAtTheFirstPairThatIsNone) {
  EXPECT_EQ(decoded("\x01\xAB", TextEncoding::hex), u"01ab");
  EXPECT_EQ(encoded(u"01aB", TextEncoding::hex), "\x01\xAB");
  EXPECT_EQ(encoded(u"61zz62", TextEncoding::hex), "a");
  EXPECT_EQ(encoded(u"616", TextEncoding::hex), "a");
  EXPECT_EQ(encoded(u"6\u0161", TextEncoding::hex), "");
}

TEST(FixedWidth, UnitsAreCutToBytes) {
  EXPECT_EQ(decoded("\xE9", TextEncoding::latin1), u"\u00e9");
  EXPECT_EQ(decoded("\xE9", TextEncoding::ascii), u"i");
  EXPECT_EQ(encoded(u"\u20ac", TextEncoding::latin1), "\xAC");
  EXPECT_EQ(decoded(std::string_view("a\0b", 3), TextEncoding::utf16), u"a");
  EXPECT_EQ(encoded(u"\u20ac", TextEncoding::utf16), "\xAC\x20");
}

}  // namespace
}  // namespace sandglass::runtime
