// The grant of files: what a script has with and without it, MemoryFs, DirectoryMount, Mounts,
// quotas, modules from files.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <utility>

#include "../support.h"

namespace sandglass::test {
namespace {

Runtime runtime_with(std::shared_ptr<FileSystem> files) {
  Options options;
  options.limits = roomy();
  options.grants.files = std::move(files);
  return make_runtime(std::move(options));
}

/// Evaluates `body`, which returns something, with `fs` at hand.
std::string run(Runtime& runtime, std::string_view body) {
  const std::string source =
      "await (async () => { const { default: fs } = await import('node:fs'); const tell = (f) => { "
      "try { return f(); } catch (e) { return e.code; } };" +
      std::string(body) + "})()";
  return outcome(runtime.eval(source, {.top_level_await = true}));
}

std::shared_ptr<MemoryFs> memory(FileQuota quota = {}) {
  return MemoryFs::create(quota).value();
}

// A folder of the host's.
class Folder {
 public:
  Folder() {
    std::string pattern = testing::TempDir() + "sandglass-files-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::shared_ptr<FileSystem> mount(MountOptions options = {.writable = true}) const {
    return DirectoryMount::open(path_, options).value();
  }

 private:
  std::filesystem::path path_;
};

TEST(FilesGrant, WithoutItImportsFailAndNameIt) {
  Runtime runtime = make_runtime();
  for (const std::string_view name : {"node:fs", "node:fs/promises"}) {
    const Result<Value> result =
        runtime.eval(fmt::format("await import('{}')", name), {.top_level_await = true});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::module_not_found);
    EXPECT_EQ(result.error().message,
              fmt::format("'{}' needs files: Options::grants.files is empty", name));
  }
}

TEST(FilesGrant, PathsNeedNoGrant) {
  Runtime runtime = make_runtime();
  EXPECT_EQ(outcome(runtime.eval("(await import('node:path')).join('a', '..', 'b')",
                                 {.top_level_await = true})),
            "b");
}

TEST(FilesGrant, FunctionsKeptFromASnapshotObeyTheGrantOfTheirVm) {
  const auto files = memory();
  ASSERT_TRUE(write_file(*files, "/x", "secret"));
  Runtime first = runtime_with(files);
  ASSERT_EQ(run(first, "globalThis.read = () => fs.readFileSync('/x', 'utf8'); return read()"),
            "secret");
  const Snapshot snapshot = first.snapshot().value();
  Options options = snapshot.options();
  options.grants = {};
  Runtime second = Runtime::from(snapshot, options).value();
  const Result<Value> result = second.eval("read()");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().detail, "ERR_ACCESS_DENIED");
  Runtime third = Runtime::from(snapshot).value();
  EXPECT_TRUE(gives(third, "read()", "secret"));
}

TEST(FilesGrant, OpenFilesAreOfOneVmAndEndWithAReset) {
  const auto files = memory({.open_files = 1});
  ASSERT_TRUE(write_file(*files, "/x", "text"));
  Runtime first = runtime_with(files);
  ASSERT_EQ(run(first, "globalThis.fd = fs.openSync('/x'); globalThis.fs = fs; return fd"), "3");
  Runtime second = Runtime::from(first.snapshot().value()).value();
  EXPECT_EQ(run(second, "return tell(() => fs.readFileSync(fd))"), "EBADF");
  EXPECT_EQ(run(second, "return tell(() => fs.openSync('/x'))"), "EMFILE");
  ASSERT_TRUE(first.reset());
  EXPECT_EQ(run(second, "return tell(() => fs.openSync('/x'))"), "3");
}

TEST(FilesGrant, ReadFileIsAUint8ArrayOfItsOwn) {
  const auto files = memory();
  ASSERT_TRUE(write_file(*files, "/x", "abc"));
  Runtime runtime = runtime_with(files);
  EXPECT_EQ(
      run(runtime,
          "const a = fs.readFileSync('/x'), b = fs.readFileSync('/x'); a[0] = 0; "
          "return [a.constructor === Uint8Array, a.byteOffset, a.buffer.byteLength, b[0]].join()"),
      "true,0,3,97");
}

