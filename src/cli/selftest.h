#pragma once

#include "cli/output.h"

namespace sandglass::cli {

/// Overflows the stack at each of a row of stack sizes and prints how deep it got, how it ended,
/// how long that took, and whether the VM still computes afterwards.
///
/// It is the table of the project's origin, measured here and now: there, every size over 379 KiB
/// left the VM corrupt. See docs/limits.md.
///
/// Returns whether every size in the range gave a stack limit and a usable VM, and the one below
/// the range was refused.
[[nodiscard]] bool selftest(Output& out);

}  // namespace sandglass::cli
