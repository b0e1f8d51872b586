// The engine's encoding of JavaScript values, and addresses of its structures.
#pragma once

#include <cstdint>

#include "sandglass/detail/js_value.h"

namespace sandglass::engine {

using detail::JsValue;
using detail::Tag;

/// Address of a T in guest memory. Says nothing about whether it is valid: it came from the guest,
/// or goes there, and is checked where it is used.
template <class T>
struct GuestPtr {
  std::uint32_t address = 0;
  [[nodiscard]] explicit operator bool() const noexcept { return address != 0; }
};

// Structures of the engine that we only pass around.
struct JSRuntime;
struct JSContext;

}  // namespace sandglass::engine
