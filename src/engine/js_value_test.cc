#include "engine/js_value.h"

#include <cmath>

#include <gtest/gtest.h>

namespace sandglass::engine {
namespace {

TEST(JsValue, TagsAreReadFromTheHighWord) {
  EXPECT_EQ(JsValue{0x0000000000000005}.tag(), Tag::integer);
  EXPECT_EQ(JsValue{0xFFFFFFFF00001000}.tag(), Tag::object);
  EXPECT_EQ(JsValue{0xFFFFFFF700001000}.tag(), Tag::bigint);
  EXPECT_EQ(JsValue{0x0000000700000001}.tag(), Tag::short_bigint);
}

TEST(JsValue, WhatIsNoTagIsADouble) {
  EXPECT_EQ(JsValue{0x0000000800000000}.tag(), Tag::float64);
  EXPECT_EQ(JsValue{0xFFFFFFF600000000}.tag(), Tag::float64);
  // 1.5 = 0x3FF8000000000000, less the offset.
  const JsValue value{0x3FF8000000000000 - (std::uint64_t{0x7ff8000A} << 32)};
  EXPECT_EQ(value.tag(), Tag::float64);
  EXPECT_EQ(value.as_float64(), 1.5);
}

TEST(JsValue, OnlyNegativeTagsAreCounted) {
  EXPECT_TRUE(JsValue{0xFFFFFFFF00001000}.is_counted());
  EXPECT_FALSE(JsValue::integer(-1).is_counted());
  EXPECT_FALSE(JsValue{0x0000000700000001}.is_counted());
  EXPECT_FALSE(JsValue{0xFFFFFFF600000000}.is_counted());
}

}  // namespace
}  // namespace sandglass::engine
