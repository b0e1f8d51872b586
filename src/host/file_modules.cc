// Reading and writing whole files, and modules in them.
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "host/file_path.h"
#include "host/module_path.h"

namespace sandglass {
namespace {

constexpr std::uint64_t kMaxModuleBytes = std::uint64_t{1} << 30;

std::unexpected<Error> refuse(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

bool is_absent(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory ||
         error == std::errc::filename_too_long;
}

}  // namespace

FileResult<std::string> read_file(FileSystem& files, std::string_view path,
                                  std::uint64_t max_bytes) {
  const auto file = files.open(path, {});
  if (!file) return std::unexpected(file.error());
  std::string text;
  std::array<std::byte, 16 << 10> buffer;
  for (;;) {
    const auto got = (*file)->read(buffer, text.size());
    if (!got) return std::unexpected(got.error());
    if (*got == 0) return text;
    if (*got > max_bytes - text.size()) return host::fail(EFBIG);
    // SAFETY: any object may be read as chars; the file has written `*got` bytes of it.
    text.append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
}

FileResult<void> write_file(FileSystem& files, std::string_view path, std::string_view bytes) {
  const auto file =
      files.open(path, {.read = false, .write = true, .create = true, .truncate = true});
  if (!file) return std::unexpected(file.error());
  std::span<const std::byte> left = std::as_bytes(std::span(bytes));
  while (!left.empty()) {
    const auto put = (*file)->write(left, bytes.size() - left.size());
    if (!put) return std::unexpected(put.error());
    if (*put == 0) return host::fail(EIO);
    left = left.subspan(std::min(*put, left.size()));
  }
  return {};
}

FileModules::FileModules(std::shared_ptr<FileSystem> files, std::string root,
                         std::uint64_t max) noexcept
    : files_(std::move(files)), root_(std::move(root)), max_file_bytes_(max) {}

Result<std::shared_ptr<FileModules>> FileModules::create(std::shared_ptr<FileSystem> files,
                                                         std::string_view root,
                                                         std::uint64_t max_file_bytes) {
  if (files == nullptr) return refuse("FileModules has no file system");
  if (!host::check_path(root, host::kMaxPathBytes)) {
    return refuse(fmt::format("bad root '{}': it must be like /a/b", host::to_printable(root)));
  }
  if (max_file_bytes < 1 || max_file_bytes > kMaxModuleBytes) {
    return refuse(
        fmt::format("max_file_bytes is {}; it must be 1 to {}", max_file_bytes, kMaxModuleBytes));
  }
  return std::shared_ptr<FileModules>(
      new FileModules(std::move(files), root == "/" ? "" : std::string(root), max_file_bytes));
}

Result<std::string> FileModules::resolve(const ModuleRequest& request) {
  const auto path = host::find_path(request);
  if (!path) return std::unexpected(path.error());
  auto candidates = host::list_candidates(*path, request.type);
  for (std::string& candidate : candidates) {
    if (candidate.empty()) continue;
    const auto found = files_->status(root_ + "/" + candidate, true);
    if (found && found->kind == FileKind::file) return std::move(candidate);
    if (found && found->kind == FileKind::directory) continue;
    // Something is there but cannot be had: to go on would take another file for the one meant.
    if (found || !is_absent(found.error())) {
      return refuse(fmt::format("{}; {}: {}", host::headline(request),
                                host::to_printable(candidate),
                                found ? "not a regular file" : found.error().message()));
    }
  }
  return std::unexpected(host::not_found(request, candidates));
}

Result<ModuleSource> FileModules::load(std::string_view name) {
  auto text = read_file(*files_, root_ + "/" + std::string(name), max_file_bytes_);
  if (text) return ModuleSource{.format = host::format_of(name), .text = std::move(*text)};
  if (is_absent(text.error()) || text.error() == std::errc::is_a_directory) {
    return std::unexpected(
        Error{.code = Errc::module_not_found,
              .message = fmt::format("cannot find module '{}'", host::to_printable(name))});
  }
  return refuse(fmt::format("cannot read module '{}': {}", host::to_printable(name),
                            text.error() == std::errc::file_too_large
                                ? fmt::format("more than {} bytes", max_file_bytes_)
                                : text.error().message()));
}

}  // namespace sandglass
