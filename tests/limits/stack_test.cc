// Limits::stack_bytes: endless recursion of every kind, at every size, ends in an error that a
// script can catch, and corrupts nothing.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "corpus.h"

namespace sandglass::test {
namespace {

constexpr std::uint64_t kSizes[] = {64 * kKiB,  128 * kKiB, 256 * kKiB, 379 * kKiB, 512 * kKiB,
                                    960 * kKiB, 1 * kMiB,   4 * kMiB,   16 * kMiB};

[[nodiscard]] Limits with_stack(std::uint64_t bytes, std::uint64_t memory = 512 * kMiB) {
  Limits limits = roomy();
  limits.stack_bytes = bytes;
  limits.memory_bytes = memory;
  return limits;
}

/// What the engine uses above its limit before it looks (frames of built-ins, to the page).
constexpr std::uint64_t kSlackBytes = 32 * kKiB;

/// Every script at every size. The VMs of one test share the thread's native stack, small after
/// large.
class Recursion : public ::testing::TestWithParam<HostileScript> {
 protected:
  [[nodiscard]] static Runtime vm_with(std::uint64_t stack_bytes) {
    Limits limits = with_stack(stack_bytes, GetParam().memory_bytes.value_or(512 * kMiB));
    // JSON.stringify looks through all levels at each level: on the largest stacks that takes
    // minutes.
    if (stack_bytes > kMiB) {
      limits.wall_time = seconds{5};
      limits.grace = seconds{1};
    }
    return make_runtime(limits);
  }

  /// Passes if the run ended as the header says. A script of finite depth may instead find room:
  /// then it completes, or meets another limit of the language (captures, operands), of memory or
  /// of time.
  [[nodiscard]] static ::testing::AssertionResult ended_well(const Runtime& vm,
                                                             const Result<Value>& result) {
    const HostileScript& script = GetParam();
    const std::uint64_t limit = vm.limits().stack_bytes;
    const std::uint64_t used = vm.stats().stack_peak_bytes;
    if (script.then == HostileScript::Then::usable && used > limit + kSlackBytes) {
      return ::testing::AssertionFailure() << script.name << " used " << used << " bytes of stack";
    }
    if (used < limit) {
      const Errc code = error_of(result).code;
      if (result || (limit >= 512 * kKiB && (code == Errc::threw || code == Errc::memory_limit))) {
        return ::testing::AssertionSuccess();
      }
      if (limit > kMiB && code == Errc::time_limit) return ::testing::AssertionSuccess();
    }
    return ended_as_expected(script, result);
  }
};

TEST_P(Recursion, UncaughtIsReportedAsStackLimit) {
  for (const std::uint64_t bytes : kSizes) {
    SCOPED_TRACE(fmt::format("stack_bytes = {} KiB", bytes / kKiB));
    Runtime vm = vm_with(bytes);
    const Result<Value> result = run(vm, GetParam());
    EXPECT_TRUE(ended_well(vm, result));
    if (vm.usable()) {
      EXPECT_TRUE(adds(vm));
    }
    ASSERT_TRUE(vm.reset());
    EXPECT_TRUE(works(vm));
  }
}

TEST_P(Recursion, CaughtByTheScriptIsARangeErrorAndStillReported) {
  const HostileScript& script = GetParam();
  const std::string source = fmt::format(
      "let caught = 'nothing thrown'; try {{ {} (0, eval)({}) }} catch (e) {{ caught = "
      "String(e?.name ?? e) }} caught",
      script.awaits_completion ? "await" : "", js_string(script.source));
  const EvalOptions options{.file_name = script.name, .top_level_await = script.awaits_completion};
  for (const std::uint64_t bytes : kSizes) {
    SCOPED_TRACE(fmt::format("stack_bytes = {} KiB", bytes / kKiB));
    Runtime vm = vm_with(bytes);
    const Result<Value> result = vm.eval(source, options);
    EXPECT_TRUE(ended_well(vm, result));
    if (error_of(result).code == Errc::stack_limit && vm.usable()) {
      const std::string caught = result.error().completion.value_or("no completion");
      EXPECT_TRUE(caught == "RangeError" || caught == "SyntaxError") << caught;
    }
    if (vm.usable()) {
      EXPECT_TRUE(adds(vm));
    }
    ASSERT_TRUE(vm.reset());
    EXPECT_TRUE(works(vm));
  }
}

INSTANTIATE_TEST_SUITE_P(Corpus, Recursion, ::testing::ValuesIn(hostile_scripts("stack")),
                         script_name);

/// Deep structures that do not recurse without end.
class Deep : public ::testing::TestWithParam<HostileScript> {};

TEST_P(Deep, EndsAsItsHeaderSays) {
  const HostileScript& script = GetParam();
  Runtime vm = make_runtime(with_stack(512 * kKiB, script.memory_bytes.value_or(512 * kMiB)));
  EXPECT_TRUE(ended_as_expected(script, run(vm, script)));
  EXPECT_TRUE(works(vm));
}

INSTANTIATE_TEST_SUITE_P(Corpus, Deep, ::testing::ValuesIn(hostile_scripts("deep")), script_name);

class StackLimit : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  static constexpr std::string_view kPlain = "(function f() { f() })()";
  static constexpr std::string_view kCount =
      "let frames = 0; try { (function f() { frames++; f() })() } catch (e) { frames = e.name + ' "
      "' + frames } frames";

