// Making values, telling them apart, and their references.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "engine/host_functions.h"
#include "engine/transfer.h"
#include "guest.h"

namespace sandglass::engine {

using machine::Trap;

namespace {

// Values whose references are given back in one activation.
struct FreeList {
  std::uint32_t context;
  const JsValue* values;
  std::size_t count;
};

// Runs as guest code and may be abandoned anywhere: it owns nothing.
SANDGLASS_UNINSTRUMENTED void free_list(machine::Instance* instance, const FreeList* list) {
  for (std::size_t i = 0; i < list->count; ++i) {
    Z_guestZ_JS_FreeValue(instance, list->context, list->values[i].bits);
  }
}

}  // namespace

// References. A count above one can be changed in place; what happens at zero is the engine's.
//
// SAFETY: the address comes from the guest: resolve() checks that it is mapped. A guest that has
// corrupted its counts harms itself only.

JsValue Engine::duplicate_plain(JsValue value) {
  if (!value.is_counted()) return value;
  const auto count_at = static_cast<std::uint32_t>(value.bits) - std::uint32_t{sizeof(u32)};
  std::byte* count = machine_->resolve(count_at, sizeof(u32));
  if (count == nullptr) {
    machine_->poison(Trap::out_of_bounds);
    return JsValue::exception();
  }
  u32 references = 0;
  std::memcpy(&references, count, sizeof references);
  ++references;
  std::memcpy(count, &references, sizeof references);
  return value;
}

void Engine::free_plain(JsValue value) {
  if (!value.is_counted()) return;
  const auto count_at = static_cast<std::uint32_t>(value.bits) - std::uint32_t{sizeof(u32)};
  std::byte* count = machine_->resolve(count_at, sizeof(u32));
  if (count == nullptr) {
    machine_->poison(Trap::out_of_bounds);
    return;
  }
  s32 references = 0;
  std::memcpy(&references, count, sizeof references);
  if (references > 1) {
    --references;
    std::memcpy(count, &references, sizeof references);
    return;
  }
  plain(call(&Z_guestZ_JS_FreeValue, context_.address, value.bits));
}

void Engine::free_all(std::span<const JsValue> values) {
  const FreeList list = {context_.address, values.data(), values.size()};
  plain(call(&free_list, &list));
}

// Telling apart.

bool Engine::is(JsValue value, Test test) {
  if (!value.is_object()) return false;
  const u64 bits = value.bits;
  const u32 context = context_.address;
  switch (test) {
    case Test::function:
      return plain(call(&Z_guestZ_JS_IsFunction, context, bits)) != 0;
    case Test::constructor:
      return plain(call(&Z_guestZ_JS_IsConstructor, context, bits)) != 0;
    case Test::array:
      return plain(call(&Z_guestZ_JS_IsArray, bits)) != 0;
    case Test::error:
      return plain(call(&Z_guestZ_JS_IsError, bits)) != 0;
    case Test::date:
      return plain(call(&Z_guestZ_JS_IsDate, bits)) != 0;
    case Test::regexp:
      return plain(call(&Z_guestZ_JS_IsRegExp, bits)) != 0;
    case Test::promise:
      return plain(call(&Z_guestZ_JS_IsPromise, bits)) != 0;
    case Test::proxy:
      return plain(call(&Z_guestZ_JS_IsProxy, bits)) != 0;
    case Test::map:
      return plain(call(&Z_guestZ_JS_IsMap, bits)) != 0;
    case Test::set:
      return plain(call(&Z_guestZ_JS_IsSet, bits)) != 0;
    case Test::weak_map:
      return plain(call(&Z_guestZ_JS_IsWeakMap, bits)) != 0;
    case Test::weak_set:
      return plain(call(&Z_guestZ_JS_IsWeakSet, bits)) != 0;
    case Test::weak_ref:
      return plain(call(&Z_guestZ_JS_IsWeakRef, bits)) != 0;
    case Test::array_buffer:
      return plain(call(&Z_guestZ_JS_IsArrayBuffer, bits)) != 0;
    case Test::data_view:
      return plain(call(&Z_guestZ_JS_IsDataView, bits)) != 0;
  }
  return false;
}

bool Engine::is_plain_object(JsValue value) {
  constexpr u32 kObjectClass = 1;  // JS_CLASS_OBJECT of quickjs.c
  return class_id(value) == kObjectClass;
}

std::uint32_t Engine::class_id(JsValue value) {
  return value.is_object() ? plain(call(&Z_guestZ_JS_GetClassID, value.bits)) : 0;
}

int Engine::typed_array_type(JsValue value) {
  if (!value.is_object()) return -1;
  constexpr int kLastType = 11;  // JS_TYPED_ARRAY_FLOAT64
  const auto type = static_cast<std::int32_t>(
      plain(call(&Z_guestZ_JS_GetTypedArrayType, value.bits), u32{0} - 1));
  return type < 0 || type > kLastType ? -1 : type;
}

bool Engine::strict_equal(JsValue a, JsValue b) {
  return plain(call(&Z_guestZ_JS_IsStrictEqual, context_.address, a.bits, b.bits)) != 0;
}

// Making.

JsValue Engine::make_string(std::string_view utf8) {
  const u64 made = with_text(utf8, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewStringLen, context_.address, block, utf8.size()),
                 JsValue::exception().bits);
  });
  return made != 0 ? JsValue{made} : JsValue::exception();
}

