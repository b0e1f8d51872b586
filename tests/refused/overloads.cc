// Which of them is meant is not known.
// refused: one signature: no overloads, no templates

#include <sandglass/sandglass.h>

struct One {
  int operator()(int x) const { return x; }
};
struct Two {
  int operator()(int x) const { return x; }
  int operator()(int x, int y) const { return x + y; }
};

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  static_cast<void>(runtime.function("f", One()));
#else
  static_cast<void>(runtime.function("f", Two()));
#endif
}
