// A program of somebody else's: it knows the public headers and nothing else.

#include <cstdio>
#include <string>

#include <sandglass/sandglass.h>

int main() {
  if (sandglass::version() != EXPECTED_VERSION) {
    std::fprintf(stderr, "version %s\n", std::string(sandglass::version()).c_str());
    return 1;
  }
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create();
  if (!vm) {
    std::fprintf(stderr, "%s\n", describe(vm.error()).c_str());
    return 1;
  }
  const sandglass::Result<sandglass::Value> value = vm->eval("[6, 7].reduce((a, b) => a * b)");
  const sandglass::Result<sandglass::Value> deep = vm->eval("(function f() { f() })()");
  const bool right = value && value->to_number().value_or(0) == 42 && !deep &&
                     deep.error().code == sandglass::Errc::stack_limit;
  std::puts(right ? "42" : "wrong");
  return right ? 0 : 1;
}
