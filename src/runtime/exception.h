// From a JavaScript exception to an Error.
#pragma once

#include "engine/engine.h"
#include "sandglass/error.h"

namespace sandglass::runtime {

/// Longest text that is taken over from a script's error, in bytes; the rest is cut.
inline constexpr std::size_t kMaxErrorTextBytes = std::size_t{64} << 10;

/// Tells what `thrown` (borrowed) says: name, message, stack and cause of an error, or the text of
/// any other value. Reading them may run script code, whose own failures are passed over. The
/// result's code is Errc::threw.
[[nodiscard]] engine::Outcome<Error> describe_exception(engine::Engine& engine,
                                                        engine::JsValue thrown);

}  // namespace sandglass::runtime
