# Commands that turn the npm package, or SANDGLASS_GUEST, into guest.c, guest.h and guest_info.h.
#
# Everything is written below the build directory:
#   npm/         the installed packages             link/        intermediate modules, guest.wasm
#   translated/  wasm2c's output as it comes        generated/   what is compiled and included

set(sandglass_scripts "${CMAKE_CURRENT_SOURCE_DIR}/scripts")
set(sandglass_npm "${CMAKE_CURRENT_BINARY_DIR}/npm")
set(sandglass_translated "${CMAKE_CURRENT_BINARY_DIR}/translated")
set(sandglass_generated "${CMAKE_CURRENT_BINARY_DIR}/generated")
set(sandglass_layout "${SANDGLASS_SOURCE_DIR}/src/machine/layout.h")
file(MAKE_DIRECTORY "${sandglass_translated}" "${sandglass_generated}")

file(GLOB sandglass_script_parts CONFIGURE_DEPENDS "${sandglass_scripts}/lib/*.mjs")
file(GLOB sandglass_rewrites CONFIGURE_DEPENDS "${sandglass_scripts}/rewrites/*.mjs")

if(SANDGLASS_GUEST)
  get_filename_component(sandglass_wasm "${SANDGLASS_GUEST}" ABSOLUTE BASE_DIR "${CMAKE_BINARY_DIR}")
  if(NOT EXISTS "${sandglass_wasm}")
    message(FATAL_ERROR "sandglass: SANDGLASS_GUEST is ${sandglass_wasm}, which does not exist.")
  endif()
  set(sandglass_package substituted)
  set(sandglass_fast_paths optional)
else()
  set(sandglass_wasm "${CMAKE_CURRENT_BINARY_DIR}/link/guest.wasm")
  set(sandglass_package "${sandglass_npm}/node_modules/quickjs-wasi/package.json")
  set(sandglass_fast_paths required)

  add_custom_command(
    OUTPUT "${sandglass_npm}/installed.stamp"
    COMMAND "${CMAKE_COMMAND}" -E copy
            "${CMAKE_CURRENT_SOURCE_DIR}/package.json" "${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json" "${sandglass_npm}"
    COMMAND "${CMAKE_COMMAND}" -E chdir "${sandglass_npm}"
            "${SANDGLASS_NPM}" ci --ignore-scripts --no-audit --no-fund
    COMMAND "${CMAKE_COMMAND}" -E touch "${sandglass_npm}/installed.stamp"
    DEPENDS package.json package-lock.json
    COMMENT "Guest: installing the pinned npm packages"
    VERBATIM)
  file(MAKE_DIRECTORY "${sandglass_npm}")

  add_custom_command(
    OUTPUT "${sandglass_wasm}"
    COMMAND "${SANDGLASS_NODE}" "${sandglass_scripts}/link.mjs"
            --package "${sandglass_npm}/node_modules/quickjs-wasi"
            --binaryen "${sandglass_npm}/node_modules/binaryen"
            --unresolved "${CMAKE_CURRENT_SOURCE_DIR}/unresolved-symbols.txt"
            --work "${CMAKE_CURRENT_BINARY_DIR}/link/parts"
            --output "${sandglass_wasm}"
    DEPENDS "${sandglass_npm}/installed.stamp" unresolved-symbols.txt scripts/link.mjs ${sandglass_script_parts}
    COMMENT "Guest: linking QuickJS and the web APIs"
    VERBATIM)
endif()

add_custom_command(
  OUTPUT "${sandglass_translated}/checked.stamp"
  COMMAND "${SANDGLASS_NODE}" "${sandglass_scripts}/check.mjs"
          --module "${sandglass_wasm}"
          --required-exports "${CMAKE_CURRENT_SOURCE_DIR}/required-exports.txt"
          --allowed-imports "${CMAKE_CURRENT_SOURCE_DIR}/allowed-imports.txt"
          --layout "${sandglass_layout}"
          --objdump "${SANDGLASS_WASM_OBJDUMP}"
          --validate "${SANDGLASS_WASM_VALIDATE}"
          --stamp "${sandglass_translated}/checked.stamp"
  DEPENDS "${sandglass_wasm}" "${sandglass_layout}" required-exports.txt allowed-imports.txt
          scripts/check.mjs ${sandglass_script_parts}
  COMMENT "Guest: checking the module"
  VERBATIM)

# wasm2c names the header and its include guard after the output file, hence the file name.
add_custom_command(
  OUTPUT "${sandglass_translated}/guest.c" "${sandglass_translated}/guest.h"
  COMMAND "${SANDGLASS_WASM2C}" "${sandglass_wasm}" --module-name=guest -o "${sandglass_translated}/guest.c"
  DEPENDS "${sandglass_wasm}" "${sandglass_translated}/checked.stamp"
  COMMENT "Guest: translating to C"
  VERBATIM)

add_custom_command(
  OUTPUT "${sandglass_generated}/guest.c" "${sandglass_generated}/guest.h"
  COMMAND "${SANDGLASS_NODE}" "${sandglass_scripts}/rewrite.mjs"
          --module "${sandglass_wasm}"
          --input "${sandglass_translated}/guest.c"
          --output "${sandglass_generated}/guest.c"
          --fast-paths ${sandglass_fast_paths}
  COMMAND "${CMAKE_COMMAND}" -E copy "${sandglass_translated}/guest.h" "${sandglass_generated}/guest.h"
  DEPENDS "${sandglass_translated}/guest.c" "${sandglass_translated}/guest.h"
          scripts/rewrite.mjs ${sandglass_script_parts} ${sandglass_rewrites}
  COMMENT "Guest: rewriting the C"
  VERBATIM)

add_custom_command(
  OUTPUT "${sandglass_generated}/guest_info.h"
  COMMAND "${SANDGLASS_NODE}" "${sandglass_scripts}/info.mjs"
          --module "${sandglass_wasm}"
          --objdump "${SANDGLASS_WASM_OBJDUMP}"
          --package "${sandglass_package}"
          --output "${sandglass_generated}/guest_info.h"
  DEPENDS "${sandglass_wasm}" "${sandglass_translated}/checked.stamp" scripts/info.mjs ${sandglass_script_parts}
  COMMENT "Guest: collecting facts"
  VERBATIM)

add_custom_target(sandglass_guest_sources DEPENDS
  "${sandglass_generated}/guest.c" "${sandglass_generated}/guest.h" "${sandglass_generated}/guest_info.h")

# Whoever links this is built after the headers exist.
add_library(sandglass_guest_headers INTERFACE)
add_dependencies(sandglass_guest_headers sandglass_guest_sources)
target_include_directories(sandglass_guest_headers SYSTEM INTERFACE
  "${sandglass_generated}" "${SANDGLASS_WASM_RT_INCLUDE_DIR}")
target_include_directories(sandglass_guest_headers INTERFACE "${SANDGLASS_SOURCE_DIR}/src")
