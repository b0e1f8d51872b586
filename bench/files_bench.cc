// What files cost: the grant against plain system calls, in the same directory.
//
// Catalogue
//
//   BM_PlainRead_1MiB              open, fstat, read into one buffer, close: the baseline
//   BM_ReadFileSync_1MiB           fs.readFileSync of the same file, to a Uint8Array
//   BM_ReadFileSync_1MiB_Utf8      the same to a string
//   BM_ReadFileSync_MemoryFs_1MiB  of a MemoryFs
//   BM_WriteFileSync_1MiB          of a Uint8Array
//   BM_ReadFileSync_100B           what one call costs beyond the bytes
//   BM_PlainRead_100B              the baseline of that
//   BM_ExistsSync                  of a file that is there
//   BM_Eval, BM_ImportNodeFs       a new VM, 1+1, without and with an import of node:fs: the module
//   is in the image
#include <cstddef>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

constexpr std::size_t kMiB = 1 << 20;

/// A directory with the files that are read; removed when the program ends.
class Folder {
 public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "sandglass-bench-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) fail("mkdtemp", pattern.c_str());
    path_ = pattern;
    std::ofstream(path_ / "large") << std::string(kMiB, 'x');
    std::ofstream(path_ / "small") << std::string(100, 'x');
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

const Folder& folder() {
  static const Folder made;
  return made;
}

std::shared_ptr<FileSystem> mounted() {
  MountOptions options{.writable = true};
  return must(DirectoryMount::open(folder().path(), options), "DirectoryMount::open");
}

void plain_read(benchmark::State& state, std::string_view name, std::size_t size) {
  const std::string path = folder().path() / name;
  std::vector<char> buffer(size);
  for (auto _ : state) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status{};
    if (::fstat(file, &status) != 0) fail("fstat", path.c_str());
    if (::read(file, buffer.data(), size) != static_cast<ssize_t>(size)) fail("read", path.c_str());
    ::close(file);
    benchmark::DoNotOptimize(buffer.data());
  }
}

// The loop is the script's, so that what is measured is the call and not eval().
void run_script(benchmark::State& state, std::shared_ptr<FileSystem> files,
                std::string_view expression) {
  Options options;
  options.limits.wall_time = std::nullopt;
  options.grants.files = std::move(files);
  Runtime vm = must(Runtime::create(options), "Runtime::create");
  const std::string source =
      "globalThis.work = await (async () => { const { default: fs } = await import('node:fs'); "
      "const bytes = new Uint8Array(1 << 20); return (n) => { for (let i = 0; i < n; i++) " +
      std::string(expression) + "; }; })()";
  must(vm.eval(source, {.top_level_await = true}), "setup");
  const Value work = must(vm.eval("work"), "work");
  constexpr int kBatch = 16;
  while (state.KeepRunningBatch(kBatch)) must(work.call<void>(kBatch), "work");
}

void BM_PlainRead_1MiB(benchmark::State& state) {
  plain_read(state, "large", kMiB);
}
BENCHMARK(BM_PlainRead_1MiB);

void BM_ReadFileSync_1MiB(benchmark::State& state) {
  run_script(state, mounted(), "fs.readFileSync('/large')");
}
BENCHMARK(BM_ReadFileSync_1MiB);

void BM_ReadFileSync_1MiB_Utf8(benchmark::State& state) {
  run_script(state, mounted(), "fs.readFileSync('/large', 'utf8')");
}
BENCHMARK(BM_ReadFileSync_1MiB_Utf8);

void BM_ReadFileSync_MemoryFs_1MiB(benchmark::State& state) {
  const auto files = must(MemoryFs::create(), "MemoryFs::create");
  if (!write_file(*files, "/large", std::string(kMiB, 'x'))) fail("write_file", "/large");
  run_script(state, files, "fs.readFileSync('/large')");
}
BENCHMARK(BM_ReadFileSync_MemoryFs_1MiB);

void BM_WriteFileSync_1MiB(benchmark::State& state) {
  run_script(state, mounted(), "fs.writeFileSync('/written', bytes)");
}
BENCHMARK(BM_WriteFileSync_1MiB);

void BM_PlainRead_100B(benchmark::State& state) {
  plain_read(state, "small", 100);
}
BENCHMARK(BM_PlainRead_100B);

void BM_ReadFileSync_100B(benchmark::State& state) {
  run_script(state, mounted(), "fs.readFileSync('/small')");
}
BENCHMARK(BM_ReadFileSync_100B);

void BM_ExistsSync(benchmark::State& state) {
  run_script(state, mounted(), "fs.existsSync('/small')");
}
BENCHMARK(BM_ExistsSync);

void new_vm(benchmark::State& state, std::string_view source) {
  Options options;
  options.grants.files = mounted();
  for (auto _ : state) {
    Runtime vm = must(Runtime::create(options), "Runtime::create");
    must(vm.eval(source, {.top_level_await = true}), "eval");
  }
}

void BM_Eval(benchmark::State& state) {
  new_vm(state, "1 + 1");
}
BENCHMARK(BM_Eval);

void BM_ImportNodeFs(benchmark::State& state) {
  new_vm(state, "await import('node:fs'); 1 + 1");
}
BENCHMARK(BM_ImportNodeFs);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
