// The container that compiled JavaScript is kept in.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/container.h"
#include "sandglass/error.h"

namespace sandglass::runtime {

/// One script or module as the engine wrote it.
struct BytecodeUnit {
  std::string name{};             ///< What it is imported by; UTF-8 without NUL.
  std::string url{};              ///< What `import.meta.url` tells; UTF-8 without NUL.
  bool json = false;              ///< `code` is the text of a JSON module, not bytecode.
  std::vector<std::byte> code{};  ///< Opaque here.

  friend bool operator==(const BytecodeUnit&, const BytecodeUnit&) = default;
};

/// What one compilation gives.
struct Bytecode {
  bool module = false;
  bool top_level_await = false;

  /// Whether it was unpacked with a key and the MAC was right. `pack` does not look at it.
  bool authenticated = false;

  /// At least one: the first is the entry, the modules that it imports follow.
  std::vector<BytecodeUnit> units{};

  friend bool operator==(const Bytecode&, const Bytecode&) = default;
};

/// At most so many units are in one container.
inline constexpr std::size_t kMaxBytecodeUnits = 65'536;

/// `bytecode` as bytes for `unpack`, bound to the engine that is compiled in. `mac_key` has
/// `kMacKeyBytes`, or is empty: then there is no MAC.
///
/// A container (see container.h) with magic 8F "SGLASS" 0A, version 1, and flags 1 module, 2
/// top-level await. Its content, integers little-endian: the number of units (4), and the units,
/// each: bytes of name, url and code (4 each), JSON (1: 0 or 1), name, url, code.
///
/// There is one encoding only: what `unpack` accepts, `pack` gives again, byte for byte.
///
/// Thread: any number at once.
/// Errors: invalid_argument: a key of another length; no unit, or too many; a name or url that is
///         not UTF-8 or holds a NUL; something of 4 GiB or more; libsodium does not start.
[[nodiscard]] Result<std::vector<std::byte>> pack(const Bytecode& bytecode,
                                                  std::span<const std::byte> mac_key);

/// What `pack` was given. `bytes` may come from anyone: whatever they are, this ends in linear
/// time and allocates no more than a small multiple of their length.
///
/// The checksum finds accidents, not attackers: anyone can make one. Only with a key is the result
/// known to come from who has the key. Without a key a MAC that is there is not looked at.
///
/// Thread: any number at once.
/// Errors: invalid_argument, whose message says which: a key of another length, not sandglass
///         bytecode, a newer format, truncated, damaged, not authenticated, for another engine.
[[nodiscard]] Result<Bytecode> unpack(std::span<const std::byte> bytes,
                                      std::span<const std::byte> mac_key);

/// Whether `bytes` look like bytecode with a MAC. Looks at the header alone: it tells what to ask
/// for, never what to trust.
[[nodiscard]] bool carries_mac(std::span<const std::byte> bytes) noexcept;

/// The same for the engine whose hash is `guest_hash`, 64 hexadecimal digits.
[[nodiscard]] Result<std::vector<std::byte>> pack(const Bytecode& bytecode,
                                                  std::span<const std::byte> mac_key,
                                                  std::string_view guest_hash);
[[nodiscard]] Result<Bytecode> unpack(std::span<const std::byte> bytes,
                                      std::span<const std::byte> mac_key,
                                      std::string_view guest_hash);

}  // namespace sandglass::runtime
