#pragma once

#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/function.h"
#include "sandglass/module_loader.h"

namespace sandglass {

/// A module made of C++ values and functions:
///
///     auto math = std::make_shared<sandglass::HostModule>();
///     math->value("pi", 3.14159).function("hypot", [](double x, double y) { return std::hypot(x,
///     y); }); auto modules = std::make_shared<sandglass::HostModules>(); modules->add("host:math",
///     math);          // import { pi, hypot } from 'host:math';
///
/// Values are converted anew in each VM that imports it; the callables are shared by all of them.
/// Thread: filled by one thread, before any VM imports it; then read by any.
class HostModule {
 public:
  struct Export {
    std::string name;
    std::function<Result<Value>(Context&)> make;
  };

  /// Exports `value` as `name` ("default" is the default export).
  template <class T>
  HostModule& value(std::string name, T value) {
    exports_.push_back({std::move(name), [kept = std::move(value)](Context& context) {
                          return context.make(kept);
                        }});
    return *this;
  }

  /// Exports a function. The callable must be safe to call from every thread that has such a VM.
  template <class F>
  HostModule& function(std::string name, F callable) {
    static_assert(detail::Callable<F>, "a callable with one signature: no overloads, no templates");
    auto shared = std::make_shared<F>(std::move(callable));
    exports_.push_back({name, [name, shared](Context& context) {
                          return context.function(name, detail::SharedCallable<F>{shared});
                        }});
    return *this;
  }

  [[nodiscard]] const std::vector<Export>& exports() const noexcept { return exports_; }

 private:
  std::vector<Export> exports_;
};

/// Finds host modules by their names, which are compared as they are: "host:math".
///
/// Thread: any number at a time, add() included.
class HostModules final : public ModuleLoader {
 public:
  void add(std::string name, std::shared_ptr<const HostModule> module);

  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  std::shared_mutex mutex_;
  std::map<std::string, std::shared_ptr<const HostModule>, std::less<>> modules_;
};

}  // namespace sandglass
