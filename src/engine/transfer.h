// Text on its way into the guest. Private to the room.
#pragma once

#include <cstring>
#include <string_view>

#include "engine/engine.h"
#include "guest.h"

namespace sandglass::engine {

// Short texts go in through a block that is kept; the engine copies them before it does anything
// else.
template <class Use>
auto Engine::with_text(std::string_view text, Use use) -> decltype(use(std::uint32_t{})) {
  using Made = decltype(use(std::uint32_t{}));
  constexpr std::size_t kTransferBytes = 4096;
  if (text.size() < kTransferBytes) {
    if (transfer_block_ == 0) {
      transfer_block_ = plain(call(&Z_guestZ_malloc, u32{kTransferBytes}));
    }
    if (std::byte* into = machine_->resolve(transfer_block_, text.size() + 1);
        transfer_block_ != 0 && into != nullptr) {
      if (!text.empty()) std::memcpy(into, text.data(), text.size());
      into[text.size()] = std::byte{0};
      return use(transfer_block_);
    }
  }
  const auto block = copy_in(text);
  if (!block || *block == 0) {
    if (block) plain(call(&Z_guestZ_JS_ThrowOutOfMemory, context_.address));
    note(block);
    return Made{};
  }
  Made made = use(*block);
  plain(call(&Z_guestZ_free, *block));
  return made;
}

}  // namespace sandglass::engine
