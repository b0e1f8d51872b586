// Limits::output_bytes.

#include <string>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class OutputLimit : public ::testing::Test {
 protected:
  [[nodiscard]] Runtime with_output(std::uint64_t bytes) {
    Options options;
    options.limits = roomy();
    options.limits.output_bytes = bytes;
    options.console = [this](ConsoleStream, std::string_view text) { printed_ += text; };
    return make_runtime(std::move(options));
  }

  std::string printed_;
};

TEST_F(OutputLimit, AtItTheScriptCompletes) {
  Runtime vm = with_output(6);
  EXPECT_TRUE(gives(vm, "console.log('hello'); 'done'", "done"));
  EXPECT_EQ(printed_, "hello\n");
}

TEST_F(OutputLimit, OneByteOverEndsTheRunAndDropsTheWrite) {
  Runtime vm = with_output(5);
  Error error;
  EXPECT_TRUE(
      fails(vm, "console.log('hello'); globalThis.went = 'on'", Errc::output_limit, &error));
  EXPECT_EQ(printed_, "");
  EXPECT_TRUE(error.vm_usable);
  EXPECT_FALSE(error.completion);
  EXPECT_TRUE(gives(vm, "typeof went", "undefined"));
  EXPECT_TRUE(works(vm));
}

TEST_F(OutputLimit, WritesBeforeTheOneOverItArrive) {
  Runtime vm = with_output(10);
  EXPECT_TRUE(fails(vm, "for (let i = 0;; i++) console.log(i)", Errc::output_limit));
  EXPECT_EQ(printed_, "0\n1\n2\n3\n4\n");
  EXPECT_TRUE(works(vm));
}

TEST_F(OutputLimit, BothStreamsCountTogetherInUtf8) {
  Runtime vm = with_output(8);
  EXPECT_TRUE(gives(vm, "console.log('é'); console.error('😀'); 1", "1"));
  EXPECT_TRUE(
      fails(vm, "console.log('é'); console.error('😀'); console.warn()", Errc::output_limit));
  EXPECT_EQ(printed_, "é\n😀\né\n😀\n");
}

TEST_F(OutputLimit, OfZeroAllowsNone) {
  Runtime vm = with_output(0);
  EXPECT_TRUE(gives(vm, "1+1", "2"));
  EXPECT_TRUE(fails(vm, "console.log()", Errc::output_limit));
  EXPECT_EQ(printed_, "");
  EXPECT_TRUE(works(vm));
}

TEST_F(OutputLimit, IsCountedAnewForEachRun) {
  Runtime vm = with_output(6);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(gives(vm, "console.log('hello'); 1", "1"));
  EXPECT_EQ(printed_.size(), 30U);
  EXPECT_EQ(vm.stats().output_bytes, 30U);
}

TEST_F(OutputLimit, NeitherCatchNorFinallyHoldsOn) {
  for (const std::string_view source :
       {"for (;;) try { console.log('xxxxxxxxxx') } catch { globalThis.held = 1 }",
        "try { console.log('x'.repeat(100)) } finally { globalThis.held = 1 }",
        "try { for (;;) console.log('x') } finally { for (;;); }",
        "(async () => { for (;;) { try { await null; console.log('xxxxx') } catch { "
        "globalThis.held = 1 } } })()",
        "({toString() { console.log('x'.repeat(100)); globalThis.held = 1; return '' }}) + ''",
        "[1, 2, 3].map(() => { try { console.log('x'.repeat(100)) } catch { globalThis.held = 1 } "
        "})",
        "new Promise(() => console.log('x'.repeat(100))).catch(() => { globalThis.held = 1 })"}) {
    Runtime vm = with_output(64);
    const Clock::time_point start = Clock::now();
    Error error;
    EXPECT_TRUE(fails(vm, source, Errc::output_limit, &error)) << source;
    EXPECT_LT(Clock::now() - start, kSurvived);
    EXPECT_TRUE(error.vm_usable);
    EXPECT_TRUE(gives(vm, "typeof held", "undefined")) << source;
    EXPECT_TRUE(works(vm));
  }
}

TEST_F(OutputLimit, BindsWithoutASinkToo) {
  Limits limits = roomy();
  limits.output_bytes = 10;
  Runtime vm = make_runtime(limits);
  EXPECT_TRUE(fails(vm, "for (;;) console.log('x')", Errc::output_limit));
  EXPECT_TRUE(works(vm));
}

TEST_F(OutputLimit, OneHugeWriteIsDroppedWhole) {
  Runtime vm = with_output(kMiB);
  EXPECT_TRUE(fails(vm, "console.log('x'.repeat(20e6))", Errc::output_limit));
  EXPECT_EQ(printed_, "");
  EXPECT_TRUE(gives(vm, fmt::format("console.log('x'.repeat({})); 1", kMiB - 1), "1"));
  EXPECT_EQ(printed_.size(), kMiB);
}

TEST_F(OutputLimit, TellsTheBytesPrinted) {
  Runtime vm = with_output(100);
  EXPECT_TRUE(fails(vm, "for (;;) console.log('123456789')", Errc::output_limit));
  EXPECT_EQ(printed_.size(), 100U);
  EXPECT_EQ(vm.stats().output_bytes, 100U);
}

TEST_F(OutputLimit, AnErrorOfTheScriptsOwnIsNotOne) {
  Runtime vm = with_output(100);
  EXPECT_TRUE(
      fails(vm, "console.log('x'); throw new InternalError('output limit exceeded')", Errc::threw));
}

}  // namespace
}  // namespace sandglass::test
