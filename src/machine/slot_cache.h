// Slots of machines that ended, mapped and clean, for the next machine of the same image.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "machine/own_pages.h"
#include "machine/slot.h"

namespace sandglass::machine {

/// A slot in which every byte is that of an image, apart from the instance's pointers.
struct CleanSlot {
  Slot slot;
  /// Whether it has the copies of pages that Machine::populate() makes.
  bool keeps_pages = false;
  /// Of its pages up to the end of the image.
  KnownPages known{};
  /// How often it has been made clean.
  std::uint32_t resets = 0;
};

/// The clean slots of one image: at most one for each of a few threads, so that who makes a VM for
/// each call finds the one that it dropped. They go with the image. Thread: any.
class SlotCache {
 public:
  SlotCache() = default;
  SlotCache(const SlotCache&) = delete;
  SlotCache& operator=(const SlotCache&) = delete;
  ~SlotCache();

  /// What this thread left, if it is still there.
  [[nodiscard]] std::optional<CleanSlot> take() noexcept;
  /// In the place of what this thread left before.
  void put(CleanSlot slot) noexcept;

 private:
  static constexpr std::size_t kPlaces = 16;  // threads beyond share them
  // Each on a cache line of its own.
  struct alignas(64) Place {
    std::atomic<CleanSlot*> slot = nullptr;
  };
  [[nodiscard]] std::atomic<CleanSlot*>& mine() noexcept;

  std::array<Place, kPlaces> places_;
};

}  // namespace sandglass::machine
