#include "sandglass/value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "runtime/display.h"
#include "runtime/handles.h"
#include "runtime/text.h"
#include "runtime/utf8.h"

namespace sandglass {

using engine::Engine;
using engine::JsValue;
using engine::Outcome;
using engine::Test;
using runtime::closed_handle;
using runtime::Done;
using runtime::done_if;
using runtime::foreign_value;
using runtime::ScopedAtom;
using runtime::Vm;

namespace {

// Largest index for which JavaScript has a property of its own kind.
constexpr std::uint64_t kMaxIndex = std::uint64_t{UINT32_MAX} - 1;

Error not_an_object(const Value& value) {
  return mismatch("object", value);
}

// What the engine throws where a conversion is refused.
Error type_error(std::string message) {
  return {.code = Errc::threw, .message = std::move(message), .name = "TypeError"};
}

// A body of Vm::act around an older call that tells traps from exceptions.
template <class T>
std::optional<T> unless_trapped(Vm& vm, Outcome<std::optional<T>> outcome) {
  vm.engine().note(outcome);
  return outcome ? std::move(*outcome) : std::nullopt;
}

}  // namespace

std::string_view to_string(Type type) noexcept {
  switch (type) {
    case Type::undefined:
      return "undefined";
    case Type::null:
      return "null";
    case Type::boolean:
      return "boolean";
    case Type::number:
      return "number";
    case Type::bigint:
      return "bigint";
    case Type::string:
      return "string";
    case Type::symbol:
      return "symbol";
    case Type::object:
      return "object";
    case Type::function:
      return "function";
  }
  return "unknown";
}

std::string_view to_string(Brand brand) noexcept {
  static constexpr std::array<std::string_view, 19> kNames = {
      "none",         "plain",       "array",     "function",    "error",    "date",     "regexp",
      "promise",      "proxy",       "map",       "set",         "weak_map", "weak_set", "weak_ref",
      "array_buffer", "typed_array", "data_view", "host_object", "other"};
  const auto at = static_cast<std::size_t>(brand);
  return at < kNames.size() ? kNames[at] : "unknown";
}

std::string Key::index_text() const {
  return kind_ == Kind::negative_index ? std::to_string(static_cast<std::int64_t>(index_))
                                       : std::to_string(index_);
}

std::string Key::path() const {
  switch (kind_) {
    case Kind::name:
      return std::string(name_);
    case Kind::index:
    case Kind::negative_index:
      return fmt::format("[{}]", index_text());
    case Kind::value:
      return value_->is_symbol() ? "[symbol]" : "[key]";
  }
  return {};
}

void Value::give_back() noexcept {
  if (Vm* vm = vm_.vm()) vm->give_back(js_);
}

Value Value::clone() const noexcept {
  if (!js_.is_counted()) return Value(js_);
  Vm* vm = vm_.vm();
  // A second handle on what is gone is gone as well.
  return vm != nullptr && vm->usable() ? vm->share(js_) : Value(vm_, js_);
}

Context Value::context() const noexcept {
  return Context(vm_);
}

// What it is.

Type Value::type() const noexcept {
  switch (tag()) {
    case Tag::null:
      return Type::null;
    case Tag::boolean:
      return Type::boolean;
    case Tag::integer:
    case Tag::float64:
      return Type::number;
    case Tag::bigint:
    case Tag::short_bigint:
      return Type::bigint;
    case Tag::string:
    case Tag::string_rope:
      return Type::string;
    case Tag::symbol:
      return Type::symbol;
    case Tag::object:
      return is_function() ? Type::function : Type::object;
    default:
      return Type::undefined;
  }
}

std::string_view Value::type_of() const noexcept {
  return is_null() ? "object" : sandglass::to_string(type());
}

// The questions below only read the object: they need no run, no limits and no time, and may be
// asked while bytes are shown.

bool Value::is_function() const noexcept {
  Vm* vm = vm_.vm();
  return is_object() && vm != nullptr && vm->usable() &&
         vm->ask([&] { return vm->engine().is(js_, Test::function); });
}

bool Value::is_constructor() const noexcept {
  Vm* vm = vm_.vm();
  return is_object() && vm != nullptr && vm->usable() &&
         vm->ask([&] { return vm->engine().is(js_, Test::constructor); });
}

Brand Value::brand() const noexcept {
  Vm* vm = vm_.vm();
  if (!is_object() || vm == nullptr || !vm->usable()) return Brand::none;
  Engine& engine = vm->engine();
  static constexpr std::array<std::pair<Test, Brand>, 13> kTests = {{
      {Test::array, Brand::array},
      {Test::proxy, Brand::proxy},  // before functions: it may be one too
      {Test::function, Brand::function},
      {Test::error, Brand::error},
      {Test::date, Brand::date},
      {Test::regexp, Brand::regexp},
      {Test::promise, Brand::promise},
      {Test::map, Brand::map},
      {Test::set, Brand::set},
      {Test::weak_map, Brand::weak_map},
      {Test::weak_set, Brand::weak_set},
      {Test::weak_ref, Brand::weak_ref},
      {Test::array_buffer, Brand::array_buffer},
  }};
  return vm->ask([&] {
    for (const auto& [test, brand] : kTests) {
      if (engine.is(js_, test)) return brand;
    }
    if (engine.typed_array_type(js_) >= 0) return Brand::typed_array;
    if (engine.is(js_, Test::data_view)) return Brand::data_view;
    if (engine.host_object_id(js_)) return Brand::host_object;
    return engine.is_plain_object(js_) ? Brand::plain : Brand::other;
  });
}

// To C++, by the rules of JavaScript.

Result<std::string> Value::to_string() const {
  switch (tag()) {
    case Tag::undefined:
      return "undefined";
    case Tag::null:
      return "null";
    case Tag::boolean:
      return js_.as_boolean() ? "true" : "false";
    case Tag::integer:
    case Tag::float64:
      return runtime::number_text(js_.as_number());
    case Tag::short_bigint:
      return std::to_string(js_.as_integer());
    default:
      break;
  }
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::string> {
    return unless_trapped(*vm, runtime::string_of(vm->engine(), js_));
  });
}

