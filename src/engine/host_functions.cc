#include "engine/host_functions.h"

#include <cstdint>
#include <vector>

#include "engine/engine.h"
#include "machine/machine.h"

namespace sandglass::engine {
namespace {

using machine::Machine;

// More than the engine itself lets a call have (65,535 arguments).
constexpr std::uint32_t kMaxArguments = 65536;

// SAFETY: Engine's constructor put its address there.
Engine& engine_of(Machine& machine) {
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
  std::vector<JsValue> arguments;
  const auto count = static_cast<std::int32_t>(call.argument_count);
  if (count < 0 || call.argument_count > kMaxArguments) {
    machine.poison(machine::Trap::out_of_bounds);
    return;
  }
  arguments.resize(call.argument_count);
  if (!machine.read(call.arguments, std::as_writable_bytes(std::span(arguments)))) {
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
  return {host_function(&poll), host_function(&call), host_function(&promise_rejected)};
}

}  // namespace sandglass::engine

// Functions that quickjs-wasi's own host layer (qjs_*) imports. We use the engine's C API instead
// and never call that layer, but a script in control of guest memory may.
extern "C" {

u32 Z_envZ_host_call(Z_env_instance_t*, u32, u32, u32, u32, u32) {
  return 0;
}
u32 Z_envZ_host_get_timezone_offset(Z_env_instance_t*, u32, u32) {
  return 0;
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
