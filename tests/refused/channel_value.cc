// A Value belongs to one VM and its thread; a Channel goes between threads.
// refused: a Value belongs to one VM and its thread

#include <sandglass/sandglass.h>

void snippet() {
#ifndef REFUSED
  sandglass::Channel<std::string> channel;
#else
  sandglass::Channel<sandglass::Value> channel;
#endif
}
