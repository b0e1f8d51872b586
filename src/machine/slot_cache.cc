#include "machine/slot_cache.h"

#include <utility>

namespace sandglass::machine {
namespace {

// A VM may end after this thread's other objects have.
thread_local bool cache_is_gone = false;

// One: who makes a VM for each call has one at a time. Unmapped with the thread.
struct Cache {
  Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  ~Cache() { cache_is_gone = true; }
  CleanSlot slot;
};

Cache* cache() {
  thread_local Cache instance;
  return cache_is_gone ? nullptr : &instance;
}

}  // namespace

std::optional<CleanSlot> take_clean_slot(const Image& image) {
  Cache* const here = cache();
  if (here == nullptr || here->slot.image != &image) return std::nullopt;
  return std::exchange(here->slot, CleanSlot());
}

void keep_clean_slot(CleanSlot slot) noexcept {
  if (Cache* const here = cache()) here->slot = std::move(slot);
}

}  // namespace sandglass::machine
