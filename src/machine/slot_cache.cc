#include "machine/slot_cache.h"

#include <memory>
#include <new>
#include <utility>

namespace sandglass::machine {

SlotCache::~SlotCache() {
  for (Place& place : places_) delete place.slot.load();
}

std::atomic<CleanSlot*>& SlotCache::mine() noexcept {
  static std::atomic<std::size_t> threads = 0;
  thread_local const std::size_t number = threads.fetch_add(1, std::memory_order_relaxed);
  return places_[number % kPlaces].slot;
}

std::optional<CleanSlot> SlotCache::take() noexcept {
  const std::unique_ptr<CleanSlot> slot(mine().exchange(nullptr, std::memory_order_acquire));
  if (!slot) return std::nullopt;
  return std::move(*slot);
}

void SlotCache::put(CleanSlot slot) noexcept {
  auto* const kept = new (std::nothrow) CleanSlot(std::move(slot));
  delete mine().exchange(kept, std::memory_order_acq_rel);
}

}  // namespace sandglass::machine