Result<double> Value::to_number() const {
  switch (tag()) {
    case Tag::undefined:
      return std::numeric_limits<double>::quiet_NaN();
    case Tag::null:
      return 0;
    case Tag::boolean:
      return js_.as_boolean() ? 1 : 0;
    case Tag::integer:
    case Tag::float64:
      return js_.as_number();
    case Tag::short_bigint:
      return std::unexpected(type_error("cannot convert bigint to number"));
    default:
      break;
  }
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act(
      [&]() -> std::optional<double> { return unless_trapped(*vm, vm->engine().to_number(js_)); });
}

Result<bool> Value::to_boolean() const {
  switch (tag()) {
    case Tag::undefined:
    case Tag::null:
      return false;
    case Tag::boolean:
      return js_.as_boolean();
    case Tag::integer:
      return js_.as_integer() != 0;
    case Tag::float64: {
      const double number = js_.as_float64();
      return number == number && number != 0;
    }
    case Tag::short_bigint:
      return js_.as_integer() != 0;
    default:
      break;
  }
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<bool> {
    const auto truth = vm->engine().to_boolean(js_);
    vm->engine().note(truth);
    return truth ? std::optional(*truth) : std::nullopt;
  });
}

Result<std::string> Value::to_json() const {
  if (is_undefined()) return "null";
  if (is_null() || is_boolean()) return to_string();
  Vm* vm = vm_.vm();
  if (is_number()) {  // JSON has no NaN and no infinity
    return std::isfinite(js_.as_number()) ? to_string() : Result<std::string>("null");
  }
  if (tag() == Tag::short_bigint) {
    return std::unexpected(type_error("bigint are forbidden in JSON.stringify"));
  }
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::string> {
    Engine& engine = vm->engine();
    const auto json = engine.to_json(js_);
    engine.note(json);
    if (!json || json->is_exception()) return std::nullopt;
    if (!json->is_string()) return "null";
    auto text = unless_trapped(*vm, runtime::string_of(engine, *json));
    engine.free_plain(*json);
    return text;
  });
}

Result<std::string> Value::to_display(const DisplayOptions& options) const {
  if (!js_.is_counted() || tag() == Tag::short_bigint) {
    return runtime::display_plain(js_, options.colors);
  }
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::string> {
    auto text = runtime::display(*vm, js_, options.colors);
    vm->engine().note(text);
    return text ? std::optional(std::move(*text)) : std::nullopt;
  });
}

Result<std::string> Value::summary() const {
  switch (type()) {
    case Type::function:
      return "[function]";
    case Type::object:
      if (const Brand what = brand(); what != Brand::none) {
        return fmt::format("[{}]", sandglass::to_string(what));
      }
      return std::unexpected(closed_handle());
    case Type::symbol:
      return "[symbol]";
    case Type::bigint: {
      auto text = to_string();
      if (text) text->push_back('n');
      return text;
    }
    default:
      return to_string();
  }
}

// Properties.

