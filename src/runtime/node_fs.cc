#include "runtime/node_fs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <utility>

#include "runtime/access_denied.h"
#include "runtime/utf8.h"
#include "runtime/vm.h"

namespace sandglass::runtime {

using engine::Builtin;
using engine::JsValue;

namespace {

constexpr std::size_t kPieceBytes = 1 << 20;  // a fraction of a millisecond of most disks
constexpr std::size_t kCopyBytes = 256 << 10;
constexpr std::size_t kEntriesBetweenLooks = 64;
// No file system takes longer ones, and what "." and ".." take away may be long.
constexpr std::size_t kMaxPathText = 64 << 10;
constexpr int kUint8Array = 2;  // JS_TYPED_ARRAY_UINT8
constexpr double kMaxSafeInteger = 9007199254740991;
constexpr int kExclusive = 1;  // COPYFILE_EXCL
// Flags of open(2) that change nothing that a script could see.
constexpr int kIgnoredFlags =
    O_NOCTTY | O_NONBLOCK | O_SYNC | O_DSYNC | O_NOATIME | O_CLOEXEC | O_LARGEFILE | O_DIRECT;
constexpr int kKnownFlags =
    O_ACCMODE | O_APPEND | O_CREAT | O_EXCL | O_TRUNC | O_DIRECTORY | O_NOFOLLOW | kIgnoredFlags;

bool is_number(JsValue value) {
  return value.is_integer() || value.tag() == engine::Tag::float64;
}

/// An integer from 0 to `most`; nullopt for anything else.
std::optional<std::uint64_t> count_of(JsValue value, double most = kMaxSafeInteger) {
  if (!is_number(value)) return std::nullopt;
  const double number = value.as_number();
  if (!(number >= 0) || number > most || std::trunc(number) != number) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

std::uint32_t mode_of(JsValue value) {
  return static_cast<std::uint32_t>(count_of(value, 07777).value_or(0666));
}

JsValue argument(std::span<const JsValue> arguments, std::size_t index) {
  return index < arguments.size() ? arguments[index] : JsValue::undefined();
}

// As Node adds them up, so that the last digits are the same.
double milliseconds(FileTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  return static_cast<double>(whole.time_since_epoch().count()) * 1e3 +
         static_cast<double>((time - whole).count()) / 1e6;
}

/// Takes away "." and "..", by the text alone. The root is the directory that a relative path
/// begins in, and its own "..".
std::string normalise(std::string_view text) {
  std::string path;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      path.resize(path.empty() ? 0 : path.rfind('/'));
    } else {
      path += '/';
      path += name;
    }
  }
  return path.empty() ? "/" : path;
}

bool names_folder(std::string_view text) {
  const std::string_view last = text.substr(text.rfind('/') + 1);
  return last.empty() || last == "." || last == "..";
}

}  // namespace

JsValue Vm::call_files(Builtin which, std::span<const JsValue> arguments) {
  const std::shared_ptr<FileSystem> files = options_.grants.files;
  if (files == nullptr) {
    return throw_error(access_denied("this VM has no files: Options::grants.files is empty"));
  }
  return NodeFs(*engine_, *files, file_handles_, options_.limits.memory_bytes)
      .call(which, arguments);
}

JsValue NodeFs::call(Builtin which, std::span<const JsValue> arguments) {
  switch (which) {
    case Builtin::fs_access:
      return access(arguments);
    case Builtin::fs_close:
      return close(arguments);
    case Builtin::fs_copy_file:
      return copy_file(arguments);
    case Builtin::fs_list:
      return list(arguments);
    case Builtin::fs_make_directory:
      return make_directory(arguments);
    case Builtin::fs_open:
      return open(arguments);
    case Builtin::fs_read:
      return read(arguments);
    case Builtin::fs_read_file:
      return read_file(arguments);
    case Builtin::fs_real_path:
      return real_path(arguments);
    case Builtin::fs_remove_directory:
      return remove(arguments, true);
    case Builtin::fs_remove_file:
      return remove(arguments, false);
    case Builtin::fs_rename:
      return rename(arguments);
    case Builtin::fs_resize:
      return resize(arguments);
    case Builtin::fs_status:
      return status(arguments);
    case Builtin::fs_write:
      return write(arguments);
    case Builtin::fs_write_file:
      return write_file(arguments);
    default:
      return JsValue::undefined();
  }
}

