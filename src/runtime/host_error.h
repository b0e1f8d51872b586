// From a C++ exception to an Error.
#pragma once

#include "sandglass/error.h"

namespace sandglass::runtime {

/// In a catch block: what was caught, with the causes nested in it.
[[nodiscard]] Error current_exception_error();

}  // namespace sandglass::runtime
