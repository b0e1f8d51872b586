#include "runtime/bytecode_format.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <sodium.h>
#include <utility>

#include <fmt/format.h>

#include "runtime/utf8.h"
#include "sandglass/version.h"

namespace sandglass::runtime {
namespace {

using Bytes = std::span<const std::byte>;
using Digest = std::array<std::byte, 32>;

static_assert(kMacKeyBytes == crypto_generichash_KEYBYTES);
static_assert(std::tuple_size_v<Digest> == crypto_generichash_BYTES);

constexpr std::array<std::byte, 8> kMagic = {std::byte{0x8F}, std::byte{'S'}, std::byte{'G'},
                                             std::byte{'L'},  std::byte{'A'}, std::byte{'S'},
                                             std::byte{'S'},  std::byte{'\n'}};
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kVersionEnd = 10;
constexpr std::size_t kHeaderBytes = 56;
constexpr std::size_t kUnitHeaderBytes = 13;
constexpr std::size_t kDigestBytes = std::tuple_size_v<Digest>;

// Flags.
constexpr unsigned kModule = 1;
constexpr unsigned kTopLevelAwait = 2;
constexpr unsigned kHasMac = 4;
constexpr unsigned kAllFlags = kModule | kTopLevelAwait | kHasMac;

std::unexpected<Error> invalid(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::unexpected<Error> damaged(std::string_view how) {
  return invalid(fmt::format("bytecode is damaged: {}", how));
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

bool is_text(std::string_view text) {
  return !text.contains('\0') && !find_invalid_utf8(text);
}

template <std::unsigned_integral T>
void append_integer(std::vector<std::byte>& to, T value) {
  for (std::size_t at = 0; at != sizeof value; ++at) {
    to.push_back(static_cast<std::byte>(std::uint64_t{value} >> (8 * at)));
  }
}

void append(std::vector<std::byte>& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append(std::vector<std::byte>& to, const BytecodeUnit& unit) {
  append_integer(to, static_cast<std::uint32_t>(unit.name.size()));
  append_integer(to, static_cast<std::uint32_t>(unit.url.size()));
  append_integer(to, static_cast<std::uint32_t>(unit.code.size()));
  append_integer(to, std::uint8_t{unit.json});
  append(to, std::as_bytes(std::span(unit.name)));
  append(to, std::as_bytes(std::span(unit.url)));
  append(to, unit.code);
}

// Takes from the front of bytes that nobody vouches for. Once there is too little left it gives
// zeros and nothing, and `failed()`.
class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}

  Bytes take(std::size_t length) {
    if (failed_ || length > rest_.size()) {
      failed_ = true;
      return {};
    }
    const Bytes taken = rest_.first(length);
    rest_ = rest_.subspan(length);
    return taken;
  }

  template <std::unsigned_integral T>
  T integer() {
    std::uint64_t value = 0;
    std::size_t at = 0;
    for (const std::byte byte : take(sizeof(T))) {
      value |= std::to_integer<std::uint64_t>(byte) << (8 * at++);
    }
    return static_cast<T>(value);
  }

  std::string text(std::size_t length) {
    const Bytes bytes = take(length);
    std::string text(bytes.size(), '\0');
    std::ranges::transform(bytes, text.begin(), [](std::byte byte) { return char(byte); });
    return text;
  }

  std::size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }

 private:
  Bytes rest_;
  bool failed_ = false;
};

struct Header {
  std::uint16_t flags;
  Bytes guest_hash;
  std::uint64_t total_bytes;
  std::uint32_t unit_count;

