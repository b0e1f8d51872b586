// setTimeout and its kin: the queue, and what the script calls.
#include "runtime/timers.h"

#include <algorithm>

#include "runtime/run.h"

namespace sandglass::runtime {

using engine::Outcome;
using std::chrono::nanoseconds;

std::uint32_t Timers::new_id() {
  // Ids stay positive int32s, and are not given twice while one is in use.
  constexpr std::uint32_t kLast = INT32_MAX;
  do {
    last_id_ = last_id_ == kLast ? 1 : last_id_ + 1;
  } while (places_.contains(last_id_));
  return last_id_;
}

std::uint32_t Timers::add(Timer timer, Time due) {
  const std::uint32_t id = new_id();
  again({id, timer}, due);
  return id;
}

std::uint32_t Timers::add_immediate(Timer timer) {
  const std::uint32_t id = new_id();
  put_immediate({id, timer});
  return id;
}

void Timers::put_immediate(Due timer) {
  const std::uint64_t number = ++count_;
  places_.emplace(timer.id, Key(kImmediate, number));
  immediates_.emplace(number, timer);
}

void Timers::again(Due fired, Time due) {
  const Key key(std::clamp(due, Time::zero(), kEnd), ++count_);
  places_.emplace(fired.id, key);
  queue_.emplace(key, fired);
}

void Timers::restore(Due timer, std::optional<Time> due) {
  constexpr Time kLongest = std::chrono::milliseconds{INT32_MAX};
  if (timer.id == 0 || timer.id > INT32_MAX || places_.contains(timer.id) || full()) return;
  if (timer.timer.interval) {
    timer.timer.interval =
        std::clamp(*timer.timer.interval, Time{std::chrono::milliseconds{1}}, kLongest);
  }
  if (due) {
    again(timer, *due);
  } else {
    put_immediate(timer);
  }
  last_id_ = std::max(last_id_, timer.id);
}

std::optional<Timers::Timer> Timers::remove(std::uint32_t id) {
  const auto at = places_.find(id);
  if (at == places_.end()) return std::nullopt;
  const Key key = at->second;
  places_.erase(at);
  if (key.first == kImmediate) return immediates_.extract(key.second).mapped().timer;
  return queue_.extract(key).mapped().timer;
}

std::optional<Timers::Time> Timers::next() const noexcept {
  if (!immediates_.empty()) return kImmediate;
  if (queue_.empty()) return std::nullopt;
  return queue_.begin()->first.first;
}

std::optional<Timers::Due> Timers::take_due(Time now, std::uint64_t age) {
  // One that is younger may stand before older ones that are due later.
  auto at = queue_.begin();
  while (at != queue_.end() && at->first.first <= now && at->first.second > age) ++at;
  if (at == queue_.end() || at->first.first > now) return std::nullopt;
  const Due due = at->second;
  queue_.erase(at);
  places_.erase(due.id);
  return due;
}

std::optional<Timers::Due> Timers::take_immediate(std::uint64_t age) {
  const auto at = immediates_.begin();
  if (at == immediates_.end() || at->first > age) return std::nullopt;
  const Due due = at->second;
  immediates_.erase(at);
  places_.erase(due.id);
  return due;
}

// What the script calls.

namespace {

// More than the engine lets a call have; the array may have become anything.
constexpr std::uint64_t kMaxArguments = 65'535;

// As in Node: what is no such number, or too large for 32 bits, is 1 ms.
nanoseconds delay_of(double milliseconds) {
  constexpr double kMax = INT32_MAX;
  const bool fits = milliseconds >= 1 && milliseconds <= kMax;
  return std::chrono::milliseconds(fits ? static_cast<std::int64_t>(milliseconds) : 1);
}

}  // namespace

// (callback, delay, arguments or undefined): the prelude has checked what they are.
engine::JsValue Vm::add_timer(std::span<const JsValue> given, TimerKind kind) {
  if (given.size() < 3 || !engine_->is(given[0], engine::Test::function)) {
    return engine_->throw_bare(engine::PreludeFunction::type_error,
                               "The \"callback\" argument must be of type function");
  }
  Timers& timers = kept_.timers;
  if (timers.full()) {
    return engine_->throw_bare(engine::PreludeFunction::range_error,
                               "a VM may have 65536 timers at a time");
  }
  const Timers::Timer timer = {.callback = engine_->duplicate_plain(given[0]),
                               .arguments = engine_->duplicate_plain(given[2]),
                               .interval = std::nullopt};
  if (timer.callback.is_exception() || timer.arguments.is_exception()) {
    return JsValue::exception();
  }
  if (kind == TimerKind::immediate)
    return JsValue::integer(static_cast<std::int32_t>(timers.add_immediate(timer)));
  const nanoseconds delay = delay_of(number_or_nan(given[1]));
  Timers::Timer timed = timer;
  if (kind == TimerKind::interval) timed.interval = delay;
  return JsValue::integer(static_cast<std::int32_t>(timers.add(timed, elapsed() + delay)));
}

engine::JsValue Vm::clear_timer(std::span<const JsValue> given) {
  const double id = given.empty() ? 0 : number_or_nan(given[0]);
  const bool fits = id >= 1 && id <= INT32_MAX;
  const auto timer = fits ? kept_.timers.remove(static_cast<std::uint32_t>(id)) : std::nullopt;
  if (timer) free_timer(*timer);
  return JsValue::undefined();
}

void Vm::free_timer(const Timers::Timer& timer) {
  give_back(timer.callback);
  give_back(timer.arguments);
}

// The loop's part.

std::optional<std::chrono::steady_clock::time_point> Vm::next_timer_at() const {
  const auto next = kept_.timers.next();
  if (!next || !options_.grants.clock.runs()) return std::nullopt;
  nanoseconds due = *next;
  if (due > nanoseconds::zero()) {
    const nanoseconds step = options_.grants.clock.resolution();
    due += (step - due % step) % step;
  }
  return origin_time_ + std::max(due, nanoseconds::zero());
}

Outcome<bool> Vm::fire_timers(RunState& state) {
  Timers& timers = kept_.timers;
  if (timers.empty()) return false;
  const std::uint64_t age = timers.age();
  bool any = false;
  const nanoseconds now = elapsed();
  while (const auto due = timers.take_due(now, age)) {
    any = true;
    if (auto fired = fire(*due, state); !fired) return std::unexpected(fired.error());
    if (ends(state)) return true;
  }
  while (const auto due = timers.take_immediate(age)) {
    any = true;
    if (auto fired = fire(*due, state); !fired) return std::unexpected(fired.error());
    if (ends(state)) return true;
  }
  return any;
}

bool Vm::ends(const RunState& state) const noexcept {
  return state.thrown.has_value() || engine_->machine().interrupts().stop() != machine::Stop::none;
}

Outcome<void> Vm::fire(const Timers::Due& due, RunState& state) {
  const Timers::Timer& timer = due.timer;
  std::vector<JsValue> arguments;
  if (timer.arguments.is_object()) {
    arguments.resize(std::min(engine_->length(timer.arguments).value_or(0), kMaxArguments));
    arguments.resize(engine_->get_elements(timer.arguments, 0, arguments));
  }
  // In the queue again first: it may be cleared by its own callback.
  if (timer.interval) kept_.timers.again(due, elapsed() + *timer.interval);
  const JsValue callback = engine_->duplicate_plain(timer.callback);
  const JsValue result = engine_->call_function(callback, JsValue::undefined(), arguments);
  engine_->free_plain(callback);
  engine_->free_all(arguments);
  if (!timer.interval) free_timer(timer);
  if (const machine::Trap trap = engine_->take_trap(); trap != machine::Trap::none) {
    return std::unexpected(trap);
  }
  if (result.is_exception()) {
    if (auto taken = take_thrown(state); !taken) return taken;
  } else {
    engine_->free_plain(result);
  }
  return run_jobs(state);
}

bool Vm::skip_to_next_timer() {
  const auto next = kept_.timers.next();
  if (!next || options_.grants.clock.runs()) return false;
  kept_.elapsed = std::max(kept_.elapsed, *next);
  tell_time();
  return true;
}

}  // namespace sandglass::runtime
