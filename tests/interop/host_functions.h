#pragma once

// What the tests of host functions share.

#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

/// `attempt(() => ...)`: what it came to, or what it threw, as text.
inline constexpr std::string_view kAttemptTyped = R"js(
  function attempt(body) {
    try {
      const result = body();
      return typeof result === 'bigint' ? result + 'n' : String(result);
    } catch (e) {
      return e instanceof Error ? e.name + ': ' + e.message : 'threw ' + typeof e + ' ' + String(e);
    }
  })js";

/// Source and what `attempt` makes of it.
using Cases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class HostFunctions : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vm_.eval(kAttemptTyped)); }

  template <class F>
  void set(std::string_view name, F function) {
    const Result<void> done = vm_.set(name, std::move(function));
    ASSERT_TRUE(done) << describe(done.error());
  }
  /// Evaluates each source inside attempt().
  void attempt(Cases cases) {
    for (const auto& [source, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => ({}))", source), expected));
    }
  }
  /// Calls `function` as `f` with each list of arguments.
  template <class F>
  void call(F function, Cases cases) {
    set("f", std::move(function));
    for (const auto& [arguments, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => f({}))", arguments), expected));
    }
  }
  void run(std::string_view source) {
    const Result<Value> result = vm_.eval(source);
    ASSERT_TRUE(result) << source << ": " << describe(result.error());
  }

  Runtime vm_ = make_runtime();
};

}  // namespace sandglass::test
