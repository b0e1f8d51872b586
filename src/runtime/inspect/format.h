// The arguments of a console call as one text, as util.format of Node makes it.
#pragma once

#include <span>
#include <string>

#include "runtime/inspect/inspector.h"

namespace sandglass::runtime::inspect {

/// %s %d %i %f %j %o %O %c %% in the first of `arguments` if it is a string, what is left of them
/// after a space each. Runs nothing of the script's: an object is NaN to %d, %i and %f, and to %s
/// and %j what it looks like, whatever its toString() and toJSON() say. UTF-8.
[[nodiscard]] std::string format(Reader& reader, const Settings& settings, Room& room,
                                 std::span<const engine::JsValue> arguments);

/// The JSON of `value`, of its data alone: what would be computed is left out. "[Circular]" for all
/// of an object that contains itself.
[[nodiscard]] std::string to_json(Reader& reader, Room& room, engine::JsValue value);

/// A table of what `data` (an object) contains: as console.table of Node. `columns`: an array of
/// names, or undefined for those that there are.
[[nodiscard]] std::string table(Reader& reader, const Settings& settings, Room& room,
                                engine::JsValue data, engine::JsValue columns);

}  // namespace sandglass::runtime::inspect
