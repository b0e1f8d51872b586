#include "cli/repl/completion.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

using Names = std::vector<std::string>;

class ReplCompletion : public testing::Test {
 protected:
  void run(const std::string& source) {
    collect_words(source, words_);
    const auto done = runtime_.eval(source);
    ASSERT_TRUE(done) << done.error().pretty();
  }
  Names names(std::string_view before) { return completer_.complete(before, words_).names; }
  // What the script has done to be noticed.
  bool noticed() { return runtime_.eval<bool>("globalThis.noticed === true").value(); }

  Runtime runtime_ = Runtime::create().value();
  Completer completer_{runtime_};
  std::set<std::string> words_;
};

TEST_F(ReplCompletion, GlobalsAndDeclaredNames) {
  run("let apple = 1; const apply = 2; var apricot = 3; class Apex {} function appear() {}");
  EXPECT_EQ(names("ap"), (Names{"appear", "apple", "apply", "apricot"}));
  EXPECT_EQ(names("1 + Ape"), Names{"Apex"});
  EXPECT_EQ(names("x = Mat"), Names{"Math"});
}

TEST_F(ReplCompletion, NamesThatAreNoVariablesAreLeftOut) {
  run("(function () { let apparent = 1; return apparent; })()");
  EXPECT_EQ(names("app"), Names{});
}

TEST_F(ReplCompletion, PropertiesOwnAndInherited) {
  run("let object = Object.create({inner: {deep: 1}}, {indeed: {value: 1}})");
  EXPECT_EQ(names("object.in"), (Names{"indeed", "inner"}));
  EXPECT_EQ(names("object?.inner.de"), Names{"deep"});
  EXPECT_EQ(names("f(...object.ind"), Names{"indeed"});
  EXPECT_EQ(names("f(...obj"), Names{"object"});
}

TEST_F(ReplCompletion, PrimitivesHaveThePropertiesOfTheirPrototype) {
  run("let text = 'a'; let number = 1; let big = 1n; let yes = true");
  EXPECT_EQ(names("text.padS"), Names{"padStart"});
  EXPECT_EQ(names("number.toF"), Names{"toFixed"});
  EXPECT_EQ(names("big.toS"), Names{"toString"});
  EXPECT_EQ(names("yes.val"), Names{"valueOf"});
}

TEST_F(ReplCompletion, TypedPartIsTold) {
  EXPECT_EQ(completer_.complete("Math.ma", words_).typed, "ma");
  EXPECT_EQ(completer_.complete("Math.", words_).typed, "");
}

TEST_F(ReplCompletion, OnlyChainsOfNamesAreCompleted) {
  for (const std::string before : {"f().", "[1].", "'a'.", "1.", "a[0].b", "Math..", "nothing.x"}) {
    EXPECT_EQ(names(before), Names{}) << before;
  }
}

TEST_F(ReplCompletion, NamesThatWouldNeedBracketsAreLeftOut) {
  run("var odd = {'a b': 1, 'a-b': 2, 'a\\n': 3, ab: 4, [Symbol('as')]: 5}");
  EXPECT_EQ(names("odd.a"), Names{"ab"});
}

TEST_F(ReplCompletion, GettersAreNotCalled) {
  run("var trap = {get evil() { globalThis.noticed = true; return {x: 1}; }};"
      "Object.defineProperty(globalThis, 'trapped', {get() { globalThis.noticed = true; return {x: "
      "1}; }});"
      "Object.defineProperty(Object.prototype, 'low', {get() { globalThis.noticed = true; return "
      "{x: 1}; }});"
      "Object.defineProperty(Object.prototype, 'value', {get() { globalThis.noticed = true; return "
      "{x: 1}; }})");
  EXPECT_EQ(names("trap.ev"), Names{"evil"});
  for (const std::string before : {"trap.evil.", "trapped.", "low.", "trap.low.", "trap.evil.x."}) {
    EXPECT_EQ(names(before), Names{}) << before;
  }
  EXPECT_FALSE(noticed());
}

TEST_F(ReplCompletion, ProxiesAreNotAsked) {
  run("var noticed = false; var trap = () => { globalThis.noticed = true; return undefined; };"
      "var proxy = new Proxy({}, new Proxy({}, {get: trap}));"
      "var child = Object.create(proxy, {mine: {value: 1}})");
  EXPECT_EQ(names("proxy."), Names{});
  EXPECT_EQ(names("proxy.x."), Names{});
  EXPECT_EQ(names("child.m"), Names{"mine"});
  EXPECT_EQ(names("child.other."), Names{});
  run("let local = {x: 1}; Object.setPrototypeOf(globalThis, proxy)");
  EXPECT_EQ(names("whatever."), Names{});
  EXPECT_EQ(names("loc"), Names{});  // the proxy might have a getter of that name
  EXPECT_FALSE(noticed());
}

TEST_F(ReplCompletion, ElementsAreNoNames) {
  run("var list = [1, 2, 3]; var bytes = new Uint8Array(1 << 20)");
  const Names of_list = names("list.");
  EXPECT_NE(std::ranges::find(of_list, "map"), of_list.end());
  const Names of_bytes = names("bytes.");
  EXPECT_NE(std::ranges::find(of_bytes, "subarray"), of_bytes.end());
}

TEST_F(ReplCompletion, LimitsOfTheSessionAreLeftAsTheyWere) {
  Limits limits = runtime_.limits();
  limits.fuel = 12;
  ASSERT_TRUE(runtime_.set_limits(limits));
  EXPECT_EQ(names("Mat"), Names{"Math"});
  EXPECT_EQ(runtime_.limits().fuel, 12U);
  EXPECT_EQ(runtime_.limits().wall_time, limits.wall_time);
}

TEST(CommonBeginning, IsWhatAllShare) {
  EXPECT_EQ(common_beginning({}), "");
  EXPECT_EQ(common_beginning({"alpha"}), "alpha");
  EXPECT_EQ(common_beginning({"alpha", "alphabet", "alps"}), "alp");
  EXPECT_EQ(common_beginning({"a", "b"}), "");
}

}  // namespace
}  // namespace sandglass::cli
