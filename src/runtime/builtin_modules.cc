// Modules that the image holds (`node:path` and others): made by the prelude, handed out on import.
#include <string>
#include <vector>

#include <fmt/format.h>

#include "runtime/vm.h"

namespace sandglass::runtime {
namespace {

// No specifier of an embedder's resolves to such a name by chance.
constexpr std::string_view kPrefix = "sandglass:";
constexpr std::string_view kScheme = "node:";

}  // namespace

bool Vm::is_builtin_module(std::string_view name) noexcept {
  return name.starts_with(kPrefix);
}

std::optional<std::string> Vm::find_builtin_module(std::string_view specifier) {
  if (!specifier.starts_with(kScheme)) return std::nullopt;
  const JsValue exports = builtin_module(specifier);
  const bool found = exports.is_object();
  engine_->free_plain(exports);
  if (!found) return std::nullopt;
  return fmt::format("{}{}", kPrefix, specifier);
}

std::optional<Error> Vm::find_missing_grant(std::string_view specifier) const {
  const bool needs_files = specifier == "node:fs" || specifier == "node:fs/promises";
  if (!needs_files || options_.grants.files != nullptr) return std::nullopt;
  return Error{
      .code = Errc::module_not_found,
      .message = fmt::format("'{}' needs files: Options::grants.files is empty", specifier)};
}

engine::JsValue Vm::builtin_module(std::string_view specifier) {
  const JsValue name = engine_->make_string(specifier);
  if (name.is_exception()) return name;
  const JsValue exports = engine_->call_function(
      engine_->prelude(engine::PreludeFunction::builtin_module), JsValue::undefined(), {&name, 1});
  engine_->free_plain(name);
  return exports;
}

std::uint32_t Vm::make_builtin_module(std::string_view name) {
  const JsValue exports = builtin_module(name.substr(kPrefix.size()));
  const auto atoms =
      exports.is_object() ? engine_->own_properties(exports, engine::kNamesStrings) : std::nullopt;
  if (!atoms) {
    engine_->free_plain(exports);
    if (!engine_->has_exception()) {
      throw_error(module_failure({.code = Errc::module_not_found,
                                  .message = fmt::format("there is no module '{}'", name)}));
    }
    return 0;
  }
  std::vector<std::string> names;
  for (const engine::Atom atom : *atoms) names.push_back(engine_->atom_text(atom).value_or(""));
  engine_->free_atoms(*atoms);
  const std::uint32_t module = engine_->make_module(name, names);
  if (module == 0) {
    engine_->free_plain(exports);
    return 0;
  }
  kept_.host_modules[module] = {
      .module = nullptr, .json = JsValue::undefined(), .builtin = exports};
  return module;
}

bool Vm::export_builtin_module(std::uint32_t module, JsValue exports) {
  const auto atoms = engine_->own_properties(exports, engine::kNamesStrings);
  bool done = atoms.has_value();
  if (done) {
    for (const engine::Atom atom : *atoms) {
      const JsValue value = engine_->get(exports, atom);
      const auto name = engine_->atom_text(atom);
      done =
          done && !value.is_exception() && name && engine_->set_module_export(module, *name, value);
    }
    engine_->free_atoms(*atoms);
  }
  engine_->free_plain(exports);
  return done;
}

}  // namespace sandglass::runtime
