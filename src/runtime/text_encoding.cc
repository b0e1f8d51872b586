#include "runtime/text_encoding.h"

#include <algorithm>
#include <array>
#include <utility>

#include "runtime/utf8.h"

namespace sandglass::runtime {
namespace {

constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kLongestName = 9;  // "base64url"

constexpr std::array kNames = {
    std::pair{std::string_view("utf8"), TextEncoding::utf8},
    std::pair{std::string_view("utf-8"), TextEncoding::utf8},
    std::pair{std::string_view("utf16le"), TextEncoding::utf16},
    std::pair{std::string_view("utf-16le"), TextEncoding::utf16},
    std::pair{std::string_view("ucs2"), TextEncoding::utf16},
    std::pair{std::string_view("ucs-2"), TextEncoding::utf16},
    std::pair{std::string_view("latin1"), TextEncoding::latin1},
    std::pair{std::string_view("binary"), TextEncoding::latin1},
    std::pair{std::string_view("ascii"), TextEncoding::ascii},
    std::pair{std::string_view("base64"), TextEncoding::base64},
    std::pair{std::string_view("base64url"), TextEncoding::base64url},
    std::pair{std::string_view("hex"), TextEncoding::hex},
};

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// What may follow a first byte of UTF-8 (Unicode 15, table 3-7).
struct Lead {
  std::size_t length = 1;    ///< of the whole sequence; 1: it begins none
  unsigned char low = 0x80;  ///< of the second byte
  unsigned char high = 0xbf;
};

Lead lead_of(unsigned char byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {.length = 2};
  if (byte == 0xe0) return {.length = 3, .low = 0xa0};
  if (byte == 0xed) return {.length = 3, .high = 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {.length = 3};
  if (byte == 0xf0) return {.length = 4, .low = 0x90};
  if (byte == 0xf4) return {.length = 4, .high = 0x8f};
  if (byte >= 0xf1 && byte <= 0xf3) return {.length = 4};
  return {};
}

// How much of an ill-formed `text` one U+FFFD stands for.
std::size_t ill_formed_length(std::string_view text) {
  const Lead lead = lead_of(static_cast<unsigned char>(text.front()));
  std::size_t length = 1;
  while (length < std::min(lead.length, text.size())) {
    const auto byte = static_cast<unsigned char>(text[length]);
    const bool fits = length == 1 ? byte >= lead.low && byte <= lead.high : (byte & 0xc0) == 0x80;
    if (!fits) break;
    ++length;
  }
  return length;
}

int base64_value(char16_t c) {
  if (c == u'-') return 62;
  if (c == u'_') return 63;
  if (c > 0x7f) return -1;
  const std::size_t at = kBase64Digits.find(static_cast<char>(c));
  return at == kBase64Digits.npos ? -1 : static_cast<int>(at);
}

int hex_value(char16_t c) {
  if (c > 0x7f) return -1;
  const std::size_t at = kHexDigits.find(to_lower(static_cast<char>(c)));
  return at == kHexDigits.npos ? -1 : static_cast<int>(at);
}

std::u16string to_base64(std::span<const std::byte> bytes, bool for_urls) {
  const auto digit = [&](std::uint32_t value) {
    const char c = kBase64Digits[value & 63];
    if (!for_urls) return static_cast<char16_t>(c);
    return c == '+' ? u'-' : c == '/' ? u'_' : static_cast<char16_t>(c);
  };
  std::u16string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[at + i]) : 0);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      if (i <= count) {
        text += digit(bits >> (18 - 6 * i));
      } else if (!for_urls) {
        text += u'=';
      }
    }
  }
  return text;
}

std::vector<std::byte> from_base64(std::u16string_view text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char16_t c : text) {
    if (c == u'=') break;
    const int value = base64_value(c);
    if (value < 0) continue;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::byte>(bits >> count & 0xff));
    }
  }
  return bytes;
}

std::vector<std::byte> from_hex(std::u16string_view text) {
  std::vector<std::byte> bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
    const int high = hex_value(text[at]);
    const int low = hex_value(text[at + 1]);
    if (high < 0 || low < 0) break;
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return bytes;
}

}  // namespace

std::optional<TextEncoding> find_encoding(std::string_view name) {
  if (name.size() > kLongestName) return std::nullopt;
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), to_lower);
  for (const auto& [known, encoding] : kNames) {
    if (known == lower) return encoding;
  }
  return std::nullopt;
}

std::string decode_utf8(std::string bytes) {
  auto invalid = find_invalid_utf8(bytes);
  if (!invalid) return bytes;
  std::string text;
  std::string_view rest = bytes;
  for (; invalid; invalid = find_invalid_utf8(rest)) {
    text += rest.substr(0, *invalid);
    rest.remove_prefix(*invalid);
    text += "\xEF\xBF\xBD";
    rest.remove_prefix(ill_formed_length(rest));
  }
  text += rest;
  return text;
}

std::u16string decode(std::span<const std::byte> bytes, TextEncoding encoding) {
  if (encoding == TextEncoding::base64) return to_base64(bytes, false);
  if (encoding == TextEncoding::base64url) return to_base64(bytes, true);
  std::u16string text;
  if (encoding == TextEncoding::utf16) {
    text.reserve(bytes.size() / 2);
    for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
      text += static_cast<char16_t>(std::to_integer<unsigned>(bytes[at]) |
                                    std::to_integer<unsigned>(bytes[at + 1]) << 8);
    }
    return text;
  }
  text.reserve(encoding == TextEncoding::hex ? 2 * bytes.size() : bytes.size());
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    if (encoding == TextEncoding::hex) {
      text += static_cast<char16_t>(kHexDigits[value >> 4]);
      text += static_cast<char16_t>(kHexDigits[value & 15]);
    } else {
      text += static_cast<char16_t>(encoding == TextEncoding::ascii ? value & 0x7f : value);
    }
  }
  return text;
}

std::vector<std::byte> encode(std::u16string_view text, TextEncoding encoding) {
  if (encoding == TextEncoding::base64 || encoding == TextEncoding::base64url) {
    return from_base64(text);
  }
  if (encoding == TextEncoding::hex) return from_hex(text);
  std::vector<std::byte> bytes;
  bytes.reserve(encoding == TextEncoding::utf16 ? 2 * text.size() : text.size());
  for (const char16_t c : text) {
    bytes.push_back(static_cast<std::byte>(c & 0xff));
    if (encoding == TextEncoding::utf16) bytes.push_back(static_cast<std::byte>(c >> 8));
  }
  return bytes;
}

}  // namespace sandglass::runtime
