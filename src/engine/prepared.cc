#include "engine/prepared.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/engine.h"
#include "engine/guest_stack.h"
#include "engine/host_functions.h"
#include "guest.h"
#include "machine/machine.h"
#include "machine/own_pages.h"
#include "machine/signals.h"
#include "sandglass/version.h"

// Web APIs of the default guest. A substituted guest may lack them.
extern "C" {
[[gnu::weak]] u32 Z_guestZ_qjs_ext_encoding_init(Z_guest_instance_t*, u32, u32);
[[gnu::weak]] u32 Z_guestZ_qjs_ext_url_init(Z_guest_instance_t*, u32, u32);
[[gnu::weak]] u32 Z_guestZ_qjs_ext_headers_init(Z_guest_instance_t*, u32, u32);
[[gnu::weak]] u32 Z_guestZ_qjs_ext_crypto_init(Z_guest_instance_t*, u32, u32);
}

namespace sandglass::engine {
namespace {

using machine::Machine;
using machine::Outcome;

constexpr std::uint32_t kLargestStack = 16 << 20;
// What C functions of the guest may use of the stack after the engine's own check.
constexpr std::uint32_t kStackSlack = 256 << 10;
// How far into the context its private fields are looked for.
constexpr std::uint32_t kSearchBytes = 1024;

// The image is made from the program's own parts before any script ran: that the engine fails at it
// is no run-time condition that a caller could handle.
[[noreturn]] void die(std::string_view what) {
  std::fprintf(stderr, "sandglass: cannot prepare the engine: %.*s\n",
               static_cast<int>(what.size()), what.data());
  std::abort();
}

// That the host has no memory is one. Thrown to prepared_for_stack(), so that the next VM tries
// again.
[[noreturn]] void give_up(std::error_code error) {
  throw std::system_error(error);
}

template <class T>
T must(Outcome<T> outcome, std::string_view what) {
  if (!outcome && outcome.error() == machine::Trap::no_host_memory) {
    give_up(std::make_error_code(std::errc::not_enough_memory));
  }
  if (!outcome) die(what);
  if constexpr (!std::is_void_v<T>) return std::move(*outcome);
}

// While an image is made the prelude may ask for the classes of values, and for nothing else.
class NoHost final : public Host {
 public:
  void set_engine(Engine* engine) noexcept { engine_ = engine; }

 private:
  JsValue call(std::uint32_t id, JsValue, std::span<const JsValue> arguments) noexcept override {
    if (id != static_cast<std::uint32_t>(Builtin::class_id) || arguments.empty()) {
      return JsValue::undefined();
    }
    return JsValue::integer(static_cast<std::int32_t>(engine_->class_id(arguments[0])));
  }
  void promise_rejected(JsValue, JsValue, bool) noexcept override {}
  void released(std::uint32_t) noexcept override {}
  std::int32_t utc_offset_seconds(std::int64_t) noexcept override { return 0; }
  std::optional<std::string> resolve_module(std::string_view, std::string_view,
                                            std::string_view) noexcept override {
    return std::nullopt;
  }
  std::uint32_t load_module(std::string_view, std::string_view) noexcept override { return 0; }
  bool module_ready(std::uint32_t) noexcept override { return false; }

  Engine* engine_ = nullptr;
};

const machine::Module& module() {
  static const auto functions = host_functions();
  static const machine::Module instance(functions);
  return instance;
}

}  // namespace

/// Makes one image: a runtime, a context, what every script finds in its global object.
class ImageBuilder {
 public:
  explicit ImageBuilder(bool own_stack_region) : engine_(start(), &host_) {
    Machine& machine = engine_.machine();
    must(engine_.call(&Z_guestZ__initialize), "initialize");
    if (own_stack_region) {
      if (const auto error = machine.relocate_stack(kLargestStack + kStackSlack)) give_up(error);
    }
    engine_.runtime_ = {must(engine_.call(&Z_guestZ_JS_NewRuntime), "JS_NewRuntime")};
    if (!engine_.runtime_) die("JS_NewRuntime");
    // Left at its default the limit would be address 0, and recursion would trap.
    must(engine_.call(&Z_guestZ_JS_SetMaxStackSize, engine_.runtime_.address, kMaxStackInPlace),
         "JS_SetMaxStackSize");
    engine_.context_ = {
        must(engine_.call(&Z_guestZ_JS_NewContext, engine_.runtime_.address), "JS_NewContext")};
    if (!engine_.context_) die("JS_NewContext");
  }

