// Values as people read them: what the console prints.
#pragma once

#include <string>

#include "engine/engine.h"

namespace sandglass::runtime {

class Vm;

/// Text for `value` (borrowed), UTF-8: a string as it is, anything else as the console shows it, or
/// only what it is called if that were more than 16 MiB. Runs no script code.
[[nodiscard]] engine::Outcome<std::string> display(Vm& vm, engine::JsValue value,
                                                   bool colors = false);

/// The same for a value that is not counted or is a short BigInt: no VM is needed.
[[nodiscard]] std::string display_plain(engine::JsValue value, bool colors);

}  // namespace sandglass::runtime
