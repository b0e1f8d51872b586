#include "sandglass/context.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"
#include "runtime/text.h"
#include "runtime/utf8.h"

namespace sandglass {

using engine::Engine;
using engine::JsValue;
using engine::PreludeFunction;
using runtime::closed_handle;
using runtime::foreign_value;
using runtime::ScopedAtom;
using runtime::Vm;

bool Context::usable() const noexcept {
  const Vm* vm = this->vm();
  return vm != nullptr && vm->usable();
}

Result<Value> Context::eval(std::string_view source, EvalOptions options) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->eval(source, options);
}

Value Context::global() const noexcept {
  Vm* vm = this->vm();
  if (vm == nullptr || !vm->usable()) return Value(vm_, JsValue::undefined());
  return vm->share(vm->engine().global());
}

Result<void> Context::unset(std::string_view name) const {
  const Result<bool> gone = global().remove(Key(name));
  if (!gone) return std::unexpected(gone.error());
  if (!*gone) {
    return std::unexpected(Error{.code = Errc::invalid_argument,
                                 .message = fmt::format("'{}' cannot be deleted", name)});
  }
  return {};
}

// Making values. Each is one call of the engine.

namespace {

template <class Make>
Result<Value> make_in(Vm* vm, Make make) {
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&] { return vm->adopt_result(make(vm->engine())); });
}

Error invalid(std::string message) {
  return {.code = Errc::invalid_argument, .message = std::move(message)};
}

// The values as the engine takes them over; nullopt if one is of another VM.
std::optional<std::vector<JsValue>> take_all(const Vm& vm, std::span<Value> values) {
  if (!std::ranges::all_of(values, [&](const Value& value) { return vm.accepts(value); })) {
    return std::nullopt;
  }
  std::vector<JsValue> taken;
  taken.reserve(values.size());
  for (Value& value : values) taken.push_back(Vm::take(value));
  return taken;
}

}  // namespace

Result<Value> Context::string(std::string_view utf8) const {
  if (const auto at = runtime::find_invalid_utf8(utf8)) {
    return std::unexpected(Error{.code = Errc::conversion,
                                 .message = fmt::format("not UTF-8: ill-formed at byte {}", *at),
                                 .name = "TypeError"});
  }
  return make_in(vm(), [&](Engine& engine) { return engine.make_string(utf8); });
}

Result<Value> Context::string(std::u16string_view utf16) const {
  return make_in(vm(), [&](Engine& engine) { return engine.make_string(utf16); });
}

Result<Value> Context::object() const {
  return make_in(vm(), [](Engine& engine) { return engine.make_object(); });
}

Result<Value> Context::object(std::span<std::pair<std::string_view, Value>> properties) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  for (const auto& [name, value] : properties) {
    if (!vm->accepts(value)) return std::unexpected(foreign_value());
    if (runtime::find_invalid_utf8(name)) return std::unexpected(invalid("a name is not UTF-8"));
  }
  return make_in(vm, [&](Engine& engine) {
    const JsValue object = engine.make_object();
    for (auto& [name, value] : properties) {
      const ScopedAtom key(engine, engine.atom(name));
      if (!engine.define(object, key, Vm::take(value), engine::kPropertyPlain)) {
        engine.free_plain(object);
        return JsValue::exception();
      }
    }
    return object;
  });
}

Result<Value> Context::array(std::span<Value> elements) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  const auto taken = take_all(*vm, elements);
  if (!taken) return std::unexpected(foreign_value());
  return make_in(vm, [&](Engine& engine) { return engine.make_array(*taken); });
}

Result<Value> Context::symbol(std::string_view description, bool registered) const {
  if (description.find('\0') != std::string_view::npos || runtime::find_invalid_utf8(description)) {
    return std::unexpected(invalid("a symbol's description has a NUL byte or is not UTF-8"));
  }
  return make_in(vm(), [&](Engine& engine) { return engine.make_symbol(description, registered); });
}

Result<Value> Context::well_known_symbol(std::string_view name) const {
  Result<Value> symbol = make_in(vm(), [&](Engine& engine) {
    const JsValue text = engine.make_string(name);
    const JsValue found = engine.call_function(engine.prelude(PreludeFunction::symbol),
                                               JsValue::undefined(), {&text, 1});
    engine.free_plain(text);
    return found;
  });
  if (symbol && !symbol->is_symbol()) {
    return std::unexpected(invalid(fmt::format("there is no Symbol.{}", name)));
  }
  return symbol;
}

