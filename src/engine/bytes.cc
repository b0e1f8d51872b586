// Bytes of array buffers, typed arrays and data views.
#include <algorithm>
#include <array>

#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "engine/host_functions.h"
#include "guest.h"

namespace sandglass::engine {

JsValue Engine::make_array_buffer(std::span<const std::byte> bytes) {
  return make_array_buffer(bytes.size(), [&](std::span<std::byte> into) {
    std::ranges::copy(bytes, into.begin());
    return bytes.size();
  });
}

JsValue Engine::make_array_buffer(std::uint64_t size, const Fill& fill) {
  // The block becomes the buffer's own, so the bytes are copied once, or not at all.
  const std::uint64_t block_bytes = std::max<std::uint64_t>(size, 1);
  if (block_bytes > UINT32_MAX) return plain_value(throw_out_of_memory());
  const u32 block =
      plain(call(&Z_guestZ_js_malloc, context_.address, static_cast<u32>(block_bytes)));
  if (block == 0) return JsValue::exception();  // js_malloc throws
  std::byte* into = machine_->resolve(block, size);
  if (into == nullptr) {
    note(corrupt());
    return JsValue::exception();
  }
  machine_->forget_own_pages();
  const std::optional<std::size_t> length = fill({into, static_cast<std::size_t>(size)});
  if (!length || *length > size) {
    plain(call(&Z_guestZ_js_free, context_.address, block));
    return JsValue::undefined();
  }
  const u32 reallocate = machine_->module().host_function_index(
      static_cast<std::size_t>(HostFunctionId::reallocate_buffer));
  return plain_value(call(&Z_guestZ_JS_NewArrayBuffer, context_.address, block,
                          static_cast<u32>(*length), 0u, reallocate, 0u, 0u));
}

JsValue Engine::make_typed_array(JsValue buffer, int type) {
  const std::array arguments = {buffer, JsValue::undefined(), JsValue::undefined()};
  const StackBytes block(*machine_, sizeof arguments);
  if (!machine_->write(block.address(), std::as_bytes(std::span(arguments)))) {
    note(corrupt());
    return JsValue::exception();
  }
  const JsValue array =
      plain_value(call(&Z_guestZ_JS_NewTypedArray, context_.address, u32{arguments.size()},
                       block.address(), static_cast<u32>(type)));
  free_plain(buffer);
  return array;
}

std::optional<Engine::Bytes> Engine::bytes_of(JsValue value) {
  const StackBytes results_at(*machine_, 4 * sizeof(u32));
  const u32 size_at = results_at.address();
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
  JsValue buffer = value;
  const bool is_array = typed_array_type(value) >= 0;
  if (is_array || is(value, Test::data_view)) {
    // As they are now: the buffer may have been resized. An exception if it is detached.
    const std::array arguments = {value, JsValue::boolean(is_array)};
    const JsValue parts =
        call_function(prelude(PreludeFunction::view_parts), JsValue::undefined(), arguments);
    std::array<JsValue, 3> elements;
    const bool whole = !parts.is_exception() && get_elements(parts, 0, elements) == 3;
    free_plain(parts);
    if (!whole) return std::nullopt;
    buffer = elements[0];
    offset = static_cast<std::uint64_t>(elements[1].as_number());
    length = static_cast<std::uint64_t>(elements[2].as_number());
  } else if (is(value, Test::array_buffer)) {
    buffer = duplicate_plain(value);
  } else {
    return std::nullopt;
  }
  const u32 data = plain(call(&Z_guestZ_JS_GetArrayBuffer, context_.address, size_at, buffer.bits));
  const u32 size = machine_->load<u32>(size_at).value_or(0);
  const bool immutable = plain(call(&Z_guestZ_JS_IsImmutableArrayBuffer, buffer.bits)) != 0;
  free_plain(buffer);  // the view keeps it
  if (data == 0 && size != 0) return std::nullopt;
  if (data == 0 && has_exception()) return std::nullopt;
  if (!length) length = size;
  // What the guest says is checked against itself, and then against what is mapped.
  if (offset > size || *length > size - offset) {
    note(corrupt());
    return std::nullopt;
  }
  if (*length == 0) return Bytes();
  std::byte* begin = machine_->resolve(static_cast<u32>(data + offset), *length);
  if (begin == nullptr || data + offset > UINT32_MAX) {
    note(corrupt());
    return std::nullopt;
  }
  machine_->forget_own_pages();
  return Bytes{.bytes = {begin, *length}, .immutable = immutable};
}

}  // namespace sandglass::engine
