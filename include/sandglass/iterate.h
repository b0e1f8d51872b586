#pragma once

#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sandglass/convert.h"
#include "sandglass/function.h"

namespace sandglass {

namespace detail {

/// Goes through an iterable of the guest, an element at a time.
class IterationSource {
 public:
  IterationSource(const Value& iterable, IterateOptions options);
  IterationSource(IterationSource&&) noexcept;
  IterationSource& operator=(IterationSource&&) noexcept;
  ~IterationSource();

  /// The next element; nullopt at the end, and after an error.
  [[nodiscard]] std::optional<Result<Value>> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace detail

/// What Value::iterate returns: an input range of Result<T>, gone through once.
///
/// Errors: an element that does not convert, script code that throws, or more than
///         `IterateOptions::max_items` elements: that error is the last item.
/// Lifetime: holds its own reference to the iterable.
template <class T>
class Iteration {
 public:
  using Item = Result<T>;

  class Iterator {
   public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    [[nodiscard]] Item& operator*() const { return *iteration_->item_; }
    [[nodiscard]] Item* operator->() const { return &*iteration_->item_; }
    Iterator& operator++() {
      iteration_->advance();
      return *this;
    }
    void operator++(int) { iteration_->advance(); }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
      return iterator.ended();
    }

   private:
    [[nodiscard]] bool ended() const noexcept { return !iteration_->item_.has_value(); }
    friend class Iteration;
    explicit Iterator(Iteration* iteration) noexcept : iteration_(iteration) {}
    Iteration* iteration_ = nullptr;
  };

  explicit Iteration(const Value& iterable, IterateOptions options = {})
      : source_(iterable, options) {}
  Iteration(const Iteration&) = delete;
  Iteration& operator=(const Iteration&) = delete;

  [[nodiscard]] Iterator begin() {
    advance();
    return Iterator(this);
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() {
    item_.reset();
    if (ended_) return;
    std::optional<Result<Value>> next = source_.next();
    if (!next) return;
    if constexpr (std::is_same_v<T, Value>) {
      item_ = std::move(*next);
    } else if (*next) {
      item_ = (*next)->template as<T>("[" + std::to_string(index_) + "]");
    } else {
      item_ = std::unexpected(std::move(next->error()));
    }
    ++index_;
    ended_ = !*item_;
  }

  detail::IterationSource source_;
  std::optional<Item> item_;
  std::size_t index_ = 0;
  bool ended_ = false;
};

inline Iteration<Value> Value::iterate(IterateOptions options) const {
  return Iteration<Value>(*this, options);
}
template <class T>
Iteration<T> Value::iterate(IterateOptions options) const {
  return Iteration<T>(*this, options);
}

/// A C++ range that becomes a lazy JavaScript iterable: see iterate_range().
template <class R>
struct IterableRange {
  R range;
  /// Kept as long as the iterator: what the range is a view of.
  std::shared_ptr<void> owner{};
};

namespace detail {
template <class T>
inline constexpr bool kIsIterableRange = false;
template <class R>
inline constexpr bool kIsIterableRange<IterableRange<R>> = true;
}  // namespace detail

/// Hands `range` to JavaScript as an iterator that takes one element after another when the script
/// asks for it, be it a view, a generator or a container:
///
///     global.set("primes", sandglass::iterate_range(primes()));     // for (const p of primes) ...
///
/// An rvalue is moved in and lives as long as the iterator. An lvalue must be a view, or be copied:
/// a reference to a container would dangle.
template <std::ranges::input_range R>
  requires(!std::is_lvalue_reference_v<R> || std::ranges::view<std::remove_cvref_t<R>>)
[[nodiscard]] IterableRange<std::remove_cvref_t<R>> iterate_range(R&& range) {
  return {.range = std::forward<R>(range)};
}

namespace detail {

// A range with its place in it. Its address is fixed: iterators may point into the range.
template <class R>
class RangeCursor {
 public:
  explicit RangeCursor(R range) : range_(std::move(range)) {}
  /// The next element as a value; nullopt at the end.
  Result<std::optional<Value>> next(Context& context) {
    if (!at_) {
      at_.emplace(std::ranges::begin(range_));
    } else if (*at_ != std::ranges::end(range_)) {
      ++*at_;
    }
    if (*at_ == std::ranges::end(range_)) return std::optional<Value>();
    Result<Value> made = context.make(std::ranges::range_value_t<R>(**at_));
    if (!made) return std::unexpected(std::move(made.error()));
    return std::optional<Value>(std::move(*made));
  }

 private:
  R range_;
  std::optional<std::ranges::iterator_t<R>> at_;
};

/// An iterator of the guest whose elements `pull` gives: nullopt is the end. `close` is called once
/// when the script is done with it, early or not.
[[nodiscard]] Result<Value> make_iterator(
    const Context& context, std::function<Result<std::optional<Value>>(Context&)> pull,
    std::function<void()> close);

}  // namespace detail

template <class R>
struct Convert<IterableRange<R>> {
  static Result<Value> to_js(Context& context, IterableRange<R> iterable) {
    // The owner goes last: the range may look at it to its end.
    struct State {
      std::shared_ptr<void> owner;
      std::optional<detail::RangeCursor<R>> cursor;
    };
    auto state = std::make_shared<State>();
    state->owner = std::move(iterable.owner);
    state->cursor.emplace(std::move(iterable.range));
    return detail::make_iterator(
        context,
        [state](Context& here) -> Result<std::optional<Value>> {
          if (!state->cursor) return std::optional<Value>();
          return state->cursor->next(here);
        },
        [state] {
          state->cursor.reset();
          state->owner.reset();
        });
  }
};

}  // namespace sandglass
