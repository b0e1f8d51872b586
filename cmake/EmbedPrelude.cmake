# cmake -DOUTPUT=… -DSCRIPTS=a.js,b.js -P EmbedPrelude.cmake: writes C++ that holds the scripts, in that order.
string(REPLACE "," ";" scripts "${SCRIPTS}")
set(entries "")
foreach(script IN LISTS scripts)
  file(READ "${script}" source)
  get_filename_component(name "${script}" NAME)
  if(source MATCHES "\\)sandglass\"")
    message(FATAL_ERROR "${script} has the end of a raw string in it")
  endif()
  # A string literal may have 64 KiB: long ones are put together from pieces.
  string(LENGTH "${source}" length)
  set(literal "")
  set(from 0)
  while(from LESS length)
    string(SUBSTRING "${source}" ${from} 8000 piece)
    string(APPEND literal "R\"sandglass(${piece})sandglass\"\n")
    math(EXPR from "${from} + 8000")
  endwhile()
  string(APPEND entries "    {\"${name}\", ${literal}},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Generated from src/prelude/.
#include <array>

#include \"engine/prelude.h\"

namespace sandglass::engine {

std::span<const PreludeScript> prelude_scripts() {
  static constexpr auto kScripts = std::to_array<PreludeScript>({
${entries}  });
  return kScripts;
}

}  // namespace sandglass::engine
")
