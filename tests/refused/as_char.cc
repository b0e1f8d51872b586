// Nobody knows whether a char is a number or text.
// refused: sandglass::Convert<T> has no from_js for this type

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<signed char>());
#else
  static_cast<void>(value.as<char>());
#endif
}