  using Bytecode = std::vector<std::byte>;

  /// The scripts of the prelude, compiled. Not in the image that is made of them: what the compiler
  /// needs meanwhile would leave its heap full of holes, and their text is of no use there.
  std::vector<Bytecode> compile_prelude() {
    std::vector<Bytecode> compiled;
    for (const PreludeScript& script : prelude_scripts()) {
      const JsValue code =
          must(engine_.compile(script.source, "<sandglass>", CompileMode::script), script.name);
      if (code.is_exception()) die_of_exception(script.name);
      // Classes of the host are made there, and known as classes by their text.
      auto bytes = engine_.write_bytecode(code, script.name == "core.js");
      if (!bytes) die(script.name);
      compiled.push_back(std::move(*bytes));
    }
    return compiled;
  }

  Prepared build(std::span<const Bytecode> prelude) {
    host_.set_engine(&engine_);
    install_callbacks();
    add_web_apis();
    add_host_class();
    run_prelude(prelude);
    const std::uint32_t interrupt_counter = find_interrupt_counter();
    const std::uint32_t random_state = find_random_state();
    must(engine_.collect_garbage(), "JS_RunGC");
    const std::uint64_t heap_bytes = must(engine_.heap_bytes(), "JS_ComputeMemoryUsage");
    auto image = machine::Image::freeze(engine_.machine());
    if (!image) give_up(image.error());
    Prepared prepared = {.image = std::move(*image),
                         .runtime = engine_.runtime_,
                         .context = engine_.context_,
                         .interrupt_counter = interrupt_counter,
                         .random_state = random_state,
                         .host_class = host_class_,
                         .global = global_,
                         .prelude = prelude_,
                         .empty_heap_bytes = heap_bytes};
    // What even the smallest script writes to.
    prepared.first_pages->learn(pages_of_first_run(prepared));
    return prepared;
  }

 private:
  static std::unique_ptr<Machine> start() {
    auto machine = Machine::map(module().image(), {.leaves_slot = false});
    if (!machine) give_up(machine.error());
    return std::move(*machine);
  }

  std::uint32_t index_of(HostFunctionId id) const {
    return module().host_function_index(static_cast<std::size_t>(id));
  }

  void install_callbacks() {
    const std::uint32_t runtime = engine_.runtime_.address;
    must(
        engine_.call(&Z_guestZ_JS_SetInterruptHandler, runtime, index_of(HostFunctionId::poll), 0u),
        "JS_SetInterruptHandler");
    must(engine_.call(&Z_guestZ_JS_SetHostPromiseRejectionTracker, runtime,
                      index_of(HostFunctionId::promise_rejected), 0u),
         "JS_SetHostPromiseRejectionTracker");
    must(engine_.call(&Z_guestZ_JS_SetModuleLoaderFunc2, runtime, 0u,
                      index_of(HostFunctionId::load_module), 0u, 0u),
         "JS_SetModuleLoaderFunc2");
    must(engine_.call(&Z_guestZ_JS_SetModuleNormalizeFunc2, runtime,
                      index_of(HostFunctionId::resolve_module)),
         "JS_SetModuleNormalizeFunc2");
  }

