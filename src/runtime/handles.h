// What the implementations of Context and Value share.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "runtime/run.h"
#include "sandglass/convert.h"

namespace sandglass::runtime {

[[nodiscard]] inline Error closed_handle() {
  return {.code = Errc::closed,
          .message = "the VM of this value is gone, was reset, or has faulted",
          .vm_usable = false};
}

[[nodiscard]] inline Error foreign_value() {
  return {.code = Errc::invalid_argument, .message = "the value belongs to another VM"};
}

/// An atom for as long as it lives.
class ScopedAtom {
 public:
  ScopedAtom(engine::Engine& engine, engine::Atom atom) noexcept : engine_(engine), atom_(atom) {}
  ScopedAtom(const ScopedAtom&) = delete;
  ScopedAtom& operator=(const ScopedAtom&) = delete;
  ~ScopedAtom() { engine_.free_atom(atom_); }
  [[nodiscard]] operator engine::Atom() const noexcept { return atom_; }

 private:
  engine::Engine& engine_;
  engine::Atom atom_;
};

/// Nothing, as the result of a body of Vm::act that has none.
struct Done {};

template <class T>
[[nodiscard]] Result<void> without_result(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

/// true where `ok`, nullopt (an exception is pending) where not.
[[nodiscard]] inline std::optional<Done> done_if(bool ok) {
  return ok ? std::optional(Done()) : std::nullopt;
}

}  // namespace sandglass::runtime
