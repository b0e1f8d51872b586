#pragma once

#include <string_view>

namespace sandglass {

/// Version of this library, "major.minor.patch".
[[nodiscard]] std::string_view version() noexcept;

/// The JavaScript engine inside, e.g. "quickjs-ng 0.17.0 (quickjs-wasi 3.6.2)".
[[nodiscard]] std::string_view engine_version() noexcept;

/// SHA-256 of the WebAssembly module that was compiled in, 64 hexadecimal digits.
[[nodiscard]] std::string_view guest_hash() noexcept;

}  // namespace sandglass
