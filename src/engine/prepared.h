// Images of an engine that is ready to evaluate: what every VM starts from.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/js_value.h"
#include "engine/prelude.h"
#include "machine/image.h"

namespace sandglass::engine {

/// An image with a runtime and a context, and where they lie.
struct Prepared {
  std::shared_ptr<const machine::Image> image;
  GuestPtr<JSRuntime> runtime;
  GuestPtr<JSContext> context;
  /// Address of the context's countdown to the next call of the interrupt handler.
  std::uint32_t interrupt_counter = 0;
  /// Class of host objects.
  std::uint32_t host_class = 0;
  /// References that the image holds for us: at the same address in every VM.
  JsValue global;
  std::array<JsValue, static_cast<std::size_t>(PreludeFunction::count)> prelude;
  /// What even the smallest script writes to.
  std::vector<machine::GuestRange> first_pages;
};

/// What the interrupt counter starts from (JS_INTERRUPT_COUNTER_INIT of quickjs.c).
inline constexpr std::uint32_t kInterruptCounterStart = 10000;

/// Ids of the native functions in the image, as Host::call gets them.
enum class Builtin : std::uint32_t { log, info, debug, warn, error, trace, count };

/// Largest stack that fits below the module's data; larger ones get a region of their own.
inline constexpr std::uint32_t kMaxStackInPlace = 960 << 10;

/// The image for VMs with a stack of `stack_bytes`. There are two in a process, each prepared when
/// it is first asked for (a few milliseconds) and then shared.
[[nodiscard]] const Prepared& prepared_for_stack(std::uint64_t stack_bytes);

}  // namespace sandglass::engine
