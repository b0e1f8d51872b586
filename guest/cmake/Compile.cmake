# How the generated C is compiled.
#
# sandglass_add_guest_library(<target>) adds a static library of the generated guest.c.

if(NOT CMAKE_C_COMPILER_ID MATCHES "^(GNU|Clang)$")
  message(FATAL_ERROR "sandglass: the guest is compiled by gcc or clang, not by ${CMAKE_C_COMPILER_ID}.")
endif()

# A debug or sanitizer build is about our own code; the guest is compiled quickly there.
string(FIND "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" "-fsanitize=" sandglass_sanitizer_at)
if(sandglass_sanitizer_at GREATER_EQUAL 0)
  set(sandglass_guest_optimisation -O1)
else()
  set(sandglass_guest_optimisation $<IF:$<CONFIG:Debug>,-O1,-O2>)
endif()

set(sandglass_guest_options
  ${sandglass_guest_optimisation}
  -g0
  # WebAssembly arithmetic is exact: a multiplication and an addition are never one rounding.
  -ffp-contract=off
  # Nothing here reads errno, so that square roots are an instruction.
  -fno-math-errno
  # The guest's faults are contained by the machine. Checkers would see generated code, and objects that they take for
  # overrun: linear memory begins behind the instance.
  -fno-sanitize=all
  # Calls of libc are bound when the program starts: a lazy binding must not be cut off half-way.
  -fno-plt
  -fno-stack-protector
  -U_FORTIFY_SOURCE)

# A frame larger than a page could step over the guard page below the native stack, so it is an error. Other warnings are
# turned off, but not by -w, which would silence the errors too.
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  list(APPEND sandglass_guest_options
    -Wno-all -Wno-extra -Wno-pedantic -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-error
    -Werror=frame-larger-than=4096)
else()
  list(APPEND sandglass_guest_options -Wno-everything -Wframe-larger-than=4096 -Werror=frame-larger-than)
endif()

function(sandglass_add_guest_library target)
  add_library(${target} STATIC "${sandglass_generated}/guest.c")
  add_dependencies(${target} sandglass_guest_sources)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11
    C_EXTENSIONS ON
    C_VISIBILITY_PRESET hidden
    C_CLANG_TIDY ""
    INTERPROCEDURAL_OPTIMIZATION OFF
    POSITION_INDEPENDENT_CODE ON
    UNITY_BUILD OFF)
  target_compile_options(${target} PRIVATE ${sandglass_guest_options})
  target_link_libraries(${target} PUBLIC sandglass_guest_headers m)
endfunction()
