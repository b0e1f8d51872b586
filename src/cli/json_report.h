#pragma once

#include <string>
#include <string_view>

#include "cli/outcome.h"

namespace sandglass::cli {

/// `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string quote_json(std::string_view text);

/// `text` with each byte that is not UTF-8 replaced by U+FFFD: a path may be any bytes, the engine
/// wants UTF-8.
[[nodiscard]] std::string as_utf8(std::string_view text);

/// Whether `text` is one JSON value. Any depth: it needs no stack.
[[nodiscard]] bool is_json(std::string_view text);

/// Replaces escaped surrogates that are not pairs by U+FFFD. JavaScript's JSON may have them, but
/// they stand for no character and most parsers refuse them, the whole text included.
void replace_lone_surrogates(std::string& json);

/// `error` as the object that stands under "error" in reports.
[[nodiscard]] std::string error_json(const Error& error);

/// The object that `--json` prints, with a line end. Its shape is in docs/cli.md.
///
/// `value_json` is spliced in as it is: building a tree from it would recurse as deeply as the
/// script has nested it.
[[nodiscard]] std::string json_report(const Outcome& outcome);

}  // namespace sandglass::cli
