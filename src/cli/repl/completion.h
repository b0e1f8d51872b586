#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/runtime.h"

namespace sandglass::cli {

/// What can follow at the cursor.
struct Completion {
  std::string typed;               ///< The part of a name that is there already.
  std::vector<std::string> names;  ///< All names that begin with it, sorted.
};

/// The longest beginning that all of `names` share.
[[nodiscard]] std::string common_beginning(const std::vector<std::string>& names);

/// Completes names of variables and, behind a dot, of properties.
///
/// It looks, and runs nothing that a script wrote: getters are not called, and the search ends at
/// a proxy. Symbols and names that would need brackets are left out.
/// Lifetime: `runtime` must outlive it; to be made anew after `Runtime::reset()`.
class Completer {
 public:
  explicit Completer(Runtime& runtime);

  /// `before` is what stands before the cursor. `words` are names that may be variables of `let`,
  /// `const` and `class`, which no object holds: those that are not are left out.
  /// Inside limits of its own: a fraction of a second.
  [[nodiscard]] Completion complete(std::string_view before, const std::set<std::string>& words);

 private:
  std::optional<Value> variable(std::string_view name);
  std::optional<Value> member(const Value& object, std::string_view name);
  std::optional<Value> data_property(const Value& object, std::string_view name);
  bool is_global(std::string_view name);
  bool has_many_elements(const Value& object);
  void add_names(const Value& object, std::string_view beginning, std::set<std::string>& names);
  Value object_for(const Value& value);

  Runtime& runtime_;
  Value descriptor_of_;  // Object.getOwnPropertyDescriptor, before a script could replace it
};

/// The names in `source`, whatever they stand for.
void collect_words(std::string_view source, std::set<std::string>& words);

}  // namespace sandglass::cli
