// Promises of the host, and the loop that waits for them.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "runtime/handles.h"
#include "runtime/host_error.h"
#include "runtime/inbox.h"
#include "runtime/text.h"
#include "sandglass/promise.h"
#include "sandglass/task.h"

namespace sandglass {

using runtime::closed_handle;
using runtime::foreign_value;
using runtime::Vm;

namespace detail {

Settler::Settler(std::shared_ptr<Inbox> inbox, std::uint64_t id) noexcept
    : inbox_(std::move(inbox)), id_(id) {}

Settler::~Settler() {
  settle([](Context&) -> Result<Value> {
    return std::unexpected(
        Error{.code = Errc::threw, .message = "the host dropped the promise without settling it"});
  });
  inbox_->post(id_, nullptr);
}

bool Settler::settle(MakeOutcome make) {
  if (settled_.exchange(true)) return false;
  return inbox_->post(id_, std::move(make));
}

Result<std::shared_ptr<Settler>> Promises::open(const Context& context, std::string_view what,
                                                bool external) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  const auto id = vm->act([&] { return vm->open_promise(what, external); });
  if (!id) return std::unexpected(id.error());
  return std::make_shared<Settler>(vm->inbox(), *id);
}

Result<Value> Promises::promise(const Context& context, const Settler& settler) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (settler.inbox() != vm->inbox()) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument, .message = "the Deferred belongs to another VM"});
  }
  return vm->host_promise(settler.id());
}

void Promises::poll(const Context& context, std::function<bool()> done) {
  if (Vm* vm = Access::vm(context).vm()) vm->add_poll(std::move(done));
}

Result<void> Promises::when_settled(const Context& context, const Value& promise,
                                    std::function<void(Result<Value>)> settled) {
  Vm* vm = Access::vm(context).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (!vm->accepts(promise)) return std::unexpected(foreign_value());
  auto call = std::make_shared<std::function<void(Result<Value>)>>(std::move(settled));
  // In a VM that came from a snapshot of this one nobody waits.
  Result<Value> fulfilled =
      context.function("", [call, context](const Context& here, const Value& value) {
        if (here == context) (*call)(value.clone());
      });
  if (!fulfilled) return std::unexpected(fulfilled.error());
  Result<Value> rejected =
      context.function("", [call, context](const Context& here, const Value& reason) {
        if (here == context) (*call)(std::unexpected(Access::thrown(here, reason)));
      });
  if (!rejected) return std::unexpected(rejected.error());
  return runtime::without_result(vm->act([&]() -> std::optional<Value> {
    return vm->then(Access::js(promise), Access::js(*fulfilled), Access::js(*rejected));
  }));
}

Error Access::thrown(const Context& context, const Value& reason) {
  Vm* vm = context.vm_.vm();
  if (vm == nullptr) return closed_handle();
  return vm->error_of_thrown(reason);
}

void keep_task(const Context& context, std::shared_ptr<void> task) {
  if (Vm* vm = Access::vm(context).vm()) vm->keep_task(std::move(task));
}

void drop_task(const Context& context, const void* task) noexcept {
  if (Vm* vm = Access::vm(context).vm()) vm->drop_task(task);
}

}  // namespace detail

Result<Value> Context::await_value(
    const Value& promise, std::optional<std::chrono::steady_clock::time_point> deadline) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->await(promise, deadline);
}

Result<bool> Context::run(std::optional<std::chrono::steady_clock::time_point> until) const {
  Vm* vm = this->vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->run_loop(until);
}

