// Errors: what left the script, told truthfully, also when the thrown thing fights back.

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

[[nodiscard]] bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class ThrownError : public ::testing::Test {
 protected:
  /// What `source` throws; a failure of the test if it does anything else.
  [[nodiscard]] Error thrown(std::string_view source, std::string_view file_name = "<eval>") {
    Error error;
    EXPECT_TRUE(fails(vm_, source, Errc::threw, &error, {.file_name = file_name}));
    EXPECT_TRUE(error.vm_usable);
    EXPECT_FALSE(error.completion);
    return error;
  }

  Runtime vm_ = make_runtime();
};
using SyntaxErrorReport = ThrownError;
using NonErrorThrow = ThrownError;
using HostileError = ThrownError;

TEST_F(ThrownError, HasNameAndMessage) {
  const Error error = thrown("null.x");
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_TRUE(contains(error.message, "null")) << error.message;
  EXPECT_FALSE(contains(error.message, "TypeError")) << "the message comes without the name";
  EXPECT_EQ(thrown("nope").name, "ReferenceError");
  EXPECT_EQ(thrown("throw new RangeError('é日')").message, "é日");
  EXPECT_EQ(thrown("throw new Error()").message, "");
  EXPECT_EQ(thrown("throw new AggregateError([new Error('a')], 'many')").name, "AggregateError");
}

TEST_F(ThrownError, OfASubclassHasItsName) {
  EXPECT_EQ(
      thrown(
          "class MyError extends Error { get name() { return 'MyError' } }; throw new MyError('m')")
          .name,
      "MyError");
  EXPECT_EQ(thrown("var e = new TypeError('m'); e.name = 'Renamed'; throw e").name, "Renamed");
}

TEST_F(ThrownError, HasAStackWithFileAndLine) {
  const Error error = thrown(
      "function inner() {\n  throw new Error('deep')\n}\nfunction outer() { inner() }\n\nouter()",
      "app.js");
  EXPECT_TRUE(contains(error.stack, "    at inner (app.js:2:")) << error.stack;
  EXPECT_TRUE(contains(error.stack, "    at outer (app.js:4:")) << error.stack;
  EXPECT_TRUE(contains(error.stack, "app.js:6:")) << error.stack;
}

TEST_F(ThrownError, HasTheFileNameAsGiven) {
  const std::string long_name(2000, 'n');
  for (const std::string_view name :
       {std::string_view("dir/größe 日本.js"), std::string_view(long_name)}) {
    const Error error = thrown("throw new Error('x')", name);
    EXPECT_TRUE(contains(error.stack, name)) << error.stack;
  }
}

