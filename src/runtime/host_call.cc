// Calls from JavaScript to C++, and what their failures become there.
#include <array>
#include <charconv>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "runtime/conversion_state.h"
#include "runtime/exception.h"
#include "runtime/handles.h"
#include "runtime/host_error.h"
#include "runtime/utf8.h"
#include "sandglass/convert/errors.h"

namespace sandglass {

Context Arguments::context() const noexcept {
  return Context(vm_->link());
}

const runtime::Vm* detail::Access::vm(const Arguments& arguments) noexcept {
  return arguments.vm_;
}

Value Arguments::hold_counted(JsValue value) const noexcept {
  return vm_->share(value);
}

namespace runtime {

using engine::Builtin;
using engine::Outcome;
using engine::PreludeFunction;
using machine::Stop;
using machine::Trap;

namespace {

// Released functions and objects that a run may pile up before they are destroyed in the middle of
// it.
constexpr std::size_t kMaxUncollected = 1024;
constexpr int kMaxCauses = 8;

PreludeFunction constructor_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, PreludeFunction>, 7> kClasses = {{
      {"TypeError", PreludeFunction::type_error},
      {"RangeError", PreludeFunction::range_error},
      {"SyntaxError", PreludeFunction::syntax_error},
      {"ReferenceError", PreludeFunction::reference_error},
      {"EvalError", PreludeFunction::eval_error},
      {"URIError", PreludeFunction::uri_error},
      {"InternalError", PreludeFunction::internal_error},
  }};
  for (const auto& [known, constructor] : kClasses) {
    if (known == name) return constructor;
  }
  return PreludeFunction::error;
}

// What a limit or a misuse is called in the script, where the error itself does not say.
std::string_view class_of(const Error& error) {
  if (!error.name.empty()) return error.name;
  switch (error.code) {
    case Errc::syntax:
      return "SyntaxError";
    case Errc::stack_limit:
      return "RangeError";
    case Errc::memory_limit:
    case Errc::guest_fault:
      return "InternalError";
    case Errc::conversion:
    case Errc::invalid_argument:
      return "TypeError";
    default:
      return "Error";
  }
}

}  // namespace

// At the very limit nothing could be thrown any more.
bool Vm::refuse_nesting() {
  if (!engine_->machine().nesting_is_low()) [[likely]]
    return false;
  engine_->machine().note_stack_overflow();
  ++nesting_refusals_;
  engine_->throw_bare(PreludeFunction::range_error, "C++ and JavaScript call each other too deep");
  return true;
}

// Grace is time to compute, and what the host does may be to wait: nothing of it is begun once the
// run is to end. The guest cannot be trusted to poll in between.
bool Vm::refuse_after_stop() {
  if (engine_->machine().interrupts().stop() == Stop::none) [[likely]]
    return false;
  engine_->note(engine_->throw_uncatchable("the run was ended"));
  return true;
}

engine::JsValue Vm::call(std::uint32_t id, JsValue self,
                         std::span<const JsValue> arguments) noexcept {
  if (refuse_after_stop()) return JsValue::exception();
  if (host_depth_ != 0 && refuse_nesting()) return JsValue::exception();
  before_host();
  if (HostEntry* entry = host_table_.find(id); entry != nullptr && entry->function != nullptr) {
    return call_host_function(*entry, self, arguments);
  }
  if (id < static_cast<std::uint32_t>(Builtin::count)) {
    return call_builtin(static_cast<Builtin>(id), arguments);
  }
  // No function of ours: made up by the guest.
  engine_->machine().poison(Trap::bad_indirect_call);
  return JsValue::exception();
}

engine::JsValue Vm::call_host_function(HostEntry& entry, JsValue self,
                                       std::span<const JsValue> arguments) noexcept {
  if (host_depth_ == 0 && host_table_.uncollected() > kMaxUncollected) [[unlikely]] {
    host_table_.collect();
  }
  ++entry.active;  // it may be released by what it does
  ++host_depth_;
  JsValue result = JsValue::exception();
  const FreshConversion begun_anew;
  try {
    Arguments given(*this, self, arguments);
    Result<Value> returned = entry.function->call(given);
    if (!returned) [[unlikely]] {
      result = throw_error(returned.error());
    } else if (!accepts(*returned)) [[unlikely]] {
      result = throw_error(foreign_value());
    } else {
      result = take(*returned);
    }
  } catch (...) {
    result = throw_error(current_exception_error());
  }
  --host_depth_;
  --entry.active;
  return result;
}

Outcome<Error> Vm::describe(JsValue exception) {
  return describe_exception(*engine_, exception);
}

engine::JsValue Vm::throw_error(const Error& error) {
  const machine::Interrupts& interrupts = engine_->machine().interrupts();
  if (interrupts.stop() != Stop::none) {
    // The end of a run cannot be caught, in whichever part of it it was met.
    return engine_->throw_uncatchable(error.message).value_or(JsValue::exception());
  }
  if (const auto thrown = find_thrown(error)) {
    return engine_->throw_value(engine_->duplicate_plain(*thrown));
  }
  const JsValue made = make_error(error);
  if (made.is_exception()) return made;  // there is an exception, if not this one
  return engine_->throw_value(made);
}

engine::JsValue Vm::make_error(const Error& error, int depth) {
  const std::string message =
      error.path.empty() ? error.message : fmt::format("{}: {}", error.path, error.message);
  const JsValue text = engine_->make_string(to_valid_utf8(message));
  if (text.is_exception()) return text;
  std::array<JsValue, 2> arguments = {text, JsValue::undefined()};
  if (error.cause && depth < kMaxCauses) {
    const JsValue cause = make_error(*error.cause, depth + 1);
    arguments[1] = engine_->make_object();
    static_cast<void>(
        engine_->define(arguments[1], static_atom("cause"), cause, engine::kPropertyPlain));
  }
  const std::string_view name = class_of(error);
  const PreludeFunction constructor = constructor_of(name);
  const JsValue made = engine_->construct(engine_->prelude(constructor), arguments);
  engine_->free_plain(arguments[0]);
  engine_->free_plain(arguments[1]);
  if (made.is_exception()) return made;
  if (constructor == PreludeFunction::error && name != "Error") {
    // A class of the script's, or of the embedder's: the name at least is kept.
    static_cast<void>(engine_->define(made, static_atom("name"), engine_->make_string(name),
                                      engine::kPropertyHidden));
  }
  if (!error.detail.empty()) {
    static_cast<void>(engine_->define(made, static_atom("code"), engine_->make_string(error.detail),
                                      engine::kPropertyPlain));
  }
  return made;
}

// C++ exceptions.

namespace {

Error plain_error(std::string_view name, const std::exception& exception) {
  return {.code = Errc::threw, .message = exception.what(), .name = std::string(name)};
}

// Each kind of exception by its class, most special first.
Error classify(const std::exception& exception) {
  if (const auto* script = dynamic_cast<const ScriptError*>(&exception)) return script->error();
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return plain_error("InternalError", exception);
  }
  if (const auto* system = dynamic_cast<const std::system_error*>(&exception)) {
    Error error = error_of(system->code());
    error.message = exception.what();
    return error;
  }
  if (dynamic_cast<const std::out_of_range*>(&exception) != nullptr ||
      dynamic_cast<const std::length_error*>(&exception) != nullptr ||
      dynamic_cast<const std::range_error*>(&exception) != nullptr ||
      dynamic_cast<const std::overflow_error*>(&exception) != nullptr ||
      dynamic_cast<const std::underflow_error*>(&exception) != nullptr ||
      dynamic_cast<const std::domain_error*>(&exception) != nullptr) {
    return plain_error("RangeError", exception);
  }
  if (dynamic_cast<const std::invalid_argument*>(&exception) != nullptr ||
      dynamic_cast<const std::bad_cast*>(&exception) != nullptr) {
    return plain_error("TypeError", exception);
  }
  return plain_error("Error", exception);
}

Error error_of_exception(std::exception_ptr pointer, int depth) {
  try {
    std::rethrow_exception(std::move(pointer));
  } catch (const std::exception& exception) {
    Error error = classify(exception);
    const auto* nested = dynamic_cast<const std::nested_exception*>(&exception);
    if (nested != nullptr && nested->nested_ptr() != nullptr && depth < kMaxCauses) {
      error.cause =
          std::make_shared<const Error>(error_of_exception(nested->nested_ptr(), depth + 1));
    }
    return error;
  } catch (...) {
    return {.code = Errc::threw, .message = "the host threw something that is no std::exception"};
  }
}

}  // namespace

Error current_exception_error() {
  return error_of_exception(std::current_exception(), 0);
}

}  // namespace runtime

// Between errors of C++ and Errors.

ScriptError::ScriptError(Error error)
    : std::runtime_error(describe(error)),
      error_(std::make_shared<const Error>(std::move(error))) {}

Error error_of(const std::exception_ptr& exception) {
  if (exception == nullptr) return {.code = Errc::threw, .message = "no exception"};
  return runtime::error_of_exception(exception, 0);
}

std::optional<std::error_code> error_code_of(const Error& error) {
  const std::string_view text = error.detail;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data() + colon + 1, end, value);
  if (failed != std::errc() || rest != end) return std::nullopt;
  for (const std::error_category* category : {&std::generic_category(), &std::system_category()}) {
    if (text.substr(0, colon) == category->name()) return std::error_code(value, *category);
  }
  return std::nullopt;
}

Error error_of(std::error_code code) {
  return {.code = Errc::threw,
          .message = code.message(),
          .name = "Error",
          .detail = fmt::format("{}:{}", code.category().name(), code.value())};
}

}  // namespace sandglass
