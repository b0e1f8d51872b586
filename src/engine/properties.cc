// Properties of objects, and calls of functions.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "engine/transfer.h"
#include "guest.h"

namespace sandglass::engine {

namespace {

constexpr std::uint64_t kMaxIndex = UINT32_MAX - 1;  // the largest array index of JavaScript
// A hostile proxy may claim any number of properties.
constexpr u32 kMaxProperties = 1u << 24;

struct ElementList {
  std::uint32_t context;
  std::uint64_t array;
  std::uint64_t from;
  JsValue* out;
  std::size_t count;
  std::size_t done;
};

// Runs as guest code and may be abandoned anywhere: it owns nothing, and what it wrote is not
// looked at then.
SANDGLASS_UNINSTRUMENTED void read_elements(machine::Instance* instance, ElementList* list) {
  while (list->done < list->count) {
    const JsValue element = {Z_guestZ_JS_GetPropertyInt64(instance, list->context, list->array,
                                                          list->from + list->done)};
    if (element.is_exception()) return;
    list->out[list->done++] = element;
  }
}

}  // namespace

// Names.

Atom Engine::atom(std::string_view name) {
  return {with_text(name, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewAtomLen, context_.address, block, name.size()));
  })};
}

Atom Engine::atom(std::uint32_t index) {
  return {plain(call(&Z_guestZ_JS_NewAtomUInt32, context_.address, index))};
}

Atom Engine::atom_of(JsValue key) {
  return {plain(call(&Z_guestZ_JS_ValueToAtom, context_.address, key.bits))};
}

JsValue Engine::atom_value(Atom atom) {
  return plain_value(call(&Z_guestZ_JS_AtomToValue, context_.address, atom.number));
}

std::optional<std::string> Engine::atom_text(Atom atom) {
  const StackBytes length_at(*machine_, sizeof(u32));
  const u32 text = plain(
      call(&Z_guestZ_JS_AtomToCStringLen, context_.address, length_at.address(), atom.number));
  if (text == 0) return std::nullopt;
  const auto length = machine_->load<u32>(length_at.address());
  const std::byte* bytes = length ? machine_->resolve(text, *length) : nullptr;
  if (bytes == nullptr) {
    note(corrupt());
    return std::nullopt;
  }
  // SAFETY: resolved for at least this size.
  std::string copy(reinterpret_cast<const char*>(bytes), *length);
  plain(call(&Z_guestZ_JS_FreeCString, context_.address, text));
  return copy;
}

void Engine::free_atom(Atom atom) {
  if (atom) plain(call(&Z_guestZ_JS_FreeAtom, context_.address, atom.number));
}

// Properties.

JsValue Engine::get(JsValue object, Atom key) {
  if (!key) return JsValue::exception();
  return plain_value(call(&Z_guestZ_JS_GetProperty, context_.address, object.bits, key.number));
}

JsValue Engine::get(JsValue object, std::int64_t index) {
  return plain_value(
      call(&Z_guestZ_JS_GetPropertyInt64, context_.address, object.bits, static_cast<u64>(index)));
}

bool Engine::set(JsValue object, Atom key, JsValue value) {
  if (!key) {
    free_plain(value);
    return false;
  }
  return plain_status(call(&Z_guestZ_JS_SetProperty, context_.address, object.bits, key.number,
                           value.bits)) >= 0;
}

bool Engine::set(JsValue object, std::int64_t index, JsValue value) {
  return plain_status(call(&Z_guestZ_JS_SetPropertyInt64, context_.address, object.bits,
                           static_cast<u64>(index), value.bits)) >= 0;
}

bool Engine::define(JsValue object, Atom key, JsValue value, std::uint32_t flags) {
  if (!key) {
    free_plain(value);
    return false;
  }
  return plain_status(call(&Z_guestZ_JS_DefinePropertyValue, context_.address, object.bits,
                           key.number, value.bits, flags)) >= 0;
}

bool Engine::define_accessor(JsValue object, Atom key, JsValue getter, JsValue setter,
                             std::uint32_t flags) {
  if (!key) {
    free_plain(getter);
    free_plain(setter);
    return false;
  }
  const int done =
      plain_status(call(&Z_guestZ_JS_DefineProperty, context_.address, object.bits, key.number,
                        JsValue::undefined().bits, getter.bits, setter.bits, flags));
  free_plain(getter);
  free_plain(setter);
  return done >= 0;
}

int Engine::has(JsValue object, Atom key) {
  if (!key) return -1;
  return plain_status(call(&Z_guestZ_JS_HasProperty, context_.address, object.bits, key.number));
}

int Engine::remove(JsValue object, Atom key) {
  if (!key) return -1;
  return plain_status(
      call(&Z_guestZ_JS_DeleteProperty, context_.address, object.bits, key.number, 0u));
}

