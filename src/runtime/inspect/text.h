// Pieces of text as util.inspect of Node makes them: quoted, measured, coloured.
//
// Text is UTF-8 as the engine writes it: a lone surrogate is three bytes of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sandglass::runtime::inspect {

/// What a piece of text stands for; each has its colour.
enum class Style : std::uint8_t { special, number, boolean, undefined, null, string, date, regexp };

/// `text` between the escape codes of `style`; as it is where `colors` is false.
[[nodiscard]] std::string styled(std::string text, Style style, bool colors);

/// UTF-16 code units of `text`; escape codes for colours are not counted where `colors` is true.
[[nodiscard]] std::size_t units_of(std::string_view text, bool colors = false);

/// Columns of `text` on a terminal: none for control characters, marks and escape codes, two for
/// wide characters.
[[nodiscard]] std::size_t columns_of(std::string_view text);

/// A string as a literal, in the quotes that need the least escaping: '', then "", then ``.
[[nodiscard]] std::string quoted(std::string_view text);

/// With what cannot stand in a '' literal escaped, but no quotes.
[[nodiscard]] std::string escaped(std::string_view text);

/// Whether `name` needs no quotes as the name of a property.
[[nodiscard]] bool is_plain_name(std::string_view name);

/// As JavaScript writes it; minus zero keeps its sign.
[[nodiscard]] std::string number_of(double number);

/// `count` and the noun: "1 more item", "2 more items".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

/// Every '\n' in `text` followed by `spaces` spaces.
[[nodiscard]] std::string indented(std::string_view text, std::size_t spaces);

}  // namespace sandglass::runtime::inspect
