#include "runtime/display.h"

#include <fmt/format.h>

#include "runtime/inspect/inspector.h"
#include "runtime/text.h"
#include "runtime/utf8.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

engine::Outcome<std::string> display(Vm& vm, engine::JsValue value, bool colors) {
  constexpr std::size_t kMostBytes = std::size_t{16} << 20;
  engine::Engine& engine = vm.engine();
  if (value.is_string()) return string_or(engine, value, SIZE_MAX, "");
  std::string text;
  {
    inspect::Reader reader(vm);
    inspect::Room room(kMostBytes);
    inspect::Settings settings;
    settings.layout.colors = colors;
    text = inspect::Inspector(reader, settings, room).show(value);
    if (room.full()) text = "[" + reader.class_label(value) + "]";
  }
  if (engine.trapped() != machine::Trap::none) return std::unexpected(engine.trapped());
  return to_valid_utf8(std::move(text));
}

std::string display_plain(engine::JsValue value, bool colors) {
  using inspect::Style;
  switch (value.tag()) {
    case engine::Tag::null:
      return inspect::styled("null", Style::null, colors);
    case engine::Tag::boolean:
      return inspect::styled(value.as_boolean() ? "true" : "false", Style::boolean, colors);
    case engine::Tag::short_bigint:
      return inspect::styled(fmt::format("{}n", value.as_integer()), Style::number, colors);
    case engine::Tag::integer:
    case engine::Tag::float64:
      return inspect::styled(inspect::number_of(value.as_number()), Style::number, colors);
    default:
      return inspect::styled("undefined", Style::undefined, colors);
  }
}

}  // namespace sandglass::runtime
