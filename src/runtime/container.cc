#include "runtime/container.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <sodium.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/byte_io.h"

namespace sandglass::runtime {
namespace {

using Bytes = std::span<const std::byte>;
using Digest = std::array<std::byte, 32>;

static_assert(kMacKeyBytes == crypto_generichash_KEYBYTES);
static_assert(std::tuple_size_v<Digest> == crypto_generichash_BYTES);

constexpr std::size_t kVersionEnd = 10;
constexpr std::size_t kHeaderBytes = 52;
constexpr std::size_t kDigestBytes = std::tuple_size_v<Digest>;
constexpr std::uint16_t kHasMac = 4;

std::unexpected<Error> invalid(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

// What both directions need before anything else.
Result<void> prepare(Bytes mac_key) {
  if (!mac_key.empty() && mac_key.size() != kMacKeyBytes) {
    return invalid(
        fmt::format("key for the MAC has {} bytes, not {}", mac_key.size(), kMacKeyBytes));
  }
  static const bool ready = sodium_init() >= 0;
  if (!ready) return invalid("libsodium cannot be used: it found no source of random numbers");
  return {};
}

// SAFETY: std::byte and unsigned char may both look at any object.
const unsigned char* raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// SAFETY: as above.
unsigned char* raw(Digest& digest) {
  return reinterpret_cast<unsigned char*>(digest.data());
}

Digest digest(Bytes bytes, Bytes key) {
  Digest result;
  // It fails for lengths out of range only, and there are none. An unwritten digest must not be
  // compared with.
  if (crypto_generichash(raw(result), result.size(), raw(bytes), bytes.size(), raw(key),
                         key.size()) != 0) {
    std::abort();
  }
  return result;
}

bool is_digest(Bytes found, Bytes bytes, Bytes key) {
  const Digest expected = digest(bytes, key);
  return found.size() == kDigestBytes &&
         sodium_memcmp(expected.data(), found.data(), kDigestBytes) == 0;
}

Digest parse_hash(std::string_view digits) {
  Digest hash{};
  std::size_t length = 0;
  [[maybe_unused]] const int failed = sodium_hex2bin(raw(hash), hash.size(), digits.data(),
                                                     digits.size(), nullptr, &length, nullptr);
  assert(failed == 0 && length == hash.size());
  return hash;
}

// The first 12 digits: enough to tell engines apart.
std::string short_hash(Bytes hash) {
  std::string digits;
  for (const std::byte byte : hash.first(6)) digits += fmt::format("{:02x}", byte);
  return digits;
}

struct Header {
  std::uint16_t flags;
  Bytes engine_hash;
  std::uint64_t total_bytes;

  std::size_t trailer_bytes() const {
    return (flags & kHasMac) != 0 ? 2 * kDigestBytes : kDigestBytes;
  }
};

Bytes magic_of(const ContainerKind& kind) {
  return std::as_bytes(std::span(kind.magic));
}

bool has_magic(const ContainerKind& kind, Bytes bytes) {
  return bytes.size() >= kind.magic.size() &&
         std::ranges::equal(bytes.first(kind.magic.size()), magic_of(kind));
}

// The header of bytes that are all there, for the rest to rely on.
Result<Header> read_header(const ContainerKind& kind, Bytes bytes) {
  if (!has_magic(kind, bytes)) return invalid(fmt::format("not sandglass {}", kind.name));
  const auto truncated = [&] {
    return invalid(fmt::format("{} is truncated within its header", kind.name));
  };
  if (bytes.size() < kVersionEnd) return truncated();
  ByteReader reader(bytes.subspan(kind.magic.size()));
  const auto version = reader.integer<std::uint16_t>();
  if (version > kind.version) {
    return invalid(fmt::format("{} is of a newer format: {}, this library knows {}", kind.name,
                               version, kind.version));
  }
  if (version != kind.version) return damaged(kind, "it is of a format that never was");
  if (bytes.size() < kHeaderBytes + kind.least_content_bytes) return truncated();
  const Header header = {.flags = reader.integer<std::uint16_t>(),
                         .engine_hash = reader.take(kDigestBytes),
                         .total_bytes = reader.integer<std::uint64_t>()};
  if (bytes.size() < header.total_bytes) {
    return invalid(fmt::format("{} is truncated: {} of {} bytes", kind.name, bytes.size(),
                               header.total_bytes));
  }
  if (bytes.size() > header.total_bytes) return damaged(kind, "bytes follow its end");
  if (bytes.size() < kHeaderBytes + kind.least_content_bytes + header.trailer_bytes()) {
    return damaged(kind, "it is too short");
  }
  return header;
}

// Whether the trailer fits what comes before it, and the key.
Result<void> check_trailer(const ContainerKind& kind, Bytes bytes, const Header& header,
                           Bytes mac_key) {
  const Bytes content = bytes.first(bytes.size() - header.trailer_bytes());
  if (!is_digest(bytes.subspan(content.size(), kDigestBytes), content, {})) {
    return damaged(kind, "its checksum is wrong");
  }
  if (mac_key.empty()) return {};
  if ((header.flags & kHasMac) == 0) {
    return invalid(
        fmt::format("{} is not authenticated: a key was given, but it has no MAC", kind.name));
  }
  if (!is_digest(bytes.last(kDigestBytes), bytes.first(bytes.size() - kDigestBytes), mac_key)) {
    return invalid(
        fmt::format("{} is not authenticated: its MAC was not made with this key", kind.name));
  }
  return {};
}

}  // namespace

std::unexpected<Error> damaged(const ContainerKind& kind, std::string_view how) {
  return invalid(fmt::format("{} is damaged: {}", kind.name, how));
}

Result<std::vector<std::byte>> close_container(const ContainerKind& kind, std::uint16_t flags,
                                               Bytes content, Bytes mac_key,
                                               std::string_view engine_hash) {
  if (auto prepared = prepare(mac_key); !prepared) return std::unexpected(prepared.error());
  const bool mac = !mac_key.empty();
  const std::size_t total_bytes = kHeaderBytes + content.size() + (mac ? 2 : 1) * kDigestBytes;
  std::vector<std::byte> bytes;
  bytes.reserve(total_bytes);
  append(bytes, magic_of(kind));
  append_integer(bytes, kind.version);
  append_integer(bytes, static_cast<std::uint16_t>(flags | (mac ? kHasMac : 0)));
  append(bytes, parse_hash(engine_hash));
  append_integer(bytes, std::uint64_t{total_bytes});
  append(bytes, content);
  append(bytes, digest(bytes, {}));
  if (mac) append(bytes, digest(bytes, mac_key));
  assert(bytes.size() == total_bytes);
  return bytes;
}

Result<OpenContainer> open_container(const ContainerKind& kind, Bytes bytes, Bytes mac_key,
                                     std::string_view engine_hash) {
  if (auto prepared = prepare(mac_key); !prepared) return std::unexpected(prepared.error());
  const auto header = read_header(kind, bytes);
  if (!header) return std::unexpected(header.error());
  // Nothing of the content is looked at before it is known to be whole and from who has the key.
  if (auto checked = check_trailer(kind, bytes, *header, mac_key); !checked) {
    return std::unexpected(checked.error());
  }
  if ((header->flags & ~(kind.flags | kHasMac)) != 0) return damaged(kind, "it has unknown flags");
  const Digest own_hash = parse_hash(engine_hash);
  if (!std::ranges::equal(header->engine_hash, own_hash)) {
    return invalid(fmt::format("{} was made for another engine: {}, this one is {}", kind.name,
                               short_hash(header->engine_hash), short_hash(own_hash)));
  }
  return OpenContainer{.flags = header->flags,
                       .content = bytes.subspan(
                           kHeaderBytes, bytes.size() - kHeaderBytes - header->trailer_bytes())};
}

std::string hash_of(std::string_view text) {
  std::string digits;
  for (const std::byte byte : digest(std::as_bytes(std::span(text)), {})) {
    digits += fmt::format("{:02x}", byte);
  }
  return digits;
}

bool carries_mac(const ContainerKind& kind, Bytes bytes) noexcept {
  if (!has_magic(kind, bytes)) return false;
  ByteReader reader(bytes.subspan(kind.magic.size()));
  const auto version = reader.integer<std::uint16_t>();
  const auto flags = reader.integer<std::uint16_t>();
  return version == kind.version && (flags & kHasMac) != 0;
}

}  // namespace sandglass::runtime
