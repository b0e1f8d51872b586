// Iterables both ways: Value::iterate() over what a script has, iterate_range() for what C++ has.

#include <algorithm>
#include <array>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <iterator>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "types.h"

namespace sandglass::test {
namespace {

/// `attempt(() => ...)`: what it came to, or what it threw, as text.
inline constexpr std::string_view kAttempt = R"js(
  function attempt(body) {
    try { return String(body()); }
    catch (e) { return e instanceof Error ? e.name + ': ' + e.message : 'threw ' + typeof e; }
  }
  // An iterable that writes down what is done with it.
  function logged(items, log) {
    return {
      [Symbol.iterator]() {
        log.push('open');
        let i = 0;
        return {
          next() { log.push('next'); return i < items.length ? {value: items[i++], done: false} : {done: true} },
          return(value) { log.push('return'); return {value, done: true} },
        };
      }
    };
  }
  globalThis.log = [];)js";

/// The items as text, joined; the error in brackets if that is what it ended with.
template <class T>
[[nodiscard]] std::string joined(Iteration<T> items) {
  std::string text;
  for (Result<T>& item : items) {
    if (!text.empty()) text += ",";
    if (!item) {
      text += "[" + describe(item.error()) + "]";
    } else if constexpr (std::is_same_v<T, Value>) {
      text += item->to_string().value_or("?");
    } else {
      text += fmt::format("{}", *item);
    }
  }
  return text;
}

class Iterables : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vm_.eval(kAttempt)); }

  [[nodiscard]] Value value(std::string_view source) {
    Result<Value> result = vm_.eval(source);
    if (result) return std::move(*result);
    ADD_FAILURE() << source << ": " << describe(result.error());
    return {};
  }
  [[nodiscard]] std::string items(std::string_view source, IterateOptions options = {}) {
    return joined(value(source).iterate(options));
  }
  /// The error that going through `source` ends with, and how many items came before it.
  [[nodiscard]] std::pair<int, Error> failure(std::string_view source,
                                              IterateOptions options = {}) {
    std::pair<int, Error> found = {0, {.code = Errc{}}};
    for (Result<Value>& item : value(source).iterate(options)) {
      if (!item) {
        found.second = item.error();
      } else {
        ++found.first;
      }
    }
    return found;
  }
  template <class T>
  void set(std::string_view name, T&& to) {
    const Result<void> done = vm_.set(name, std::forward<T>(to));
    ASSERT_TRUE(done) << describe(done.error());
  }
  void attempt(std::initializer_list<std::pair<std::string_view, std::string_view>> cases) {
    for (const auto& [source, expected] : cases) {
      EXPECT_TRUE(gives(vm_, fmt::format("attempt(() => ({}))", source), expected));
    }
  }
  void run(std::string_view source) {
    const Result<Value> result = vm_.eval(source);
    ASSERT_TRUE(result) << source << ": " << describe(result.error());
  }

  Runtime vm_ = make_runtime();
};
using Iterate = Iterables;
using IterateErrors = Iterables;
using IterateClosing = Iterables;
using IterateTyped = Iterables;
using IterateChanges = Iterables;
using RangeToScript = Iterables;
using RangeErrors = Iterables;
using RangeLifetime = Iterables;

// From JavaScript.

TEST_F(Iterate, ArraysGiveTheirElements) {
  EXPECT_EQ(items("[]"), "");
  EXPECT_EQ(items("[1, 'two', true, null, undefined]"), "1,two,true,null,undefined");
  EXPECT_EQ(items("[1, , 3]"), "1,undefined,3");
  EXPECT_EQ(items("Array.from({length: 1000}, (_, i) => i).slice(-2)"), "998,999");
  EXPECT_EQ(items("Object.assign([1, 2], {more: 3})"), "1,2");
}

TEST_F(Iterate, MapsGivePairsAndSetsTheirElements) {
  EXPECT_EQ(items("new Map()"), "");
  int pairs = 0;
  for (Result<Value>& item : value("new Map([['a', 1], [{}, 2]])").iterate()) {
    ASSERT_TRUE(item);
    EXPECT_TRUE(item->is_array());
    EXPECT_EQ(item->length().value_or(0), 2U);
    EXPECT_EQ(item->get<int>(1).value_or(0), ++pairs);
  }
  EXPECT_EQ(pairs, 2);
  EXPECT_EQ(items("new Set([3, 1, 3, 2])"), "3,1,2");
  EXPECT_EQ(items("new Map([['a', 1]]).keys()"), "a");
  EXPECT_EQ(items("new Map([['a', 1]]).values()"), "1");
  EXPECT_EQ(items("new Set(['x']).entries()"), "x,x");
}

TEST_F(Iterate, StringsGiveCodePoints) {
  EXPECT_EQ(items("'aé😀'"), "a,é,😀");
  EXPECT_EQ(items("new String('aé😀')"), "a,é,😀");
  EXPECT_EQ(items("''"), "");
}

TEST_F(Iterate, GeneratorsIteratorsAndTypedArrays) {
  EXPECT_EQ(items("(function*() { yield 1; yield* [2, 3] })()"), "1,2,3");
  EXPECT_EQ(items("new Uint8Array([7, 8, 9])"), "7,8,9");
  EXPECT_EQ(items("[5, 6][Symbol.iterator]()"), "5,6");
  EXPECT_EQ(items("[1, 2, 3].values().map(x => x * 2)"), "2,4,6");
  EXPECT_EQ(items("(function() { return arguments })(1, 2)"), "1,2");
  EXPECT_EQ(items("'a1b2'.matchAll(/[a-z]/g)"), "a,b");
  EXPECT_EQ(items("new Proxy(new Set(), {get: (t, k) => k === Symbol.iterator ? () => [4][k]() : "
                  "t[k]})"),
            "4");
}

