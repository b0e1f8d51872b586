// What would dangle does so inside of containers, too.
// refused: sandglass::Convert<T> has no from_js for this type

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<std::vector<std::string>>());
#else
  static_cast<void>(value.as<std::vector<std::string_view>>());
#endif
}
