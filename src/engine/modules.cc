// Modules and bytecode, as the engine has them.
#include <cstring>

#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "engine/host_functions.h"
#include "engine/transfer.h"
#include "guest.h"

namespace sandglass::engine {

namespace {

constexpr u32 kBytecode = 1u << 0;     // JS_WRITE_OBJ_BYTECODE, JS_READ_OBJ_BYTECODE
constexpr u32 kStripSource = 1u << 4;  // JS_WRITE_OBJ_STRIP_SOURCE

u32 address_of(JsValue module) {
  return static_cast<u32>(module.bits);  // the low word of a module value
}

}  // namespace

JsValue Engine::read_bytecode(std::span<const std::byte> code) {
  const auto block = allocate(std::max<std::size_t>(code.size(), 1));
  note(block);
  if (!block) return JsValue::exception();
  if (*block == 0) return plain_value(throw_out_of_memory());
  JsValue value = JsValue::exception();
  if (machine_->write(*block, code)) {
    value = plain_value(call(&Z_guestZ_JS_ReadObject, context_.address, *block,
                             static_cast<u32>(code.size()), kBytecode));
  }
  plain(call(&Z_guestZ_free, *block));
  return value;
}

std::optional<std::vector<std::byte>> Engine::write_bytecode(JsValue compiled, bool with_source) {
  const StackBytes size_at(*machine_, sizeof(u32));
  const u32 block = plain(call(&Z_guestZ_JS_WriteObject, context_.address, size_at.address(),
                               compiled.bits, with_source ? kBytecode : kBytecode | kStripSource));
  if (block == 0) return std::nullopt;
  const auto size = machine_->load<u32>(size_at.address());
  const std::byte* from = size ? machine_->resolve(block, *size) : nullptr;
  if (from == nullptr) {
    note(corrupt());
    return std::nullopt;
  }
  std::vector<std::byte> code(from, from + *size);
  plain(call(&Z_guestZ_js_free, context_.address, block));
  return code;
}

bool Engine::resolve_module(JsValue module) {
  return plain_status(call(&Z_guestZ_JS_ResolveModule, context_.address, module.bits)) >= 0;
}

std::optional<std::string> Engine::attribute_type(JsValue attributes) {
  if (!attributes.is_object()) return "";
  const Atom key = atom("type");
  const JsValue type = get(attributes, key);
  free_atom(key);
  if (type.is_exception()) return std::nullopt;
  if (!type.is_string()) return "";
  auto text = to_string(type);
  note(text);
  free_plain(type);
  return text ? std::move(*text) : std::nullopt;
}

std::uint32_t Engine::make_c_string(std::string_view text) {
  const auto size = static_cast<u32>(text.size());
  const u32 block = plain(call(&Z_guestZ_js_malloc, context_.address, size + 1));
  std::byte* into = block != 0 ? machine_->resolve(block, size + 1) : nullptr;
  if (into == nullptr) return 0;
  text.copy(reinterpret_cast<char*>(into), size);  // SAFETY: resolved for this size just now
  into[size] = std::byte{0};
  return block;
}

std::string Engine::module_name(std::uint32_t module) {
  const Atom name = {plain(call(&Z_guestZ_JS_GetModuleName, context_.address, module))};
  auto text = atom_text(name);
  free_atom(name);
  return text.value_or("");
}

JsValue Engine::import_meta(JsValue module) {
  return plain_value(call(&Z_guestZ_JS_GetImportMeta, context_.address, address_of(module)));
}

JsValue Engine::load_module(std::string_view name, std::string_view importer) {
  const auto base = copy_in(importer);
  note(base);
  if (!base || *base == 0) return base ? plain_value(throw_out_of_memory()) : JsValue::exception();
  const u64 promise = with_text(name, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_LoadModule, context_.address, *base, block),
                 JsValue::exception().bits);
  });
  plain(call(&Z_guestZ_free, *base));
  return promise != 0 ? JsValue{promise} : JsValue::exception();
}

std::uint32_t Engine::make_module(std::string_view name, std::span<const std::string> exports) {
  const u32 ready = machine_->module().host_function_index(
      static_cast<std::size_t>(HostFunctionId::module_ready));
  const u32 module = with_text(name, [&](u32 block) {
    return plain(call(&Z_guestZ_JS_NewCModule, context_.address, block, ready));
  });
  if (module == 0) return 0;
  for (const std::string& name_of_export : exports) {
    const int added = with_text(name_of_export, [&](u32 block) {
      return plain_status(call(&Z_guestZ_JS_AddModuleExport, context_.address, module, block)) + 1;
    });
    if (added <= 0) return 0;
  }
  return module;
}

bool Engine::set_module_export(std::uint32_t module, std::string_view name, JsValue value) {
  const int done = with_text(name, [&](u32 block) {
    return plain_status(
               call(&Z_guestZ_JS_SetModuleExport, context_.address, module, block, value.bits)) +
           1;
  });
  return done > 0;
}

}  // namespace sandglass::engine
