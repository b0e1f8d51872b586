#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sandglass/convert.h"
#include "sandglass/convert/errors.h"

namespace sandglass {

namespace detail {

class Inbox;

/// Makes the value a promise is fulfilled with, or says why it is rejected. Runs on the VM's
/// thread.
using MakeOutcome = std::function<Result<Value>(Context&)>;

/// The host's end of one promise. Settled once, from any thread; dropped unsettled it rejects.
class Settler {
 public:
  Settler(std::shared_ptr<Inbox> inbox, std::uint64_t id) noexcept;
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;
  ~Settler();
  /// False: it was settled before, or the VM is gone.
  bool settle(MakeOutcome make);
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] const std::shared_ptr<Inbox>& inbox() const noexcept { return inbox_; }

 private:
  std::shared_ptr<Inbox> inbox_;
  std::uint64_t id_;
  std::atomic<bool> settled_{false};
};

struct Promises {
  /// A pending promise. `what` names it where it is told what is pending. `external`: something
  /// outside of the VM will settle it, which is worth waiting for.
  [[nodiscard]] static Result<std::shared_ptr<Settler>> open(const Context& context,
                                                             std::string_view what, bool external);
  /// The promise of `settler`, pending or settled.
  [[nodiscard]] static Result<Value> promise(const Context& context, const Settler& settler);
  /// Asks `done` between jobs until it is true; it settles its promise then.
  static void poll(const Context& context, std::function<bool()> done);
  /// Calls `settled` on the VM's thread with the outcome of `promise` (any value will do).
  static Result<void> when_settled(const Context& context, const Value& promise,
                                   std::function<void(Result<Value>)> settled);
};

template <class T>
MakeOutcome make_outcome(T value) {
  // std::function wants to copy.
  auto kept = std::make_shared<T>(std::move(value));
  return [kept](Context& context) { return context.make(std::move(*kept)); };
}

}  // namespace detail

/// A promise that C++ settles, from any thread:
///
///     global.set("ask", [&](Context& context, std::string question) ->
///     Result<Deferred<std::string>> {
///       auto answer = context.deferred<std::string>("ask");
///       if (answer) queue.push({question, *answer});   // some thread: answer.resolve("42")
///       return answer;
///     });
///
/// Copies share the promise. The first of resolve() and reject() counts; when the last copy goes
/// without either, the promise is rejected.
/// Thread: any, for all of it. T crosses threads, so it cannot be a Value.
template <class T>
class Deferred {
  static_assert(!std::is_same_v<T, Value>, "a Value belongs to one VM and its thread");

 public:
  explicit Deferred(std::shared_ptr<detail::Settler> settler) noexcept
      : settler_(std::move(settler)) {}

  /// The script sees it when the VM next runs its jobs: in eval with top-level await, in await()
  /// or run(), or in its next run. False: settled before, or the VM is gone.
  template <class U = T>
    requires(!std::is_void_v<T>)
  bool resolve(U value) const {
    return settler_->settle(detail::make_outcome<T>(T(std::move(value))));
  }
  bool resolve() const
    requires std::is_void_v<T>
  {
    return settler_->settle([](Context&) { return Result<Value>(Value()); });
  }
  bool reject(Error error) const {
    return settler_->settle(
        [error = std::move(error)](Context&) -> Result<Value> { return std::unexpected(error); });
  }
  bool reject(const std::exception_ptr& exception) const { return reject(error_of(exception)); }

  [[nodiscard]] const std::shared_ptr<detail::Settler>& settler() const noexcept {
    return settler_;
  }

 private:
  std::shared_ptr<detail::Settler> settler_;
};

template <class T>
Result<Deferred<T>> Context::deferred(std::string_view what) const {
  auto settler = detail::Promises::open(*this, what, true);
  if (!settler) return std::unexpected(std::move(settler.error()));
  return Deferred<T>(std::move(*settler));
}

/// A Deferred -> its promise.
template <class T>
struct Convert<Deferred<T>> {
  static Result<Value> to_js(Context& context, const Deferred<T>& deferred) {
    return detail::Promises::promise(context, *deferred.settler());
  }
};

/// A future -> a promise. While a run waits, it looks at its futures every millisecond at least; a
/// Deferred or a Task is told at once. An exception in it rejects.
template <class T>
struct Convert<std::future<T>> {
  static Result<Value> to_js(Context& context, std::future<T> future) {
    if (!future.valid()) return std::unexpected(out_of_range("the future has no state"));
    auto settler = detail::Promises::open(context, "future", true);
    if (!settler) return std::unexpected(std::move(settler.error()));
    Result<Value> promise = detail::Promises::promise(context, **settler);
    if (!promise) return promise;
    auto kept = std::make_shared<std::future<T>>(std::move(future));
    detail::Promises::poll(context, [kept, settler = std::move(*settler)] {
      // A deferred one is run by get().
      if (kept->wait_for(std::chrono::seconds(0)) == std::future_status::timeout) return false;
      settler->settle([kept](Context& here) -> Result<Value> {
        try {
          if constexpr (std::is_void_v<T>) {
            kept->get();
            return Value();
          } else {
            return here.make(kept->get());
          }
        } catch (...) {
          return std::unexpected(error_of(std::current_exception()));
        }
      });
      return true;
    });
    return promise;
  }
};

template <class T>
Result<T> Context::await(const Value& promise,
                         std::optional<std::chrono::steady_clock::time_point> deadline) const {
  Result<Value> value = await_value(promise, deadline);
  if constexpr (std::is_same_v<T, Value>) {
    return value;
  } else {
    if (!value) return std::unexpected(std::move(value.error()));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return value->template as<T>();
    }
  }
}

}  // namespace sandglass
