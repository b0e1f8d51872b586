// What a script may print and be told: console, scriptArgs.

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Console : public ::testing::Test {
 protected:
  using Chunk = std::pair<ConsoleStream, std::string>;

  [[nodiscard]] Runtime recording() {
    Options options;
    options.limits = roomy();
    options.console = [this](ConsoleStream stream, std::string_view text) {
      chunks_.emplace_back(stream, std::string(text));
    };
    return make_runtime(std::move(options));
  }

  std::vector<Chunk> chunks_;
};

TEST_F(Console, EachMethodHasItsStream) {
  Runtime vm = recording();
  const std::pair<std::string_view, ConsoleStream> methods[] = {
      {"log", ConsoleStream::out},  {"info", ConsoleStream::out},  {"debug", ConsoleStream::out},
      {"warn", ConsoleStream::err}, {"error", ConsoleStream::err}, {"trace", ConsoleStream::err}};
  for (const auto& [method, stream] : methods) {
    chunks_.clear();
    EXPECT_TRUE(gives(vm, fmt::format("console.{}('text')", method), "undefined"));
    ASSERT_EQ(chunks_.size(), 1U) << method;
    EXPECT_EQ(chunks_[0].first, stream) << method;
    EXPECT_NE(chunks_[0].second.find("text"), std::string::npos) << method;
  }
}

TEST_F(Console, OneCallIsOneChunkThatEndsInALine) {
  Runtime vm = recording();
  ASSERT_TRUE(
      vm.eval("console.log('a', 1, true, null, undefined); console.log(); console.log('b\\nc')"));
  const std::vector<Chunk> expected = {{ConsoleStream::out, "a 1 true null undefined\n"},
                                       {ConsoleStream::out, "\n"},
                                       {ConsoleStream::out, "b\nc\n"}};
  EXPECT_EQ(chunks_, expected);
}

TEST_F(Console, ShowsObjectsErrorsAndUnicode) {
  Runtime vm = recording();
  ASSERT_TRUE(
      vm.eval("console.log({a: [1, 'x']}); console.log(new TypeError('bad')); "
              "console.log('é😀\\ud800'); console.log(5n, Symbol('s'))"));
  ASSERT_EQ(chunks_.size(), 4U);
  EXPECT_EQ(chunks_[0].second, "{ a: [ 1, 'x' ] }\n");
  EXPECT_EQ(chunks_[1].second.find("TypeError: bad"), 0U) << chunks_[1].second;
  EXPECT_EQ(chunks_[2].second, "é😀\ufffd\n");
  EXPECT_NE(chunks_[3].second.find("Symbol(s)"), std::string::npos) << chunks_[3].second;
}

TEST_F(Console, PrintsHostileValuesWithoutHarm) {
  Runtime vm = recording();
  for (const std::string_view value :
       {"(() => { const a = {}; a.a = a; return a })()",
        "new Proxy({}, {get() { throw 1 }, ownKeys() { throw 2 }})",
        "({toJSON() { throw 1 }, toString() { throw 2 }})", "Object.create(null)",
        "Object.defineProperty(new Error('m'), 'stack', {get() { throw 1 }})",
        "({get x() { throw 1 }})", "Object.defineProperty(() => 1, 'name', {get() { throw 1 }})",
        "({n: 1n})", "Symbol()"}) {
    chunks_.clear();
    EXPECT_TRUE(gives(vm, fmt::format("console.log({}); 'went on'", value), "went on")) << value;
    EXPECT_EQ(chunks_.size(), 1U) << value;
    EXPECT_TRUE(works(vm)) << value;
  }
}

TEST_F(Console, CallsBeforeAnErrorArrive) {
  Runtime vm = recording();
  EXPECT_TRUE(fails(vm, "console.log('before'); throw new Error('x')", Errc::threw));
  ASSERT_EQ(chunks_.size(), 1U);
  EXPECT_EQ(chunks_[0].second, "before\n");
}

TEST_F(Console, JobsPrintInOrder) {
  Runtime vm = recording();
  ASSERT_TRUE(vm.eval("Promise.resolve().then(() => console.log('2')); console.log('1')"));
  ASSERT_EQ(chunks_.size(), 2U);
  EXPECT_EQ(chunks_[0].second + chunks_[1].second, "1\n2\n");
}

TEST_F(Console, IsDroppedWithoutASinkAndStillCounted) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, "console.log('12345'); console.error('é')", "undefined"));
  EXPECT_EQ(vm.stats().output_bytes, 6U + 3U);
}

TEST_F(Console, CountsUtf8BytesWithLineEnds) {
  Runtime vm = recording();
  ASSERT_TRUE(vm.eval("console.log('é😀'); console.warn()"));
  EXPECT_EQ(vm.stats().output_bytes, 2U + 4U + 1U + 1U);
  std::size_t seen = 0;
  for (const Chunk& chunk : chunks_) seen += chunk.second.size();
  EXPECT_EQ(seen, vm.stats().output_bytes);
}

