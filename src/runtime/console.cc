// The console: what JavaScript prints, formatted, counted and handed to the embedder's sink.
#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "runtime/inspect/format.h"
#include "runtime/run.h"
#include "runtime/text.h"
#include "runtime/utf8.h"

namespace sandglass::runtime {

using engine::Builtin;
using engine::PreludeFunction;
using inspect::Held;
using inspect::Inspector;
using inspect::Reader;
using inspect::Room;
using inspect::Settings;
using machine::Stop;

namespace {

// No call prints more, whatever Limits::output_bytes allows.
constexpr std::uint64_t kLongestText = std::uint64_t{256} << 20;

// What groups indent by at most; console.js holds to it, but its memory is the script's.
constexpr std::int32_t kDeepestIndentation = 200;

engine::JsValue thrown(const engine::Outcome<engine::JsValue>& outcome) {
  // On a trap the machine has faulted, and the guest that called us is left as we return.
  return outcome.value_or(engine::JsValue::exception());
}

bool goes_to_err(Builtin which) {
  return which == Builtin::warn || which == Builtin::error || which == Builtin::trace ||
         which == Builtin::assertion;
}

// A number among the options of console.dir, if it is plain data. Infinity and null mean all, false
// none.
std::size_t count_option(Reader& reader, engine::JsValue options, const char* name,
                         std::size_t otherwise) {
  const Held found = reader.own_data(options, name);
  const engine::JsValue value = found.get();
  if (value.tag() == engine::Tag::null) return inspect::Layout::kEndless;
  if (value.tag() == engine::Tag::boolean) return value.as_boolean() ? otherwise : 0;
  if (value.is_counted() || value.is_undefined()) return otherwise;
  const double number = value.as_number();
  if (!(number >= 0)) return 0;
  constexpr auto kMost = static_cast<double>(inspect::Layout::kEndless);
  return number < kMost ? static_cast<std::size_t>(number) : inspect::Layout::kEndless;
}

Settings dir_settings(Reader& reader, Settings settings, engine::JsValue given) {
  if (!given.is_object()) return settings;
  const Held held = reader.target(given);
  const engine::JsValue options = held.get();
  if (!options.is_object()) return settings;
  const auto is_true = [&](const char* name) {
    const Held value = reader.own_data(options, name);
    return value.get().tag() == engine::Tag::boolean && value.get().as_boolean();
  };
  settings.show_hidden = is_true("showHidden");
  settings.show_proxy = is_true("showProxy");
  settings.depth = static_cast<int>(
      std::min<std::size_t>(count_option(reader, options, "depth", 2), Settings::kMaxDepth));
  settings.max_string_length =
      count_option(reader, options, "maxStringLength", settings.max_string_length);
  inspect::Layout& layout = settings.layout;
  layout.max_array_length =
      std::min<std::size_t>(count_option(reader, options, "maxArrayLength", 100), UINT32_MAX);
  layout.break_length = count_option(reader, options, "breakLength", layout.break_length);
  layout.compact = static_cast<int>(std::min<std::size_t>(
      count_option(reader, options, "compact", static_cast<std::size_t>(layout.compact)), 100));
  return settings;
}

// "Assertion failed", and what the script has to say about it.
std::string failed_assertion(Reader& reader, const Settings& settings, Room& room,
                             std::span<const engine::JsValue> about) {
  constexpr std::string_view kFailed = "Assertion failed";
  if (about.empty()) return room.take(kFailed.size()) ? std::string(kFailed) : std::string();
  engine::Engine& engine = reader.engine();
  const bool is_format = about[0].is_string() && room.has(reader.string_length(about[0]));
  const std::string head = std::string(kFailed) + (is_format ? ": " + reader.text(about[0]) : ":");
  const Held first(engine, engine.make_string(to_valid_utf8(head)));
  std::vector<engine::JsValue> arguments = {first.get()};
  arguments.insert(arguments.end(), about.begin() + (is_format ? 1 : 0), about.end());
  return inspect::format(reader, settings, room, arguments);
}

// Where the script is, from the caller of the console on.
std::string stack_of(Reader& reader) {
  engine::Engine& engine = reader.engine();
  reader.mute_errors();
  const Held error(engine, engine.construct(engine.prelude(PreludeFunction::error), {}));
  if (!error.get().is_object()) {
    reader.forget_exception();
    return {};
  }
  const Held stack = reader.error_stack(error.get());
  std::string text = stack.get().is_string() ? reader.text(stack.get()) : std::string();
  text.erase(0, text.find('\n') == std::string::npos ? text.size() : text.find('\n') + 1);
  while (text.ends_with('\n')) text.pop_back();
  return to_valid_utf8(std::move(text));
}

}  // namespace

std::string Vm::console_text(Builtin which, std::span<const JsValue> arguments, Room& room) {
  if (arguments.size() == 1 && arguments[0].is_string() && which <= Builtin::error) {
    return plain_text(arguments[0], room);
  }
  Reader reader(*this);
  Settings settings;
  const ConsoleOptions& look = options_.console_options;
  settings.layout.colors = goes_to_err(which) ? look.err_colors : look.out_colors;
  const JsValue first = arguments.empty() ? JsValue::undefined() : arguments[0];
  const JsValue second = arguments.size() > 1 ? arguments[1] : JsValue::undefined();
  switch (which) {
    case Builtin::dir:
      return to_valid_utf8(
          Inspector(reader, dir_settings(reader, settings, second), room).show(first));
    case Builtin::table:
      if (first.is_object() && !engine_->is(first, engine::Test::function))
        return inspect::table(reader, settings, room, first, second);
      return inspect::format(reader, settings, room, {&first, 1});
    case Builtin::assertion:
      return failed_assertion(reader, settings, room,
                              arguments.subspan(std::min<std::size_t>(arguments.size(), 1)));
    case Builtin::trace: {
      const std::string text = inspect::format(reader, settings, room, arguments);
      std::string stack = stack_of(reader);
      if (!room.take(stack.size())) return {};
      return (text.empty() ? "Trace" : "Trace: " + text) + (stack.empty() ? "" : "\n" + stack);
    }
    default:
      return inspect::format(reader, settings, room, arguments);
  }
}

std::string Vm::plain_text(JsValue string, Room& room) {
  const auto length = engine_->length(string);
  if (!length || !room.has(*length)) {
    room.take(SIZE_MAX);
    return {};
  }
  auto text = string_or(*engine_, string, SIZE_MAX, "");
  engine_->note(text);
  if (!text || !room.take(text->size())) return {};
  return std::move(*text);
}

engine::JsValue Vm::print(Builtin which, std::span<const JsValue> arguments) {
  if (which == Builtin::assertion && !arguments.empty()) {
    const auto holds = engine_->to_boolean(arguments[0]);
    engine_->note(holds);
    if (holds && *holds) return JsValue::undefined();
  }
  if (which == Builtin::table && arguments.size() > 1 && !arguments[1].is_undefined() &&
      !engine_->is(arguments[1], engine::Test::array)) {
    return engine_->throw_bare(PreludeFunction::type_error,
                               "the columns of console.table() must be an array");
  }
  const std::uint64_t left = options_.limits.output_bytes - run_output_bytes_;
  Room room(static_cast<std::size_t>(std::min(left, kLongestText)));
  std::string text = console_text(which, arguments, room);
  const JsValue indentation = engine_->get(engine_->prelude(PreludeFunction::console_state), 0);
  if (engine_->trapped() != machine::Trap::none) return JsValue::exception();
  if (engine_->machine().interrupts().stop() != Stop::none) {
    return thrown(engine_->throw_uncatchable("the run was ended"));
  }
  if (indentation.is_integer() && indentation.as_integer() > 0 && !room.full()) {
    const auto spaces =
        static_cast<std::size_t>(std::min(indentation.as_integer(), kDeepestIndentation));
    text = std::string(spaces, ' ') + inspect::indented(text, spaces);
  }
  text += '\n';
  if (text.size() > left || (room.full() && left <= kLongestText)) {
    engine_->machine().interrupts().request_stop(Stop::output);
    return thrown(engine_->throw_uncatchable("output limit reached"));
  }
  if (room.full()) {
    return engine_->throw_bare(PreludeFunction::range_error, "too long for the console");
  }
  run_output_bytes_ += text.size();
  return deliver(goes_to_err(which) ? ConsoleStream::err : ConsoleStream::out, text);
}

engine::JsValue Vm::deliver(ConsoleStream stream, std::string_view text) {
  if (!options_.console) return JsValue::undefined();
  try {
    options_.console(stream, text);
  } catch (const std::exception& exception) {
    return thrown(engine_->throw_uncatchable(exception.what()));
  } catch (...) {
    return thrown(engine_->throw_uncatchable("the console sink failed"));
  }
  return JsValue::undefined();
}

engine::JsValue Vm::console_label(std::span<const JsValue> arguments) {
  constexpr std::size_t kLongestLabel = 10000;
  if (arguments.empty() || arguments[0].is_undefined()) return engine_->make_string("default");
  const JsValue given = arguments[0];
  if (given.is_string()) return engine_->duplicate_plain(given);
  if (given.tag() == engine::Tag::symbol) {
    return engine_->throw_bare(PreludeFunction::type_error,
                               "a symbol cannot be a label of the console");
  }
  Reader reader(*this);
  Room room(kLongestLabel);
  const std::string text =
      given.is_object() ? Inspector(reader, {.depth = 0}, room).show(given) : reader.text(given);
  if (engine_->trapped() != machine::Trap::none) return JsValue::exception();
  return engine_->make_string(to_valid_utf8(text));
}

}  // namespace sandglass::runtime
