#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "sandglass/function.h"
#include "sandglass/promise.h"

namespace sandglass {

namespace detail {

/// The JavaScript side of a channel: an async iterable with these as methods.
[[nodiscard]] Result<Value> make_channel(const Context& context, Result<Value> receive,
                                         Result<Value> send, Result<Value> close);
/// The value that tells the JavaScript side that there is no more.
[[nodiscard]] Result<Value> channel_end(const Context& context);

template <class T>
class ChannelCore {
 public:
  explicit ChannelCore(std::size_t capacity) : capacity_(capacity) {}

  /// Gives the item to a waiting receiver or puts it into the queue. False: closed, or full.
  bool try_send(T& item) {
    const std::lock_guard lock(mutex_);
    return offer(item);
  }

  // try_send with the lock held.
  bool offer(T& item) {
    if (closed_) return false;
    while (!receivers_.empty()) {
      Receiver receiver = std::move(receivers_.front());
      receivers_.pop_front();
      // A VM that is gone does not take it.
      if (receiver(item)) return true;
    }
    if (items_.size() >= capacity_ + waiting_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  template <class Until>
  bool send(T item, Until until) {
    for (;;) {
      if (try_send(item)) return true;
      std::unique_lock lock(mutex_);
      const auto room = [this] {
        return closed_ || items_.size() < capacity_ + waiting_ || !receivers_.empty();
      };
      if (!until(changed_, lock, room) || closed_) return false;
    }
  }

  std::optional<T> try_receive() {
    std::unique_lock lock(mutex_);
    return take(lock);
  }

  template <class Until>
  std::optional<T> receive(Until until) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (auto item = take(lock)) return item;
      if (closed_) return std::nullopt;
      // Without capacity an item has a place only while someone waits for it.
      ++waiting_;
      changed_.notify_all();
      until(changed_, lock, [this] { return closed_ || !items_.empty() || !senders_.empty(); });
      --waiting_;
      if (items_.empty() && senders_.empty()) return std::nullopt;
    }
  }

  void close() {
    std::deque<Receiver> receivers;
    std::deque<Sender> senders;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(closed_, true)) return;
      receivers.swap(receivers_);
      senders.swap(senders_);
      changed_.notify_all();
    }
    for (Receiver& receiver : receivers) receiver.end();
    for (Sender& sender : senders) sender.refused();
  }

  // What JavaScript waits with, instead of a thread.
  class Receiver {
   public:
    explicit Receiver(std::shared_ptr<Settler> settler) : settler_(std::move(settler)) {}
    bool operator()(T& item) {
      auto kept = std::make_shared<T>(std::move(item));
      if (settler_->settle([kept](Context& context) { return context.make(std::move(*kept)); }))
        return true;
      item = std::move(*kept);
      return false;
    }
    void end() {
      settler_->settle([](Context& context) { return channel_end(context); });
    }

   private:
    std::shared_ptr<Settler> settler_;
  };
  struct Sender {
    T item;
    std::shared_ptr<Settler> settler;
    void accepted() const {
      settler->settle([](Context&) { return Result<Value>(Value::boolean(true)); });
    }
    void refused() const {
      settler->settle([](Context&) { return Result<Value>(Value::boolean(false)); });
    }
  };

  void receive_later(Receiver receiver) {
    std::unique_lock lock(mutex_);
    if (auto item = take(lock)) {
      receiver(*item);
    } else if (closed_) {
      receiver.end();
    } else {
      receivers_.push_back(std::move(receiver));
      changed_.notify_all();
    }
  }
  void send_later(T item, std::shared_ptr<Settler> settler) {
    Sender sender{std::move(item), std::move(settler)};
    const std::lock_guard lock(mutex_);
    if (offer(sender.item)) {
      sender.accepted();
    } else if (closed_) {
      sender.refused();
    } else {
      senders_.push_back(std::move(sender));
      changed_.notify_all();
    }
  }