TEST(FilesGrant, FilesLargerThanMemoryFailAndTheVmStaysUsable) {
  const Folder folder;
  std::ofstream(folder.path() / "big").close();
  std::filesystem::resize_file(folder.path() / "big", 200 * kMiB);
  Runtime runtime = runtime_with(folder.mount());
  const Result<Value> bytes =
      runtime.eval("const { default: fs } = await import('node:fs'); fs.readFileSync('/big')",
                   {.top_level_await = true});
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, Errc::memory_limit);
  EXPECT_EQ(run(runtime, "return tell(() => fs.readFileSync('/big', 'utf8'))"), "EFBIG");
  EXPECT_TRUE(works(runtime));
}

TEST(FilesGrant, AFileSystemThatThrowsIsAnErrorOfTheScript) {
  class Throwing final : public FileSystem {
   public:
    FileResult<FileStatus> status(std::string_view, bool) override {
      throw std::runtime_error("disk is gone");
    }
    FileResult<void> access(std::string_view, FileAccess) override { return {}; }
    FileResult<std::unique_ptr<File>> open(std::string_view, const FileOpening&) override {
      return std::unexpected(std::error_code(1, std::iostream_category()));
    }
    FileResult<void> list(std::string_view, const Visitor&) override { return {}; }
    FileResult<void> make_directory(std::string_view, std::uint32_t) override { return {}; }
    FileResult<void> remove_file(std::string_view) override { return {}; }
    FileResult<void> remove_directory(std::string_view) override { return {}; }
    FileResult<void> rename(std::string_view, std::string_view) override { return {}; }
    FileResult<std::string> real_path(std::string_view path) override { return std::string(path); }
  };
  Runtime runtime = runtime_with(std::make_shared<Throwing>());
  EXPECT_EQ(run(runtime, "try { fs.statSync('/x') } catch (e) { return e.message }"),
            "disk is gone");
  EXPECT_EQ(run(runtime, "return tell(() => fs.readFileSync('/x'))"), "EIO");
}

TEST(FilesGrant, PathsReachTheFileSystemNormalised) {
  const auto files = memory();
  ASSERT_TRUE(files->make_directory("/a", 0777));
  ASSERT_TRUE(write_file(*files, "/a/x", "text"));
  Runtime runtime = runtime_with(files);
  for (const std::string_view path :
       {"/a/x", "a/x", "./a//x", "/../../a/./x", "/b/../a/x", "a/b/../x"}) {
    EXPECT_EQ(run(runtime, fmt::format("return fs.readFileSync('{}', 'utf8')", path)), "text")
        << path;
  }
}

TEST(FilesGrant, ARunThatIsToEndDoesNotFinishALongList) {
  class Endless final : public FileSystem {
   public:
    FileResult<FileStatus> status(std::string_view, bool) override {
      return FileStatus{.kind = FileKind::directory};
    }
    FileResult<void> access(std::string_view, FileAccess) override { return {}; }
    FileResult<std::unique_ptr<File>> open(std::string_view, const FileOpening&) override {
      return std::make_unique<Zeros>();
    }
    FileResult<void> list(std::string_view, const Visitor& visit) override {
      while (visit("x", FileKind::file)) {
      }
      return {};
    }
    FileResult<void> make_directory(std::string_view, std::uint32_t) override { return {}; }
    FileResult<void> remove_file(std::string_view) override { return {}; }
    FileResult<void> remove_directory(std::string_view) override {
      return std::unexpected(std::make_error_code(std::errc::directory_not_empty));
    }
    FileResult<void> rename(std::string_view, std::string_view) override { return {}; }
    FileResult<std::string> real_path(std::string_view path) override { return std::string(path); }

   private:
    struct Zeros final : File {
      FileResult<std::size_t> read(std::span<std::byte> into, std::uint64_t) override {
        return std::min<std::size_t>(into.size(), 1);
      }
      FileResult<std::size_t> write(std::span<const std::byte> from, std::uint64_t) override {
        return std::min<std::size_t>(from.size(), 1);
      }
      FileResult<void> resize(std::uint64_t) override { return {}; }
      FileResult<FileStatus> status() override {
        return FileStatus{.bytes = std::uint64_t{1} << 33};
      }
    };
  };
  Options options;
  options.limits.wall_time = milliseconds{100};
  options.limits.memory_bytes = kGiB;
  options.grants.files = std::make_shared<Endless>();
  Runtime runtime = make_runtime(std::move(options));
  for (const std::string_view work :
       {"fs.readdirSync('/')", "fs.rmSync('/x', { recursive: true })",
        "fs.copyFileSync('/a', '/b')", "fs.readdirSync('/', { recursive: true })",
        "fs.writeFileSync('/x', new Uint8Array(500_000_000))"}) {
    const Clock::time_point start = Clock::now();
    const Result<Value> result = runtime.eval(
        fmt::format(
            "await (async () => {{ const {{ default: fs }} = await import('node:fs'); {} }})()",
            work),
        {.top_level_await = true});
    ASSERT_FALSE(result) << work;
    EXPECT_TRUE(result.error().code == Errc::time_limit || result.error().detail == "ENOMEM" ||
                result.error().detail == "EISDIR")
        << work << ": " << describe(result.error());
    EXPECT_LT(Clock::now() - start, kSurvived) << work;
    if (runtime.usable()) continue;
    ASSERT_TRUE(runtime.reset());
  }
}

