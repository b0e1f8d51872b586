// Host functions: exceptions of C++, and what a script threw on its way through C++.

#include <exception>
#include <filesystem>
#include <ios>
#include <new>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <typeinfo>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "host_functions.h"
#include "types.h"

namespace sandglass::test {
namespace {

using FunctionException = HostFunctions;
using FunctionIdentity = HostFunctions;

// Exceptions of C++.

TEST_F(FunctionException, EachStandardClassIsAnErrorOfJavaScript) {
  const auto thrown = [&](auto exception) {
    set("f", [exception] { throw exception; });
    return outcome(
        vm_.eval("try { f() } catch (e) { e.constructor.name + ': ' + (e.message != '') }"));
  };
  EXPECT_EQ(thrown(std::invalid_argument("m")), "TypeError: true");
  EXPECT_EQ(thrown(std::bad_cast()), "TypeError: true");
  EXPECT_EQ(thrown(std::bad_any_cast()), "TypeError: true");
  EXPECT_EQ(thrown(std::out_of_range("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::length_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::range_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::overflow_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::underflow_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::domain_error("m")), "RangeError: true");
  EXPECT_EQ(thrown(std::bad_alloc()), "InternalError: true");
  EXPECT_EQ(thrown(std::bad_array_new_length()), "InternalError: true");
  EXPECT_EQ(thrown(std::logic_error("m")), "Error: true");
  EXPECT_EQ(thrown(std::runtime_error("m")), "Error: true");
  EXPECT_EQ(thrown(std::exception()), "Error: true");
  EXPECT_EQ(thrown(std::bad_function_call()), "Error: true");
  EXPECT_EQ(thrown(std::bad_optional_access()), "Error: true");
  EXPECT_EQ(thrown(std::bad_variant_access()), "Error: true");
  EXPECT_EQ(thrown(std::bad_weak_ptr()), "Error: true");
  EXPECT_EQ(thrown(std::regex_error(std::regex_constants::error_paren)), "Error: true");
}

TEST_F(FunctionException, MessageIsThatOfWhat) {
  set("f", [](std::string text) { throw std::runtime_error(text); });
  attempt({{"f('this function fails')", "Error: this function fails"}, {"f('é😀')", "Error: é😀"}});
  const Error error = error_of(vm_.eval("f('out')"));
  EXPECT_EQ(error.code, Errc::threw);
  EXPECT_EQ(error.message, "out");
  EXPECT_TRUE(error.vm_usable);
  set("g", [] { throw std::runtime_error("bad \xff utf-8"); });
  EXPECT_TRUE(gives(vm_, "attempt(g)", "Error: bad \xEF\xBF\xBD utf-8"));
}

TEST_F(FunctionException, SystemErrorHasItsCode) {
  const auto thrown = [&](auto exception) {
    set("f", [exception] { throw exception; });
    return outcome(vm_.eval("try { f() } catch (e) { e.constructor.name + ' ' + e.code }"));
  };
  EXPECT_EQ(thrown(std::system_error(EACCES, std::generic_category(), "open")),
            fmt::format("Error generic:{}", EACCES));
  EXPECT_EQ(thrown(std::filesystem::filesystem_error(
                "stat", std::make_error_code(std::errc::no_such_file_or_directory))),
            "Error generic:2");
  EXPECT_EQ(thrown(std::ios_base::failure("read")), "Error iostream:1");
  set("f", [] { throw std::system_error(EACCES, std::generic_category(), "open"); });
  EXPECT_TRUE(gives(vm_, "attempt(f).startsWith('Error: open')", "true"));
}

TEST_F(FunctionException, NestedOnesAreCauses) {
  set("f", [] {
    try {
      try {
        throw std::out_of_range("index 9");
      } catch (...) {
        std::throw_with_nested(std::invalid_argument("row 3"));
      }
    } catch (...) {
      std::throw_with_nested(std::runtime_error("table"));
    }
  });
  EXPECT_TRUE(gives(vm_,
                    "try { f() } catch (e) { [e, e.cause, e.cause.cause, e.cause.cause.cause]"
                    ".join('|') }",
                    "Error: table|TypeError: row 3|RangeError: index 9|"));
}

void throw_nested(int depth) {
  try {
    if (depth > 0) throw_nested(depth - 1);
  } catch (...) {
    std::throw_with_nested(std::runtime_error(std::to_string(depth)));
  }
  throw std::runtime_error(std::to_string(depth));
}

TEST_F(FunctionException, CausesEndAtEightLevels) {
  set("f", [](int depth) { throw_nested(depth); });
  ASSERT_TRUE(
      vm_.eval("function causes(e) { let n = 0; for (; e.cause; e = e.cause) n++; return n }"
               "function count(depth) { try { f(depth) } catch (e) { return causes(e) + ' ' + "
               "e.message } }"));
  EXPECT_TRUE(gives(vm_, "count(0)", "0 0"));
  EXPECT_TRUE(gives(vm_, "count(7)", "7 7"));
  EXPECT_TRUE(gives(vm_, "count(8)", "8 8"));
  EXPECT_TRUE(gives(vm_, "count(30)", "8 30"));
}

TEST_F(FunctionException, WhatIsNoStdExceptionIsAnErrorToo) {
  struct Odd {};
  call(
      [](int kind) {
        switch (kind) {
          case 0:
            throw 42;
          case 1:
            throw "text";
          default:
            throw Odd();
        }
      },
      {});
  EXPECT_TRUE(gives(vm_,
                    "[0, 1, 2].map(k => { try { f(k) } catch (e) { return e instanceof Error && "
                    "e.message.length > 0 } }).join()",
                    "true,true,true"));
}

TEST_F(FunctionException, ScriptErrorIsItsError) {
  set("f", [] { throw ScriptError({.message = "m", .name = "RangeError", .detail = "E_FAR"}); });
  EXPECT_TRUE(gives(vm_,
                    "try { f() } catch (e) { [e instanceof RangeError, e.message, e.code].join() }",
                    "true,m,E_FAR"));
  set("g", [](Function<int()> callback) { return value_or_throw(callback()); });
  attempt({{"g(() => 3)", "3"}, {"g(() => { throw new EvalError('mine') })", "EvalError: mine"}});
}

TEST_F(FunctionException, AfterOneTheFunctionCanBeCalledAgain) {
  call(
      [](bool fail) {
        if (fail) throw std::runtime_error("intentional");
        return "success";
      },
      {{"true", "Error: intentional"}, {"false", "success"}, {"true", "Error: intentional"}});
  EXPECT_TRUE(fails(vm_, "f(true)", Errc::threw));
  EXPECT_TRUE(gives(vm_, "f(false)", "success"));
  EXPECT_TRUE(works(vm_));
}

TEST_F(FunctionException, RunsFinallyBlocksAndDestructors) {
  int unwound = 0;
  struct Guard {
    int& count;
    ~Guard() { ++count; }
  };
  set("f", [&] {
    const Guard guard{unwound};
    throw std::runtime_error("m");
  });
  EXPECT_TRUE(gives(vm_,
                    "let log = ''; try { try { f() } finally { log += 'finally ' } } catch (e) { "
                    "log += e.message } log",
                    "finally m"));
  EXPECT_EQ(unwound, 1);
}

TEST_F(FunctionException, StackNamesTheFunctionAndItsCallers) {
  set("explode", [] { throw std::runtime_error("m"); });
  const std::string stack =
      outcome(vm_.eval("function outer() { explode() }\ntry { outer() } catch (e) { e.stack }",
                       {.file_name = "calls.js"}));
  EXPECT_LT(stack.find("explode"), stack.find("outer"));
  EXPECT_LT(stack.find("outer"), stack.find("calls.js:1"));
  EXPECT_NE(stack.find("calls.js:2"), std::string::npos) << stack;
  const Error error = error_of(vm_.eval("outer()"));
  EXPECT_NE(error.stack.find("explode"), std::string::npos) << error.stack;
}

// What a script threw goes through C++ as itself.

TEST_F(FunctionIdentity, ReturnedErrorIsTheValueThatWasThrown) {
  set("through", [](Function<Value()> f) { return f(); });
  set("thrower", [](Function<Value()> f) -> Value { return value_or_throw(f()); });
  set("nested", [](Function<Value()> f) -> Result<Value> {
    try {
      return value_or_throw(f());
    } catch (const ScriptError& caught) {
      return std::unexpected(caught.error());
    }
  });
  run(R"js(
    function same(pass, thrown) {
      try { pass(() => { throw thrown }); return 'nothing' } catch (e) { return Object.is(e, thrown) }
    })js");
  for (const std::string_view pass : {"through", "thrower", "nested"}) {
    for (const std::string_view thrown :
         {"new Error('e')", "new (class Mine extends TypeError {})('e')", "{}", "null", "undefined",
          "42", "-0", "'text'", "Symbol('s')", "5n", "2n ** 80n", "() => 1", "Object.freeze([])",
          "new Proxy({}, {})", "new Proxy({}, {get() { throw 1 }})",
          "{get message() { throw 1 }, get name() { return {} }}"}) {
      EXPECT_TRUE(gives(vm_, fmt::format("same({}, {})", pass, thrown), "true"));
    }
  }
}

TEST_F(FunctionIdentity, SurvivesManyFramesOfBothLanguages) {
  set("through", [](Function<Value(int)> f, int n) { return f(n); });
  EXPECT_TRUE(gives(vm_, R"js(
    const mine = {mine: true};
    function down(n) { if (n == 0) throw mine; return through(down, n - 1) }
    try { down(50) } catch (e) { String(e === mine) })js",
                    "true"));
}

TEST_F(FunctionIdentity, OfWhatAnEvalThrew) {
  set("evaluate", [](Context& context, const std::string& source) { return context.eval(source); });
  EXPECT_TRUE(gives(vm_,
                    "var mine = new Error('m'); try { evaluate('throw mine') } catch (e) { "
                    "String(e === mine) }",
                    "true"));
  EXPECT_TRUE(gives(vm_, "attempt(() => evaluate('1 +')).split(':')[0]", "SyntaxError"));
}

TEST_F(FunctionIdentity, OfWhatAGetterThrewDuringAConversion) {
  set("f", [](const Friend& f) { return f.name; });
  EXPECT_TRUE(gives(vm_,
                    "const mine = {}; try { f({get name() { throw mine }}) } catch (e) { String(e "
                    "=== mine) }",
                    "true"));
}

TEST_F(FunctionIdentity, HoldsForAsLongAsTheRunGoesOn) {
  set("pass", [](Function<Value()> first, Function<Value()> other, int others) -> Result<Value> {
    Result<Value> result = first();
    for (int i = 0; i < others; ++i) static_cast<void>(other());
    return result;
  });
  run(R"js(
    function same(others) {
      const mine = new Error('mine');
      try { pass(() => { throw mine }, () => { throw new Error('other') }, others) }
      catch (e) { return e === mine }
    })js");
  EXPECT_TRUE(gives(vm_, "same(0)", "true"));
  EXPECT_TRUE(gives(vm_, "same(1)", "true"));
  EXPECT_TRUE(gives(vm_, "same(7)", "true"));
  EXPECT_TRUE(gives(vm_, "same(8)", "true"));
  EXPECT_TRUE(gives(vm_, "same(100)", "true"));
}

TEST_F(FunctionIdentity, ErrorKeptPastItsRunIsAnEqualOne) {
  Error kept;
  set("keep", [&](Function<Value()> f) { kept = error_of(f()); });
  set("again", [&]() -> Result<void> { return std::unexpected(kept); });
  run("globalThis.mine = new RangeError('m'); keep(() => { throw mine })");
  EXPECT_TRUE(gives(vm_,
                    "try { again() } catch (e) { [e === mine, e instanceof RangeError, "
                    "e.message].join() }",
                    "false,true,m"));
}

TEST_F(FunctionIdentity, ErrorOfOneVmMeansNothingInAnother) {
  Runtime other = make_runtime();
  Error of_other;
  ASSERT_TRUE(other.set("keep", [&](Function<Value()> f) { of_other = error_of(f()); }));
  ASSERT_TRUE(other.eval("keep(() => { throw new TypeError('of the other') })"));
  set("mix", [&](Function<Value()> f) -> Result<void> {
    static_cast<void>(f());  // throws in this VM
    return std::unexpected(of_other);
  });
  EXPECT_TRUE(gives(vm_, "attempt(() => mix(() => { throw new Error('of this') }))",
                    "TypeError: of the other"));
}

}  // namespace
}  // namespace sandglass::test
