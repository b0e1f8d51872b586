#pragma once

#include <filesystem>

namespace sandglass::cli {

/// `$XDG_STATE_HOME/sandglass/history`, or below `~/.local/state` if that is not set; its folder is
/// made, for its owner only. Empty if there is no home or the folder cannot be made: then nothing
/// is kept.
[[nodiscard]] std::filesystem::path history_file();

}  // namespace sandglass::cli
