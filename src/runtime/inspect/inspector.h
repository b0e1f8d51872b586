// Values as util.inspect of Node shows them. Runs nothing of the script's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/inspect/layout.h"
#include "runtime/inspect/reader.h"
#include "runtime/inspect/text.h"

namespace sandglass::runtime::inspect {

/// How much is shown, and how. The names are those of Node's options.
struct Settings {
  /// No graph is followed further, whatever a script asks for: each level takes 2 KiB of
  /// host stack.
  static constexpr int kMaxDepth = 100;

  int depth = 2;  ///< levels below the outermost that are opened; -1: not even that
  bool show_hidden = false;
  bool show_proxy = false;
  std::size_t max_string_length = 10000;  ///< UTF-16 code units
  Layout layout;
};

/// Bytes of text that may still be made, by all who share it.
class Room {
 public:
  explicit Room(std::size_t bytes) : left_(bytes) {}
  /// Takes `bytes`; false: there were not so many. Whoever makes text then stops, and what was made
  /// is of no use.
  bool take(std::size_t bytes) {
    full_ = full_ || bytes > left_;
    left_ -= std::min(bytes, left_);
    return !full_;
  }
  [[nodiscard]] bool has(std::size_t bytes) const noexcept { return !full_ && bytes <= left_; }
  [[nodiscard]] bool full() const noexcept { return full_; }

 private:
  std::size_t left_;
  bool full_ = false;
};

/// Of an element of a typed array of this JSTypedArrayEnum.
[[nodiscard]] std::size_t element_bytes(int type);

class Inspector {
 public:
  /// Stops early once `room` is used up.
  Inspector(Reader& reader, Settings settings, Room& room)
      : reader_(reader), settings_(settings), room_(room) {}

  /// Text for `value` (borrowed), UTF-8. Time and memory: O(text), and O(own properties) for each
  /// object that is opened.
  [[nodiscard]] std::string show(engine::JsValue value);

 private:
  using JsValue = engine::JsValue;

  /// An object on its way to text.
  struct Subject {
    Subject(engine::Engine& engine, JsValue value) : object(value), keys(engine) {}

    JsValue object;
    Kind kind = Kind::object;
    std::optional<std::string> constructor;  // nullopt: no prototype
    std::string tag;
    Keys keys;
    Block block;
    std::vector<Held> parts;  // of a Map, Set, Promise or platform object
    std::uint64_t size = 0;   // elements, of what is made of elements
  };
  enum class Place : std::uint8_t { object, array_element, array_extra };

  [[nodiscard]] std::string value(JsValue value, int level);
  [[nodiscard]] std::string primitive(JsValue value);
  [[nodiscard]] std::string string_literal(JsValue string);
  [[nodiscard]] std::string object(JsValue object, int level);
  [[nodiscard]] std::string proxy(JsValue proxy, int level);
  [[nodiscard]] std::string opened(Subject& subject, int level);
  [[nodiscard]] std::string circular(JsValue object);
  [[nodiscard]] std::string assemble(Block block, int level);

  // What an object begins with. Each returns its text if that is all there is.
  [[nodiscard]] std::optional<std::string> head(Subject& subject, int level);
  [[nodiscard]] std::optional<std::string> head_of_elements(Subject& subject);
  [[nodiscard]] std::optional<std::string> head_of_collection(Subject& subject);
  [[nodiscard]] std::optional<std::string> head_of_text(Subject& subject, int level);
  [[nodiscard]] std::optional<std::string> head_of_platform_object(Subject& subject);
  [[nodiscard]] std::optional<std::string> head_of_rest(Subject& subject);
  [[nodiscard]] std::string prefix(const Subject& subject, std::string_view fallback,
                                   std::string_view size = "") const;
  [[nodiscard]] std::string function_base(const Subject& subject);
  [[nodiscard]] std::string class_base(const Subject& subject);
  [[nodiscard]] bool is_class(JsValue function);
  [[nodiscard]] std::string boxed_base(Subject& subject);
  void list_keys(Subject& subject);
  void find_platform_parts(Subject& subject, std::size_t most);

  // Errors.
  [[nodiscard]] std::string error_base(Subject& subject);
  struct Said {
    std::string name;
    std::string message;
  };
  [[nodiscard]] Said what_is_said(JsValue error);
  [[nodiscard]] std::string with_class(const Subject& subject, const std::string& name,
                                       std::string text);
  [[nodiscard]] std::string frames(JsValue error);
  void drop_told_keys(Subject& subject, std::string_view told);

  // What is inside.
  void entries(Subject& subject, int level);
  void array_entries(Subject& subject, int level);
  void sparse_entries(Subject& subject, int level, std::uint32_t from);
  void typed_array_entries(Subject& subject);
  void collection_entries(Subject& subject, int level);
  void platform_entries(Subject& subject, int level);
  void promise_entries(Subject& subject, int level);
  void buffer_entries(Subject& subject);
  void view_entries(Subject& subject, int level);
  void namespace_entries(Subject& subject, int level);
  void key_entries(Subject& subject, int level);
  void add_rest(Subject& subject, std::uint64_t shown);

  [[nodiscard]] std::string property(const Property& property, const Key& key, Place place,
                                     int level);
  [[nodiscard]] std::string property_value(const Property& property, int level);
  [[nodiscard]] std::string property_name(const Key& key, bool enumerable);
  [[nodiscard]] std::string property_name(const std::string& name) const;
  [[nodiscard]] std::string nested(JsValue inner, int level);

  [[nodiscard]] std::string style(std::string text, Style style) const {
    return styled(std::move(text), style, settings_.layout.colors);
  }
  [[nodiscard]] bool too_deep(int level) const { return level > settings_.depth; }
  /// Counts `text`, which is in no other text that was counted.
  [[nodiscard]] std::string spend(std::string text);
  [[nodiscard]] bool goes_on() const { return !room_.full() && !reader_.stopped(); }

  Reader& reader_;
  Settings settings_;
  Room& room_;
  std::size_t indentation_ = 0;
  int current_depth_ = 0;  // of the object that was opened last
  std::vector<std::uint64_t> seen_;
  std::vector<std::uint64_t> circular_;  // those that were met again, in that order
};

}  // namespace sandglass::runtime::inspect
