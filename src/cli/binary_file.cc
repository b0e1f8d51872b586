#include "cli/binary_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include "cli/source.h"

namespace sandglass::cli {
namespace {

constexpr std::string_view kBytecodeMagic = "\x8fSGLASS\n";  // see docs/bytecode.md
constexpr std::string_view kSnapshotMagic = "\x8fSGSNAP\n";
constexpr std::size_t kKeyBytes = 32;

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::unexpected<Error> cannot_write(const std::string& path) {
  return refuse(fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
}

// False: errno tells why.
bool write_all(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

// What mkstemp makes is for its owner only; a file of the user has the rights that are usual.
void give_usual_rights(int descriptor) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
}

bool is_special(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
}

}  // namespace

bool is_bytecode(std::string_view bytes) {
  return bytes.starts_with(kBytecodeMagic);
}

bool is_snapshot(std::string_view bytes) {
  return bytes.starts_with(kSnapshotMagic);
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Result<std::vector<std::byte>> read_key(const std::string& path) {
  if (path.empty()) {
    return {};
  }
  const Result<Source> file = read_source(path, 2 * kKeyBytes);
  if (!file) {
    return file.error().message.starts_with("cannot")
               ? std::unexpected(file.error())
               : refuse(fmt::format("{}: a key has {} bytes; this file has more", path, kKeyBytes));
  }
  if (file->text.size() != kKeyBytes) {
    return refuse(
        fmt::format("{}: a key has {} bytes, not {}", path, kKeyBytes, file->text.size()));
  }
  const auto bytes = as_bytes(file->text);
  return std::vector(bytes.begin(), bytes.end());
}

Result<void> write_binary(const std::string& path, std::span<const std::byte> bytes) {
  if (path == "-") {
    if (::isatty(STDOUT_FILENO) == 1) {
      return refuse("standard output is a terminal: these bytes are for a file or a pipe");
    }
    return write_all(STDOUT_FILENO, bytes) ? Result<void>() : cannot_write("standard output");
  }
  if (is_special(path)) {
    const int device = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    const bool done = device >= 0 && write_all(device, bytes);
    const auto result = done ? Result<void>() : cannot_write(path);
    ::close(device);
    return result;
  }
  std::string temporary = path + ".XXXXXX";
  const int file = ::mkstemp(temporary.data());
  if (file < 0) {
    return cannot_write(path);
  }
  give_usual_rights(file);
  const bool written = write_all(file, bytes);
  const bool closed = ::close(file) == 0;
  if (!written || !closed || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto result = cannot_write(path);
    ::unlink(temporary.c_str());
    return result;
  }
  return {};
}

}  // namespace sandglass::cli