  void add_host_class() {
    Machine& machine = engine_.machine();
    const StackBytes id_at(machine, sizeof(u32));
    if (!machine.store(id_at.address(), u32{0})) die("host class");
    host_class_ = must(
        engine_.call(&Z_guestZ_JS_NewClassID, engine_.runtime_.address, id_at.address()), "class");
    // JSClassDef of quickjs.h: name, finalizer, gc_mark, call, exotic. The name is copied.
    const u32 name = must(engine_.copy_in("HostObject"), "class name");
    const StackBytes definition_at(machine, 5 * sizeof(u32));
    const std::array<u32, 5> definition = {name, index_of(HostFunctionId::object_gone), 0, 0, 0};
    if (!machine.store(definition_at.address(), definition) ||
        must(engine_.call(&Z_guestZ_JS_NewClass, engine_.runtime_.address, host_class_,
                          definition_at.address()),
             "host class") != 0) {
      die("host class");
    }
    must(engine_.deallocate(name), "class name");
  }

  JsValue new_object() {
    return {must(engine_.call(&Z_guestZ_JS_NewObject, engine_.context_.address), "object")};
  }

  JsValue native_functions() {
    const JsValue host = new_object();
    for (std::size_t i = 0; i < kBuiltinNames.size(); ++i) {
      const JsValue function =
          must(engine_.new_function(kBuiltinNames[i], static_cast<std::uint32_t>(i)), "builtin");
      if (!must(engine_.set_property(host, kBuiltinNames[i], function), "builtin")) die("builtin");
    }
    return host;
  }

  [[noreturn]] void die_of_exception(std::string_view script) {
    const JsValue thrown = must(engine_.take_exception(), script);
    const auto text = must(engine_.to_string(thrown), script);
    die(std::string(script) + ": " + text.value_or("?"));
  }

  // See src/prelude/README.md.
  void run_prelude(std::span<const Bytecode> prelude) {
    const JsValue shared = new_object();
    if (!must(engine_.set_property(shared, "host", native_functions()), "prelude") ||
        !must(engine_.set_property(shared, "version",
                                   must(engine_.new_string(sandglass::version()), "version")),
              "prelude") ||
        !must(engine_.set_property(shared, "modules", new_object()), "prelude") ||
        !must(engine_.set_property(shared, "functions", new_object()), "prelude")) {
      die("prelude");
    }
    for (std::size_t i = 0; i < prelude.size(); ++i) {
      const PreludeScript& script = prelude_scripts()[i];
      const JsValue compiled = engine_.read_bytecode(prelude[i]);
      if (compiled.is_exception()) die_of_exception(script.name);
      const JsValue function = must(engine_.evaluate(compiled), script.name);
      const JsValue result = engine_.call_function(function, JsValue::undefined(), {&shared, 1});
      if (engine_.take_trap() != machine::Trap::none) die(script.name);
      if (result.is_exception()) die_of_exception(script.name);
      must(engine_.free(result), script.name);
      must(engine_.free(function), script.name);
    }
    const JsValue functions = must(engine_.get_property(shared, "functions"), "prelude");
    for (std::size_t i = 0; i < kPreludeNames.size(); ++i) {
      prelude_[i] = must(engine_.get_property(functions, kPreludeNames[i]), kPreludeNames[i]);
      if (prelude_[i].is_exception() || prelude_[i].tag() == Tag::undefined) die(kPreludeNames[i]);
    }
    must(engine_.free(functions), "prelude");
    must(engine_.free(shared), "prelude");
    global_ = must(engine_.global_object(), "global object");
  }

  // Their random bytes are asked for when a script wants them, so each VM has its own. The module
  // of structuredClone stays out: the prelude has one that knows objects of the host.
  void add_web_apis() {
    for (auto* init : {&Z_guestZ_qjs_ext_encoding_init, &Z_guestZ_qjs_ext_url_init,
                       &Z_guestZ_qjs_ext_headers_init, &Z_guestZ_qjs_ext_crypto_init}) {
      if (init == nullptr) continue;
      if (must(engine_.call(init, engine_.context_.address, engine_.runtime_.address), "web API") !=
          0) {
        die("web API");
      }
    }
  }

  void run(std::string_view script) {
    const JsValue compiled =
        must(engine_.compile(script, "<sandglass>", CompileMode::script), script);
    must(engine_.free(must(engine_.evaluate(compiled), script)), script);
  }

