// Attempts to get at what was not granted: see hostile/README.md. Each runs in a VM of its own;
// what it comes to is written above it. Besides, for each: nothing on the host's disk changes, no
// secret of the host is in anything that the script got hold of, and the VM is in order afterwards.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "../support.h"

namespace sandglass::test {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnvironmentSecret = "environment-secret-7f3a";
constexpr std::string_view kFileSecret = "file-secret-91bc";

struct Attempt {
  std::string title{};
  std::string grant = "none";
  std::string kind{};  // gives, throws or ends
  std::string
      expected{};       // exactly what it gives, a part of what it throws, or the name of the code
  std::string asked{};  // the URLs that the fetcher is asked for, with spaces between
  std::string source{};
};

/// The attempts of one file; a line that is none of the format ends the process.
std::vector<Attempt> attempts_in(const fs::path& path) {
  std::vector<Attempt> attempts;
  std::istringstream lines(read_file(path.string()));
  for (std::string line; std::getline(lines, line);) {
    const auto is = [&](std::string_view start) { return line.starts_with(start); };
    if (is("//# ")) {
      attempts.push_back({.title = line.substr(4)});
    } else if (attempts.empty()) {
      continue;
    } else if (is("// with: ")) {
      attempts.back().grant = line.substr(9);
    } else if (is("// asked: ")) {
      attempts.back().asked = line.substr(10);
    } else if (is("// gives: ") || is("// throws: ") || is("// ends: ")) {
      const std::size_t colon = line.find(':');
      attempts.back().kind = line.substr(3, colon - 3);
      attempts.back().expected = line.substr(colon + 2);
    } else {
      attempts.back().source += line + '\n';
    }
  }
  return attempts;
}

std::vector<std::string> files_of_attempts() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(SANDGLASS_GRANTS_HOSTILE_DIR)) {
    if (entry.path().extension() == ".js") names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

/// Answers every request, and notes what was asked.
class Recorder final : public Fetcher {
 public:
  void fetch(FetchRequest request, std::stop_token, Done done) override {
    {
      const std::scoped_lock lock(mutex_);
      asked_ += (asked_.empty() ? "" : " ") + request.url;
    }
    std::string headers;
    for (const HttpHeader& header : request.headers) headers += header.name + ";";
    done(FetchResponse{.status = 200, .url = request.url, .body = headers});
  }
  [[nodiscard]] std::string asked() const {
    const std::scoped_lock lock(mutex_);
    return asked_;
  }

 private:
  mutable std::mutex mutex_;
  std::string asked_;
};

/// A part of the host: a secret, a folder that anybody may write to, and a folder to be mounted.
class HostTree {
 public:
  HostTree() {
    std::string pattern = testing::TempDir() + "sandglass-hostile-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    root_ = pattern;
    fs::create_directories(root_ / "writable");
    fs::permissions(root_ / "writable", fs::perms::all);
    fs::create_directories(root_ / "mount" / "folder");
    write(root_ / "secret.txt", kFileSecret);
    write(root_ / "mount" / "public.txt", "public");
    fs::create_symlink("../secret.txt", root_ / "mount" / "up");
    fs::create_symlink(root_ / "secret.txt", root_ / "mount" / "absolute");
    fs::create_symlink("..", root_ / "mount" / "parent");
    fs::create_symlink("/proc/self", root_ / "mount" / "process");
    fs::create_symlink("../writable/new", root_ / "mount" / "dangling");
    fs::create_symlink("circle", root_ / "mount" / "circle");
    if (::mkfifo((root_ / "mount" / "pipe").c_str(), 0666) != 0) std::abort();
  }
  HostTree(const HostTree&) = delete;
  HostTree& operator=(const HostTree&) = delete;
  ~HostTree() { fs::remove_all(root_); }

  [[nodiscard]] const fs::path& root() const { return root_; }

  /// Everything but the times of access.
  [[nodiscard]] std::string description() const {
    std::set<std::string> lines;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root_)) {
      struct stat status{};
      if (::lstat(entry.path().c_str(), &status) != 0) std::abort();
      std::string what;
      if (S_ISREG(status.st_mode)) what = read_file(entry.path().string());
      if (S_ISLNK(status.st_mode)) what = fs::read_symlink(entry.path()).string();
      lines.insert(fmt::format("{} {:o} {} {} {}.{} {}\n", entry.path().string(), status.st_mode,
                               status.st_nlink, status.st_ino, status.st_mtim.tv_sec,
                               status.st_mtim.tv_nsec, what));
    }
    std::string all;
    for (const std::string& line : lines) all += line;
    return all;
  }

 private:
  static void write(const fs::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  fs::path root_;
};

