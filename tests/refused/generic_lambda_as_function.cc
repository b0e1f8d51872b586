// The types of its parameters are not known.
// refused: one signature: no overloads, no templates

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  static_cast<void>(runtime.function("f", [](int x) { return x; }));
#else
  static_cast<void>(runtime.function("f", [](auto x) { return x; }));
#endif
}
