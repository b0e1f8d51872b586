#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "sandglass/limits.h"

namespace sandglass::cli {

/// A limit as people give it: option `--NAME`, key NAME in a configuration file.
struct LimitOption {
  std::string_view name;        ///< "memory"
  std::string_view value_name;  ///< "SIZE"
  std::string_view what;        ///< "Memory of the VM"
  std::string range;            ///< "2MiB to 4GiB less 64KiB"
  /// False for what only a script that runs can use up.
  bool concerns_parsing;
  /// Reads `text` into its field, or tells what is wrong with it and what is allowed.
  std::expected<void, std::string> (*set)(Limits& limits, std::string_view text);
  /// The value as `set` reads it.
  std::string (*get)(const Limits& limits);
};

/// All of them, in the order in which they are shown.
[[nodiscard]] std::span<const LimitOption> limit_options();

/// The one of that name; null if there is none.
[[nodiscard]] const LimitOption* find_limit_option(std::string_view name);

}  // namespace sandglass::cli