TEST_F(Iterate, CustomIterablesFollowTheProtocol) {
  EXPECT_EQ(items("logged(['a', 'b'], log)"), "a,b");
  EXPECT_TRUE(gives(vm_, "log.join()", "open,next,next,next"));
  EXPECT_EQ(items("({[Symbol.iterator]() { return {next: () => ({done: 1})} }})"), "");
  EXPECT_EQ(items("({[Symbol.iterator]() { let i = 0; return {next: () => ({value: i, done: i++ > "
                  "1})} }})"),
            "0,1")
      << "the value beside done is no element";
  EXPECT_EQ(items("({[Symbol.iterator]() { let i = 0; return {next() { return {value: typeof "
                  "this.next, done: i++ > 0} }} }})"),
            "function");
}

TEST_F(Iterate, NextIsReadOnce) {
  EXPECT_EQ(
      items("({[Symbol.iterator]() { let i = 0; return {get next() { log.push('read'); return "
            "() => ({value: i, done: i++ > 2}) }} }})"),
      "0,1,2");
  EXPECT_TRUE(gives(vm_, "log.join()", "read"));
}

TEST_F(Iterate, ElementsAreTheObjectsThemselves) {
  run("globalThis.list = [{n: 1}, {n: 2}]");
  const Value same = value("(o, i) => list[i] === o");
  int i = 0;
  for (Result<Value>& item : value("list").iterate()) {
    EXPECT_TRUE(same.call<bool>(*item, i++).value_or(false));
  }
  for (Result<Value>& item : value("new Set(list)").iterate()) {
    ASSERT_TRUE(item->set("n", 7));
  }
  EXPECT_TRUE(gives(vm_, "list[0].n + list[1].n", "14"));
}

TEST_F(Iterate, WorksInsideAHostFunctionAndAScope) {
  set("sum", [](const Value& list) -> Result<int> {
    int sum = 0;
    for (Result<int>& item : list.iterate<int>()) {
      if (!item) return std::unexpected(item.error());
      sum += *item;
    }
    return sum;
  });
  attempt({{"sum([1, 2, 3])", "6"},
           {"sum(new Set([4, 5]))", "9"},
           {"sum([1, 'x'])", "TypeError: [1]: expected int32, got string"},
           {"sum((function*() { yield 1; throw new EvalError('mine') })())", "EvalError: mine"}});
  const Scope scope(vm_);
  EXPECT_EQ(items("new Set([1, 2])"), "1,2");
}

TEST_F(Iterate, MayNestAndRunTogether) {
  std::string text;
  const Value outer = value("[[1, 2], new Set([3]), []]");
  for (Result<Value>& row : outer.iterate()) {
    for (Result<Value>& cell : row->iterate()) text += cell->to_string().value_or("?");
    text += ";";
  }
  EXPECT_EQ(text, "12;3;;");
  const Value generator = value("(function*() { for (let i = 0; i < 5; i++) yield i })()");
  Iteration<int> a = generator.iterate<int>();
  Iteration<int> b = generator.iterate<int>();
  auto at_a = a.begin();
  auto at_b = b.begin();
  EXPECT_EQ(**at_a, 0);
  EXPECT_EQ(**at_b, 1) << "one generator, two that take from it";
  ++at_a;
  EXPECT_EQ(**at_a, 2);
}

TEST_F(Iterate, HoldsAReferenceOfItsOwn) {
  Iteration<Value> iteration = value("[{}, {}, {}]").iterate();
  ASSERT_TRUE(vm_.collect_garbage());
  int count = 0;
  for (Result<Value>& item : iteration) count += item && item->is_object() ? 1 : 0;
  EXPECT_EQ(count, 3);
}

TEST_F(Iterate, IsAnInputRange) {
  static_assert(std::input_iterator<Iteration<int>::Iterator>);
  static_assert(std::ranges::input_range<Iteration<int>>);
  Iteration<int> iteration = value("new Set([1, 2, 3])").iterate<int>();
  const auto found = std::ranges::find_if(iteration, [](const Result<int>& i) { return *i == 2; });
  EXPECT_TRUE(found != iteration.end());
}

// What is not iterable, and what throws.

