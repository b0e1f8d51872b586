// The types of its parameters are not known.
// refused: one signature: no overloads, no templates

#include <sandglass/sandglass.h>

void snippet(sandglass::HostModule& module) {
#ifndef REFUSED
  module.function("f", [](int x) { return x; });
#else
  module.function("f", [](auto x) { return x; });
#endif
}
