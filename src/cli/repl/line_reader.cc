#include "cli/repl/line_reader.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace sandglass::cli {

Line LineReader::next(Prompt /*prompt*/) {
  std::size_t end = buffer_.find('\n');
  while (end == buffer_.npos && !at_end_) {
    const std::size_t searched = buffer_.size();
    at_end_ = !fill();
    end = buffer_.find('\n', searched);
  }
  if (end == buffer_.npos && buffer_.empty()) {
    return {Line::Kind::end, {}};
  }
  Line line{Line::Kind::text, buffer_.substr(0, end)};
  buffer_.erase(0, end == buffer_.npos ? end : end + 1);
  if (line.text.ends_with('\r')) {
    line.text.pop_back();
  }
  return line;
}

// False at the end. A stream that cannot be read is at its end, too: there is nothing to go on
// with.
bool LineReader::fill() {
  std::array<char, std::size_t{64} << 10> chunk;
  for (;;) {
    const ssize_t got = ::read(descriptor_, chunk.data(), chunk.size());
    if (got > 0) {
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
      return true;
    }
    if (got < 0 && errno == EAGAIN) {
      pollfd entry{descriptor_, POLLIN, 0};
      ::poll(&entry, 1, -1);
    } else if (got == 0 || errno != EINTR) {
      return false;
    }
  }
}

}  // namespace sandglass::cli
