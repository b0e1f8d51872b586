// Modules: what the engine asks for while it links, and importing one from C++.
#include <algorithm>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"
#include "runtime/host_error.h"
#include "runtime/loading.h"
#include "runtime/utf8.h"
#include "sandglass/host_module.h"

namespace sandglass {

void HostModules::add(std::string name, std::shared_ptr<const HostModule> module) {
  const std::unique_lock lock(mutex_);
  modules_.insert_or_assign(std::move(name), std::move(module));
}

Result<std::string> HostModules::resolve(const ModuleRequest& request) {
  const std::shared_lock lock(mutex_);
  if (modules_.contains(request.specifier)) return std::string(request.specifier);
  std::string names;
  for (const auto& [name, module] : modules_) names += (names.empty() ? "" : ", ") + name;
  return std::unexpected(
      Error{.code = Errc::module_not_found,
            .message = fmt::format("cannot find module '{}' imported by '{}'; tried {}",
                                   runtime::to_valid_utf8(std::string(request.specifier)),
                                   request.importer, names.empty() ? "no host modules" : names)});
}

Result<ModuleSource> HostModules::load(std::string_view name) {
  const std::shared_lock lock(mutex_);
  const auto at = modules_.find(name);
  if (at == modules_.end()) {
    return std::unexpected(Error{.code = Errc::module_not_found,
                                 .message = fmt::format("there is no host module '{}'", name)});
  }
  ModuleSource source;
  source.format = ModuleFormat::host;
  source.host = at->second;
  return source;
}

Result<Value> Context::import(std::string_view specifier, std::string_view importer) const {
  runtime::Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(runtime::closed_handle());
  return vm->import(specifier, importer);
}

Result<void> Context::forget_module(std::string_view name) const {
  runtime::Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(runtime::closed_handle());
  vm->forget_module(name);
  return {};
}

bool Context::tainted() const noexcept {
  const runtime::Vm* vm = this->vm();
  return vm != nullptr && vm->tainted();
}

namespace runtime {

using engine::CompileMode;
using engine::Outcome;

Error Vm::module_failure(Error error) {
  ++module_failures_;
  if (error.code == Errc::module_not_found) {
    error.name = "ReferenceError";
    error.detail = kModuleNotFound;
  }
  return error;
}

// A module that was forgotten goes on under a new name, "name?1": the engine keeps the old one.
std::string_view Vm::without_version(std::string_view name) const {
  const std::size_t mark = name.rfind('?');
  if (mark == std::string_view::npos || !kept_.module_versions.contains(name.substr(0, mark)))
    return name;
  return name.substr(0, mark);
}

// The embedder's modules come before ours of the same name.
Result<std::string> Vm::find_module(const ModuleRequest& request) {
  Result<std::string> name = find_embedder_module(request);
  if (name || name.error().code != Errc::module_not_found) return name;
  auto builtin = find_builtin_module(request.specifier);
  if (!builtin) return name;
  if (auto missing = find_missing_grant(request.specifier)) return std::unexpected(*missing);
  return std::move(*builtin);
}

Result<std::string> Vm::find_embedder_module(const ModuleRequest& request) {
  if (const auto at = kept_.bundled_imports.find(
          {std::string(request.importer), std::string(request.specifier)});
      at != kept_.bundled_imports.end()) {
    return at->second;
  }
  if (!options_.modules) {
    return std::unexpected(Error{
        .code = Errc::module_not_found,
        .message =
            fmt::format("cannot find module '{}' imported by '{}'; this VM has no module loader",
                        to_valid_utf8(std::string(request.specifier)), request.importer)});
  }
  Result<std::string> name = std::unexpected(Error{});
  try {
    name = options_.modules->resolve(request);
  } catch (...) {
    name = std::unexpected(current_exception_error());
  }
  if (name &&
      (name->empty() || name->find('\0') != std::string::npos || find_invalid_utf8(*name))) {
    return std::unexpected(Error{.code = Errc::invalid_argument,
                                 .message = "a module loader gave a name that is empty, has a NUL "
                                            "byte, or is not UTF-8"});
  }
  return name;
}

std::optional<std::string> Vm::resolve_module(std::string_view importer, std::string_view specifier,
                                              std::string_view type) noexcept {
  if (refuse_after_stop() || refuse_nesting()) return std::nullopt;
  before_host();
  const std::string_view importer_name = without_version(importer);
  Result<std::string> name = find_module({specifier, importer_name, type});
  if (!name) {
    throw_error(module_failure(std::move(name.error())));
    return std::nullopt;
  }
  if (recording_ != nullptr) {
    recorded_imports_[{std::string(importer_name), std::string(specifier)}] = *name;
  }
  if (std::ranges::find(loading_, *name) != loading_.end()) loading_cycle_ = true;
  if (const auto at = kept_.module_versions.find(*name); at != kept_.module_versions.end()) {
    return fmt::format("{}?{}", *name, at->second);
  }
  return std::move(*name);
}

std::uint32_t Vm::load_module(std::string_view name, std::string_view type) noexcept {
  if (refuse_after_stop() || refuse_nesting()) return 0;
  before_host();
  const std::string_view plain_name = without_version(name);
  Loading loading(*this, plain_name);
  Result<ModuleSource> source =
      std::unexpected(Error{.code = Errc::module_not_found,
                            .message = fmt::format("cannot find module '{}'", plain_name)});
  try {
    if (const auto at = kept_.bundled_units.find(std::string(plain_name));
        at != kept_.bundled_units.end()) {
      const std::uint32_t module = load_unit(name, at->second);
      if (module != 0) loading.done();
      return module;
    }
    if (is_builtin_module(plain_name)) {
      const std::uint32_t module = make_builtin_module(plain_name);
      if (module != 0) loading.done();
      return module;
    }
    if (options_.modules) {
      source = options_.modules->load(plain_name);
    }
    if (source && type == "json" && source->format == ModuleFormat::javascript) {
      source->format = ModuleFormat::json;
    } else if (source && !type.empty() && source->format != ModuleFormat::json) {
      source = std::unexpected(
          Error{.code = Errc::invalid_argument,
                .message = fmt::format("module '{}' is not of type '{}'", plain_name, type)});
    }
    if (source) {
      Result<std::uint32_t> module = make_module(name, *source);
      if (module && *module != 0) loading.done();
      if (module) return *module;
      source = std::unexpected(std::move(module.error()));
    }
  } catch (...) {
    source = std::unexpected(current_exception_error());
  }
  throw_error(module_failure(std::move(source.error())));
  return 0;
}

Result<std::uint32_t> Vm::make_module(std::string_view name, const ModuleSource& source) {
  constexpr std::uint32_t kPending = 0;
  if (source.format == ModuleFormat::host) {
    if (!source.host) {
      return std::unexpected(Error{.code = Errc::invalid_argument,
                                   .message = fmt::format("host module '{}' is null", name)});
    }
    std::vector<std::string> names;
    for (const HostModule::Export& entry : source.host->exports()) names.push_back(entry.name);
    const std::uint32_t module = engine_->make_module(name, names);
    if (module == 0) return kPending;
    kept_.host_modules[module] = {
        .module = source.host, .json = JsValue::undefined(), .builtin = JsValue::undefined()};
    return module;
  }
  const std::string file_name(name);
  if (auto error = check_source(source.text, {.file_name = file_name})) {
    error->message = fmt::format("module '{}': {}", name, error->message);
    return std::unexpected(std::move(*error));
  }
  if (source.format == ModuleFormat::json) {
    const JsValue json = engine_->parse_json(source.text, file_name);
    if (json.is_exception()) return kPending;
    static const std::vector<std::string> kDefault = {"default"};
    const std::uint32_t module = engine_->make_module(name, kDefault);
    if (module == 0) return kPending;
    kept_.host_modules[module] = {.module = nullptr, .json = json, .builtin = JsValue::undefined()};
    if (recording_ != nullptr && !record_module(name, name, source, JsValue::undefined())) {
      return kPending;
    }
    return module;
  }
  remember_source(name, source.text);
  const std::uint64_t failures = module_failures_ + module_syntax_errors_;
  const auto compiled = engine_->compile(source.text, file_name, CompileMode::module);
  engine_->note(compiled);
  if (!compiled || compiled->is_exception()) {
    // Or else what failed is one that it imports.
    if (failures == module_failures_ + module_syntax_errors_) ++module_syntax_errors_;
    return kPending;
  }
  const std::string_view url = source.url.empty() ? without_version(name) : source.url;
  set_module_url(*compiled, url);
  if (recording_ != nullptr && !record_module(name, url, source, *compiled)) return kPending;
  // The context keeps it, and the engine wants the address alone.
  const auto module = static_cast<std::uint32_t>(compiled->bits);
  engine_->free_plain(*compiled);
  return module;
}

void Vm::set_module_url(JsValue module, std::string_view url) {
  const JsValue meta = engine_->import_meta(module);
  static_cast<void>(engine_->define(meta, static_atom("url"),
                                    engine_->make_string(to_valid_utf8(std::string(url))),
                                    engine::kPropertyPlain));
  engine_->free_plain(meta);
}

bool Vm::module_ready(std::uint32_t module) noexcept {
  const auto at = kept_.host_modules.find(module);
  if (at == kept_.host_modules.end()) {
    engine_->machine().poison(machine::Trap::bad_indirect_call);
    return false;
  }
  const HostModuleState state = std::move(at->second);
  kept_.host_modules.erase(at);
  if (state.builtin.is_object()) return export_builtin_module(module, state.builtin);
  if (!state.module) return engine_->set_module_export(module, "default", state.json);
  try {
    Context context(link_);
    for (const HostModule::Export& entry : state.module->exports()) {
      Result<Value> value = entry.make(context);
      if (value && !accepts(*value)) value = std::unexpected(foreign_value());
      if (!value) {
        throw_error(in_field(std::move(value.error()), entry.name));
        return false;
      }
      if (!engine_->set_module_export(module, entry.name, take(*value))) return false;
    }
  } catch (...) {
    throw_error(current_exception_error());
    return false;
  }
  return true;
}

Result<Value> Vm::import(std::string_view specifier, std::string_view importer) {
  if (specifier.find('\0') != std::string_view::npos ||
      importer.find('\0') != std::string_view::npos || find_invalid_utf8(specifier) ||
      find_invalid_utf8(importer)) {
    return std::unexpected(Error{.code = Errc::invalid_argument,
                                 .message = "a module's name has a NUL byte or is not UTF-8"});
  }
  const std::shared_ptr<Vm> self = shared_from_this();
  const auto value = run<JsValue>([&](RunState& state) -> Outcome<std::optional<JsValue>> {
    const std::uint64_t syntax_errors = module_syntax_errors_;
    const JsValue promise = engine_->load_module(specifier, importer);
    // The engine loads the whole graph before it runs any of it.
    state.did_not_compile = module_syntax_errors_ != syntax_errors;
    if (const machine::Trap trap = engine_->take_trap(); trap != machine::Trap::none) {
      return std::unexpected(trap);
    }
    if (promise.is_exception()) {
      if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
      return std::nullopt;
    }
    if (auto done = run_jobs(state); !done) return std::unexpected(done.error());
    return settle(promise, state, std::chrono::steady_clock::time_point::max(), false);
  });
  if (!value) return std::unexpected(value.error());
  return adopt(*value);
}

}  // namespace runtime
}  // namespace sandglass