JsValue Engine::make_string(std::u16string_view utf16) {
  const std::string_view bytes(reinterpret_cast<const char*>(utf16.data()),
                               utf16.size() * sizeof(char16_t));  // SAFETY: as bytes
  const u64 made = with_text(bytes, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewStringUTF16, context_.address, block, utf16.size()),
                 JsValue::exception().bits);
  });
  return made != 0 ? JsValue{made} : JsValue::exception();
}

JsValue Engine::make_object() {
  return plain_value(call(&Z_guestZ_JS_NewObject, context_.address));
}

JsValue Engine::make_array(std::span<const JsValue> elements) {
  if (elements.empty()) return plain_value(call(&Z_guestZ_JS_NewArray, context_.address));
  const auto block = allocate(elements.size_bytes());
  note(block);
  if (!block || *block == 0 || !machine_->write(*block, std::as_bytes(elements))) {
    free_all(elements);
    return block && *block == 0 ? plain_value(throw_out_of_memory()) : JsValue::exception();
  }
  const JsValue array = plain_value(
      call(&Z_guestZ_JS_NewArrayFrom, context_.address, static_cast<u32>(elements.size()), *block));
  plain(call(&Z_guestZ_free, *block));
  return array;
}

JsValue Engine::make_symbol(std::string_view description, bool registered) {
  const u64 made = with_text(description, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewSymbol, context_.address, block, registered ? 1u : 0u),
                 JsValue::exception().bits);
  });
  return made != 0 ? JsValue{made} : JsValue::exception();
}

JsValue Engine::make_bigint(std::int64_t value) {
  return plain_value(call(&Z_guestZ_JS_NewBigInt64, context_.address, static_cast<u64>(value)));
}

JsValue Engine::make_bigint(std::uint64_t value) {
  return plain_value(call(&Z_guestZ_JS_NewBigUint64, context_.address, value));
}

JsValue Engine::make_date(double milliseconds) {
  return plain_value(call(&Z_guestZ_JS_NewDate, context_.address, milliseconds));
}

JsValue Engine::parse_json(std::string_view text, std::string_view file_name) {
  const auto name = copy_in(file_name);
  note(name);
  if (!name || *name == 0) return name ? plain_value(throw_out_of_memory()) : JsValue::exception();
  const u64 made = with_text(text, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_ParseJSON, context_.address, block, text.size(), *name),
                 JsValue::exception().bits);
  });
  plain(call(&Z_guestZ_free, *name));
  return made != 0 ? JsValue{made} : JsValue::exception();
}

JsValue Engine::make_function(std::string_view name, int length, std::uint32_t id, bool owned) {
  const auto& module = machine_->module();
  const u32 function = module.host_function_index(static_cast<std::size_t>(HostFunctionId::call));
  const u32 finalizer =
      owned ? module.host_function_index(static_cast<std::size_t>(HostFunctionId::function_gone))
            : 0;
  const u64 made = with_text(name, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewCClosure, context_.address, function, block, finalizer,
                      static_cast<u32>(length), 0u, id),
                 JsValue::exception().bits);
  });
  return made != 0 ? JsValue{made} : JsValue::exception();
}