// Arguments.

std::optional<NodeFs::Path> NodeFs::path_of(JsValue value) {
  failure_ = JsValue::integer(-EINVAL);
  if (!value.is_string()) return std::nullopt;
  auto text = engine_.to_string(value);
  engine_.note(text);
  if (!text || !*text) {
    failure_ = JsValue::exception();
    return std::nullopt;
  }
  if ((*text)->contains('\0')) return std::nullopt;
  failure_ = JsValue::integer(-ENOENT);
  if ((*text)->empty()) return std::nullopt;
  failure_ = JsValue::integer(-ENAMETOOLONG);
  if ((*text)->size() > kMaxPathText) return std::nullopt;
  const std::string valid = to_valid_utf8(std::move(**text));
  return Path{.text = normalise(valid), .folder = names_folder(valid)};
}

// What ends in '/' must be a directory; no file is made of that name.
bool NodeFs::check_folder(const Path& path, bool makes_file) {
  if (!path.folder) return true;
  const auto found = files_.status(path.text, true);
  if (found && found->kind == FileKind::directory) return true;
  if (!found && !makes_file) return true;  // the operation tells what is missing
  fail(found ? ENOTDIR : EISDIR);
  return false;
}

std::optional<FileOpening> NodeFs::opening_of(const Path& path, JsValue flags, JsValue mode) {
  failure_ = JsValue::integer(-EINVAL);
  const auto number = count_of(flags, std::numeric_limits<int>::max());
  if (!number) return std::nullopt;
  const int bits = static_cast<int>(*number);
  const int access = bits & O_ACCMODE;
  if ((bits & ~kKnownFlags) != 0 || access == O_ACCMODE) return std::nullopt;
  const FileOpening how = {.read = access != O_WRONLY,
                           .write = access != O_RDONLY,
                           .append = (bits & O_APPEND) != 0,
                           .create = (bits & O_CREAT) != 0,
                           .exclusive = (bits & O_EXCL) != 0,
                           .truncate = (bits & O_TRUNC) != 0,
                           .mode = mode_of(mode)};
  if (!how.write && (how.create || how.truncate)) return std::nullopt;
  if (!check_folder(path, how.create)) return std::nullopt;
  if ((bits & (O_NOFOLLOW | O_DIRECTORY)) != 0) {
    const auto found = files_.status(path.text, (bits & O_NOFOLLOW) == 0);
    if (found && found->kind == FileKind::link) {
      fail(ELOOP);
      return std::nullopt;
    }
    if (found && (bits & O_DIRECTORY) != 0 && found->kind != FileKind::directory) {
      fail(ENOTDIR);
      return std::nullopt;
    }
  }
  return how;
}

// Null: `failure_` is what to return.
std::unique_ptr<File> NodeFs::open_file(JsValue path, JsValue flags, JsValue mode) {
  const auto at = path_of(path);
  if (!at) return nullptr;
  const auto how = opening_of(*at, flags, mode);
  if (!how) return nullptr;
  auto file = files_.open(at->text, *how);
  if (file) return std::move(*file);
  fail(file.error());
  return nullptr;
}

std::optional<NodeFs::Target> NodeFs::target_of(JsValue file, JsValue flags, JsValue mode) {
  Target target;
  if (is_number(file)) {
    target.handle = handles_.find(file.as_number());
    if (target.handle == nullptr) {
      fail(EBADF, kSecondStep);
      return std::nullopt;
    }
    target.position = target.handle->position;
    return target;
  }
  target.own = open_file(file, flags, mode);
  if (target.own == nullptr) return std::nullopt;
  return target;
}

std::optional<std::optional<TextEncoding>> NodeFs::encoding_of(JsValue value) {
  if (!value.is_string()) return std::optional<TextEncoding>();
  const auto name = engine_.to_string(value);
  engine_.note(name);
  if (!name || !*name) {
    failure_ = JsValue::exception();
    return std::nullopt;
  }
  const auto encoding = find_encoding(**name);
  if (encoding) return encoding;
  fail(EINVAL);
  return std::nullopt;
}

