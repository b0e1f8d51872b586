#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/clock.h"
#include "sandglass/random.h"

namespace sandglass::cli {

/// A directory of the host that the script may use.
struct DirectoryGrant {
  std::string host;
  /// Where the script finds it; empty: at the absolute path of `host`.
  std::string guest;
  bool writable = false;
};

/// What the user has granted, as it was said: nothing has been looked for yet.
struct GrantRequest {
  std::vector<DirectoryGrant> directories;
  /// For each directory; none: the library's.
  std::optional<std::uint64_t> file_quota;
  /// Names of variables.
  std::vector<std::string> environment;
  std::vector<std::string> origins;
  /// Whether they may be at addresses of this machine and of private networks.
  bool private_net = false;
  std::optional<Clock> clock;
  std::optional<std::string> time_zone;
  std::optional<Random> random;
  bool deterministic = false;
};

enum class GrantValue : std::uint8_t {
  list,      ///< a value, which may be a list with commas; the option may be repeated
  one,       ///< a value; the last counts
  optional,  ///< none, or one after "="
};

/// A grant as people give it: option `--NAME`, key KEY in a configuration file.
struct GrantOption {
  std::string_view name;        ///< "allow-read"
  std::string_view key;         ///< "read"; empty if another key says the same
  std::string_view value_name;  ///< "DIR[:GUEST]"
  std::string_view what;
  GrantValue value;
  /// Name of an option that contradicts this one; empty if there is none.
  std::string_view excludes;
  /// Reads `text`, "" for an option without its value, or tells what is wrong with it.
  std::expected<void, std::string> (*set)(GrantRequest& request, std::string_view text);
};

/// All of them, in the order in which they are shown and read.
[[nodiscard]] std::span<const GrantOption> grant_options();

/// Adds to `request` what `file` says: lists grow, of single values those of `request` stay.
void add_grants(GrantRequest& request, const GrantRequest& file);

}  // namespace sandglass::cli
