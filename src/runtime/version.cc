#include "sandglass/version.h"

#include "guest_info.h"

namespace sandglass {

std::string_view version() noexcept {
  return SANDGLASS_VERSION;
}

std::string_view engine_version() noexcept {
  return SANDGLASS_GUEST_ENGINE_VERSION " (" SANDGLASS_GUEST_PACKAGE ")";
}

std::string_view guest_hash() noexcept {
  return SANDGLASS_GUEST_SHA256;
}

}  // namespace sandglass
