#include "cli/output.h"

#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

namespace sandglass::cli {
namespace {

constexpr unsigned char kEscape = 0x20;  // C0 controls lie below
constexpr unsigned char kDelete = 0x7f;
constexpr std::string_view kSgrBegin = "\x1b[";
constexpr unsigned char kC1Lead = 0xc2;  // U+0080 to U+009F are C2 80 to C2 9F in UTF-8

bool is_c0_or_delete(unsigned char byte) {
  return (byte < kEscape && byte != '\n' && byte != '\t') || byte == kDelete;
}

bool is_c1(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]) == kC1Lead && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

// False: `descriptor` is beyond hope and errno tells why.
bool wait_writable(int descriptor) {
  pollfd entry{descriptor, POLLOUT, 0};
  return ::poll(&entry, 1, -1) >= 0 || errno == EINTR;
}

// See https://no-color.org.
bool wants_colours() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && terminal != nullptr &&
         std::string_view(terminal) != "dumb";
}

}  // namespace

std::string without_controls(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_c1(text, i)) {
      ++i;
      clean += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i]));
    } else if (const auto byte = static_cast<unsigned char>(text[i]); is_c0_or_delete(byte)) {
      clean += fmt::format("\\x{:02x}", byte);
    } else {
      clean += text[i];
    }
  }
  return clean;
}

std::string with_colours_only(std::string_view text) {
  std::string clean;
  std::size_t begin = 0;  // of what was not looked at yet
  std::size_t at = text.find(kSgrBegin);
  for (; at != text.npos; at = text.find(kSgrBegin, at + 1)) {
    const std::size_t end = text.find_first_not_of("0123456789;", at + kSgrBegin.size());
    if (end == text.npos || text[end] != 'm') continue;
    clean += without_controls(text.substr(begin, at - begin));
    clean += text.substr(at, end + 1 - at);
    begin = end + 1;
  }
  clean += without_controls(text.substr(begin));
  if (begin == 0) return clean;
  // Before the line end, so that an editor of lines finds its line as it left it.
  clean.insert(clean.size() - (clean.ends_with('\n') ? 1 : 0), escape_sequence(Style::plain));
  return clean;
}

std::string_view escape_sequence(Style style) noexcept {
  switch (style) {
    case Style::plain:
      break;
    case Style::error:
      return "\x1b[1;31m";
    case Style::hint:
      return "\x1b[36m";
    case Style::prompt:
      return "\x1b[1;32m";
    case Style::number:
      return "\x1b[33m";
    case Style::string:
      return "\x1b[32m";
    case Style::special:
      return "\x1b[36m";
  }
  return "\x1b[0m";
}

Output::Output(int descriptor)
    : descriptor_(descriptor),
      is_terminal_(::isatty(descriptor) == 1),
      has_colours_(is_terminal_ && wants_colours()) {}

void Output::write(std::string_view text, Style style) {
  if (text.empty()) {
    return;
  }
  if (!is_terminal_) {
    write_bytes(text);
    return;
  }
  std::string clean = without_controls(text);
  if (style != Style::plain && has_colours_) {
    clean = fmt::format("{}{}{}", escape_sequence(style), clean, escape_sequence(Style::plain));
  }
  write_clean(clean);
}

void Output::write_coloured(std::string_view text) {
  if (text.empty() || !has_colours_) {
    write(text);
    return;
  }
  write_clean(with_colours_only(text));
}

void Output::write_clean(std::string_view clean) {
  if (overlay_ != nullptr) {
    overlay_->before_write();
  }
  write_bytes(clean);
  if (overlay_ != nullptr) {
    overlay_->after_write();
  }
}

void Output::write_bytes(std::string_view text) {
  while (!text.empty() && errno_ == 0) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // A parent may have made the pipe non-blocking; that is shared with us.
      if (!wait_writable(descriptor_)) {
        errno_ = errno;
      }
    } else if (errno != EINTR) {
      errno_ = errno;
    }
  }
}

bool Output::reader_left() const noexcept {
  return errno_ == EPIPE;
}

std::string Output::failure() const {
  return std::generic_category().message(errno_);
}

}  // namespace sandglass::cli
