// What bytes for files are wrapped in: who made them for which engine, and whether they are whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/error.h"

namespace sandglass::runtime {

/// Length of a key for the MAC.
inline constexpr std::size_t kMacKeyBytes = 32;

/// A kind of container.
///
/// The layout, integers little-endian:
///
/// | offset | bytes | |
/// |-------:|------:|---|
/// |      0 |     8 | magic |
/// |      8 |     2 | version of the format |
/// |     10 |     2 | flags: 4 has a MAC; those of the kind; all others 0 |
/// |     12 |    32 | hash of the engine that it needs |
/// |     44 |     8 | length of it all, checksum and MAC included |
/// |     52 |       | content |
/// |        |    32 | checksum: BLAKE2b-256 of all before it |
/// |        |    32 | with flag 4: BLAKE2b-256, keyed, of all before it |
struct ContainerKind {
  std::string_view name;  ///< In messages: "bytecode".
  std::array<char, 8> magic;
  std::uint16_t version;
  std::uint16_t flags;  ///< That may be set, besides the MAC's.
  std::size_t least_content_bytes;
};

/// A container that is whole. `content` is a part of the bytes it was opened from.
struct OpenContainer {
  std::uint16_t flags = 0;
  std::span<const std::byte> content;
};

/// `engine_hash`: 64 hexadecimal digits.
/// Errors: invalid_argument: a key of another length; libsodium does not start.
[[nodiscard]] Result<std::vector<std::byte>> close_container(const ContainerKind& kind,
                                                             std::uint16_t flags,
                                                             std::span<const std::byte> content,
                                                             std::span<const std::byte> mac_key,
                                                             std::string_view engine_hash);

/// What close_container was given. The checksum finds accidents, not attackers: anyone can make
/// one. Only with a key is the content known to come from who has the key. Without a key a MAC that
/// is there is not looked at.
/// Errors: invalid_argument, whose message says which: a key of another length, of another kind, a
///         newer format, truncated, damaged, not authenticated, for another engine.
[[nodiscard]] Result<OpenContainer> open_container(const ContainerKind& kind,
                                                   std::span<const std::byte> bytes,
                                                   std::span<const std::byte> mac_key,
                                                   std::string_view engine_hash);

/// BLAKE2b-256 of `text`, in hexadecimal digits.
[[nodiscard]] std::string hash_of(std::string_view text);

/// Whether `bytes` look like a container of that kind with a MAC. Looks at the header alone: it
/// tells what to ask for, never what to trust.
[[nodiscard]] bool carries_mac(const ContainerKind& kind,
                               std::span<const std::byte> bytes) noexcept;

/// Errc::invalid_argument: "`kind` is damaged: `how`".
[[nodiscard]] std::unexpected<Error> damaged(const ContainerKind& kind, std::string_view how);

}  // namespace sandglass::runtime
