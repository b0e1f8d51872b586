// Origins that a script's requests may go to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/error.h"

namespace sandglass::host {

struct Origin {
  std::string scheme;  ///< "http" or "https"
  std::string host;    ///< lower case, IPv6 in brackets
  std::uint16_t port = 0;
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// Origins as CurlFetcherOptions::origins has them.
class OriginList {
 public:
  /// Errors: invalid_argument
  [[nodiscard]] static Result<OriginList> parse(const std::vector<std::string>& origins);
  [[nodiscard]] bool has(const Origin& origin) const noexcept;

 private:
  struct Entry {
    Origin origin;
    bool any_subdomain = false;  // origin.host is what follows the asterisk: ".example.com"
  };
  [[nodiscard]] static std::optional<Entry> parse_one(std::string_view text);

  std::vector<Entry> entries_;
};

/// 80 or 443; 0 for any other scheme.
[[nodiscard]] std::uint16_t default_port(std::string_view scheme) noexcept;

}  // namespace sandglass::host
