#include "runtime/inspect/format.h"

#include <array>
#include <cmath>
#include <utility>

#include "runtime/utf8.h"
#include "runtime/vm.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::PreludeFunction;
using engine::Tag;

namespace {

class Formatter {
 public:
  Formatter(Reader& reader, const Settings& settings, Room& room)
      : reader_(reader), settings_(settings), room_(room) {}

  std::string run(std::span<const JsValue> arguments) {
    rest_ = arguments;
    if (!rest_.empty() && rest_[0].is_string()) {
      const std::string first = bare(take());
      text_ = rest_.empty() ? first : directives(first);
      needs_space_ = true;
    }
    while (!rest_.empty() && !room_.full() && !reader_.stopped()) {
      if (needs_space_) append(" ");
      needs_space_ = true;
      const JsValue value = take();
      if (value.is_string()) {
        text_ += bare(value);
      } else {
        text_ += inspected(value, settings_);
      }
    }
    return to_valid_utf8(std::move(text_));
  }

 private:
  JsValue take() {
    const JsValue value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  void append(std::string_view text) {
    if (room_.take(text.size())) text_ += text;
  }

  // A string as it is.
  std::string bare(JsValue string) {
    const std::size_t length = reader_.string_length(string);
    if (!room_.has(length)) {
      room_.take(length);
      return {};
    }
    std::string text = reader_.text(string);
    return room_.take(text.size()) ? text : std::string();
  }

  std::string inspected(JsValue value, const Settings& settings) {
    return Inspector(reader_, settings, room_).show(value);
  }

  std::string counted(std::string text) {
    if (!room_.take(text.size())) text.clear();
    return text;
  }

  // `format` with its directives replaced, as long as there are arguments for them.
  std::string directives(const std::string& format) {
    std::string text;
    std::size_t done = 0;
    for (std::size_t at = 0; at + 1 < format.size(); ++at) {
      if (format[at] != '%') continue;
      const char letter = format[at + 1];
      if (letter == '%') {
        text += format.substr(done, at + 1 - done);
      } else if (!rest_.empty() && is_directive(letter)) {
        text += format.substr(done, at - done);
        text += replacement(letter, take());
      } else {
        ++at;
        continue;
      }
      done = at + 2;
      ++at;
    }
    return text + format.substr(done);
  }

  static bool is_directive(char letter) {
    return std::string_view("sdifjoOc").find(letter) != std::string_view::npos;
  }

  std::string replacement(char letter, JsValue value) {
    switch (letter) {
      case 's':
        return as_string(value);
      case 'j':
        return to_json(reader_, room_, value);
      case 'O':
        return inspected(value, settings_);
      case 'o': {
        Settings all = settings_;
        all.show_hidden = true;
        all.show_proxy = true;
        all.depth = 4;
        return inspected(value, all);
      }
      case 'c':
        return {};
      default:
        return counted(as_number(letter, value));
    }
  }

  std::string as_string(JsValue value) {
    if (value.is_object()) {
      Settings flat = settings_;
      flat.depth = 0;
      flat.layout.colors = false;
      flat.layout.compact = 3;
      if (!reader_.engine().is(value, engine::Test::function)) return inspected(value, flat);
      std::string source = function_text(value);
      return source.empty() ? inspected(value, flat) : counted(std::move(source));
    }
    if (value.is_string()) return bare(value);
    if (is_bigint(value)) return counted(reader_.text(value) + "n");
    return counted(is_number(value) ? number_of(value.as_number()) : reader_.text(value));
  }

  // Empty where it could not be told without asking a getter for its name.
  std::string function_text(JsValue function) {
    constexpr std::int32_t kLongest = 1 << 20;
    if (reader_.kind(function) == Kind::proxy) return {};
    const auto name = reader_.own(function, reader_.vm().static_atom("name"));
    if (!name || name->has_getter || !name->value.get().is_string()) return {};
    const std::array<JsValue, 2> arguments = {function, JsValue::integer(kLongest)};
    const Held text = reader_.call(PreludeFunction::function_text, arguments);
    return text.get().is_string() ? reader_.text(text.get()) : std::string();
  }

  std::string as_number(char letter, JsValue value) {
    if (value.is_object() || value.tag() == Tag::symbol) return "NaN";
    if (letter != 'f' && is_bigint(value)) return reader_.text(value) + "n";
    if (letter == 'd') {
      const auto number = reader_.engine().to_number(value);
      reader_.engine().note(number);
      if (number && *number) return number_of(**number);
      reader_.forget_exception();
      return "NaN";
    }
    const Held string(reader_.engine(), reader_.engine().make_string(reader_.text(value)));
    const std::array<JsValue, 2> arguments = {string.get(), JsValue::boolean(letter == 'i')};
    const Held number = reader_.call(PreludeFunction::parse_number, arguments);
    return is_number(number.get()) ? number_of(number.get().as_number()) : "NaN";
  }

  static bool is_bigint(JsValue value) {
    return value.tag() == Tag::bigint || value.tag() == Tag::short_bigint;
  }

  static bool is_number(JsValue value) {
    switch (value.tag()) {
      case Tag::boolean:
      case Tag::null:
      case Tag::undefined:
      case Tag::uninitialized:
      case Tag::exception:
      case Tag::short_bigint:
        return false;
      default:
        return !value.is_counted();
    }
  }

  Reader& reader_;
  const Settings& settings_;
  Room& room_;
  std::span<const JsValue> rest_;
  std::string text_;
  bool needs_space_ = false;
};

}  // namespace

std::string format(Reader& reader, const Settings& settings, Room& room,
                   std::span<const JsValue> arguments) {
  return Formatter(reader, settings, room).run(arguments);
}

}  // namespace sandglass::runtime::inspect
