// Grants: nothing is there by default; each option hands over one thing; what is named wrongly is
// refused before anything runs.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../grants/loopback_server.h"
#include "process.h"

namespace sandglass::cli_test {
namespace {

using test::LoopbackServer;

void expect_refused(const Words& words, const std::string& message) {
  const Finished run = sandglass(words);
  EXPECT_EQ(run.exit_code, 2) << message;
  EXPECT_NE(run.err.find(message), std::string::npos) << run.err;
}

class Grants : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::string module_ = folder_.file("m.js", "export const x = 40 + 2;");
  std::string script_ = folder_.file("a.js", "import { x } from './m.js'; console.log(x);");
};

TEST_F(Grants, NothingIsGrantedByDefault) {
  const Finished files =
      sandglass({"eval", "(await import('node:fs')).readFileSync('/etc/passwd', 'utf8')"});
  EXPECT_EQ(files.exit_code, 1);
  EXPECT_NE(files.err.find("hint: grant it with --allow-read=DIR"), std::string::npos) << files.err;
  const Finished net = sandglass({"eval", "await fetch('http://127.0.0.1/')"});
  EXPECT_EQ(net.exit_code, 1);
  EXPECT_NE(net.err.find("hint: grant it with --allow-net=ORIGIN"), std::string::npos) << net.err;
  EXPECT_EQ(sandglass({"eval", "Object.keys(process.env).length"}).out, "0\n");
  EXPECT_EQ(sandglass({"eval", "Date.now()"}).out, "1640995200000\n");
  EXPECT_EQ(sandglass({"eval", "Math.random()"}).out, sandglass({"eval", "Math.random()"}).out);
}

#ifdef SANDGLASS_CLI_FETCH
TEST_F(Grants, FetchAsksTheOriginsThatAreGrantedAndNoOthers) {
  const LoopbackServer server([](const std::string& request) {
    const std::string path = request.substr(4, request.find(' ', 4) - 4);
    return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", path.size(), path);
  });
  const std::string ask = fmt::format("await (await fetch('{}/hello')).text()", server.origin());
  const std::string net = "--allow-net=" + server.origin();
  EXPECT_EQ(sandglass({"eval", net, "--allow-private-net", ask}).out, "/hello\n");
  const Finished later = sandglass({"eval", net, "--allow-private-net",
                                    "setTimeout(async () => console.log(" + ask + "), 5); 1"});
  EXPECT_EQ(later.out, "/hello\n1\n") << later.err;
  const std::string config = folder_.file(
      "net.toml", "[grants]\nnet = [\"" + server.origin() + "\"]\nprivate-net = true\n");
  EXPECT_EQ(sandglass({"eval", "--config", config, ask}).out, "/hello\n");

  const int asked = server.requests();
  const Finished own = sandglass({"eval", net, ask});
  EXPECT_EQ(own.exit_code, 1);
  EXPECT_NE(own.err.find("hint: grant it with --allow-private-net"), std::string::npos) << own.err;
  const Finished other =
      sandglass({"eval", "--allow-net=https://example.com", "--allow-private-net", ask});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_NE(other.err.find(server.origin()), std::string::npos) << other.err;
  EXPECT_EQ(server.requests(), asked);
  expect_refused({"eval", "--allow-private-net", "1"}, "no origin is granted");
}
#endif

TEST_F(Grants, ImportsWorkIfTheDirectoryOfTheScriptIsGranted) {
  EXPECT_EQ(sandglass({"run", "--allow-read", folder_.path(), script_}).out, "42\n");
  EXPECT_EQ(sandglass({"run", "--allow-read", folder_.path() + ":/app", script_}).out, "42\n");
  const Finished without = sandglass({"run", script_});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_NE(without.err.find("hint: grant it with --allow-read=DIR"), std::string::npos)
      << without.err;
}

TEST_F(Grants, ReadingIsNotWriting) {
  const std::string code =
      "(await import('node:fs')).writeFileSync('/w/new', 'hello'); console.log('written')";
  const Finished reading = sandglass({"eval", "--allow-read", folder_.path() + ":/w", code});
  EXPECT_NE(reading.err.find("EROFS"), std::string::npos) << reading.err;
  EXPECT_EQ(sandglass({"eval", "--allow-write", folder_.path() + ":/w", code}).out, "written\n");
  EXPECT_EQ(shell_output("cat " + shell_quoted(folder_.path() + "/new")), "hello");
  const Finished full =
      sandglass({"eval", "--allow-write", folder_.path() + ":/w", "--file-quota", "4B", code});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_NE(full.err.find("ENOSPC"), std::string::npos) << full.err;
}

TEST_F(Grants, VariablesAreCopiedByName) {
  const std::string command = shell_quoted(SANDGLASS_COMMAND);
  EXPECT_EQ(shell_output("A_X=1 B_X=2 C_X=3 " + command +
                         " eval --allow-env=A_X,D_X --allow-env=B_X 'JSON.stringify(process.env)'"),
            "{\"A_X\":\"1\",\"B_X\":\"2\"}\n");
}

TEST_F(Grants, ClocksAndRandomNumbers) {
  EXPECT_EQ(sandglass({"eval", "--clock=2024-02-29T12:30Z", "new Date().toISOString()"}).out,
            "2024-02-29T12:30:00.000Z\n");
  EXPECT_EQ(sandglass({"eval", "--allow-clock", "Date.now() > 1640995200000"}).out, "true\n");
  EXPECT_EQ(sandglass({"eval", "--allow-clock=1s", "Date.now() % 1000"}).out, "0\n");
  EXPECT_EQ(sandglass({"eval", "--time-zone", "Asia/Tokyo", "new Date(0).getHours()"}).out, "9\n");
  EXPECT_EQ(sandglass({"eval", "--seed", "7", "Math.random()"}).out,
            sandglass({"eval", "--deterministic=7", "Math.random()"}).out);
  EXPECT_NE(sandglass({"eval", "--allow-random", "Math.random()"}).out,
            sandglass({"eval", "--allow-random", "Math.random()"}).out);
  EXPECT_EQ(sandglass({"eval", "--deterministic", "for (;;);"}).exit_code, 7);
}

TEST_F(Grants, WhatIsNamedWronglyIsRefused) {
  expect_refused({"eval", "--allow-read", "/nowhere-at-all", "1"}, "/nowhere-at-all");
  expect_refused({"eval", "--allow-write", script_, "1"}, "is not a directory");
  expect_refused({"eval", "--allow-read=", "1"}, "--allow-read: a value is missing");
  expect_refused({"eval", "--allow-read", folder_.path() + ":app", "1"}, "begins with /");
  expect_refused({"eval", "--allow-read", folder_.path() + ":/a/../b", "1"}, "must be like /a/b");
  expect_refused({"eval", "--allow-read", folder_.path() + ",", "1"}, "is empty");
  expect_refused({"eval", "--allow-read", folder_.path() + ":/a", "--allow-read", "/:/a", "1"},
                 "would both be /a");
  expect_refused({"eval", "--allow-env=A=B", "1"}, "no name of a variable");
  expect_refused({"eval", "--allow-env=*", "1"}, "no name of a variable");
  expect_refused({"eval", "--allow-clock=", "1"}, "a value is missing");
  expect_refused({"eval", "--allow-clock=1y", "1"}, "1y");
  expect_refused({"eval", "--clock=2023-02-29", "1"}, "no clock");
  expect_refused({"eval", "--seed=-1", "1"}, "no seed");
  expect_refused({"eval", "--time-zone=Nowhere/Atall", "1"}, "tz database");
  expect_refused({"eval", "--deterministic", "--time=1s", "1"}, "exclude each other");
  expect_refused({"eval", "--deterministic", "--allow-clock", "1"}, "exclude each other");
  expect_refused({"eval", "--deterministic=1", "--allow-random", "1"}, "exclude each other");
  expect_refused({"check", "--allow-clock", script_}, "unknown option");
}

TEST_F(Grants, ConfigurationFileGrantsAndOptionsAdd) {
  const std::string config = folder_.file(
      "s.toml", "[grants]\nread = [\"" + folder_.path() + ":/a\"]\nseed = 7\nclock = \"1s\"\n");
  EXPECT_EQ(sandglass({"eval", "--config", config, "--allow-read", folder_.path() + ":/b",
                       "(await import('node:fs')).readdirSync('/').join()"})
                .out,
            "a,b\n");
  EXPECT_EQ(sandglass({"eval", "--config", config, "--seed", "8", "Math.random()"}).out,
            sandglass({"eval", "--seed", "8", "Math.random()"}).out);
  const std::string bad = folder_.file("bad.toml", "[grants]\nreed = [\"/\"]\n");
  expect_refused({"eval", "--config", bad, "1"}, ":2:1: unknown key 'reed' in [grants]");
}

TEST_F(Grants, TimersShareTheTimeOfTheScriptAndTheirErrorsCount) {
  EXPECT_EQ(sandglass({"eval", "setTimeout(() => console.log('late'), 5); 1"}).out, "late\n1\n");
  const Finished endless =
      sandglass({"eval", "--allow-clock", "--time=100ms", "setInterval(() => {}, 10); 1"});
  EXPECT_EQ(endless.exit_code, 4) << endless.err;
}

TEST_F(Grants, TimersShareAllOtherLimitsOfTheScriptToo) {
  const Finished fuel = sandglass(
      {"eval", "--fuel=5000", "setInterval(() => { for (let i = 0; i < 1e5; i++); }, 1); 1"});
  EXPECT_EQ(fuel.exit_code, 7) << fuel.err;
  const Finished output = sandglass({"eval", "--output=100",
                                     "console.log('x'.repeat(60)); "
                                     "setTimeout(() => console.log('x'.repeat(60)), 1)"});
  EXPECT_EQ(output.exit_code, 8) << output.err;
}

TEST_F(Grants, TheScriptIsToldItsName) {
  const std::string file = folder_.file("named.js", "console.log(process.argv.join(' '))");
  EXPECT_EQ(sandglass({"run", file, "--", "a"}).out, "sandglass " + file + " a\n");
  EXPECT_EQ(sandglass({"eval", "process.argv.join(' ')"}).out, "sandglass <eval>\n");
}

TEST_F(Grants, ExitCodeOfTheProcessIsThatOfTheCommand) {
  EXPECT_EQ(sandglass({"eval", "process.exitCode = 3"}).exit_code, 3);
  EXPECT_EQ(sandglass({"eval", "process.exitCode = '3'"}).exit_code, 0);
  EXPECT_EQ(sandglass({"eval", "process.exitCode = 3; throw 1"}).exit_code, 1);
  EXPECT_EQ(sandglass({"eval",
                       "Object.defineProperty(process, 'exitCode', "
                       "{get() { for (;;); }}); 1"})
                .exit_code,
            0);
}

}  // namespace
}  // namespace sandglass::cli_test
