// `node:fs` and `node:path` against those of the installed Node, case by case (node_fs_cases.js).
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr std::string_view kCases = SANDGLASS_GRANTS_DIR "/node_fs_cases.js";

// Runs the cases, in either engine: a line of JSON for each. The messages for values of a wrong
// type name types that only Node has.
constexpr std::string_view kRunner = R"js((async (cases, fs, path) => {
  const lines = [];
  for (const run of cases) {
    let line;
    try {
      line = { value: await run(fs, path) };
    } catch (error) {
      const { name, code, errno, syscall, path: of, dest } = error;
      const message = code === 'ERR_INVALID_ARG_TYPE' || /null bytes/.test(error.message) ? '' : error.message;
      line = { name, code, errno, syscall, path: of, dest, message, keys: Object.keys(error).sort() };
    }
    lines.push(JSON.stringify(line) + '  of  ' + run);
  }
  return lines.join('\u0001');
}))js";

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\x01', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

class NodeFs : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandglass-node-fs-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    fill(folder_ / "node");
    std::filesystem::create_directory(folder_ / "ours");
    // Times are part of what is compared.
    const std::string copy = "cp -a '" + pattern + "/node/.' '" + pattern + "/ours'";
    ASSERT_EQ(std::system(copy.c_str()), 0);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static void write(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }

  static void fill(const std::filesystem::path& root) {
    std::filesystem::create_directories(root / "dir" / "deep" / "deeper");
    write(root / "hello.txt", "hell\xC3\xB6\n");
    write(root / "dir" / "inner.txt", "inner");
    write(root / "dir" / "deep" / "x", "x");
    write(root / "empty", "");
    write(root / "bom.txt", "\xEF\xBB\xBFtext");
    write(root / "bad-utf8.bin", "a\xFF\xE2\x82z\xF0\x9F\x98\xED\xA0\x80\xC0\x80\xE2\x82");
    write(root / "big.bin", std::string(300'000, 'b'));
    std::filesystem::create_symlink("hello.txt", root / "link.txt");
    std::filesystem::create_symlink("dir", root / "dir-link");
    std::filesystem::create_symlink("nowhere", root / "broken-link");
    std::filesystem::create_symlink("loop", root / "loop");
  }

  [[nodiscard]] std::string by_node() const {
    const std::filesystem::path script = folder_ / "run.mjs";
    write(script,
          "import fs from 'node:fs';\nimport path from 'node:path';\nconst cases = (0, "
          "eval)(fs.readFileSync('" +
              std::string(kCases) + "', 'utf8'));\nprocess.stdout.write(await (" +
              std::string(kRunner) + ")(cases, fs, path));\n");
    const std::string command = "cd '" + (folder_ / "node").string() +
                                "' && umask 022 && '" SANDGLASS_NODE "' '" + script.string() + "'";
    const std::unique_ptr<std::FILE, decltype([](std::FILE* file) { ::pclose(file); })> pipe(
        ::popen(command.c_str(), "r"));
    std::string text;
    std::array<char, 4096> buffer;
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
      text.append(buffer.data(), got);
    }
    return text;
  }

  [[nodiscard]] std::string by_us() const {
    ::umask(022);
    Options options;
    options.limits = roomy();
    options.grants.files = DirectoryMount::open(folder_ / "ours", {.writable = true}).value();
    Runtime runtime = make_runtime(std::move(options));
    const std::string source =
        "const { default: fs } = await import('node:fs');\n"
        "const { default: path } = await import('node:path');\nawait (" +
        std::string(kRunner) + ")(" + read_file(std::string(kCases)) + ", fs, path)";
    const Result<Value> result = runtime.eval(source, {.top_level_await = true});
    EXPECT_TRUE(result) << outcome(result);
    return result ? outcome(result) : "";
  }

  std::filesystem::path folder_;
};

TEST_F(NodeFs, EachCaseComesToWhatItComesToInNode) {
  const std::vector<std::string> expected = split(by_node());
  const std::vector<std::string> got = split(by_us());
  ASSERT_GE(expected.size(), 200u);
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], expected[i]);
}

TEST_F(NodeFs, TheTreesThatAreLeftAreTheSame) {
  static_cast<void>(by_node());
  static_cast<void>(by_us());
  const std::string compare = "cd '" + folder_.string() +
                              "' && rm -rf node/t-* ours/t-* && diff -r --no-dereference node ours";
  EXPECT_EQ(std::system(compare.c_str()), 0);
}

}  // namespace
}  // namespace sandglass::test
