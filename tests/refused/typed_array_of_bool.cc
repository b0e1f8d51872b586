// There is no typed array with these elements.
// refused: constraints not satisfied for class template 'TypedArray'
// refused: template constraint failure for

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.as<sandglass::TypedArray<float>>());
#else
  static_cast<void>(value.as<sandglass::TypedArray<bool>>());
#endif
}
