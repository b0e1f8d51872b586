// What a script sees that reaches for something it was not granted.
#pragma once

#include <string>
#include <utility>

#include "sandglass/error.h"

namespace sandglass::runtime {

/// An Error with the `code` that Node has for this.
[[nodiscard]] inline Error access_denied(std::string message) {
  return {.code = Errc::threw,
          .message = std::move(message),
          .name = "Error",
          .detail = "ERR_ACCESS_DENIED"};
}

}  // namespace sandglass::runtime
