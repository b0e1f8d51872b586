// Bad input and bad options: a clear message and exit code 2, never a crash.

#include <fcntl.h>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "process.h"

namespace sandglass::cli_test {
namespace {

class Input : public testing::Test {
 protected:
  // Exit code 2, nothing on standard output, and a message that holds each of `parts`.
  static void expect_refused(const Finished& run, std::initializer_list<std::string> parts) {
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_TRUE(run.err.starts_with("error: invalid_argument: ")) << run.err;
    for (const std::string& part : parts) {
      EXPECT_NE(run.err.find(part), std::string::npos) << part << " is not in: " << run.err;
    }
  }

  TemporaryFolder folder_;
};

TEST_F(Input, MissingFileIsRefused) {
  expect_refused(sandglass({"run", "no-such-file.js"}),
                 {"cannot open no-such-file.js: No such file or directory"});
}

TEST_F(Input, FolderIsRefused) {
  expect_refused(sandglass({"run", folder_.path()}),
                 {"cannot read " + folder_.path() + ": Is a directory"});
}

TEST_F(Input, UnreadableFileIsRefused) {
  const std::string path = folder_.file("secret.js", "1");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
  expect_refused(Child({"run", path}, {}, can_become_nobody()).finish(),
                 {"cannot open " + path + ": Permission denied"});
}

TEST_F(Input, EmptyFileIsFine) {
  const Finished run = sandglass({"run", folder_.file("empty.js", "")});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out + run.err, "");
}

TEST_F(Input, NulByteIsRefusedWithFileAndOffset) {
  const std::string path = folder_.file("nul.js", std::string("let a\0;", 7));
  expect_refused(sandglass({"run", path}), {path, "5"});
}

TEST_F(Input, InvalidUtf8IsRefusedWithFileAndOffset) {
  const std::string path = folder_.file("latin.js", "let caf\xe9 = 1");
  expect_refused(sandglass({"run", path}), {path, "7"});
}

TEST_F(Input, InvalidUtf8InCodeIsRefused) {
  expect_refused(sandglass({"eval", "'\xff'"}), {"<eval>", "1"});
}

TEST_F(Input, TwoHundredMegabytesAreRefusedWithTheWayOut) {
  const std::string path = folder_.file("big.js", "1");
  ASSERT_EQ(::truncate(path.c_str(), 200'000'000), 0);
  expect_refused(sandglass({"run", path}),
                 {"larger than the memory limit of 64MiB; raise it with --memory"});
}

TEST_F(Input, EndlessDeviceIsRefusedToo) {
  expect_refused(sandglass({"run", "--memory", "2MiB", "/dev/zero"}), {"/dev/zero", "larger than"});
}

TEST_F(Input, FifoIsReadLikeAFile) {
  const std::string path = folder_.path() + "/fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "console.log('through')"; });
  EXPECT_EQ(sandglass({"run", path}).out, "through\n");
  writer.join();
}

TEST_F(Input, DashIsStandardInput) {
  const Finished run = sandglass({"run", "-"}, "console.log('in')");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "in\n");
}

TEST_F(Input, StandardInputGoesByAName) {
  EXPECT_NE(sandglass({"run", "-"}, "let = ;").err.find("<stdin>:1:"), std::string::npos);
}

TEST_F(Input, ClosedStandardInputIsRefused) {
  Child child({"run", "-"}, {.in = Streams::kClosed});
  expect_refused(child.finish(), {"cannot read <stdin>: Bad file descriptor"});
}

TEST_F(Input, ByteOrderMarkAndShebangAreAccepted) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string shebang = "#!/usr/bin/env sandglass\n";
  for (const std::string& start : {mark, shebang, mark + shebang}) {
    for (const std::string name : {"a.js", "a.mjs"}) {
      const Finished run = sandglass({"run", folder_.file(name, start + "console.log('ok')")});
      EXPECT_EQ(run.out, "ok\n") << name << ": " << run.err;
    }
  }
}

TEST_F(Input, FileNameNeedNotBeUtf8) {
  const Finished run = sandglass({"run", folder_.file("\xff.js", "console.log('ok')")});
  EXPECT_EQ(run.out, "ok\n") << run.err;
}

TEST_F(Input, OptionsOutOfRangeAreRefusedWithTheRange) {
  expect_refused(sandglass({"run", "--memory", "1", "a.js"}), {"--memory", "2MiB to 4GiB"});
  expect_refused(sandglass({"run", "--memory", "5GiB", "a.js"}), {"--memory", "2MiB to 4GiB"});
  expect_refused(sandglass({"run", "--time", "-1", "a.js"}), {"--time", "negative", "1ms"});
  expect_refused(sandglass({"run", "--stack", "1TB", "a.js"}), {"--stack", "64KiB to 16MiB"});
}

TEST_F(Input, LimitsAtTheEndsOfTheirRangesWork) {
  for (const Words& limit :
       {Words{"--memory", "2MiB"}, Words{"--memory", "4194240KiB"}, Words{"--stack", "64KiB"},
        Words{"--stack", "16MiB"}, Words{"--grace", "0ms"}, Words{"--grace", "1s"},
        Words{"--time", "none"}, Words{"--output", "0"}, Words{"--fuel", "1"}}) {
    const Finished run = sandglass({"eval", limit[0], limit[1], "1 + 1"});
    EXPECT_EQ(run.exit_code, 0) << limit[0] << ' ' << limit[1] << ": " << run.err;
    EXPECT_EQ(run.out, "2\n");
  }
}

TEST_F(Input, UnknownOptionIsRefusedWithTheWayToTheHelp) {
  expect_refused(sandglass({"run", "--bogus", "a.js"}),
                 {"unknown option '--bogus'", "hint: see sandglass run --help"});
}

TEST_F(Input, ModuleAndScriptTogetherAreRefused) {
  expect_refused(sandglass({"run", "--module", "--script", "a.js"}),
                 {"--module excludes --script"});
}

TEST_F(Input, WithJsonEveryRefusalIsAnObject) {
  for (const Words& words :
       {Words{"run", "--json", "no-such-file.js"}, Words{"run", "--json", "--memory", "1", "a.js"},
        Words{"run", "--json", "--bogus", "a.js"}, Words{"eval", "--json", "'\xff'"},
        Words{"eval", "--json"}}) {
    const Finished run = sandglass(words);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.err, "");
    const nlohmann::json report = nlohmann::json::parse(run.out);
    EXPECT_EQ(report.at("ok"), false);
    EXPECT_EQ(report.at("value"), nullptr);
    EXPECT_EQ(report.at("error").at("code"), "invalid_argument");
    EXPECT_EQ(report.at("stats").at("memory_bytes").is_number(), true);
  }
}

}  // namespace
}  // namespace sandglass::cli_test
