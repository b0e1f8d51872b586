// What is inside an object, besides its properties: elements, bytes, what a promise came to.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "runtime/inspect/inspector.h"
#include "runtime/vm.h"

namespace sandglass::runtime::inspect {

using engine::JsValue;
using engine::PreludeFunction;
using engine::PromiseState;

namespace {

// JSTypedArrayEnum of quickjs.h.
enum ElementType : std::uint8_t {
  kUint8Clamped,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kBigInt64,
  kBigUint64,
  kFloat16,
  kFloat32,
  kFloat64
};

// IEEE 754 binary16.
double half_to_double(std::uint16_t bits) {
  const int exponent = bits >> 10 & 0x1f;
  const int fraction = bits & 0x3ff;
  double value = 0;
  if (exponent == 0x1f) {
    value = fraction == 0 ? INFINITY : NAN;
  } else if (exponent == 0) {
    value = std::ldexp(fraction, -24);
  } else {
    value = std::ldexp(fraction + 0x400, exponent - 25);
  }
  return (bits & 0x8000) != 0 ? -value : value;
}

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::string element_text(int type, const std::byte* from) {
  switch (type) {
    case kInt8:
      return std::to_string(load<std::int8_t>(from));
    case kInt16:
      return std::to_string(load<std::int16_t>(from));
    case kUint16:
      return std::to_string(load<std::uint16_t>(from));
    case kInt32:
      return std::to_string(load<std::int32_t>(from));
    case kUint32:
      return std::to_string(load<std::uint32_t>(from));
    case kBigInt64:
      return std::to_string(load<std::int64_t>(from)) + "n";
    case kBigUint64:
      return std::to_string(load<std::uint64_t>(from)) + "n";
    case kFloat16:
      return number_of(half_to_double(load<std::uint16_t>(from)));
    case kFloat32:
      return number_of(load<float>(from));
    case kFloat64:
      return number_of(load<double>(from));
    default:
      return std::to_string(load<std::uint8_t>(from));
  }
}

bool is_numeric(JsValue value) {
  return value.is_integer() || value.tag() == engine::Tag::bigint ||
         value.tag() == engine::Tag::short_bigint ||
         (!value.is_counted() && value.tag() != engine::Tag::boolean &&
          value.tag() != engine::Tag::null && value.tag() != engine::Tag::undefined);
}

}  // namespace

std::size_t element_bytes(int type) {
  constexpr std::array<std::uint8_t, 12> kBytes = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 4, 8};
  return type >= 0 && static_cast<std::size_t>(type) < kBytes.size() ? kBytes[type] : 1;
}

void Inspector::entries(Subject& subject, int level) {
  switch (subject.kind) {
    case Kind::array:
      return array_entries(subject, level);
    case Kind::typed_array:
      return typed_array_entries(subject);
    case Kind::map:
    case Kind::set:
      return collection_entries(subject, level);
    case Kind::platform_object:
      return platform_entries(subject, level);
    case Kind::map_iterator:
    case Kind::set_iterator:
    case Kind::weak_map:
    case Kind::weak_set:
      subject.block.entries.push_back(spend(style("<items unknown>", Style::special)));
      return;
    case Kind::promise:
      return promise_entries(subject, level);
    case Kind::array_buffer:
    case Kind::shared_array_buffer:
      return buffer_entries(subject);
    case Kind::data_view:
      return view_entries(subject, level);
    case Kind::namespace_object:
      return namespace_entries(subject, level);
    default:
      return;
  }
}

void Inspector::add_rest(Subject& subject, std::uint64_t shown) {
  if (subject.size <= shown) return;
  subject.block.entries.push_back(spend("... " + counted(subject.size - shown, "more item")));
}

void Inspector::array_entries(Subject& subject, int level) {
  const auto shown = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(subject.size, settings_.layout.max_array_length));
  bool numeric = true;
  for (std::uint32_t i = 0; i < shown; ++i) {
    if (!goes_on()) return;
    const engine::Atom atom = reader_.index_atom(i);
    const auto element = reader_.own(subject.object, atom);
    if (!element) return sparse_entries(subject, level, i);
    numeric = numeric && is_numeric(element->value.get());
    subject.block.entries.push_back(property(*element, {atom, false}, Place::array_element, level));
  }
  if (numeric && subject.size > shown) {
    // Node's rule looks at one element for each entry, and the rest is an entry.
    const auto next = reader_.own(subject.object, reader_.index_atom(shown));
    numeric = next && is_numeric(next->value.get());
  }
  subject.block.is_numeric = numeric;
  add_rest(subject, shown);
}

void Inspector::sparse_entries(Subject& subject, int level, std::uint32_t from) {
  std::vector<std::string>& entries = subject.block.entries;
  const std::size_t most = settings_.layout.max_array_length;
  const auto add_holes = [&](std::uint64_t count) {
    entries.push_back(spend(style("<" + counted(count, "empty item") + ">", Style::undefined)));
  };
  Keys keys(reader_.engine());
  reader_.list(keys, subject.object, true, false);
  std::uint64_t next = from;
  for (const Key& key : keys.all()) {
    if (!goes_on()) return;
    if (!key.atom.is_index() || entries.size() >= most) break;
    if (key.atom.index() < from) continue;
    if (key.atom.index() != next) {
      add_holes(key.atom.index() - next);
      next = key.atom.index();
      if (entries.size() >= most) break;
    }
    if (const auto element = reader_.own(subject.object, key.atom)) {
      entries.push_back(property(*element, key, Place::array_element, level));
    }
    ++next;
  }
  if (subject.size <= next) return;
  if (entries.size() >= most) {
    add_rest(subject, next);
  } else {
    add_holes(subject.size - next);
  }
}

