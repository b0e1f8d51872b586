#include "engine/engine.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/guest_stack.h"
#include "engine/host_functions.h"
#include "guest.h"

namespace sandglass::engine {
namespace {

using machine::Machine;
using machine::Trap;

constexpr std::uint32_t kHeadroomBytes = 32 << 10;
constexpr std::uint64_t kMaxReserveBytes = 1 << 20;
constexpr std::uint32_t kCompileOnly = 1u << 5;  // JS_EVAL_FLAG_COMPILE_ONLY

// The engine needs up to 12.4 times as much native stack as guest stack (measured over 59 recursive
// programs: nested parentheses and JSON.stringify need most).
constexpr std::uint64_t kNativeStackFactor = 16;

}  // namespace

Engine::Engine(std::unique_ptr<Machine> machine, Host* host)
    : machine_(std::move(machine)), host_(host) {
  machine_->set_owner(this);
}

std::expected<std::unique_ptr<Engine>, std::error_code> Engine::create(
    const EngineOptions& options, Host& host, std::shared_ptr<const Prepared> from) {
  if (!from) {
    auto prepared = prepared_for_stack(options.stack_bytes);
    if (!prepared) return std::unexpected(prepared.error());
    from = std::move(*prepared);
  }
  const machine::StackLayout& layout = from->image->stack_layout();
  // A stack in a region of its own is bounded by stack_bytes, not by memory_bytes.
  const std::uint64_t own_stack_bytes =
      layout.guard.size() != 0 ? layout.stack.size() + layout.guard.size() : 0;
  const std::uint64_t pages = (options.memory_bytes + own_stack_bytes) / machine::kWasmPageBytes;
  machine::MachineOptions machine_options;
  machine_options.max_pages =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(pages, machine::kMaxPages));
  machine_options.reserve_pages = static_cast<std::uint32_t>(
      std::min(kMaxReserveBytes, options.memory_bytes / 32) / machine::kWasmPageBytes);
  machine_options.account = options.account;
  machine_options.native_stack_bytes = options.stack_bytes * kNativeStackFactor;
  auto machine = Machine::map(from->image, machine_options);
  if (!machine) return std::unexpected(machine.error());

  std::unique_ptr<Engine> engine(new Engine(std::move(*machine), &host));
  engine->options_ = options;
  engine->prepared_ = std::move(from);
  if (auto error = engine->attach()) return std::unexpected(error);
  return engine;
}

std::error_code Engine::reset() {
  if (auto error = machine_->reset()) return error;
  return attach();
}

std::error_code Engine::attach() {
  const Prepared& prepared = *prepared_;
  runtime_ = prepared.runtime;
  context_ = prepared.context;
  std::byte* counter = machine_->resolve(prepared.interrupt_counter, sizeof(std::uint32_t));
  if (counter == nullptr || prepared.interrupt_counter % alignof(std::uint32_t) != 0) {
    return std::make_error_code(std::errc::bad_address);
  }
  // SAFETY: inside the image, whose pages stay mapped as long as the machine lives; aligned.
  machine_->interrupts().use_countdown(reinterpret_cast<std::uint32_t*>(counter));
  populated_ = machine_->keeps_pages();
  trap_ = Trap::none;
  transfer_block_ = prepared.transfer_block;
  options_applied_ = false;
  return {};
}

Outcome<void> Engine::apply_options() {
  if (prepared_->applied == Prepared::Applied{options_.stack_bytes, options_.gc_threshold_bytes}) {
    return {};
  }
  if (auto done = call(&Z_guestZ_JS_SetMaxStackSize, runtime_.address, options_.stack_bytes);
      !done) {
    return done;
  }
  // What the image holds is no garbage: the first run would collect it all.
  const std::uint64_t threshold =
      options_.gc_threshold_bytes == 0
          ? 0
          : std::min<std::uint64_t>(options_.gc_threshold_bytes + prepared_->empty_heap_bytes,
                                    UINT32_MAX);
  return call(&Z_guestZ_JS_SetGCThreshold, runtime_.address, threshold);
}

