// A parameter that would point into the guest; a string_view is kept for the call.
// refused: a host function has a parameter that sandglass::Convert cannot make

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  runtime.set("f", [](std::string_view) {});
#else
  runtime.set("f", [](const char*) {});
#endif
}
