// Value: of another VM, of one that is gone, and what handles hold.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "interop_value.h"

namespace sandglass::test {
namespace {

using ForeignValue = InteropValue;
using ClosedValue = InteropValue;
using ValueMemory = InteropValue;

// Values of another VM.

TEST_F(ForeignValue, IsRefusedEverywhere) {
  Runtime other = make_runtime();
  const Value mine = value("globalThis.touched = 0; ({x: 1})");
  const Value function = value("(...a) => { touched++; return a.length }");
  for (const std::string_view source :
       {"({})", "'text'", "Symbol('s')", "() => 1", "2n ** 90n", "[]"}) {
    const Value foreign = made_by(other, source);
    Value taken[] = {foreign.clone(), Value::number(1)};
    std::pair<std::string_view, Value> named[] = {{"x", foreign.clone()}};
    const std::pair<std::string_view, Error> refused[] = {
        {"get", error_of(mine.get(foreign))},
        {"has", error_of(mine.has(foreign))},
        {"remove", error_of(mine.remove(foreign))},
        {"set by it", error_of(mine.set(foreign, Value::number(1)))},
        {"set to it", error_of(mine.set("x", foreign))},
        {"set a global", error_of(vm_.set("x", foreign))},
        {"call", error_of(function.call(foreign))},
        {"call with it last", error_of(function.call(1, 2, 3, 4, 5, 6, 7, 8, 9, foreign))},
        {"call_on", error_of(function.call_on(foreign))},
        {"construct", error_of(value("Object").construct(foreign))},
        {"invoke", error_of(mine.invoke("hasOwnProperty", foreign))},
        {"invoke by it", error_of(mine.invoke(foreign))},
        {"instance_of", error_of(foreign.instance_of(value("Object")))},
        {"array", error_of(vm_.array(taken))},
        {"set_of", error_of(vm_.set_of(taken))},
        {"map", error_of(vm_.map(taken))},
        {"object", error_of(vm_.object(named))},
    };
    for (const auto& [what, error] : refused) {
      EXPECT_EQ(error.code, Errc::invalid_argument)
          << what << ' ' << source << ": " << describe(error);
      EXPECT_TRUE(error.vm_usable);
    }
    EXPECT_EQ(told(foreign.strict_equals(mine)), "false") << source;
    EXPECT_TRUE(taken[0].strict_equals(foreign).value_or(false)) << "it was not taken over";
    EXPECT_EQ(told(foreign.to_display()), told(made_by(other, source).to_display()));
  }
  EXPECT_TRUE(gives(vm_, "touched", "0"));
  EXPECT_TRUE(works(vm_));
  EXPECT_TRUE(works(other));
}

TEST_F(ForeignValue, IsNeverEqual) {
  Runtime other = make_runtime();
  for (const std::string_view source : {"'text'", "2n ** 90n", "Symbol.iterator", "globalThis"}) {
    EXPECT_EQ(told(value(source).strict_equals(made_by(other, source))), "false") << source;
  }
}

TEST_F(ForeignValue, CannotBeReturnedByAHostFunctionOrKeptInAContainer) {
  Runtime other = make_runtime();
  const Value foreign = made_by(other, "({secret: 1})");
  ASSERT_TRUE(vm_.set("smuggle", [&] { return foreign.clone(); }));
  ASSERT_TRUE(vm_.set("smuggle_list", [&] {
    std::vector<Value> list;
    list.push_back(foreign.clone());
    return list;
  }));
  for (const std::string_view source : {"smuggle()", "smuggle_list()"}) {
    const Error error = error_of(vm_.eval(source));
    EXPECT_EQ(error.code, Errc::threw) << source << ": " << describe(error);
    EXPECT_EQ(error.name, "TypeError") << source;
  }
  EXPECT_EQ(told(foreign.to_json()), R"({"secret":1})");
  EXPECT_TRUE(works(vm_));
  EXPECT_TRUE(works(other));
}

TEST_F(ForeignValue, NumbersAndTheLikeBelongToNoVm) {
  Runtime other = make_runtime();
  const Value same = value("(x) => String(x)");
  for (const std::string_view source : {"1", "1.5", "NaN", "true", "null", "undefined"}) {
    EXPECT_EQ(told(same.call(made_by(other, source))), source);
  }
}

// Values whose VM is gone.

struct Named {
  std::string_view what;
  Error error;
};

/// What everything that needs the VM answers, for an object.
[[nodiscard]] std::vector<Named> errors_of_all(const Value& object) {
  return {
      {"to_string", error_of(object.to_string())},
      {"to_number", error_of(object.to_number())},
      {"to_json", error_of(object.to_json())},
      {"to_display", error_of(object.to_display())},
      {"summary", error_of(object.summary())},
      {"get", error_of(object.get("x"))},
      {"get an index", error_of(object.get(0))},
      {"get a number", error_of(object.get<int>("x"))},
      {"set a value", error_of(object.set("x", Value::number(1)))},
      {"set a number", error_of(object.set("x", 1))},
      {"set a string", error_of(object.set("x", "text"))},
      {"has", error_of(object.has("x"))},
      {"remove", error_of(object.remove("x"))},
      {"keys", error_of(object.keys())},
      {"own_keys", error_of(object.own_keys())},
      {"length", error_of(object.length())},
      {"prototype", error_of(object.prototype())},
      {"call", error_of(object.call())},
      {"call with a number", error_of(object.call(1))},
      {"call with a string", error_of(object.call("text"))},
      {"call_on", error_of(object.call_on(Value()))},
      {"construct", error_of(object.construct())},
      {"invoke", error_of(object.invoke("x"))},
      {"strict_equals itself", error_of(object.strict_equals(object))},
      {"instance_of itself", error_of(object.instance_of(object))},
      {"with_bytes", error_of(object.with_bytes([](std::span<std::byte>) { ADD_FAILURE(); }))},
      {"eval in its context", error_of(object.context().eval("1"))},
  };
}

TEST_F(ClosedValue, AnswersClosedToEverythingThatNeedsTheVm) {
  for (const auto& [how, end] : kEndings) {
    std::optional<Runtime> vm = brittle();
    std::vector<Value> objects;
    for (const std::string_view source :
         {"({x: 1})", "[1]", "new Uint8Array(1)", "() => 1", "new Map()", "new Proxy({}, {})"}) {
      objects.push_back(patient_value(*vm, source));
    }
    const Value text = patient_value(*vm, "'text'");
    const Value big = patient_value(*vm, "2n ** 90n");
    const Value symbol = patient_value(*vm, "Symbol('s')");
    end(vm);
    for (const Value& object : objects) {
      for (const auto& [what, error] : errors_of_all(object)) {
        EXPECT_EQ(to_string(error.code), "closed")
            << how << ", " << what << ": " << describe(error);
      }
    }
    for (const Value* it : {&text, &big, &symbol}) {
      EXPECT_EQ(code_of(it->to_string()), "closed") << how;
      EXPECT_EQ(code_of(it->to_boolean()), "closed") << how;
      EXPECT_EQ(code_of(it->to_json()), "closed") << how;
      EXPECT_EQ(code_of(it->strict_equals(*it)), "closed") << how;
    }
    EXPECT_EQ(code_of(text.as<std::string>()), "closed") << how;
    EXPECT_EQ(code_of(text.summary()), "closed") << how;
    EXPECT_EQ(code_of(big.as<std::int64_t>()), "closed") << how;
  }
}

TEST_F(ClosedValue, ACloneOfItIsClosedToo) {
  for (const auto& [how, end] : kEndings) {
    for (const std::string_view source : {"({x: 1})", "'text'", "2n ** 90n"}) {
      std::optional<Runtime> vm = brittle();
      const Value original = patient_value(*vm, source);
      end(vm);
      EXPECT_EQ(told(original.clone().to_string()), told(original.to_string()))
          << how << ": the clone of " << source << " is " << to_string(original.clone().type());
    }
  }
}

TEST_F(ClosedValue, ConvertsToNothing) {
  for (const auto& [how, end] : kEndings) {
    const auto closed_as = [&]<class T>(std::type_identity<T>, std::string_view source,
                                        std::string_view name) {
      std::optional<Runtime> machine = brittle();
      const Value it = patient_value(*machine, source);
      end(machine);
      EXPECT_EQ(code_of(it.as<T>()), "closed") << how << ", as " << name;
    };
    closed_as(std::type_identity<Value>(), "({})", "Value");
    closed_as(std::type_identity<std::vector<int>>(), "[1]", "vector");
    closed_as(std::type_identity<std::vector<std::uint8_t>>(), "new Uint8Array(1)", "bytes");
    closed_as(std::type_identity<TypedArray<float>>(), "new Float32Array(1)", "TypedArray");
    closed_as(std::type_identity<std::map<std::string, int>>(), "({a: 1})", "map of strings");
    closed_as(std::type_identity<std::map<int, int>>(), "new Map([[1, 1]])", "map of numbers");
    closed_as(std::type_identity<std::set<int>>(), "new Set([1])", "set");
    closed_as(std::type_identity<std::chrono::sys_seconds>(), "new Date(0)", "time");
    closed_as(std::type_identity<Error>(), "new Error('e')", "Error");
    closed_as(std::type_identity<Function<int()>>(), "() => 1", "Function");
    closed_as(std::type_identity<std::optional<std::vector<int>>>(), "[1]", "optional");
  }
}

TEST_F(ClosedValue, StillTellsItsTag) {
  for (const auto& [how, end] : kEndings) {
    std::optional<Runtime> vm = brittle();
    const Value function = patient_value(*vm, "() => 1");
    const Value list = patient_value(*vm, "[]");
    const Value text = patient_value(*vm, "'text'");
    const Value symbol = patient_value(*vm, "Symbol()");
    const Value big = patient_value(*vm, "2n ** 90n");
    end(vm);
    EXPECT_EQ(to_string(function.type()), "object") << how << ": as the header says";
    EXPECT_TRUE(function.is_object()) << how;
    EXPECT_FALSE(function.is_function()) << how;
    EXPECT_FALSE(function.is_constructor()) << how;
    EXPECT_EQ(to_string(list.brand()), "none") << how;
    EXPECT_FALSE(list.is_array()) << how;
    EXPECT_EQ(to_string(text.type()), "string") << how;
    EXPECT_EQ(to_string(symbol.type()), "symbol") << how;
    EXPECT_EQ(to_string(big.type()), "bigint") << how;
    EXPECT_FALSE(list.context().usable()) << how;
  }
}

TEST_F(ClosedValue, NumbersAndTheLikeStayReadable) {
  for (const auto& [how, end] : kEndings) {
    std::optional<Runtime> vm = brittle();
    const Value numbers[] = {patient_value(*vm, "42"), patient_value(*vm, "-1.5")};
    const Value yes = patient_value(*vm, "true");
    const Value none = patient_value(*vm, "null");
    end(vm);
    EXPECT_EQ(told(numbers[0].to_number()), "42") << how;
    EXPECT_EQ(told(numbers[1].to_string()), "-1.5") << how;
    EXPECT_EQ(told(numbers[1].to_json()), "-1.5") << how;
    EXPECT_EQ(numbers[0].as<int>().value_or(0), 42) << how;
    EXPECT_EQ(told(yes.as<bool>()), "true") << how;
    EXPECT_EQ(told(none.to_string()), "null") << how;
    EXPECT_EQ(told(numbers[0].clone().to_number()), "42") << how;
    EXPECT_EQ(told(numbers[0].strict_equals(Value::number(42))), "true") << how;
  }
}

TEST_F(ClosedValue, IsNoArgumentForALivingVm) {
  std::optional<Runtime> gone(make_runtime());
  const Value old = made_by(*gone, "({})");
  const Value before = value("({})");
  gone.reset();
  ASSERT_TRUE(vm_.reset());
  const Value object = value("({})");
  for (const Value* dead : {&old, &before}) {
    for (const Error& error :
         {error_of(object.set("x", *dead)), error_of(object.get(*dead)),
          error_of(value("Object").call(*dead)), error_of(dead->instance_of(value("Object")))}) {
      EXPECT_TRUE(error.code == Errc::closed || error.code == Errc::invalid_argument)
          << describe(error);
    }
  }
  EXPECT_TRUE(gives(vm_, "1", "1"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(ClosedValue, DroppingItLaterHarmsNothing) {
  std::vector<Value> held;
  for (int i = 0; i < 1000; ++i) held.push_back(value("({})"));
  ASSERT_TRUE(vm_.reset());
  std::vector<Value> fresh;
  for (int i = 0; i < 1000; ++i) fresh.push_back(value(fmt::format("({{i: {}}})", i)));
  held.clear();
  ASSERT_TRUE(vm_.collect_garbage());
  for (int i = 0; i < 1000; i += 99) {
    EXPECT_EQ(told(fresh[static_cast<std::size_t>(i)].get("i")), std::to_string(i));
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(ClosedValue, ItsContextMakesNothing) {
  std::optional<Runtime> vm(make_runtime());
  const Context context = made_by(*vm, "({})").context();
  EXPECT_TRUE(context.usable());
  EXPECT_TRUE(context == *vm);
  vm.reset();
  EXPECT_FALSE(context.usable());
  const std::array<std::byte, 1> bytes = {};
  for (const Error& error :
       {error_of(context.eval("1")), error_of(context.object()), error_of(context.array()),
        error_of(context.string("x")), error_of(context.string(u"x")),
        error_of(context.symbol("x")), error_of(context.well_known_symbol("iterator")),
        error_of(context.bigint("1")), error_of(context.bigint(std::int64_t{1})),
        error_of(context.date(0)), error_of(context.array_buffer(bytes)),
        error_of(context.error(Error{})), error_of(context.parse_json("1")),
        error_of(context.map({})), error_of(context.set_of({})),
        error_of(context.function("f", [] {})), error_of(context.make("text")),
        error_of(context.import("x"))}) {
    EXPECT_EQ(error.code, Errc::closed) << describe(error);
  }
  EXPECT_FALSE(context.get("x"));
  EXPECT_FALSE(context.set("x", 1));
  EXPECT_FALSE(Value::number(1).context().usable());
  EXPECT_FALSE(Context().usable());
}

// Memory.

TEST_F(ValueMemory, OneHundredThousandHandlesLeaveNothingBehind) {
  const Value make = value("(i) => ({i})");
  ASSERT_TRUE(make.call(0));
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  constexpr int kCount = 100'000;
  for (int round = 0; round < 2; ++round) {
    std::vector<Value> held;
    held.reserve(kCount);
    {
      Scope scope(vm_);
      for (int i = 0; i < kCount; ++i) {
        Result<Value> made = make.call(i);
        ASSERT_TRUE(made) << describe(made.error());
        held.push_back(std::move(*made));
      }
      ASSERT_TRUE(scope.close());
    }
    EXPECT_GT(vm_.stats().memory_bytes, before + std::uint64_t{kCount} * 16) << "they are held";
    EXPECT_EQ(told(held[kCount / 2].get("i")), std::to_string(kCount / 2));
  }
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before + 64 * kKiB);
}

TEST_F(ValueMemory, NoOperationLeavesAnythingBehind) {
  const Value object = value(
      "globalThis.object = {list: [1, 2, {}], f() { return {} }, "
      "get bad() { throw new Error('e') }, text: 'x'.repeat(100)}; object");
  const Value bytes = value("new Uint8Array(100)");
  const Value view = value("new DataView(new ArrayBuffer(100))");
  const auto use = [&] {
    static_cast<void>(object.get("list"));
    static_cast<void>(object.get("missing name"));
    static_cast<void>(object.get("bad"));
    static_cast<void>(object.set("n", std::string(100, 'x')));
    static_cast<void>(object.has("list"));
    static_cast<void>(object.remove("n"));
    static_cast<void>(object.keys());
    static_cast<void>(object.own_keys());
    static_cast<void>(object.get("list")->length());
    static_cast<void>(object.prototype());
    static_cast<void>(object.invoke("f", "argument", std::vector<std::string>{"a", "b"}));
    static_cast<void>(object.invoke("missing"));
    static_cast<void>(object.get("f")->call());
    static_cast<void>(object.get("f")->construct());
    static_cast<void>(object.call());
    static_cast<void>(object.strict_equals(bytes));
    static_cast<void>(object.instance_of(*vm_.get("Object")));
    static_cast<void>(object.clone().to_json());
    static_cast<void>(object.to_string());
    static_cast<void>(object.summary());
    static_cast<void>(bytes.with_bytes([](std::span<std::byte>) {}));
    static_cast<void>(view.with_bytes([](std::span<std::byte>) {}));
    static_cast<void>(object.with_bytes([](std::span<std::byte>) {}));
    static_cast<void>(object.get<std::vector<int>>("list"));
    static_cast<void>(vm_.bigint("123456789012345678901234567890"));
    static_cast<void>(vm_.parse_json(R"({"a": [1, 2]})"));
    static_cast<void>(vm_.parse_json("{"));
    static_cast<void>(vm_.symbol("s"));
    static_cast<void>(vm_.error(Error{.message = "m", .name = "TypeError"}));
  };
  for (int i = 0; i < 20; ++i) use();
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  for (int i = 0; i < 1000; ++i) use();
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before + 8 * kKiB);
}

}  // namespace
}  // namespace sandglass::test
