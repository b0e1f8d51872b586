// What the engine asks of whoever embeds it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/js_value.h"

namespace sandglass::engine {

/// Receives what JavaScript asks of the host. All calls run on the host's stack, on the thread of
/// the run. None may throw: there are guest frames above. Values are borrowed.
class Host {
 public:
  virtual ~Host() = default;

  /// A call of the function that was made with `id`. The result is owned by the engine,
  /// JsValue::exception() after an error was thrown in it.
  virtual JsValue call(std::uint32_t id, JsValue self,
                       std::span<const JsValue> arguments) noexcept = 0;

  /// `promise` was rejected with `reason` and has no handler yet (`handled` false), or got one
  /// after all (true).
  virtual void promise_rejected(JsValue promise, JsValue reason, bool handled) noexcept = 0;

  /// The function or host object `id` is gone from the guest. Called from inside the collector:
  /// nothing of the guest may run now. The guest may say so of anything, at any time.
  virtual void released(std::uint32_t id) noexcept = 0;

  /// Seconds that local time is ahead of UTC at `time`, in seconds since 1970.
  virtual std::int32_t utc_offset_seconds(std::int64_t time) noexcept = 0;

  // Modules. Names are as resolve_module gave them. `type`: import attribute, empty if none.

  /// The canonical name; nullopt after an error was thrown.
  virtual std::optional<std::string> resolve_module(std::string_view importer,
                                                    std::string_view specifier,
                                                    std::string_view type) noexcept = 0;
  /// The address of the module's definition; 0 after an error was thrown.
  virtual std::uint32_t load_module(std::string_view name, std::string_view type) noexcept = 0;
  /// Exports of a module made by Engine::make_module are wanted. False after an error was thrown.
  virtual bool module_ready(std::uint32_t module) noexcept = 0;
};

}  // namespace sandglass::engine
