#include "runtime/inbox.h"

namespace sandglass::detail {

bool Inbox::post(std::uint64_t promise, MakeOutcome make) {
  const std::lock_guard lock(mutex_);
  if (closed_ || promise <= forgotten_) return false;
  messages_.push_back({promise, std::move(make)});
  changed_.notify_all();
  return true;
}

std::vector<Inbox::Message> Inbox::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(messages_, {});
}

void Inbox::forget(std::uint64_t last) {
  std::vector<Message> dropped;  // destroyed without the lock: destructors may post
  const std::lock_guard lock(mutex_);
  forgotten_ = last;
  dropped.swap(messages_);
}

void Inbox::wait(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  const auto ready = [this] { return !messages_.empty() || woken_; };
  if (until == Clock::time_point::max()) {
    changed_.wait(lock, ready);
  } else {
    changed_.wait_until(lock, until, ready);
  }
  woken_ = false;
}

void Inbox::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

void Inbox::drop_thrown(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  if (!closed_ && number > forgotten_thrown_) dropped_thrown_.push_back(number);
}

std::vector<std::uint64_t> Inbox::take_dropped() {
  const std::lock_guard lock(mutex_);
  return std::exchange(dropped_thrown_, {});
}

void Inbox::forget_thrown(std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  forgotten_thrown_ = last;
  dropped_thrown_.clear();
}

void Inbox::close() {
  std::vector<Message> dropped;  // destroyed without the lock: destructors may post
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(messages_);
}

}  // namespace sandglass::detail
