// Where console output can go.
#include <cerrno>
#include <mutex>
#include <ostream>
#include <poll.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "sandglass/console.h"

namespace sandglass {
namespace {

[[noreturn]] void fail(int number) {
  throw std::system_error(number, std::generic_category(), "console output");
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd entry{descriptor, POLLOUT, 0};
      if (::poll(&entry, 1, -1) < 0 && errno != EINTR) fail(errno);
    } else if (errno != EINTR) {
      fail(errno);
    }
  }
}

}  // namespace

struct ConsoleBuffer::State {
  std::mutex mutex;
  std::string out;
  std::string err;
};

ConsoleBuffer::ConsoleBuffer() : state_(std::make_shared<State>()) {}

ConsoleSink ConsoleBuffer::sink() const {
  return [state = state_](ConsoleStream stream, std::string_view text) {
    const std::lock_guard lock(state->mutex);
    (stream == ConsoleStream::out ? state->out : state->err) += text;
  };
}

std::string ConsoleBuffer::out() const {
  const std::lock_guard lock(state_->mutex);
  return state_->out;
}

std::string ConsoleBuffer::err() const {
  const std::lock_guard lock(state_->mutex);
  return state_->err;
}

std::string ConsoleBuffer::take_out() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->out, {});
}

std::string ConsoleBuffer::take_err() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->err, {});
}

void ConsoleBuffer::clear() {
  const std::lock_guard lock(state_->mutex);
  state_->out.clear();
  state_->err.clear();
}

ConsoleSink console_to_files(std::FILE* out, std::FILE* err) {
  return [out, err](ConsoleStream stream, std::string_view text) {
    std::FILE* const file = stream == ConsoleStream::out ? out : err;
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size()) fail(errno);
  };
}

ConsoleSink console_to_descriptors(int out, int err) {
  return [out, err, mutex = std::make_shared<std::mutex>()](ConsoleStream stream,
                                                            std::string_view text) {
    const std::lock_guard lock(*mutex);
    write_all(stream == ConsoleStream::out ? out : err, text);
  };
}

ConsoleSink console_to_streams(std::ostream& out, std::ostream& err) {
  return [&out, &err, mutex = std::make_shared<std::mutex>()](ConsoleStream stream,
                                                              std::string_view text) {
    const std::lock_guard lock(*mutex);
    std::ostream& into = stream == ConsoleStream::out ? out : err;
    into.write(text.data(), static_cast<std::streamsize>(text.size()));
    if (!into) fail(EIO);
  };
}

}  // namespace sandglass