// The span of a view is valid until the guest runs: so this is the last that is asked of it.
std::optional<NodeFs::Data> NodeFs::data_of(JsValue value, JsValue encoding) {
  const auto named = encoding_of(encoding);
  if (!named) return std::nullopt;
  Data data;
  if (!value.is_string()) {
    const auto view = engine_.bytes_of(value);
    if (view) {
      data.view = view->bytes;
      return data;
    }
    failure_ = JsValue::exception();
    if (!engine_.has_exception() && engine_.trapped() == machine::Trap::none) fail(EINVAL);
    return std::nullopt;
  }
  failure_ = JsValue::exception();
  if (const TextEncoding as = named->value_or(TextEncoding::utf8); as != TextEncoding::utf8) {
    const auto text = engine_.utf16_of(value);
    if (!text) return std::nullopt;
    data.encoded = encode(*text, as);
  } else {
    auto text = engine_.to_string(value);
    engine_.note(text);
    if (!text || !*text) return std::nullopt;
    data.utf8 = to_valid_utf8(std::move(**text));
  }
  return data;
}

// Outcomes.

bool NodeFs::must_stop() const noexcept {
  return engine_.machine().interrupts().stop() != machine::Stop::none;
}

JsValue NodeFs::fail(int number, int step) {
  failure_ = JsValue::integer(-number - step);
  return failure_;
}

JsValue NodeFs::fail(const std::error_code& error, int step) {
  const std::error_condition condition = error.default_error_condition();
  const bool known = condition.category() == std::generic_category() && condition.value() > 0 &&
                     condition.value() < kSecondStep;
  return fail(known ? condition.value() : EIO, step);
}

JsValue NodeFs::done(const FileResult<void>& result) {
  return result ? JsValue::integer(0) : fail(result.error());
}

JsValue NodeFs::stop() {
  failure_ = engine_.throw_uncatchable("the run ended during work on files")
                 .value_or(JsValue::exception());
  return failure_;
}

// Whole files.

std::optional<std::size_t> NodeFs::fill(Target& target, std::span<std::byte> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    if (must_stop()) {
      failure_ = JsValue::exception();  // thrown when the guest may be entered again
      return std::nullopt;
    }
    const std::size_t piece = std::min(kPieceBytes, into.size() - filled);
    const auto got = target.file().read(into.subspan(filled, piece), target.position);
    if (!got) {
      fail(got.error(), kSecondStep);
      return std::nullopt;
    }
    if (*got == 0) break;
    filled += std::min(*got, piece);
    target.position += std::min(*got, piece);
  }
  return filled;
}

std::optional<std::string> NodeFs::collect(Target& target) {
  const auto status = target.file().status();
  const std::uint64_t size = status ? status->bytes : 0;
  std::string text;
  // One byte more than it is long shows that it ends there.
  std::uint64_t room = size > target.position ? size - target.position + 1 : kCopyBytes;
  for (;;) {
    if (room > max_bytes_ || text.size() > max_bytes_ - room) {
      fail(EFBIG, kSecondStep);
      return std::nullopt;
    }
    const std::size_t before = text.size();
    text.resize(before + room);
    const auto got = fill(target, std::as_writable_bytes(std::span(text)).subspan(before));
    if (!got) return std::nullopt;
    text.resize(before + *got);
    if (*got < room) return text;
    room = std::max<std::uint64_t>(text.size(), kCopyBytes);
  }
}

