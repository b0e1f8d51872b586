#include "host/origins.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace sandglass::host {
namespace {

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && std::ranges::all_of(host, is_host_character) &&
         host.front() != '.' && !host.contains("..");
}

bool is_bracketed(std::string_view host) {
  return host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
         std::ranges::all_of(host.substr(1, host.size() - 2), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
         });
}

}  // namespace

std::uint16_t default_port(std::string_view scheme) noexcept {
  if (scheme == "http") return 80;
  return scheme == "https" ? 443 : 0;
}

std::optional<OriginList::Entry> OriginList::parse_one(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::string_view rest = lower;
  const std::size_t colon = rest.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Entry entry;
  entry.origin.scheme = rest.substr(0, colon);
  entry.origin.port = default_port(entry.origin.scheme);
  if (entry.origin.port == 0) return std::nullopt;
  rest.remove_prefix(colon + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  const std::size_t end = rest.starts_with('[') ? rest.find(']') : 0;
  if (end == std::string_view::npos) return std::nullopt;
  if (const std::size_t port = rest.find(':', end); port != std::string_view::npos) {
    const std::string_view digits = rest.substr(port + 1);
    const auto [stop, failed] =
        std::from_chars(digits.data(), digits.data() + digits.size(), entry.origin.port);
    if (failed != std::errc() || stop != digits.data() + digits.size() || entry.origin.port == 0) {
      return std::nullopt;
    }
    rest = rest.substr(0, port);
  }
  if (rest.starts_with("*.")) {
    entry.any_subdomain = true;
    if (!is_name(rest.substr(2))) return std::nullopt;
    entry.origin.host = rest.substr(1);
    return entry;
  }
  if (!is_name(rest) && !is_bracketed(rest)) return std::nullopt;
  entry.origin.host = rest;
  return entry;
}

Result<OriginList> OriginList::parse(const std::vector<std::string>& origins) {
  OriginList list;
  for (const std::string& text : origins) {
    auto entry = parse_one(text);
    if (!entry) {
      return std::unexpected(
          Error{.code = Errc::invalid_argument,
                .message = fmt::format("'{}' is no origin, such as https://example.com or "
                                       "https://*.example.com:8443",
                                       text)});
    }
    list.entries_.push_back(std::move(*entry));
  }
  return list;
}

bool OriginList::has(const Origin& origin) const noexcept {
  return std::ranges::any_of(entries_, [&](const Entry& entry) {
    if (entry.origin.scheme != origin.scheme || entry.origin.port != origin.port) return false;
    if (!entry.any_subdomain) return entry.origin.host == origin.host;
    return origin.host.size() > entry.origin.host.size() &&
           origin.host.ends_with(entry.origin.host);
  });
}

}  // namespace sandglass::host
