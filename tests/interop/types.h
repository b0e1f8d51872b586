#pragma once

// Types of the embedder that the interop tests convert: described structs and enums, and types with
// a Convert of their own.

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sandglass/sandglass.h>

namespace sandglass::test {

enum class Colour { red, green, blue = 7 };
BOOST_DESCRIBE_ENUM(Colour, red, green, blue)

enum Weekday : std::int8_t { monday = -1, tuesday };
BOOST_DESCRIBE_ENUM(Weekday, monday, tuesday)

/// Described, but goes by value: see kEnumByValue below.
enum class Priority : std::uint8_t { low = 1, high = 200 };
BOOST_DESCRIBE_ENUM(Priority, low, high)

enum class Plain : std::uint8_t { one = 1 };
enum class Wide : std::int64_t { far = -9007199254740993 };

struct Friend {
  std::string name;
  std::optional<int> age;
  friend bool operator==(const Friend&, const Friend&) = default;
};
BOOST_DESCRIBE_STRUCT(Friend, (), (name, age))

struct User {
  std::string name;
  std::vector<Friend> friends;
  Colour colour = Colour::red;
  friend bool operator==(const User&, const User&) = default;
};
BOOST_DESCRIBE_STRUCT(User, (), (name, friends, colour))

/// `user.friends[3].name` in messages.
struct Account {
  User user;
  friend bool operator==(const Account&, const Account&) = default;
};
BOOST_DESCRIBE_STRUCT(Account, (), (user))

struct Nothing {
  friend bool operator==(const Nothing&, const Nothing&) = default;
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

struct Animal {
  std::string kind;
  friend bool operator==(const Animal&, const Animal&) = default;
};
BOOST_DESCRIBE_STRUCT(Animal, (), (kind))

struct Dog : Animal {
  int legs = 4;
  friend bool operator==(const Dog&, const Dog&) = default;
};
BOOST_DESCRIBE_STRUCT(Dog, (Animal), (legs))

/// Only what is public crosses.
class Safe {
 public:
  int shown = 0;
  [[nodiscard]] int hidden() const { return hidden_; }

 private:
  int hidden_ = 42;
  BOOST_DESCRIBE_CLASS(Safe, (), (shown), (), (hidden_))
};

/// Refuses properties that it does not have.
struct Strict {
  int a = 0;
  std::optional<int> b;
  friend bool operator==(const Strict&, const Strict&) = default;
};
BOOST_DESCRIBE_STRUCT(Strict, (), (a, b))

/// Members that are missing keep their defaults.
struct Lenient {
  int width = 80;
  std::string title = "untitled";
  std::vector<int> marks = {1, 2};
  std::optional<int> depth = 3;
  friend bool operator==(const Lenient&, const Lenient&) = default;
};
BOOST_DESCRIBE_STRUCT(Lenient, (), (width, title, marks, depth))

/// Called other than in C++, and strict about it.
struct Range {
  int from_ = 0;
  int to = 0;
  friend bool operator==(const Range&, const Range&) = default;
};
BOOST_DESCRIBE_STRUCT(Range, (), (from_, to))

struct Tree {
  int value = 0;
  std::vector<Tree> children;
  friend bool operator==(const Tree&, const Tree&) = default;
};
BOOST_DESCRIBE_STRUCT(Tree, (), (value, children))

/// A chain, and one that may be closed to a ring.
struct Chain {
  int value = 0;
  std::unique_ptr<Chain> next;
};
BOOST_DESCRIBE_STRUCT(Chain, (), (value, next))
struct Ring {
  int value = 0;
  std::shared_ptr<Ring> next;
};
BOOST_DESCRIBE_STRUCT(Ring, (), (value, next))

struct OnlyX {
  int x = 0;
};
BOOST_DESCRIBE_STRUCT(OnlyX, (), (x))
struct OnlyY {
  int y = 0;
};
BOOST_DESCRIBE_STRUCT(OnlyY, (), (y))

struct NoDefault {
  explicit NoDefault(int number) : n(number) {}
  int n;
};
BOOST_DESCRIBE_STRUCT(NoDefault, (), (n))

/// A number of degrees in JavaScript; not below absolute zero.
struct Celsius {
  double degrees = 0;
  friend bool operator==(const Celsius&, const Celsius&) = default;
};

/// Goes to JavaScript only, and comes from it only.
struct Outbound {
  int value = 0;
};
struct Inbound {
  int value = 0;
};

/// Whose conversions throw a C++ exception.
struct Thrower {};

}  // namespace sandglass::test

namespace sandglass {

template <>
inline constexpr bool kEnumByValue<test::Priority> = true;

template <>
struct StructOptions<test::Strict> : StructDefaults {
  static constexpr UnknownFields unknown = UnknownFields::refuse;
};
template <>
struct StructOptions<test::Lenient> : StructDefaults {
  static constexpr bool missing_is_default = true;
};
template <>
struct StructOptions<test::Range> : StructDefaults {
  static constexpr UnknownFields unknown = UnknownFields::refuse;
  static constexpr std::array renamed = {std::pair{"from_", "from"}};
};

template <>
struct Convert<test::Celsius> {
  static Result<Value> to_js(Context&, const test::Celsius& celsius) {
    return Value::number(celsius.degrees);
  }
  static Result<test::Celsius> from_js(const Value& value) {
    if (!value.is_number()) return std::unexpected(mismatch("degrees Celsius", value));
    const Result<double> degrees = value.to_number();
    if (!degrees) return std::unexpected(degrees.error());
    if (*degrees < -273.15) return std::unexpected(out_of_range("colder than absolute zero"));
    return test::Celsius{*degrees};
  }
};

template <>
struct Convert<test::Outbound> {
  static Result<Value> to_js(Context& context, const test::Outbound& outbound) {
    return context.make(outbound.value);
  }
};
template <>
struct Convert<test::Inbound> {
  static Result<test::Inbound> from_js(const Value& value) {
    const Result<int> number = value.as<int>();
    if (!number) return std::unexpected(number.error());
    return test::Inbound{*number};
  }
};
template <>
struct Convert<test::Thrower> {
  static Result<Value> to_js(Context&, const test::Thrower&) {
    throw std::runtime_error("to_js of the embedder");
  }
  static Result<test::Thrower> from_js(const Value&) {
    throw std::runtime_error("from_js of the embedder");
  }
};

}  // namespace sandglass
