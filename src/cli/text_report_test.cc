#include "cli/text_report.h"

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

Error make_error(Errc code, std::string name, std::string message, std::string stack = {}) {
  return Error{.code = code,
               .message = std::move(message),
               .name = std::move(name),
               .stack = std::move(stack)};
}

TEST(TextReport, ErrorHasCodeNameMessageAndStack) {
  EXPECT_EQ(error_text(make_error(Errc::threw, "TypeError", "no", "    at f (a.js:1:2)\n"), {}),
            "error: threw: TypeError: no\n"
            "    at f (a.js:1:2)\n");
}

TEST(TextReport, MissingPartsLeaveNoTrace) {
  EXPECT_EQ(error_text(make_error(Errc::threw, "", "text"), {}), "error: threw: text\n");
  EXPECT_EQ(error_text(make_error(Errc::threw, "Error", ""), {}), "error: threw: Error\n");
  EXPECT_EQ(error_text(make_error(Errc::threw, "", ""), {}), "error: threw: (no message)\n");
}

TEST(TextReport, CausesFollow) {
  Error error = make_error(Errc::threw, "Error", "outer");
  error.cause = std::make_shared<Error>(make_error(Errc::threw, "Error", "inner", "    at g\n"));
  EXPECT_EQ(error_text(error, {}),
            "error: threw: Error: outer\n"
            "caused by: threw: Error: inner\n"
            "    at g\n");
}

TEST(TextReport, EndlessChainOfCausesIsCut) {
  Error error = make_error(Errc::threw, "Error", "0");
  for (int i = 1; i < 100; ++i) {
    Error outer = make_error(Errc::threw, "Error", std::to_string(i));
    outer.cause = std::make_shared<Error>(std::move(error));
    error = std::move(outer);
  }
  const std::string text = error_text(error, {});
  EXPECT_NE(text.find("Error: 91\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("Error: 90\n"), std::string::npos) << text;
}

Error located(std::string text) {
  Error error = make_error(Errc::syntax, "SyntaxError", "bad", "    at a.js:1:9\n");
  error.location = SourceLocation{.file = "a.js", .line = 1, .column = 9, .text = std::move(text)};
  return error;
}

TEST(TextReport, ShowsTheLineAndACaret) {
  EXPECT_EQ(error_text(located("let x = ;"), {}),
            "error: syntax: SyntaxError: bad\n"
            "  --> a.js:1:9\n"
            " 1 | let x = ;\n"
            "   |         ^\n");
}

TEST(TextReport, LineThatTheErrorLacksComesFromTheSource) {
  const Source source{"a.js", "let y = ;\n"};
  EXPECT_NE(error_text(located(""), {.source = &source}).find(" 1 | let y = ;\n"),
            std::string::npos);
  const Source other{"b.js", "let y = ;\n"};
  EXPECT_EQ(error_text(located(""), {.source = &other}).find("let y"), std::string::npos);
}

TEST(TextReport, EveryLimitHasAHintThatNamesItsOptionAndItsValue) {
  Limits limits;
  limits.fuel = 3;
  const auto hint = [&](Errc code) {
    const std::string text =
        error_text(make_error(code, "", "m"), {.source = nullptr, .limits = &limits});
    return text.substr(text.find('\n') + 1);
  };
  EXPECT_EQ(hint(Errc::memory_limit), "hint: raise the limit with --memory (now 64MiB)\n");
  EXPECT_EQ(hint(Errc::stack_limit), "hint: raise the limit with --stack (now 512KiB)\n");
  EXPECT_EQ(hint(Errc::fuel_limit), "hint: raise the limit with --fuel (now 3)\n");
  EXPECT_EQ(hint(Errc::output_limit), "hint: raise the limit with --output (now 1MiB)\n");
  EXPECT_EQ(hint(Errc::time_limit), "hint: raise the limit with --time (now 5s)\n");
  limits.cpu_time = std::chrono::milliseconds(200);
  EXPECT_EQ(hint(Errc::time_limit),
            "hint: raise the limit with --time (now 5s) or --cpu-time (now 200ms)\n");
  limits.wall_time.reset();
  EXPECT_EQ(hint(Errc::time_limit), "hint: raise the limit with --cpu-time (now 200ms)\n");
  EXPECT_EQ(hint(Errc::threw), "");
}

TEST(TextReport, NoHintToRaiseALimitOfAVmThatNeverWas) {
  EXPECT_EQ(error_text(make_error(Errc::memory_limit, "", "no address space"), {}),
            "error: memory_limit: no address space\n");
}

TEST(TextReport, LongMessageIsCutBetweenCharacters) {
  const std::string text =
      error_text(make_error(Errc::threw, "", "x" + std::string(60'000, '\xc3')), {});
  EXPECT_LT(text.size(), 17'000U);
  std::string wide = "x";
  for (int i = 0; i < 20'000; ++i) {
    wide += "ä";
  }
  const std::string cut = error_text(make_error(Errc::threw, "", wide), {});
  EXPECT_NE(cut.find("ä... (23618 bytes more)"), std::string::npos) << cut.substr(cut.size() - 60);
}

}  // namespace
}  // namespace sandglass::cli
