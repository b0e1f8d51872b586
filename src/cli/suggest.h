#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sandglass::cli {

/// "; did you mean 'memory'?" if one of `known` is `word` with a slip or two, else nothing.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> known);

}  // namespace sandglass::cli
