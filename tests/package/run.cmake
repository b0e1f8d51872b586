# Builds a consumer of the library in WORK, as HOW says, and runs it. Called by ctest, see CMakeLists.txt.

cmake_minimum_required(VERSION 3.25)

function(run)
  list(JOIN ARGN " " shown)
  message(STATUS "${shown}")
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${WORK}" RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed (${result}): ${shown}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
set(prefix "${WORK}/prefix")
set(consumer "${WORK}/consumer")
set(settings
  -G "${GENERATOR}" -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  "-DCMAKE_C_FLAGS=${C_FLAGS}" "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}" -DEXPECTED_VERSION=${VERSION})

if(NOT HOW STREQUAL "add_subdirectory")
  run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${prefix}" --config "${CONFIG}")
endif()

if(HOW STREQUAL "find_package")
  run("${CMAKE_COMMAND}" -S "${CONSUMER}/find_package" -B "${WORK}/build" ${settings}
      -DCMAKE_BUILD_TYPE=${CONFIG} "-DCMAKE_PREFIX_PATH=${prefix}")
  run("${CMAKE_COMMAND}" --build "${WORK}/build")
  set(consumer "${WORK}/build/consumer")
elseif(HOW STREQUAL "add_subdirectory")
  # The module that was linked already saves the consumer the download; it is the same one.
  set(guest "${BUILD}/guest/link/guest.wasm")
  if(EXISTS "${guest}")
    list(APPEND settings "-DSANDGLASS_GUEST=${guest}")
  endif()
  run("${CMAKE_COMMAND}" -S "${CONSUMER}/add_subdirectory" -B "${WORK}/build" ${settings}
      -DCMAKE_BUILD_TYPE=Debug "-DSANDGLASS_SOURCE=${SOURCE}")
  run("${CMAKE_COMMAND}" --build "${WORK}/build" --target consumer)
  set(consumer "${WORK}/build/consumer")
else()
  set(ENV{PKG_CONFIG_PATH} "${prefix}/${LIBDIR}/pkgconfig")
  foreach(what IN ITEMS cflags libs modversion)
    execute_process(COMMAND pkg-config --${what} sandglass COMMAND_ERROR_IS_FATAL ANY
                    OUTPUT_VARIABLE ${what} OUTPUT_STRIP_TRAILING_WHITESPACE)
    message(STATUS "pkg-config --${what}: ${${what}}")
  endforeach()
  if(NOT modversion STREQUAL VERSION)
    message(FATAL_ERROR "pkg-config tells version ${modversion}, not ${VERSION}")
  endif()
  string(FIND "${cflags} ${libs}" "${prefix}" at)
  if(at LESS 0)
    message(FATAL_ERROR "pkg-config does not point to where the package was installed (${prefix})")
  endif()
  separate_arguments(flags UNIX_COMMAND "${CXX_FLAGS} ${cflags}")
  separate_arguments(libs UNIX_COMMAND "${libs}")
  run("${CXX_COMPILER}" -std=c++23 ${flags} -DEXPECTED_VERSION=\"${VERSION}\" "${CONSUMER}/consumer.cc"
      -o "${consumer}" ${libs})
endif()

run("${consumer}")
