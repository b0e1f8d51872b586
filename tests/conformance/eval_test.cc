// Runtime::eval: scripts, modules, detection between them, top-level await, jobs.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr EvalOptions kModule{.kind = SourceKind::module};
constexpr EvalOptions kDetect{.kind = SourceKind::detect};
constexpr EvalOptions kAwait{.top_level_await = true};

class Script : public ::testing::Test {
 protected:
  Runtime vm_ = make_runtime();
};
using Module = Script;
using Detect = Script;
using TopLevelAwait = Script;
using Jobs = Script;

TEST_F(Script, GivesItsCompletionValue) {
  EXPECT_TRUE(gives(vm_, "1+1", "2"));
  EXPECT_TRUE(gives(vm_, "'a'; if (true) { 'b' }", "b"));
  EXPECT_TRUE(gives(vm_, "for (var i = 0; i < 3; i++) i * 10", "20"));
  EXPECT_TRUE(gives(vm_, "let unused = 1", "undefined"));
}

TEST_F(Script, EmptySourceIsUndefined) {
  for (const std::string_view source : {"", " \n\t", "// only a comment", "/**/", ";"}) {
    EXPECT_TRUE(gives(vm_, source, "undefined"));
  }
}

TEST_F(Script, SourceNeedsNoTerminator) {
  const std::string_view longer = "40+2+100";
  EXPECT_TRUE(gives(vm_, longer.substr(0, 4), "42"));
}

TEST_F(Script, GlobalsLastFromRunToRun) {
  EXPECT_TRUE(gives(vm_, "var a = 1; let b = 2; const c = 3; function d() { return a + b + c }",
                    "undefined"));
  EXPECT_TRUE(gives(vm_, "d()", "6"));
  EXPECT_TRUE(fails(vm_, "let b = 5", Errc::threw) || fails(vm_, "let b = 5", Errc::syntax))
      << "a second let of one name must fail as in JavaScript";
}

TEST_F(Script, IsSloppyUnlessItSaysStrict) {
  EXPECT_TRUE(gives(vm_, "(function () { return this === globalThis })()", "true"));
  EXPECT_TRUE(gives(vm_, "'use strict'; (function () { return this })()", "undefined"));
}

TEST_F(Script, ThisAtTopIsTheGlobalObject) {
  EXPECT_TRUE(gives(vm_, "this === globalThis", "true"));
}

TEST_F(Script, HasNoImportAndNoExport) {
  EXPECT_TRUE(fails(vm_, "export const x = 1", Errc::syntax));
  EXPECT_TRUE(fails(vm_, "import x from 'y'", Errc::syntax));
  EXPECT_TRUE(fails(vm_, "import.meta", Errc::syntax));
}

TEST_F(Script, AwaitIsAnOrdinaryNameWithoutTopLevelAwait) {
  EXPECT_TRUE(gives(vm_, "var await = 7; await", "7"));
  EXPECT_TRUE(fails(vm_, "await Promise.resolve(1)", Errc::syntax));
}

TEST_F(Script, HashBangLineIsAComment) {
  EXPECT_TRUE(gives(vm_, "#!/usr/bin/env js\n5", "5"));
}

TEST_F(Script, UnicodeSourceIsRead) {
  EXPECT_TRUE(gives(vm_, "var größe = '日本😀'; größe + größe.length", "日本😀4"));
  EXPECT_TRUE(gives(vm_, "\xef\xbb\xbf'after a byte order mark'", "after a byte order mark"));
}

TEST_F(Script, ModernSyntaxWorks) {
  EXPECT_TRUE(gives(
      vm_, "class A { #x = 1; static { A.y = 2 } get x() { return this.#x } }; new A().x + A.y",
      "3"));
  EXPECT_TRUE(gives(vm_, "const {a = 1, ...rest} = {b: 2}; a ?? rest?.b", "1"));
  EXPECT_TRUE(
      gives(vm_, "Object.groupBy([1, 2, 3], (x) => x % 2 ? 'odd' : 'even').odd.join()", "1,3"));
  EXPECT_TRUE(gives(vm_, "new Set([1, 2]).union(new Set([3])).size", "3"));
}

TEST_F(Script, NewFunctionAndEvalInsideWork) {
  EXPECT_TRUE(gives(vm_, "new Function('a', 'b', 'return a * b')(6, 7)", "42"));
  EXPECT_TRUE(gives(vm_, "eval('var inner = 5'); inner", "5"));
}