  /// Plain frames that fit a stack of `bytes`.
  [[nodiscard]] static int frames(std::uint64_t bytes) {
    Runtime vm = make_runtime(with_stack(bytes));
    const Error error = error_of(vm.eval(kCount));
    EXPECT_EQ(error.code, Errc::stack_limit) << describe(error);
    const std::string completion = error.completion.value_or("");
    EXPECT_EQ(completion.find("RangeError "), 0U) << completion;
    return completion.empty() ? 0 : std::atoi(completion.c_str() + completion.find(' '));
  }
};

TEST_P(StackLimit, TheSameOverflowCanBeHadAThousandTimes) {
  Runtime vm = make_runtime(with_stack(GetParam()));
  int count = 1000;
  if (GetParam() > kMiB) count = 50;
  for (int i = 0; i < scaled(count); ++i) ASSERT_TRUE(fails(vm, kPlain, Errc::stack_limit)) << i;
  EXPECT_TRUE(works(vm));
  EXPECT_TRUE(
      fails(vm,
            fmt::format("let n = 0; for (let i = 0; i < {}; i++) try {{ {} }} catch {{ n++ }} n",
                        count, kPlain),
            Errc::stack_limit));
  EXPECT_TRUE(works(vm));
}

TEST_P(StackLimit, WhatIsOnTheHeapIsAsItWas) {
  // A stack that grows into its neighbour would change it.
  Runtime vm = make_runtime(with_stack(GetParam()));
  constexpr std::string_view kSum =
      "let sum = 0; for (const part of globalThis.filled) for (let i = 0; i < part.length; i += "
      "97) sum += part[i]; sum";
  ASSERT_TRUE(
      vm.eval("globalThis.filled = Array.from({length: 64}, (_, i) => new Uint8Array(65536).fill(i "
              "+ 1)); 0"));
  const std::string before = outcome(vm.eval(fmt::format("(() => {{ {} }})()", kSum)));
  EXPECT_TRUE(fails(vm, kPlain, Errc::stack_limit));
  EXPECT_TRUE(fails(vm, "eval('('.repeat(1e6))", Errc::stack_limit));
  EXPECT_TRUE(gives(vm, fmt::format("(() => {{ {} }})()", kSum), before));
}

TEST_P(StackLimit, BelowItTheScriptCompletes) {
  Runtime vm = make_runtime(with_stack(GetParam()));
  const int fit = frames(GetParam());
  EXPECT_TRUE(
      gives(vm, fmt::format("(function f(n) {{ return n ? f(n - 1) : 'bottom' }})({})", fit / 3),
            "bottom"));
  EXPECT_TRUE(
      fails(vm, fmt::format("(function f(n) {{ return n ? f(n - 1) : 'bottom' }})({})", fit * 3),
            Errc::stack_limit));
  EXPECT_TRUE(works(vm));
}

INSTANTIATE_TEST_SUITE_P(Sizes, StackLimit, ::testing::ValuesIn(kSizes),
                         [](const auto& size) { return fmt::format("{}K", size.param / kKiB); });

class StackFrames : public StackLimit {};

TEST_F(StackFrames, AThousandPlainOnesFit256KiB) {
  EXPECT_GE(frames(256 * kKiB), 1000);
}

TEST_F(StackFrames, GrowWithTheLimit) {
  int last = 0;
  for (const std::uint64_t bytes : kSizes) {
    const int fit = frames(bytes);
    fmt::print("{:>6} KiB: {} frames\n", bytes / kKiB, fit);
    EXPECT_GT(fit, last) << bytes;
    last = fit;
  }
}

TEST_F(StackFrames, AreTheSameEachTime) {
  EXPECT_EQ(frames(512 * kKiB), frames(512 * kKiB));
  EXPECT_EQ(frames(4 * kMiB), frames(4 * kMiB));
}

TEST_F(StackFrames, VmsOfDifferentSizesShareAThread) {
  Runtime small = make_runtime(with_stack(64 * kKiB));
  Runtime large = make_runtime(with_stack(16 * kMiB));
  Runtime middle = make_runtime(with_stack(1 * kMiB));
  for (int i = 0; i < 10; ++i) {
    for (Runtime* vm : {&small, &large, &middle, &large, &small})
      ASSERT_TRUE(fails(*vm, kPlain, Errc::stack_limit));
  }
  for (Runtime* vm : {&small, &large, &middle}) EXPECT_TRUE(works(*vm));
}

TEST_F(StackFrames, ARangeErrorOfTheScriptsOwnIsNotALimit) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(fails(vm, "throw new RangeError('Maximum call stack size exceeded')", Errc::threw));
  EXPECT_TRUE(fails(vm, "(1).toFixed(1000)", Errc::threw));
  EXPECT_TRUE(gives(vm, "try { 'x'.repeat(-1) } catch (e) { e.name }", "RangeError"));
}