TEST_F(IterateErrors, WhatIsNotIterableIsOneError) {
  for (const std::string_view source :
       {"undefined", "null", "true", "5", "5n", "2n ** 80n", "Symbol()", "({})",
        "({length: 2, 0: 1})", "(() => 1)", "new Date(0)", "/x/", "({[Symbol.iterator]: 5})",
        "({[Symbol.iterator]: null})", "({[Symbol.iterator]() { return 5 }})",
        "({[Symbol.iterator]() {}})", "({[Symbol.iterator]() { return {} }})", "new WeakSet()",
        "Promise.resolve(1)"}) {
    const auto [count, error] = failure(source);
    EXPECT_EQ(count, 0) << source;
    EXPECT_NE(error.code, Errc{}) << source;
    EXPECT_EQ(error.name, "TypeError") << source << ": " << describe(error);
    EXPECT_TRUE(error.vm_usable) << source;
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(IterateErrors, ResultOfNextMustBeAnObject) {
  for (const std::string_view step : {"5", "'text'", "true", "undefined", "null", "Symbol()"}) {
    const auto [count, error] =
        failure(fmt::format("({{[Symbol.iterator]() {{ return {{next: () => {}}} }}}})", step),
                {.max_items = 100});
    EXPECT_EQ(count, 0) << step;
    EXPECT_EQ(error.name, "TypeError") << step << ": " << describe(error);
  }
}

TEST_F(IterateErrors, WhatNextThrowsIsTheLastItem) {
  EXPECT_EQ(items("(function*() { yield 1; yield 2; throw new RangeError('mine') })()"),
            "1,2,[threw: RangeError: mine]");
  EXPECT_EQ(items("({[Symbol.iterator]() { throw new EvalError('open') }})"),
            "[threw: EvalError: open]");
  EXPECT_EQ(items("({get [Symbol.iterator]() { throw new EvalError('get') }})"),
            "[threw: EvalError: get]");
  EXPECT_EQ(
      items("({[Symbol.iterator]() { return {get next() { throw new EvalError('next') }} }})"),
      "[threw: EvalError: next]");
  EXPECT_EQ(items("({[Symbol.iterator]() { return {next: () => ({get done() { throw new "
                  "EvalError('done') }})} }})"),
            "[threw: EvalError: done]");
  EXPECT_EQ(
      items("({[Symbol.iterator]() { return {next: () => ({done: false, get value() { throw new "
            "EvalError('value') }})} }})"),
      "[threw: EvalError: value]");
  EXPECT_EQ(items("Object.defineProperty([1, 2, 3], 1, {get() { throw new EvalError('item') }})"),
            "1,[threw: EvalError: item]");
  EXPECT_EQ(items("(function*() { throw 'text' })()"), "[threw: text]");
  EXPECT_TRUE(works(vm_));
}

TEST_F(IterateErrors, NothingComesAfterTheError) {
  Iteration<Value> iteration = value("(function*() { yield 1; throw 1 })()").iterate();
  auto at = iteration.begin();
  ASSERT_TRUE(at->has_value());
  ++at;
  ASSERT_FALSE(at == iteration.end());
  EXPECT_FALSE(at->has_value());
  ++at;
  EXPECT_TRUE(at == iteration.end());
}

TEST_F(IterateErrors, EndlessOnesAreBoundedByMaxItems) {
  run("function* endless() { let i = 0; try { for (;;) yield i++ } finally { log.push('closed') } "
      "}");
  const auto [count, error] = failure("endless()", {.max_items = 10});
  EXPECT_EQ(count, 10);
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_NE(error.message.find("10"), std::string::npos) << error.message;
  EXPECT_TRUE(gives(vm_, "log.join()", "closed")) << "the iterator is closed, as after a break";
  EXPECT_TRUE(works(vm_));
}

TEST_F(IterateErrors, MaxItemsAtBelowAndAbove) {
  for (const std::string_view source :
       {"[1, 2, 3]", "new Set([1, 2, 3])", "logged([1, 2, 3], log)"}) {
    EXPECT_EQ(items(source, {.max_items = 4}), "1,2,3");
    EXPECT_EQ(items(source, {.max_items = 3}), "1,2,3");
    const auto [count, error] = failure(source, {.max_items = 2});
    EXPECT_EQ(count, 2) << source;
    EXPECT_EQ(error.code, Errc::conversion) << source;
    EXPECT_EQ(failure(source, {.max_items = 0}).first, 0) << source;
    EXPECT_EQ(failure(source, {.max_items = 0}).second.code, Errc::conversion) << source;
  }
  EXPECT_EQ(items("[]", {.max_items = 0}), "");
  EXPECT_EQ(items("new Set()", {.max_items = 0}), "");
}

TEST_F(IterateErrors, HugeArraysAreBoundedToo) {
  const auto [count, error] = failure("new Array(4294967295)", {.max_items = 1000});
  EXPECT_EQ(count, 1000);
  EXPECT_EQ(error.code, Errc::conversion);
}

TEST_F(IterateErrors, LimitsEndIt) {
  Limits limits;
  limits.wall_time = milliseconds{30};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  const Result<Value> endless = vm.eval("(function*() { yield 1; for (;;); })()");
  ASSERT_TRUE(endless);
  int count = 0;
  Error last;
  for (Result<Value>& item : endless->iterate()) {
    ++count;
    if (!item) last = item.error();
  }
  EXPECT_EQ(count, 2);
  EXPECT_EQ(last.code, Errc::time_limit);
  EXPECT_TRUE(works(vm));
}

TEST_F(IterateErrors, ClosedWhenItsVmIsResetOrGone) {
  for (const std::string_view source : {"[1, 2, 3]", "new Set([1, 2, 3])"}) {
    Runtime vm = make_runtime();
    const Value list = vm.eval(source).value();
    Iteration<Value> iteration = list.iterate();
    auto at = iteration.begin();
    EXPECT_TRUE(at->has_value());
    ASSERT_TRUE(vm.reset());
    ++at;
    ASSERT_FALSE(at == iteration.end()) << source;
    EXPECT_EQ(error_of(*at).code, Errc::closed) << source;
    ++at;
    EXPECT_TRUE(at == iteration.end());
    EXPECT_EQ(joined(list.iterate()).substr(0, 8), "[closed:") << source;
  }
  std::optional<Runtime> vm = make_runtime();
  const Value set = vm->eval("new Set([1, 2, 3])").value();
  std::string text;
  for (Result<Value>& item : set.iterate()) {
    text += item ? "item " : std::string(to_string(item.error().code));
    vm.reset();
  }
  EXPECT_EQ(text, "item closed");
}

// Closing.

TEST_F(IterateClosing, EarlyBreakCallsReturnOnce) {
  for (Result<Value>& item : value("logged([1, 2, 3], log)").iterate()) {
    if (item->as<int>().value_or(0) == 2) break;
  }
  EXPECT_TRUE(gives(vm_, "log.join()", "open,next,next,return"));
}

TEST_F(IterateClosing, GoingToTheEndDoesNotCallReturn) {
  EXPECT_EQ(items("logged([1], log)"), "1");
  EXPECT_TRUE(gives(vm_, "log.join()", "open,next,next"));
}

TEST_F(IterateClosing, ErrorOfTheIteratorDoesNotCallReturn) {
  EXPECT_EQ(items("({[Symbol.iterator]() { return {next() { throw new EvalError('n') }, return() { "
                  "log.push('return') }} }})"),
            "[threw: EvalError: n]");
  EXPECT_TRUE(gives(vm_, "log.join()", ""));
}

TEST_F(IterateClosing, NeverStartedCallsReturn) {
  {
    const Iteration<Value> iteration = value("logged([1], log)").iterate();
  }
  EXPECT_TRUE(gives(vm_, "log.join()", "open,return"));
}

TEST_F(IterateClosing, RunsTheFinallyOfAGenerator) {
  run("function* g() { try { yield 1; yield 2 } finally { log.push('finally') } }");
  for (Result<Value>& item : value("g()").iterate()) {
    ASSERT_TRUE(item);
    break;
  }
  EXPECT_TRUE(gives(vm_, "log.join()", "finally"));
  const Value generator = value("globalThis.left = g()");
  for (Result<Value>& item : generator.iterate()) {
    ASSERT_TRUE(item);
    break;
  }
  EXPECT_TRUE(gives(vm_, "left.next().done", "true"));
}

TEST_F(IterateClosing, ElementThatDoesNotConvertCallsReturn) {
  EXPECT_EQ(joined(value("logged([1, 'x', 3], log)").iterate<int>()),
            "1,[conversion: [1]: expected int32, got string]");
  EXPECT_TRUE(gives(vm_, "log.join()", "open,next,next,return"));
}

TEST_F(IterateClosing, WhatReturnDoesIsNoOnesError) {
  for (const std::string_view end :
       {"return() { throw new Error('r') }", "return() { return 5 }", "return: 5", "return: null",
        "get return() { throw new Error('g') }", "return() { null.x }"}) {
    for (Result<Value>& item : value(fmt::format("({{[Symbol.iterator]() {{ return {{next: () => "
                                                 "({{value: 1}}), {}}} }}}})",
                                                 end))
                                   .iterate()) {
      EXPECT_TRUE(item) << end;
      break;
    }
    EXPECT_TRUE(works(vm_)) << end;
  }
}

TEST_F(IterateClosing, EndlessReturnIsBoundedByTheTimeLimit) {
  Limits limits;
  limits.wall_time = milliseconds{30};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  const Result<Value> iterable = vm.eval(
      "({[Symbol.iterator]() { return {next: () => ({value: 1}), return() { for (;;); }} }})");
  ASSERT_TRUE(iterable);
  int count = 0;
  for (Result<Value>& item : iterable->iterate()) {
    count += item ? 1 : 0;
    break;
  }
  EXPECT_LE(count, 1);
  EXPECT_TRUE(works(vm));
}

TEST_F(IterateClosing, ExceptionThroughTheLoopClosesToo) {
  try {
    for (Result<Value>& item : value("logged([1, 2], log)").iterate()) {
      if (item) throw std::runtime_error("out");
    }
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(gives(vm_, "log.join()", "open,next,return"));
}

// Typed elements.

TEST_F(IterateTyped, ElementsAreConverted) {
  EXPECT_EQ(joined(value("[1, 2, 3]").iterate<int>()), "1,2,3");
  EXPECT_EQ(joined(value("new Set(['a', 'b'])").iterate<std::string>()), "a,b");
  EXPECT_EQ(joined(value("[0.5, NaN]").iterate<double>()), "0.5,nan");
  std::string text;
  for (auto& item : value("new Map([['a', 1], ['b', 2]])").iterate<std::pair<std::string, int>>()) {
    ASSERT_TRUE(item);
    text += fmt::format("{}={};", item->first, item->second);
  }
  EXPECT_EQ(text, "a=1;b=2;");
  for (auto& item : value("[{name: 'A'}]").iterate<Friend>()) EXPECT_EQ(item->name, "A");
  for (auto& item : value("[null, undefined]").iterate<std::optional<int>>()) {
    EXPECT_EQ(*item, std::nullopt);
  }
  for (auto& item : value("[x => x + 1]").iterate<Function<int(int)>>()) {
    EXPECT_EQ((*item)(4).value_or(0), 5);
  }
}

TEST_F(IterateTyped, ErrorsHaveThePathAndEndIt) {
  EXPECT_EQ(joined(value("[1, 2, 'x', 4]").iterate<int>()),
            "1,2,[conversion: [2]: expected int32, got string]");
  EXPECT_EQ(joined(value("new Set([1, 2.5])").iterate<int>()),
            "1,[conversion: [1]: 2.5 is not an int32]");
  const auto last = [](auto iteration) {
    std::string text;
    for (auto& item : iteration) text = item ? "fine" : describe(item.error());
    return text;
  };
  EXPECT_EQ(last([&] { return value("[{name: 'A'}, {name: 5}]").iterate<Friend>(); }()),
            "conversion: [1].name: expected string, got number");
  EXPECT_EQ(
      last([&] {
        return value("new Map([['a', 1], ['b', 'x']])").iterate<std::pair<std::string, int>>();
      }()),
      "conversion: [1][1]: expected int32, got string");
  EXPECT_EQ(last([&] {
              return value("[{get name() { throw new EvalError('mine') }}]").iterate<Friend>();
            }()),
            "threw: EvalError: mine");
}

TEST_F(IterateTyped, ConversionThatThrowsHasItsErrorInTheScriptAgain) {
  set("f", [](const Value& list) -> Result<void> {
    for (auto& item : list.iterate<Friend>()) {
      if (!item) return std::unexpected(item.error());
    }
    return {};
  });
  EXPECT_TRUE(
      gives(vm_,
            "const mine = {}; try { f([{get name() { throw mine }}]) } catch (e) { String(e "
            "=== mine) }",
            "true"));
}

// Things that change meanwhile.

TEST_F(IterateChanges, ArrayThatGrowsOrShrinks) {
  const Value list = value("globalThis.list = [1, 2, 3]; list");
  std::string text;
  for (Result<int>& item : list.iterate<int>()) {
    text += std::to_string(*item);
    if (*item == 2) run("list.push(4)");
  }
  EXPECT_EQ(text, "1234");
  text.clear();
  for (Result<int>& item : list.iterate<int>()) {
    text += std::to_string(*item);
    if (*item == 2) run("list.length = 2");
  }
  EXPECT_EQ(text, "12");
  text.clear();
  for (Result<int>& item : list.iterate<int>()) {
    text += std::to_string(*item);
    run("list.unshift(0)");
    if (text.size() == 5) break;
  }
  EXPECT_EQ(text, "11111");
}

TEST_F(IterateChanges, ArrayThatGrowsForEverIsBounded) {
  const Value list = value("globalThis.list = [1]; list");
  int count = 0;
  Errc code = {};
  for (Result<Value>& item : list.iterate({.max_items = 500})) {
    if (item)
      ++count;
    else
      code = item.error().code;
    run("list.push(1)");
  }
  EXPECT_EQ(count, 500);
  EXPECT_EQ(code, Errc::conversion);
}

TEST_F(IterateChanges, MapAndSetFollowTheirOwnRules) {
  const Value set = value("globalThis.set_ = new Set([1, 2, 3]); set_");
  std::string text;
  for (Result<int>& item : set.iterate<int>()) {
    text += std::to_string(*item);
    if (*item == 1) run("set_.delete(2); set_.add(4)");
  }
  EXPECT_EQ(text, "134");
}

TEST_F(IterateChanges, GetterOfAnElementMayChangeTheArray) {
  EXPECT_EQ(
      items("(a => Object.defineProperty(a, 0, {get() { a.length = 2; return 'g' }}))([1, 2, 3, "
            "4])"),
      "g,2");
}

TEST_F(IterateChanges, LoopMayCollectGarbage) {
  int count = 0;
  for (Result<Value>& item :
       value("(function*() { for (let i = 0; i < 50; i++) yield {i} })()").iterate()) {
    ASSERT_TRUE(vm_.collect_garbage());
    EXPECT_EQ(item->get<int>("i").value_or(-1), count++);
  }
  EXPECT_EQ(count, 50);
}

TEST_F(IterateChanges, ManyItemsLeaveNothingBehind) {
  run("function* g(n) { for (let i = 0; i < n; i++) yield {i, text: 'x' + i} }");
  const auto loop = [&](int count) {
    const Scope scope(vm_);
    int seen = 0;
    for (Result<Value>& item : value(fmt::format("g({})", count)).iterate()) seen += item ? 1 : 0;
    for (int i = 0; i < count / 10; ++i) {  // left early
      for (Result<Value>& item : value("g(10)").iterate()) {
        seen += item ? 1 : 0;
        break;
      }
    }
    return seen;
  };
  EXPECT_EQ(loop(1000), 1100);
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  const int count = scaled(100'000);
  EXPECT_EQ(loop(count), count + count / 10);
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LE(vm_.stats().memory_bytes, before + 4096);
}

// From C++.

/// A generator as C++23's std::generator is one: an input range that can only be moved.
template <class T>
class Generator {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr exception;
    Generator get_return_object() {
      return Generator(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T next) {
      value.emplace(std::move(next));
      return {};
    }
    void return_void() noexcept {}
    void unhandled_exception() { exception = std::current_exception(); }
  };
  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    Iterator(Iterator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Iterator& operator=(Iterator&& other) noexcept {
      handle_ = std::exchange(other.handle_, nullptr);
      return *this;
    }
    T&& operator*() const { return std::move(*handle_.promise().value); }
    Iterator& operator++() {
      resume(handle_);
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
      return iterator.handle_.done();
    }

   private:
    std::coroutine_handle<promise_type> handle_;
  };

  explicit Generator(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Generator() {
    if (handle_) handle_.destroy();
  }
  Iterator begin() {
    resume(handle_);
    return Iterator(handle_);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  static void resume(std::coroutine_handle<promise_type> handle) {
    handle.resume();
    if (handle.promise().exception) {
      std::rethrow_exception(std::exchange(handle.promise().exception, nullptr));
    }
  }
  std::coroutine_handle<promise_type> handle_;
};
static_assert(std::ranges::input_range<Generator<int>>);
static_assert(!std::is_copy_constructible_v<Generator<int>>);

/// What became of a generator: how far it went, and whether its frame is gone.
struct Trace {
  int yielded = 0;
  int destroyed = 0;
};

Generator<int> count_to(int last, Trace& trace) {
  struct Frame {
    Trace& trace;
    ~Frame() { ++trace.destroyed; }
  };
  const Frame frame{trace};
  for (int i = 1; i <= last; ++i) {
    ++trace.yielded;
    co_yield i;
  }
}

TEST_F(RangeToScript, ContainersOfEveryKind) {
  set("vector", iterate_range(std::vector<int>{1, 2, 3}));
  set("list", iterate_range(std::list<std::string>{"a", "b"}));
  set("deque", iterate_range(std::deque<double>{0.5, 1.5}));
  set("array", iterate_range(std::array<bool, 2>{true, false}));
  set("ordered", iterate_range(std::set<int>{3, 1, 2}));
  set("bits", iterate_range(std::vector<bool>{true, false, true}));
  set("empty", iterate_range(std::vector<int>()));
  set("nested", iterate_range(std::vector<std::vector<int>>{{1, 2}, {}, {3}}));
  set("structs",
      iterate_range(std::vector<Friend>{{.name = "A", .age = 1}, {.name = "B", .age = {}}}));
  attempt({{"[...vector]", "1,2,3"},
           {"[...list]", "a,b"},
           {"[...deque]", "0.5,1.5"},
           {"[...array]", "true,false"},
           {"[...ordered]", "1,2,3"},
           {"[...bits]", "true,false,true"},
           {"[...empty].length", "0"},
           {"JSON.stringify([...nested])", "[[1,2],[],[3]]"},
           {"JSON.stringify([...structs])", R"([{"name":"A","age":1},{"name":"B"}])"}});
}

// Its elements are pairs of a const key.
template <class Map>
void expect_entries(Runtime& vm, Map map) {
  constexpr bool kConverts = ToJs<std::ranges::range_value_t<Map>>;
  EXPECT_TRUE(kConverts) << "iterate_range() of this container does not compile";
  if constexpr (kConverts) {
    ASSERT_TRUE(vm.set("entries", iterate_range(std::move(map))));
    EXPECT_TRUE(gives(vm, "JSON.stringify([...entries].sort())", R"([["a",1],["b",2]])"));
  }
}

TEST_F(RangeToScript, MapsGivePairs) {
  expect_entries(vm_, std::map<std::string, int>{{"a", 1}, {"b", 2}});
  expect_entries(vm_, std::unordered_map<std::string, int>{{"a", 1}, {"b", 2}});
}

TEST_F(RangeToScript, ViewsAreLazyAndMayBeEndless) {
  int computed = 0;
  set("squares", iterate_range(std::views::iota(1) | std::views::transform([&](int i) {
                                 ++computed;
                                 return i * i;
                               })));
  EXPECT_EQ(computed, 0);
  EXPECT_TRUE(
      gives(vm_, "let s = []; for (const n of squares) { if (n > 20) break; s.push(n) } s.join()",
            "1,4,9,16"));
  EXPECT_EQ(computed, 5);
  set("odd", iterate_range(std::views::iota(0, 10) |
                           std::views::filter([](int i) { return i % 2 == 1; })));
  set("words", iterate_range(std::string_view("a b c") | std::views::split(' ') |
                             std::views::transform(
                                 [](auto part) { return std::string(part.begin(), part.end()); })));
  set("reversed", iterate_range(std::views::iota(0, 4) | std::views::reverse));
  set("one", iterate_range(std::views::single(std::string("only"))));
  attempt({{"[...odd]", "1,3,5,7,9"},
           {"[...words]", "a,b,c"},
           {"[...reversed]", "3,2,1,0"},
           {"[...one]", "only"}});
}

TEST_F(RangeToScript, LvalueViewIsCopiedAndSeesItsContainer) {
  std::vector<int> data = {1, 2, 3};
  const auto view = std::views::all(data);
  set("view", iterate_range(view));
  data[1] = 20;
  EXPECT_TRUE(gives(vm_, "[...view].join()", "1,20,3"));
}

TEST_F(RangeToScript, SinglePassRanges) {
  std::istringstream stream("10 20 30");
  set("numbers", iterate_range(std::views::istream<int>(stream)));
  EXPECT_TRUE(gives(vm_, "[...numbers].join()", "10,20,30"));
}

TEST_F(RangeToScript, GeneratorsAreTakenFromOneByOne) {
  Trace trace;
  set("numbers", iterate_range(count_to(1'000'000, trace)));
  EXPECT_EQ(trace.yielded, 0);
  EXPECT_TRUE(gives(vm_, "numbers.next().value + numbers.next().value", "3"));
  EXPECT_EQ(trace.yielded, 2);
  EXPECT_TRUE(gives(vm_, "numbers.return(7).value + '' + numbers.next().done", "7true"));
  EXPECT_EQ(trace.yielded, 2);
  EXPECT_EQ(trace.destroyed, 1);
}

Generator<std::unique_ptr<int>> pointers() {
  for (int i = 0; i < 3; ++i) co_yield std::make_unique<int>(i);
}
Generator<Value> values(Context context) {
  co_yield context.object().value();
  co_yield Value::number(2);
  co_yield context.string("three").value();
}

TEST_F(RangeToScript, MoveOnlyRangesAndElements) {
  set("pointers", iterate_range(pointers()));
  set("values", iterate_range(values(vm_)));
  set("owned",
      iterate_range(std::vector<int>{4, 5} | std::views::transform([](int i) { return i; })));
  attempt({{"[...pointers]", "0,1,2"},
           {"[...values].map(v => typeof v)", "object,number,string"},
           {"[...owned]", "4,5"}});
}

TEST_F(RangeToScript, IsAnIteratorOfTheLanguage) {
  set("make", [](int n) {
    std::vector<int> numbers;
    for (int i = 1; i <= n; ++i) numbers.push_back(i);
    return iterate_range(std::move(numbers));
  });
  attempt({{"(i => i[Symbol.iterator]() === i)(make(1))", "true"},
           {"[...make(3)]", "1,2,3"},
           {"Math.max(...make(4))", "4"},
           {"Array.from(make(3), x => x * 2)", "2,4,6"},
           {"(([a, , b, ...rest]) => [a, b, rest.length])(make(5))", "1,3,2"},
           {"new Set(make(3)).size", "3"},
           {"Object.fromEntries(make(2).map(x => ['k' + x, x])).k2", "2"},
           {"make(5).filter(x => x % 2).map(x => x * 10).toArray()", "10,30,50"},
           {"make(100).take(2).toArray()", "1,2"},
           {"make(5).drop(3).toArray()", "4,5"},
           {"make(4).reduce((a, b) => a + b)", "10"},
           {"make(3).some(x => x === 2)", "true"},
           {"make(3).find(x => x > 1)", "2"},
           {"make(2).flatMap(x => [x, x]).toArray()", "1,1,2,2"},
           {"JSON.stringify(make(1).next())", R"({"value":1,"done":false})"},
           {"JSON.stringify(make(0).next())", R"({"done":true})"},
           {"(function*() { yield* make(3) })().toArray()", "1,2,3"},
           {"(i => [...i, '|', ...i])(make(2))", "1,2,|"}});
  run("(async () => { let s = 0; for await (const n of make(3)) s += n; globalThis.sum = s })()");
  EXPECT_TRUE(gives(vm_, "sum", "6"));
  EXPECT_TRUE(gives(vm_, "const [first] = make(3); first", "1"));
}

TEST_F(RangeToScript, ComesBackThroughIterate) {
  const Value range = vm_.make(iterate_range(std::views::iota(0, 5))).value();
  EXPECT_EQ(joined(range.iterate<int>()), "0,1,2,3,4");
}

TEST_F(RangeToScript, ElementsMayBeObjectsAndFunctions) {
  int sum = 0;
  std::vector<std::function<int(int)>> functions = {[&](int i) { return sum += i; },
                                                    [](int i) { return -i; }};
  set("functions", iterate_range(std::move(functions)));
  EXPECT_TRUE(gives(vm_, "[...functions].map(f => f(5)).join()", "5,-5"));
  EXPECT_EQ(sum, 5);
}

TEST_F(RangeToScript, HundredThousandElements) {
  set("numbers", iterate_range(std::views::iota(0, scaled(100'000))));
  EXPECT_TRUE(
      gives(vm_, "let n = 0; for (const i of numbers) n++; n", std::to_string(scaled(100'000))));
}

// Ranges that fail.

Generator<int> throws_at(int at) {
  for (int i = 0;; ++i) {
    if (i == at) throw std::out_of_range("element " + std::to_string(at));
    co_yield i;
  }
}

TEST_F(RangeErrors, WhatARangeThrowsIsThrownToTheScript) {
  set("make", [](int at) { return iterate_range(throws_at(at)); });
  attempt({{"[...make(0)]", "RangeError: element 0"}, {"[...make(3)]", "RangeError: element 3"}});
  EXPECT_TRUE(gives(vm_,
                    "let seen = []; try { for (const i of make(2)) seen.push(i) } catch (e) { "
                    "seen.push(e.message) } seen.join()",
                    "0,1,element 2"));
  EXPECT_TRUE(gives(vm_, "const i = make(1); i.next(); attempt(() => i.next()) + i.next().done",
                    "RangeError: element 1true"))
      << "it has ended";
  set("transformed", iterate_range(std::views::iota(0) | std::views::transform([](int i) {
                                     if (i == 2) throw std::runtime_error("two");
                                     return i;
                                   })));
  attempt({{"[...transformed]", "Error: two"}});
  EXPECT_TRUE(works(vm_));
}

TEST_F(RangeErrors, ElementThatDoesNotConvertIsThrown) {
  set("texts", iterate_range(std::vector<std::string>{"fine", "bad \xff", "never"}));
  EXPECT_TRUE(gives(vm_,
                    "let seen = []; try { for (const t of texts) seen.push(t) } catch (e) { "
                    "seen.push(e.name) } seen.join() + texts.next().done",
                    "fine,TypeErrortrue"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(RangeErrors, RangeThatCallsBackIntoItsIterator) {
  const Context context = vm_;
  set("self", iterate_range(std::views::iota(0, 3) | std::views::transform([context](int i) {
                              if (i != 1) return i;
                              return context.eval("self.next()") ? 100 : 200;
                            })));
  EXPECT_TRUE(gives(vm_, "[...self].join()", "0,200,2")) << "a running iterator cannot be entered";
  set("closer", iterate_range(std::views::iota(0, 3) | std::views::transform([context](int i) {
                                return context.eval("closer.return()") ? 100 + i : i;
                              })));
  EXPECT_TRUE(gives(vm_, "[...closer].join()", "0,1,2"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(RangeErrors, LimitsEndALoopOverAnEndlessRange) {
  Limits limits;
  limits.wall_time = milliseconds{30};
  limits.grace = seconds{1};
  Runtime vm = make_runtime(limits);
  ASSERT_TRUE(vm.set("endless", iterate_range(std::views::iota(0))));
  EXPECT_TRUE(fails(vm, "for (const i of endless);", Errc::time_limit));
  EXPECT_TRUE(works(vm));
  limits = roomy();
  limits.memory_bytes = 8 * kMiB;
  Runtime small = make_runtime(limits);
  ASSERT_TRUE(small.set("endless", iterate_range(std::views::iota(0))));
  EXPECT_TRUE(fails(small, "[...endless]", Errc::memory_limit));
  EXPECT_TRUE(works(small));
}

TEST_F(RangeErrors, ScriptCannotReachTheParts) {
  set("r", iterate_range(std::vector<int>{1, 2}));
  EXPECT_TRUE(gives(vm_, "Reflect.ownKeys(r).length", "0"));
  for (const std::string_view source :
       {"r.next.call({})", "r.next.call(undefined)", "r.return.call([])", "new r.constructor"}) {
    EXPECT_TRUE(
        gives(vm_, fmt::format("try {{ {}; 'done' }} catch (e) {{ e.name }}", source), "TypeError"))
        << source;
  }
  EXPECT_TRUE(gives(vm_,
                    "Object.defineProperty(Array.prototype, 0, {set() { throw 1 }}); "
                    "Object.getPrototypeOf(Object.getPrototypeOf(r)).extra = 1; r.next().value",
                    "1"));
  EXPECT_TRUE(gives(vm_, "r.next().value + '' + r.next().done", "2true"));
}

// When the range is let go of.

TEST_F(RangeLifetime, GoesAtTheEndOfTheLoop) {
  Trace trace;
  set("r", iterate_range(count_to(3, trace)));
  set("gone", [&] { return trace.destroyed; });
  EXPECT_TRUE(gives(vm_, "[...r].join() + gone()", "1,2,31"));
  EXPECT_EQ(trace.yielded, 3);
}

TEST_F(RangeLifetime, GoesOnEveryEarlyExit) {
  const std::pair<std::string_view, std::string_view> exits[] = {
      {"for (const n of r) break", "break"},
      {"for (const n of r) { try { throw 1 } catch { break } }", "break in a catch"},
      {"try { for (const n of r) throw 1 } catch {}", "throw"},
      {"(() => { for (const n of r) return })()", "return"},
      {"out: for (;;) { for (const n of r) break out }", "break to a label"},
      {"const [a, b] = r", "destructuring"},
      {"r.next(); r.return()", "return()"},
      {"r.next(); try { r.throw(1) } catch {}", "throw()"},
      {"r.take(1).toArray()", "take"},
      {"r.some(n => n === 2)", "some"},
      {"Array.from(r.take(2))", "from"},
      {"try { new Map(r) } catch {}", "a built-in that refuses an element"}};
  for (const auto& [source, what] : exits) {
    Runtime vm = make_runtime();
    Trace trace;
    ASSERT_TRUE(vm.set("r", iterate_range(count_to(1000, trace))));
    ASSERT_TRUE(vm.set("gone", [&] { return trace.destroyed; }));
    EXPECT_TRUE(gives(vm, fmt::format("{}; gone()", source), "1")) << what;
    EXPECT_LE(trace.yielded, 3) << what;
  }
}

TEST_F(RangeLifetime, GoesWhenItIsClosedBeforeTheFirstElement) {
  for (const std::string_view source :
       {"r.return()", "try { r.throw(1) } catch {}", "const [] = r"}) {
    Runtime vm = make_runtime();
    std::vector<std::shared_ptr<int>> elements = {std::make_shared<int>(1)};
    const std::weak_ptr<int> alive = elements[0];
    ASSERT_TRUE(vm.set("r", iterate_range(std::move(elements))));
    ASSERT_TRUE(vm.set("gone", [&] { return alive.expired(); }));
    EXPECT_TRUE(gives(vm, fmt::format("{}; gone()", source), "true")) << "not at once: " << source;
    EXPECT_TRUE(gives(vm, "gone() + ',' + r.next().done", "true,true")) << source;
  }
}

TEST_F(RangeLifetime, GoesWithAnIteratorThatIsForgotten) {
  Trace started;
  set("r", iterate_range(count_to(3, started)));
  EXPECT_TRUE(gives(vm_, "r.next().value", "1"));
  run("r = null");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(started.destroyed, 1);
  std::vector<std::shared_ptr<int>> elements = {std::make_shared<int>(1)};
  const std::weak_ptr<int> alive = elements[0];
  set("untouched", iterate_range(std::move(elements)));
  EXPECT_FALSE(alive.expired());
  ASSERT_TRUE(vm_.unset("untouched"));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_TRUE(alive.expired());
  EXPECT_EQ(vm_.stats().host_functions, 0U);
}

TEST_F(RangeLifetime, GoesAtResetAndAtTheEndOfTheVm) {
  Trace first;
  set("r", iterate_range(count_to(3, first)));
  EXPECT_TRUE(gives(vm_, "r.next().value", "1"));
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(first.destroyed, 1);
  Trace second;
  {
    Runtime vm = make_runtime();
    ASSERT_TRUE(vm.set("r", iterate_range(count_to(3, second))));
    EXPECT_TRUE(gives(vm, "r.next().value", "1"));
    EXPECT_EQ(second.destroyed, 0);
  }
  EXPECT_EQ(second.destroyed, 1);
}

TEST_F(RangeLifetime, GoesOnceAfterItThrew) {
  int destroyed = 0;
  struct Frame {
    int& destroyed;
    ~Frame() { ++destroyed; }
  };
  const auto failing = [](int& count) -> Generator<int> {
    const Frame frame{count};
    co_yield 1;
    throw std::runtime_error("late");
  };
  set("r", iterate_range(failing(destroyed)));
  set("gone", [&] { return destroyed; });
  EXPECT_TRUE(gives(vm_, "attempt(() => [...r]) + gone()", "Error: late1"));
  run("r = null");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(destroyed, 1);
}

TEST_F(RangeLifetime, DroppedRuntimeInsideARange) {
  std::optional<Runtime> vm = make_runtime();
  ASSERT_TRUE(vm->set("r", iterate_range(std::views::iota(0, 5) | std::views::transform([&](int i) {
                                           if (i == 2) vm.reset();
                                           return i;
                                         }))));
  EXPECT_EQ(outcome(vm->eval("[...r].join()")).substr(0, 7), "(value)")
      << "the run went on, its string is of a VM that is gone";
  EXPECT_FALSE(vm.has_value());
}

TEST_F(RangeLifetime, ManyRangesLeaveNothingBehind) {
  int destroyed = 0;
  struct Frame {
    int& destroyed;
    ~Frame() { ++destroyed; }
  };
  const auto generator = [](int& count) -> Generator<int> {
    const Frame frame{count};
    for (int i = 0; i < 5; ++i) co_yield i;
  };
  set("make", [&] { return iterate_range(generator(destroyed)); });
  const auto loop = [&](int count) {
    return gives(vm_,
                 fmt::format("(() => {{ let n = 0; for (let i = 0; i < {}; i++) {{ for (const x of "
                             "make()) {{ n++; if (i % 2) break }} }} return n }})()",
                             count),
                 std::to_string(3 * count));
  };
  ASSERT_TRUE(loop(2000));
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  const int count = scaled(20'000);
  EXPECT_TRUE(loop(count));
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_EQ(destroyed, count + 2000);
  const Stats after = vm_.stats();
  EXPECT_EQ(after.host_functions, before.host_functions);
  EXPECT_LE(after.memory_bytes, before.memory_bytes + 4096);
}

}  // namespace
}  // namespace sandglass::test
