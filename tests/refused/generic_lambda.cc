// The types of its parameters are not known.
// refused: no to_js for this type
// refused: one signature: no overloads, no templates

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  runtime.set("f", [](int x) { return x; });
#else
  runtime.set("f", [](auto x) { return x; });
#endif
}
