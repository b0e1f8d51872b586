#pragma once

#include <cstdint>
#include <optional>

namespace sandglass {

/// Where a script's random numbers come from: those of `Math.random()` and of
/// `crypto.getRandomValues()` alike.
class Random {
 public:
  /// The same numbers in every VM with this seed, on every machine. No secrets: anyone can guess
  /// them.
  [[nodiscard]] static constexpr Random seeded(std::uint64_t seed) noexcept { return Random(seed); }

  /// From the system (getrandom). `Math.random()` is only started from there, as in browsers: its
  /// numbers are no secrets either.
  [[nodiscard]] static constexpr Random system() noexcept { return Random(std::nullopt); }

  /// None: the system.
  [[nodiscard]] constexpr std::optional<std::uint64_t> seed() const noexcept { return seed_; }

  friend constexpr bool operator==(const Random&, const Random&) = default;

 private:
  explicit constexpr Random(std::optional<std::uint64_t> seed) noexcept : seed_(seed) {}
  std::optional<std::uint64_t> seed_;
};

}  // namespace sandglass