/// All that a script could pass on of an error.
std::string text_of(const Error& error) {
  std::string text = describe(error) + error.stack + error.detail + error.completion.value_or("");
  if (error.location) text += error.location->file + error.location->text;
  if (error.cause) text += text_of(*error.cause);
  return text;
}

class Corpus : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    ::setenv("SANDGLASS_HOSTILE_SECRET", std::string(kEnvironmentSecret).c_str(), 1);
  }

  [[nodiscard]] Options options_for(const std::string& grant) {
    Options options;
    options.limits = roomy();
    options.limits.wall_time = seconds{60};
    options.limits.memory_bytes = 64 * kMiB;
    options.console = [this](ConsoleStream, std::string_view text) { printed_ += text; };
    if (grant == "files") {
      options.grants.files =
          DirectoryMount::open(tree_.root() / "mount", {.real_times = false}).value();
    } else if (grant == "environment") {
      options.grants.environment = {{"ALLOWED", "yes"}};
    } else if (grant == "fetcher") {
      options.grants.fetcher = recorder_;
    } else if (grant == "clock") {
      options.grants.clock = sandglass::Clock::coarse(std::chrono::hours{1});
    } else {
      EXPECT_EQ(grant, "none");
    }
    return options;
  }

  void run(const Attempt& attempt) {
    SCOPED_TRACE(attempt.title);
    printed_.clear();
    recorder_ = std::make_shared<Recorder>();
    const std::string before = tree_.description();
    Runtime vm = make_runtime(options_for(attempt.grant));
    const Result<Value> result = vm.eval(with_paths(attempt.source), {.top_level_await = true});
    const std::string got = outcome(result);
    if (attempt.kind == "gives") {
      EXPECT_TRUE(result);
      EXPECT_EQ(got, attempt.expected);
    } else if (attempt.kind == "throws") {
      EXPECT_TRUE(error_of(result).code == Errc::threw || error_of(result).code == Errc::syntax ||
                  error_of(result).code == Errc::module_not_found)
          << got;
      const std::string text = text_of(error_of(result));
      EXPECT_NE(text.find(attempt.expected), std::string::npos) << text << "\n" << attempt.expected;
    } else {
      EXPECT_EQ(attempt.kind, "ends");
      EXPECT_EQ(to_string(error_of(result).code), attempt.expected) << got;
    }
    EXPECT_EQ(recorder_->asked(), attempt.asked);
    EXPECT_EQ(tree_.description(), before);
    expect_no_secret(attempt, got + printed_ + (result ? "" : text_of(result.error())));
    if (result || result.error().vm_usable) {
      EXPECT_TRUE(vm.eval("1"));
    }
  }

 private:
  [[nodiscard]] std::string with_paths(std::string source) const {
    constexpr std::string_view kPlace = "@HOST@";
    for (std::size_t at; (at = source.find(kPlace)) != std::string::npos;) {
      source.replace(at, kPlace.size(), tree_.root().string());
    }
    return source;
  }

  void expect_no_secret(const Attempt& attempt, const std::string& text) const {
    std::vector<std::string> secrets{std::string(kEnvironmentSecret), std::string(kFileSecret),
                                     SANDGLASS_GRANTS_HOSTILE_DIR, "/proc/self/fd"};
    // An attempt that was told the path may say it.
    if (attempt.source.find("@HOST@") == std::string::npos)
      secrets.push_back(tree_.root().string());
    if (attempt.source.find("/proc/self/fd") != std::string::npos)
      std::erase(secrets, "/proc/self/fd");
    for (const std::string& secret : secrets) {
      EXPECT_EQ(text.find(secret), std::string::npos) << "a secret of the host: " << text;
    }
  }

  HostTree tree_;
  std::shared_ptr<Recorder> recorder_;
  std::string printed_;
};

TEST_P(Corpus, ComesToWhatItSaysAndTouchesNothing) {
  const std::vector<Attempt> attempts =
      attempts_in(fs::path(SANDGLASS_GRANTS_HOSTILE_DIR) / (GetParam() + ".js"));
  EXPECT_FALSE(attempts.empty());
  for (const Attempt& attempt : attempts) run(attempt);
}

INSTANTIATE_TEST_SUITE_P(Hostile, Corpus, testing::ValuesIn(files_of_attempts()),
                         [](const auto& test) { return test.param; });

TEST(HostileCorpus, HasManyAttemptsAndNoTitleTwice) {
  std::map<std::string, int> titles;
  for (const std::string& name : files_of_attempts()) {
    for (const Attempt& attempt :
         attempts_in(fs::path(SANDGLASS_GRANTS_HOSTILE_DIR) / (name + ".js"))) {
      EXPECT_EQ(++titles[attempt.title], 1) << attempt.title;
      EXPECT_FALSE(attempt.source.empty()) << attempt.title;
    }
  }
  EXPECT_GE(titles.size(), 150u);
}

}  // namespace
}  // namespace sandglass::test
