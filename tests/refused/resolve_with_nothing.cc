// A promised value is not left out.
// refused: no matching member function for call to 'resolve'
// refused: no matching function for call to 'sandglass::Deferred<int>::resolve()

#include <sandglass/sandglass.h>

void snippet(const sandglass::Deferred<int>& deferred) {
#ifndef REFUSED
  deferred.resolve(1);
#else
  deferred.resolve();
#endif
}