std::expected<std::shared_ptr<const Prepared>, std::error_code> Engine::freeze() const {
  auto image = machine::Image::freeze(*machine_);
  if (!image) return std::unexpected(image.error());
  auto frozen = std::make_shared<Prepared>(*prepared_);
  frozen->image = std::move(*image);
  frozen->transfer_block = transfer_block_;
  frozen->applied = {options_.stack_bytes, options_.gc_threshold_bytes};
  frozen->first_pages = std::make_shared<FirstPages>();
  return frozen;
}

void Engine::end_run() {
  if (std::exchange(learns_, false)) prepared_->first_pages->learn(machine_->written_pages());
}

std::uint64_t Engine::memory_bytes() const noexcept {
  const machine::StackLayout& layout = machine_->stack_layout();
  const std::uint64_t all = machine_->pages() * machine::kWasmPageBytes;
  return layout.guard.size() != 0 ? all - layout.stack.size() - layout.guard.size() : all;
}

std::unexpected<Trap> Engine::corrupt() {
  machine_->poison(Trap::out_of_bounds);
  return std::unexpected(Trap::out_of_bounds);
}

// Memory of the guest.

Outcome<std::uint32_t> Engine::allocate(std::uint64_t bytes) {
  if (bytes > UINT32_MAX) return 0;
  return call(&Z_guestZ_malloc, bytes);
}

Outcome<void> Engine::deallocate(std::uint32_t block) {
  return call(&Z_guestZ_free, block);
}

Outcome<std::uint32_t> Engine::copy_in(std::string_view text) {
  const auto block = allocate(text.size() + 1);
  if (!block || *block == 0) return block;
  std::byte* into = machine_->resolve(*block, text.size() + 1);
  if (into == nullptr) return corrupt();
  text.copy(reinterpret_cast<char*>(into), text.size());  // SAFETY: resolved for this size just now
  into[text.size()] = std::byte{0};
  return block;
}

Outcome<JsValue> Engine::throw_out_of_memory() {
  return call_value(&Z_guestZ_JS_ThrowOutOfMemory, context_.address);
}

// Source to value.

Outcome<JsValue> Engine::compile(std::string_view source, std::string_view file_name,
                                 CompileMode mode, std::uint32_t flags) {
  const auto text = copy_in(source);
  if (!text) return std::unexpected(text.error());
  if (*text == 0) return throw_out_of_memory();
  const auto name = copy_in(file_name);
  if (!name) return std::unexpected(name.error());
  Outcome<JsValue> result =
      *name == 0 ? throw_out_of_memory()
                 : call_value(&Z_guestZ_JS_Eval, context_.address, *text, source.size(), *name,
                              static_cast<std::uint32_t>(mode) | flags | kCompileOnly);
  if (!result) return result;
  if (auto freed = deallocate(*text); !freed) return std::unexpected(freed.error());
  if (*name != 0) {
    if (auto freed = deallocate(*name); !freed) return std::unexpected(freed.error());
  }
  return result;
}

Outcome<JsValue> Engine::evaluate(JsValue compiled) {
  return call_value(&Z_guestZ_JS_EvalFunction, context_.address, compiled.bits);
}

Outcome<JsValue> Engine::module_namespace(JsValue module) {
  // The low word of a module value is the address of its definition.
  return call_value(&Z_guestZ_JS_GetModuleNamespace, context_.address,
                    static_cast<u32>(module.bits));
}

// Jobs and promises.

Outcome<bool> Engine::job_pending() {
  return call_flag(&Z_guestZ_JS_IsJobPending, runtime_.address);
}

Outcome<bool> Engine::run_job() {
  const StackBytes context(*machine_, sizeof(u32));
  return call_status(&Z_guestZ_JS_ExecutePendingJob, runtime_.address, context.address());
}

Outcome<PromiseState> Engine::promise_state(JsValue value) {
  const auto is_promise = call(&Z_guestZ_JS_IsPromise, value.bits);
  if (!is_promise) return std::unexpected(is_promise.error());
  if (*is_promise == 0) return PromiseState::not_a_promise;
  const auto state = call(&Z_guestZ_JS_PromiseState, context_.address, value.bits);
  if (!state) return std::unexpected(state.error());
  switch (*state) {
    case 0:
      return PromiseState::pending;
    case 1:
      return PromiseState::fulfilled;
    case 2:
      return PromiseState::rejected;
    default:
      return corrupt();
  }
}

Outcome<JsValue> Engine::promise_result(JsValue promise) {
  return call_value(&Z_guestZ_JS_PromiseResult, context_.address, promise.bits);
}

