// A coroutine has one owner.
// refused: deleted

#include <sandglass/sandglass.h>

void snippet(sandglass::Task<int> task) {
#ifndef REFUSED
  const sandglass::Task<int> moved = std::move(task);
#else
  const sandglass::Task<int> copied = task;
#endif
}
