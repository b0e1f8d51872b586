// Slots of machines that ended, mapped and clean, for the next machine of the same image.
#pragma once

#include <optional>

#include "machine/slot.h"

namespace sandglass::machine {

class Image;

/// A slot in which every byte is that of `image`, apart from the instance's pointers.
struct CleanSlot {
  Slot slot;
  const Image* image = nullptr;
  /// Whether it has the copies of pages that Machine::populate() makes.
  bool keeps_pages = false;
};

/// Takes one from this thread's cache.
[[nodiscard]] std::optional<CleanSlot> take_clean_slot(const Image& image);

/// Puts one into this thread's cache, in the place of what is there. Its image must live for good.
void keep_clean_slot(CleanSlot slot) noexcept;

}  // namespace sandglass::machine
