#include "runtime/utf8.h"

#include <boost/locale/utf.hpp>
#include <cstdint>
#include <cstring>

namespace sandglass::runtime {
namespace {

using Utf8 = boost::locale::utf::utf_traits<char>;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_ascii(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

// The first byte that is not ASCII. Eight at a time: most text is ASCII from end to end.
const char* skip_ascii(const char* at, const char* end) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  for (; end - at >= 8; at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, sizeof bytes);
    if ((bytes & kHighBits) != 0) break;
  }
  while (at != end && is_ascii(*at)) ++at;
  return at;
}

// Length of the ill-formed sequence at the start of `text`: an encoded surrogate is one, else a
// byte.
std::size_t invalid_length(std::string_view text) {
  const bool surrogate = text.size() >= 3 && text[0] == '\xED' && (text[1] & '\xE0') == '\xA0';
  return surrogate ? 3 : 1;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    at = skip_ascii(at, end);
    if (at == end) break;
    const char* const start = at;
    const auto point = Utf8::decode(at, end);
    if (!boost::locale::utf::is_valid_codepoint(point)) {
      return static_cast<std::size_t>(start - text.data());
    }
  }
  return std::nullopt;
}

std::string to_valid_utf8(std::string text) {
  auto invalid = find_invalid_utf8(text);
  if (!invalid) return text;
  std::string result;
  std::string_view rest = text;
  while (invalid) {
    result += rest.substr(0, *invalid);
    rest.remove_prefix(*invalid);
    const char* at = rest.data();
    if (Utf8::decode(at, at + rest.size()) == boost::locale::utf::incomplete) return result;
    result += kReplacement;
    rest.remove_prefix(invalid_length(rest));
    invalid = find_invalid_utf8(rest);
  }
  result += rest;
  return result;
}

}  // namespace sandglass::runtime
