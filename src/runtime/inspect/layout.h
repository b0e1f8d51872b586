// How the parts of an object are put together: on one line, in columns, or each on its own.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace sandglass::runtime::inspect {

/// The widths that decide. As Node's.
struct Layout {
  static constexpr std::size_t kEndless = std::numeric_limits<std::size_t>::max() / 4;

  std::size_t break_length = 80;
  /// This many innermost levels may share a line; 0: each entry has a line of its own.
  int compact = 3;
  std::size_t max_array_length = 100;
  bool colors = false;
};

/// An object whose parts are text already.
struct Block {
  std::string base;   ///< before the brace; may be empty
  std::string open;   ///< the brace, with what it is of: "Map(2) {"
  std::string close;  ///< "}"
  std::vector<std::string> entries;
  bool is_array = false;    ///< entries may stand in columns
  bool is_numeric = false;  ///< columns are aligned to the right
};

/// `block` as text. `indentation`: of the line that it begins in. `inner_levels`: how many levels
/// of objects its last entry has in it. O(text).
[[nodiscard]] std::string arrange(Block block, const Layout& layout, std::size_t indentation,
                                  int inner_levels);

}  // namespace sandglass::runtime::inspect
