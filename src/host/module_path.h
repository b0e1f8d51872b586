// The path rules of include/sandglass/module_loader.h: where a specifier leads, what is tried
// there, and how errors tell of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sandglass/module_loader.h"

namespace sandglass::host {

/// Where a specifier leads, relative to the root.
struct ModulePath {
  std::string path;     ///< Normalised; empty for the root itself.
  bool folder = false;  ///< The specifier names a folder: "./", "lib/", "..".
};

/// Errors: invalid_argument (the specifier or the type breaks the rules) · module_not_found (the
///         specifier is no path, or is relative to an importer that has none).
[[nodiscard]] Result<ModulePath> find_path(const ModuleRequest& request);

/// The canonical names to try, in order.
[[nodiscard]] std::vector<std::string> list_candidates(const ModulePath& path,
                                                       std::string_view type);

/// The canonical name of a module that the host calls `name`.
/// Errors: invalid_argument.
[[nodiscard]] Result<std::string> to_canonical(std::string_view name);

/// By the ending of the name.
[[nodiscard]] ModuleFormat format_of(std::string_view name);

/// `text` for a message: shortened in the middle if it is long, and valid UTF-8 without control
/// characters.
[[nodiscard]] std::string to_printable(std::string_view text);

/// "cannot find module './util' imported by 'app/main.js'".
[[nodiscard]] std::string headline(const ModuleRequest& request);

/// The error if none of `candidates` exists.
[[nodiscard]] Error not_found(const ModuleRequest& request,
                              const std::vector<std::string>& candidates);

}  // namespace sandglass::host
