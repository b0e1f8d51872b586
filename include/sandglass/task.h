#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "sandglass/function.h"
#include "sandglass/promise.h"

namespace sandglass {

template <class T = void>
class Task;

namespace detail {

// What every Task's promise has, whatever it returns.
class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class P>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<P> self) noexcept {
      TaskPromiseBase& promise = self.promise();
      if (promise.continuation_) return promise.continuation_;
      if (promise.finished_) promise.finished_();
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  /// `co_await` of a task: runs it, and goes on with its result.
  template <class T>
  auto await_transform(Task<T>&& task) noexcept;
  /// Of a promise (or any value): goes on when it is settled, with its value or its error.
  auto await_transform(const Value& promise) noexcept;
  template <class T>
  auto await_transform(const Deferred<T>& deferred);
  template <class T>
  auto await_transform(std::future<T>&& future);

  Context context_;
  std::coroutine_handle<> continuation_;
  std::function<void()> finished_;
  std::exception_ptr exception_;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() {
    if (exception_) std::rethrow_exception(exception_);
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() {
    if (exception_) std::rethrow_exception(exception_);
  }
};

// Keeps a started task, and everything that it waits for, until it is done or the VM ends.
void keep_task(const Context& context, std::shared_ptr<void> task);
void drop_task(const Context& context, const void* task) noexcept;

}  // namespace detail

/// A coroutine of the host that a script may await: an asynchronous host function.
///
///     Task<std::string> greet(Context context, std::string name) {
///       const std::string title = co_await look_up(name);        // another Task
///       const auto reply = co_await std::move(future);           // a std::future
///       const Result<Value> settled = co_await promise;          // a promise of the script
///       co_return title + " " + name;
///     }
///     global.set("greet", greet);                                // await greet("Ada")
///
/// It runs on the VM's thread: from the call to its first wait at once, then whenever what it waits
/// for is there and the VM runs its jobs. Parameters must be values: a reference or view would
/// dangle after the first wait. An exception rejects the promise. If the VM ends first, its frame
/// is destroyed where it stands.
/// Lifetime: move-only; a Task that is neither returned to a script nor awaited never runs.
template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] Handle handle() const noexcept { return handle_; }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

template <class T>
struct TaskAwaiter {
  Task<T> task;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> outer) noexcept {
    task.handle().promise().context_ = outer.promise().context_;
    task.handle().promise().continuation_ = outer;
    return task.handle();
  }
  T await_resume() { return task.handle().promise().take(); }
};

template <class T>
auto TaskPromiseBase::await_transform(Task<T>&& task) noexcept {
  return TaskAwaiter<T>{std::move(task)};
}

struct PromiseAwaiter {
  Context context;
  Value promise;
  std::shared_ptr<std::optional<Result<Value>>> outcome =
      std::make_shared<std::optional<Result<Value>>>();

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> self) {
    const Result<void> waiting =
        Promises::when_settled(context, promise, [kept = outcome, self](Result<Value> settled) {
          kept->emplace(std::move(settled));
          self.resume();
        });
    if (!waiting) outcome->emplace(std::unexpected(waiting.error()));
    return waiting.has_value();
  }
  Result<Value> await_resume() { return std::move(**outcome); }
};

inline auto TaskPromiseBase::await_transform(const Value& promise) noexcept {
  return PromiseAwaiter{context_, promise.clone()};
}

template <class T>
struct DeferredAwaiter : PromiseAwaiter {
  Result<T> await_resume() {
    Result<Value> settled = PromiseAwaiter::await_resume();
    if (!settled) return std::unexpected(std::move(settled.error()));
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return settled->template as<T>();
    }
  }
};

template <class T>
auto TaskPromiseBase::await_transform(const Deferred<T>& deferred) {
  return DeferredAwaiter<T>{
      {context_, value_or_throw(Promises::promise(context_, *deferred.settler()))}};
}

template <class T>
struct FutureAwaiter {
  Context context;
  std::shared_ptr<std::future<T>> future;
  [[nodiscard]] bool await_ready() const {
    return !future->valid() ||
           future->wait_for(std::chrono::seconds(0)) != std::future_status::timeout;
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> self) {
    Promises::poll(context, [kept = future, self] {
      if (kept->wait_for(std::chrono::seconds(0)) == std::future_status::timeout) return false;
      self.resume();
      return true;
    });
  }
  T await_resume() { return future->get(); }
};

template <class T>
auto TaskPromiseBase::await_transform(std::future<T>&& future) {
  return FutureAwaiter<T>{context_, std::make_shared<std::future<T>>(std::move(future))};
}

}  // namespace detail

/// A Task -> a promise; it starts now.
template <class T>
struct Convert<Task<T>> {
  static Result<Value> to_js(Context& context, Task<T> task) {
    auto settler = detail::Promises::open(context, "task", false);
    if (!settler) return std::unexpected(std::move(settler.error()));
    Result<Value> promise = detail::Promises::promise(context, **settler);
    if (!promise) return promise;
    auto kept = std::make_shared<Task<T>>(std::move(task));
    auto& state = kept->handle().promise();
    state.context_ = context;
    // The frame is not destroyed from inside of itself: drop_task only says that it may go.
    state.finished_ = [settler = std::move(*settler), frame = kept.get(), context] {
      auto& done = frame->handle().promise();
      try {
        if constexpr (std::is_void_v<T>) {
          done.take();
          settler->settle([](Context&) { return Result<Value>(Value()); });
        } else if constexpr (detail::kIsResult<T>) {
          T result = done.take();
          if (!result) {
            settler->settle([error = std::move(result.error())](Context&) -> Result<Value> {
              return std::unexpected(error);
            });
          } else if constexpr (std::is_void_v<typename T::value_type>) {
            settler->settle([](Context&) { return Result<Value>(Value()); });
          } else {
            settler->settle(detail::make_outcome(std::move(*result)));
          }
        } else {
          settler->settle(detail::make_outcome<T>(done.take()));
        }
      } catch (...) {
        settler->settle([error = error_of(std::current_exception())](Context&) -> Result<Value> {
          return std::unexpected(error);
        });
      }
      detail::drop_task(context, frame);
    };
    const auto handle = kept->handle();
    detail::keep_task(context, std::move(kept));
    handle.resume();
    return promise;
  }
};

}  // namespace sandglass
