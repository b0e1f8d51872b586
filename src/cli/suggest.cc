#include "cli/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

constexpr std::size_t kMaxWordBytes = 64;  // nobody mistypes more; the cost is quadratic

// Letters to insert, remove or replace until `a` is `b` (Levenshtein), one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string suggestion(std::string_view word, std::span<const std::string_view> known) {
  if (known.empty() || word.size() > kMaxWordBytes) {
    return {};
  }
  const auto nearest = std::ranges::min_element(
      known, {}, [&](std::string_view candidate) { return distance(word, candidate); });
  // A third of the letters wrong is a slip; more is another word.
  const std::size_t slips = (nearest->size() + 1) / 3;
  if (distance(word, *nearest) > slips) {
    return {};
  }
  return fmt::format("; did you mean '{}'?", *nearest);
}

}  // namespace sandglass::cli