  void run_loop() { run("for (let i = 0; i < 100; i++);"); }

  // A private field of the context as well: xorshift64* (Vigna: An experimental exploration of
  // Marsaglia's xorshift generators, scrambled, 2016), whose next state follows from the present
  // one.
  std::uint32_t find_random_state() {
    const auto next = [](std::uint64_t x) {
      x ^= x >> 12;
      x ^= x << 25;
      return x ^ (x >> 27);
    };
    const Machine& machine = engine_.machine();
    const std::uint32_t begin = engine_.context_.address;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> before;
    for (std::uint32_t at = begin; at < begin + kSearchBytes; at += 8) {
      const auto word = machine.load<std::uint64_t>(at);
      if (word && *word != 0) before.emplace_back(at, *word);
    }
    run("Math.random()");
    std::erase_if(before, [&](const auto& candidate) {
      return machine.load<std::uint64_t>(candidate.first) != next(candidate.second);
    });
    if (before.size() != 1) die("the state of Math.random was not found");
    return before.front().first;
  }

  // The counter is a private field of the context. It is the one word near the context's start that
  // goes down by one to three for each iteration of a loop.
  std::uint32_t find_interrupt_counter() {
    run_loop();  // the first poll of all sets the counter to its start value
    constexpr std::uint32_t kLoops = 100;
    const Machine& machine = engine_.machine();
    const std::uint32_t begin = engine_.context_.address;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> before;
    for (std::uint32_t at = begin; at < begin + kSearchBytes; at += 4) {
      const auto word = machine.load<std::uint32_t>(at);
      if (word && *word > kLoops && *word <= kInterruptCounterStart) before.emplace_back(at, *word);
    }
    run_loop();
    std::erase_if(before, [&](const auto& candidate) {
      const auto now = machine.load<std::uint32_t>(candidate.first);
      const std::uint32_t less = candidate.second - now.value_or(candidate.second);
      return less < kLoops || less > 3 * kLoops;
    });
    if (before.size() != 1) die("the interrupt counter was not found");
    return before.front().first;
  }

  std::vector<machine::GuestRange> pages_of_first_run(const Prepared& prepared) {
    auto machine = Machine::map(prepared.image, {.leaves_slot = false});
    if (!machine) give_up(machine.error());
    engine_.machine_ = std::move(*machine);
    run_loop();
    return engine_.machine().written_pages();
  }

  NoHost host_;
  Engine engine_;
  std::uint32_t host_class_ = 0;
  JsValue global_;
  std::array<JsValue, static_cast<std::size_t>(PreludeFunction::count)> prelude_;
};

std::expected<std::shared_ptr<const Prepared>, std::error_code> prepared_for_stack(
    std::uint64_t stack_bytes) try {
  const auto build = [](bool own_stack_region) {
    const machine::SignalScope signals;  // the thread's mask stays what it is
    static const auto prelude = ImageBuilder(false).compile_prelude();
    return std::make_shared<const Prepared>(ImageBuilder(own_stack_region).build(prelude));
  };
  if (stack_bytes <= kMaxStackInPlace) {
    static const std::shared_ptr<const Prepared> in_place = build(false);
    return in_place;
  }
  static const std::shared_ptr<const Prepared> own_region = build(true);
  return own_region;
} catch (const std::system_error& error) {
  return std::unexpected(error.code());
}

void FirstPages::learn(Ranges pages) {
  constexpr std::size_t kMaxPages = 96;  // a VM that does less should not pay for more
  std::size_t count = 0;
  for (const machine::GuestRange& range : pages) count += range.size() / machine::kPageBytes;
  if (count > kMaxPages) pages.clear();
  auto learned = std::make_unique<const Ranges>(std::move(pages));
  const Ranges* none = nullptr;
  if (pages_.compare_exchange_strong(none, learned.get())) static_cast<void>(learned.release());
}

}  // namespace sandglass::engine