TEST_F(ThrownError, LongMessagesComeWhole) {
  const Error error = thrown("throw new Error('0123456789'.repeat(1000))");
  EXPECT_EQ(error.message.size(), 10'000U);
}

TEST_F(ThrownError, HasItsCauseChain) {
  const Error error = thrown(
      "throw new Error('top', {cause: new TypeError('middle', {cause: new "
      "RangeError('bottom')})})");
  ASSERT_TRUE(error.cause);
  EXPECT_EQ(error.cause->name, "TypeError");
  EXPECT_EQ(error.cause->message, "middle");
  ASSERT_TRUE(error.cause->cause);
  EXPECT_EQ(error.cause->cause->name, "RangeError");
  EXPECT_EQ(error.cause->cause->message, "bottom");
  EXPECT_FALSE(error.cause->cause->cause);
}

TEST_F(ThrownError, ACauseNeedNotBeAnError) {
  const Error error = thrown("throw new Error('top', {cause: 'the reason'})");
  ASSERT_TRUE(error.cause);
  EXPECT_EQ(error.cause->message, "the reason");
  EXPECT_EQ(error.cause->name, "");
}

[[nodiscard]] int depth(const Error& error) {
  int levels = 0;
  for (auto cause = error.cause; cause; cause = cause->cause) ++levels;
  return levels;
}

TEST_F(ThrownError, CauseChainsEndAtEightLevels) {
  const std::string chain =
      "let e = new Error('0'); for (let i = 1; i <= LEVELS; i++) e = new Error(String(i), {cause: "
      "e}); throw e";
  const auto levels = [&](int count) {
    std::string source = chain;
    source.replace(source.find("LEVELS"), 6, std::to_string(count));
    return "{ " + source + " }";
  };
  EXPECT_EQ(depth(thrown(levels(7))), 7);
  EXPECT_EQ(depth(thrown(levels(8))), 8);
  EXPECT_EQ(depth(thrown(levels(9))), 8);
  EXPECT_EQ(depth(thrown(levels(10000))), 8);
}

TEST_F(ThrownError, ACyclicCauseEnds) {
  EXPECT_LE(depth(thrown("var e = new Error('round'); e.cause = e; throw e")), 8);
  EXPECT_LE(
      depth(thrown("var a = new Error('a'), b = new Error('b', {cause: a}); a.cause = b; throw a")),
      8);
}

TEST_F(ThrownError, OutlivesItsVm) {
  Error error;
  {
    Runtime vm = make_runtime();
    EXPECT_TRUE(
        fails(vm, "throw new Error('kept', {cause: new Error('too')})", Errc::threw, &error));
  }
  EXPECT_EQ(error.message, "kept");
  ASSERT_TRUE(error.cause);
  EXPECT_EQ(error.cause->message, "too");
}

TEST_F(ThrownError, IsDescribedInOneLine) {
  EXPECT_EQ(describe(thrown("throw new TypeError('x is not a function')")),
            "threw: TypeError: x is not a function");
  EXPECT_EQ(describe(thrown("throw new TypeError('two\\nlines')")).find('\n'), std::string::npos);
}

TEST_F(ThrownError, LeavesNothingBehind) {
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(thrown("throw new Error('again', {cause: {}})").message, "again");
  ASSERT_TRUE(vm_.collect_garbage());
  const std::uint64_t before = vm_.stats().memory_bytes;
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(thrown("throw new Error('again', {cause: {}})").message, "again");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before + 32 * kKiB);
}

TEST_F(NonErrorThrow, IsShownAsText) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"42", "42"},
      {"'text'", "text"},
      {"null", "null"},
      {"undefined", "undefined"},
      {"true", "true"},
      {"10n", "10"},
      {"''", ""},
      {"[1, 2]", "1"},
      {"Symbol('s')", "Symbol(s)"},
  };
  for (const auto& [value, text] : cases) {
    const Error error = thrown(fmt::format("throw {}", value));
    EXPECT_EQ(error.name, "") << value;
    EXPECT_TRUE(contains(error.message, text)) << value << " gave " << error.message;
  }
}

TEST_F(NonErrorThrow, ThrownObjectsAndFunctionsAreReported) {
  for (const std::string_view value :
       {"({a: 1})", "Object.create(null)", "() => 1", "new Proxy({}, {})", "globalThis",
        "new Proxy(() => {}, {})"}) {
    EXPECT_EQ(thrown(fmt::format("throw {}", value)).code, Errc::threw) << value;
    EXPECT_TRUE(works(vm_)) << value;
  }
}

