#pragma once

// What the tests of Convert share.

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

// 128-bit integers are an extension of both compilers.
__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

/// `same(a, b)` in the script: equal in everything, prototypes and the order of keys included.
inline constexpr std::string_view kSame = R"js(
globalThis.same = (a, b) => {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof Map || a instanceof Set) return same([...a], [...b]);
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b));
  const keys = Reflect.ownKeys(a);
  return same(keys.join('|'), Reflect.ownKeys(b).join('|')) && keys.every((k) => {
    const [x, y] = [a, b].map((o) => Object.getOwnPropertyDescriptor(o, k));
    return same(x.value, y.value) && x.enumerable === y.enumerable && x.writable === y.writable &&
           x.configurable === y.configurable;
  });
};
globalThis.hits = 0;
globalThis.hit = () => { hits++; return 'hit' };
0)js";

class Conversion : public ::testing::Test {
 protected:
  Conversion() { EXPECT_TRUE(vm_.eval(kSame)); }

  [[nodiscard]] Value value(std::string_view source) {
    Result<Value> result = vm_.eval(source);
    if (result) return std::move(*result);
    ADD_FAILURE() << source << ": " << describe(result.error());
    return {};
  }

  /// Passes if `source` is `expected` as a T.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult comes(std::string_view source, const T& expected) {
    const Result<T> got = value(source).as<T>();
    if (!got) return ::testing::AssertionFailure() << source << ": " << describe(got.error());
    if (*got == expected) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << source << " came as another value";
  }

  /// Passes if `cpp` becomes what `source` is.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult becomes(const T& cpp, std::string_view source) {
    const Result<void> set = vm_.set("made", cpp);
    if (!set) return ::testing::AssertionFailure() << source << ": " << describe(set.error());
    const std::string same = outcome(vm_.eval(fmt::format("same(made, ({}))", source)));
    if (same == "true") return ::testing::AssertionSuccess();
    const Result<Value> made = vm_.eval("made");
    return ::testing::AssertionFailure()
           << source << ": it became a " << (made ? to_string(made->brand()) : "") << ' '
           << (made ? made->to_display().value_or("?") : "?") << " (" << same << ")";
  }

  /// Both.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult crosses(std::string_view source, const T& cpp) {
    if (const auto came = comes(source, cpp); !came) return came;
    return becomes(cpp, source);
  }

  /// Passes if `source` as a T is a conversion error: `text` is its path and message.
  template <class T>
  [[nodiscard]] ::testing::AssertionResult refuses(std::string_view source, std::string_view text) {
    const Error error = error_of(value(source).as<T>());
    if (describe(error) == fmt::format("conversion: {}", text) && error.vm_usable) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << source << ": " << describe(error) << "\n  not " << text;
  }

  /// What became of `source` as a T.
  template <class T>
  [[nodiscard]] std::string told(std::string_view source) {
    const Result<T> result = value(source).as<T>();
    return result ? "it fits" : describe(result.error());
  }

  Runtime vm_ = make_runtime();
};

/// A VM of 3 MiB; conversions in it are bounded to 24 MiB in C++.
[[nodiscard]] inline Runtime small_runtime() {
  Limits limits = roomy();
  limits.memory_bytes = 3 * kMiB;
  return make_runtime(limits);
}

}  // namespace sandglass::test
