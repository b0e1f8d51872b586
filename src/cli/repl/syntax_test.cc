#include "cli/repl/syntax.h"

#include <string>

#include <gtest/gtest.h>

#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

class ReplSyntax : public testing::Test {
 protected:
  Runtime runtime_ = Runtime::create().value();
};

TEST_F(ReplSyntax, BeginningOfSomethingGoesOn) {
  for (const std::string input : {"if (1) {",
                                  "function f(",
                                  "class A {",
                                  "[1,",
                                  "x =",
                                  "1 +",
                                  "a ? b",
                                  "() =>",
                                  "`abc",
                                  "`a${",
                                  "`a${1} b",
                                  "/* abc",
                                  "try {}",
                                  "do {} while",
                                  "async () => {",
                                  "foo(1,\n// c\n",
                                  "{a: 1,",
                                  "{a: 1, b: [",
                                  "a.",
                                  "{\n  let x = 1;\n"}) {
    EXPECT_TRUE(goes_on(runtime_, input)) << input;
    EXPECT_TRUE(goes_on(runtime_, input + "\n")) << input;
  }
}

TEST_F(ReplSyntax, WhatParsesOrNeverWillDoesNotGoOn) {
  for (const std::string input :
       {"", "1", "let a", "{a: 1, b: 2}", "{ let x = 1 }", "await 1", "}", ")", "let x = ;",
        "if (x) ]", "'abc", "\"abc", "/abc", "`${'a}`", "{a b}", "import x from 'y'", "var 1a"}) {
    EXPECT_FALSE(goes_on(runtime_, input)) << input;
  }
}

TEST_F(ReplSyntax, NothingOfItRuns) {
  EXPECT_FALSE(goes_on(runtime_, "globalThis.ran = 1; throw 2"));
  EXPECT_EQ(as_expression(runtime_, "{ a: globalThis.ran = 1 }"), "({ a: globalThis.ran = 1 })");
  EXPECT_EQ(runtime_.eval<std::string>("typeof ran").value(), "undefined");
}

TEST_F(ReplSyntax, BracesAreAnObjectIfTheyCanBe) {
  EXPECT_EQ(as_expression(runtime_, "{}\n"), "({})");
  EXPECT_EQ(as_expression(runtime_, " {a: 1, b: 2}"), "( {a: 1, b: 2})");
  EXPECT_EQ(as_expression(runtime_, "{ let x = 1; x }"), "{ let x = 1; x }");
  EXPECT_EQ(as_expression(runtime_, "{a: 1};"), "{a: 1};");
  EXPECT_EQ(as_expression(runtime_, "1 + 1\n"), "1 + 1\n");
}

}  // namespace
}  // namespace sandglass::cli
