// The console: what JavaScript prints, counted and handed to the embedder's sink.
#include <exception>
#include <string>
#include <utility>

#include "runtime/display.h"
#include "runtime/run.h"

namespace sandglass::runtime {

using engine::Builtin;
using engine::Outcome;
using machine::Stop;

Outcome<engine::JsValue> Vm::print(Builtin which, std::span<const JsValue> arguments) {
  const std::uint64_t left = options_.limits.output_bytes - run_output_bytes_;
  std::string text = which == Builtin::trace ? "Trace:" : "";
  for (const JsValue argument : arguments) {
    if (text.size() > left) break;  // over already: no need for the rest
    if (!text.empty()) text += ' ';
    const auto part = display(*engine_, argument, left + 1);
    if (!part) return std::unexpected(part.error());
    text += *part;
  }
  text += '\n';
  // The script may have printed from inside of display, through a toJSON of its own.
  if (text.size() > options_.limits.output_bytes - run_output_bytes_) {
    engine_->machine().interrupts().request_stop(Stop::output);
    return engine_->throw_uncatchable("output limit reached");
  }
  run_output_bytes_ += text.size();
  if (!options_.console) return JsValue::undefined();
  const bool is_error =
      which == Builtin::warn || which == Builtin::error || which == Builtin::trace;
  try {
    options_.console(is_error ? ConsoleStream::err : ConsoleStream::out, text);
  } catch (const std::exception& exception) {
    return engine_->throw_uncatchable(exception.what());
  } catch (...) {
    return engine_->throw_uncatchable("the console sink failed");
  }
  return JsValue::undefined();
}

}  // namespace sandglass::runtime
