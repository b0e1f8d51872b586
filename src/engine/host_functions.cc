#include "engine/host_functions.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "machine/machine.h"

namespace sandglass::engine {
namespace {

using machine::Machine;

// More than the engine itself lets a call have (65,535 arguments).
constexpr std::uint32_t kMaxArguments = 65536;

// SAFETY: Engine's constructor put its address there.
SANDGLASS_UNINSTRUMENTED Engine& engine_of(Machine& machine) {
  return *static_cast<Engine*>(machine.owner());
}

// JSInterruptHandler(JSRuntime*, void*): asked every 10,000 polls.
SANDGLASS_UNINSTRUMENTED u32 poll(void* instance, u32, u32) {
  return Machine::of(instance).interrupts().poll() ? 1 : 0;
}

struct Call {
  Machine* machine;
  std::uint32_t id;
  JsValue self;
  std::uint32_t argument_count;
  std::uint32_t arguments;
  JsValue result;
};

void call_on_host(void* argument) {
  auto& call = *static_cast<Call*>(argument);
  Machine& machine = *call.machine;
  constexpr std::uint32_t kFew = 8;
  std::array<JsValue, kFew> few;
  std::vector<JsValue> many;
  if (call.argument_count > kMaxArguments) {
    machine.poison(machine::Trap::out_of_bounds);
    return;
  }
  std::span<JsValue> arguments(few.data(), std::min(call.argument_count, kFew));
  if (call.argument_count > kFew) {
    many.resize(call.argument_count);
    arguments = many;
  }
  if (!machine.read(call.arguments, std::as_writable_bytes(arguments))) {
    machine.poison(machine::Trap::out_of_bounds);
    return;
  }
  call.result = engine_of(machine).host().call(call.id, call.self, arguments);
}

// JSCClosure(JSContext*, JSValueConst this, int argc, JSValueConst* argv, int magic, void* opaque).
// The opaque pointer is the id; it is an index that the host checks, never an address of ours.
SANDGLASS_UNINSTRUMENTED u64 call(void* instance, u32, u64 self, u32 argc, u32 argv, u32,
                                  u32 opaque) {
  Call call = {&Machine::of(instance), opaque, {self}, argc, argv, JsValue::undefined()};
  call.machine->call_on_host(&call_on_host, &call);
  return call.result.bits;
}

struct Rejection {
  Machine* machine;
  JsValue promise;
  JsValue reason;
  bool handled;
};

void promise_rejected_on_host(void* argument) {
  auto& rejection = *static_cast<Rejection*>(argument);
  engine_of(*rejection.machine)
      .host()
      .promise_rejected(rejection.promise, rejection.reason, rejection.handled);
}

// JSHostPromiseRejectionTracker(JSContext*, JSValueConst, JSValueConst, bool, void*)
SANDGLASS_UNINSTRUMENTED void promise_rejected(void* instance, u32, u64 promise, u64 reason,
                                               u32 handled, u32) {
  Rejection rejection = {&Machine::of(instance), {promise}, {reason}, handled != 0};
  rejection.machine->call_on_host(&promise_rejected_on_host, &rejection);
}

struct Gone {
  Machine* machine;
  std::uint32_t id;
};

void gone_on_host(void* argument) {
  const auto& gone = *static_cast<Gone*>(argument);
  engine_of(*gone.machine).host().released(gone.id);
}

// JSCClosureFinalizerFunc(void* opaque)
SANDGLASS_UNINSTRUMENTED void function_gone(void* instance, u32 opaque) {
  Gone gone = {&Machine::of(instance), opaque};
  gone.machine->call_on_host(&gone_on_host, &gone);
}

// JSClassFinalizer(JSRuntime*, JSValueConst). JS_GetOpaque only reads.
SANDGLASS_UNINSTRUMENTED void object_gone(void* instance, u32, u64 object) {
  auto* guest = static_cast<machine::Instance*>(instance);
  Machine& machine = Machine::of(instance);
  Gone gone = {&machine, Z_guestZ_JS_GetOpaque(guest, object, engine_of(machine).host_class())};
  gone.machine->call_on_host(&gone_on_host, &gone);
}

// JSReallocArrayBufferDataFunc(JSRuntime*, void* opaque, void* ptr, size_t size): of buffers whose
// bytes came from the host. It runs as guest code and uses the guest's own allocator.
SANDGLASS_UNINSTRUMENTED u32 reallocate_buffer(void* instance, u32 runtime, u32, u32 block,
                                               u32 size) {
  auto* guest = static_cast<machine::Instance*>(instance);
  if (size != 0) return Z_guestZ_js_realloc_rt(guest, runtime, block, size);
  Z_guestZ_js_free_rt(guest, runtime, block);
  return 0;
}

// Modules. Their names are C strings of the guest's, without an end that can be trusted.

constexpr std::uint32_t kMaxNameBytes = 4096;
constexpr std::uint32_t kMaxSpecifierBytes = 2048;

std::optional<std::string> name_at(const Machine& machine, std::uint32_t address,
                                   std::uint32_t max_bytes) {
  std::string name;
  for (std::uint32_t i = 0; i <= max_bytes; ++i) {
    const auto byte = machine.load<char>(address + i);
    if (!byte) return std::nullopt;
    if (*byte == '\0') return name;
    name.push_back(*byte);
  }
  return std::nullopt;
}

struct ModuleCall {
  Machine* machine;
  std::uint32_t importer;
  std::uint32_t name;
  JsValue attributes;
  std::uint32_t result;
};

void resolve_on_host(void* argument) {
  auto& call = *static_cast<ModuleCall*>(argument);
  Engine& engine = engine_of(*call.machine);
  const auto importer = name_at(*call.machine, call.importer, kMaxNameBytes);
  const auto name = name_at(*call.machine, call.name, kMaxSpecifierBytes);
  if (!importer || !name) {
    engine.throw_bare(PreludeFunction::type_error,
                      name ? "the name of the importing module has over 4096 bytes"
                           : "a module specifier has over 2048 bytes");
    return;
  }
  const auto type = engine.attribute_type(call.attributes);
  if (!type) return;
  const auto canonical = engine.host().resolve_module(*importer, *name, *type);
  if (canonical) call.result = engine.make_c_string(*canonical);
}

void load_on_host(void* argument) {
  auto& call = *static_cast<ModuleCall*>(argument);
  Engine& engine = engine_of(*call.machine);
  const auto name = name_at(*call.machine, call.name, kMaxNameBytes);
  const auto type = engine.attribute_type(call.attributes);
  if (name && type) call.result = engine.host().load_module(*name, *type);
}

void ready_on_host(void* argument) {
  auto& call = *static_cast<ModuleCall*>(argument);
  call.result = engine_of(*call.machine).host().module_ready(call.name) ? 0 : UINT32_MAX;
}

// JSModuleNormalizeFunc2(JSContext*, const char* base, const char* name, JSValueConst, void*)
SANDGLASS_UNINSTRUMENTED u32 resolve_module(void* instance, u32, u32 base, u32 name, u64 attributes,
                                            u32) {
  ModuleCall call = {&Machine::of(instance), base, name, {attributes}, 0};
  call.machine->call_on_host(&resolve_on_host, &call);
  return call.result;
}

// JSModuleLoaderFunc2(JSContext*, const char* name, void*, JSValueConst)
SANDGLASS_UNINSTRUMENTED u32 load_module(void* instance, u32, u32 name, u32, u64 attributes) {
  ModuleCall call = {&Machine::of(instance), 0, name, {attributes}, 0};
  call.machine->call_on_host(&load_on_host, &call);
  return call.result;
}

// JSModuleInitFunc(JSContext*, JSModuleDef*)
SANDGLASS_UNINSTRUMENTED u32 module_ready(void* instance, u32, u32 module) {
  ModuleCall call = {&Machine::of(instance), 0, module, {}, UINT32_MAX};
  call.machine->call_on_host(&ready_on_host, &call);
  return call.result;
}

struct UtcOffset {
  Machine* machine;
  std::int64_t time;
  std::int32_t result;
};

void utc_offset_on_host(void* argument) {
  auto& call = *static_cast<UtcOffset*>(argument);
  call.result = engine_of(*call.machine).host().utc_offset_seconds(call.time);
}

// SAFETY: Machine puts its own address there, see attach().
SANDGLASS_UNINSTRUMENTED u32 utc_offset(void* machine, u32 high, u32 low) {
  const std::uint64_t time = std::uint64_t{high} << 32 | low;
  UtcOffset call = {static_cast<Machine*>(machine), static_cast<std::int64_t>(time), 0};
  call.machine->call_on_host(&utc_offset_on_host, &call);
  return static_cast<u32>(call.result);
}

// wasm-rt's number for the C type, by which the generated code checks an indirect call.
template <class T>
constexpr wasm_rt_type_t kWasmType = sizeof(T) == 8 ? WASM_RT_I64 : WASM_RT_I32;

template <class R, class... P>
machine::HostFunction host_function(R (*function)(void*, P...)) {
  std::uint32_t type = 0;
  if constexpr (std::is_void_v<R>) {
    type = wasm_rt_register_func_type(sizeof...(P), 0, kWasmType<P>...);
  } else {
    type = wasm_rt_register_func_type(sizeof...(P), 1, kWasmType<P>..., kWasmType<R>);
  }
  // SAFETY: the generated code casts it back to the type that the number stands for.
  return {reinterpret_cast<wasm_rt_function_ptr_t>(function), type};
}

}  // namespace

std::array<machine::HostFunction, static_cast<std::size_t>(HostFunctionId::count)>
host_functions() {
  return {host_function(&poll),
          host_function(&call),
          host_function(&promise_rejected),
          host_function(&function_gone),
          host_function(&object_gone),
          host_function(&reallocate_buffer),
          host_function(&resolve_module),
          host_function(&load_module),
          host_function(&module_ready)};
}

}  // namespace sandglass::engine

// Functions that quickjs-wasi's own host layer (qjs_*) imports. We use the engine's C API instead
// and never call that layer, but a script in control of guest memory may. The time zone alone is
// asked for by the engine itself.
extern "C" {

u32 Z_envZ_host_call(Z_env_instance_t*, u32, u32, u32, u32, u32) {
  return 0;
}
SANDGLASS_UNINSTRUMENTED u32 Z_envZ_host_get_timezone_offset(Z_env_instance_t* machine, u32 high,
                                                             u32 low) {
  return sandglass::engine::utc_offset(machine, high, low);
}
u32 Z_envZ_host_interrupt(Z_env_instance_t*) {
  return 0;
}
u32 Z_envZ_host_module_load(Z_env_instance_t*, u32, u32) {
  return 0;
}
u32 Z_envZ_host_module_normalize(Z_env_instance_t*, u32, u32) {
  return 0;
}
void Z_envZ_host_promise_rejection(Z_env_instance_t*, u32, u32, u32) {}
}
