// Bound classes: their constructors and prototypes, and objects that belong to the host.
#include <array>
#include <boost/core/demangle.hpp>
#include <utility>

#include <fmt/format.h>

#include "runtime/class_functions.h"
#include "runtime/handles.h"
#include "sandglass/class.h"

namespace sandglass {

using engine::Engine;
using engine::JsValue;
using engine::PreludeFunction;
using runtime::BoundClass;
using runtime::closed_handle;
using runtime::HostEntry;
using runtime::Vm;

namespace detail {
namespace {

using Kind = ClassDefinition::Kind;

class NoConstructor final : public HostFunction {
 public:
  explicit NoConstructor(std::string name) : name_(std::move(name)) {}
  Result<Value> call(Arguments&) override {
    return std::unexpected(Error{.code = Errc::threw,
                                 .message = name_ + " cannot be constructed by a script",
                                 .name = "TypeError"});
  }

 private:
  std::string name_;
};

// By which a snapshot file knows it.
std::string binding_name(const ClassDefinition& definition, const ClassDefinition::Member& member) {
  std::string_view kind;
  if (member.kind == Kind::getter) kind = "get ";
  if (member.kind == Kind::setter) kind = "set ";
  if (member.kind == Kind::static_method) kind = "static ";
  return fmt::format("{}{}.{}", kind, definition.name, member.name);
}

std::string constructor_binding_name(const ClassDefinition& definition) {
  return "new " + definition.name;
}

std::shared_ptr<HostFunction> constructor_of(const ClassDefinition& definition) {
  return definition.constructor ? definition.constructor
                                : std::make_shared<NoConstructor>(definition.name);
}

// A new function of this VM, which all VMs share; an exception, if it cannot be made.
JsValue make_function(Vm& vm, std::string_view name, int length,
                      std::shared_ptr<HostFunction> function, std::string_view binding) {
  const std::uint32_t id = vm.host_table().add(std::move(function), binding);
  if (id == 0) return JsValue::exception();
  const JsValue made = vm.engine().make_function(name, length, id, true);
  if (made.is_exception()) vm.host_table().release(id);
  return made;
}

// Defines one member on the prototype, or on the constructor. False: an exception is pending.
bool add_member(Vm& vm, const ClassDefinition& definition, const ClassDefinition::Member& member,
                JsValue prototype, JsValue constructor) {
  Engine& engine = vm.engine();
  const JsValue function = make_function(vm, member.name, member.length, member.function,
                                         binding_name(definition, member));
  if (function.is_exception()) return false;
  if (member.kind == Kind::iterator) {
    const JsValue name = engine.make_string("iterator");
    const JsValue symbol =
        engine.call_function(engine.prelude(PreludeFunction::symbol), {}, {&name, 1});
    engine.free_plain(name);
    const runtime::ScopedAtom key(engine, engine.atom_of(symbol));
    engine.free_plain(symbol);
    return engine.define(prototype, key, function, engine::kPropertyHidden);
  }
  const runtime::ScopedAtom key(engine, engine.atom(member.name));
  switch (member.kind) {
    case Kind::getter:
      return engine.define_accessor(prototype, key, function, JsValue::undefined(),
                                    engine::kPropertyConfigurable | engine::kPropertyHasGetter);
    case Kind::setter:
      return engine.define_accessor(prototype, key, JsValue::undefined(), function,
                                    engine::kPropertyConfigurable | engine::kPropertyHasSetter);
    case Kind::static_method:
      return engine.define(constructor, key, function, engine::kPropertyHidden);
    default:
      return engine.define(prototype, key, function, engine::kPropertyHidden);
  }
}

// The members that objects of `definition` have, inherited ones too.
bool add_members_of(Vm& vm, const ClassDefinition& definition, JsValue prototype) {
  for (const ClassDefinition::Base& base : definition.bases) {
    const BoundClass* bound = vm.find_class(*base.type);
    if (bound != nullptr && !add_members_of(vm, *bound->definition, prototype)) return false;
  }
  for (const ClassDefinition::Member& member : definition.members) {
    const bool is_static = member.kind == Kind::static_value || member.kind == Kind::static_method;
    if (!is_static && !add_member(vm, definition, member, prototype, JsValue::undefined()))
      return false;
  }
  return true;
}

bool add_tag(Engine& engine, JsValue prototype, std::string_view tag) {
  const JsValue name = engine.make_string("toStringTag");
  const JsValue symbol =
      engine.call_function(engine.prelude(PreludeFunction::symbol), {}, {&name, 1});
  engine.free_plain(name);
  const runtime::ScopedAtom key(engine, engine.atom_of(symbol));
  engine.free_plain(symbol);
  return engine.define(prototype, key, engine.make_string(tag), engine::kPropertyConfigurable);
}

// The constructor, with the prototype filled, or an exception.
JsValue make_class(Vm& vm, const ClassDefinition& definition, JsValue& prototype) {
  Engine& engine = vm.engine();
  const std::array arguments = {
      engine.make_string(definition.name), JsValue::integer(definition.constructor_length),
      make_function(vm, definition.name, definition.constructor_length, constructor_of(definition),
                    constructor_binding_name(definition))};
  const JsValue constructor = engine.call_function(engine.prelude(PreludeFunction::make_class),
                                                   JsValue::undefined(), arguments);
  for (const JsValue argument : arguments) engine.free_plain(argument);
  if (constructor.is_exception()) return constructor;
  prototype = engine.get(constructor, vm.static_atom("prototype"));
  bool done = prototype.is_object() && add_tag(engine, prototype, definition.name);
  // A prototype has one prototype: the first base. Members of the others are the class's own.
  for (std::size_t i = 0; i < definition.bases.size(); ++i) {
    const BoundClass* bound = vm.find_class(*definition.bases[i].type);
    if (bound == nullptr) continue;
    if (i > 0) {
      done = done && add_members_of(vm, *bound->definition, prototype);
    } else {
      done = done && engine.set_prototype(prototype, bound->prototype) &&
             engine.set_prototype(constructor, bound->constructor);
    }
  }
  for (const ClassDefinition::Member& member : definition.members) {
    if (member.kind != Kind::static_value) {
      done = done && add_member(vm, definition, member, prototype, constructor);
    }
  }
  if (done) return constructor;
  engine.free_plain(constructor);
  engine.free_plain(prototype);
  return JsValue::exception();
}

}  // namespace

std::map<std::string, std::shared_ptr<HostFunction>> functions_of(
    const ClassDefinition& definition) {
  std::map<std::string, std::shared_ptr<HostFunction>> functions;
  functions[constructor_binding_name(definition)] = constructor_of(definition);
  for (const ClassDefinition::Member& member : definition.members) {
    if (member.function) functions[binding_name(definition, member)] = member.function;
  }
  return functions;
}

Result<Value> HostObjects::define(const Context& context,
                                  const std::shared_ptr<const ClassDefinition>& definition) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  for (const ClassDefinition::Base& base : definition->bases) {
    if (vm->find_class(*base.type) == nullptr) {
      return std::unexpected(Error{
          .code = Errc::invalid_argument,
          .message = fmt::format("class {}: its base {} is not bound in this VM", definition->name,
                                 boost::core::demangle(base.type->name()))});
    }
  }
  JsValue prototype = JsValue::undefined();
  Result<Value> constructor =
      vm->act([&] { return vm->adopt_result(make_class(*vm, *definition, prototype)); });
  if (!constructor) return constructor;
  Context here = context;
  for (const ClassDefinition::Member& member : definition->members) {
    if (member.kind != Kind::static_value) continue;
    Result<Value> value = member.value(here);
    Result<bool> done = false;
    if (value) {
      // Defined, not set: `name` and `length` are there already, and read-only.
      done = vm->act([&]() -> std::optional<bool> {
        Engine& engine = vm->engine();
        const runtime::ScopedAtom key(engine, engine.atom(member.name));
        const bool defined =
            engine.define(Access::js(*constructor), key, Vm::take(*value), engine::kPropertyPlain);
        return defined ? std::optional(true) : std::nullopt;
      });
    }
    if (!value || !done) {
      vm->give_back(prototype);
      if (!done) return std::unexpected(std::move(done.error()));
      return std::unexpected(in_field(std::move(value.error()), member.name));
    }
  }
  vm->bind_class(definition, prototype, Access::js(*constructor));
  return constructor;
}

Result<std::shared_ptr<void>> HostObjects::unwrap(const Value& value, const std::type_info& type,
                                                  Use use, const Vm* known_vm) {
  Vm* vm = Access::vm(value).vm();
  if (value.is_object() && vm == nullptr) return std::unexpected(closed_handle());
  const std::optional<std::uint32_t> id =
      vm != nullptr && vm->usable()
          ? vm->ask([&] { return vm->engine().host_object_id(Access::js(value)); })
          : std::nullopt;
  const HostEntry* entry = id ? vm->host_table().find(*id) : nullptr;
  const bool refused = entry != nullptr && entry->constant && use == Use::change;
  if (entry != nullptr && entry->object != nullptr && !refused) {
    if (void* address = vm->cast(entry->object.get(), *entry->type, type)) {
      return std::shared_ptr<void>(entry->object, address);
    }
  }
  const Vm* of = vm != nullptr ? vm : known_vm;
  const BoundClass* bound = of != nullptr ? of->find_class(type) : nullptr;
  const std::string expected =
      bound != nullptr ? bound->definition->name : boost::core::demangle(type.name());
  if (refused) {
    Error error = mismatch(expected, value);
    error.message = fmt::format("expected a {} to change, got a const object", expected);
    return std::unexpected(std::move(error));
  }
  return std::unexpected(mismatch(expected, value));
}

Result<Value> HostObjects::wrap(const Context& context, std::shared_ptr<void> object,
                                const std::type_info& type, Use use) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (HostEntry* entry = vm->host_table().find_object(object.get(), type)) {
    entry->constant = entry->constant && use == Use::look;
    return vm->share(entry->wrapper);
  }
  const BoundClass* bound = vm->find_class(type);
  const JsValue prototype =
      bound != nullptr ? bound->prototype : vm->engine().prelude(PreludeFunction::opaque_prototype);
  return vm->act([&] {
    return vm->adopt_result(
        vm->make_host_object(prototype, std::move(object), type, use == Use::look));
  });
}

