#include "cli/vm.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/binary_file.h"
#include "cli/grants.h"
#include "cli/json_report.h"
#include "cli/script_modules.h"
#include "cli/source.h"

namespace sandglass::cli {
namespace {

std::unexpected<Error> about(const std::string& file, Error error) {
  error.message = fmt::format("{}: {}", file, error.message);
  return std::unexpected(std::move(error));
}

}  // namespace

Result<Runtime> make_vm(const Command& command, const std::vector<std::byte>& key,
                        ConsoleSink console, const ConsoleOptions& look) {
  Result<ReadyGrants> grants = prepare_grants(command.grants);
  if (!grants) {
    return std::unexpected(std::move(grants.error()));
  }
  const bool is_file = command.verb != Verb::eval && command.verb != Verb::repl;
  const std::string script = is_file ? as_utf8(command.input) : "<eval>";
  auto modules = ScriptModules::create(*grants, is_file ? command.input : script);
  if (!modules) {
    return std::unexpected(std::move(modules.error()));
  }
  Options options{.limits = command.limits,
                  .grants = std::move(grants->grants),
                  .console = std::move(console),
                  .console_options = look,
                  .modules = std::move(*modules),
                  .arguments = command.arguments};
  if (command.verb != Verb::repl) {
    options.script_name = script;
  }
  if (command.snapshot.empty()) {
    return Runtime::create(std::move(options));
  }
  const Result<Source> file = read_source(command.snapshot, command.limits.memory_bytes);
  if (!file) {
    return std::unexpected(file.error());
  }
  SnapshotLoadOptions load{.mac_key = key};
  load.max_bytes = std::max(load.max_bytes, command.limits.memory_bytes);
  const Result<Snapshot> snapshot = Snapshot::load(as_bytes(file->text), load);
  if (!snapshot) {
    return about(command.snapshot, snapshot.error());
  }
  Result<Runtime> runtime = Runtime::from(*snapshot, std::move(options));
  return runtime ? std::move(runtime) : about(command.snapshot, std::move(runtime.error()));
}

}  // namespace sandglass::cli
