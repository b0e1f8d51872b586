// A view of a string in the guest would dangle.
// refused: sandglass::Convert<T> has no from_js for this type

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<std::string>());
#else
  static_cast<void>(value.as<std::string_view>());
#endif
}
