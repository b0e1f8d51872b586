#include "cli/compile.h"

#include <utility>

#include <fmt/format.h>

#include "cli/binary_file.h"
#include "cli/check.h"
#include "cli/json_report.h"

namespace sandglass::cli {

Result<void> compile(const Command& command, const Source& source) {
  if (is_bytecode(source.text) || is_snapshot(source.text)) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument,
              .message = fmt::format("{} is {} already", source.name,
                                     is_bytecode(source.text) ? "bytecode" : "a snapshot")});
  }
  const auto key = read_key(command.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  const Result<SourceKind> kind = parse_kind(source, command.kind, command.limits);
  if (!kind) {
    return std::unexpected(kind.error());
  }
  const Result<Runtime> runtime = Runtime::create({.limits = command.limits});
  if (!runtime) {
    return std::unexpected(runtime.error());
  }
  const std::string name = as_utf8(source.name);
  const auto bytes = runtime->compile(
      source.text, {.file_name = name, .kind = *kind, .top_level_await = true, .mac_key = *key});
  if (!bytes) {
    return std::unexpected(bytes.error());
  }
  return write_binary(command.target, *bytes);
}

}  // namespace sandglass::cli