std::optional<std::u16string> Engine::utf16_of(JsValue string) {
  const StackBytes length_at(*machine_, sizeof(u32));
  const u32 text = plain(
      call(&Z_guestZ_JS_ToCStringLenUTF16, context_.address, length_at.address(), string.bits));
  if (text == 0) return std::nullopt;
  const auto length = machine_->load<u32>(length_at.address());
  const std::uint64_t bytes = std::uint64_t{length.value_or(0)} * sizeof(char16_t);
  const std::byte* from = length ? machine_->resolve(text, bytes) : nullptr;
  if (from == nullptr) {
    note(corrupt());
    return std::nullopt;
  }
  std::u16string copy(*length, u'\0');
  if (bytes != 0) std::memcpy(copy.data(), from, bytes);
  plain(call(&Z_guestZ_JS_FreeCStringUTF16, context_.address, text));
  return copy;
}

std::optional<std::int64_t> Engine::bigint_int64(JsValue bigint) {
  const StackBytes result_at(*machine_, sizeof(std::int64_t));
  const u32 failed = plain(
      call(&Z_guestZ_JS_ToBigInt64, context_.address, result_at.address(), bigint.bits), u32{1});
  if (failed != 0) return std::nullopt;
  return machine_->load<std::int64_t>(result_at.address());
}

JsValue Engine::throw_value(JsValue error) {
  return plain_value(call(&Z_guestZ_JS_Throw, context_.address, error.bits));
}

JsValue Engine::throw_bare(PreludeFunction constructor, std::string_view message) {
  const JsValue error = plain_value(call(&Z_guestZ_JS_NewError, context_.address));
  if (error.is_exception()) return error;
  const Atom prototype_key = atom("prototype");
  const JsValue prototype = get(prelude(constructor), prototype_key);
  free_atom(prototype_key);
  static_cast<void>(set_prototype(error, prototype));
  free_plain(prototype);
  const Atom message_key = atom("message");
  static_cast<void>(define(error, message_key, make_string(message), kPropertyHidden));
  free_atom(message_key);
  return throw_value(error);
}

bool Engine::has_exception() {
  return plain(call(&Z_guestZ_JS_HasException, context_.address)) != 0;
}

std::optional<Engine::Capability> Engine::make_promise() {
  const StackBytes functions_at(*machine_, 2 * sizeof(u64));
  const JsValue promise = plain_value(
      call(&Z_guestZ_JS_NewPromiseCapability, context_.address, functions_at.address()));
  if (promise.is_exception()) return std::nullopt;
  const auto functions = machine_->load<std::array<JsValue, 2>>(functions_at.address());
  if (!functions) return std::nullopt;
  return Capability{promise, (*functions)[0], (*functions)[1]};
}

JsValue Engine::then(JsValue promise, JsValue fulfilled, JsValue rejected) {
  return plain_value(call(&Z_guestZ_JS_PromiseThen, context_.address, promise.bits, fulfilled.bits,
                          rejected.bits));
}

// Objects of the host.

JsValue Engine::make_host_object(JsValue prototype, std::uint32_t id) {
  const JsValue object = plain_value(
      call(&Z_guestZ_JS_NewObjectProtoClass, context_.address, prototype.bits, host_class()));
  if (!object.is_exception()) plain(call(&Z_guestZ_JS_SetOpaque, object.bits, id));
  return object;
}

std::optional<std::uint32_t> Engine::host_object_id(JsValue value) {
  if (!value.is_object()) return std::nullopt;
  const u32 id = plain(call(&Z_guestZ_JS_GetOpaque, value.bits, host_class()));
  return id != 0 ? std::optional(id) : std::nullopt;
}

JsValue Engine::prelude(PreludeFunction which) const {
  return prepared_->prelude[static_cast<std::size_t>(which)];
}

JsValue Engine::global() const {
  return prepared_->global;
}

}  // namespace sandglass::engine
