#include "cli/json_report.h"

#include <chrono>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace sandglass::cli {
namespace {

using nlohmann::json;

Error error_named(const std::string& name) {
  return Error{.code = Errc::threw,
               .message = "message of " + name,
               .name = name,
               .stack = "    at x (a.js:1:1)\n"};
}

TEST(JsonReport, SuccessHasEveryKeyAndNullError) {
  Outcome outcome;
  outcome.value_json = R"({"a":[1,2]})";
  outcome.output = "line\n";
  outcome.stats.wall = std::chrono::microseconds(1500);
  outcome.stats.memory_bytes = 7;
  const json report = json::parse(json_report(outcome));
  EXPECT_EQ(report, json::parse(R"({
    "ok": true, "value": {"a": [1, 2]}, "output": "line\n", "error": null,
    "stats": {"wall_ms": 1.5, "cpu_ms": 0.0, "memory_bytes": 7, "memory_peak_bytes": 0,
              "stack_peak_bytes": 0, "fuel": 0}})"));
}

TEST(JsonReport, IsOneLine) {
  const std::string report = json_report(Outcome{});
  EXPECT_EQ(report.find('\n'), report.size() - 1);
}

TEST(JsonReport, ErrorHasEveryKeyAndNoCauseWithoutOne) {
  Outcome outcome;
  outcome.error = error_named("TypeError");
  const json error = json::parse(json_report(outcome)).at("error");
  EXPECT_EQ(error, json::parse(R"({"code": "threw", "name": "TypeError",
    "message": "message of TypeError", "stack": "    at x (a.js:1:1)\n", "location": null,
    "vm_usable": true})"));
}

TEST(JsonReport, LocationHasFileLineAndColumn) {
  Outcome outcome;
  outcome.error = error_named("TypeError");
  outcome.error->location = SourceLocation{.file = "a.js", .line = 3, .column = 4, .text = "x"};
  EXPECT_EQ(json::parse(json_report(outcome)).at("error").at("location"),
            json::parse(R"({"file": "a.js", "line": 3, "column": 4})"));
}

TEST(JsonReport, CausesAreNested) {
  Outcome outcome;
  Error inner = error_named("RangeError");
  inner.cause = std::make_shared<Error>(error_named("SyntaxError"));
  outcome.error = error_named("TypeError");
  outcome.error->cause = std::make_shared<Error>(inner);
  const json error = json::parse(json_report(outcome)).at("error");
  EXPECT_EQ(error.at("cause").at("name"), "RangeError");
  EXPECT_EQ(error.at("cause").at("cause").at("name"), "SyntaxError");
  EXPECT_FALSE(error.at("cause").at("cause").contains("cause"));
}

TEST(JsonReport, EndlessChainOfCausesIsCutAtEight) {
  Outcome outcome;
  outcome.error = error_named("0");
  for (int i = 0; i < 100; ++i) {
    Error outer = error_named(std::to_string(i + 1));
    outer.cause = std::make_shared<Error>(*outcome.error);
    outcome.error = outer;
  }
  json level = json::parse(json_report(outcome)).at("error");
  int causes = 0;
  while (level.contains("cause")) {
    level = json(level.at("cause"));
    ++causes;
  }
  EXPECT_EQ(causes, 8);
}

TEST(JsonReport, ControlCharactersAndBrokenUtf8DoNotBreakTheObject) {
  Outcome outcome;
  outcome.output = "\x1b[31m\"\\\xff\n" + std::string("\0", 1);
  const json report = json::parse(json_report(outcome));
  EXPECT_EQ(report.at("output"), "\x1b[31m\"\\\xEF\xBF\xBD\n" + std::string("\0", 1));
}

TEST(JsonReport, ValueNestedAMillionDeepIsCheckedAndSplicedWithoutRecursion) {
  constexpr std::size_t kDepth = 1'000'000;
  Outcome outcome;
  outcome.value_json = std::string(kDepth, '[') + std::string(kDepth, ']');
  EXPECT_TRUE(is_json(outcome.value_json));
  EXPECT_TRUE(is_json(json_report(outcome)));
}

TEST(LoneSurrogates, AreReplacedAndPairsAreNot) {
  const auto replaced = [](std::string text) {
    replace_lone_surrogates(text);
    return text;
  };
  EXPECT_EQ(replaced(R"("\ud800")"), R"("\ufffd")");
  EXPECT_EQ(replaced(R"("\udc00\ud800x")"), R"("\ufffd\ufffdx")");
  EXPECT_EQ(replaced(R"("\ud83d\ude00\ude00")"), R"("\ud83d\ude00\ufffd")");
  EXPECT_EQ(replaced(R"("\ud800\ud83d\ude00")"), R"("\ufffd\ud83d\ude00")");
  EXPECT_EQ(replaced(R"("\\ud800 \u0041 \n")"), R"("\\ud800 \u0041 \n")");
  for (const std::string cut : {"", "\\", "\\u", "\\ud8", "\\ud800", "\\u-001", "\\uzzzz"}) {
    std::string text = cut;
    replace_lone_surrogates(text);  // must not read past the end
    EXPECT_EQ(text.size(), cut.size());
  }
}

TEST(IsJson, AnythingElseThanOneValueIsRefused) {
  for (const std::string text :
       {"", "undefined", "1,\"ok\":true", "{} {}", "[1", "NaN", "\"\n\"", "\"\xff\"", "// 1\n1"}) {
    EXPECT_FALSE(is_json(text)) << text;
  }
}

}  // namespace
}  // namespace sandglass::cli