// Straight into the guest's memory. Only of a file that grows meanwhile, or does not tell its size,
// the bytes go through ours.
JsValue NodeFs::read_bytes(Target& target) {
  const auto status = target.file().status();
  if (!status) return fail(status.error(), kSecondStep);
  if (status->kind == FileKind::directory) return fail(EISDIR, kSecondStep);
  const std::uint64_t begin = target.position;
  const std::uint64_t size = status->bytes > begin ? status->bytes - begin : 0;
  bool ended = false;
  JsValue buffer =
      engine_.make_array_buffer(size, [&](std::span<std::byte> into) -> std::optional<std::size_t> {
        const auto got = fill(target, into);
        if (!got) return std::nullopt;
        std::array<std::byte, 1> more;
        const auto probe = target.file().read(more, target.position);
        if (!probe) {
          fail(probe.error(), kSecondStep);
          return std::nullopt;
        }
        ended = *probe == 0;
        return got;
      });
  if (must_stop()) {
    engine_.free_plain(buffer);
    return stop();
  }
  if (buffer.is_undefined()) return failure_;
  if (!ended && !buffer.is_exception()) {
    engine_.free_plain(buffer);
    target.position = begin;
    const auto bytes = collect(target);
    if (!bytes) return must_stop() ? stop() : failure_;
    buffer = engine_.make_array_buffer(std::as_bytes(std::span(*bytes)));
  }
  return buffer.is_exception() ? buffer : engine_.make_typed_array(buffer, kUint8Array);
}

JsValue NodeFs::read_text(Target& target, TextEncoding encoding) {
  auto bytes = collect(target);
  if (!bytes) return must_stop() ? stop() : failure_;
  if (encoding == TextEncoding::utf8) return engine_.make_string(decode_utf8(std::move(*bytes)));
  return engine_.make_string(decode(std::as_bytes(std::span(*bytes)), encoding));
}

JsValue NodeFs::read_file(std::span<const JsValue> arguments) {
  const auto encoding = encoding_of(argument(arguments, 2));
  if (!encoding) return failure_;
  auto target = target_of(argument(arguments, 0), argument(arguments, 1), JsValue::undefined());
  if (!target) return failure_;
  const JsValue result = *encoding ? read_text(*target, **encoding) : read_bytes(*target);
  if (target->handle != nullptr) target->handle->position = target->position;
  return result;
}

bool NodeFs::put(Target& target, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (must_stop()) {
      stop();
      return false;
    }
    const auto piece = bytes.first(std::min(kPieceBytes, bytes.size()));
    const auto written = target.file().write(piece, target.position);
    if (!written || *written == 0) {
      fail(written ? std::make_error_code(std::errc::io_error) : written.error(), kSecondStep);
      return false;
    }
    const std::size_t count = std::min(*written, piece.size());
    bytes = bytes.subspan(count);
    target.position += count;
  }
  return true;
}

JsValue NodeFs::write_file(std::span<const JsValue> arguments) {
  auto target = target_of(argument(arguments, 0), argument(arguments, 3), argument(arguments, 4));
  if (!target) return failure_;
  const auto data = data_of(argument(arguments, 1), argument(arguments, 2));
  if (!data) return failure_;
  const bool done = put(*target, data->bytes());
  if (target->handle != nullptr) target->handle->position = target->position;
  return done ? JsValue::integer(0) : failure_;
}

JsValue NodeFs::copy_file(std::span<const JsValue> arguments) {
  const auto from = path_of(argument(arguments, 0));
  if (!from || !check_folder(*from, false)) return failure_;
  const auto to = path_of(argument(arguments, 1));
  if (!to || !check_folder(*to, true)) return failure_;
  const auto source_status = files_.status(from->text, true);
  if (!source_status) return fail(source_status.error());
  if (source_status->kind == FileKind::directory) return fail(EISDIR);
  const auto source = files_.open(from->text, {});
  if (!source) return fail(source.error());
  const bool exclusive = (count_of(argument(arguments, 2)).value_or(0) & kExclusive) != 0;
  const auto same = files_.real_path(to->text);
  if (!exclusive && same && same == files_.real_path(from->text)) return JsValue::integer(0);
  Target target;
  auto opened = files_.open(to->text, {.read = false,
                                       .write = true,
                                       .create = true,
                                       .exclusive = exclusive,
                                       .truncate = true,
                                       .mode = source_status->mode & 0777u});
  if (!opened) return fail(opened.error());
  target.own = std::move(*opened);
  std::vector<std::byte> buffer(kCopyBytes);
  for (;;) {
    const auto got = (*source)->read(buffer, target.position);
    if (!got) return fail(got.error());
    if (*got == 0) return JsValue::integer(0);
    if (!put(target, std::span(buffer).first(std::min(*got, buffer.size())))) {
      const bool second = failure_.is_integer() && failure_.as_integer() < -kSecondStep;
      return second ? JsValue::integer(failure_.as_integer() + kSecondStep) : failure_;
    }
  }
}

