#include "runtime/inspect/layout.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "runtime/inspect/text.h"

namespace sandglass::runtime::inspect {
namespace {

constexpr std::size_t kSeparator = 2;  // a comma and a space
constexpr std::size_t kMostColumns = 15;
constexpr std::size_t kFewEntries = 6;  // are not put in columns

struct Widths {
  std::vector<std::size_t> of_entries;
  std::size_t total = 0;  // separators included
  std::size_t most = 0;
};

Widths measure(const std::vector<std::string>& entries, std::size_t count) {
  Widths widths;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t width = columns_of(entries[i]);
    widths.of_entries.push_back(width);
    widths.total += width + kSeparator;
    widths.most = std::max(widths.most, width);
  }
  return widths;
}

// Node's rule: about a square, if a character is 2.5 times as high as wide. Entries of very
// different widths are not put in columns; 1 stands for that.
std::size_t column_count(const Widths& widths, const Block& block, const Layout& layout,
                         std::size_t indentation) {
  constexpr double kHeight = 2.5;
  const std::size_t widest = widths.most + kSeparator;
  const auto width = static_cast<double>(widest);
  const auto total = static_cast<double>(widths.total);
  if (widest * 3 + indentation >= layout.break_length) return 1;
  if (total / width <= 5 && widths.most > 6) return 1;
  const auto count = static_cast<double>(widths.of_entries.size());
  const double bias = std::sqrt(width - total / static_cast<double>(block.entries.size()));
  const double biased = std::max(width - 3 - bias, 1.0);
  const double square = std::floor(std::sqrt(kHeight * biased * count) / biased + 0.5);
  const std::size_t fitting = (layout.break_length - indentation) / widest;
  return std::min({static_cast<std::size_t>(square), fitting,
                   static_cast<std::size_t>(layout.compact) * 4, kMostColumns});
}

std::string padding(std::size_t width, std::size_t used) {
  return std::string(width > used ? width - used : 0, ' ');
}

// Joins neighbours to lines of columns.
std::vector<std::string> in_columns(Block& block, const Layout& layout, std::size_t indentation) {
  // "... 5 more items" stands on a line of its own.
  const bool has_rest = block.entries.size() > layout.max_array_length;
  const std::size_t count = block.entries.size() - (has_rest ? 1 : 0);
  const Widths widths = measure(block.entries, count);
  const std::size_t columns = column_count(widths, block, layout, indentation);
  if (columns <= 1) return std::move(block.entries);

  std::vector<std::size_t> column_widths(columns, kSeparator);
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t& width = column_widths[i % columns];
    width = std::max(width, widths.of_entries[i] + kSeparator);
  }
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < count; begin += columns) {
    const std::size_t end = std::min(begin + columns, count);
    std::string line;
    for (std::size_t i = begin; i < end; ++i) {
      const std::string space =
          padding(column_widths[i - begin], widths.of_entries[i] + kSeparator);
      const bool last = i + 1 == end;
      if (block.is_numeric) line += space;
      line += block.entries[i];
      if (!last) line += ", ";
      if (!block.is_numeric && !last) line += space;
    }
    lines.push_back(std::move(line));
  }
  if (has_rest) lines.push_back(std::move(block.entries.back()));
  return lines;
}

std::string joined(const std::vector<std::string>& entries, std::string_view separator) {
  std::string text;
  for (const std::string& entry : entries) {
    if (!text.empty() || &entry != entries.data()) text += separator;
    text += entry;
  }
  return text;
}

bool fits_one_line(const std::vector<std::string>& entries, const Block& block,
                   const Layout& layout, std::size_t indentation) {
  constexpr std::size_t kReserve = 10;
  std::size_t length =
      2 * entries.size() + indentation + units_of(block.open) + units_of(block.base) + kReserve;
  if (length + entries.size() > layout.break_length) return false;
  for (const std::string& entry : entries) {
    if (entry.find('\n') != std::string::npos) return false;
    length += units_of(entry, layout.colors);
    if (length > layout.break_length) return false;
  }
  return block.base.find('\n') == std::string::npos;
}

}  // namespace

std::string arrange(Block block, const Layout& layout, std::size_t indentation, int inner_levels) {
  const std::string head = block.base.empty() ? block.open : block.base + " " + block.open;
  std::vector<std::string> entries;
  const std::size_t before = block.entries.size();
  if (layout.compact >= 1 && block.is_array && before > kFewEntries) {
    entries = in_columns(block, layout, indentation);
  } else {
    entries = std::move(block.entries);
  }
  const bool in_columns_now = entries.size() != before;
  if (!in_columns_now && inner_levels < layout.compact &&
      fits_one_line(entries, block, layout, indentation)) {
    return head + " " + joined(entries, ", ") + " " + block.close;
  }
  const std::string line = "\n" + std::string(indentation, ' ');
  return head + line + "  " + joined(entries, "," + line + "  ") + line + block.close;
}

}  // namespace sandglass::runtime::inspect