Result<Value> Context::bigint(std::string_view decimal) const {
  const std::string_view digits = decimal.starts_with('-') ? decimal.substr(1) : decimal;
  if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::unexpected(invalid("a BigInt is decimal digits, with an optional '-'"));
  }
  const std::string_view significant =
      digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  // A literal: nothing that a script can replace is looked up.
  const std::string literal =
      fmt::format("{}{}n", decimal.size() != digits.size() ? "-" : "", significant);
  return make_in(vm(), [&](Engine& engine) {
    const auto compiled = engine.compile(literal, "<bigint>", engine::CompileMode::script);
    engine.note(compiled);
    if (!compiled || compiled->is_exception()) return JsValue::exception();
    const auto value = engine.evaluate(*compiled);
    engine.note(value);
    return value.value_or(JsValue::exception());
  });
}

Result<Value> Context::bigint(std::int64_t value) const {
  return make_in(vm(), [&](Engine& engine) { return engine.make_bigint(value); });
}

Result<Value> Context::bigint(std::uint64_t value) const {
  return make_in(vm(), [&](Engine& engine) { return engine.make_bigint(value); });
}

Result<Value> Context::date(double milliseconds) const {
  return make_in(vm(), [&](Engine& engine) { return engine.make_date(milliseconds); });
}

Result<Value> Context::array_buffer(std::span<const std::byte> bytes) const {
  return make_in(vm(), [&](Engine& engine) { return engine.make_array_buffer(bytes); });
}

Result<Value> Context::error(const Error& error) const {
  Vm* vm = this->vm();
  return make_in(vm, [&](Engine&) { return vm->make_error(error); });
}

Result<Value> Context::parse_json(std::string_view text) const {
  if (const auto at = runtime::find_invalid_utf8(text)) {
    return std::unexpected(
        invalid(fmt::format("the JSON text is not UTF-8: ill-formed at byte {}", *at)));
  }
  return make_in(vm(), [&](Engine& engine) { return engine.parse_json(text); });
}

namespace {

Result<Value> collection(Vm* vm, PreludeFunction from, std::span<Value> values) {
  if (vm == nullptr) return std::unexpected(closed_handle());
  const auto taken = take_all(*vm, values);
  if (!taken) return std::unexpected(foreign_value());
  return make_in(vm, [&](Engine& engine) {
    const JsValue list = engine.make_array(*taken);
    if (list.is_exception()) return list;
    const JsValue made =
        engine.call_function(engine.prelude(from), JsValue::undefined(), {&list, 1});
    engine.free_plain(list);
    return made;
  });
}

}  // namespace

Result<Value> Context::map(std::span<Value> flat) const {
  return collection(vm(), PreludeFunction::map_from, flat);
}

Result<Value> Context::set_of(std::span<Value> elements) const {
  return collection(vm(), PreludeFunction::set_from, elements);
}

Result<Value> Context::make_function(std::string_view name, int length,
                                     std::unique_ptr<detail::HostFunction> function) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (name.find('\0') != std::string_view::npos || runtime::find_invalid_utf8(name)) {
    return std::unexpected(invalid("a function's name has a NUL byte or is not UTF-8"));
  }
  const std::uint32_t id = vm->host_table().add(std::move(function), name);
  if (id == 0) return std::unexpected(invalid("the VM has too many host functions"));
  Result<Value> made =
      make_in(vm, [&](Engine& engine) { return engine.make_function(name, length, id, true); });
  if (!made) vm->host_table().release(id);
  return made;
}

// Scope.

struct Scope::State {
  explicit State(Vm& machine) : vm(machine) {}
  Vm& vm;  // kept by `run`
  Vm::RunState run;
  std::optional<Error> failure;
};

Scope::Scope(const Context& context) {
  Vm* vm = context.vm();
  if (vm == nullptr || vm->in_run()) return;
  state_ = std::make_unique<State>(*vm);
  // What went wrong is told by the operations inside, and by close().
  state_->failure = vm->begin_span(state_->run);
}

Scope::~Scope() {
  static_cast<void>(close());
}

Result<void> Scope::close() {
  const std::unique_ptr<State> state = std::move(state_);
  if (!state) return {};
  Result<void> done = state->vm.end_span(state->run);
  if (state->failure) return std::unexpected(std::move(*state->failure));
  return done;
}

}  // namespace sandglass