TEST_F(HostileError, DoesNoHarm) {
  const std::string_view sources[] = {
      "var e = new Error('m'); Object.defineProperty(e, 'message', {get() { throw new "
      "Error('inner') }}); throw e",
      "var e = new Error('m'); Object.defineProperty(e, 'name', {get() { throw e }}); throw e",
      "var e = new Error('m'); Object.defineProperty(e, 'stack', {get() { throw 1 }}); throw e",
      "var e = new Error('m'); Object.defineProperty(e, 'cause', {get() { throw null }}); throw e",
      "var e = new Error('m'); Object.defineProperty(e, 'cause', {get() { return new Proxy(e, {}) "
      "}}); throw e",
      "throw new Proxy(new Error('m'), {})",
      "throw new Proxy(new Error('m'), {get() { throw new Error('trap') }})",
      "throw new Proxy({}, new Proxy({}, {get() { throw 1 }}))",
      "var e = new Error('m'); e.name = {toString() { throw 2 }}; throw e",
      "var e = new Error('m'); e.name = {}; e.message = []; e.stack = Symbol(); throw e",
      "var e = new Error('m'); e.name = Symbol('n'); e.message = Symbol('m'); throw e",
      "var e = new Error('m'); e.message = 10n; e.stack = 42; e.name = null; throw e",
      "var e = new Error('m'); e.stack = {toString() { return {} }}; throw e",
      "var e = new Error('m'); e.message = '\\ud800\\0\\udfff'; throw e",
      "var e = new Error('m'); Object.setPrototypeOf(e, null); throw e",
      "throw {toString() { throw {toString() { throw 1 }} }}",
      "throw {toString: 5, valueOf: 6}",
      "throw {get name() { throw 1 }, get message() { throw 2 }, get stack() { throw 3 }, get "
      "cause() { throw 4 }}",
      "var p = Proxy.revocable(new Error('m'), {}); p.revoke(); throw p.proxy",
      "class E extends Error { get [Symbol.toPrimitive]() { throw 1 } }; throw new E('m')",
      "delete Error.prototype.name; delete Error.prototype.message; delete "
      "Error.prototype.toString; throw new Error()",
      "Error.prototype.toString = () => { throw 1 }; String = () => { throw 2 }; throw new "
      "Error('m')",
      "Error.prepareStackTrace = () => { throw new Error('hook') }; throw new Error('m')",
      "Error.prepareStackTrace = (e, frames) => ({toString() { throw 1 }}); throw new Error('m')",
      "Error.stackTraceLimit = 1e9; (function f(n) { if (!n) throw new Error('m'); f(n - 1) "
      "})(500)",
      "Error.stackTraceLimit = -1; throw new Error('m')",
      "var e = new Error('m'); Object.defineProperty(e, 'message', {get() { Promise.reject(7); "
      "return 'm' }}); throw e",
  };
  for (const std::string_view source : sources) {
    EXPECT_EQ(thrown(source).code, Errc::threw) << source;
    EXPECT_TRUE(gives(vm_, "1+1", "2")) << source;
    ASSERT_TRUE(vm_.reset());
    EXPECT_TRUE(works(vm_)) << source;
  }
}

TEST_F(HostileError, AGetterCannotReplaceTheNameOfAnHonestField) {
  const Error error = thrown(
      "var e = new TypeError('honest'); Object.defineProperty(e, 'stack', {get() { throw 1 }}); "
      "throw e");
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_EQ(error.message, "honest");
}

// Telling an error may run the script's code: it is under the limits of the run.
TEST_F(HostileError, AnEndlessGetterIsEndedByTheTimeLimit) {
  Limits limits;
  limits.wall_time = milliseconds{50};
  for (const std::string_view field : {"message", "name", "stack", "cause"}) {
    for (const std::string_view body :
         {"for (;;);", "new Array(2 ** 32 - 1).join('')", "for (;;) try { for (;;); } catch {}"}) {
      Runtime vm = make_runtime(limits);
      const Clock::time_point start = Clock::now();
      const Result<Value> result = vm.eval(fmt::format(
          "var e = new Error('m'); Object.defineProperty(e, '{}', {{get() {{ {} }}}}); throw e",
          field, body));
      EXPECT_LT(Clock::now() - start, kSurvived) << field;
      ASSERT_FALSE(result);
      EXPECT_TRUE(result.error().code == Errc::time_limit || result.error().code == Errc::threw)
          << field << ": " << describe(result.error());
      EXPECT_TRUE(as_reported(vm, result.error())) << field;
    }
  }
}

TEST_F(HostileError, AGetterThatRecursesOrHoardsIsContained) {
  for (const std::string_view body :
       {"(function f() { f() })()", "for (var a = [];;) a.push('x'.repeat(1e6))", "throw e"}) {
    for (const std::string_view field : {"message", "name", "stack", "cause"}) {
      const Result<Value> result = vm_.eval(fmt::format(
          "var e = new Error('m'); Object.defineProperty(e, '{}', {{get() {{ {} }}}}); throw e",
          field, body));
      ASSERT_FALSE(result);
      EXPECT_TRUE(as_reported(vm_, result.error())) << field << ": " << body;
      ASSERT_TRUE(vm_.reset());
    }
  }
}