TEST_F(StackFrames, TheRunAfterOneIsNotBlamedForIt) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(fails(vm, "try { (function f() { f() })() } catch {}", Errc::stack_limit));
  EXPECT_TRUE(gives(vm, "1+1", "2"));
  EXPECT_TRUE(fails(vm, "throw new Error('plain')", Errc::threw));
  EXPECT_TRUE(fails(vm, "(", Errc::syntax));
}

TEST_F(StackFrames, FinallyBlocksRunAndAlsoOverflow) {
  Runtime vm = make_runtime();
  EXPECT_TRUE(fails(vm, "globalThis.n = 0; (function f() { try { f() } finally { n++ } })()",
                    Errc::stack_limit));
  EXPECT_TRUE(gives(vm, "n > 100", "true"));
  EXPECT_TRUE(works(vm));
}

TEST_F(StackFrames, ErrorsHaveAStackOfBoundedLength) {
  Runtime vm = make_runtime(with_stack(16 * kMiB));
  const Error error = error_of(vm.eval("(function recursive() { recursive() })()"));
  EXPECT_EQ(error.code, Errc::stack_limit);
  EXPECT_EQ(error.name, "RangeError");
  EXPECT_NE(error.stack.find("recursive"), std::string::npos);
  EXPECT_LT(error.stack.size(), 64 * kKiB);
}

}  // namespace
}  // namespace sandglass::test
