// Iterables, both ways.
#include "sandglass/iterate.h"

#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"

namespace sandglass::detail {

using engine::Engine;
using engine::PreludeFunction;
using runtime::closed_handle;
using runtime::Vm;

struct IterationSource::State {
  Value iterable;              // an array, read by index
  Value step;                  // or a function of the prelude, (close) -> value or done
  std::optional<Error> error;  // found at the beginning
  std::uint64_t index = 0;
  std::uint64_t max_items = 0;
  bool ended = false;
};

IterationSource::IterationSource(const Value& iterable, IterateOptions options)
    : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.max_items = options.max_items;
  if (iterable.is_array()) {
    state.iterable = iterable.clone();
    return;
  }
  Vm* vm = Access::vm(iterable).vm();
  if (vm == nullptr) {
    state.error = iterable.is_object() ? closed_handle() : mismatch("iterable", iterable);
    return;
  }
  const JsValue js = Access::js(iterable);
  auto opened = vm->act([&] {
    Engine& engine = vm->engine();
    return vm->adopt_result(engine.call_function(engine.prelude(PreludeFunction::open_iterator),
                                                 JsValue::undefined(), {&js, 1}));
  });
  if (opened) {
    state.step = std::move(*opened);
  } else {
    state.error = std::move(opened.error());
  }
}

IterationSource::IterationSource(IterationSource&&) noexcept = default;
IterationSource& IterationSource::operator=(IterationSource&&) noexcept = default;

IterationSource::~IterationSource() {
  if (!state_ || state_->ended || !state_->step.is_object()) return;
  // Left early: the iterator may have something to close. What goes wrong there has no one to tell.
  static_cast<void>(state_->step.call(true));
}

std::optional<Result<Value>> IterationSource::next() {
  State& state = *state_;
  if (state.ended) return std::nullopt;
  const auto fail = [&](Error error) -> std::optional<Result<Value>> {
    state.ended = true;
    return std::unexpected(std::move(error));
  };
  if (state.error) return fail(std::move(*state.error));
  const std::uint64_t index = state.index++;
  if (!state.step.is_object()) {
    const Result<std::uint64_t> length = state.iterable.length();
    if (!length) return fail(length.error());
    if (index >= *length) {
      state.ended = true;
      return std::nullopt;
    }
  }
  Result<Value> item = state.step.is_object() ? state.step.call(false) : state.iterable.get(index);
  if (!item) return fail(std::move(item.error()));
  if (state.step.is_object()) {
    Vm* vm = Access::vm(state.step).vm();
    if (vm == nullptr) return fail(closed_handle());
    if (Access::js(*item) == vm->engine().prelude(PreludeFunction::done)) {
      state.ended = true;
      return std::nullopt;
    }
  }
  if (index >= state.max_items) {
    // Not ended for the iterator: the destructor closes it.
    state.error = out_of_range(fmt::format("more than {} elements", state.max_items));
    Error error = *state.error;
    return std::unexpected(std::move(error));
  }
  return item;
}

Result<Value> make_iterator(const Context& context,
                            std::function<Result<std::optional<Value>>(Context&)> pull,
                            std::function<void()> close) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  // It stands at one place of its range: of no use to a VM that came from a snapshot of this one.
  Result<Value> pull_function =
      context.function("", [pull = std::move(pull), context](Context here) -> Result<Value> {
        if (here != context) {
          return std::unexpected(
              Error{.code = Errc::threw,
                    .message = "the range belongs to the VM that was snapshotted",
                    .name = "TypeError"});
        }
        Result<std::optional<Value>> item = pull(here);
        if (!item) return std::unexpected(std::move(item.error()));
        if (*item) return std::move(**item);
        Vm* machine = Access::vm(here).vm();
        if (machine == nullptr) return std::unexpected(closed_handle());
        return machine->share(machine->engine().prelude(PreludeFunction::done));
      });
  if (!pull_function) return pull_function;
  Result<Value> close_function =
      context.function("", [close = std::move(close), context](const Context& here) {
        if (here == context) close();
      });
  if (!close_function) return close_function;
  const Value make = vm->share(vm->engine().prelude(PreludeFunction::make_iterator));
  return make.call(*pull_function, *close_function);
}

}  // namespace sandglass::detail
