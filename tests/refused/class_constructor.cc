// A constructor that the class does not have.
// refused: no matching member function for call to 'constructor'
// refused: no matching function for call to 'sandglass::Class<Counter>::constructor<

#include <sandglass/sandglass.h>

struct Counter {
  explicit Counter(int n) : count(n) {}
  int count;
};

void snippet() {
#ifndef REFUSED
  sandglass::Class<Counter>("Counter").constructor<int>();
#else
  sandglass::Class<Counter>("Counter").constructor<int, int>();
#endif
}
