// A type that nobody told how to convert.
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
  static_cast<void>(runtime.make(Known()));
#else
  static_cast<void>(runtime.make(Unknown()));
#endif
}
