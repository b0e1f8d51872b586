#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sandglass/error.h"

namespace sandglass::cli {

/// Source text and the name it goes by in messages.
struct Source {
  std::string name;
  std::string text;
};

/// Reads `path`, or standard input for "-", whatever kind of file it is, but no more than
/// `max_bytes` and one byte: a device may have no end.
/// Errors: invalid_argument, with a message that names the file.
[[nodiscard]] Result<Source> read_source(const std::string& path, std::uint64_t max_bytes);

/// The engine skips a byte order mark, and skips a `#!` line, but only at the very start: a `#!`
/// behind a mark becomes a comment of the same length, so that no position moves.
void accept_marked_shebang(std::string& text);

/// Line number `line`, from 1, of `source`, without its end; empty if there is none.
[[nodiscard]] std::string_view line_of(std::string_view source, std::uint64_t line);

}  // namespace sandglass::cli