  std::size_t trailer_bytes() const {
    return (flags & kHasMac) != 0 ? 2 * kDigestBytes : kDigestBytes;
  }
};

bool has_magic(Bytes bytes) {
  return bytes.size() >= kMagic.size() && std::ranges::equal(bytes.first(kMagic.size()), kMagic);
}

// The header of bytes that are all there, for the rest to rely on.
Result<Header> read_header(Bytes bytes) {
  if (!has_magic(bytes)) return invalid("not sandglass bytecode");
  if (bytes.size() < kVersionEnd) return invalid("bytecode is truncated within its header");
  Reader reader(bytes.subspan(kMagic.size()));
  const auto version = reader.integer<std::uint16_t>();
  if (version > kVersion) {
    return invalid(
        fmt::format("bytecode is of a newer format: {}, this library knows {}", version, kVersion));
  }
  if (version != kVersion) return damaged("it is of a format that never was");
  if (bytes.size() < kHeaderBytes) return invalid("bytecode is truncated within its header");
  const Header header = {.flags = reader.integer<std::uint16_t>(),
                         .guest_hash = reader.take(kDigestBytes),
                         .total_bytes = reader.integer<std::uint64_t>(),
                         .unit_count = reader.integer<std::uint32_t>()};
  if (bytes.size() < header.total_bytes) {
    return invalid(
        fmt::format("bytecode is truncated: {} of {} bytes", bytes.size(), header.total_bytes));
  }
  if (bytes.size() > header.total_bytes) return damaged("bytes follow its end");
  if (bytes.size() < kHeaderBytes + header.trailer_bytes()) return damaged("it is too short");
  return header;
}

// Whether the trailer fits what comes before it, and the key.
Result<void> check_trailer(Bytes bytes, const Header& header, Bytes mac_key) {
  const Bytes content = bytes.first(bytes.size() - header.trailer_bytes());
  if (!is_digest(bytes.subspan(content.size(), kDigestBytes), content, {})) {
    return damaged("its checksum is wrong");
  }
  if (mac_key.empty()) return {};
  if ((header.flags & kHasMac) == 0) {
    return invalid("bytecode is not authenticated: a key was given, but it has no MAC");
  }
  if (!is_digest(bytes.last(kDigestBytes), bytes.first(bytes.size() - kDigestBytes), mac_key)) {
    return invalid("bytecode is not authenticated: its MAC was not made with this key");
  }
  return {};
}

Result<BytecodeUnit> read_unit(Reader& reader) {
  const auto name_bytes = reader.integer<std::uint32_t>();
  const auto url_bytes = reader.integer<std::uint32_t>();
  const auto code_bytes = reader.integer<std::uint32_t>();
  const auto json = reader.integer<std::uint8_t>();
  BytecodeUnit unit = {
      .name = reader.text(name_bytes), .url = reader.text(url_bytes), .json = json != 0};
  const Bytes code = reader.take(code_bytes);
  if (reader.failed()) return damaged("a unit reaches beyond the end");
  if (json > 1) return damaged("a unit is of an unknown kind");
  if (!is_text(unit.name) || !is_text(unit.url)) return damaged("a name is not UTF-8 without NUL");
  unit.code.assign(code.begin(), code.end());
  return unit;
}

Result<std::vector<BytecodeUnit>> read_units(Bytes bytes, std::size_t count) {
  if (count == 0) return damaged("it has no unit");
  // Before anything is allocated by it.
  if (count > kMaxBytecodeUnits || count > bytes.size() / kUnitHeaderBytes) {
    return damaged("it has more units than it can hold");
  }
  std::vector<BytecodeUnit> units;
  units.reserve(count);
  Reader reader(bytes);
  while (units.size() != count) {
    auto unit = read_unit(reader);
    if (!unit) return std::unexpected(std::move(unit.error()));
    units.push_back(std::move(*unit));
  }
  if (reader.left() != 0) return damaged("bytes follow its last unit");
  return units;
}

// Why `unpack` would not take `bytecode`.
std::optional<std::string_view> find_problem(const Bytecode& bytecode) {
  constexpr std::size_t kMax = std::numeric_limits<std::uint32_t>::max();
  if (bytecode.units.empty()) return "it has no unit";
  if (bytecode.units.size() > kMaxBytecodeUnits) return "it has too many units";
  for (const BytecodeUnit& unit : bytecode.units) {
    if (unit.name.size() > kMax || unit.url.size() > kMax || unit.code.size() > kMax) {
      return "a unit is of 4 GiB or more";
    }
    if (!is_text(unit.name) || !is_text(unit.url)) return "a name is not UTF-8 without NUL";
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<std::byte>> pack(const Bytecode& bytecode, Bytes mac_key,
                                    std::string_view guest_hash) {
  if (auto prepared = prepare(mac_key); !prepared) return std::unexpected(prepared.error());
  if (const auto problem = find_problem(bytecode)) {
    return invalid(fmt::format("bytecode cannot be packed: {}", *problem));
  }
  const bool mac = !mac_key.empty();
  std::size_t total_bytes = kHeaderBytes + (mac ? 2 : 1) * kDigestBytes;
  for (const BytecodeUnit& unit : bytecode.units) {
    total_bytes += kUnitHeaderBytes + unit.name.size() + unit.url.size() + unit.code.size();
  }
  const unsigned flags = (bytecode.module ? kModule : 0u) |
                         (bytecode.top_level_await ? kTopLevelAwait : 0u) | (mac ? kHasMac : 0u);

  std::vector<std::byte> bytes;
  bytes.reserve(total_bytes);
  append(bytes, kMagic);
  append_integer(bytes, kVersion);
  append_integer(bytes, static_cast<std::uint16_t>(flags));
  append(bytes, parse_hash(guest_hash));
  append_integer(bytes, std::uint64_t{total_bytes});
  append_integer(bytes, static_cast<std::uint32_t>(bytecode.units.size()));
  for (const BytecodeUnit& unit : bytecode.units) append(bytes, unit);
  append(bytes, digest(bytes, {}));
  if (mac) append(bytes, digest(bytes, mac_key));
  assert(bytes.size() == total_bytes);
  return bytes;
}

Result<Bytecode> unpack(Bytes bytes, Bytes mac_key, std::string_view guest_hash) {
  if (auto prepared = prepare(mac_key); !prepared) return std::unexpected(prepared.error());
  const auto header = read_header(bytes);
  if (!header) return std::unexpected(header.error());
  // Nothing of the content is looked at before it is known to be whole and from who has the key.
  if (auto checked = check_trailer(bytes, *header, mac_key); !checked) {
    return std::unexpected(checked.error());
  }
  if ((header->flags & ~kAllFlags) != 0) return damaged("it has unknown flags");
  const Digest own_hash = parse_hash(guest_hash);
  if (!std::ranges::equal(header->guest_hash, own_hash)) {
    return invalid(fmt::format("bytecode was made for another engine: {}, this one is {}",
                               short_hash(header->guest_hash), short_hash(own_hash)));
  }
  auto units =
      read_units(bytes.subspan(kHeaderBytes, bytes.size() - kHeaderBytes - header->trailer_bytes()),
                 header->unit_count);
  if (!units) return std::unexpected(std::move(units.error()));
  return Bytecode{.module = (header->flags & kModule) != 0,
                  .top_level_await = (header->flags & kTopLevelAwait) != 0,
                  .authenticated = !mac_key.empty(),
                  .units = std::move(*units)};
}

Result<std::vector<std::byte>> pack(const Bytecode& bytecode, Bytes mac_key) {
  return pack(bytecode, mac_key, guest_hash());
}

Result<Bytecode> unpack(Bytes bytes, Bytes mac_key) {
  return unpack(bytes, mac_key, guest_hash());
}

bool carries_mac(Bytes bytes) noexcept {
  if (!has_magic(bytes)) return false;
  Reader reader(bytes.subspan(kMagic.size()));
  const auto version = reader.integer<std::uint16_t>();
  const auto flags = reader.integer<std::uint16_t>();
  return version == kVersion && (flags & kHasMac) != 0;
}

}  // namespace sandglass::runtime
