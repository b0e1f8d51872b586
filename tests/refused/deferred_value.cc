// A Value belongs to one VM and its thread; a Deferred is settled on any.
// refused: a Value belongs to one VM and its thread

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  static_cast<void>(runtime.deferred<std::string>());
#else
  static_cast<void>(runtime.deferred<sandglass::Value>());
#endif
}