namespace runtime {

using engine::Outcome;
using engine::PromiseState;
using machine::Stop;

namespace {

constexpr auto kForever = std::chrono::steady_clock::time_point::max();

}  // namespace

// Pending promises.

std::optional<std::uint64_t> Vm::open_promise(std::string_view what, bool external) {
  const auto made = engine_->make_promise();
  if (!made) return std::nullopt;
  const std::uint64_t id = ++promise_count_;
  kept_.pending[id] = {.promise = made->promise,
                       .resolve = made->resolve,
                       .reject = made->reject,
                       .external = external,
                       .what = std::string(what),
                       .where = {}};
  name_caller(kept_.pending[id]);
  if (external) ++external_;
  return id;
}

Result<Value> Vm::host_promise(std::uint64_t id) {
  if (const auto at = kept_.pending.find(id); at != kept_.pending.end())
    return share(at->second.promise);
  if (const auto at = settled_.find(id); at != settled_.end()) return share(at->second);
  return std::unexpected(closed_handle());  // of a state that reset() threw away
}

// As `await` does it: what is no promise, or only looks like one, is wrapped.
std::optional<Value> Vm::then(JsValue value, JsValue fulfilled, JsValue rejected) {
  if (engine_->is(value, engine::Test::promise)) {
    return adopt_result(engine_->then(value, fulfilled, rejected));
  }
  const auto wrapper = engine_->make_promise();
  if (!wrapper) return std::nullopt;
  engine_->free_plain(engine_->call_function(wrapper->resolve, JsValue::undefined(), {&value, 1}));
  auto chained = adopt_result(engine_->then(wrapper->promise, fulfilled, rejected));
  engine_->free_plain(wrapper->promise);
  engine_->free_plain(wrapper->resolve);
  engine_->free_plain(wrapper->reject);
  return chained;
}

// Tells by which host function, and from where in the script, the promise was asked for.
void Vm::name_caller(PendingPromise& pending) {
  const JsValue empty = engine_->make_string("");
  const JsValue error =
      engine_->construct(engine_->prelude(engine::PreludeFunction::error), {&empty, 1});
  engine_->free_plain(empty);
  auto described = describe(error);
  engine_->free_plain(error);
  engine_->note(described);
  if (!described) return;
  // "    at name (native)"
  const std::string_view frame =
      std::string_view(described->stack).substr(0, described->stack.find('\n'));
  constexpr std::string_view kBefore = "    at ";
  constexpr std::string_view kAfter = " (native)";
  if (frame.starts_with(kBefore) && frame.ends_with(kAfter)) {
    const std::string_view name =
        frame.substr(kBefore.size(), frame.size() - kBefore.size() - kAfter.size());
    if (!name.empty() && name != pending.what)
      pending.what = fmt::format("{} of {}", pending.what, name);
  }
  locate(*described);
  if (described->location) {
    pending.where = fmt::format("{}:{}:{}", described->location->file, described->location->line,
                                described->location->column);
  }
}

void Vm::settle_posted() {
  // Frames of coroutines that have ended; inside a host function one may be on the stack.
  if (host_depth_ == 0) done_tasks_.clear();
  for (detail::Inbox::Message& message : inbox_->take()) {
    if (!message.make) {  // the last Deferred is gone: nobody will ask for the promise again
      if (const auto at = settled_.find(message.promise); at != settled_.end()) {
        give_back(at->second);
        settled_.erase(at);
      }
      continue;
    }
    const auto at = kept_.pending.find(message.promise);
    if (at == kept_.pending.end()) continue;
    const PendingPromise pending = std::move(at->second);
    kept_.pending.erase(at);
    if (pending.external) --external_;
    Context context(link_);
    Result<Value> outcome = Value();
    before_host();
    try {
      outcome = message.make(context);
    } catch (...) {
      outcome = std::unexpected(current_exception_error());
    }
    if (outcome && !accepts(*outcome)) outcome = std::unexpected(foreign_value());
    const JsValue value = outcome ? take(*outcome) : value_of_error(outcome.error());
    if (!value.is_exception()) {
      const JsValue settle = outcome ? pending.resolve : pending.reject;
      engine_->free_plain(engine_->call_function(settle, JsValue::undefined(), {&value, 1}));
    }
    engine_->free_plain(value);
    settled_[message.promise] = pending.promise;
    engine_->free_plain(pending.resolve);
    engine_->free_plain(pending.reject);
  }
}

// What was thrown, if it came from this run; else a new error.
Vm::JsValue Vm::value_of_error(const Error& error) {
  if (const auto thrown = find_thrown(error)) return engine_->duplicate_plain(*thrown);
  return make_error(error);
}

bool Vm::poll_host() {
  // What is asked may run anything, a loop of its own too: the list is not touched meanwhile.
  std::vector<std::function<bool()>> waiting;
  bool any = false;
  for (std::function<bool()>& done : std::exchange(polls_, {})) {
    bool is_done = false;
    before_host();
    try {
      is_done = done();
    } catch (...) {
      is_done = true;  // a future without a state: dropping it rejects its promise
    }
    any = any || is_done;
    if (!is_done) waiting.push_back(std::move(done));
  }
  polls_.insert(polls_.begin(), std::make_move_iterator(waiting.begin()),
                std::make_move_iterator(waiting.end()));
  return any;
}

void Vm::drop_task(const void* task) noexcept {
  const auto at =
      std::ranges::find(tasks_, task, [](const std::shared_ptr<void>& kept) { return kept.get(); });
  if (at == tasks_.end()) return;
  // Its frame is still on the stack: it goes with the next turn of the loop.
  done_tasks_.push_back(std::move(*at));
  tasks_.erase(at);
}

// The loop.

Outcome<Vm::LoopEnd> Vm::loop(RunState& state, std::optional<JsValue> promise,
                              std::chrono::steady_clock::time_point until) {
  auto pause = std::chrono::microseconds(50);
  for (;;) {
    if (auto done = run_jobs(state); !done) return std::unexpected(done.error());
    if (const machine::Trap trap = engine_->take_trap(); trap != machine::Trap::none) {
      return std::unexpected(trap);
    }
    if (engine_->machine().interrupts().stop() != Stop::none) return LoopEnd::stopped;
    if (promise) {
      const auto status = engine_->promise_state(*promise);
      if (!status) return std::unexpected(status.error());
      if (*status != PromiseState::pending) return LoopEnd::settled;
    }
    if (poll_host()) {
      pause = std::chrono::microseconds(50);
      continue;
    }
    const auto fired = fire_timers(state);
    if (!fired) return std::unexpected(fired.error());
    if (state.thrown && *fired) return LoopEnd::stopped;
    if (*fired) {
      // Timers that do not wait may follow each other without end.
      if (until != kForever && std::chrono::steady_clock::now() >= until) return LoopEnd::deadline;
      continue;
    }
    if (external_ == 0 && polls_.empty()) {
      if (skip_to_next_timer()) continue;
      if (kept_.timers.empty()) return LoopEnd::idle;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return LoopEnd::deadline;
    if (end_of_wall_time(now)) return LoopEnd::stopped;
    auto wake = std::min(until, wall_deadline_);
    if (const auto timer = next_timer_at()) wake = std::min(wake, *timer);
    if (!polls_.empty()) {
      wake = std::min(wake, now + pause);
      pause = std::min(pause * 2, std::chrono::microseconds(1000));
    }
    before_host();
    inbox_->wait(wake);
    // What is posted as the time ends, such as a request that was given just as much, comes too
    // late: which of the two was first is nothing that a script should depend on.
    if (end_of_wall_time(std::chrono::steady_clock::now())) return LoopEnd::stopped;
  }
}

bool Vm::end_of_wall_time(std::chrono::steady_clock::time_point now) noexcept {
  if (now < wall_deadline_) return false;
  engine_->machine().interrupts().request_stop(Stop::wall_time);
  return true;
}

std::string Vm::tell_pending() const {
  constexpr std::size_t kMaxTold = 8;
  std::string text;
  std::size_t told = 0;
  std::vector<std::uint64_t> ids;
  ids.reserve(kept_.pending.size());
  for (const auto& [id, pending] : kept_.pending) ids.push_back(id);
  std::ranges::sort(ids);
  for (const std::uint64_t id : ids) {
    const PendingPromise& pending = kept_.pending.at(id);
    if (told++ == kMaxTold) {
      text += fmt::format(", and {} more", ids.size() - kMaxTold);
      break;
    }
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", pending.what,
                        pending.where.empty() ? "" : " called at ", pending.where);
  }
  return text;
}

Error Vm::never_settles() const {
  const std::string pending = tell_pending();
  Error error{.code = Errc::threw,
              .message =
                  "the script awaits a promise that nothing can settle any more: no job "
                  "is left"};
  if (pending.empty()) {
    error.message += ", and the host has promised nothing";
  } else {
    error.message += fmt::format("; pending in the host, on promises of the script: {}", pending);
  }
  return error;
}

Result<Value> Vm::await(const Value& promise,
                        std::optional<std::chrono::steady_clock::time_point> deadline) {
  if (!accepts(promise)) return std::unexpected(foreign_value());
  const std::shared_ptr<Vm> self = shared_from_this();
  const auto value = run<JsValue>([&](RunState& state) -> Outcome<std::optional<JsValue>> {
    const JsValue own = engine_->duplicate_plain(promise.js_);
    return settle(own, state, deadline.value_or(kForever), false);
  });
  if (!value) return std::unexpected(value.error());
  return adopt(*value);
}

Result<bool> Vm::run_loop(std::optional<std::chrono::steady_clock::time_point> until) {
  return run<bool>([&](RunState& state) -> Outcome<std::optional<bool>> {
    const auto end = loop(state, std::nullopt, until.value_or(kForever));
    if (!end) return std::unexpected(end.error());
    return std::optional(*end == LoopEnd::idle);
  });
}

Error Vm::error_of_thrown(const Value& reason) {
  RunState state;
  auto error = describe(reason.js_);
  engine_->note(error);
  if (!error) return closed_handle();
  locate(*error);
  error->thrown = keep_thrown(engine_->duplicate_plain(reason.js_));
  return std::move(*error);
}

void Vm::close_promises() noexcept {
  // In this order: what polls and waits refers to frames of tasks.
  inbox_->forget(promise_count_);
  stop_fetches();
  polls_.clear();
  kept_.pending.clear();
  settled_.clear();
  external_ = 0;
  done_tasks_.clear();
  tasks_.clear();
}

}  // namespace runtime
}  // namespace sandglass
