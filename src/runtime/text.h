// The text of a JavaScript value, as UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace sandglass::runtime {

/// `String(value)` of `value` (borrowed), at most about `max_bytes`. nullopt: an exception is
/// pending. May run script code.
[[nodiscard]] engine::Outcome<std::optional<std::string>> string_of(
    engine::Engine& engine, engine::JsValue value, std::size_t max_bytes = SIZE_MAX);

/// `String(number)`.
[[nodiscard]] std::string number_text(double number);

/// The same as string_of, with `instead` where the script's code failed.
[[nodiscard]] engine::Outcome<std::string> string_or(engine::Engine& engine, engine::JsValue value,
                                                     std::size_t max_bytes,
                                                     std::string_view instead);

/// The property `name` of `object`, undefined where the script's code failed. Owned by the caller.
[[nodiscard]] engine::Outcome<engine::JsValue> property_or_undefined(engine::Engine& engine,
                                                                     engine::JsValue object,
                                                                     std::string_view name);

/// Takes the pending exception and frees it.
[[nodiscard]] engine::Outcome<void> drop_exception(engine::Engine& engine);

}  // namespace sandglass::runtime
