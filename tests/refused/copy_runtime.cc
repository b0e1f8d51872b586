// There is one owner of a VM; a Context can be copied.
// refused: deleted

#include <sandglass/sandglass.h>

void snippet(const sandglass::Runtime& runtime) {
#ifndef REFUSED
  const sandglass::Context copy = runtime;
#else
  const sandglass::Runtime copy = runtime;
#endif
}
