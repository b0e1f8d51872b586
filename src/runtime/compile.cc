// Bytecode: compiling source in a VM of its own, and running what came of it.
#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "runtime/bytecode_format.h"
#include "runtime/handles.h"
#include "runtime/utf8.h"

namespace sandglass {

Result<std::vector<std::byte>> Context::compile(std::string_view source,
                                                const CompileOptions& options) const {
  runtime::Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(runtime::closed_handle());
  return vm->compile_to_bytes(source, options);
}

Result<Value> Context::run(std::span<const std::byte> bytecode,
                           const BytecodeOptions& options) const {
  runtime::Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(runtime::closed_handle());
  return vm->run_bytes(bytecode, options);
}

namespace runtime {

using engine::Outcome;
using engine::Tag;

namespace {

// Not a name that any module can have: control characters are refused in them.
constexpr std::string_view kImportsUnit = "\x01imports";

// The import table as the code of a unit of its own: importer, specifier and name, each ended by a
// NUL, for each import.
std::vector<std::byte> encode_imports(const std::map<ModuleImportKey, std::string>& imports) {
  std::string text;
  for (const auto& [key, name] : imports) {
    for (const std::string& part : {key.importer, key.specifier, name}) {
      text += part;
      text.push_back('\0');
    }
  }
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());  // SAFETY: as bytes
  return {begin, begin + text.size()};
}

std::optional<std::map<ModuleImportKey, std::string>> decode_imports(
    std::span<const std::byte> code) {
  std::string_view text(reinterpret_cast<const char*>(code.data()), code.size());  // SAFETY: bytes
  std::map<ModuleImportKey, std::string> imports;
  while (!text.empty()) {
    std::array<std::string, 3> parts;
    for (std::string& part : parts) {
      const std::size_t end = text.find('\0');
      if (end == std::string_view::npos) return std::nullopt;
      part = text.substr(0, end);
      text.remove_prefix(end + 1);
    }
    imports[{parts[0], parts[1]}] = parts[2];
  }
  return imports;
}

}  // namespace

// Compiling.

Result<std::vector<std::byte>> Vm::compile_to_bytes(std::string_view source,
                                                    const CompileOptions& options) const {
  if (options.kind == SourceKind::detect) {
    return std::unexpected(Error{.code = Errc::invalid_argument,
                                 .message = "compile() wants to be told script or module"});
  }
  // In a VM of its own: a module that was compiled stays in its VM, under its name.
  auto scratch = create(options_);
  if (!scratch) return std::unexpected(std::move(scratch.error()));
  auto compiled = (*scratch)->compile_graph(source, options);
  if (!compiled) return std::unexpected(std::move(compiled.error()));
  return pack(*compiled, options.mac_key);
}

Result<Bytecode> Vm::compile_graph(std::string_view source, const CompileOptions& options) {
  const EvalOptions as_eval = {.file_name = options.file_name,
                               .kind = options.kind,
                               .top_level_await = options.top_level_await,
                               .strict = options.strict};
  if (auto error = check_source(source, as_eval)) return std::unexpected(std::move(*error));
  const bool module = options.kind == SourceKind::module;
  Bytecode result{.module = module,
                  .top_level_await = options.top_level_await,
                  .units = {{.name = std::string(options.file_name),
                             .url = std::string(options.file_name),
                             .json = false,
                             .code = {}}}};
  recording_ = &result.units;
  const auto done = run<bool>([&](RunState& state) -> Outcome<std::optional<bool>> {
    running_name_ = options.file_name;
    running_source_ = source;
    const auto compiled = compile(source, as_eval, state);
    if (!compiled) return std::unexpected(compiled.error());
    if (!*compiled) return std::nullopt;
    auto code = engine_->write_bytecode(**compiled);
    if (!code) {
      if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
      return std::nullopt;
    }
    result.units.front().code = std::move(*code);
    return true;
  });
  recording_ = nullptr;
  running_name_ = running_source_ = {};
  if (!done) return std::unexpected(done.error());
  // Modules of the host are found by whoever runs it, by what they are called in the source.
  std::erase_if(recorded_imports_, [&](const auto& import) {
    return std::ranges::find(result.units, import.second, &BytecodeUnit::name) ==
           result.units.end();
  });
  if (!recorded_imports_.empty()) {
    result.units.push_back({.name = std::string(kImportsUnit),
                            .url = {},
                            .json = false,
                            .code = encode_imports(recorded_imports_)});
  }
  return result;
}

// Called for each module of the graph as it is loaded. Modules of the host are found again when
// the bytecode is run.
bool Vm::record_module(std::string_view name, std::string_view url, const ModuleSource& source,
                       JsValue compiled) {
  BytecodeUnit unit{.name = std::string(name),
                    .url = std::string(url),
                    .json = source.format == ModuleFormat::json,
                    .code = {}};
  if (unit.json) {
    const auto* begin = reinterpret_cast<const std::byte*>(source.text.data());  // SAFETY: as bytes
    unit.code.assign(begin, begin + source.text.size());
  } else {
    auto code = engine_->write_bytecode(compiled);
    if (!code) return false;
    unit.code = std::move(*code);
  }
  recording_->push_back(std::move(unit));
  return true;
}

// Running.

Result<Value> Vm::run_bytes(std::span<const std::byte> bytes, const BytecodeOptions& options) {
  auto bytecode = unpack(bytes, options.mac_key);
  if (!bytecode) return std::unexpected(std::move(bytecode.error()));
  // From here on the engine reads bytes that it trusts and we do not. They are contained like any
  // script, but what they may have done to this VM can never be undone in it.
  if (!bytecode->authenticated) kept_.tainted = true;
  for (std::size_t i = 1; i < bytecode->units.size(); ++i) {
    BytecodeUnit& unit = bytecode->units[i];
    if (unit.name != kImportsUnit) {
      std::string name = unit.name;
      kept_.bundled_units.insert_or_assign(std::move(name), std::move(unit));
      continue;
    }
    auto imports = decode_imports(unit.code);
    if (!imports) {
      return std::unexpected(Error{.code = Errc::invalid_argument,
                                   .message = "the bytecode's table of imports is damaged"});
    }
    for (auto& [key, name] : *imports) kept_.bundled_imports.insert_or_assign(key, std::move(name));
  }
  const std::shared_ptr<Vm> self = shared_from_this();
  const auto value = run<JsValue>([&](RunState& state) -> Outcome<std::optional<JsValue>> {
    auto entry = read_entry(*bytecode, state);
    if (!entry || !*entry) return entry;
    return evaluate_compiled(**entry,
                             {.top_level_await = bytecode->module || bytecode->top_level_await,
                              .until_idle = options.until_idle},
                             state);
  });
  if (!value) return std::unexpected(value.error());
  return adopt(*value);
}

// While a module is read, the engine asks for what it imports.
Outcome<std::optional<engine::JsValue>> Vm::read_entry(const Bytecode& bytecode, RunState& state) {
  const BytecodeUnit& unit = bytecode.units.front();
  const JsValue read = engine_->read_bytecode(unit.code);
  if (const machine::Trap trap = engine_->take_trap(); trap != machine::Trap::none) {
    return std::unexpected(trap);
  }
  if (read.is_exception()) {
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  }
  if (read.tag() != (bytecode.module ? Tag::module : Tag::function_bytecode)) {
    state.failure = Error{.code = Errc::invalid_argument,
                          .message = "the bytecode holds something else than it says"};
    engine_->free_plain(read);
    return std::nullopt;
  }
  if (bytecode.module) set_module_url(read, unit.url);
  return read;
}

std::uint32_t Vm::load_unit(std::string_view name, const BytecodeUnit& unit) {
  if (unit.json) {
    const auto* text = reinterpret_cast<const char*>(unit.code.data());  // SAFETY: as characters
    const auto module = make_module(
        name, {.format = ModuleFormat::json, .text = std::string(text, unit.code.size())});
    return module.value_or(0);
  }
  const JsValue read = engine_->read_bytecode(unit.code);
  if (read.is_exception()) return 0;
  if (read.tag() != Tag::module) {
    engine_->free_plain(read);
    throw_error({.code = Errc::threw, .message = "bytecode of a module holds something else"});
    return 0;
  }
  set_module_url(read, unit.url);
  const auto module = static_cast<std::uint32_t>(read.bits);
  engine_->free_plain(read);  // the context keeps it
  return module;
}

}  // namespace runtime
}  // namespace sandglass
