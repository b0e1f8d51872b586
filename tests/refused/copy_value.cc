// A second handle is made by clone().
// refused: deleted

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  const sandglass::Value copy = value.clone();
#else
  const sandglass::Value copy = value;
#endif
}
