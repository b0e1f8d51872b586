#pragma once

// What the tests of bound classes share.

#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

/// `attempt(() => ...)`: what it came to, or what it threw, as text.
inline constexpr std::string_view kAttempt = R"js(
  function attempt(body) {
    try { return String(body()); }
    catch (e) { return e instanceof Error ? e.name + ': ' + e.message : 'threw ' + typeof e; }
  })js";

using Cases = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Counts its objects, so that each can be seen to go exactly once.
template <class Self>
struct Counted {
  static inline int made = 0;
  static inline int destroyed = 0;
  static int alive() { return made - destroyed; }
  static void reset_counts() { made = destroyed = 0; }

  Counted() { ++made; }
  Counted(const Counted&) { ++made; }
  Counted(Counted&&) noexcept { ++made; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) = default;
  ~Counted() { ++destroyed; }
};

class Counter : public Counted<Counter> {
 public:
  explicit Counter(int start) : count_(start) {}

  int inc() { return ++count_; }
  int add(int n) { return count_ += n; }
  double add(double n) { return count_ + n; }
  [[nodiscard]] int count() const noexcept { return count_; }
  void set_count(int count) noexcept { count_ = count; }
  [[nodiscard]] int plus(const Counter& other) const { return count_ + other.count_; }
  void take_from(Counter& other) { count_ += std::exchange(other.count_, 0); }
  [[nodiscard]] std::shared_ptr<Counter> copy() const { return std::make_shared<Counter>(count_); }
  void fail() const { throw std::out_of_range("counter"); }

 private:
  int count_;
};

/// What is bound in most tests.
[[nodiscard]] inline Class<Counter> counter_class() {
  return Class<Counter>("Counter")
      .constructor<int>()
      .method("inc", &Counter::inc)
      .method("add", static_cast<int (Counter::*)(int)>(&Counter::add))
      .method("addDouble", static_cast<double (Counter::*)(double)>(&Counter::add))
      .method("plus", &Counter::plus)
      .method("takeFrom", &Counter::take_from)
      .method("copy", &Counter::copy)
      .method("fail", &Counter::fail)
      .property("count", &Counter::count, &Counter::set_count)
      .static_method("zero", [] { return std::make_shared<Counter>(0); })
      .static_value("limit", 1000);
}

class Classes : public ::testing::Test {
 protected:
  void SetUp() override {
    Counter::reset_counts();
    ASSERT_TRUE(vm_.eval(kAttempt));
  }

  template <class T>
  void bind(const Class<T>& definition) {
    const Result<void> done = vm_.set(definition.definition()->name, definition);
    ASSERT_TRUE(done) << describe(done.error());
  }
  template <class T>
  void set(std::string_view name, T value) {
    const Result<void> done = vm_.set(name, std::move(value));
    ASSERT_TRUE(done) << describe(done.error());
  }
  void run(std::string_view source) {
    const Result<Value> result = vm_.eval(source);
    ASSERT_TRUE(result) << source << ": " << describe(result.error());
  }
  void attempt(Cases cases) {
    for (const auto& [source, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => ({}))", source), expected));
    }
  }
  void collect() { ASSERT_TRUE(vm_.collect_garbage()); }

  Runtime vm_ = make_runtime();
};

struct Named : Counted<Named> {
  std::string name = "none";
  int size = -1;
  std::optional<int> extra;
  Named() = default;
  Named(const std::string& text, int n, std::optional<int> more)
      : name(text), size(n), extra(more) {}
};

struct Shape : Counted<Shape> {
  int sides = 0;
  Shape() = default;
  explicit Shape(int n) : sides(n) {}
  Shape(const Shape&) = default;
  Shape& operator=(const Shape&) = default;
  virtual ~Shape() = default;
  [[nodiscard]] virtual std::string kind() const { return "shape"; }
  [[nodiscard]] int count_sides() const { return sides; }
};
struct Tagged {
  std::string tag = "untagged";
  std::array<char, 64> padding = {};
  [[nodiscard]] std::string get_tag() const { return tag; }
  void set_tag(const std::string& text) { tag = text; }
};
/// Its Tagged is not where its Shape is: pointers must be adjusted.
struct Square : Shape, Tagged {
  double length = 1;
  explicit Square(double size) : Shape(4), length(size) {}
  [[nodiscard]] std::string kind() const override { return "square"; }
  [[nodiscard]] double area() const { return length * length; }
};

}  // namespace sandglass::test
