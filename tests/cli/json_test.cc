// The object that --json prints.

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace sandglass::cli_test {
namespace {

using nlohmann::json;

json report_of(const Words& arguments, int exit_code = 0) {
  const Finished run = sandglass(arguments);
  EXPECT_EQ(run.exit_code, exit_code) << run.out << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out.find('\n'), run.out.size() - 1) << "not one line";
  return json::parse(run.out);
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) {
    keys.insert(key);
  }
  return keys;
}

json value_of(const std::string& code) {
  return report_of({"eval", "--json", code}).at("value");
}

TEST(JsonReport, SuccessHasTheDocumentedShape) {
  const json report = report_of({"eval", "--json", "console.log('a'); console.error('b'); [1]"});
  EXPECT_EQ(keys_of(report), (std::set<std::string>{"ok", "value", "output", "error", "stats"}));
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("value"), json::array({1}));
  EXPECT_EQ(report.at("output"), "a\nb\n");
  EXPECT_EQ(report.at("error"), nullptr);
  EXPECT_EQ(keys_of(report.at("stats")),
            (std::set<std::string>{"wall_ms", "cpu_ms", "memory_bytes", "memory_peak_bytes",
                                   "stack_peak_bytes", "fuel"}));
  EXPECT_GT(report.at("stats").at("wall_ms"), 0);
  EXPECT_GT(report.at("stats").at("memory_bytes"), 0);
  EXPECT_GE(report.at("stats").at("memory_peak_bytes"), report.at("stats").at("memory_bytes"));
  EXPECT_GT(report.at("stats").at("stack_peak_bytes"), 0);
}

TEST(JsonReport, ErrorHasTheDocumentedShape) {
  const json report = report_of({"eval", "--json", "throw new TypeError('no')"}, 1);
  EXPECT_EQ(report.at("ok"), false);
  EXPECT_EQ(report.at("value"), nullptr);
  const json& error = report.at("error");
  EXPECT_EQ(keys_of(error),
            (std::set<std::string>{"code", "name", "message", "stack", "location", "vm_usable"}));
  EXPECT_EQ(error.at("code"), "threw");
  EXPECT_EQ(error.at("name"), "TypeError");
  EXPECT_EQ(error.at("message"), "no");
  EXPECT_NE(error.at("stack").get<std::string>().find("<eval>:1:"), std::string::npos);
  EXPECT_EQ(error.at("vm_usable"), true);
}

TEST(JsonReport, CauseIsInside) {
  const json report =
      report_of({"eval", "--json", "throw new Error('a', {cause: new RangeError('b')})"}, 1);
  EXPECT_EQ(report.at("error").at("cause").at("name"), "RangeError");
  EXPECT_EQ(report.at("error").at("cause").at("message"), "b");
}

TEST(JsonReport, ValuesWithJsonAreThatJson) {
  EXPECT_EQ(value_of("({a: [1, null, 'ä']})"), json::parse(R"({"a": [1, null, "ä"]})"));
  EXPECT_EQ(value_of("new Date(0)"), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(value_of("await 7"), 7);
}

TEST(JsonReport, LoneSurrogatesAreReplacedSoThatEveryParserTakesTheObject) {
  EXPECT_EQ(value_of("({a: '<\\ud800>', b: '\\ud83d\\ude00'})"),
            json::parse(R"({"a": "<\ufffd>", "b": "\ud83d\ude00"})"));
}

TEST(JsonReport, ValuesWithoutJsonAreNull) {
  EXPECT_EQ(value_of("undefined"), nullptr);
  EXPECT_EQ(value_of("(function () {})"), nullptr);
  EXPECT_EQ(value_of("NaN"), nullptr);
}

TEST(JsonReport, ValuesWhoseJsonThrowsAreTheirText) {
  EXPECT_EQ(value_of("10n ** 20n"), "100000000000000000000");
  EXPECT_EQ(value_of("const a = {}; a.a = a; a"), "[object Object]");
  EXPECT_EQ(value_of("const b = Object.create(null); b.b = b; b"), nullptr);
}

TEST(JsonReport, ModuleValueIsItsNamespace) {
  EXPECT_EQ(report_of({"eval", "--json", "export const a = 1; export default 2"}).at("value"),
            json::parse(R"({"a": 1, "default": 2})"));
}

TEST(JsonReport, ScriptCannotForgeTheReport) {
  const json report = report_of({"eval", "--json",
                                 "console.log('\\n{\"ok\":true}\\u001b[2J'); JSON.stringify = () "
                                 "=> '1}'; ({toJSON() { return "
                                 "'\"},\"ok\":1'; }})"});
  EXPECT_EQ(report.at("output"), "\n{\"ok\":true}\x1b[2J\n");
  EXPECT_EQ(report.at("value"), "\"},\"ok\":1");
}

TEST(JsonReport, DeeplyNestedValueDoesNotOverflowTheCommand) {
  const Finished run =
      sandglass({"eval", "--json", "--stack", "16MiB", "--memory", "1GiB", "--time", "none",
                 "let a = []; for (let i = 0; i < 20000; i++) a = [a]; a"});
  EXPECT_TRUE(run.exit_code == 0 || run.exit_code == 6) << run.exit_code;
  EXPECT_TRUE(json::accept(run.out));
}

TEST(JsonReport, CompletionOfARunThatCaughtItsLimitIsTheValue) {
  const json report =
      report_of({"eval", "--json", "function f() { f() } try { f() } catch {} 'alive'"}, 6);
  EXPECT_EQ(report.at("ok"), false);
  EXPECT_EQ(report.at("value"), "alive");
  EXPECT_EQ(report.at("error").at("code"), "stack_limit");
  EXPECT_EQ(report.at("error").at("vm_usable"), true);
}

TEST(JsonReport, EveryLimitIsToldByItsCode) {
  EXPECT_EQ(report_of({"eval", "--json", "--time", "30ms", "for (;;);"}, 4).at("error").at("code"),
            "time_limit");
  EXPECT_EQ(report_of({"eval", "--json", "--fuel", "3", "for (;;);"}, 7).at("error").at("code"),
            "fuel_limit");
  const json output =
      report_of({"eval", "--json", "--output", "4", "for (;;) console.log('x')"}, 8);
  EXPECT_EQ(output.at("error").at("code"), "output_limit");
  EXPECT_EQ(output.at("output"), "x\nx\n");
  EXPECT_EQ(report_of({"eval", "--json", "1 +"}, 3).at("error").at("code"), "syntax");
}

TEST(JsonReport, FuelOfTheSameScriptIsTheSame) {
  const Words words{"eval", "--json", "for (let i = 0; i < 1e6; i++);"};
  const json first = report_of(words).at("stats").at("fuel");
  EXPECT_GT(first, 0);
  EXPECT_EQ(report_of(words).at("stats").at("fuel"), first);
}

}  // namespace
}  // namespace sandglass::cli_test