void Inspector::typed_array_entries(Subject& subject) {
  const int type = reader_.engine().typed_array_type(subject.object);
  const auto bytes = reader_.engine().bytes_of(subject.object);
  if (!bytes) return reader_.forget_exception();  // it is detached
  const std::size_t size = element_bytes(type);
  const std::uint64_t shown =
      std::min<std::uint64_t>(subject.size, settings_.layout.max_array_length);
  for (std::uint64_t i = 0; i < shown && (i + 1) * size <= bytes->bytes.size(); ++i) {
    if (room_.full()) return;
    subject.block.entries.push_back(
        spend(style(element_text(type, bytes->bytes.data() + i * size), Style::number)));
  }
  subject.block.is_numeric = true;
  add_rest(subject, shown);
}

void Inspector::collection_entries(Subject& subject, int level) {
  const bool is_map = subject.kind == Kind::map;
  const std::size_t step = is_map ? 2 : 1;
  std::uint64_t shown = 0;
  for (std::size_t i = 1; i + step <= subject.parts.size(); i += step) {
    if (!goes_on()) return;
    std::string text = nested(subject.parts[i].get(), level);
    if (is_map) text += spend(std::string(" => ")) + nested(subject.parts[i + 1].get(), level);
    subject.block.entries.push_back(std::move(text));
    ++shown;
  }
  add_rest(subject, shown);
}

void Inspector::platform_entries(Subject& subject, int level) {
  const bool is_map = subject.parts[0].get().bits == JsValue::boolean(true).bits;
  std::uint64_t shown = 0;
  for (std::size_t i = 2; i + 1 < subject.parts.size(); i += 2) {
    if (!goes_on()) return;
    const JsValue name = subject.parts[i].get();
    std::string text;
    if (is_map) {
      text = nested(name, level) + spend(std::string(" => "));
    } else if (name.is_string()) {
      const std::size_t length = reader_.string_length(name);
      if (!room_.has(length)) {
        room_.take(length);
        return;
      }
      text = spend(property_name(reader_.text(name)) + ": ");
    }
    subject.block.entries.push_back(std::move(text) + nested(subject.parts[i + 1].get(), level));
    ++shown;
  }
  add_rest(subject, shown);
}

void Inspector::promise_entries(Subject& subject, int level) {
  engine::Engine& engine = reader_.engine();
  const auto state = engine.promise_state(subject.object);
  engine.note(state);
  if (!state) return;
  if (*state == PromiseState::pending) {
    subject.block.entries.push_back(spend(style("<pending>", Style::special)));
    return;
  }
  const auto result = engine.promise_result(subject.object);
  engine.note(result);
  if (!result) return;
  const Held held(engine, *result);
  std::string text = nested(held.get(), level);
  if (*state == PromiseState::rejected) {
    text = spend(style("<rejected>", Style::special) + " ") + text;
  }
  subject.block.entries.push_back(std::move(text));
}

void Inspector::buffer_entries(Subject& subject) {
  reader_.mute_errors();
  engine::Engine& engine = reader_.engine();
  Held view;  // the engine tells the bytes of shared memory by a view only
  if (subject.kind == Kind::shared_array_buffer) {
    view = Held(engine, engine.make_typed_array(engine.duplicate_plain(subject.object), kUint8));
  }
  const auto bytes = engine.bytes_of(view.get().is_object() ? view.get() : subject.object);
  std::vector<std::string>& entries = subject.block.entries;
  std::size_t size = 0;
  if (!bytes) {
    reader_.forget_exception();
    entries.push_back(spend(style("(detached)", Style::special)));
  } else {
    size = bytes->bytes.size();
    const std::size_t shown = std::min(size, settings_.layout.max_array_length);
    if (!room_.take(shown * 3)) return;
    std::string text;
    for (std::size_t i = 0; i < shown; ++i) {
      text += fmt::format("{}{:02x}", i == 0 ? "" : " ", static_cast<unsigned>(bytes->bytes[i]));
    }
    if (size > shown) text += " ... " + counted(size - shown, "more byte");
    entries.push_back(style("[Uint8Contents]", Style::special) + ": <" + text + ">");
  }
  entries.push_back(spend("byteLength: " + style(std::to_string(size), Style::number)));
}

void Inspector::view_entries(Subject& subject, int level) {
  const std::array<JsValue, 2> arguments = {subject.object, JsValue::boolean(false)};
  const Held list = reader_.call(PreludeFunction::view_parts, arguments);
  const std::vector<Held> parts = reader_.elements(list.get());  // buffer, offset, length
  std::vector<std::string>& entries = subject.block.entries;
  if (parts.size() != 3) {
    entries.push_back(spend(style("(detached)", Style::special)));
    return;
  }
  entries.push_back(spend("byteLength: " + primitive(parts[2].get())));
  entries.push_back(spend("byteOffset: " + primitive(parts[1].get())));
  entries.push_back(spend(std::string("buffer: ")) + nested(parts[0].get(), level));
}

void Inspector::namespace_entries(Subject& subject, int level) {
  for (const Key& key : subject.keys.all()) {
    if (!goes_on()) return;
    const auto found = reader_.own(subject.object, key.atom);
    subject.block.entries.push_back(
        found ? property(*found, key, Place::object, level)
              : spend(property_name(key, true) + ": " + style("<uninitialized>", Style::special)));
  }
  subject.keys.remove([](const Key&) { return true; });
}

}  // namespace sandglass::runtime::inspect