// All that a quota forbids, of both kinds of file systems.

struct Kind {
  const char* name;
  std::function<std::shared_ptr<FileSystem>(const Folder&, FileQuota)> make;
};

class FileQuotas : public testing::TestWithParam<Kind> {
 protected:
  Runtime with(FileQuota quota) { return runtime_with(GetParam().make(folder_, quota)); }
  Folder folder_;
};

TEST_P(FileQuotas, BytesAtTheLimitFitAndOneMoreDoesNot) {
  Runtime runtime = with({.bytes = 100});
  EXPECT_EQ(run(runtime,
                "fs.writeFileSync('/a', 'x'.repeat(60)); fs.writeFileSync('/b', 'x'.repeat(40)); "
                "return tell(() => fs.appendFileSync('/b', 'x'))"),
            "ENOSPC");
}

TEST_P(FileQuotas, RemovedAndCutFilesGiveBackTheirBytes) {
  Runtime runtime = with({.bytes = 100});
  EXPECT_EQ(run(runtime,
                "for (let i = 0; i < 50; i++) { fs.writeFileSync('/a', 'x'.repeat(100)); "
                "if (i % 2) fs.unlinkSync('/a'); else fs.truncateSync('/a'); } return 'done'"),
            "done");
  EXPECT_EQ(
      run(runtime,
          "fs.writeFileSync('/a', 'x'.repeat(100)); fs.writeFileSync('/b', ''); "
          "fs.renameSync('/b', '/a'); fs.writeFileSync('/c', 'x'.repeat(100)); return 'done'"),
      "done");
}

TEST_P(FileQuotas, ARemovedFileCountsUntilItIsClosed) {
  Runtime runtime = with({.bytes = 100});
  EXPECT_EQ(run(runtime,
                "const fd = fs.openSync('/a', 'w'); fs.writeSync(fd, 'x'.repeat(100)); "
                "fs.unlinkSync('/a'); "
                "const before = tell(() => fs.writeFileSync('/b', 'x')); fs.closeSync(fd); "
                "return before + tell(() => fs.writeFileSync('/b', 'x'))"),
            "ENOSPCundefined");
}

TEST_P(FileQuotas, SparseWritesAndExtensionsCountWhole) {
  Runtime runtime = with({.bytes = 1000, .file_bytes = 1 << 30});
  EXPECT_EQ(
      run(runtime,
          "const fd = fs.openSync('/a', 'w'); return [tell(() => fs.writeSync(fd, 'x', 1000)), "
          "tell(() => fs.ftruncateSync(fd, 1001)), tell(() => fs.writeSync(fd, 'x', 2 ** 52)), "
          "tell(() => fs.writeSync(fd, 'x', 999))].join()"),
      "ENOSPC,ENOSPC,EFBIG,1");
}

TEST_P(FileQuotas, CopiesCount) {
  Runtime runtime = with({.bytes = 100});
  EXPECT_EQ(
      run(runtime,
          "fs.writeFileSync('/a', 'x'.repeat(60)); return tell(() => fs.copyFileSync('/a', '/b'))"),
      "ENOSPC");
}