Result<Value> HostObjects::construct(const Context& context, const Value& new_target,
                                     std::shared_ptr<void> object, const std::type_info& type) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<Value> {
    Engine& engine = vm->engine();
    JsValue prototype = engine.get(Access::js(new_target), vm->static_atom("prototype"));
    if (prototype.is_exception()) return std::nullopt;
    if (const BoundClass* bound = vm->find_class(type);
        !prototype.is_object() && bound != nullptr) {
      prototype = engine.duplicate_plain(bound->prototype);
    }
    const JsValue made = vm->make_host_object(prototype, std::move(object), type);
    engine.free_plain(prototype);
    return vm->adopt_result(made);
  });
}

}  // namespace detail

namespace runtime {

const BoundClass* Vm::find_class(const std::type_info& type) const noexcept {
  const auto at = kept_.classes.find(std::type_index(type));
  return at != kept_.classes.end() ? &at->second : nullptr;
}

void Vm::bind_class(std::shared_ptr<const detail::ClassDefinition> definition, JsValue prototype,
                    JsValue constructor) {
  const std::type_index type(*definition->type);
  BoundClass& bound = kept_.classes[type];
  give_back(bound.prototype);
  give_back(bound.constructor);
  bound = {std::move(definition), prototype, engine_->duplicate_plain(constructor)};
}

void* Vm::cast(void* object, const std::type_info& from, const std::type_info& to) const {
  if (from == to) return object;
  const BoundClass* bound = find_class(from);
  if (bound == nullptr) return nullptr;
  for (const detail::ClassDefinition::Base& base : bound->definition->bases) {
    if (void* found = cast(base.cast(object), *base.type, to)) return found;
  }
  return nullptr;
}

Vm::JsValue Vm::make_host_object(JsValue prototype, std::shared_ptr<void> object,
                                 const std::type_info& type, bool constant) {
  const std::uint32_t id = host_table_.add(std::move(object), type);
  if (id == 0) {
    return engine_->throw_error("the VM has too many host objects").value_or(JsValue::exception());
  }
  const JsValue made = engine_->make_host_object(prototype, id);
  if (made.is_exception()) {
    host_table_.release(id);
    return made;
  }
  HostEntry* entry = host_table_.find(id);
  if (entry == nullptr) {  // the guest said that it is gone while it was made
    engine_->machine().poison(machine::Trap::out_of_bounds);
    return JsValue::exception();
  }
  entry->wrapper = made;
  entry->constant = constant;
  return made;
}

}  // namespace runtime
}  // namespace sandglass
