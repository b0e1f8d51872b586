// Runs a stranger's script from C++ and tells how it ended.

#include <chrono>
#include <cstdio>
#include <string>

#include <sandglass/sandglass.h>

int main() {
  sandglass::Options options;
  options.limits.wall_time = std::chrono::milliseconds{100};
  options.console = [](sandglass::ConsoleStream, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  };

  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(options);
  if (!vm) return std::fprintf(stderr, "%s\n", describe(vm.error()).c_str()), 1;

  for (const char* script : {"console.log('hello'); ({sum: 1 + 1})", "while (true) {}", "null.x"}) {
    std::printf("> %s\n", script);
    if (sandglass::Result<sandglass::Value> value = vm->eval(script)) {
      std::printf("%s\n", value->to_json().value_or("no JSON").c_str());
    } else {
      std::printf("%s\n", describe(value.error()).c_str());
    }
    if (!vm->usable() && !vm->reset()) return 1;
  }
}