TEST_P(FileQuotas, OneFileMayNotBeTooLong) {
  Runtime runtime = with({.file_bytes = 10});
  EXPECT_EQ(run(runtime,
                "return [tell(() => fs.writeFileSync('/a', 'x'.repeat(10))), "
                "tell(() => fs.appendFileSync('/a', 'x')), tell(() => fs.truncateSync('/a', "
                "11))].join()"),
            ",EFBIG,EFBIG");
}

TEST_P(FileQuotas, WrittenBytesAreNeverGivenBack) {
  Runtime runtime = with({.written_bytes = 100});
  EXPECT_EQ(run(runtime,
                "let n = 0; while (tell(() => { fs.writeFileSync('/a', '0123456789') }) === "
                "undefined) n++; "
                "return n + tell(() => fs.writeFileSync('/b', 'x'))"),
            "10ENOSPC");
}

TEST_P(FileQuotas, FilesAndDirectoriesCountUntilTheyAreRemoved) {
  Runtime runtime = with({.files = 3});
  EXPECT_EQ(
      run(runtime,
          "fs.mkdirSync('/d'); fs.writeFileSync('/d/a', ''); fs.writeFileSync('/d/b', ''); "
          "const more = [tell(() => fs.writeFileSync('/c', '')), tell(() => fs.mkdirSync('/e')), "
          "tell(() => fs.copyFileSync('/d/a', '/c')), tell(() => fs.mkdtempSync('/t')), "
          "tell(() => fs.openSync('/c', 'wx'))]; "
          "fs.rmSync('/d', { recursive: true }); fs.writeFileSync('/c', ''); return more.join()"),
      "ENOSPC,ENOSPC,ENOSPC,ENOSPC,ENOSPC");
}

TEST_P(FileQuotas, OpenFilesAtTheLimitFitAndOneMoreDoesNot) {
  Runtime runtime = with({.open_files = 2});
  EXPECT_EQ(
      run(runtime,
          "fs.writeFileSync('/a', ''); const a = fs.openSync('/a'); fs.openSync('/a'); "
          "const third = tell(() => fs.openSync('/a')), read = tell(() => fs.readFileSync('/a')); "
          "fs.closeSync(a); return [third, read, tell(() => fs.openSync('/a'))].join()"),
      "EMFILE,EMFILE,3");
}

TEST_P(FileQuotas, PathsMayNotBeTooLong) {
  Runtime runtime = with({.path_bytes = 10});
  EXPECT_EQ(run(runtime,
                "return [tell(() => fs.writeFileSync('/123456789', '')), "
                "tell(() => fs.writeFileSync('/1234567890', '')), tell(() => "
                "fs.statSync('/1234567890')), "
                "tell(() => fs.renameSync('/123456789', '/1234567890'))].join()"),
            ",ENAMETOOLONG,ENAMETOOLONG,ENAMETOOLONG");
}

TEST_P(FileQuotas, OutOfRangeIsRefused) {
  EXPECT_EQ(error_of(MemoryFs::create({.path_bytes = 4001})).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(DirectoryMount::open(folder_.path(), {.quota = {.path_bytes = 0}})).code,
            Errc::invalid_argument);
}

