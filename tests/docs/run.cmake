# Runs PROGRAM with ARGUMENTS: it must exit with 0, and its standard output be the file EXPECTED, if that is not empty, or
# match the regular expression MATCHES. Called by ctest, see CMakeLists.txt.

cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${PROGRAM}" ${ARGUMENTS} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
message(STATUS "standard output:\n${output}")
message(STATUS "standard error:\n${errors}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} ended with ${result}")
endif()
if(EXPECTED)
  file(READ "${EXPECTED}" expected)
  if(expected AND NOT output STREQUAL expected)
    message(FATAL_ERROR "this was expected:\n${expected}")
  endif()
elseif(NOT output MATCHES "${MATCHES}")
  message(FATAL_ERROR "it does not match ${MATCHES}")
endif()
