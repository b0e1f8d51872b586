#include "runtime/bytecode_format.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <random>
#include <sodium.h>
#include <sys/resource.h>
#include <thread>

#include <gtest/gtest.h>

#include "sandglass/version.h"

namespace sandglass::runtime {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::string_view kHash =
    "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
constexpr std::string_view kOtherHash =
    "ffeeddccbbaa99887766554433221100fedcba9876543210fedcba9876543210";
constexpr std::size_t kFlagsAt = 10;
constexpr std::size_t kTotalAt = 44;
constexpr std::size_t kCountAt = 52;
constexpr std::size_t kUnitsAt = 56;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

Bytes key_of(char fill) {
  return bytes_of(std::string(kMacKeyBytes, fill));
}

Bytecode sample() {
  return {.module = true,
          .top_level_await = true,
          .units = {{.name = "main.js", .url = "file:///main.js", .code = bytes_of("\x02\x01xyz")},
                    {.name = "h\xC3\xA9llo", .url = "", .json = true, .code = bytes_of("{}")},
                    {.name = "", .url = "", .code = {}}}};
}

Bytes packed(const Bytecode& bytecode, const Bytes& key = {}) {
  auto bytes = pack(bytecode, key, kHash);
  EXPECT_TRUE(bytes) << bytes.error().message;
  return bytes.value_or(Bytes{});
}

void set_integer(Bytes& bytes, std::size_t at, std::uint64_t value, std::size_t length) {
  for (std::size_t i = 0; i != length; ++i)
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
}

// The digest as the documentation of the format has it.
Bytes blake2b(const Bytes& bytes, const Bytes& key = {}) {
  Bytes result(32);
  // SAFETY: unsigned char may look at any object.
  crypto_generichash(reinterpret_cast<unsigned char*>(result.data()), result.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                     reinterpret_cast<const unsigned char*>(key.data()), key.size());
  return result;
}

void append(Bytes& to, const Bytes& bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// What a forger without a key can do: `bytes`, packed without a MAC and then changed, with a length
// and a checksum that are right again.
Bytes sealed(Bytes bytes) {
  bytes.resize(bytes.size() - 32);
  set_integer(bytes, kTotalAt, bytes.size() + 32, 8);
  append(bytes, blake2b(bytes));
  return bytes;
}

// The message of the refusal.
template <class T>
std::string refusal_of(const Result<T>& result) {
  if (result) return "accepted";
  EXPECT_EQ(result.error().code, Errc::invalid_argument);
  return result.error().message;
}

std::string refusal(const Bytes& bytes, const Bytes& key = {}) {
  return refusal_of(unpack(bytes, key, kHash));
}

bool starts_with(std::string_view text, std::initializer_list<std::string_view> any) {
  return std::ranges::any_of(any, [&](std::string_view each) { return text.starts_with(each); });
}

// While it lives, the process gets `bytes` more address space than it has now, and no more.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(std::uint64_t bytes) {
    getrlimit(RLIMIT_AS, &before_);
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    rlimit limit = before_;
    limit.rlim_cur = std::min<rlim_t>(pages * 4096 + bytes, before_.rlim_max);
    setrlimit(RLIMIT_AS, &limit);
  }
  ~AddressSpaceLimit() { setrlimit(RLIMIT_AS, &before_); }
  AddressSpaceLimit(const AddressSpaceLimit&) = delete;
  AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;

 private:
  rlimit before_{};
};

TEST(BytecodeFormat, UnpackGivesWhatWasPacked) {
  for (const bool module : {false, true}) {
    for (const bool await : {false, true}) {
      Bytecode bytecode = sample();
      bytecode.module = module;
      bytecode.top_level_await = await;
      const auto plain = unpack(packed(bytecode), {}, kHash);
      ASSERT_TRUE(plain) << plain.error().message;
      EXPECT_EQ(*plain, bytecode);

      const auto keyed = unpack(packed(bytecode, key_of('k')), key_of('k'), kHash);
      ASSERT_TRUE(keyed) << keyed.error().message;
      bytecode.authenticated = true;
      EXPECT_EQ(*keyed, bytecode);
    }
  }
}

TEST(BytecodeFormat, IsBoundToTheEngineThatIsCompiledIn) {
  const auto bytes = pack(sample(), {});
  ASSERT_TRUE(bytes);
  EXPECT_TRUE(unpack(*bytes, {}));
  EXPECT_TRUE(unpack(*bytes, {}, guest_hash()));
  EXPECT_FALSE(unpack(*bytes, {}, kHash));
}