// What `Body` needs of an operation on an object by key: the object is one, and of a living VM; the
// key is of the same.
template <class Body>
auto Vm::with_object(const Value& object, const Key& key, Body body)
    -> Result<typename std::invoke_result_t<Body&, Engine&, engine::Atom>::value_type> {
  using Kind = Key::Kind;
  if (!object.is_object()) return std::unexpected(not_an_object(object));
  Vm* vm = object.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (key.kind_ == Kind::value && !vm->accepts(*key.value_)) {
    return std::unexpected(foreign_value());
  }
  if (key.kind_ == Kind::name && find_invalid_utf8(key.name_)) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument, .message = "the name of a property is not UTF-8"});
  }
  return vm->act([&] {
    Engine& engine = vm->engine();
    const auto atom = [&] {
      switch (key.kind_) {
        case Kind::value:
          return engine.atom_of(js_of(*key.value_));
        case Kind::name:
          return engine.atom(key.name_);
        case Kind::index:
          if (key.index_ <= kMaxIndex) return engine.atom(static_cast<std::uint32_t>(key.index_));
          break;
        case Kind::negative_index:
          break;
      }
      return engine.atom(key.index_text());
    };
    return body(engine, ScopedAtom(engine, atom()));
  });
}

Result<Value> Value::get(Key key) const {
  return Vm::with_object(*this, key, [&](Engine& engine, engine::Atom atom) {
    return vm_.vm()->adopt_result(engine.get(js_, atom));
  });
}

Result<void> Value::set(Key key, const Value& value) const {
  Vm* vm = vm_.vm();
  if (vm != nullptr && !vm->accepts(value)) return std::unexpected(foreign_value());
  return runtime::without_result(
      Vm::with_object(*this, key, [&](Engine& engine, engine::Atom atom) {
        return done_if(engine.set(js_, atom, engine.duplicate_plain(value.js_)));
      }));
}

Result<bool> Value::has(Key key) const {
  return Vm::with_object(*this, key, [&](Engine& engine, engine::Atom atom) {
    const int found = engine.has(js_, atom);
    return found < 0 ? std::nullopt : std::optional(found != 0);
  });
}

Result<bool> Value::remove(Key key) const {
  return Vm::with_object(*this, key, [&](Engine& engine, engine::Atom atom) {
    const int gone = engine.remove(js_, atom);
    return gone < 0 ? std::nullopt : std::optional(gone != 0);
  });
}

Result<std::vector<std::string>> Value::keys() const {
  if (!is_object()) return std::unexpected(not_an_object(*this));
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::vector<std::string>> {
    Engine& engine = vm->engine();
    const auto atoms =
        engine.own_properties(js_, engine::kNamesStrings | engine::kNamesEnumerableOnly);
    if (!atoms) return std::nullopt;
    std::vector<std::string> names;
    names.reserve(atoms->size());
    for (const engine::Atom atom : *atoms) {
      if (auto text = engine.atom_text(atom))
        names.push_back(runtime::to_valid_utf8(std::move(*text)));
    }
    engine.free_atoms(*atoms);
    return names.size() == atoms->size() ? std::optional(std::move(names)) : std::nullopt;
  });
}

Result<std::vector<Value>> Value::own_keys() const {
  if (!is_object()) return std::unexpected(not_an_object(*this));
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::vector<Value>> {
    Engine& engine = vm->engine();
    const auto atoms = engine.own_properties(js_, engine::kNamesStrings | engine::kNamesSymbols);
    if (!atoms) return std::nullopt;
    std::vector<Value> keys;
    keys.reserve(atoms->size());
    for (const engine::Atom atom : *atoms) keys.push_back(vm->adopt(engine.atom_value(atom)));
    engine.free_atoms(*atoms);
    return keys;
  });
}

Result<std::uint64_t> Value::length() const {
  if (!is_object()) return std::unexpected(not_an_object(*this));
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&] { return vm->engine().length(js_); });
}

Result<Value> Value::prototype() const {
  if (!is_object()) return std::unexpected(not_an_object(*this));
  Vm* vm = vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&] { return vm->adopt_result(vm->engine().prototype(js_)); });
}

// Calls.

namespace {

// The arguments as the engine takes them; nullopt if one is of another VM.
class ArgumentList {
 public:
  ArgumentList(const Vm& vm, std::span<const Value> values) {
    if (values.size() > few_.size()) [[unlikely]]
      many_.resize(values.size());
    JsValue* out = values.size() > few_.size() ? many_.data() : few_.data();
    for (const Value& value : values) {
      foreign_ = foreign_ || !vm.accepts(value);
      *out++ = Vm::js_of(value);
    }
    list_ = values.size() > few_.size() ? std::span<const JsValue>(many_)
                                        : std::span<const JsValue>(few_.data(), values.size());
  }
  [[nodiscard]] bool foreign() const noexcept { return foreign_; }
  [[nodiscard]] std::span<const JsValue> list() const noexcept { return list_; }

