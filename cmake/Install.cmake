# `cmake --install`: headers, one static library, the command, and how others find them.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS sandglass EXPORT sandglassTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(SANDGLASS_FETCH)
  install(TARGETS sandglass_fetch EXPORT sandglassTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY "${SANDGLASS_SOURCE_DIR}/include/sandglass" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.h")
if(SANDGLASS_BUILD_CLI)
  install(TARGETS sandglass_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES "${SANDGLASS_SOURCE_DIR}/docs/sandglass.1" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
endif()
install(FILES "${SANDGLASS_SOURCE_DIR}/LICENSE" "${SANDGLASS_SOURCE_DIR}/THIRD_PARTY_NOTICES.md"
              "${SANDGLASS_SOURCE_DIR}/docs/licenses/Apache-2.0.txt"
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(sandglass_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/sandglass)
install(EXPORT sandglassTargets NAMESPACE sandglass:: DESTINATION ${sandglass_config_dir})
configure_package_config_file(
  "${SANDGLASS_SOURCE_DIR}/cmake/sandglassConfig.cmake.in" "${PROJECT_BINARY_DIR}/sandglassConfig.cmake"
  INSTALL_DESTINATION ${sandglass_config_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sandglassConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/sandglassConfig.cmake" "${PROJECT_BINARY_DIR}/sandglassConfigVersion.cmake"
        DESTINATION ${sandglass_config_dir})

# Relative, so that the package may be installed under any prefix and moved.
file(RELATIVE_PATH sandglass_prefix_from_pc "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
configure_file("${SANDGLASS_SOURCE_DIR}/cmake/sandglass.pc.in" "${PROJECT_BINARY_DIR}/sandglass.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/sandglass.pc" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
