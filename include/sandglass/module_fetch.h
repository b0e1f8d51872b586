#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/error.h"
#include "sandglass/module_loader.h"

namespace sandglass {

/// One static import of a module.
struct ModuleImport {
  std::string specifier;  ///< as it is written
  std::string type;       ///< import attribute, empty if there is none
  friend bool operator==(const ModuleImport&, const ModuleImport&) = default;
};

/// What the module `source` imports (and exports from), in its order, each once. Nothing is run;
/// dynamic imports are not in it. The source is parsed in a VM of its own: tens of microseconds.
/// Errors: syntax, and the limits' (default ones).
[[nodiscard]] Result<std::vector<ModuleImport>> list_imports(std::string_view source,
                                                             std::string_view file_name);

struct FetchOptions {
  /// Refused beyond these: a hostile graph is no denial of service. Defaults 1,000 and 64 MiB.
  std::size_t max_modules = 1000;
  std::uint64_t max_bytes = std::uint64_t{64} << 20;
  /// When to give up. Fetches that are under way are abandoned: their futures are waited for by
  /// their own destructors, if they are of that kind.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// The canonical name of an import. Default: the path rules of module_loader.h, without trying
  /// suffixes.
  std::function<Result<std::string>(const ModuleRequest&)> resolve{};
};

/// Fetches the module `entry` and all that it imports, statically, then gives a loader that has
/// them: for sources that arrive asynchronously, over a network say. All modules of a level are
/// fetched at the same time.
///
///     auto modules = sandglass::fetch_modules("app/main.js", [&](std::string name) {
///       return std::async(std::launch::async, [&, name] { return download(name); });
///     });
///     auto runtime = sandglass::Runtime::create({.modules = *modules});
///     auto main = runtime->import("app/main.js");
///
/// Thread: `fetch` is called on this thread; what it starts may run anywhere.
/// Errors: those of `fetch` and of list_imports, with the importer named · invalid_argument (over
///         max_modules or max_bytes) · time_limit (the deadline).
[[nodiscard]] Result<std::shared_ptr<ModuleLoader>> fetch_modules(
    std::string_view entry,
    const std::function<std::future<Result<ModuleSource>>(std::string)>& fetch,
    const FetchOptions& options = {});

}  // namespace sandglass
