#pragma once

#include <string>
#include <string_view>

#include "cli/outcome.h"

namespace sandglass::cli {

/// `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string quote_json(std::string_view text);

/// Whether `text` is one JSON value. Any depth: it needs no stack.
[[nodiscard]] bool is_json(std::string_view text);

/// Replaces escaped surrogates that are not pairs by U+FFFD. JavaScript's JSON may have them, but
/// they stand for no character and most parsers refuse them, the whole text included.
void replace_lone_surrogates(std::string& json);

/// The object that `--json` prints, with a line end. Its shape is in docs/cli.md.
///
/// `value_json` is spliced in as it is: building a tree from it would recurse as deeply as the
/// script has nested it.
[[nodiscard]] std::string json_report(const Outcome& outcome);

}  // namespace sandglass::cli
