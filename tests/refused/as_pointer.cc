// There is no int to point to.
// refused: a reference or pointer would dangle

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<int>());
#else
  static_cast<void>(value.as<int*>());
#endif
}
