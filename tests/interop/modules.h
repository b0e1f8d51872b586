// VMs with modules, for the tests of them.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {

using Texts = std::map<std::string, std::string>;

inline constexpr EvalOptions kMain{.file_name = "main.js", .kind = SourceKind::module};
inline constexpr EvalOptions kAwait{.file_name = "main.js", .top_level_await = true};

[[nodiscard]] inline std::shared_ptr<MemoryModules> in_memory(Texts texts) {
  auto modules = MemoryModules::create(std::move(texts));
  if (!modules) {
    ADD_FAILURE() << modules.error().message;
    std::abort();
  }
  return *modules;
}

[[nodiscard]] inline Options with(std::shared_ptr<ModuleLoader> modules) {
  Options options;
  options.limits.wall_time = seconds{60};
  options.modules = std::move(modules);
  return options;
}

/// A loader that keeps books.
class Books final : public ModuleLoader {
 public:
  explicit Books(std::shared_ptr<ModuleLoader> inner) : inner_(std::move(inner)) {}
  Result<std::string> resolve(const ModuleRequest& request) override {
    requests.push_back(
        fmt::format("{} from {} as {}", request.specifier, request.importer, request.type));
    return inner_->resolve(request);
  }
  Result<ModuleSource> load(std::string_view name) override {
    ++loads[std::string(name)];
    return inner_->load(name);
  }

  std::vector<std::string> requests;
  std::map<std::string, int> loads;

 private:
  std::shared_ptr<ModuleLoader> inner_;
};

/// The export `name` of a module with this source, as a string, or the error as logs show it.
[[nodiscard]] inline std::string export_of(Runtime& vm, std::string_view source,
                                           std::string_view name = "default",
                                           EvalOptions options = kMain) {
  Result<Value> space = vm.eval(source, options);
  if (space) space = space->get(name);
  return outcome(space);
}
/// The same, of an import from C++.
[[nodiscard]] inline std::string imported(Runtime& vm, std::string_view specifier,
                                          std::string_view name = "default") {
  Result<Value> space = vm.import(specifier);
  if (space) space = space->get(name);
  return outcome(space);
}

/// What a module with this source fails with; an Error without a code if it does not.
[[nodiscard]] inline Error error_in(Runtime& vm, std::string_view source,
                                    EvalOptions options = kMain) {
  return error_of(vm.eval(source, options));
}

class WithModules : public ::testing::Test {
 protected:
  /// A VM whose modules are these.
  void have(Texts texts) {
    modules_ = in_memory(std::move(texts));
    books_ = std::make_shared<Books>(modules_);
    Options options = with(books_);
    options.console = [this](ConsoleStream, std::string_view text) { printed_ += text; };
    vm_ = make_runtime(std::move(options));
  }

  std::shared_ptr<MemoryModules> modules_;
  std::shared_ptr<Books> books_;
  std::string printed_;
  Runtime vm_ = make_runtime(Options{});
};

}  // namespace sandglass::test
