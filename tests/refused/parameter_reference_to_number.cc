// A parameter that is written to; the script would not see it.
// refused: sandglass::detail::Parameter<int

#include <sandglass/sandglass.h>

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  runtime.set("f", [](const int&) {});
#else
  runtime.set("f", [](int&) {});
#endif
}
