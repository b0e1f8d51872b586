#include "runtime/inspect/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "runtime/text.h"

namespace sandglass::runtime::inspect {
namespace {

constexpr char kEscape = '\x1b';

struct Codes {
  int on;
  int off;
};

// Node's inspect.styles.
Codes codes_of(Style style) {
  switch (style) {
    case Style::special:
      return {36, 39};
    case Style::number:
    case Style::boolean:
      return {33, 39};
    case Style::undefined:
      return {90, 39};
    case Style::null:
      return {1, 22};
    case Style::string:
      return {32, 39};
    case Style::date:
      return {35, 39};
    case Style::regexp:
      return {31, 39};
  }
  return {0, 0};
}

// Takes the first code point off `text`; a byte that starts none counts by itself.
char32_t take_point(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t point = first;
  if (length > 1 && length <= text.size()) {
    point = first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) point = point << 6 | (byte(i) & 0x3f);
  }
  text.remove_prefix(std::min(length, text.size()));
  return point;
}

// Length of the escape code for a colour that `text` starts with, or 0.
std::size_t color_code_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

struct Range {
  char32_t first;
  char32_t last;
};

bool in_any(std::span<const Range> ranges, char32_t point) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return point >= range.first && point <= range.last; });
}

// Combining marks, joiners and variation selectors.
constexpr std::array<Range, 8> kMarks = {{{0x300, 0x36f},
                                          {0x483, 0x489},
                                          {0x591, 0x5bd},
                                          {0x200b, 0x200f},
                                          {0x20d0, 0x20ff},
                                          {0xfe00, 0xfe0f},
                                          {0xfe20, 0xfe2f},
                                          {0xe0100, 0xe01ef}}};

// East Asian Wide and Fullwidth of Unicode's EastAsianWidth.txt, and pictographs.
constexpr std::array<Range, 21> kWide = {
    {{0x1100, 0x115f},  {0x231a, 0x231b}, {0x23e9, 0x23ec}, {0x25fd, 0x25fe}, {0x2614, 0x2615},
     {0x2648, 0x2653},  {0x26aa, 0x26ab}, {0x2705, 0x2705}, {0x270a, 0x270b}, {0x274c, 0x274c},
     {0x2795, 0x2797},  {0x2e80, 0x303e}, {0x3041, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97c},
     {0xac00, 0xd7a3},  {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
     {0x1f300, 0x3fffd}}};

std::size_t columns_of_point(char32_t point) {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return 0;
  if (point < 0x300) return 1;
  if (in_any(kMarks, point)) return 0;
  return in_any(kWide, point) ? 2 : 1;
}

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

void append_control(std::string& text, char32_t point) {
  constexpr std::string_view kLetters = "btn?fr";  // from 8 on; there is none for 11
  if (point >= 8 && point <= 13 && point != 11) {
    text += '\\';
    text += kLetters[point - 8];
  } else {
    text += fmt::format("\\x{:02X}", static_cast<unsigned>(point));
  }
}

// `quote` is escaped; 0: none is.
std::string escape(std::string_view text, char quote) {
  std::string result;
  result.reserve(text.size() + 2);
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t point = take_point(text);
    if (point == '\\' || (quote != 0 && point == static_cast<char32_t>(quote))) {
      result += '\\';
      result += static_cast<char>(point);
    } else if (is_control(point)) {
      append_control(result, point);
    } else if (point >= 0xd800 && point <= 0xdfff) {
      result += fmt::format("\\u{:x}", static_cast<unsigned>(point));
    } else {
      result += before.substr(0, before.size() - text.size());
    }
  }
  return result;
}

char quote_for(std::string_view text) {
  if (text.find('\'') == std::string_view::npos) return '\'';
  if (text.find('"') == std::string_view::npos) return '"';
  const bool template_like =
      text.find('`') != std::string_view::npos || text.find("${") != std::string_view::npos;
  return template_like ? '\'' : '`';
}

}  // namespace

std::string styled(std::string text, Style style, bool colors) {
  if (!colors) return text;
  const auto [on, off] = codes_of(style);
  return fmt::format("{}[{}m{}{}[{}m", kEscape, on, text, kEscape, off);
}

std::size_t units_of(std::string_view text, bool colors) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (colors) {
      if (const std::size_t code = color_code_length(text.substr(i)); code != 0) {
        i += code - 1;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    if (const std::size_t code = color_code_length(text); code != 0) {
      text.remove_prefix(code);
    } else {
      columns += columns_of_point(take_point(text));
    }
  }
  return columns;
}

std::string quoted(std::string_view text) {
  const char quote = quote_for(text);
  return quote + escape(text, quote == '\'' ? quote : '\0') + quote;
}

std::string escaped(std::string_view text) {
  return escape(text, '\'');
}

bool is_plain_name(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string number_of(double number) {
  return number == 0 && std::signbit(number) ? "-0" : number_text(number);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count > 1 ? "s" : "");
}

std::string indented(std::string_view text, std::size_t spaces) {
  std::string result;
  for (const char c : text) {
    result += c;
    if (c == '\n') result.append(spaces, ' ');
  }
  return result;
}

}  // namespace sandglass::runtime::inspect
