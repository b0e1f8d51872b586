#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/error.h"

namespace sandglass::cli {

/// Whether a file with these bytes is bytecode, by the way it begins. No source text begins so.
[[nodiscard]] bool is_bytecode(std::string_view bytes);
/// The same for a snapshot.
[[nodiscard]] bool is_snapshot(std::string_view bytes);

[[nodiscard]] std::span<const std::byte> as_bytes(std::string_view text);

/// The key in the file `path`: exactly 32 bytes. No bytes if `path` is empty.
/// Errors: invalid_argument, with a message that names the file.
[[nodiscard]] Result<std::vector<std::byte>> read_key(const std::string& path);

/// Puts `bytes` into the file `path`, which is the old one or the whole new one at any time; "-" is
/// standard output, unless that is a terminal. A device or a pipe is written to.
/// Errors: invalid_argument, with a message that names the file.
[[nodiscard]] Result<void> write_binary(const std::string& path, std::span<const std::byte> bytes);

}  // namespace sandglass::cli
