# Compiles SOURCE as it is, which must succeed, and with -DREFUSED, which must fail with one of the texts that stand after
# `// refused: ` in it. Called by ctest, see CMakeLists.txt.

cmake_minimum_required(VERSION 3.25)

set(ENV{LC_ALL} C)  # the compilers quote otherwise

execute_process(COMMAND ${COMPILE} -fsyntax-only "${SOURCE}" RESULT_VARIABLE result ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "this should compile:\n${output}")
endif()

execute_process(COMMAND ${COMPILE} -DREFUSED -fsyntax-only "${SOURCE}" RESULT_VARIABLE result ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "with REFUSED defined, this should not compile")
endif()
message(STATUS "refused with:\n${output}")
file(STRINGS "${SOURCE}" texts REGEX "^// refused: ")
list(TRANSFORM texts REPLACE "^// refused: " "")
if(NOT texts)
  message(FATAL_ERROR "there is no line that begins with // refused:")
endif()
foreach(text IN LISTS texts)
  string(FIND "${output}" "${text}" at)
  if(NOT at LESS 0)
    return()
  endif()
endforeach()
list(JOIN texts "\n" texts)
message(FATAL_ERROR "it is refused without any of these words:\n${texts}")
