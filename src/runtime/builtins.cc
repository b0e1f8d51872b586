// The functions that the prelude finds in `shared.host`: who answers which.
#include "runtime/vm.h"

namespace sandglass::runtime {

using engine::Builtin;

engine::JsValue Vm::call_builtin(Builtin which, JsValue /*self*/,
                                 std::span<const JsValue> arguments) noexcept {
  switch (which) {
    case Builtin::log:
    case Builtin::info:
    case Builtin::debug:
    case Builtin::warn:
    case Builtin::error:
    case Builtin::trace:
    case Builtin::dir:
    case Builtin::table:
    case Builtin::assertion:
      return print(which, arguments);
    case Builtin::label:
      return console_label(arguments);
    case Builtin::count:
      break;
  }
  return JsValue::undefined();
}

}  // namespace sandglass::runtime
