#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace sandglass::cli {

/// The script that completes this command line in `shell`: "bash", "zsh" or "fish". It is made from
/// the commands and options that there are.
/// Error: a sentence that tells which shells are known.
[[nodiscard]] std::expected<std::string, std::string> completion_script(std::string_view shell);

}  // namespace sandglass::cli
