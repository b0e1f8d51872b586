// A Function is a handle as its Value is.
// refused: deleted

#include <sandglass/sandglass.h>

void snippet(sandglass::Function<void()> function) {
#ifndef REFUSED
  const sandglass::Function<void()> moved = std::move(function);
#else
  const sandglass::Function<void()> copied = function;
#endif
}