TEST_F(HostileError, ARejectionMayBeHostileToo) {
  EXPECT_EQ(thrown("Promise.reject(new Proxy(new Error('m'), {get() { throw 1 }}))").code,
            Errc::threw);
  EXPECT_EQ(thrown("Promise.reject({then(ok) { ok(1) }, get message() { throw 1 }})").code,
            Errc::threw);
  EXPECT_TRUE(works(vm_));
}

TEST_F(HostileError, ThousandRejectionsInOneRunAreOneError) {
  const Error error = thrown("for (let i = 0; i < 1000; i++) Promise.reject(new Error('r' + i))");
  EXPECT_EQ(error.message, "r0");
  EXPECT_TRUE(works(vm_));
}

TEST_F(SyntaxErrorReport, HasNameMessageAndPlace) {
  Error error;
  EXPECT_TRUE(
      fails(vm_, "let ok = 1;\nlet x = ;\n", Errc::syntax, &error, {.file_name = "bad.js"}));
  EXPECT_EQ(error.name, "SyntaxError");
  EXPECT_FALSE(error.message.empty());
  EXPECT_TRUE(contains(error.stack, "bad.js:2")) << error.stack;
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
}

TEST_F(SyntaxErrorReport, NothingOfTheSourceRuns) {
  EXPECT_TRUE(fails(vm_, "globalThis.ran = true; (", Errc::syntax));
  EXPECT_TRUE(gives(vm_, "typeof ran", "undefined"));
}

TEST_F(SyntaxErrorReport, EachBadSourceIsSyntax) {
  for (const std::string_view source : {"(",
                                        "}",
                                        "'open",
                                        "`open ${",
                                        "/open",
                                        "/(/",
                                        "var 1x",
                                        "return 1",
                                        "break",
                                        "let a; let a",
                                        "\\u0041\\",
                                        "0777n",
                                        "'use strict'; 010",
                                        "a => {} ()",
                                        "for (const x of) {}",
                                        "class { }",
                                        "new.target",
                                        "@",
                                        "/* open",
                                        "super()",
                                        "x = {a b}",
                                        "if (",
                                        "\"\\u{110000}\"",
                                        "1__0",
                                        "yield\nawait 1",
                                        "/a/gg"}) {
    EXPECT_TRUE(fails(vm_, source, Errc::syntax)) << source;
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(SyntaxErrorReport, OneThrownByTheScriptIsThrew) {
  EXPECT_EQ(thrown("eval('(')").name, "SyntaxError");
  EXPECT_EQ(thrown("new Function('}')").name, "SyntaxError");
  EXPECT_EQ(thrown("JSON.parse('{')").name, "SyntaxError");
  EXPECT_EQ(thrown("new RegExp('(')").name, "SyntaxError");
  EXPECT_EQ(thrown("throw new SyntaxError('mine')").message, "mine");
}

TEST(ErrorNames, OfCodesAreAsInTheHeader) {
  const std::pair<Errc, std::string_view> names[] = {
      {Errc::syntax, "syntax"},
      {Errc::threw, "threw"},
      {Errc::time_limit, "time_limit"},
      {Errc::memory_limit, "memory_limit"},
      {Errc::stack_limit, "stack_limit"},
      {Errc::fuel_limit, "fuel_limit"},
      {Errc::output_limit, "output_limit"},
      {Errc::interrupted, "interrupted"},
      {Errc::guest_fault, "guest_fault"},
      {Errc::invalid_argument, "invalid_argument"},
      {Errc::closed, "closed"},
  };
  for (const auto& [code, name] : names) EXPECT_EQ(to_string(code), name);
}

TEST(Version, IsTold) {
  EXPECT_FALSE(version().empty());
  EXPECT_NE(engine_version().find("quickjs-ng"), std::string_view::npos) << engine_version();
  EXPECT_EQ(guest_hash().size(), 64U);
  EXPECT_EQ(guest_hash().find_first_not_of("0123456789abcdef"), std::string_view::npos);
}

}  // namespace
}  // namespace sandglass::test
