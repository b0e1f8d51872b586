// Elements that are written to; the script would not see it.
// refused: a host function has a parameter that sandglass::Convert cannot make

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  runtime.set("f", [](std::span<const int>) {});
#else
  runtime.set("f", [](std::span<int>) {});
#endif
}
