// Text at the boundary: what goes in must be UTF-8, what comes out is made so.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sandglass::runtime {

/// Offset of the first byte that does not start a well-formed UTF-8 sequence, if any. O(length).
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept;

/// `text` with each ill-formed sequence, lone surrogates included, replaced by U+FFFD. A sequence
/// that was cut off at the end is dropped.
[[nodiscard]] std::string to_valid_utf8(std::string text);

}  // namespace sandglass::runtime
