// A base that is none.
// refused: no matching member function for call to 'base'
// refused: no matching function for call to 'sandglass::Class<Derived>::base<

#include <sandglass/sandglass.h>

struct Base {};
struct Other {};
struct Derived : Base {};

void snippet() {
#ifndef REFUSED
  sandglass::Class<Derived>("Derived").base<Base>();
#else
  sandglass::Class<Derived>("Derived").base<Other>();
#endif
}
