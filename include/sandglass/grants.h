#pragma once

namespace sandglass {

/// What a script may touch besides computing and printing. Nothing of it is there by default; each
/// field is one thing that is handed over, and tells what the script sees without it.
struct Grants {};

}  // namespace sandglass
