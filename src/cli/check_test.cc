#include "cli/check.h"

#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

Result<SourceKind> kind_of(const std::string& text, SourceKind kind = SourceKind::detect) {
  return parse_kind({"a.js", text}, kind, {});
}

TEST(ParseKind, ScriptUnlessItParsesOnlyAsAModule) {
  EXPECT_EQ(kind_of("let a = await 1").value(), SourceKind::script);
  EXPECT_EQ(kind_of("with (Math) sin(1)").value(), SourceKind::script);
  EXPECT_EQ(kind_of("export const a = 1").value(), SourceKind::module);
  EXPECT_EQ(kind_of("import.meta.url").value(), SourceKind::module);
}

TEST(ParseKind, ImportsNeedNotExist) {
  EXPECT_TRUE(kind_of("import a, { b, c as d } from './none.js'; import * as e from 'x'"));
  EXPECT_TRUE(kind_of("import data from './data.json' with { type: 'json' }"));
  EXPECT_TRUE(kind_of("export * from '../../\\u0000'; export { q } from '\\ud800'"));
}

TEST(ParseKind, NothingRuns) {
  EXPECT_TRUE(kind_of("for (;;);"));
  EXPECT_TRUE(kind_of("export {}; await new Promise(() => {}); throw 1"));
}

TEST(ParseKind, OptionIsObeyed) {
  EXPECT_EQ(kind_of("1", SourceKind::module).value(), SourceKind::module);
  EXPECT_EQ(kind_of("export {}", SourceKind::script).error().code, Errc::syntax);
  EXPECT_EQ(kind_of("with (1) 2", SourceKind::module).error().code, Errc::syntax);
}

TEST(ParseKind, OfTwoErrorsTheOneFurtherOnIsTold) {
  const auto module = kind_of("import a from 'a';\n\nlet b = ;");
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().location->line, 3U) << module.error().pretty();
  const auto script = kind_of("with (Math) {\n  let b = ;\n}");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().location->line, 2U) << script.error().pretty();
}

TEST(ParseKind, LimitsHold) {
  Limits limits;
  limits.stack_bytes = 64 << 10;
  const std::string deep = std::string(100'000, '(') + "1" + std::string(100'000, ')');
  EXPECT_EQ(parse_kind({"a.js", deep}, SourceKind::detect, limits).error().code, Errc::stack_limit);
}

}  // namespace
}  // namespace sandglass::cli
