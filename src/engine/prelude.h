// What the image holds for the host in JavaScript: work that is done most simply there.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace sandglass::engine {

/// What the host calls of the prelude's `shared.functions`, see src/prelude/.
enum class PreludeFunction : std::size_t {
  map_from,       // ([key, value, ...]) -> Map
  map_entries,    // (Map) -> [key, value, ...]
  set_from,       // ([element, ...]) -> Set
  set_elements,   // (Set) -> [element, ...]
  date_time,      // (Date) -> milliseconds
  view_parts,     // (DataView or typed array) -> [buffer, offset, length], as they are now
  open_iterator,  // (iterable) -> (close) -> value or done
  make_iterator,  // (pull, close) -> iterator of what pull() gives until it is done
  make_channel,   // (receive, send, close) -> async iterable with these as methods
  make_class,     // (name, length, construct) -> class
  symbol,         // (name) -> Symbol[name]
  own_keys,       // Reflect.ownKeys
  done,           // a value that means "no more", equal to no other
  error,          // constructors
  type_error,
  range_error,
  syntax_error,
  reference_error,
  eval_error,
  uri_error,
  internal_error,
  opaque_prototype,  // of host objects that have no class
  builtin_module,    // (name) -> exports, or undefined
  set_process,       // (arguments, [name, value, ...], script): what scriptArgs and process show
  // Of inspect.js:
  mute_errors,         // () -> what runs script code when an error is made, or undefined
  unmute_errors,       // (that)
  map_part,            // (Map, most) -> [size, key, value, ...]
  set_part,            // (Set, most) -> [size, element, ...]
  regexp_text,         // (RegExp) -> '/source/flags'
  error_parts,         // (Error, whether it is a DOMException) -> [stack, name, message]
  date_text,           // (Date) -> ISO 8601, or 'Invalid Date'
  unbox,               // (boxed, index of Number, String, Boolean, BigInt, Symbol) -> primitive
  slice,               // (string, length) -> its beginning
  function_text,       // (function, length) -> the beginning of its source
  parse_number,        // (string, whole) -> number
  to_string_tag,       // Symbol.toStringTag
  object_prototype,    // as they were
  function_prototype,  //
  error_prototype,     //
  shown_parts,    // of webidl.js: (object, most) -> [as a Map, size, name, value, ...] or undefined
  console_state,  // of console.js: [spaces that each line begins with]
  count
};

/// Their names there, in that order.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(PreludeFunction::count)>
    kPreludeNames = {"mapFrom",
                     "mapEntries",
                     "setFrom",
                     "setElements",
                     "dateTime",
                     "viewParts",
                     "openIterator",
                     "makeIterator",
                     "makeChannel",
                     "makeClass",
                     "symbol",
                     "ownKeys",
                     "done",
                     "error",
                     "typeError",
                     "rangeError",
                     "syntaxError",
                     "referenceError",
                     "evalError",
                     "uriError",
                     "internalError",
                     "opaquePrototype",
                     "builtinModule",
                     "setProcess",
                     "muteErrors",
                     "unmuteErrors",
                     "mapPart",
                     "setPart",
                     "regexpText",
                     "errorParts",
                     "dateText",
                     "unbox",
                     "slice",
                     "functionText",
                     "parseNumber",
                     "toStringTag",
                     "objectPrototype",
                     "functionPrototype",
                     "errorPrototype",
                     "shownParts",
                     "consoleState"};

/// One file of src/prelude/: an expression that gives a function of one object, `shared`.
struct PreludeScript {
  std::string_view name;  // "core.js"
  std::string_view source;
};

/// All of them, in the order in which they are run. Generated from the files when the library is
/// built.
[[nodiscard]] std::span<const PreludeScript> prelude_scripts();

}  // namespace sandglass::engine
