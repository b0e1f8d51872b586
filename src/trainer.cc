// Runs one training script, for the profile by which the guest is compiled. Not installed.
//
//   sandglass_trainer run --time 120s --memory 1GiB <script.js>
//
// Takes the command's arguments so that the command can stand in for it; only the script matters.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "sandglass/sandglass.h"

int main(int argc, char** argv) {
  std::ifstream file(argc > 1 ? argv[argc - 1] : "");
  if (!file) {
    std::fprintf(stderr, "sandglass_trainer: cannot read the script\n");
    return 2;
  }
  const std::string source{std::istreambuf_iterator<char>(file), {}};
  sandglass::Options options;
  options.limits.wall_time = std::chrono::minutes{2};
  options.limits.memory_bytes = std::uint64_t{1} << 30;
  auto runtime = sandglass::Runtime::create(options);
  if (!runtime) {
    std::fprintf(stderr, "%s\n", sandglass::describe(runtime.error()).c_str());
    return 1;
  }
  const auto value = runtime->eval(source, {.file_name = argv[argc - 1], .top_level_await = true});
  if (!value) {
    std::fprintf(stderr, "%s\n%s\n", sandglass::describe(value.error()).c_str(),
                 value.error().stack.c_str());
    return 1;
  }
  // What crosses between C++ and the script, too, has its share in the profile.
  const auto add = runtime->eval<sandglass::Function<int(int, int)>>("(a, b) => a + b");
  const auto set = runtime->set("host", [](int a, int b) { return a + b; });
  const sandglass::Scope scope(*runtime);
  const std::string text(1000, 'x');
  int sum = 0;
  for (int i = 0; add && set && i < 20000; ++i) {
    sum = (*add)(sum & 0xffff, i).value_or(0);
    const auto string = runtime->make(text);
    if (string) sum += static_cast<int>(string->to_string().value_or("").size());
  }
  static_cast<void>(runtime->eval("for (let i = 0; i < 100000; i++) host(i, 1);"));
  return 0;
}