Outcome<void> Engine::mark_promise_handled(JsValue promise) {
  return call(&Z_guestZ_JS_PromiseMarkAsHandled, context_.address, promise.bits);
}

// Exceptions.

Outcome<JsValue> Engine::take_exception() {
  return call_value(&Z_guestZ_JS_GetException, context_.address);
}

Outcome<bool> Engine::is_error(JsValue value) {
  return call_flag(&Z_guestZ_JS_IsError, value.bits);
}

Outcome<JsValue> Engine::throw_error(std::string_view message) {
  const auto error = call(&Z_guestZ_JS_NewError, context_.address);
  if (!error) return std::unexpected(error.error());
  if (JsValue{*error}.is_exception()) return JsValue::exception();
  const auto text = new_string(message);
  if (!text) return text;
  if (!text->is_exception()) {
    if (auto set = set_property({*error}, "message", *text); !set)
      return std::unexpected(set.error());
  }
  return call_value(&Z_guestZ_JS_Throw, context_.address, *error);
}

Outcome<JsValue> Engine::throw_uncatchable(std::string_view message) {
  auto thrown = throw_error(message);
  if (!thrown) return thrown;
  const auto error = take_exception();
  if (!error) return error;
  if (auto set = call(&Z_guestZ_JS_SetUncatchableError, context_.address, error->bits); !set) {
    return std::unexpected(set.error());
  }
  return call_value(&Z_guestZ_JS_Throw, context_.address, error->bits);
}

// Values.

Outcome<void> Engine::free(JsValue value) {
  if (!value.is_counted()) return {};
  return call(&Z_guestZ_JS_FreeValue, context_.address, value.bits);
}

Outcome<JsValue> Engine::duplicate(JsValue value) {
  if (!value.is_counted()) return value;
  return call_value(&Z_guestZ_JS_DupValue, context_.address, value.bits);
}

Outcome<bool> Engine::is_function(JsValue value) {
  if (!value.is_object()) return false;
  return call_flag(&Z_guestZ_JS_IsFunction, context_.address, value.bits);
}

Outcome<JsValue> Engine::new_string(std::string_view utf8) {
  const auto text = copy_in(utf8);
  if (!text) return std::unexpected(text.error());
  if (*text == 0) return throw_out_of_memory();
  const auto string = call(&Z_guestZ_JS_NewStringLen, context_.address, *text, utf8.size());
  if (!string) return std::unexpected(string.error());
  if (auto freed = deallocate(*text); !freed) return std::unexpected(freed.error());
  return JsValue{*string};
}

Outcome<JsValue> Engine::new_array() {
  return call_value(&Z_guestZ_JS_NewArray, context_.address);
}

Outcome<JsValue> Engine::global_object() {
  return call_value(&Z_guestZ_JS_GetGlobalObject, context_.address);
}

Outcome<Engine::MaybeString> Engine::to_string(JsValue value, std::size_t max_bytes) {
  const StackBytes length_at(*machine_, sizeof(u32));
  const auto text =
      call(&Z_guestZ_JS_ToCStringLen2, context_.address, length_at.address(), value.bits, 0u);
  if (!text) return std::unexpected(text.error());
  if (*text == 0) return std::nullopt;
  const auto length = machine_->load<u32>(length_at.address());
  const std::byte* bytes = length ? machine_->resolve(*text, *length) : nullptr;
  if (bytes == nullptr) return corrupt();
  // SAFETY: resolved for at least this size.
  std::string copy(reinterpret_cast<const char*>(bytes), std::min<std::size_t>(*length, max_bytes));
  if (auto freed = call(&Z_guestZ_JS_FreeCString, context_.address, *text); !freed) {
    return std::unexpected(freed.error());
  }
  return copy;
}

Outcome<std::optional<double>> Engine::to_number(JsValue value) {
  const StackBytes result_at(*machine_, sizeof(double));
  const auto failed =
      call(&Z_guestZ_JS_ToFloat64, context_.address, result_at.address(), value.bits);
  if (!failed) return std::unexpected(failed.error());
  if (*failed != 0) return std::nullopt;
  const auto number = machine_->load<double>(result_at.address());
  if (!number) return corrupt();
  return *number;
}

