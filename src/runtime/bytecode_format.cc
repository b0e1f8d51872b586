#include "runtime/bytecode_format.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "runtime/byte_io.h"
#include "runtime/container.h"
#include "runtime/utf8.h"
#include "sandglass/version.h"

namespace sandglass::runtime {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint16_t kModule = 1;
constexpr std::uint16_t kTopLevelAwait = 2;
// The magic is not UTF-8, so it never is the start of a script.
constexpr ContainerKind kKind = {.name = "bytecode",
                                 .magic = {'\x8f', 'S', 'G', 'L', 'A', 'S', 'S', '\n'},
                                 .version = 1,
                                 .flags = kModule | kTopLevelAwait,
                                 .least_content_bytes = 4};
constexpr std::size_t kUnitHeaderBytes = 13;

bool is_text(std::string_view text) {
  return !text.contains('\0') && !find_invalid_utf8(text);
}

void append(std::vector<std::byte>& to, const BytecodeUnit& unit) {
  append_integer(to, static_cast<std::uint32_t>(unit.name.size()));
  append_integer(to, static_cast<std::uint32_t>(unit.url.size()));
  append_integer(to, static_cast<std::uint32_t>(unit.code.size()));
  append_integer(to, std::uint8_t{unit.json});
  runtime::append(to, std::as_bytes(std::span(unit.name)));
  runtime::append(to, std::as_bytes(std::span(unit.url)));
  runtime::append(to, unit.code);
}

Result<BytecodeUnit> read_unit(ByteReader& reader) {
  const auto name_bytes = reader.integer<std::uint32_t>();
  const auto url_bytes = reader.integer<std::uint32_t>();
  const auto code_bytes = reader.integer<std::uint32_t>();
  const auto json = reader.integer<std::uint8_t>();
  BytecodeUnit unit = {
      .name = reader.text(name_bytes), .url = reader.text(url_bytes), .json = json != 0};
  const Bytes code = reader.take(code_bytes);
  if (reader.failed()) return damaged(kKind, "a unit reaches beyond the end");
  if (json > 1) return damaged(kKind, "a unit is of an unknown kind");
  if (!is_text(unit.name) || !is_text(unit.url))
    return damaged(kKind, "a name is not UTF-8 without NUL");
  unit.code.assign(code.begin(), code.end());
  return unit;
}

Result<std::vector<BytecodeUnit>> read_units(Bytes bytes, std::size_t count) {
  if (count == 0) return damaged(kKind, "it has no unit");
  // Before anything is allocated by it.
  if (count > kMaxBytecodeUnits || count > bytes.size() / kUnitHeaderBytes) {
    return damaged(kKind, "it has more units than it can hold");
  }
  std::vector<BytecodeUnit> units;
  units.reserve(count);
  ByteReader reader(bytes);
  while (units.size() != count) {
    auto unit = read_unit(reader);
    if (!unit) return std::unexpected(std::move(unit.error()));
    units.push_back(std::move(*unit));
  }
  if (reader.left() != 0) return damaged(kKind, "bytes follow its last unit");
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
  if (const auto problem = find_problem(bytecode)) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument,
              .message = fmt::format("bytecode cannot be packed: {}", *problem)});
  }
  std::vector<std::byte> content;
  append_integer(content, static_cast<std::uint32_t>(bytecode.units.size()));
  for (const BytecodeUnit& unit : bytecode.units) append(content, unit);
  const auto flags = static_cast<std::uint16_t>((bytecode.module ? kModule : 0) |
                                                (bytecode.top_level_await ? kTopLevelAwait : 0));
  return close_container(kKind, flags, content, mac_key, guest_hash);
}

Result<Bytecode> unpack(Bytes bytes, Bytes mac_key, std::string_view guest_hash) {
  const auto opened = open_container(kKind, bytes, mac_key, guest_hash);
  if (!opened) return std::unexpected(opened.error());
  ByteReader reader(opened->content);
  const auto count = reader.integer<std::uint32_t>();
  auto units = read_units(reader.take(reader.left()), count);
  if (!units) return std::unexpected(std::move(units.error()));
  return Bytecode{.module = (opened->flags & kModule) != 0,
                  .top_level_await = (opened->flags & kTopLevelAwait) != 0,
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
  return carries_mac(kKind, bytes);
}

}  // namespace sandglass::runtime
