#include "runtime/display.h"

#include "runtime/inspect/inspector.h"
#include "runtime/text.h"
#include "runtime/utf8.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

engine::Outcome<std::string> display(Vm& vm, engine::JsValue value) {
  constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  engine::Engine& engine = vm.engine();
  if (value.is_string()) return string_or(engine, value, SIZE_MAX, "");
  std::string text;
  {
    inspect::Reader reader(vm);
    inspect::Room room(kMostBytes);
    text = inspect::Inspector(reader, {}, room).show(value);
    if (room.full()) text = "[" + reader.class_label(value) + "]";
  }
  if (engine.trapped() != machine::Trap::none) return std::unexpected(engine.trapped());
  return to_valid_utf8(std::move(text));
}

}  // namespace sandglass::runtime
