#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sandglass/class.h"
#include "sandglass/function.h"
#include "sandglass/snapshot.h"

namespace sandglass {

/// The C++ that a snapshot from a file is bound to again, by name:
///
///     sandglass::Bindings bindings;
///     bindings.function("log", &log).bind(counter_class());
///     auto snapshot = sandglass::Snapshot::load(bytes, bindings);
///
/// A function's name is the one it was made with, the first that it was set as. Names that the
/// snapshot does not ask for are passed over.
class Bindings {
 public:
  /// Signature and meaning are those of the function that was bound when the snapshot was taken:
  /// scripts in it know no other.
  template <class F>
    requires detail::Callable<std::decay_t<F>>
  Bindings& function(std::string name, F&& callable) {
    functions_[std::move(name)] =
        std::make_shared<detail::CallableFunction<std::decay_t<F>>>(std::forward<F>(callable));
    return *this;
  }
  template <class T>
  Bindings& bind(const Class<T>& bound) {
    classes_[bound.definition()->name] = bound.definition();
    return *this;
  }

 private:
  friend struct runtime::SnapshotFile;
  std::map<std::string, std::shared_ptr<detail::HostFunction>, std::less<>> functions_;
  std::map<std::string, std::shared_ptr<const detail::ClassDefinition>, std::less<>> classes_;
};

}  // namespace sandglass
