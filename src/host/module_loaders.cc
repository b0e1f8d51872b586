#include <expected>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "host/beneath.h"
#include "host/module_path.h"
#include "sandglass/module_loader.h"

namespace sandglass {
namespace {

constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 30;

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::unexpected<Error> gone(std::string_view name) {
  return std::unexpected(
      Error{.code = Errc::module_not_found,
            .message = fmt::format("cannot find module '{}'", host::to_printable(name))});
}

bool is_absent(const host::OpenError& error) {
  return error.why == host::OpenFailure::absent || error.why == host::OpenFailure::directory;
}

}  // namespace

Result<std::shared_ptr<MemoryModules>> MemoryModules::create(
    std::map<std::string, std::string> modules) {
  std::shared_ptr<MemoryModules> loader(new MemoryModules);
  while (!modules.empty()) {
    auto module = modules.extract(modules.begin());
    auto canonical = host::to_canonical(module.key());
    if (!canonical) return std::unexpected(std::move(canonical.error()));
    if (!loader->texts_.try_emplace(std::move(*canonical), std::move(module.mapped())).second) {
      return refuse(
          fmt::format("bad module name '{}': it is there twice", host::to_printable(module.key())));
    }
  }
  return loader;
}

Result<void> MemoryModules::add(std::string_view name, std::string text) {
  auto canonical = host::to_canonical(name);
  if (!canonical) return std::unexpected(std::move(canonical.error()));
  const std::unique_lock lock(mutex_);
  texts_.insert_or_assign(std::move(*canonical), std::move(text));
  return {};
}

Result<std::string> MemoryModules::resolve(const ModuleRequest& request) {
  const auto path = host::find_path(request);
  if (!path) return std::unexpected(path.error());
  auto candidates = host::list_candidates(*path, request.type);
  const std::shared_lock lock(mutex_);
  for (std::string& candidate : candidates) {
    if (texts_.contains(candidate)) return std::move(candidate);
  }
  return std::unexpected(host::not_found(request, candidates));
}

Result<ModuleSource> MemoryModules::load(std::string_view name) {
  const std::shared_lock lock(mutex_);
  const auto found = texts_.find(name);
  if (found == texts_.end()) return gone(name);
  return ModuleSource{.format = host::format_of(name), .text = found->second};
}

struct DirectoryModules::Root {
  host::Beneath files;
  std::uint64_t max_file_bytes;
};

DirectoryModules::DirectoryModules(std::unique_ptr<const Root> root) noexcept
    : root_(std::move(root)) {}

DirectoryModules::~DirectoryModules() = default;

Result<std::shared_ptr<DirectoryModules>> DirectoryModules::open(const std::filesystem::path& root,
                                                                 DirectoryOptions options) {
  if (options.max_file_bytes < 1 || options.max_file_bytes > kMaxFileBytes) {
    return refuse(fmt::format("max_file_bytes is {}; it must be 1 to {}", options.max_file_bytes,
                              kMaxFileBytes));
  }
  auto files = host::Beneath::open(
      root, {.links = options.follow_links ? host::Links::within : host::Links::refused});
  if (!files) {
    return refuse(fmt::format("cannot open the module directory '{}': {}",
                              host::to_printable(root.native()), files.error().message()));
  }
  return std::shared_ptr<DirectoryModules>(new DirectoryModules(
      std::make_unique<const Root>(std::move(*files), options.max_file_bytes)));
}

Result<std::string> DirectoryModules::resolve(const ModuleRequest& request) {
  const auto path = host::find_path(request);
  if (!path) return std::unexpected(path.error());
  auto candidates = host::list_candidates(*path, request.type);
  for (std::string& candidate : candidates) {
    const auto found = root_->files.find_file(candidate);
    if (found) return std::move(candidate);
    // Something is there but cannot be had: to go on would take another file for the one meant.
    if (!is_absent(found.error())) {
      return refuse(fmt::format("{}; {}: {}", host::headline(request),
                                host::to_printable(candidate), describe(found.error())));
    }
  }
  return std::unexpected(host::not_found(request, candidates));
}

Result<ModuleSource> DirectoryModules::load(std::string_view name) {
  auto text = root_->files.read_file(name, root_->max_file_bytes);
  if (text) return ModuleSource{.format = host::format_of(name), .text = std::move(*text)};
  const host::OpenError& error = text.error();
  if (is_absent(error)) return gone(name);
  const std::string limit = error.why == host::OpenFailure::too_large
                                ? fmt::format(", more than {} bytes", root_->max_file_bytes)
                                : "";
  return refuse(fmt::format("cannot read module '{}': {}{}", host::to_printable(name),
                            describe(error), limit));
}

CallbackModules::CallbackModules(Load load, Resolve resolve)
    : load_(std::move(load)), resolve_(std::move(resolve)) {}

Result<std::string> CallbackModules::resolve(const ModuleRequest& request) {
  if (resolve_) return resolve_(request);
  auto found = host::find_path(request);
  if (!found) return std::unexpected(std::move(found.error()));
  if (found->path.empty()) return std::unexpected(host::not_found(request, {}));
  return std::move(found->path);
}

Result<ModuleSource> CallbackModules::load(std::string_view name) {
  if (!load_) return refuse("CallbackModules has no load function");
  return load_(name);
}

}  // namespace sandglass