INSTANTIATE_TEST_SUITE_P(
    , FileQuotas,
    testing::Values(Kind{"MemoryFs",
                         [](const Folder&, FileQuota quota) -> std::shared_ptr<FileSystem> {
                           return memory(quota);
                         }},
                    Kind{"DirectoryMount",
                         [](const Folder& folder, FileQuota quota) {
                           return folder.mount({.writable = true, .quota = quota});
                         }}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(DirectoryMountTest, RemovingAFileOfTheHostPaysForNothing) {
  const Folder folder;
  folder.write("host.bin", std::string(1000, 'h'));
  Runtime runtime =
      runtime_with(folder.mount({.writable = true, .quota = {.bytes = 100, .files = 1}}));
  EXPECT_EQ(run(runtime,
                "fs.writeFileSync('/mine', 'x'.repeat(100)); fs.unlinkSync('/host.bin'); "
                "return [tell(() => fs.appendFileSync('/mine', 'x')), tell(() => "
                "fs.mkdirSync('/d'))].join()"),
            "ENOSPC,ENOSPC");
}

TEST(DirectoryMountTest, ReadOnlyRefusesEveryChangeAndChangesNothing) {
  const Folder folder;
  folder.write("dir/x", "text");
  Runtime runtime = runtime_with(folder.mount({}));
  EXPECT_EQ(run(runtime,
                "return [() => fs.writeFileSync('/dir/x', ''), () => fs.writeFileSync('/y', ''), "
                "() => fs.appendFileSync('/dir/x', 'a'), "
                "() => fs.mkdirSync('/d'), () => fs.unlinkSync('/dir/x'), () => "
                "fs.rmdirSync('/dir'), () => fs.renameSync('/dir/x', '/y'), "
                "() => fs.truncateSync('/dir/x'), () => fs.copyFileSync('/dir/x', '/y'), () => "
                "fs.mkdtempSync('/t'), "
                "() => fs.rmSync('/dir', { recursive: true }), () => fs.openSync('/dir/x', 'r+'), "
                "() => fs.accessSync('/dir/x', 2)]"
                ".map(tell).join()"),
            "EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS,EROFS");
  EXPECT_EQ(run(runtime, "return fs.readFileSync('/dir/x', 'utf8') + fs.readdirSync('/').join()"),
            "textdir");
}

TEST(DirectoryMountTest, TimesCanBeKeptFromScripts) {
  const Folder folder;
  folder.write("x", "text");
  Runtime seen = runtime_with(folder.mount());
  Runtime unseen = runtime_with(folder.mount({.real_times = false}));
  EXPECT_NE(run(seen, "return fs.statSync('/x').mtimeMs"), "1640995200000");
  EXPECT_EQ(run(unseen,
                "const s = fs.statSync('/x'), t = fs.fstatSync(fs.openSync('/x')); return "
                "[s.mtimeMs, s.atime.toISOString(), s.ctimeMs, s.birthtimeMs, t.mtimeMs].join()"),
            "1640995200000,2022-01-01T00:00:00.000Z,1640995200000,1640995200000,1640995200000");
}

TEST(DirectoryMountTest, StatsTellNoUserAndNoDevice) {
  const Folder folder;
  folder.write("x", "text");
  Runtime runtime = runtime_with(folder.mount());
  EXPECT_EQ(
      run(runtime, "const s = fs.statSync('/x'); return [s.uid, s.gid, s.dev, s.rdev].join()"),
      "0,0,0,0");
}

TEST(DirectoryMountTest, NewFilesHaveTheModeAskedForLessTheUmask) {
  const Folder folder;
  const mode_t umask = ::umask(027);
  Runtime runtime = runtime_with(folder.mount());
  EXPECT_EQ(run(runtime,
                "fs.writeFileSync('/a', ''); fs.writeFileSync('/b', '', { mode: 0o7777 }); "
                "fs.mkdirSync('/d'); "
                "return ['/a', '/b', '/d'].map((p) => (fs.statSync(p).mode & "
                "0o7777).toString(8)).join()"),
            "640,750,750");
  ::umask(umask);
}

TEST(DirectoryMountTest, MissingRootsAreRefused) {
  EXPECT_EQ(error_of(DirectoryMount::open("/no/such/directory")).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(DirectoryMount::open("/etc/passwd")).code, Errc::invalid_argument);
}

TEST(MountsTest, EachPathBelongsToItsLongestMount) {
  const auto a = memory();
  const auto b = memory();
  ASSERT_TRUE(write_file(*a, "/x", "of a"));
  ASSERT_TRUE(write_file(*b, "/x", "of b"));
  Runtime runtime = runtime_with(Mounts::create({{"/data", a}, {"/data/deep/b", b}}).value());
  EXPECT_EQ(
      run(runtime,
          "return [fs.readFileSync('/data/x', 'utf8'), fs.readFileSync('/data/deep/b/x', 'utf8'), "
          "fs.readdirSync('/').join(), fs.readdirSync('/data').join(), "
          "fs.readdirSync('/data/deep').join(), "
          "fs.statSync('/').isDirectory(), fs.realpathSync('/data/deep/b/../b/x'), "
          "fs.existsSync('/database')].join('|')"),
      "of a|of b|data|deep,x|b|true|/data/deep/b/x|false");
}

TEST(MountsTest, MountsCannotBeMovedOrRemovedAndNothingIsMadeBesideThem) {
  Runtime runtime = runtime_with(Mounts::create({{"/a/b", memory()}, {"/c", memory()}}).value());
  EXPECT_EQ(
      run(runtime,
          "return [() => fs.rmdirSync('/c'), () => fs.renameSync('/c', '/d'), () => "
          "fs.rmdirSync('/a'), "
          "() => fs.renameSync('/a', '/c/a'), () => fs.rmSync('/a', { recursive: true }), () => "
          "fs.mkdirSync('/x'), "
          "() => fs.writeFileSync('/x', ''), () => fs.mkdirSync('/a'), () => fs.mkdirSync('/c'), "
          "() => fs.writeFileSync('/a/x', ''), () => fs.unlinkSync('/c'), () => "
          "fs.readFileSync('/a'), "
          "() => fs.writeFileSync('/no/x', '')].map(tell).join()"),
      "EBUSY,EBUSY,EBUSY,EBUSY,EBUSY,EROFS,EROFS,EEXIST,EEXIST,EROFS,EISDIR,EISDIR,ENOENT");
}

TEST(MountsTest, RenamingIntoAnotherMountIsExdev) {
  Runtime runtime = runtime_with(Mounts::create({{"/a", memory()}, {"/b", memory()}}).value());
  EXPECT_EQ(run(runtime,
                "fs.writeFileSync('/a/x', 'text'); const moved = tell(() => fs.renameSync('/a/x', "
                "'/b/x')); "
                "fs.copyFileSync('/a/x', '/b/x'); return moved + fs.readFileSync('/b/x', 'utf8')"),
            "EXDEVtext");
}

TEST(MountsTest, BadMountsAreRefused) {
  using namespace std::string_literals;
  for (const std::string& path : {""s, "a"s, "/a/"s, "/a/../b"s, "//"s, "/a\0b"s}) {
    EXPECT_EQ(error_of(Mounts::create({{path, memory()}})).code, Errc::invalid_argument) << path;
  }
  EXPECT_EQ(error_of(Mounts::create({{"/a", nullptr}})).code, Errc::invalid_argument);
}

TEST(FileModulesTest, ModulesLoadFromFilesByThePathRules) {
  const auto files = memory();
  ASSERT_TRUE(files->make_directory("/app", 0777));
  ASSERT_TRUE(files->make_directory("/app/lib", 0777));
  ASSERT_TRUE(write_file(
      *files, "/app/main.js",
      "import { two } from './lib'; import d from './d.json'; export default two + d.n;"));
  ASSERT_TRUE(write_file(*files, "/app/lib/index.js", "export const two = 2;"));
  ASSERT_TRUE(write_file(*files, "/app/d.json", R"({"n": 40})"));
  ASSERT_TRUE(write_file(*files, "/secret.js", "export default 'secret';"));
  Options options;
  options.limits = roomy();
  options.modules = FileModules::create(files, "/app").value();
  Runtime runtime = make_runtime(std::move(options));
  EXPECT_EQ(runtime.import("main")->get<int>("default").value(), 42);
  EXPECT_EQ(error_of(runtime.import("../secret.js")).name, "TypeError");
  EXPECT_EQ(error_of(runtime.import("absent")).code, Errc::module_not_found);
}

TEST(FileModulesTest, LinksOutOfAMountAreNoModules) {
  const Folder outside;
  outside.write("secret.js", "export default 'secret';");
  const Folder folder;
  std::filesystem::create_symlink(outside.path() / "secret.js", folder.path() / "a.js");
  Options options;
  options.limits = roomy();
  options.modules = FileModules::create(folder.mount({})).value();
  Runtime runtime = make_runtime(std::move(options));
  const Result<Value> result = runtime.import("a.js");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "cannot find module 'a.js'; a.js: Permission denied");
}

TEST(FileModulesTest, BadRootsAndLimitsAreRefused) {
  EXPECT_EQ(error_of(FileModules::create(nullptr)).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(FileModules::create(memory(), "app")).code, Errc::invalid_argument);
  EXPECT_EQ(error_of(FileModules::create(memory(), "/", 0)).code, Errc::invalid_argument);
}

}  // namespace
}  // namespace sandglass::test
