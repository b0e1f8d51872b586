// Integers and text as little-endian bytes.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sandglass::runtime {

template <std::unsigned_integral T>
void append_integer(std::vector<std::byte>& to, T value) {
  for (std::size_t at = 0; at != sizeof value; ++at) {
    to.push_back(static_cast<std::byte>(std::uint64_t{value} >> (8 * at)));
  }
}

inline void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Takes from the front of bytes that nobody vouches for. Once there is too little left it gives
/// zeros and nothing, and `failed()`.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : rest_(bytes) {}

  std::span<const std::byte> take(std::size_t length) {
    if (failed_ || length > rest_.size()) {
      failed_ = true;
      return {};
    }
    const auto taken = rest_.first(length);
    rest_ = rest_.subspan(length);
    return taken;
  }

  template <std::unsigned_integral T>
  T integer() {
    std::uint64_t value = 0;
    std::size_t at = 0;
    for (const std::byte byte : take(sizeof(T))) {
      value |= std::to_integer<std::uint64_t>(byte) << (8 * at++);
    }
    return static_cast<T>(value);
  }

  std::string text(std::size_t length) {
    const auto bytes = take(length);
    std::string text(bytes.size(), '\0');
    std::ranges::transform(bytes, text.begin(), [](std::byte byte) { return char(byte); });
    return text;
  }

  [[nodiscard]] std::size_t left() const { return rest_.size(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  std::span<const std::byte> rest_;
  bool failed_ = false;
};

}  // namespace sandglass::runtime
