// Objects of a script, looked at without running anything of the script's.
//
// Getters are told, not called. A proxy stands for its target, also in a chain of prototypes. What
// the engine cannot do without script code is done by src/prelude/inspect.js, with built-ins that
// were taken before any script ran.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace sandglass::runtime {

class Vm;

namespace inspect {

/// A reference to a value, given back when it goes.
class Held {
 public:
  Held() = default;
  Held(engine::Engine& engine, engine::JsValue owned) : engine_(&engine), value_(owned) {}
  Held(Held&& other) noexcept
      : engine_(std::exchange(other.engine_, nullptr)), value_(other.value_) {}
  Held& operator=(Held&& other) noexcept {
    std::swap(engine_, other.engine_);
    std::swap(value_, other.value_);
    return *this;
  }
  ~Held() {
    if (engine_ != nullptr) engine_->free_plain(value_);
  }
  [[nodiscard]] engine::JsValue get() const noexcept { return value_; }

 private:
  engine::Engine* engine_ = nullptr;
  engine::JsValue value_ = engine::JsValue::undefined();
};

/// Entries of a Map or Set that are looked at: the prelude makes an array of them.
inline constexpr std::size_t kMostParts = 100'000;

/// What the engine takes an object for.
enum class Kind : std::uint8_t {
  unknown,  // not asked yet
  object,
  array,
  arguments,
  function,
  generator_function,
  async_function,
  async_generator_function,
  error,
  date,
  regexp,
  promise,
  proxy,
  map,
  set,
  map_iterator,
  set_iterator,
  weak_map,
  weak_set,
  weak_ref,
  array_buffer,
  shared_array_buffer,
  data_view,
  typed_array,
  boxed_number,
  boxed_string,
  boxed_boolean,
  boxed_bigint,
  boxed_symbol,
  namespace_object,  // of a module
  host_object,
  platform_object,  // of a class of the prelude's that tells what to show
};

/// The name of an own property. Its atom belongs to the Keys that it is in.
struct Key {
  engine::Atom atom;
  bool is_symbol = false;
};

/// Own properties of an object, in the engine's order: indexes, names, symbols.
class Keys {
 public:
  explicit Keys(engine::Engine& engine) : engine_(&engine) {}
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys();

  /// Takes `atoms` over.
  void add(std::span<const engine::Atom> atoms, bool symbols);
  /// One more; `atom` outlives them.
  void add_borrowed(engine::Atom atom) { keys_.push_back({atom, false}); }
  /// Leaves out those for which `unwanted(key)` is true.
  template <class Predicate>
  void remove(Predicate unwanted) {
    std::erase_if(keys_, unwanted);
  }
  [[nodiscard]] std::span<const Key> all() const noexcept { return keys_; }
  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }

 private:
  engine::Engine* engine_;
  std::vector<engine::Atom> atoms_;  // owned
  std::vector<Key> keys_;
};

/// An own property as it is defined.
struct Property {
  Held value;
  bool has_getter = false;
  bool has_setter = false;
  bool enumerable = false;
};

class Reader {
 public:
  explicit Reader(Vm& vm);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  [[nodiscard]] engine::Engine& engine() noexcept { return engine_; }
  [[nodiscard]] Vm& vm() noexcept { return vm_; }

  /// Whether there is no point in going on: the run is to end, or the machine has trapped.
  [[nodiscard]] bool stopped() const noexcept;

  // Of any value.

  [[nodiscard]] Kind kind(engine::JsValue object);
  /// What a proxy, or a proxy of a proxy, stands for; null if it was revoked.
  [[nodiscard]] Held target(engine::JsValue proxy);
  /// `String(value)` of anything but an object, as the engine writes it. A string that is longer
  /// than `most_units` is cut there.
  [[nodiscard]] std::string text(engine::JsValue primitive, std::size_t most_units = SIZE_MAX);
  /// In UTF-16 code units. O(1).
  [[nodiscard]] std::size_t string_length(engine::JsValue string);

  // Of an object that is no proxy.

  [[nodiscard]] std::optional<Property> own(engine::JsValue object, engine::Atom key);
  /// `object[key]` where that is a value in it or in its prototypes; undefined where it would be
  /// computed, or is not there.
  [[nodiscard]] Held data(engine::JsValue object, engine::Atom key);
  [[nodiscard]] Held data(engine::JsValue object, const char* name);
  [[nodiscard]] Held own_data(engine::JsValue object, const char* name);
  /// The same, if it is a string; empty if not.
  [[nodiscard]] std::string text_of(engine::JsValue object, engine::Atom key);
  [[nodiscard]] std::string text_of(engine::JsValue object, const char* name);
  /// Null, too, at the end of a chain that is too long to follow.
  [[nodiscard]] Held prototype(engine::JsValue object);
  /// Whether `prototype` is in the chain of `object`.
  [[nodiscard]] bool inherits(engine::JsValue object, engine::JsValue prototype);

  /// The name of the class that it is an instance of; nullopt: it has no prototype. Where none of
  /// its prototypes tells, what they look like: "Object <[Object: null prototype] {}>", as many as
  /// `levels` of them.
  [[nodiscard]] std::optional<std::string> constructor_name(engine::JsValue object, int levels);
  /// Symbol.toStringTag; empty if it is an own property that is listed anyway.
  [[nodiscard]] std::string tag(engine::JsValue object);
  /// Where an error was made, as the engine tells it; undefined if it does not.
  [[nodiscard]] Held error_stack(engine::JsValue error);
  [[nodiscard]] bool is_dom_exception(engine::JsValue object);
  /// What it would be called without its prototypes: "Object", "Map".
  [[nodiscard]] std::string class_label(engine::JsValue object);

  /// Adds own keys. `hidden`: those that are not enumerable as well.
  void list(Keys& keys, engine::JsValue object, bool names, bool hidden);
  [[nodiscard]] std::string name(const Key& key);
  [[nodiscard]] static engine::Atom index_atom(std::uint32_t index) {
    return engine::Atom::of_index(index);
  }
  [[nodiscard]] std::uint64_t array_length(engine::JsValue array);

  // By the prelude.

  /// A helper's result: undefined where it failed.
  [[nodiscard]] Held call(engine::PreludeFunction helper,
                          std::span<const engine::JsValue> arguments);
  /// The elements of an array that a helper made.
  [[nodiscard]] std::vector<Held> elements(engine::JsValue array);

  /// From here on errors of the engine's run no script code: before anything that may fail.
  void mute_errors();
  /// Forgets an exception that a failed look left behind.
  void forget_exception();

 private:
  [[nodiscard]] std::optional<std::string> constructor_at(engine::JsValue holder,
                                                          engine::JsValue object);
  [[nodiscard]] std::optional<std::string> class_in_chain(engine::JsValue object,
                                                          engine::JsValue first);
  [[nodiscard]] bool is(engine::PreludeFunction known, engine::JsValue object) const;
  [[nodiscard]] engine::Atom tag_atom();

  Vm& vm_;
  engine::Engine& engine_;
  std::array<Kind, 128> kinds_{};  // by class, as far as they were asked for
  engine::Atom tag_atom_;          // Symbol.toStringTag; owned
  bool muted_ = false;
  Held loud_errors_;  // what makes errors run script code, if anything does
  // The last prototypes of which it is known what they say of their objects.
  std::uint64_t known_prototype_ = 0;
  std::string known_name_;
  std::uint64_t tagging_prototype_ = 0;
  std::string inherited_tag_;
};

}  // namespace inspect
}  // namespace sandglass::runtime