TEST(BytecodeFormat, LayoutIsAsDocumented) {
  const Bytecode bytecode = {
      .module = true, .units = {{.name = "a", .url = "bc", .json = true, .code = bytes_of("def")}}};
  Bytes expected = bytes_of("\x8FSGLASS\n");
  append(expected, {std::byte{1}, std::byte{0}, std::byte{1 | 4}, std::byte{0}});
  for (std::size_t i = 0; i != kHash.size(); i += 2) {
    expected.push_back(std::byte(std::stoul(std::string(kHash.substr(i, 2)), nullptr, 16)));
  }
  append(expected, {std::byte{56 + 19 + 64}, {}, {}, {}, {}, {}, {}, {}});
  append(expected, {std::byte{1}, {}, {}, {}});
  append(expected, {std::byte{1}, {}, {}, {}, std::byte{2}, {}, {}, {}, std::byte{3}, {}, {}, {}});
  append(expected, {std::byte{1}});
  append(expected, bytes_of("abcdef"));
  append(expected, blake2b(expected));
  append(expected, blake2b(expected, key_of('k')));
  EXPECT_EQ(packed(bytecode, key_of('k')), expected);
}

TEST(BytecodeFormat, EveryTruncationIsRefused) {
  for (const Bytes& key : {Bytes{}, key_of('k')}) {
    const Bytes whole = packed(sample(), key);
    for (std::size_t length = 0; length != whole.size(); ++length) {
      // A copy of that very size, so that a sanitizer sees a read beyond its end.
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string message = refusal(part, key);
      EXPECT_TRUE(starts_with(message, {length < 8 ? "not sandglass" : "bytecode is truncated"}))
          << length << " bytes: " << message;
    }
  }
}

TEST(BytecodeFormat, EveryFlippedBitIsRefused) {
  for (const Bytes& made_with : {Bytes{}, key_of('k')}) {
    const Bytes whole = packed(sample(), made_with);
    for (const Bytes& key : {Bytes{}, key_of('k')}) {
      // Without a key nobody looks at the MAC, so there is nothing to find in it.
      const std::size_t looked_at = whole.size() - (!made_with.empty() && key.empty() ? 32 : 0);
      for (std::size_t bit = 0; bit != 8 * looked_at; ++bit) {
        Bytes flipped = whole;
        flipped[bit / 8] ^= std::byte{1} << (bit % 8);
        EXPECT_NE(refusal(flipped, key), "accepted") << "bit " << bit;
      }
    }
  }
}

TEST(BytecodeFormat, RandomBytesAreRefused) {
  std::mt19937 random(1);
  for (int i = 0; i != 100'000; ++i) {
    Bytes bytes(random() % 200);
    std::ranges::generate(bytes, [&] { return static_cast<std::byte>(random()); });
    if (i % 2 == 1) {  // as far as to the header, at least
      const Bytes start = bytes_of(std::string_view("\x8FSGLASS\n\1\0", 10));
      std::ranges::copy(start.begin(), start.begin() + std::min<long>(10, std::ssize(bytes)),
                        bytes.begin());
    }
    ASSERT_NE(refusal(bytes, i % 4 < 2 ? Bytes{} : key_of('k')), "accepted");
  }
}

TEST(BytecodeFormat, WhatIsAcceptedPacksToTheSameBytes) {
  std::mt19937 random(2);
  const Bytes whole = packed(sample());
  int accepted = 0;
  for (int i = 0; i != 100'000; ++i) {
    Bytes bytes = whole;
    for (auto changes = random() % 4 + 1; changes != 0; --changes) {
      const std::size_t at = random() % 3 == 0 ? kFlagsAt + random() % 2
                                               : kTotalAt + random() % (bytes.size() - kTotalAt);
      bytes[at] = random() % 2 == 0 ? static_cast<std::byte>(random() % 8)
                                    : static_cast<std::byte>(random());
    }
    if (random() % 4 == 0) bytes.resize(bytes.size() - random() % 70);
    bytes = sealed(std::move(bytes));
    const auto result = unpack(bytes, {}, kHash);
    if (!result) {
      ASSERT_EQ(result.error().code, Errc::invalid_argument);
    } else if (!carries_mac(bytes)) {
      ++accepted;
      ASSERT_EQ(packed(*result), bytes);
    }
  }
  EXPECT_GT(accepted, 1000);
}

