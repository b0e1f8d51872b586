#include "runtime/inspect/reader.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"
#include "runtime/text.h"
#include "runtime/vm.h"

namespace sandglass::runtime::inspect {

using engine::Atom;
using engine::Engine;
using engine::JsValue;
using engine::PreludeFunction;
using engine::Tag;

namespace {

// A script may make a chain as long as its memory. Nobody's classes are that deep.
constexpr int kMaxChain = 200;
// UTF-16 code units of what a class, a function or a tag is called.
constexpr std::size_t kLongestName = 1000;

// No function of the prelude gives more, but the guest's memory is the script's: of a Map, twice
// kMostParts and its size.
constexpr std::uint64_t kMostElements = 1 << 20;

struct ClassName {
  std::string_view name;
  Kind kind;
};

// As the engine names its classes (js_std_class_def of quickjs.c).
constexpr ClassName kClasses[] = {
    {"Arguments", Kind::arguments},
    {"Array", Kind::array},
    {"ArrayBuffer", Kind::array_buffer},
    {"AsyncFunction", Kind::async_function},
    {"AsyncGeneratorFunction", Kind::async_generator_function},
    {"BigInt", Kind::boxed_bigint},
    {"Boolean", Kind::boxed_boolean},
    {"DataView", Kind::data_view},
    {"DOMException", Kind::error},
    {"Date", Kind::date},
    {"Error", Kind::error},
    {"Function", Kind::function},
    {"GeneratorFunction", Kind::generator_function},
    {"HostObject", Kind::host_object},
    {"Map Iterator", Kind::map_iterator},
    {"Map", Kind::map},
    {"Number", Kind::boxed_number},
    {"Promise", Kind::promise},
    {"Proxy", Kind::proxy},
    {"RegExp", Kind::regexp},
    {"Set Iterator", Kind::set_iterator},
    {"Set", Kind::set},
    {"SharedArrayBuffer", Kind::shared_array_buffer},
    {"String", Kind::boxed_string},
    {"Symbol", Kind::boxed_symbol},
    {"WeakMap", Kind::weak_map},
    {"WeakRef", Kind::weak_ref},
    {"WeakSet", Kind::weak_set},
};

Kind kind_of_class(std::string_view name) {
  for (const ClassName& known : kClasses) {
    if (known.name == name) return known.kind;
  }
  return Kind::object;
}

}  // namespace

Keys::~Keys() {
  if (!atoms_.empty()) engine_->free_atoms(atoms_);
}

void Keys::add(std::span<const Atom> atoms, bool symbols) {
  atoms_.insert(atoms_.end(), atoms.begin(), atoms.end());
  for (const Atom atom : atoms) keys_.push_back({atom, symbols});
}

Reader::Reader(Vm& vm) : vm_(vm), engine_(vm.engine()) {}

Reader::~Reader() {
  if (loud_errors_.get().is_object()) {
    const JsValue argument = loud_errors_.get();
    static_cast<void>(call(PreludeFunction::unmute_errors, {&argument, 1}));
  }
  engine_.free_atom(tag_atom_);
}

bool Reader::stopped() const noexcept {
  return engine_.trapped() != machine::Trap::none ||
         engine_.machine().interrupts().stop() != machine::Stop::none;
}

// With each error that the engine makes it may call Error.prepareStackTrace.
void Reader::mute_errors() {
  if (std::exchange(muted_, true)) return;
  loud_errors_ = call(PreludeFunction::mute_errors, {});
}

void Reader::forget_exception() {
  if (engine_.trapped() != machine::Trap::none) return;
  engine_.note(drop_exception(engine_));
}

// Of any value.

Kind Reader::kind(JsValue object) {
  if (engine_.is_plain_object(object)) return Kind::object;
  const std::uint32_t id = engine_.class_of(object);
  if (id < kinds_.size() && kinds_[id] != Kind::unknown) return kinds_[id];
  const std::string name = engine_.class_name(id);
  Kind kind = kind_of_class(name);
  if (kind == Kind::object) {
    // Classes that share a name with plain objects, or are too many to name.
    if (engine_.is(object, engine::Test::proxy)) {
      kind = Kind::proxy;
    } else if (engine_.typed_array_type(object) >= 0) {
      kind = Kind::typed_array;
    } else if (engine_.is(object, engine::Test::function)) {
      kind = Kind::function;
    } else if (name == "Module" || name == "Object") {
      // The engine has no name of its own for what `import * as` gives.
      return text_of(object, tag_atom()) == "Module" ? Kind::namespace_object : Kind::object;
    }
  }
  if (id < kinds_.size()) kinds_[id] = kind;
  return kind;
}

Held Reader::target(JsValue proxy) {
  if (!engine_.is(proxy, engine::Test::proxy)) return {engine_, engine_.duplicate_plain(proxy)};
  mute_errors();
  Held current(engine_, engine_.duplicate_plain(proxy));
  for (int i = 0; i < kMaxChain && current.get().is_object(); ++i) {
    if (!engine_.is(current.get(), engine::Test::proxy)) return current;
    Held next(engine_, engine_.proxy_target(current.get()));
    if (!next.get().is_object()) {
      if (next.get().is_exception()) forget_exception();
      return {engine_, JsValue::null()};
    }
    current = std::move(next);
  }
  return {engine_, JsValue::null()};
}

std::string Reader::text(JsValue primitive, std::size_t most_units) {
  if (primitive.tag() == Tag::symbol) {
    const ScopedAtom atom(engine_, engine_.atom_of(primitive));
    return "Symbol(" + engine_.atom_text(atom).value_or("") + ")";
  }
  if (primitive.is_object()) return {};
  Held cut;
  if (primitive.is_string() && most_units != SIZE_MAX && string_length(primitive) > most_units) {
    const std::array<JsValue, 2> arguments = {primitive,
                                              JsValue::number(static_cast<double>(most_units))};
    cut = call(PreludeFunction::slice, arguments);
    primitive = cut.get();
  }
  auto text = engine_.to_string(primitive);
  engine_.note(text);
  if (text && *text) return std::move(**text);
  forget_exception();
  return {};
}

std::size_t Reader::string_length(JsValue string) {
  return static_cast<std::size_t>(engine_.length(string).value_or(0));
}

// Of an object.

std::optional<Property> Reader::own(JsValue object, Atom key) {
  Engine::Property found;
  const int status = engine_.own_property(object, key, found);
  if (status < 0) forget_exception();
  if (status <= 0) return std::nullopt;
  Property property;
  property.value = Held(engine_, found.value);
  property.has_getter = !found.getter.is_undefined();
  property.has_setter = !found.setter.is_undefined();
  property.enumerable = (found.flags & engine::kPropertyEnumerable) != 0;
  engine_.free_plain(found.getter);
  engine_.free_plain(found.setter);
  return property;
}

Held Reader::data(JsValue object, Atom key) {
  Held holder(engine_, engine_.duplicate_plain(object));
  for (int i = 0; i < kMaxChain && holder.get().is_object(); ++i) {
    if (auto property = own(holder.get(), key)) return std::move(property->value);
    holder = prototype(holder.get());
  }
  return {};
}

Held Reader::data(JsValue object, const char* name) {
  return data(object, vm_.static_atom(name));
}

Held Reader::own_data(JsValue object, const char* name) {
  auto property = own(object, vm_.static_atom(name));
  return property ? std::move(property->value) : Held();
}

std::string Reader::text_of(JsValue object, Atom key) {
  const Held value = data(object, key);
  return value.get().is_string() ? text(value.get(), kLongestName) : std::string();
}

std::string Reader::text_of(JsValue object, const char* name) {
  return text_of(object, vm_.static_atom(name));
}

Held Reader::prototype(JsValue object) {
  Held found(engine_, engine_.prototype(object));
  if (is(PreludeFunction::object_prototype, found.get())) return found;
  if (found.get().is_object() && engine_.is(found.get(), engine::Test::proxy)) {
    return target(found.get());
  }
  return found;
}

bool Reader::inherits(JsValue object, JsValue wanted) {
  Held at = prototype(object);
  for (int i = 0; i < kMaxChain && at.get().is_object(); ++i) {
    if (at.get().bits == wanted.bits) return true;
    at = prototype(at.get());
  }
  return false;
}

bool Reader::is(PreludeFunction known, JsValue object) const {
  return engine_.prelude(known).bits == object.bits;
}

// The class that `holder`, a prototype of `object` or itself, names by `constructor`.
std::optional<std::string> Reader::constructor_at(JsValue holder, JsValue object) {
  const Held given = own_data(holder, "constructor");
  if (!given.get().is_object()) return std::nullopt;
  const Held constructor = target(given.get());
  if (!constructor.get().is_object() || !engine_.is(constructor.get(), engine::Test::function)) {
    return std::nullopt;
  }
  std::string name = text_of(constructor.get(), "name");
  if (name.empty()) return std::nullopt;
  const Held made_with = own_data(constructor.get(), "prototype");
  if (!made_with.get().is_object()) return std::nullopt;
  const Held prototype = target(made_with.get());
  if (!prototype.get().is_object()) return std::nullopt;
  const bool direct = holder.bits == prototype.get().bits && holder.bits != object.bits;
  if (!direct && !inherits(object, prototype.get())) return std::nullopt;
  return name;
}

std::optional<std::string> Reader::class_in_chain(JsValue object, JsValue first) {
  Held at(engine_, engine_.duplicate_plain(first));
  for (int i = 0; i < kMaxChain && at.get().is_object(); ++i) {
    // Known whatever a script has made of them.
    if (is(PreludeFunction::object_prototype, at.get())) return "Object";
    if (is(PreludeFunction::function_prototype, at.get())) return "Function";
    if (auto name = constructor_at(at.get(), object)) return name;
    at = prototype(at.get());
  }
  return std::nullopt;
}

std::optional<std::string> Reader::constructor_name(JsValue object, int levels) {
  if (auto name = constructor_at(object, object)) return name;
  const Held first = prototype(object);
  if (!first.get().is_object()) return std::nullopt;
  if (first.get().bits == known_prototype_) return known_name_;
  if (auto name = class_in_chain(object, first.get())) {
    known_prototype_ = first.get().bits;
    known_name_ = *name;
    return name;
  }
  if (levels < 0) return class_label(object) + " <Complex prototype>";
  const auto inner = constructor_name(first.get(), levels - 1);
  if (inner) return fmt::format("{} <{}>", class_label(object), *inner);
  Keys keys(engine_);
  list(keys, first.get(), true, false);
  return fmt::format("{} <[{}: null prototype]{}>", class_label(object), class_label(first.get()),
                     keys.empty() ? " {}" : "");
}

std::string Reader::tag(JsValue object) {
  if (const auto mine = own(object, tag_atom())) {
    const JsValue value = mine->value.get();
    return mine->enumerable || !value.is_string() ? std::string() : text(value, kLongestName);
  }
  const Held first = prototype(object);
  if (!first.get().is_object()) return {};
  if (first.get().bits != tagging_prototype_) {
    inherited_tag_ = text_of(first.get(), tag_atom());
    tagging_prototype_ = first.get().bits;
  }
  return inherited_tag_;
}

Held Reader::error_stack(JsValue error) {
  const std::array<JsValue, 2> arguments = {error, JsValue::boolean(false)};
  const Held parts = call(PreludeFunction::error_parts, arguments);
  std::vector<Held> list = elements(parts.get());
  return list.empty() ? Held() : std::move(list[0]);
}

bool Reader::is_dom_exception(JsValue object) {
  return class_label(object) == "DOMException";
}

std::string Reader::class_label(JsValue object) {
  std::string name = engine_.class_name(engine_.class_of(object));
  return name.empty() ? "Object" : name;
}

void Reader::list(Keys& keys, JsValue object, bool names, bool hidden) {
  const std::uint32_t which = engine::kNamesSymbols | (names ? engine::kNamesStrings : 0) |
                              (hidden ? 0 : engine::kNamesEnumerableOnly);
  const auto atoms = engine_.own_properties(object, which);
  if (!atoms) return forget_exception();
  // Symbols are the last.
  std::size_t strings = atoms->size();
  while (strings > 0 && !(*atoms)[strings - 1].is_index()) {
    const Held last(engine_, engine_.atom_value((*atoms)[strings - 1]));
    if (last.get().tag() != Tag::symbol) break;
    --strings;
  }
  keys.add(std::span(*atoms).first(strings), false);
  keys.add(std::span(*atoms).subspan(strings), true);
}

std::string Reader::name(const Key& key) {
  if (key.atom.is_index()) return std::to_string(key.atom.index());
  auto text = engine_.atom_text(key.atom);
  if (!text) forget_exception();
  return text ? std::move(*text) : std::string();
}

std::uint64_t Reader::array_length(JsValue array) {
  return engine_.length(array).value_or(0);
}

// By the prelude.

Held Reader::call(PreludeFunction helper, std::span<const JsValue> arguments) {
  mute_errors();
  const JsValue result =
      engine_.call_function(engine_.prelude(helper), JsValue::undefined(), arguments);
  if (!result.is_exception()) return {engine_, result};
  forget_exception();
  return {};
}

std::vector<Held> Reader::elements(JsValue array) {
  std::vector<Held> held;
  if (!array.is_object()) return held;
  std::vector<JsValue> values(std::min(array_length(array), kMostElements));
  const std::size_t count = engine_.get_elements(array, 0, values);
  if (count < values.size()) forget_exception();
  for (std::size_t i = 0; i < count; ++i) held.emplace_back(engine_, values[i]);
  return held;
}

Atom Reader::tag_atom() {
  if (!tag_atom_) tag_atom_ = engine_.atom_of(engine_.prelude(PreludeFunction::to_string_tag));
  return tag_atom_;
}

}  // namespace sandglass::runtime::inspect
