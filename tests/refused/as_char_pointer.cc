// A pointer into the guest would dangle.
// refused: a reference or pointer would dangle

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<std::string>());
#else
  static_cast<void>(value.as<const char*>());
#endif
}
