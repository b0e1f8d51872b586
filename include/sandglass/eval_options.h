#pragma once

#include <cstdint>
#include <string_view>

namespace sandglass {

/// How source text is read.
enum class SourceKind : std::uint8_t {
  script,  ///< A classic script. `await` is allowed at top level if `EvalOptions::top_level_await`.
  module,  ///< An ES module: strict, `import`/`export`, top-level await.
  detect,  ///< A module if it parses only as one (it has import, export or import.meta), else a
           ///< script.
};

struct EvalOptions {
  /// Shown in stacks and syntax errors; what relative imports are relative to. UTF-8, no NUL.
  std::string_view file_name = "<eval>";
  SourceKind kind = SourceKind::script;
  /// Allows `await` at the top level of a script: the run then awaits the script's end.
  /// Modules always have it. Cost: under a microsecond.
  bool top_level_await = false;
  /// Ends only when nothing is left that could go on, as a program of Node does: timers, requests,
  /// and what the host has promised. All of it is this one run, under its limits; the first
  /// exception that nobody catches ends it. False: they wait for the next run, see Context::run.
  bool until_idle = false;
  /// Reads a script as if it began with "use strict". Modules always are.
  bool strict = false;
  /// Leaves what called this evaluation out of the stacks of errors that it throws.
  bool backtrace_barrier = false;
};

}  // namespace sandglass
