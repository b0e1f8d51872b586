# Profile-guided compilation of the guest (SANDGLASS_PGO).
#
#   sandglass_guest_instrumented -> the trainer, run once for each training script -> a profile -> sandglass_guest
#
# The trainer is an executable target, named by SANDGLASS_PGO_TRAINER, that links sandglass_guest_instrumented instead of
# sandglass_guest and understands `run --time 120s --memory 1GiB <script.js>`. It may be defined after this directory is
# added. It must return from main or call exit(), because the profile is written then.

if(NOT SANDGLASS_PGO_TRAINER)
  message(FATAL_ERROR "sandglass: SANDGLASS_PGO needs SANDGLASS_PGO_TRAINER, the name of the training executable's target.")
endif()

file(GLOB sandglass_training_scripts CONFIGURE_DEPENDS "${SANDGLASS_PGO_SCRIPTS}/*.js")
if(NOT sandglass_training_scripts)
  message(FATAL_ERROR "sandglass: SANDGLASS_PGO needs training scripts; there is no *.js in ${SANDGLASS_PGO_SCRIPTS}.")
endif()

set(sandglass_profile_dir "${CMAKE_CURRENT_BINARY_DIR}/profile")
set(sandglass_raw_profile_dir "${sandglass_profile_dir}/raw")
file(MAKE_DIRECTORY "${sandglass_profile_dir}")

if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  # gcc derives the profile's name from these options alone, so the instrumented and the final object agree on it.
  set(sandglass_profile "${sandglass_profile_dir}/guest.gcda")
  set(sandglass_profile_name -dumpdir "${sandglass_profile_dir}/" -dumpbase guest.c -dumpbase-ext .c)
  set(sandglass_instrument_options -fprofile-generate -fprofile-update=single ${sandglass_profile_name})
  set(sandglass_use_options -fprofile-use ${sandglass_profile_name}
      -Werror=missing-profile -Werror=coverage-mismatch -fprofile-partial-training)
else()
  set(sandglass_profile "${sandglass_profile_dir}/guest.profdata")
  set(sandglass_instrument_options -fprofile-generate)
  # A missing file is an error by itself. A function without a profile, or with one of other code, is only a warning, of
  # the class "backend-plugin", and the first of them only on demand.
  set(sandglass_use_options "-fprofile-use=${sandglass_profile}"
      "SHELL:-mllvm -pgo-warn-missing-function" -Wbackend-plugin -Werror=backend-plugin)

  # llvm-profdata reads only profiles of its own version or older. It lies beside the compiler's own binary.
  string(REGEX MATCH "^[0-9]+" sandglass_clang_major "${CMAKE_C_COMPILER_VERSION}")
  get_filename_component(sandglass_clang_dir "${CMAKE_C_COMPILER}" REALPATH)
  get_filename_component(sandglass_clang_dir "${sandglass_clang_dir}" DIRECTORY)
  find_program(SANDGLASS_LLVM_PROFDATA NAMES llvm-profdata-${sandglass_clang_major} llvm-profdata
               HINTS "${sandglass_clang_dir}" NO_DEFAULT_PATH)
  find_program(SANDGLASS_LLVM_PROFDATA NAMES llvm-profdata-${sandglass_clang_major})
  if(NOT SANDGLASS_LLVM_PROFDATA)
    message(FATAL_ERROR "sandglass: llvm-profdata for clang ${sandglass_clang_major} was not found. "
                        "It is in the Debian package llvm-${sandglass_clang_major}.")
  endif()
endif()

# One command for each script, so that a failure names its script.
set(sandglass_training_commands)
foreach(script IN LISTS sandglass_training_scripts)
  get_filename_component(name "${script}" NAME_WE)
  list(APPEND sandglass_training_commands
    COMMAND "${CMAKE_COMMAND}" -E env "LLVM_PROFILE_FILE=${sandglass_raw_profile_dir}/${name}.profraw"
            "$<TARGET_FILE:${SANDGLASS_PGO_TRAINER}>" run --time 120s --memory 1GiB "${script}")
endforeach()

# Runs of gcc's code add to the file that is there, so what an earlier build left must go first.
set(sandglass_merge_command)
if(NOT CMAKE_C_COMPILER_ID STREQUAL "GNU")
  set(sandglass_merge_command
    COMMAND "${SANDGLASS_LLVM_PROFDATA}" merge --failure-mode=any
            -o "${sandglass_profile}" "${sandglass_raw_profile_dir}")
endif()
add_custom_command(
  OUTPUT "${sandglass_profile}"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${sandglass_raw_profile_dir}" "${sandglass_profile}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${sandglass_raw_profile_dir}"
  ${sandglass_training_commands}
  ${sandglass_merge_command}
  DEPENDS ${SANDGLASS_PGO_TRAINER} ${sandglass_training_scripts}
  COMMENT "Guest: training"
  VERBATIM)
add_custom_target(sandglass_guest_profile DEPENDS "${sandglass_profile}")

# A directory of its own: sandglass_use_profile() makes guest.c depend on the profile in this one.
add_subdirectory(instrumented)

# Compiles `target` with the profile, and again whenever the profile changes.
function(sandglass_use_profile target)
  target_compile_options(${target} PRIVATE ${sandglass_use_options})
  set_source_files_properties("${sandglass_generated}/guest.c" PROPERTIES OBJECT_DEPENDS "${sandglass_profile}")
  add_dependencies(${target} sandglass_guest_profile)
endfunction()