// Names.

JsValue NodeFs::access(std::span<const JsValue> arguments) {
  const auto path = path_of(argument(arguments, 0));
  if (!path || !check_folder(*path, false)) return failure_;
  const auto bits = count_of(argument(arguments, 1), R_OK | W_OK | X_OK);
  if (!bits) return fail(EINVAL);
  return done(files_.access(
      path->text,
      {.read = (*bits & R_OK) != 0, .write = (*bits & W_OK) != 0, .execute = (*bits & X_OK) != 0}));
}

JsValue NodeFs::list(std::span<const JsValue> arguments) {
  const auto path = path_of(argument(arguments, 0));
  if (!path) return failure_;
  std::vector<std::pair<std::string, FileKind>> entries;
  std::uint64_t bytes = 0;
  const auto listed = files_.list(path->text, [&](std::string_view name, FileKind kind) {
    entries.emplace_back(name, kind);
    bytes += name.size() + sizeof entries.front();
    return bytes <= max_bytes_ && (entries.size() % kEntriesBetweenLooks != 0 || !must_stop());
  });
  if (must_stop()) return stop();
  if (!listed) return fail(listed.error());
  if (bytes > max_bytes_) return fail(ENOMEM);
  std::ranges::sort(entries);  // as Node does
  std::vector<JsValue> values;
  values.reserve(2 * entries.size());
  for (auto& [name, kind] : entries) {
    const bool look = values.size() % kEntriesBetweenLooks == 0;
    const JsValue text =
        look && must_stop() ? stop() : engine_.make_string(decode_utf8(std::move(name)));
    if (text.is_exception()) {
      engine_.free_all(values);
      return text;
    }
    values.push_back(text);
    values.push_back(JsValue::integer(static_cast<int>(kind)));
  }
  return engine_.make_array(values);
}

JsValue NodeFs::make_directory(std::span<const JsValue> arguments) {
  const auto path = path_of(argument(arguments, 0));
  if (!path) return failure_;
  return done(files_.make_directory(path->text, mode_of(argument(arguments, 1))));
}

JsValue NodeFs::real_path(std::span<const JsValue> arguments) {
  const auto path = path_of(argument(arguments, 0));
  if (!path || !check_folder(*path, false)) return failure_;
  auto found = files_.real_path(path->text);
  if (!found) return fail(found.error());
  return engine_.make_string(decode_utf8(std::move(*found)));
}

JsValue NodeFs::remove(std::span<const JsValue> arguments, bool directory) {
  const auto path = path_of(argument(arguments, 0));
  if (!path || !check_folder(*path, false)) return failure_;
  return done(directory ? files_.remove_directory(path->text) : files_.remove_file(path->text));
}

JsValue NodeFs::rename(std::span<const JsValue> arguments) {
  const auto from = path_of(argument(arguments, 0));
  if (!from || !check_folder(*from, false)) return failure_;
  const auto to = path_of(argument(arguments, 1));
  if (!to || !check_folder(*to, false)) return failure_;
  return done(files_.rename(from->text, to->text));
}

JsValue NodeFs::resize(std::span<const JsValue> arguments) {
  const auto length = count_of(argument(arguments, 1));
  if (!length) return fail(EINVAL);
  const auto target =
      target_of(argument(arguments, 0), JsValue::integer(O_RDWR), JsValue::undefined());
  if (!target) return failure_;
  const auto resized = target->file().resize(*length);
  return resized ? JsValue::integer(0) : fail(resized.error(), kSecondStep);
}

