// Renders markdown with a library from npm that it does not trust: `marked` may compute and nothing
// else.
//
//   npm install marked@15
//   sandglass_example_markdown node_modules/marked/lib/marked.umd.js README.md > readme.html

#include <cstdio>
#include <expected>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include <sandglass/sandglass.h>

namespace {

std::optional<std::string> read(const char* path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// `document` rendered by the bundle `library`, in a VM that is thrown away after.
sandglass::Result<std::string> render(const std::string& library, const std::string& document) {
  sandglass::Options options;
  options.limits.memory_bytes = 256 << 20;
  options.arguments = {document};  // data goes in as an argument, never pasted into source
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(std::move(options));
  if (!vm) return std::unexpected(vm.error());
  if (const auto loaded = vm->eval(library, {.file_name = "marked.js"}); !loaded) {
    return std::unexpected(loaded.error());
  }
  const sandglass::Result<sandglass::Value> html = vm->eval("marked.parse(scriptArgs[0])");
  if (!html) return std::unexpected(html.error());
  return html->to_string();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s MARKED_UMD_JS MARKDOWN\n", argv[0]), 2;
  const std::optional<std::string> library = read(argv[1]);
  const std::optional<std::string> document = read(argv[2]);
  if (!library || !document) {
    std::fprintf(stderr, "cannot read %s\n", library ? argv[2] : argv[1]);
    return 2;
  }
  const sandglass::Result<std::string> html = render(*library, *document);
  if (!html) return std::fprintf(stderr, "%s\n", describe(html.error()).c_str()), 1;
  std::fputs(html->c_str(), stdout);
}
