// Objects as they are: looked at without running what a script has put into them.
#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "guest.h"

namespace sandglass::engine {

namespace {

// JSPropertyDescriptor of quickjs.h.
struct RawDescriptor {
  u32 flags;
  u32 padding;
  JsValue value;
  JsValue getter;
  JsValue setter;
};

struct AtomList {
  std::uint32_t context;
  const Atom* atoms;
  std::size_t count;
};

// Runs as guest code and may be abandoned anywhere: it owns nothing.
SANDGLASS_UNINSTRUMENTED void free_atom_list(machine::Instance* instance, const AtomList* list) {
  for (std::size_t i = 0; i < list->count; ++i) {
    Z_guestZ_JS_FreeAtom(instance, list->context, list->atoms[i].number);
  }
}

}  // namespace

int Engine::own_property(JsValue object, Atom key, Property& found) {
  if (!key) return -1;
  const StackBytes descriptor_at(*machine_, sizeof(RawDescriptor));
  const int status = plain_status(call(&Z_guestZ_JS_GetOwnProperty, context_.address,
                                       descriptor_at.address(), object.bits, key.number));
  if (status <= 0) return status;
  const auto raw = machine_->load<RawDescriptor>(descriptor_at.address());
  if (!raw) return -1;
  found = {raw->value, raw->getter, raw->setter, raw->flags};
  return 1;
}

JsValue Engine::proxy_target(JsValue proxy) {
  return plain_value(call(&Z_guestZ_JS_GetProxyTarget, context_.address, proxy.bits));
}

JsValue Engine::proxy_handler(JsValue proxy) {
  return plain_value(call(&Z_guestZ_JS_GetProxyHandler, context_.address, proxy.bits));
}

std::uint32_t Engine::class_of(JsValue object) {
  return object.is_object() ? plain(call(&Z_guestZ_JS_GetClassID, object.bits)) : 0;
}

std::string Engine::class_name(std::uint32_t id) {
  const Atom name = {plain(call(&Z_guestZ_JS_GetClassName, runtime_.address, id))};
  if (!name) return {};
  std::string text = atom_text(name).value_or("");
  free_atom(name);
  return text;
}

void Engine::free_atoms(std::span<const Atom> atoms) {
  const AtomList list = {context_.address, atoms.data(), atoms.size()};
  plain(call(&free_atom_list, &list));
}

}  // namespace sandglass::engine
