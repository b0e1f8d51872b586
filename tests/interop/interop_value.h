#pragma once

// What the tests of Value share.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

template <class T>
[[nodiscard]] std::string code_of(const Result<T>& result) {
  return result ? "no error" : std::string(to_string(result.error().code));
}

template <class T>
[[nodiscard]] std::string told(const Result<T>& result) {
  if (!result) return describe(result.error());
  if constexpr (std::is_void_v<T>) {
    return "done";
  } else if constexpr (std::is_same_v<T, std::string>) {
    return *result;
  } else if constexpr (std::is_same_v<T, bool>) {
    return *result ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return fmt::format("{}", *result);
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    return fmt::format("{}", fmt::join(*result, "|"));
  } else if constexpr (std::is_same_v<T, Value>) {
    return outcome(Result<Value>(result->clone()));
  } else {
    return "another result";
  }
}

/// A Value of `source`, which must run well.
[[nodiscard]] inline Value made_by(const Context& context, std::string_view source) {
  Result<Value> result = context.eval(source);
  if (result) return std::move(*result);
  ADD_FAILURE() << source << ": " << describe(result.error());
  return {};
}

class InteropValue : public ::testing::Test {
 protected:
  [[nodiscard]] Value value(std::string_view source) { return made_by(vm_, source); }

  /// Counts in the script: `hit()` in it, `hits()` here.
  void count_hits() {
    ASSERT_TRUE(vm_.eval("globalThis.hits = 0; globalThis.hit = () => { hits++; throw 'hit' }"));
  }
  [[nodiscard]] int hits() { return vm_.eval<int>("hits").value_or(-1); }

  Runtime vm_ = make_runtime();
};

/// Ways for a VM to be gone, each by its name.
inline const std::pair<std::string_view, std::function<void(std::optional<Runtime>&)>> kEndings[] =
    {
        {"reset", [](std::optional<Runtime>& vm) { ASSERT_TRUE(vm->reset()); }},
        {"destroyed", [](std::optional<Runtime>& vm) { vm.reset(); }},
        {"replaced", [](std::optional<Runtime>& vm) { *vm = make_runtime(); }},
        {"faulted",
         [](std::optional<Runtime>& vm) {
           // A built-in that does not look up is cut off; a busy machine may end the script before
           // it.
           for (int i = 0; i < 20 && vm->usable(); ++i) {
             static_cast<void>(vm->eval("new Array(2 ** 32 - 1).join('')"));
           }
           ASSERT_FALSE(vm->usable());
         }},
};

/// A VM that kEndings can fault.
[[nodiscard]] inline std::optional<Runtime> brittle() {
  Limits limits;
  limits.wall_time = milliseconds{100};
  limits.grace = milliseconds{1};
  return make_runtime(limits);
}

[[nodiscard]] inline Value patient_value(Runtime& vm, std::string_view source) {
  Result<Value> result = patiently(vm, [&] { return vm.eval(source); });
  if (result) return std::move(*result);
  ADD_FAILURE() << source << ": " << describe(result.error());
  return {};
}

}  // namespace sandglass::test