TEST(BytecodeFormat, ForgedLengthsAllocateNothing) {
  const Bytes whole = packed(sample());
  std::vector<Bytes> forged;
  for (const std::uint64_t length : {0xFFFF'FFFFull, 0x8000'0000ull, 0x2000'0000ull}) {
    for (const std::size_t at : {kCountAt, kUnitsAt, kUnitsAt + 4, kUnitsAt + 8}) {
      Bytes bytes = whole;
      set_integer(bytes, at, length, 4);
      forged.push_back(sealed(std::move(bytes)));
    }
  }
  std::vector<std::string> messages;
  {
    const AddressSpaceLimit limit(std::uint64_t{64} << 20);
    for (const Bytes& bytes : forged) messages.push_back(refusal(bytes));
  }
  for (std::size_t i = 0; i != messages.size(); ++i) {
    EXPECT_EQ(messages[i], i % 4 == 0 ? "bytecode is damaged: it has more units than it can hold"
                                      : "bytecode is damaged: a unit reaches beyond the end");
  }
}

TEST(BytecodeFormat, UnitsUpToTheLimitRoundTripAndOneMoreIsRefused) {
  Bytecode bytecode = {.units = std::vector<BytecodeUnit>(kMaxBytecodeUnits)};
  Bytes bytes = packed(bytecode);
  const auto result = unpack(bytes, {}, kHash);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(*result, bytecode);

  bytecode.units.emplace_back();
  EXPECT_EQ(refusal_of(pack(bytecode, {}, kHash)),
            "bytecode cannot be packed: it has too many units");
  set_integer(bytes, kCountAt, kMaxBytecodeUnits + 1, 4);
  bytes.resize(bytes.size() + 13);
  EXPECT_EQ(refusal(sealed(std::move(bytes))),
            "bytecode is damaged: it has more units than it can hold");
}

TEST(BytecodeFormat, WhatUnpackRefusesIsNotPacked) {
  Bytecode bytecode = sample();
  bytecode.units.clear();
  EXPECT_EQ(refusal_of(pack(bytecode, {}, kHash)), "bytecode cannot be packed: it has no unit");
  using namespace std::string_view_literals;
  for (const std::string_view bad : {"\xFF"sv, "\xED\xA0\x80"sv, "cut off \xC3"sv, "a\0b"sv}) {
    bytecode = sample();
    bytecode.units[1].name = bad;
    EXPECT_FALSE(pack(bytecode, {}, kHash));
    bytecode = sample();
    bytecode.units[1].url = bad;
    EXPECT_FALSE(pack(bytecode, {}, kHash));
  }
}

TEST(BytecodeFormat, AKeyOfAnotherLengthIsRefused) {
  const Bytes whole = packed(sample(), key_of('k'));
  for (const std::size_t length : {1u, 16u, 31u, 33u, 64u, 65u}) {
    const Bytes key(length);
    EXPECT_EQ(refusal(whole, key),
              "key for the MAC has " + std::to_string(length) + " bytes, not 32");
    EXPECT_EQ(refusal_of(pack(sample(), key, kHash)), refusal(whole, key));
  }
}

TEST(BytecodeFormat, OtherThingsAreNotSandglassBytecode) {
  EXPECT_EQ(refusal({}), "not sandglass bytecode");
  EXPECT_EQ(refusal(bytes_of("console.log('a script, and longer than any header is')")),
            "not sandglass bytecode");
}

TEST(BytecodeFormat, ANewerFormatIsToldByItsNumber) {
  Bytes bytes = packed(sample());
  set_integer(bytes, 8, 258, 2);
  EXPECT_EQ(refusal(bytes), "bytecode is of a newer format: 258, this library knows 1");
  bytes.resize(10);
  EXPECT_EQ(refusal(bytes), "bytecode is of a newer format: 258, this library knows 1");
}

TEST(BytecodeFormat, AnotherEngineIsToldByBothHashes) {
  EXPECT_EQ(refusal_of(unpack(packed(sample()), {}, kOtherHash)),
            "bytecode was made for another engine: 001122334455, this one is ffeeddccbbaa");
}

TEST(BytecodeFormat, DamageIsToldFromForgery) {
  Bytes bytes = packed(sample(), key_of('k'));
  bytes[kUnitsAt + 20] ^= std::byte{1};
  EXPECT_EQ(refusal(bytes, key_of('k')), "bytecode is damaged: its checksum is wrong");

  // A forger makes the checksum right again, but not the MAC.
  const Bytes mac(bytes.end() - 32, bytes.end());
  bytes.resize(bytes.size() - 64);
  append(bytes, blake2b(bytes));
  append(bytes, mac);
  EXPECT_EQ(refusal(bytes, key_of('k')),
            "bytecode is not authenticated: its MAC was not made with this key");
}

TEST(BytecodeFormat, AMacOfAnotherKeyIsRefused) {
  const Bytes whole = packed(sample(), key_of('k'));
  EXPECT_EQ(refusal(whole, key_of('j')),
            "bytecode is not authenticated: its MAC was not made with this key");
  Bytes near = key_of('k');
  near.back() ^= std::byte{1};
  EXPECT_EQ(refusal(whole, near),
            "bytecode is not authenticated: its MAC was not made with this key");
}

TEST(BytecodeFormat, WithAKeyBytecodeWithoutAMacIsRefused) {
  const std::string_view expected =
      "bytecode is not authenticated: a key was given, but it has no MAC";
  EXPECT_EQ(refusal(packed(sample()), key_of('k')), expected);

  // Nor does it help to strip the MAC.
  Bytes stripped = packed(sample(), key_of('k'));
  stripped.resize(stripped.size() - 32);
  stripped[kFlagsAt] ^= std::byte{4};
  stripped = sealed(std::move(stripped));
  EXPECT_TRUE(unpack(stripped, {}, kHash));
  EXPECT_EQ(refusal(stripped, key_of('k')), expected);
}

TEST(BytecodeFormat, AMacThatIsNotLookedAtAuthenticatesNothing) {
  Bytes whole = packed(sample(), key_of('k'));
  whole.back() ^= std::byte{1};
  const auto result = unpack(whole, {}, kHash);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_FALSE(result->authenticated);
  EXPECT_EQ(*result, sample());
}

TEST(BytecodeFormat, AForgedContentIsDamaged) {
  const auto forged = [](std::size_t at, std::uint64_t value, std::size_t length) {
    Bytes bytes = packed(sample());
    set_integer(bytes, at, value, length);
    return refusal(sealed(std::move(bytes)));
  };
  EXPECT_EQ(forged(kFlagsAt, 8, 2), "bytecode is damaged: it has unknown flags");
  EXPECT_EQ(forged(kCountAt, 0, 4), "bytecode is damaged: it has no unit");
  EXPECT_EQ(forged(kCountAt, 2, 4), "bytecode is damaged: bytes follow its last unit");
  EXPECT_EQ(forged(kUnitsAt + 12, 2, 1), "bytecode is damaged: a unit is of an unknown kind");
  EXPECT_EQ(forged(kUnitsAt + 13, 0, 1), "bytecode is damaged: a name is not UTF-8 without NUL");
  EXPECT_EQ(forged(kUnitsAt + 13, 0xFF, 1), "bytecode is damaged: a name is not UTF-8 without NUL");
  EXPECT_EQ(forged(kUnitsAt + 13 + 7, 0xFF, 1),  // the url
            "bytecode is damaged: a name is not UTF-8 without NUL");
}

TEST(BytecodeFormat, TrailingBytesAreDamage) {
  Bytes bytes = packed(sample());
  bytes.push_back({});
  EXPECT_EQ(refusal(bytes), "bytecode is damaged: bytes follow its end");
}

TEST(BytecodeFormat, ALengthWithoutRoomForTheTrailerIsDamage) {
  for (const Bytes& key : {Bytes{}, key_of('k')}) {
    Bytes bytes = packed(sample(), key);
    for (std::size_t length = kUnitsAt; length != kUnitsAt + (key.empty() ? 32 : 64); ++length) {
      set_integer(bytes, kTotalAt, length, 8);
      EXPECT_EQ(
          refusal(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)), key),
          "bytecode is damaged: it is too short");
    }
  }
}

TEST(BytecodeFormat, CarriesMacLooksAtTheHeader) {
  const Bytes with = packed(sample(), key_of('k'));
  EXPECT_TRUE(carries_mac(with));
  EXPECT_TRUE(carries_mac(std::span(with).first(12)));
  EXPECT_FALSE(carries_mac(std::span(with).first(11)));
  EXPECT_FALSE(carries_mac(packed(sample())));
  EXPECT_FALSE(carries_mac({}));
  EXPECT_FALSE(carries_mac(bytes_of("let four = 4; // a script")));
}

TEST(BytecodeFormat, ThreadsMayStartAtOnce) {
  std::vector<std::thread> threads;
  std::vector<Bytes> results(8);
  for (Bytes& result : results) {
    threads.emplace_back([&] { result = pack(sample(), key_of('k'), kHash).value_or(Bytes{}); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Bytes& result : results) EXPECT_EQ(result, packed(sample(), key_of('k')));
}

}  // namespace
}  // namespace sandglass::runtime
