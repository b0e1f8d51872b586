#include "machine/slot_cache.h"

#include <array>
#include <utility>

namespace sandglass::machine {
namespace {

// Who makes a VM for each call has one at a time. Unmapped with the thread.
struct Cache {
  std::array<CleanSlot, 2> slots;
};

Cache& cache() {
  thread_local Cache instance;
  return instance;
}

}  // namespace

std::optional<CleanSlot> take_clean_slot(const Image& image) {
  for (CleanSlot& kept : cache().slots) {
    if (kept.image == &image) return std::exchange(kept, CleanSlot());
  }
  return std::nullopt;
}

void keep_clean_slot(CleanSlot slot) noexcept {
  for (CleanSlot& place : cache().slots) {
    if (place.image != nullptr) continue;
    place = std::move(slot);
    return;
  }
}

}  // namespace sandglass::machine
