# Finds the tools of the build, or tells which Debian package holds what is missing.

function(sandglass_require_program variable debian_package)
  find_program(${variable} NAMES ${ARGN})
  if(NOT ${variable})
    list(GET ARGN 0 name)
    message(FATAL_ERROR "sandglass: ${name} was not found. It is in the Debian package ${debian_package}.")
  endif()
endfunction()

# The rewrites know the exact text that this version generates, and the checks what it cannot translate.
set(SANDGLASS_WABT_VERSION 1.0.32)

sandglass_require_program(SANDGLASS_NODE nodejs node nodejs)
sandglass_require_program(SANDGLASS_WASM2C wabt wasm2c)
sandglass_require_program(SANDGLASS_WASM_OBJDUMP wabt wasm-objdump)
sandglass_require_program(SANDGLASS_WASM_VALIDATE wabt wasm-validate)
if(NOT SANDGLASS_GUEST)
  sandglass_require_program(SANDGLASS_NPM npm npm)
endif()

find_path(SANDGLASS_WASM_RT_INCLUDE_DIR wasm-rt.h)
if(NOT SANDGLASS_WASM_RT_INCLUDE_DIR)
  message(FATAL_ERROR "sandglass: wasm-rt.h was not found. It is in the Debian package wabt.")
endif()

execute_process(COMMAND "${SANDGLASS_NODE}" --version
                OUTPUT_VARIABLE sandglass_node_version OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REGEX REPLACE "^v" "" sandglass_node_version "${sandglass_node_version}")
if(sandglass_node_version VERSION_LESS 18.3)
  message(FATAL_ERROR "sandglass: ${SANDGLASS_NODE} is version ${sandglass_node_version}; 18.3 or newer is needed.")
endif()

foreach(tool IN ITEMS SANDGLASS_WASM2C SANDGLASS_WASM_OBJDUMP SANDGLASS_WASM_VALIDATE)
  execute_process(COMMAND "${${tool}}" --version
                  OUTPUT_VARIABLE sandglass_tool_version OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT sandglass_tool_version VERSION_EQUAL SANDGLASS_WABT_VERSION)
    message(FATAL_ERROR "sandglass: ${${tool}} is version \"${sandglass_tool_version}\"; "
                        "the guest is verified for wabt ${SANDGLASS_WABT_VERSION} only (Debian 12).")
  endif()
endforeach()
