// The same by set, as a global.
// refused: sandglass::Convert<T> has no to_js for this type

#include <sandglass/sandglass.h>

struct Unknown {
  int n = 0;
};
struct Known {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(Known, (), (n))

void snippet(sandglass::Runtime& runtime) {
#ifndef REFUSED
  runtime.set("x", Known());
#else
  runtime.set("x", Unknown());
#endif
}
