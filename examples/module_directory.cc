// Runs a project of modules that lies in a directory, which is all of the file system that it can
// read.
//
//   sandglass_example_module_directory examples/shop main.js

#include <cstdio>
#include <string>
#include <utility>

#include <sandglass/sandglass.h>

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s DIRECTORY MODULE\n", argv[0]), 2;
  sandglass::Result<std::shared_ptr<sandglass::DirectoryModules>> directory =
      sandglass::DirectoryModules::open(argv[1], {.max_file_bytes = 1 << 20});
  if (!directory) return std::fprintf(stderr, "%s\n", describe(directory.error()).c_str()), 1;

  sandglass::Options options;
  options.modules = *directory;
  options.console = [](sandglass::ConsoleStream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  };
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(std::move(options));
  if (!vm) return std::fprintf(stderr, "%s\n", describe(vm.error()).c_str()), 1;

  const sandglass::Result<sandglass::Value> exports = vm->import(argv[2]);
  if (!exports) return std::fprintf(stderr, "%s\n", exports.error().pretty().c_str()), 1;
  const sandglass::Result<std::string> json = exports->to_json();
  if (!json) return std::fprintf(stderr, "%s\n", describe(json.error()).c_str()), 1;
  std::printf("exports: %s\n", json->c_str());

  // Nothing leads out of the directory.
  const sandglass::Result<sandglass::Value> outside = vm->import("../embed.cc");
  std::printf("outside: %s\n", outside ? "found" : outside.error().message.c_str());
}
