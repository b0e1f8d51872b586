#pragma once

#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/output.h"
#include "cli/source.h"

namespace sandglass::cli {

/// Whether `source` parses, and as what: never `detect`.
///
/// Nothing of it runs, and what it imports is not looked for. With `detect` it is a module if it
/// parses only as one; if it is neither, the error is that of the reading that came further.
/// Errors: those of Context::compile.
[[nodiscard]] Result<SourceKind> parse_kind(const Source& source, SourceKind kind,
                                            const Limits& limits);

/// `sandglass check`: tells of each input whether it parses. The exit code is that of the first
/// which does not.
[[nodiscard]] ExitCode check(const Command& command, Output& out, Output& err);

}  // namespace sandglass::cli
