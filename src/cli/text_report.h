#pragma once

#include <string>

#include "cli/output.h"
#include "cli/source.h"
#include "sandglass/error.h"
#include "sandglass/limits.h"

namespace sandglass::cli {

/// What an error message can refer to; what is null is left out.
struct ErrorContext {
  const Source* source = nullptr;
  /// Null if no VM was made: a hint to raise a limit would then be wrong.
  const Limits* limits = nullptr;
};

/// The error for people, as Error::pretty() tells it, and what to do about it. Lines, each ended.
/// Names, messages and stacks are the script's own words; they are cut after 16 KiB each.
[[nodiscard]] std::string error_text(const Error& error, const ErrorContext& context);

/// Writes error_text(), in colours where there are any.
void write_error(Output& err, const Error& error, const ErrorContext& context);

}  // namespace sandglass::cli