 private:
  std::array<JsValue, 8> few_;
  std::vector<JsValue> many_;
  std::span<const JsValue> list_;
  bool foreign_ = false;
};

}  // namespace

Result<Value> Value::call_with(const Value& self, std::span<const Value> arguments) const {
  Vm* vm = vm_.vm();
  if (!is_object()) return std::unexpected(mismatch("function", *this));
  if (vm == nullptr) return std::unexpected(closed_handle());
  const ArgumentList list(*vm, arguments);
  if (list.foreign() || !vm->accepts(self)) return std::unexpected(foreign_value());
  return vm->act(
      [&] { return vm->adopt_result(vm->engine().call_function(js_, self.js_, list.list())); });
}

Result<Value> Value::construct_with(std::span<const Value> arguments) const {
  Vm* vm = vm_.vm();
  if (!is_object()) return std::unexpected(mismatch("constructor", *this));
  if (vm == nullptr) return std::unexpected(closed_handle());
  const ArgumentList list(*vm, arguments);
  if (list.foreign()) return std::unexpected(foreign_value());
  return vm->act([&] { return vm->adopt_result(vm->engine().construct(js_, list.list())); });
}

Result<Value> Value::invoke_with(Key method, std::span<const Value> arguments) const {
  Vm* vm = vm_.vm();
  if (vm == nullptr) {
    return std::unexpected(is_object() ? closed_handle() : not_an_object(*this));
  }
  const ArgumentList list(*vm, arguments);
  if (list.foreign()) return std::unexpected(foreign_value());
  return Vm::with_object(*this, method, [&](Engine& engine, engine::Atom atom) {
    const JsValue function = engine.get(js_, atom);
    if (function.is_exception()) return std::optional<Value>();
    const JsValue result = engine.call_function(function, js_, list.list());
    engine.free_plain(function);
    return vm->adopt_result(result);
  });
}

// Comparing.

Result<bool> Value::strict_equals(const Value& other) const {
  Vm* vm = vm_.vm();
  Vm* other_vm = other.vm_.vm();
  if ((js_.is_counted() && vm == nullptr) || (other.js_.is_counted() && other_vm == nullptr)) {
    return std::unexpected(closed_handle());
  }
  if (vm == nullptr || other_vm == nullptr) {
    if (is_number() && other.is_number()) return js_.as_number() == other.js_.as_number();
    return js_ == other.js_;
  }
  if (vm != other_vm) return false;
  return vm->act([&] { return std::optional(vm->engine().strict_equal(js_, other.js_)); });
}

Result<bool> Value::instance_of(const Value& constructor) const {
  Vm* vm = constructor.vm_.vm();
  if (vm == nullptr) {
    return std::unexpected(constructor.is_object() ? closed_handle()
                                                   : mismatch("constructor", constructor));
  }
  if (!vm->accepts(*this)) return std::unexpected(foreign_value());
  return vm->act([&]() -> std::optional<bool> {
    const int is = vm->engine().is_instance_of(js_, constructor.js_);
    return is < 0 ? std::nullopt : std::optional(is != 0);
  });
}

// Bytes.

Result<void> Value::with_bytes_of(const std::function<void(std::span<std::byte>)>& look) const {
  Vm* vm = vm_.vm();
  if (vm == nullptr) {
    return std::unexpected(is_object() ? closed_handle() : mismatch("bytes", *this));
  }
  const std::shared_ptr<Vm> keep = vm->shared_from_this();
  auto bytes = vm->act([&]() -> std::optional<std::optional<Engine::Bytes>> {
    auto found = vm->engine().bytes_of(js_);
    if (!found && vm->engine().has_exception()) return std::nullopt;
    return found;
  });
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  if (!*bytes) return std::unexpected(mismatch("ArrayBuffer, typed array or DataView", *this));
  if (auto error = detail::Access::count_bytes(*this, (*bytes)->bytes.size())) {
    return std::unexpected(std::move(*error));
  }
  struct Lock {
    Vm& vm;
    explicit Lock(Vm& locked) : vm(locked) { vm.lock(true); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() { vm.lock(false); }
  };
  const Lock lock(*vm);
  if ((*bytes)->immutable) {
    std::vector<std::byte> copy((*bytes)->bytes.begin(), (*bytes)->bytes.end());
    look(copy);
  } else {
    look((*bytes)->bytes);
  }
  return {};
}

}  // namespace sandglass
