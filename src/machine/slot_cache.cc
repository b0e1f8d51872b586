#include "machine/slot_cache.h"

#include <array>
#include <utility>

namespace sandglass::machine {
namespace {

// A VM may end after this thread's other objects have.
thread_local bool cache_is_gone = false;

// Who makes a VM for each call has one at a time. Unmapped with the thread.
struct Cache {
  Cache() = default;
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;
  ~Cache() { cache_is_gone = true; }
  std::array<CleanSlot, 2> slots;
};

Cache* cache() {
  thread_local Cache instance;
  return cache_is_gone ? nullptr : &instance;
}

}  // namespace

std::optional<CleanSlot> take_clean_slot(const Image& image) {
  if (cache() == nullptr) return std::nullopt;
  for (CleanSlot& kept : cache()->slots) {
    if (kept.image == &image) return std::exchange(kept, CleanSlot());
  }
  return std::nullopt;
}

void keep_clean_slot(CleanSlot slot) noexcept {
  if (cache() == nullptr) return;
  for (CleanSlot& place : cache()->slots) {
    if (place.image != nullptr) continue;
    place = std::move(slot);
    return;
  }
}

}  // namespace sandglass::machine