// Numbers rather than an object: node_fs.js makes of them what a script sees.
JsValue NodeFs::status(std::span<const JsValue> arguments) {
  FileResult<FileStatus> found;
  if (const JsValue file = argument(arguments, 0); is_number(file)) {
    FileHandle* handle = handles_.find(file.as_number());
    if (handle == nullptr) return fail(EBADF);
    found = handle->file->status();
  } else {
    const auto path = path_of(file);
    if (!path || !check_folder(*path, false)) return failure_;
    const JsValue follow = argument(arguments, 1);
    found = files_.status(path->text, path->folder || follow == JsValue::boolean(true));
  }
  if (!found) return fail(found.error());
  const std::array numbers = {static_cast<double>(found->kind),  static_cast<double>(found->mode),
                              static_cast<double>(found->bytes), static_cast<double>(found->id),
                              static_cast<double>(found->links), milliseconds(found->accessed),
                              milliseconds(found->modified),     milliseconds(found->changed),
                              milliseconds(found->created)};
  std::array<JsValue, numbers.size()> values;
  std::ranges::transform(numbers, values.begin(), &JsValue::number);
  return engine_.make_array(values);
}

// Open files.

JsValue NodeFs::open(std::span<const JsValue> arguments) {
  auto file = open_file(argument(arguments, 0), argument(arguments, 1), argument(arguments, 2));
  if (file == nullptr) return failure_;
  const auto number = handles_.add(std::move(file));
  return number ? JsValue::integer(*number) : fail(EMFILE);
}

JsValue NodeFs::close(std::span<const JsValue> arguments) {
  const JsValue number = argument(arguments, 0);
  FileHandle* handle = is_number(number) ? handles_.find(number.as_number()) : nullptr;
  if (handle == nullptr) return fail(EBADF);
  handle->file.reset();
  return JsValue::integer(0);
}

JsValue NodeFs::read(std::span<const JsValue> arguments) {
  const auto offset = count_of(argument(arguments, 2));
  const auto length = count_of(argument(arguments, 3));
  if (!offset || !length) return fail(EINVAL);
  const auto position = count_of(argument(arguments, 4));  // none: where the last one ended
  const auto view = engine_.bytes_of(argument(arguments, 1));
  if (!view || view->immutable) {
    if (engine_.has_exception() || engine_.trapped() != machine::Trap::none) {
      return JsValue::exception();
    }
    return fail(EINVAL);
  }
  if (*offset > view->bytes.size() || *length > view->bytes.size() - *offset) return fail(EINVAL);
  const JsValue number = argument(arguments, 0);
  FileHandle* handle = is_number(number) ? handles_.find(number.as_number()) : nullptr;
  if (handle == nullptr) return fail(EBADF);
  const std::size_t piece = std::min<std::uint64_t>(*length, 16 * kPieceBytes);
  const auto got =
      handle->file->read(view->bytes.subspan(*offset, piece), position.value_or(handle->position));
  if (!got) return fail(got.error());
  const std::size_t count = std::min(*got, piece);
  if (!position) handle->position += count;
  return JsValue::number(static_cast<double>(count));
}

JsValue NodeFs::write(std::span<const JsValue> arguments) {
  const JsValue number = argument(arguments, 0);
  Target target;
  target.handle = is_number(number) ? handles_.find(number.as_number()) : nullptr;
  if (target.handle == nullptr) return fail(EBADF);
  const auto data = data_of(argument(arguments, 1), argument(arguments, 2));
  if (!data) return failure_;
  std::span<const std::byte> bytes = data->bytes();
  if (!argument(arguments, 1).is_string()) {
    const auto offset = count_of(argument(arguments, 3));
    const auto length = count_of(argument(arguments, 4));
    if (!offset || !length || *offset > bytes.size() || *length > bytes.size() - *offset) {
      return fail(EINVAL);
    }
    bytes = bytes.subspan(*offset, *length);
  }
  const auto position = count_of(argument(arguments, 5));
  target.position = position.value_or(target.handle->position);
  if (!put(target, bytes)) {
    const bool failed = failure_.is_integer() && failure_.as_integer() < -kSecondStep;
    return failed ? JsValue::integer(failure_.as_integer() + kSecondStep) : failure_;
  }
  if (!position) target.handle->position = target.position;
  return JsValue::number(static_cast<double>(bytes.size()));
}

}  // namespace sandglass::runtime
