#include "cli/repl/completion.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <utility>

#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

constexpr int kMaxPrototypes = 100;  // a chain ends, unless a host object is in it that lies
constexpr double kMaxElements = 1000;
constexpr std::chrono::milliseconds kTime{200};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool is_name(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::ranges::all_of(text, is_name_character);
}

// "x = foo.bar?.ba" is {"foo", "bar", "ba"}; empty if what stands before the cursor is no chain of
// names.
std::vector<std::string_view> chain_before(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    std::size_t begin = text.size();
    while (begin > 0 && is_name_character(text[begin - 1])) {
      --begin;
    }
    const std::string_view part = text.substr(begin);
    if (!is_name(part) && !(part.empty() && parts.empty())) {
      return {};
    }
    parts.insert(parts.begin(), part);
    text.remove_suffix(part.size());
    if (!text.ends_with('.') || text.ends_with("...")) {
      return parts;
    }
    text.remove_suffix(text.ends_with("?.") ? 2 : 1);
  }
}

// For as long as this lives, runs have little time and print nothing.
class ShortLimits {
 public:
  explicit ShortLimits(Runtime& runtime) : runtime_(runtime), before_(runtime.limits()) {
    Limits limits = before_;
    limits.wall_time = kTime;
    limits.cpu_time.reset();
    limits.fuel.reset();
    static_cast<void>(runtime_.set_limits(limits));
  }
  ShortLimits(const ShortLimits&) = delete;
  ShortLimits& operator=(const ShortLimits&) = delete;
  ~ShortLimits() { static_cast<void>(runtime_.set_limits(before_)); }

 private:
  Runtime& runtime_;
  Limits before_;
};

std::string_view wrapper_of(Type type) {
  switch (type) {
    case Type::string:
      return "String";
    case Type::number:
      return "Number";
    case Type::bigint:
      return "BigInt";
    case Type::boolean:
      return "Boolean";
    case Type::symbol:
      return "Symbol";
    default:
      return {};
  }
}

}  // namespace

std::string common_beginning(const std::vector<std::string>& names) {
  if (names.empty()) {
    return {};
  }
  std::string_view common = names.front();
  for (const std::string_view name : names) {
    const auto end = std::ranges::mismatch(common, name).in1;
    common = common.substr(0, static_cast<std::size_t>(end - common.begin()));
  }
  return std::string(common);
}

void collect_words(std::string_view source, std::set<std::string>& words) {
  for (std::size_t at = 0; at < source.size();) {
    std::size_t end = at;
    while (end < source.size() && is_name_character(source[end])) {
      ++end;
    }
    if (const std::string_view word = source.substr(at, end - at); is_name(word)) {
      words.emplace(word);
    }
    at = end + 1;
  }
}

Completer::Completer(Runtime& runtime) : runtime_(runtime) {
  if (auto object = runtime_.get("Object")) {
    if (auto function = object->get("getOwnPropertyDescriptor")) {
      descriptor_of_ = std::move(*function);
    }
  }
}

Completion Completer::complete(std::string_view before, const std::set<std::string>& words) {
  const std::vector<std::string_view> chain = chain_before(before);
  Completion completion;
  if (chain.empty() || !runtime_.usable()) {
    return completion;
  }
  completion.typed = chain.back();
  const ShortLimits limits(runtime_);
  Scope scope(runtime_);
  std::set<std::string> names;
  if (chain.size() == 1) {
    add_names(runtime_.global(), completion.typed, names);
    for (auto word = words.lower_bound(completion.typed);
         word != words.end() && word->starts_with(completion.typed); ++word) {
      if (!names.contains(*word) && variable(*word)) {
        names.insert(*word);
      }
    }
  } else {
    std::optional<Value> value = variable(chain.front());
    for (std::size_t i = 1; i + 1 < chain.size() && value; ++i) {
      value = member(*value, chain[i]);
    }
    if (value) {
      add_names(object_for(*value), completion.typed, names);
    }
  }
  static_cast<void>(scope.close());
  completion.names.assign(names.begin(), names.end());
  return completion;
}

std::optional<Value> Completer::variable(std::string_view name) {
  if (name == "globalThis" || name == "this") {
    return runtime_.global();
  }
  if (is_global(name)) {
    return data_property(runtime_.global(), name);
  }
  // Nothing that the global object has, so nothing that a getter could answer for.
  auto value = runtime_.eval(name);
  return value ? std::optional(std::move(*value)) : std::nullopt;
}

// True also if a proxy keeps us from knowing.
bool Completer::is_global(std::string_view name) {
  Value object = runtime_.global();
  for (int depth = 0; object.is_object() && depth < kMaxPrototypes; ++depth) {
    if (object.is_proxy()) {
      return true;
    }
    const auto descriptor = descriptor_of_.call(object, name);
    if (!descriptor || !descriptor->is_undefined()) {
      return true;
    }
    auto next = object.prototype();
    if (!next) {
      return true;
    }
    object = std::move(*next);
  }
  return false;
}

std::optional<Value> Completer::member(const Value& object, std::string_view name) {
  return data_property(object_for(object), name);
}

// The value of a property that is one, own or inherited; none if a getter or a proxy would have to
// be asked.
std::optional<Value> Completer::data_property(const Value& start, std::string_view name) {
  Value object = start.clone();
  for (int depth = 0; object.is_object() && depth < kMaxPrototypes; ++depth) {
    if (object.is_proxy()) {
      return std::nullopt;
    }
    const auto descriptor = descriptor_of_.call(object, name);
    if (!descriptor) {
      return std::nullopt;
    }
    if (descriptor->is_object()) {
      // Own properties only: a script may have put a getter called "value" on Object.prototype.
      const auto keys = descriptor->keys();
      if (!keys || std::ranges::find(*keys, "value") == keys->end()) {
        return std::nullopt;
      }
      auto value = descriptor->get("value");
      return value ? std::optional(std::move(*value)) : std::nullopt;
    }
    auto next = object.prototype();
    if (!next) {
      return std::nullopt;
    }
    object = std::move(*next);
  }
  return std::nullopt;
}

// A string has the properties of String.prototype.
Value Completer::object_for(const Value& value) {
  const std::string_view wrapper = wrapper_of(value.type());
  if (wrapper.empty()) {
    return value.clone();
  }
  const auto constructor = data_property(runtime_.global(), wrapper);
  auto prototype = constructor ? data_property(*constructor, "prototype") : std::nullopt;
  return prototype ? std::move(*prototype) : Value();
}

// Elements are no names, and there may be millions of them.
bool Completer::has_many_elements(const Value& object) {
  if (!object.is_array()) {
    return object.is_typed_array();
  }
  const auto length = data_property(object, "length");
  return !length || length->to_number().value_or(kMaxElements + 1) > kMaxElements;
}

void Completer::add_names(const Value& start, std::string_view beginning,
                          std::set<std::string>& names) {
  Value object = start.clone();
  for (int depth = 0; object.is_object() && !object.is_proxy() && depth < kMaxPrototypes; ++depth) {
    if (!has_many_elements(object)) {
      const auto keys = object.own_keys();
      if (!keys) {
        return;
      }
      for (const Value& key : *keys) {
        const auto name = key.is_string() ? key.to_string() : Result<std::string>();
        if (name && name->starts_with(beginning) && is_name(*name)) {
          names.insert(*name);
        }
      }
    }
    auto next = object.prototype();
    if (!next) {
      return;
    }
    object = std::move(*next);
  }
}

}  // namespace sandglass::cli
