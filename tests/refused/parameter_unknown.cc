// No argument can become this parameter.
// refused: a host function has a parameter that sandglass::Convert cannot make

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
  runtime.set("f", [](Known) {});
#else
  runtime.set("f", [](Unknown) {});
#endif
}
