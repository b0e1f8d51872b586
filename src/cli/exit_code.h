#pragma once

#include "sandglass/error.h"

namespace sandglass::cli {

/// What the process ends with. Part of the interface: scripts branch on it. See docs/cli.md.
enum class ExitCode : int {
  ok = 0,
  threw = 1,  ///< also a selftest that found something wrong
  usage = 2,  ///< bad options, unreadable or unacceptable input, a result that cannot be written
  syntax = 3,
  time_limit = 4,
  memory_limit = 5,
  stack_limit = 6,
  fuel_limit = 7,
  output_limit = 8,
  guest_fault = 9,
  interrupted = 130,  ///< Ctrl-C or SIGTERM
  broken_pipe = 141,  ///< the reader of standard output left (128 + SIGPIPE, as shells report it)
};

[[nodiscard]] ExitCode exit_code(Errc code) noexcept;

}  // namespace sandglass::cli
