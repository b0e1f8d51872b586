// Values as people read them: what the console prints.
#pragma once

#include <cstddef>
#include <string>

#include "engine/engine.h"

namespace sandglass::runtime {

/// Text for `value` (borrowed), UTF-8, at most about `max_bytes`. May run script code, whose
/// failures are passed over.
[[nodiscard]] engine::Outcome<std::string> display(engine::Engine& engine, engine::JsValue value,
                                                   std::size_t max_bytes = SIZE_MAX);

}  // namespace sandglass::runtime
