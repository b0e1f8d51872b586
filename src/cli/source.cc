#include "cli/source.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cli/units.h"

namespace sandglass::cli {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::string system_message() {
  return std::generic_category().message(errno);
}

// Closes what it opened; standard input stays open.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : descriptor_(path == "-" ? STDIN_FILENO
                                : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)),
        owned_(path != "-") {}
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() {
    if (owned_ && descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  bool owned_;
};

// For a standard input that the parent has made non-blocking.
bool wait_readable(int descriptor) {
  pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, -1) >= 0 || errno == EINTR;
}

std::string too_large(std::string_view name, std::uint64_t max_bytes) {
  return fmt::format("{}: the source is larger than the memory limit of {}; raise it with --memory",
                     name, format_size(max_bytes));
}

}  // namespace

Result<Source> read_source(const std::string& path, std::uint64_t max_bytes) {
  Source source{path == "-" ? "<stdin>" : path, {}};
  const InputFile file(path);
  if (file.descriptor() < 0) {
    return refuse(fmt::format("cannot open {}: {}", path, system_message()));
  }
  struct stat status{};
  if (::fstat(file.descriptor(), &status) == 0 && S_ISREG(status.st_mode)) {
    if (std::cmp_greater(status.st_size, max_bytes)) {
      return refuse(too_large(source.name, max_bytes));
    }
    source.text.reserve(static_cast<std::size_t>(status.st_size));
  }
  std::array<char, std::size_t{64} << 10> buffer;
  for (;;) {
    const std::uint64_t room = max_bytes + 1 - source.text.size();
    const ssize_t got =
        ::read(file.descriptor(), buffer.data(),
               static_cast<std::size_t>(std::min<std::uint64_t>(room, buffer.size())));
    if (got == 0) {
      break;
    }
    if (got < 0) {
      if (errno == EINTR || (errno == EAGAIN && wait_readable(file.descriptor()))) {
        continue;
      }
      return refuse(fmt::format("cannot read {}: {}", source.name, system_message()));
    }
    source.text.append(buffer.data(), static_cast<std::size_t>(got));
    if (source.text.size() > max_bytes) {
      return refuse(too_large(source.name, max_bytes));
    }
  }
  accept_marked_shebang(source.text);
  return source;
}

void accept_marked_shebang(std::string& text) {
  const std::string_view view = text;
  if (view.starts_with(kByteOrderMark) && view.substr(kByteOrderMark.size()).starts_with("#!")) {
    text.replace(kByteOrderMark.size(), 2, "//");
  }
}

std::string_view line_of(std::string_view source, std::uint64_t line) {
  for (; line > 1; --line) {
    const std::size_t end = source.find('\n');
    if (end == source.npos) {
      return {};
    }
    source.remove_prefix(end + 1);
  }
  source = source.substr(0, source.find('\n'));
  if (source.ends_with('\r')) {
    source.remove_suffix(1);
  }
  return source;
}

}  // namespace sandglass::cli
