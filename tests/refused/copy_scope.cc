// A run has one beginning and one end.
// refused: deleted

#include <sandglass/sandglass.h>

void snippet(sandglass::Scope& scope) {
#ifndef REFUSED
  sandglass::Scope& same = scope;
  static_cast<void>(same);
#else
  sandglass::Scope copied = scope;
#endif
}
