#pragma once

#include <cstdint>
#include <expected>
#include <optional>
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

/// Where in a source something is wrong; both from 1. The engine counts columns in bytes.
struct Position {
  std::uint64_t line = 0;
  std::uint64_t column = 0;
};

/// The first "name:LINE:COLUMN" in `stack`.
[[nodiscard]] std::optional<Position> find_position(std::string_view stack, std::string_view name);

/// The line at `position` and a caret under its column:
///
///      3 | let x = ;
///        |         ^
///
/// Long lines are cut around the caret. Empty if `source` has no such line.
[[nodiscard]] std::string excerpt(std::string_view source, Position position);

}  // namespace sandglass::cli
