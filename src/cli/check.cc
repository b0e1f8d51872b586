#include "cli/check.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/json_report.h"
#include "cli/text_report.h"

namespace sandglass::cli {
namespace {

// Stands in for whatever is imported: the same text is a module without exports and, where an
// import asks for JSON, a number. Exports are matched only when modules are linked, which is never.
std::shared_ptr<ModuleLoader> any_module() {
  return std::make_shared<CallbackModules>(
      [](std::string_view) -> Result<ModuleSource> { return ModuleSource{.text = "0"}; },
      [](const ModuleRequest&) -> Result<std::string> { return "imported"; });
}

bool lies_before(const Error& a, const Error& b) {
  if (!a.location || !b.location) {
    return !a.location && b.location;
  }
  return std::pair(a.location->line, a.location->column) <
         std::pair(b.location->line, b.location->column);
}

struct Checked {
  Source source;
  SourceKind kind = SourceKind::detect;
  std::optional<Error> error;
};

Checked check_input(const std::string& input, const Command& command) {
  Checked checked{.source = {input, {}}};
  Result<Source> source = read_source(input, command.limits.memory_bytes);
  if (!source) {
    checked.error = std::move(source.error());
    return checked;
  }
  checked.source = std::move(*source);
  const SourceKind wanted = command.kind == SourceKind::detect ? kind_of_file(input) : command.kind;
  const Result<SourceKind> kind = parse_kind(checked.source, wanted, command.limits);
  if (kind) {
    checked.kind = *kind;
    return checked;
  }
  checked.error = kind.error();
  if (checked.error->code == Errc::invalid_argument) {
    checked.error->message = fmt::format("{}: {}", checked.source.name, checked.error->message);
  }
  return checked;
}

std::string json_of(const Checked& checked) {
  return fmt::format(R"({{"file":{},"ok":{},"kind":{},"error":{}}})",
                     quote_json(checked.source.name), !checked.error,
                     checked.error                        ? "null"
                     : checked.kind == SourceKind::module ? R"("module")"
                                                          : R"("script")",
                     checked.error ? error_json(*checked.error) : "null");
}

}  // namespace

Result<SourceKind> parse_kind(const Source& source, SourceKind kind, const Limits& limits) {
  const Result<Runtime> runtime = Runtime::create({.limits = limits, .modules = any_module()});
  if (!runtime) {
    return std::unexpected(runtime.error());
  }
  const std::string name = as_utf8(source.name);
  const auto parse = [&](SourceKind as) -> std::optional<Error> {
    auto compiled =
        runtime->compile(source.text, {.file_name = name, .kind = as, .top_level_await = true});
    return compiled ? std::nullopt : std::optional(std::move(compiled.error()));
  };
  if (kind != SourceKind::detect) {
    std::optional<Error> error = parse(kind);
    return error ? Result<SourceKind>(std::unexpected(std::move(*error))) : kind;
  }
  std::optional<Error> as_script = parse(SourceKind::script);
  if (!as_script) {
    return SourceKind::script;
  }
  if (as_script->code != Errc::syntax) {
    return std::unexpected(std::move(*as_script));
  }
  std::optional<Error> as_module = parse(SourceKind::module);
  if (!as_module) {
    return SourceKind::module;
  }
  return std::unexpected(std::move(lies_before(*as_script, *as_module) ? *as_module : *as_script));
}

ExitCode check(const Command& command, Output& out, Output& err) {
  ExitCode code = ExitCode::ok;
  std::vector<std::string> reports;
  for (const std::string& input : command.inputs) {
    const Checked checked = check_input(input, command);
    if (checked.error && code == ExitCode::ok) {
      code = exit_code(checked.error->code);
    }
    if (command.json) {
      reports.push_back(json_of(checked));
    } else if (checked.error) {
      write_error(err, *checked.error, {.source = &checked.source, .limits = &command.limits});
    }
  }
  if (command.json) {
    out.write(fmt::format(R"({{"ok":{},"files":[{}]}})"
                          "\n",
                          code == ExitCode::ok, fmt::join(reports, ",")));
  }
  return code;
}

}  // namespace sandglass::cli
