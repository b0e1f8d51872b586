// A member of a class that is no base.
// refused: no matching member function for call to 'property'
// refused: no matching function for call to 'sandglass::Class<Counter>::property(

#include <sandglass/sandglass.h>

struct Counter {
  explicit Counter(int n) : count(n) {}
  int count;
};
struct Other {
  int count = 0;
};

void snippet() {
#ifndef REFUSED
  sandglass::Class<Counter>("Counter").property("count", &Counter::count);
#else
  sandglass::Class<Counter>("Counter").property("count", &Other::count);
#endif
}
