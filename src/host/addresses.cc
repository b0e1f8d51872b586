#include "host/addresses.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace sandglass::host {
namespace {

struct Range4 {
  std::uint32_t network;
  int bits;
};

constexpr std::uint32_t ipv4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr bool in(std::uint32_t address, Range4 range) {
  return (address ^ range.network) >> (32 - range.bits) == 0;
}

// The IANA registry of special-purpose addresses, RFC 6890 and its successors, without those that
// have rules of their own below.
constexpr auto kSpecial4 = std::to_array<Range4>({
    {ipv4(0, 0, 0, 0), 8},        // this network
    {ipv4(100, 64, 0, 0), 10},    // shared (CGNAT)
    {ipv4(169, 254, 0, 0), 16},   // link-local, metadata services among them
    {ipv4(192, 0, 0, 0), 24},     // protocol assignments
    {ipv4(192, 0, 2, 0), 24},     // documentation
    {ipv4(192, 88, 99, 0), 24},   // 6to4 relays
    {ipv4(198, 18, 0, 0), 15},    // benchmarks
    {ipv4(198, 51, 100, 0), 24},  // documentation
    {ipv4(203, 0, 113, 0), 24},   // documentation
    {ipv4(224, 0, 0, 0), 4},      // multicast
    {ipv4(240, 0, 0, 0), 4},      // reserved, broadcast
});

constexpr auto kPrivate4 = std::to_array<Range4>({
    {ipv4(10, 0, 0, 0), 8},
    {ipv4(172, 16, 0, 0), 12},
    {ipv4(192, 168, 0, 0), 16},
});

constexpr Range4 kLoopback4 = {ipv4(127, 0, 0, 0), 8};

bool may_connect4(std::uint32_t address, AddressRules rules) {
  if (in(address, kLoopback4)) return rules.allow_loopback;
  const auto has = [&](Range4 range) { return in(address, range); };
  if (std::ranges::any_of(kPrivate4, has)) return rules.allow_private;
  return std::ranges::none_of(kSpecial4, has);
}

using Bytes6 = std::array<std::uint8_t, 16>;

struct Range6 {
  Bytes6 network;
  int bits;
};

bool in(const Bytes6& address, const Range6& range) {
  for (int bit = 0; bit < range.bits; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int left = std::min(range.bits - bit, 8);
    const auto mask = static_cast<std::uint8_t>(0xff << (8 - left));
    if (((address[at] ^ range.network[at]) & mask) != 0) return false;
  }
  return true;
}

// Everything outside of it is special: loopback, mapped IPv4, NAT64, unique local, link-local,
// multicast, and what is not assigned yet.
constexpr Range6 kGlobal6 = {{0x20}, 3};

constexpr auto kSpecial6 = std::to_array<Range6>({
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4
    {{0x3f, 0xff}, 20},              // documentation
});

constexpr Range6 kUniqueLocal6 = {{0xfc}, 7};
constexpr Range6 kLoopback6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};

bool may_connect6(const Bytes6& address, AddressRules rules) {
  if (in(address, kLoopback6)) return rules.allow_loopback;
  if (in(address, kUniqueLocal6)) return rules.allow_private;
  return in(address, kGlobal6) &&
         std::ranges::none_of(kSpecial6, [&](const Range6& range) { return in(address, range); });
}

}  // namespace

bool may_connect(const sockaddr& address, socklen_t bytes, AddressRules rules) noexcept {
  if (address.sa_family == AF_INET && bytes >= sizeof(sockaddr_in)) {
    sockaddr_in in4;
    std::memcpy(&in4, &address, sizeof(in4));
    return may_connect4(ntohl(in4.sin_addr.s_addr), rules);
  }
  if (address.sa_family == AF_INET6 && bytes >= sizeof(sockaddr_in6)) {
    sockaddr_in6 in6;
    std::memcpy(&in6, &address, sizeof(in6));
    Bytes6 raw;
    std::memcpy(raw.data(), &in6.sin6_addr, raw.size());
    return may_connect6(raw, rules);
  }
  return false;
}

}  // namespace sandglass::host
