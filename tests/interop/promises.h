#pragma once

// What the tests of promises between a VM and its host share.

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

/// Does something on its way into JavaScript that the test chooses.
struct Awkward {
  enum class Way { error, exception, foreign_value, settles } way;
  std::shared_ptr<const Value> foreign{};
  std::optional<Deferred<int>> other{};
};

}  // namespace sandglass::test

template <>
struct sandglass::Convert<sandglass::test::Awkward> {
  static Result<Value> to_js(Context&, const test::Awkward& awkward) {
    using Way = test::Awkward::Way;
    if (awkward.way == Way::error) return std::unexpected(sandglass::out_of_range("too awkward"));
    if (awkward.way == Way::exception) throw std::invalid_argument("thrown on the way");
    if (awkward.way == Way::foreign_value) return awkward.foreign->clone();
    return Value::boolean(awkward.other->resolve(2));
  }
};

namespace sandglass::test {

inline constexpr EvalOptions kAwait{.file_name = "main.js", .top_level_await = true};
inline constexpr EvalOptions kModule{.file_name = "main.js", .kind = SourceKind::module};

/// Long enough for any machine, and short enough to tell a hang.
[[nodiscard]] inline Limits waiting(nanoseconds wall = seconds{30}) {
  Limits limits;
  limits.wall_time = wall;
  return limits;
}

[[nodiscard]] inline Clock::time_point soon() {
  return Clock::now() + milliseconds{20};
}

template <class T>
using Asked = std::shared_ptr<std::vector<Deferred<T>>>;

/// Gives the script a function `name` that returns promises, which the test finds in the result.
template <class T>
[[nodiscard]] Asked<T> lets_ask(Runtime& vm, std::string_view name = "ask") {
  auto asked = std::make_shared<std::vector<Deferred<T>>>();
  EXPECT_TRUE(vm.set(name, [asked](Context context) -> Result<Deferred<T>> {
    auto deferred = context.deferred<T>("answer");
    if (deferred) asked->push_back(*deferred);
    return deferred;
  }));
  return asked;
}

/// Gives the script a function `name` that lets a thread go on.
[[nodiscard]] inline std::shared_ptr<std::latch> lets_signal(Runtime& vm,
                                                             std::string_view name = "go") {
  auto latch = std::make_shared<std::latch>(1);
  EXPECT_TRUE(vm.set(name, [latch] { latch->count_down(); }));
  return latch;
}

/// Counts the ends of the locals of coroutines.
using Count = std::shared_ptr<std::atomic<int>>;
[[nodiscard]] inline Count no_ends() {
  return std::make_shared<std::atomic<int>>(0);
}
class Ends {
 public:
  explicit Ends(Count count) : count_(std::move(count)) {}
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() { ++*count_; }

 private:
  Count count_;
};

class WithVm : public ::testing::Test {
 protected:
  /// Passes if the awaited value of `source`, as a string, is `expected`.
  [[nodiscard]] ::testing::AssertionResult awaits(std::string_view source,
                                                  std::string_view expected) {
    return gives(vm_, source, expected, kAwait);
  }

  Runtime vm_ = make_runtime(waiting());
};

inline Task<int> immediately(int n) {
  co_return n + 1;
}
inline Task<void> nothing() {
  co_return;
}

inline Task<Value> pass_on(Value promise) {
  Result<Value> settled = co_await promise;
  co_return value_or_throw(std::move(settled));
}

/// Waits for `promise` with locals that tell when they end.
inline Task<int> waits(Value promise, Count ends) {
  const Ends local(ends);
  const Result<Value> settled = co_await promise;
  co_return settled ? settled->as<int>().value_or(-1) : -2;
}
/// The same, with a frame in between.
inline Task<int> waits_below(Value promise, Count ends) {
  const Ends local(ends);
  const int n = co_await waits(promise.clone(), ends);
  co_return n + 1;
}

/// Gives the script `wait(promise)`, a task whose locals are counted in the result.
[[nodiscard]] inline Count lets_wait(Runtime& vm) {
  Count ends = no_ends();
  EXPECT_TRUE(
      vm.set("wait", [ends](const Value& promise) { return waits_below(promise.clone(), ends); }));
  return ends;
}

}  // namespace sandglass::test
