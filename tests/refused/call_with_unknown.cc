// The same as an argument of a call.
// refused: sandglass::Convert<T> has no to_js for this type

#include <sandglass/sandglass.h>

struct Unknown {
  int n = 0;
};
struct Known {
  int n = 0;
};
BOOST_DESCRIBE_STRUCT(Known, (), (n))

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.call(Known()));
#else
  static_cast<void>(value.call(Unknown()));
#endif
}
