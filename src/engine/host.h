// What the engine asks of whoever embeds it.
#pragma once

#include <cstdint>
#include <span>

#include "engine/js_value.h"

namespace sandglass::engine {

/// Receives calls that JavaScript makes to native functions. All run on the host's stack, on the
/// thread of the run. None may throw: there are guest frames above.
class Host {
 public:
  virtual ~Host() = default;

  /// A call of the function that was made with `id`. Arguments are borrowed; the result is owned by
  /// the engine, JsValue::exception() after an error was thrown in it.
  virtual JsValue call(std::uint32_t id, JsValue self,
                       std::span<const JsValue> arguments) noexcept = 0;

  /// `promise` was rejected with `reason` and has no handler yet (`handled` false), or got one
  /// after all (true). Values are borrowed.
  virtual void promise_rejected(JsValue promise, JsValue reason, bool handled) noexcept = 0;
};

}  // namespace sandglass::engine