Outcome<bool> Engine::to_boolean(JsValue value) {
  return call_flag(&Z_guestZ_JS_ToBool, context_.address, value.bits);
}

Outcome<JsValue> Engine::to_json(JsValue value) {
  return call_value(&Z_guestZ_JS_JSONStringify, context_.address, value.bits,
                    JsValue::undefined().bits, JsValue::undefined().bits);
}

Outcome<JsValue> Engine::get_property(JsValue object, std::string_view name) {
  const auto key = copy_in(name);
  if (!key) return std::unexpected(key.error());
  if (*key == 0) return throw_out_of_memory();
  const auto value = call(&Z_guestZ_JS_GetPropertyStr, context_.address, object.bits, *key);
  if (!value) return std::unexpected(value.error());
  if (auto freed = deallocate(*key); !freed) return std::unexpected(freed.error());
  return JsValue{*value};
}

Outcome<bool> Engine::set_property(JsValue object, std::string_view name, JsValue value) {
  const auto key = copy_in(name);
  if (!key) return std::unexpected(key.error());
  if (*key == 0) {
    if (auto freed = free(value); !freed) return std::unexpected(freed.error());
    if (auto thrown = throw_out_of_memory(); !thrown) return std::unexpected(thrown.error());
    return false;
  }
  const auto done =
      call(&Z_guestZ_JS_SetPropertyStr, context_.address, object.bits, *key, value.bits);
  if (!done) return std::unexpected(done.error());
  if (auto freed = deallocate(*key); !freed) return std::unexpected(freed.error());
  return static_cast<std::int32_t>(*done) >= 0;
}

Outcome<bool> Engine::set_element(JsValue array, std::uint32_t index, JsValue value) {
  return call_status(&Z_guestZ_JS_SetPropertyUint32, context_.address, array.bits, index,
                     value.bits);
}

Outcome<JsValue> Engine::new_function(std::string_view name, std::uint32_t id) {
  const auto text = copy_in(name);
  if (!text) return std::unexpected(text.error());
  if (*text == 0) return throw_out_of_memory();
  const std::uint32_t function =
      machine_->module().host_function_index(static_cast<std::size_t>(HostFunctionId::call));
  const auto value =
      call(&Z_guestZ_JS_NewCClosure, context_.address, function, *text, 0u, 0u, 0u, id);
  if (!value) return std::unexpected(value.error());
  if (auto freed = deallocate(*text); !freed) return std::unexpected(freed.error());
  return JsValue{*value};
}

// Housekeeping.

Outcome<void> Engine::collect_garbage() {
  return call(&Z_guestZ_JS_RunGC, runtime_.address);
}

Outcome<std::uint64_t> Engine::heap_bytes() {
  // struct JSMemoryUsage of quickjs.h: 26 int64_t, the first of which is malloc_size.
  using Usage = std::array<std::int64_t, 26>;
  const StackBytes usage_at(*machine_, sizeof(Usage));
  if (auto done = call(&Z_guestZ_JS_ComputeMemoryUsage, runtime_.address, usage_at.address());
      !done) {
    return std::unexpected(done.error());
  }
  const auto usage = machine_->load<Usage>(usage_at.address());
  if (!usage || usage->front() < 0) return corrupt();
  return static_cast<std::uint64_t>(usage->front());
}

void Engine::seed_math_random(std::uint64_t seed) {
  // If a snapshot lies about the address, it is the guest's own memory that changes.
  static_cast<void>(machine_->store(prepared_->random_state, seed != 0 ? seed : 1));
}

void Engine::set_interrupt_counter(std::uint32_t polls) {
  machine_->interrupts().set_countdown(polls);
}

Outcome<void> Engine::begin_run() {
  if (!std::exchange(populated_, true)) {
    if (const auto pages = prepared_->first_pages->get()) {
      machine_->populate(*pages);
    } else {
      learns_ = true;
    }
  }
  if (!std::exchange(options_applied_, true)) {
    if (auto applied = apply_options(); !applied) return applied;
  }
  machine_->begin_run();
  if (!machine_->at_page_limit()) return {};
  const auto block = allocate(kHeadroomBytes);
  if (!block) return std::unexpected(block.error());
  if (*block != 0) return deallocate(*block);
  machine_->grant_page();
  return {};
}

}  // namespace sandglass::engine
