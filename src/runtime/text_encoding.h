// Bytes of files as text and back, by the encodings that Node names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sandglass::runtime {

enum class TextEncoding : std::uint8_t { utf8, utf16, latin1, ascii, base64, base64url, hex };

/// "utf8", "UTF-8", "binary" and so on, as Node takes them.
[[nodiscard]] std::optional<TextEncoding> find_encoding(std::string_view name);

/// `bytes` as UTF-8; what is ill-formed becomes U+FFFD, as the Encoding standard has it: one for
/// each longest beginning of a sequence. O(length).
[[nodiscard]] std::string decode_utf8(std::string bytes);

/// `bytes` as text of an encoding other than UTF-8, in UTF-16. Odd bytes at the end of UTF-16 are
/// dropped. O(length).
[[nodiscard]] std::u16string decode(std::span<const std::byte> bytes, TextEncoding encoding);

/// Text of an encoding other than UTF-8 as bytes. What is no Base64 is skipped, hexadecimal ends at
/// the first pair that is none, as in Node. O(length).
[[nodiscard]] std::vector<std::byte> encode(std::u16string_view text, TextEncoding encoding);

}  // namespace sandglass::runtime
