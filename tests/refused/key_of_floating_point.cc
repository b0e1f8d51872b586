// A property has a name, an index or a Value for a key.
// refused: no matching member function for call to 'get'
// refused: no matching function for call to 'sandglass::Value::get(

#include <sandglass/sandglass.h>

void snippet(const sandglass::Value& value) {
#ifndef REFUSED
  static_cast<void>(value.get(1));
#else
  static_cast<void>(value.get(1.5));
#endif
}