TEST_F(Console, ASinkThatThrowsEndsTheRunWithItsText) {
  Options options;
  options.limits = roomy();
  options.console = [](ConsoleStream, std::string_view) {
    throw std::runtime_error("the disk is full");
  };
  Runtime vm = make_runtime(std::move(options));
  for (const std::string_view source : {"console.log('x'); globalThis.went = 'on'",
                                        "try { console.log('x') } catch {} globalThis.went = 'on'",
                                        "(async () => { await null; console.log('x') })()"}) {
    Error error;
    EXPECT_TRUE(fails(vm, source, Errc::threw, &error));
    EXPECT_NE(error.message.find("the disk is full"), std::string::npos) << describe(error);
    EXPECT_TRUE(gives(vm, "typeof went", "undefined")) << source;
    EXPECT_TRUE(works(vm));
  }
}

TEST_F(Console, ASinkMayThrowAnything) {
  Options options;
  options.limits = roomy();
  options.console = [](ConsoleStream, std::string_view) { throw 42; };
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(fails(vm, "console.log('x')", Errc::threw));
  EXPECT_TRUE(works(vm));
}

TEST_F(Console, ASinkMayUseAnotherVm) {
  Runtime inner = make_runtime();
  std::string seen;
  Options options;
  options.limits = roomy();
  options.console = [&](ConsoleStream, std::string_view text) {
    Runtime fresh = make_runtime();
    seen += outcome(inner.eval(fmt::format("{} * 2", text))) + outcome(fresh.eval("'!'"));
    EXPECT_TRUE(fails(inner, "(function f() { f() })()", Errc::stack_limit));
  };
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(gives(vm, "console.log(21); console.log(4); 'done'", "done"));
  EXPECT_EQ(seen, "42!8!");
  EXPECT_TRUE(works(vm));
}

TEST_F(Console, ASinkInsideADeepStackStillRuns) {
  Runtime vm = recording();
  EXPECT_TRUE(gives(vm,
                    "(function f(n) { if (n === 0) { console.log('bottom'); return 'up' } return "
                    "f(n - 1) })(400)",
                    "up"));
  ASSERT_EQ(chunks_.size(), 1U);
  EXPECT_EQ(chunks_[0].second, "bottom\n");
}

TEST_F(Console, ASinkMayNotResetItsVm) {
  Runtime* self = nullptr;
  Errc code{};
  Options options;
  options.limits = roomy();
  options.console = [&](ConsoleStream, std::string_view) { code = error_of(self->reset()).code; };
  Runtime vm = make_runtime(std::move(options));
  self = &vm;
  EXPECT_TRUE(gives(vm, "console.log('x'); 'still here'", "still here"));
  EXPECT_EQ(to_string(code), "invalid_argument");
  EXPECT_TRUE(works(vm));
}

TEST_F(Console, ASinkThatReentersItsVmDoesNoHarm) {
  Runtime* self = nullptr;
  std::string seen;
  int depth = 0;
  Options options;
  options.limits = roomy();
  options.console = [&](ConsoleStream, std::string_view) {
    if (++depth <= 5) seen += outcome(self->eval("console.log('again'); 1+1"));
    (void)self->stats();
    (void)self->usable();
  };
  Runtime vm = make_runtime(std::move(options));
  self = &vm;
  EXPECT_TRUE(gives(vm, "console.log('x'); 'outer done'", "outer done"));
  EXPECT_FALSE(seen.empty());
  EXPECT_TRUE(works(vm));
}

TEST_F(Console, CanBeReplacedByTheScriptForItselfOnly) {
  Runtime vm = recording();
  ASSERT_TRUE(vm.eval("console = {log() { globalThis.own = 1 }}; console.log('x')"));
  EXPECT_TRUE(chunks_.empty());
  ASSERT_TRUE(vm.reset());
  ASSERT_TRUE(vm.eval("console.log('back')"));
  EXPECT_EQ(chunks_.size(), 1U);
}

TEST_F(Console, WorksAsADetachedFunctionAndAfterTampering) {
  Runtime vm = recording();
  ASSERT_TRUE(
      vm.eval("const {log} = console; JSON.stringify = String = null; Array.prototype.join = () => "
              "'forged'; log('a', {b: 1})"));
  ASSERT_EQ(chunks_.size(), 1U);
  EXPECT_EQ(chunks_[0].second, "a { b: 1 }\n");
}

TEST(ScriptArgs, HoldsTheArguments) {
  Options options;
  options.arguments = {"plain", "", "é 😀", "with \"quotes\" and \\", std::string("zero\0byte", 9)};
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(gives(vm, "JSON.stringify(scriptArgs)",
                    R"(["plain","","é 😀","with \"quotes\" and \\","zero\u0000byte"])"));
  EXPECT_TRUE(gives(vm, "Array.isArray(scriptArgs)", "true"));
}

TEST(ScriptArgs, IsEmptyWithoutArguments) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(gives(vm, "JSON.stringify(scriptArgs)", "[]"));
}

TEST(ScriptArgs, IsAsGivenAgainAfterReset) {
  Options options;
  options.arguments = {"one", "two"};
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(gives(vm, "scriptArgs.push('three'); scriptArgs.length", "3"));
  ASSERT_TRUE(vm.reset());
  EXPECT_TRUE(gives(vm, "scriptArgs.join()", "one,two"));
}

TEST(ScriptArgs, ManyAndLongOnesAreKept) {
  Options options;
  options.arguments.assign(1000, std::string(1000, 'a'));
  Runtime vm = make_runtime(std::move(options));
  EXPECT_TRUE(gives(vm, "scriptArgs.length + ',' + scriptArgs.join('').length", "1000,1000000"));
}

}  // namespace
}  // namespace sandglass::test