 private:
  // The next item, if there is one; makes room for a script that waits to send.
  std::optional<T> take(std::unique_lock<std::mutex>&) {
    std::optional<T> item;
    if (!items_.empty()) {
      item = std::move(items_.front());
      items_.pop_front();
    }
    while (!senders_.empty() && (!item || items_.size() < capacity_)) {
      Sender sender = std::move(senders_.front());
      senders_.pop_front();
      if (item) {
        items_.push_back(std::move(sender.item));
      } else {
        item = std::move(sender.item);
      }
      sender.accepted();
    }
    if (item) changed_.notify_all();
    return item;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::size_t capacity_;
  std::size_t waiting_ = 0;  // threads in receive()
  std::deque<T> items_;
  std::deque<Receiver> receivers_;
  std::deque<Sender> senders_;
  bool closed_ = false;
};

}  // namespace detail

/// A bounded queue between threads and scripts. In JavaScript it is an async iterable:
///
///     for await (const job of jobs) { ... await results.send(answer); }     // ends when closed
///
/// with `send(value)` (a promise: true when it was accepted, false if the channel is closed),
/// `receive()` (a promise: undefined at the end) and `close()`.
///
/// Copies share the queue; when the last C++ copy goes, the channel is closed. What is in it can
/// still be received. Each item goes to one receiver; items keep their order.
/// Thread: any, any number, for all of it. On the thread of a VM use only the try_ forms: the
///         others would wait for a script that cannot run.
template <class T>
class Channel {
  static_assert(!std::is_same_v<T, Value>, "a Value belongs to one VM and its thread");

 public:
  using Clock = std::chrono::steady_clock;

  /// Holds up to `capacity` items; 0: a sender waits for a receiver.
  explicit Channel(std::size_t capacity = 16)
      : core_(std::make_shared<detail::ChannelCore<T>>(capacity)),
        closer_(core_.get(), [core = core_](void*) { core->close(); }) {}

  /// Waits for room. False: closed, or `deadline` came first.
  bool send(T item, std::optional<Clock::time_point> deadline = std::nullopt) const {
    return core_->send(std::move(item), waiter(deadline));
  }
  bool try_send(T item) const { return core_->try_send(item); }
  /// Waits for an item. nullopt: closed and empty, or `deadline` came first.
  std::optional<T> receive(std::optional<Clock::time_point> deadline = std::nullopt) const {
    return core_->receive(waiter(deadline));
  }
  std::optional<T> try_receive() const { return core_->try_receive(); }
  /// No more is sent; what is in it can be received.
  void close() const { core_->close(); }

  [[nodiscard]] const std::shared_ptr<detail::ChannelCore<T>>& core() const noexcept {
    return core_;
  }

 private:
  static auto waiter(std::optional<Clock::time_point> deadline) {
    return [deadline](std::condition_variable& changed, std::unique_lock<std::mutex>& lock,
                      auto ready) {
      if (deadline) return changed.wait_until(lock, *deadline, ready);
      changed.wait(lock, ready);
      return true;
    };
  }

  std::shared_ptr<detail::ChannelCore<T>> core_;
  std::shared_ptr<void> closer_;
};

template <class T>
struct Convert<Channel<T>> {
  static Result<Value> to_js(Context& context, const Channel<T>& channel) {
    using Core = detail::ChannelCore<T>;
    const std::shared_ptr<Core> core = channel.core();
    auto receive = context.function("receive", [core](const Context& here) -> Result<Value> {
      auto settler = detail::Promises::open(here, "channel.receive", true);
      if (!settler) return std::unexpected(std::move(settler.error()));
      Result<Value> promise = detail::Promises::promise(here, **settler);
      if (promise) core->receive_later(typename Core::Receiver(std::move(*settler)));
      return promise;
    });
    auto send = context.function("send", [core](const Context& here, T item) -> Result<Value> {
      auto settler = detail::Promises::open(here, "channel.send", true);
      if (!settler) return std::unexpected(std::move(settler.error()));
      Result<Value> promise = detail::Promises::promise(here, **settler);
      if (promise) core->send_later(std::move(item), std::move(*settler));
      return promise;
    });
    auto close = context.function("close", [core] { core->close(); });
    return detail::make_channel(context, std::move(receive), std::move(send), std::move(close));
  }
};

}  // namespace sandglass
