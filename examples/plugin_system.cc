// Runs every plugin of a directory on a text. A plugin is a module whose default export is a
// function; each has a VM of its own, limits of its own, and `host:app` to talk to the program.
//
//   sandglass_example_plugin_system examples/plugins "hello world"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sandglass/sandglass.h>

namespace {

/// What a plugin can reach of us, and all that it can.
std::shared_ptr<sandglass::HostModules> host_api(const std::string& plugin) {
  auto app = std::make_shared<sandglass::HostModule>();
  app->function("log", [plugin](std::string_view text) {
    std::printf("[%s] %.*s\n", plugin.c_str(), static_cast<int>(text.size()), text.data());
  });
  app->function("setting", [](std::string_view name) -> std::optional<std::string> {
    if (name == "ending") return "!";
    return std::nullopt;
  });
  auto modules = std::make_shared<sandglass::HostModules>();
  modules->add("host:app", std::move(app));
  return modules;
}

/// `file` of `directory`, loaded in `vm`: its default export.
sandglass::Result<sandglass::Function<std::string(std::string)>> load(sandglass::Runtime& vm,
                                                                      const std::string& file) {
  const sandglass::Result<sandglass::Value> exports = vm.import(file);
  if (!exports) return std::unexpected(exports.error());
  return exports->get<sandglass::Function<std::string(std::string)>>("default");
}

sandglass::Result<std::string> run(const std::shared_ptr<sandglass::ModuleLoader>& directory,
                                   const std::string& file, const std::string& text) {
  sandglass::Options options;
  options.limits.memory_bytes = 16 << 20;
  options.limits.wall_time = std::chrono::milliseconds{500};
  options.modules = std::make_shared<sandglass::ModuleChain>(
      std::vector<std::shared_ptr<sandglass::ModuleLoader>>{host_api(file), directory});
  sandglass::Result<sandglass::Runtime> vm = sandglass::Runtime::create(std::move(options));
  if (!vm) return std::unexpected(vm.error());
  const auto plugin = load(*vm, file);
  if (!plugin) return std::unexpected(plugin.error());
  return (*plugin)(text);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "usage: %s DIRECTORY TEXT\n", argv[0]), 2;
  const auto directory = sandglass::DirectoryModules::open(argv[1]);
  if (!directory) return std::fprintf(stderr, "%s\n", describe(directory.error()).c_str()), 1;

  std::set<std::string> files;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], failed)) {
    if (entry.path().extension() == ".js") files.insert(entry.path().filename().string());
  }
  if (failed) return std::fprintf(stderr, "%s: %s\n", argv[1], failed.message().c_str()), 1;

  for (const std::string& file : files) {
    const sandglass::Result<std::string> answer = run(*directory, file, argv[2]);
    std::printf("%s: %s\n", file.c_str(),
                answer ? answer->c_str() : describe(answer.error()).c_str());
  }
}
