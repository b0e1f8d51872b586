// Modules that arrive asynchronously: the whole graph is fetched before any of it runs.
#include "sandglass/module_fetch.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "host/module_path.h"
#include "sandglass/runtime.h"

namespace sandglass {
namespace {

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

// Takes every import for found, and an empty module for each, so that one module is parsed alone.
class ImportRecorder final : public ModuleLoader {
 public:
  Result<std::string> resolve(const ModuleRequest& request) override {
    ModuleImport found{std::string(request.specifier), std::string(request.type)};
    if (std::ranges::find(imports_, found) == imports_.end()) imports_.push_back(std::move(found));
    return fmt::format("import-{}", imports_.size());
  }
  Result<ModuleSource> load(std::string_view) override {
    ModuleSource source;
    source.text = "null";  // a module, and JSON too
    return source;
  }
  [[nodiscard]] std::vector<ModuleImport> take() { return std::move(imports_); }

 private:
  std::vector<ModuleImport> imports_;
};

// What was fetched: canonical names to sources, imports to canonical names.
class FetchedModules final : public ModuleLoader {
 public:
  using Resolve = std::function<Result<std::string>(const ModuleRequest&)>;
  explicit FetchedModules(Resolve resolve) : resolve_(std::move(resolve)) {}

  void add(std::string name, ModuleSource source) {
    sources_.insert_or_assign(std::move(name), std::move(source));
  }
  [[nodiscard]] bool has(std::string_view name) const { return sources_.contains(name); }

  Result<std::string> resolve(const ModuleRequest& request) override {
    Result<std::string> name = resolve_(request);
    if (!name || sources_.contains(*name)) return name;
    return std::unexpected(host::not_found(request, {*name}));
  }
  Result<ModuleSource> load(std::string_view name) override {
    const auto at = sources_.find(name);
    if (at != sources_.end()) return at->second;
    return std::unexpected(Error{.code = Errc::module_not_found,
                                 .message = fmt::format("'{}' was not fetched", name)});
  }

 private:
  Resolve resolve_;
  std::map<std::string, ModuleSource, std::less<>> sources_;  // read-only once it is handed out
};

Result<std::string> resolve_by_path(const ModuleRequest& request) {
  auto found = host::find_path(request);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->path.empty() || found->folder) {
    return std::unexpected(host::not_found(request, {}));
  }
  return std::move(found->path);
}

struct Fetch {
  std::string name;
  std::string importer;
  std::string type;
  std::future<Result<ModuleSource>> result;
};

Error named(Error error, const Fetch& fetch) {
  error.message = fmt::format("module '{}' imported by '{}': {}", host::to_printable(fetch.name),
                              host::to_printable(fetch.importer), error.message);
  return error;
}

// One module, once it is there.
Result<ModuleSource> wait_for(Fetch& fetch, const FetchOptions& options) {
  const auto never = std::chrono::steady_clock::time_point::max();
  if (options.deadline != never &&
      fetch.result.wait_until(options.deadline) == std::future_status::timeout) {
    return std::unexpected(
        named({.code = Errc::time_limit, .message = "it was not there at the deadline"}, fetch));
  }
  try {
    Result<ModuleSource> source = fetch.result.get();
    if (!source) return std::unexpected(named(std::move(source.error()), fetch));
    return source;
  } catch (const std::exception& exception) {
    return std::unexpected(named({.code = Errc::threw, .message = exception.what()}, fetch));
  } catch (...) {
    return std::unexpected(
        named({.code = Errc::threw, .message = "the fetch threw no std::exception"}, fetch));
  }
}

}  // namespace

Result<std::vector<ModuleImport>> list_imports(std::string_view source,
                                               std::string_view file_name) {
  const auto recorder = std::make_shared<ImportRecorder>();
  Options options;
  options.modules = recorder;
  const Result<Runtime> scratch = Runtime::create(std::move(options));
  if (!scratch) return std::unexpected(scratch.error());
  const auto compiled =
      scratch->compile(source, {.file_name = file_name, .kind = SourceKind::module});
  if (!compiled) return std::unexpected(compiled.error());
  return recorder->take();
}

Result<std::shared_ptr<ModuleLoader>> fetch_modules(
    std::string_view entry,
    const std::function<std::future<Result<ModuleSource>>(std::string)>& fetch,
    const FetchOptions& options) {
  const auto resolve = options.resolve ? options.resolve : resolve_by_path;
  auto modules = std::make_shared<FetchedModules>(resolve);
  std::set<std::string, std::less<>> seen;
  std::uint64_t bytes = 0;
  std::vector<Fetch> level;
  const auto start = [&](const ModuleRequest& request) -> Result<void> {
    Result<std::string> name = resolve(request);
    if (!name) return std::unexpected(std::move(name.error()));
    if (!seen.insert(*name).second) return {};
    if (seen.size() > options.max_modules) {
      return std::unexpected(invalid(fmt::format("more than {} modules", options.max_modules)));
    }
    level.push_back(
        {*name, std::string(request.importer), std::string(request.type), fetch(*name)});
    return {};
  };
  if (auto started = start({.specifier = entry}); !started) {
    return std::unexpected(std::move(started.error()));
  }
  while (!level.empty()) {
    for (Fetch& one : std::exchange(level, {})) {
      Result<ModuleSource> source = wait_for(one, options);
      if (!source) return std::unexpected(std::move(source.error()));
      bytes += source->text.size();
      if (bytes > options.max_bytes) {
        return std::unexpected(
            invalid(fmt::format("more than {} bytes of modules", options.max_bytes)));
      }
      if (one.type == "json" && source->format == ModuleFormat::javascript) {
        source->format = ModuleFormat::json;
      }
      if (source->format == ModuleFormat::javascript) {
        const auto imports = list_imports(source->text, one.name);
        if (!imports) return std::unexpected(named(imports.error(), one));
        for (const ModuleImport& found : *imports) {
          if (auto started = start({found.specifier, one.name, found.type}); !started) {
            return std::unexpected(std::move(started.error()));
          }
        }
      }
      modules->add(one.name, std::move(*source));
    }
  }
  return modules;
}

}  // namespace sandglass
