#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/grants.h"
#include "sandglass/module_loader.h"

namespace sandglass::cli {

/// Imports from the granted directories. Modules are called by the absolute paths that the script
/// sees; what the command runs by another name (a relative path, "<eval>") imports as the file of
/// that name in the working directory would.
///
/// Thread: one at a time.
class ScriptModules final : public ModuleLoader {
 public:
  /// `script`: the name of what is run.
  [[nodiscard]] static Result<std::shared_ptr<ScriptModules>> create(const ReadyGrants& grants,
                                                                     const std::string& script);

  Result<std::string> resolve(const ModuleRequest& request) override;
  Result<ModuleSource> load(std::string_view name) override;

 private:
  ScriptModules(std::shared_ptr<ModuleLoader> files, std::string script, std::string place,
                std::string folder) noexcept;
  [[nodiscard]] std::string_view folder_of(std::string_view importer) const;

  std::shared_ptr<ModuleLoader> files_;  // null: nothing is granted
  std::string script_;
  std::string place_;   // the script as the script would see it; empty: it is not granted
  std::string folder_;  // the same for a file in the working directory
};

}  // namespace sandglass::cli
