#pragma once

#include <optional>
#include <string>

#include "sandglass/error.h"
#include "sandglass/runtime.h"

namespace sandglass::cli {

/// What became of a command; what the reports are made from.
struct Outcome {
  /// None: the script ran to its end.
  std::optional<Error> error;
  /// `process.exitCode` of a run that ended well, if it is a whole number: its low byte.
  std::optional<int> exit_status;
  /// The completion value as JSON text. Made by the script: as deeply nested as it likes.
  std::string value_json = "null";
  /// The completion value as the console prints it; none if it is undefined.
  std::optional<std::string> display;
  /// What the script printed, both streams in order; collected for JSON only.
  std::string output;
  /// All zero if nothing ran.
  Stats stats;
};

}  // namespace sandglass::cli
