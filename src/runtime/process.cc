// process: arguments, environment and the end of a script at its own request.
#include <cmath>

#include "runtime/run.h"

namespace sandglass::runtime {

using engine::Outcome;
using machine::Trap;

// In a VM from a snapshot this is a run, since scripts have been there; but none is asked.
Result<void> Vm::set_process() {
  const Kept::Process wanted = {options_.script_name, options_.arguments,
                                options_.grants.environment};
  if (kept_.process && *kept_.process == wanted) return {};
  const auto done = run<bool>([&](RunState& state) -> Outcome<std::optional<bool>> {
    std::vector<JsValue> texts;
    texts.reserve(wanted.arguments.size());
    for (const std::string& argument : wanted.arguments) {
      texts.push_back(engine_->make_string(argument));
    }
    std::array<JsValue, 3> given = {engine_->make_array(texts), {}, {}};
    texts.clear();
    texts.reserve(2 * wanted.environment.size());
    for (const auto& [name, value] : wanted.environment) {
      texts.push_back(engine_->make_string(name));
      texts.push_back(engine_->make_string(value));
    }
    given[1] = engine_->make_array(texts);
    given[2] = engine_->make_string(wanted.script_name);
    const JsValue result = engine_->call_function(
        engine_->prelude(engine::PreludeFunction::set_process), JsValue::undefined(), given);
    engine_->free_all(given);
    if (const Trap trap = engine_->take_trap(); trap != Trap::none) return std::unexpected(trap);
    if (!result.is_exception()) return true;
    if (auto taken = take_thrown(state); !taken) return std::unexpected(taken.error());
    return std::nullopt;
  });
  totals_ = {};
  if (!done) return std::unexpected(done.error());
  kept_.process = wanted;
  return {};
}

engine::JsValue Vm::exit(std::span<const JsValue> arguments) {
  const double status =
      arguments.empty() || arguments[0].is_undefined() ? 0 : number_or_nan(arguments[0]);
  // As the system does it: the low byte. What is no number is a failure.
  exit_status_ =
      std::isfinite(status) && std::abs(status) <= INT32_MAX
          ? static_cast<int>(static_cast<std::uint32_t>(static_cast<std::int32_t>(status)) & 0xff)
          : 1;
  engine_->machine().interrupts().request_stop(machine::Stop::exited);
  return engine_->throw_uncatchable("process.exit").value_or(JsValue::exception());
}

double Vm::number_or_nan(JsValue value) noexcept {
  const engine::Tag tag = value.tag();
  return tag == engine::Tag::integer || tag == engine::Tag::float64 ? value.as_number()
                                                                    : std::nan("");
}

}  // namespace sandglass::runtime
