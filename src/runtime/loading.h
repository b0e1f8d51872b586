// The loading of one module. Private to the room.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "runtime/vm.h"

namespace sandglass::runtime {

/// Around the making of a module, from its source to the last of its imports.
///
/// A module that cannot be loaded is freed by the engine, with those that import it. Others of a
/// cycle may be there already and refer to it: none of what was loaded meanwhile, and so never
/// evaluated, is used again then.
class Vm::Loading {
 public:
  Loading(Vm& vm, std::string_view name) : vm_(vm) {
    if (vm_.loading_.empty()) {
      vm_.loaded_.clear();
      vm_.loading_cycle_ = false;
    }
    vm_.loading_.emplace_back(name);
  }
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;
  ~Loading() {
    if (done_) {
      vm_.loaded_.push_back(std::move(vm_.loading_.back()));
    } else if (vm_.loading_cycle_) {
      for (const std::string& loaded : std::exchange(vm_.loaded_, {})) vm_.forget_module(loaded);
    }
    vm_.loading_.pop_back();
  }
  void done() { done_ = true; }

 private:
  Vm& vm_;
  bool done_ = false;
};

}  // namespace sandglass::runtime