TEST_F(Script, LargeSourceRuns) {
  std::string source = "let sum = 0;\n";
  for (int i = 0; i < 100'000; ++i) source += "sum += 1;\n";
  EXPECT_TRUE(gives(vm_, source + "sum", "100000"));
}

TEST_F(Script, AThousandRunsLeaveTheVmInOrder) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(gives(vm_, fmt::format("(() => [{0}].concat({0})[1])()", i), fmt::to_string(i)));
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(Module, GivesItsNamespaceObject) {
  const Result<Value> space = vm_.eval("export const answer = 42; export default 'd'", kModule);
  ASSERT_TRUE(space) << describe(space.error());
  EXPECT_EQ(space->type(), Type::object);
  EXPECT_EQ(space->to_json().value_or("?"), R"({"answer":42,"default":"d"})");
}

TEST_F(Module, IsStrictAndHasNoThis) {
  ASSERT_TRUE(vm_.eval(
      "globalThis.seen = [typeof this, (function () { return typeof this })()].join(); export {}",
      kModule));
  EXPECT_TRUE(gives(vm_, "seen", "undefined,undefined"));
  EXPECT_TRUE(fails(vm_, "with ({}) {}", Errc::syntax, nullptr, kModule));
}

TEST_F(Module, ItsTopLevelNamesAreNotGlobal) {
  ASSERT_TRUE(vm_.eval("const secret = 1; export {}", kModule));
  EXPECT_TRUE(gives(vm_, "typeof secret", "undefined"));
}

TEST_F(Module, AwaitsAtTopLevel) {
  ASSERT_TRUE(
      vm_.eval("globalThis.got = await Promise.resolve(5); export const x = await got", kModule));
  EXPECT_TRUE(gives(vm_, "got", "5"));
}

TEST_F(Module, WhatItThrowsLeavesIt) {
  Error error;
  EXPECT_TRUE(fails(vm_, "throw new RangeError('from the module')", Errc::threw, &error, kModule));
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "from the module");
  EXPECT_TRUE(fails(vm_, "await null; throw new TypeError('late')", Errc::threw, &error, kModule));
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_TRUE(works(vm_));
}

TEST_F(Module, TheSameNameMayBeUsedAgain) {
  for (int i = 0; i < 20; ++i) {
    const Result<Value> space = vm_.eval(fmt::format("export const n = {}", i),
                                         {.file_name = "same.mjs", .kind = SourceKind::module});
    ASSERT_TRUE(space) << describe(space.error());
    EXPECT_EQ(space->to_json().value_or("?"), fmt::format(R"({{"n":{}}})", i));
  }
}

TEST_F(Module, AFailedOneDoesNotSpoilTheNext) {
  const EvalOptions options{.file_name = "m.mjs", .kind = SourceKind::module};
  EXPECT_TRUE(fails(vm_, "export const x = ;", Errc::syntax, nullptr, options));
  EXPECT_TRUE(fails(vm_, "throw 1", Errc::threw, nullptr, options));
  EXPECT_TRUE(fails(vm_, "import 'nowhere'", Errc::module_not_found, nullptr, options));
  EXPECT_EQ(vm_.eval("export const x = 3", options)->to_json().value_or("?"), R"({"x":3})");
}

TEST_F(Detect, ImportExportAndImportMetaMakeAModule) {
  for (const std::string_view source :
       {"export const mode = typeof this", "const a = 1; export { a as mode }", "export default 5",
        "import.meta; globalThis.q = 1"}) {
    const Result<Value> space = vm_.eval(source, kDetect);
    ASSERT_TRUE(space) << source << ": " << describe(space.error());
    EXPECT_TRUE(space->is_object()) << source;
  }
}

TEST_F(Detect, OrdinaryCodeIsAScript) {
  EXPECT_TRUE(gives(vm_, "var g = 4; this === globalThis && g", "4", kDetect));
  EXPECT_TRUE(gives(vm_, "typeof g", "number"));
}

TEST_F(Detect, TheWordsInStringsAndCommentsDoNotCount) {
  EXPECT_TRUE(gives(vm_, "/* export const x = 1 */ 'import y from \"z\"'.length", "17", kDetect));
  EXPECT_TRUE(gives(vm_, "var o = {import: 1, export: 2}; o.import + o.export", "3", kDetect));
  EXPECT_TRUE(gives(vm_, "// export default\n6", "6", kDetect));
}

