// The functions that the prelude finds in `shared.host`: who answers which.
#include "runtime/host_error.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

using engine::Builtin;

// Guest frames are above: an exception of the host, which has run out of memory, ends here.
engine::JsValue Vm::call_builtin(Builtin which, std::span<const JsValue> arguments) noexcept try {
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
    case Builtin::add_timer:
      return add_timer(arguments, TimerKind::timeout);
    case Builtin::add_interval:
      return add_timer(arguments, TimerKind::interval);
    case Builtin::add_immediate:
      return add_timer(arguments, TimerKind::immediate);
    case Builtin::clear_timer:
      return clear_timer(arguments);
    case Builtin::time_origin:
      return JsValue::number(time_origin());
    case Builtin::exit:
      return exit(arguments);
    case Builtin::class_id:
      return JsValue::integer(
          arguments.empty() ? 0 : static_cast<std::int32_t>(engine_->class_id(arguments[0])));
    case Builtin::fetch:
      return fetch(arguments);
    case Builtin::fetch_abort:
      return abort_fetch(arguments);
    case Builtin::fs_access:
    case Builtin::fs_close:
    case Builtin::fs_copy_file:
    case Builtin::fs_list:
    case Builtin::fs_make_directory:
    case Builtin::fs_open:
    case Builtin::fs_read:
    case Builtin::fs_read_file:
    case Builtin::fs_real_path:
    case Builtin::fs_remove_directory:
    case Builtin::fs_remove_file:
    case Builtin::fs_rename:
    case Builtin::fs_resize:
    case Builtin::fs_status:
    case Builtin::fs_write:
    case Builtin::fs_write_file:
      return call_files(which, arguments);
    case Builtin::count:
      break;
  }
  return JsValue::undefined();
} catch (...) {
  return throw_error(current_exception_error());
}

}  // namespace sandglass::runtime
