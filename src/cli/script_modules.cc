#include "cli/script_modules.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "cli/json_report.h"
#include "sandglass/file_system.h"

namespace sandglass::cli {
namespace {

// What the script calls a path of the host: by the longest granted directory that has it. Empty if
// none has.
std::string guest_path(const std::vector<DirectoryGrant>& grants, const std::string& host) {
  const DirectoryGrant* best = nullptr;
  for (const DirectoryGrant& grant : grants) {
    const std::string beneath = grant.host == "/" ? "/" : grant.host + "/";
    if (host.starts_with(beneath) && (best == nullptr || best->host.size() < grant.host.size())) {
      best = &grant;
    }
  }
  if (best == nullptr) {
    return {};
  }
  const std::string rest = best->host == "/" ? host : host.substr(best->host.size());
  return best->guest == "/" ? rest : best->guest + rest;
}

// Empty if the system does not tell, which is as if it were not granted.
std::string absolute_path(const std::string& name) {
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(name, failure);
  if (failure) {
    return {};
  }
  const auto path = std::filesystem::weakly_canonical(absolute, failure);
  return failure ? std::string() : path.string();
}

}  // namespace

ScriptModules::ScriptModules(std::shared_ptr<ModuleLoader> files, std::string script,
                             std::string place, std::string folder) noexcept
    : files_(std::move(files)),
      script_(std::move(script)),
      place_(std::move(place)),
      folder_(std::move(folder)) {}

Result<std::shared_ptr<ScriptModules>> ScriptModules::create(const ReadyGrants& grants,
                                                             const std::string& script) {
  std::shared_ptr<ModuleLoader> files;
  if (grants.grants.files != nullptr) {
    auto modules = FileModules::create(grants.grants.files);
    if (!modules) {
      return std::unexpected(std::move(modules.error()));
    }
    files = std::move(*modules);
  }
  std::string place = guest_path(grants.directories, absolute_path(script));
  std::string folder = guest_path(grants.directories, absolute_path("./script"));
  return std::shared_ptr<ScriptModules>(
      new ScriptModules(std::move(files), as_utf8(script), std::move(place), std::move(folder)));
}

std::string_view ScriptModules::folder_of(std::string_view importer) const {
  if (importer == script_) {
    return place_;
  }
  return importer.starts_with('/') ? importer : folder_;
}

Result<std::string> ScriptModules::resolve(const ModuleRequest& request) {
  const std::string_view importer = folder_of(request.importer);
  if (files_ == nullptr || importer.empty()) {
    return std::unexpected(
        Error{.code = Errc::module_not_found,
              .message = fmt::format("cannot find module '{}' imported by '{}', whose directory is "
                                     "not granted",
                                     as_utf8(std::string(request.specifier)), request.importer)});
  }
  ModuleRequest inside = request;
  inside.importer = importer;
  Result<std::string> name = files_->resolve(inside);
  return name ? Result<std::string>("/" + *name) : name;
}

Result<ModuleSource> ScriptModules::load(std::string_view name) {
  return files_->load(name.substr(1));
}

}  // namespace sandglass::cli