TEST_F(Detect, RunsTheSourceOnce) {
  ASSERT_TRUE(vm_.eval("globalThis.runs = (globalThis.runs ?? 0) + 1; export {}", kDetect));
  EXPECT_TRUE(gives(vm_, "runs", "1"));
  ASSERT_TRUE(vm_.eval("globalThis.runs++", kDetect));
  EXPECT_TRUE(gives(vm_, "runs", "2"));
}

TEST_F(Detect, WhatIsNeitherIsSyntax) {
  EXPECT_TRUE(fails(vm_, "export const = )", Errc::syntax, nullptr, kDetect));
}

TEST_F(TopLevelAwait, GivesWhatTheScriptEndsIn) {
  EXPECT_TRUE(gives(vm_, "await Promise.resolve(1) + 1", "2", kAwait));
  EXPECT_TRUE(gives(vm_, "var kept = await 5; kept * 2", "10", kAwait));
  EXPECT_TRUE(gives(vm_, "kept", "5"));
  EXPECT_TRUE(gives(vm_, "1+1", "2", kAwait));
}

TEST_F(TopLevelAwait, ForAwaitWorks) {
  EXPECT_TRUE(gives(vm_, R"(
    async function* steps() { yield 1; yield 2; yield 3 }
    let sum = 0;
    for await (const step of steps()) sum += step;
    sum)",
                    "6", kAwait));
}

TEST_F(TopLevelAwait, ARejectionIsThrown) {
  Error error;
  EXPECT_TRUE(fails(vm_, "await Promise.reject(new TypeError('no'))", Errc::threw, &error, kAwait));
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_EQ(error.message, "no");
  EXPECT_TRUE(gives(vm_, "try { await Promise.reject(1) } catch (e) { 'caught ' + e }", "caught 1",
                    kAwait));
}

TEST_F(TopLevelAwait, WhatNothingCanSettleIsThrown) {
  for (const EvalOptions& options : {kAwait, kModule}) {
    Error error;
    const Clock::time_point start = Clock::now();
    EXPECT_TRUE(fails(vm_, "await new Promise(() => {})", Errc::threw, &error, options));
    EXPECT_LT(Clock::now() - start, seconds{60}) << "it waited for the time limit";
    EXPECT_FALSE(error.message.empty());
    EXPECT_TRUE(error.vm_usable);
    EXPECT_TRUE(works(vm_));
  }
}

TEST_F(Jobs, AllRunBeforeEvalReturns) {
  EXPECT_TRUE(gives(vm_, R"(
    var order = [];
    Promise.resolve().then(() => { order.push('b'); queueMicrotask(() => order.push('d')) });
    (async () => { await null; order.push('c') })();
    order.push('a');
    order.length)",
                    "1"));
  EXPECT_TRUE(gives(vm_, "order.join('')", "abcd"));
}

TEST_F(Jobs, LongChainsRun) {
  EXPECT_TRUE(gives(vm_, R"(
    (async () => { for (let i = 0; i < 100000; i++) { await null; globalThis.n = i } })();
    'started')",
                    "started"));
  EXPECT_TRUE(gives(vm_, "n", "99999"));
}

TEST_F(Jobs, APendingPromiseIsAnOrdinaryValue) {
  const Result<Value> promise = vm_.eval("new Promise(() => {})");
  ASSERT_TRUE(promise) << describe(promise.error());
  EXPECT_EQ(promise->type(), Type::object);
}

TEST_F(Jobs, ARejectionThatNobodyHandlesIsThrown) {
  Error error;
  EXPECT_TRUE(fails(vm_, "Promise.reject(new RangeError('lost')); 1", Errc::threw, &error));
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_EQ(error.message, "lost");
  EXPECT_TRUE(fails(vm_, "(async () => { await null; null.x })()", Errc::threw, &error));
  EXPECT_EQ(error.name, "TypeError");
  EXPECT_TRUE(fails(vm_, "new Promise((_, no) => no('bare'))", Errc::threw, &error));
  EXPECT_EQ(error.message, "bare");
  EXPECT_TRUE(works(vm_)) << "an old rejection must not be reported again";
}

TEST_F(Jobs, ARejectionHandledLaterInTheRunIsNot) {
  EXPECT_TRUE(gives(vm_, R"(
    const late = Promise.reject(new Error('late'));
    Promise.resolve().then(() => {}).then(() => late.catch((e) => { globalThis.handled = e.message }));
    'ok')",
                    "ok"));
  EXPECT_TRUE(gives(vm_, "handled", "late"));
}

}  // namespace
}  // namespace sandglass::test