std::optional<std::vector<Atom>> Engine::own_properties(JsValue object, std::uint32_t flags) {
  // struct JSPropertyEnum { bool is_enumerable; JSAtom atom; }
  struct Entry {
    u32 is_enumerable;
    u32 atom;
  };
  const StackBytes result_at(*machine_, 2 * sizeof(u32));
  const u32 table_at = result_at.address();
  const u32 count_at = table_at + u32{sizeof(u32)};
  if (plain_status(call(&Z_guestZ_JS_GetOwnPropertyNames, context_.address, table_at, count_at,
                        object.bits, flags)) < 0) {
    return std::nullopt;
  }
  const auto table = machine_->load<u32>(table_at);
  const auto count = machine_->load<u32>(count_at);
  std::vector<Atom> atoms;
  if (table && count && *count > kMaxProperties) {
    plain(call(&Z_guestZ_JS_FreePropertyEnum, context_.address, *table, *count));
    static_cast<void>(plain_value(throw_error("an object has too many properties to list")));
    return std::nullopt;
  }
  if (table && count && *count <= kMaxProperties &&
      machine_->resolve(*table, std::uint64_t{*count} * sizeof(Entry)) != nullptr) {
    std::vector<Entry> properties(*count);
    if (machine_->read(*table, std::as_writable_bytes(std::span(properties)))) {
      atoms.reserve(*count);
      for (const Entry& property : properties) atoms.push_back({property.atom});
      // Their references are ours now; only the table goes.
      plain(call(&Z_guestZ_js_free, context_.address, *table));
      return atoms;
    }
  }
  note(corrupt());
  return std::nullopt;
}

std::optional<std::uint64_t> Engine::length(JsValue object) {
  const StackBytes result_at(*machine_, sizeof(std::int64_t));
  if (plain_status(
          call(&Z_guestZ_JS_GetLength, context_.address, object.bits, result_at.address())) < 0) {
    return std::nullopt;
  }
  const auto length = machine_->load<std::int64_t>(result_at.address());
  if (!length || *length < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*length);
}

std::size_t Engine::get_elements(JsValue array, std::uint64_t from, std::span<JsValue> out) {
  if (from > kMaxIndex || out.size() > kMaxIndex - from) return 0;
  ElementList list = {context_.address, array.bits, from, out.data(), out.size(), 0};
  const auto done = call(&read_elements, &list);
  note(done);
  return done ? list.done : 0;
}

JsValue Engine::prototype(JsValue object) {
  return plain_value(call(&Z_guestZ_JS_GetPrototype, context_.address, object.bits));
}

bool Engine::set_prototype(JsValue object, JsValue prototype) {
  return plain_status(
             call(&Z_guestZ_JS_SetPrototype, context_.address, object.bits, prototype.bits)) > 0;
}

// Calls.

template <class Use>
JsValue Engine::with_arguments(std::span<const JsValue> arguments, Use use) {
  constexpr std::size_t kOnStack = 256;
  constexpr std::size_t kMost = 65535;  // JS_MAX_LOCAL_VARS of quickjs.c
  if (arguments.size() > kMost) {
    return plain_value(throw_error("too many arguments"));
  }
  if (arguments.size() <= kOnStack) {
    const StackBytes block(*machine_, static_cast<u32>(arguments.size_bytes()));
    if (!machine_->write(block.address(), std::as_bytes(arguments))) {
      note(corrupt());
      return JsValue::exception();
    }
    return use(block.address());
  }
  const auto block = allocate(arguments.size_bytes());
  note(block);
  if (!block) return JsValue::exception();
  if (*block == 0) return plain_value(throw_out_of_memory());
  JsValue result = JsValue::exception();
  if (machine_->write(*block, std::as_bytes(arguments))) result = use(*block);
  plain(call(&Z_guestZ_free, *block));
  return result;
}

JsValue Engine::call_function(JsValue function, JsValue self, std::span<const JsValue> arguments) {
  return with_arguments(arguments, [&](u32 block) {
    return plain_value(call(&Z_guestZ_JS_Call, context_.address, function.bits, self.bits,
                            static_cast<u32>(arguments.size()), block));
  });
}

JsValue Engine::construct(JsValue function, std::span<const JsValue> arguments) {
  return with_arguments(arguments, [&](u32 block) {
    return plain_value(call(&Z_guestZ_JS_CallConstructor, context_.address, function.bits,
                            static_cast<u32>(arguments.size()), block));
  });
}

int Engine::is_instance_of(JsValue value, JsValue constructor) {
  return plain_status(
      call(&Z_guestZ_JS_IsInstanceOf, context_.address, value.bits, constructor.bits));
}

}  // namespace sandglass::engine
