// The container may go before the iterator does.
// refused: no matching function for call to 'iterate_range

#include <sandglass/sandglass.h>

void snippet(std::vector<int>& numbers) {
#ifndef REFUSED
  static_cast<void>(sandglass::iterate_range(std::move(numbers)));
#else
  static_cast<void>(sandglass::iterate_range(numbers));
#endif
}
