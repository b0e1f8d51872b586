#pragma once

#include "cli/grant_options.h"
#include "sandglass/grants.h"

namespace sandglass::cli {

/// What is granted, ready for a VM: directories are opened, variables copied.
struct ReadyGrants {
  Grants grants;
  /// The directories with both paths absolute, those of the host without links.
  std::vector<DirectoryGrant> directories;
};

/// Errors: invalid_argument: a directory that cannot be opened, two of them at one path, an origin
///         that is none; network access in a build without it. The message names the option.
[[nodiscard]] Result<ReadyGrants> prepare_grants(const GrantRequest& request);

}  // namespace sandglass::cli
