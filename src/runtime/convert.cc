// What conversions share: their errors, their depth, and reading many values at once.
#include "sandglass/convert.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "runtime/conversion_state.h"
#include "runtime/exception.h"
#include "runtime/handles.h"
#include "runtime/text.h"
#include "runtime/utf8.h"

namespace sandglass {

using engine::Engine;
using engine::JsValue;
using engine::PreludeFunction;
using runtime::closed_handle;
using runtime::conversion;
using runtime::Vm;

constinit thread_local runtime::ConversionState runtime::conversion = {};

namespace {

// More elements than this are no conversion that anyone wants: an array may claim four thousand
// million of them without using any memory.
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 24;

std::string kind_of(const Value& value) {
  if (value.is_object()) {
    const Brand brand = value.brand();
    switch (brand) {
      case Brand::none:
      case Brand::plain:
      case Brand::other:
        return "object";
      case Brand::array:
        return "array";
      case Brand::function:
        return "function";
      case Brand::map:
        return "Map";
      case Brand::set:
        return "Set";
      case Brand::date:
        return "Date";
      case Brand::error:
        return "Error";
      case Brand::promise:
        return "Promise";
      case Brand::array_buffer:
        return "ArrayBuffer";
      case Brand::typed_array:
        return "typed array";
      case Brand::host_object:
        return "host object";
      default:
        return std::string(to_string(brand));
    }
  }
  return std::string(to_string(value.type()));
}

}  // namespace

Error mismatch(std::string_view expected, const Value& got) {
  return {.code = Errc::conversion,
          .message = fmt::format("expected {}, got {}", expected, kind_of(got)),
          .name = "TypeError"};
}

Error out_of_range(std::string message) {
  return {.code = Errc::conversion, .message = std::move(message), .name = "RangeError"};
}

namespace {

// The rest of a path, as it follows something: "name" goes on as ".name", "[3]" as it is.
void follow(std::string& path) {
  if (!path.empty() && path.front() != '.' && path.front() != '[') path.insert(0, 1, '.');
}

}  // namespace

Error in_field(Error error, std::string_view name) {
  if (error.code != Errc::conversion) return error;
  follow(error.path);
  error.path = fmt::format(".{}{}", name, error.path);
  return error;
}

Error in_element(Error error, std::uint64_t index) {
  if (error.code != Errc::conversion) return error;
  follow(error.path);
  error.path = fmt::format("[{}]{}", index, error.path);
  return error;
}

namespace detail {

namespace {

// An array of a million times the same string is small in the guest and large here. What is
// converted at once is bounded by what the guest could hold, with room for wider elements.
std::optional<Error> count_converted(const Vm& vm, std::uint64_t bytes) {
  constexpr std::uint64_t kFactor = 8;
  if (conversion.depth == 0) return std::nullopt;  // one string, which the guest holds
  conversion.bytes += bytes;
  const std::uint64_t limit = vm.limits().memory_bytes * kFactor;
  if (conversion.bytes <= limit) return std::nullopt;
  return out_of_range(fmt::format("the value has more than {} bytes in C++", limit));
}

}  // namespace

void Descent::enter() noexcept {
  if (conversion.depth == 0) conversion.bytes = 0;
  if (conversion.depth >= kMaxConversionDepth) failed_ = Failure::depth;
  outer_ = std::exchange(conversion.innermost, this);
  ++conversion.depth;
}

Descent::Descent(const Value& value) noexcept
    : vm_(Access::vm(value).link()), bits_(Access::js(value).bits) {
  for (const Descent* outer = conversion.innermost; outer != nullptr; outer = outer->outer_) {
    if (outer->vm_ == vm_ && outer->bits_ == bits_) failed_ = Failure::cycle;
  }
  enter();
}

Descent::Descent() noexcept {
  enter();
}

Descent::~Descent() {
  conversion.innermost = outer_;
  --conversion.depth;
}

Error Descent::error() const {
  return out_of_range(failed_ == Failure::cycle
                          ? "the object is inside itself"
                          : fmt::format("nested more than {} deep", kMaxConversionDepth));
}

std::optional<Error> Access::count_bytes(const Value& of, std::uint64_t bytes) {
  const Vm* vm = of.vm_.vm();
  return vm != nullptr ? count_converted(*vm, bytes) : std::nullopt;
}

Error Access::closed() {
  return closed_handle();
}

Error Access::named(Error error, std::string_view what) {
  if (error.code != Errc::conversion) return error;
  if (error.path.starts_with('.') && what.empty()) {
    error.path.erase(0, 1);
  } else {
    if (!what.empty()) follow(error.path);
    error.path.insert(0, what);
  }
  return error;
}

// Values of an array, by reading them many at a time.
static Result<std::vector<Value>> read_elements(Vm& vm, JsValue array) {
  const auto length = vm.act([&] { return vm.engine().length(array); });
  if (!length) return std::unexpected(length.error());
  if (*length > kMaxElements) {
    return std::unexpected(
        out_of_range(fmt::format("{} elements are more than {}", *length, kMaxElements)));
  }
  if (auto error = count_converted(vm, *length * sizeof(Value))) return std::unexpected(*error);
  std::vector<Value> values;
  values.reserve(std::min<std::uint64_t>(*length, 4096));
  std::array<JsValue, 256> chunk;
  while (values.size() < *length) {
    const std::size_t count = std::min<std::size_t>(chunk.size(), *length - values.size());
    const auto done = vm.act([&]() -> std::optional<std::size_t> {
      const std::size_t read =
          vm.engine().get_elements(array, values.size(), {chunk.data(), count});
      for (std::size_t i = 0; i < read; ++i) values.push_back(vm.adopt(chunk[i]));
      return read == count ? std::optional(read) : std::nullopt;
    });
    if (!done) return std::unexpected(done.error());
  }
  return values;
}

Result<std::vector<Value>> Access::elements(const Value& array) {
  Vm* vm = array.vm_.vm();
  if (!array.is_object()) return std::unexpected(mismatch("array", array));
  if (vm == nullptr) return std::unexpected(closed_handle());
  if (!array.is_array() && !array.is_typed_array()) {
    return std::unexpected(mismatch("array", array));
  }
  return read_elements(*vm, array.js_);
}

// Calls a function of the prelude that flattens `value` into an array.
static Result<std::vector<Value>> flatten(const Value& value, PreludeFunction by) {
  Vm* vm = Access::vm(value).vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  const JsValue js = Access::js(value);
  const auto list = vm->act([&] {
    Engine& engine = vm->engine();
    return vm->adopt_result(
        engine.call_function(engine.prelude(by), JsValue::undefined(), {&js, 1}));
  });
  if (!list) return std::unexpected(list.error());
  return read_elements(*vm, Access::js(*list));
}

Result<std::vector<Value>> Access::map_entries(const Value& map) {
  if (!map.is_map()) return std::unexpected(mismatch("Map", map));
  return flatten(map, PreludeFunction::map_entries);
}

Result<std::vector<Value>> Access::set_elements(const Value& set) {
  if (!set.is_set()) return std::unexpected(mismatch("Set", set));
  return flatten(set, PreludeFunction::set_elements);
}

Result<std::vector<std::pair<std::string, Value>>> Access::properties(const Value& object) {
  using Properties = std::vector<std::pair<std::string, Value>>;
  Vm* vm = object.vm_.vm();
  if (!object.is_object()) return std::unexpected(mismatch("object", object));
  if (vm == nullptr) return std::unexpected(closed_handle());
  std::optional<Error> too_many;
  auto all = vm->act([&]() -> std::optional<Properties> {
    Engine& engine = vm->engine();
    const auto atoms =
        engine.own_properties(object.js_, engine::kNamesStrings | engine::kNamesEnumerableOnly);
    if (!atoms) return std::nullopt;
    Properties properties;
    properties.reserve(atoms->size());
    for (const engine::Atom atom : *atoms) {
      std::optional<std::string> name = engine.atom_text(atom);
      if (name) too_many = count_converted(*vm, sizeof(Properties::value_type) + name->size());
      if (!name || too_many) break;
      auto value = vm->adopt_result(engine.get(object.js_, atom));
      if (!value) break;
      properties.emplace_back(runtime::to_valid_utf8(std::move(*name)), std::move(*value));
    }
    engine.free_atoms(*atoms);
    if (properties.size() != atoms->size() && !too_many) return std::nullopt;
    return properties;
  });
  if (all && too_many) return std::unexpected(std::move(*too_many));
  return all;
}

Result<Value> Access::get_static(const Value& object, const char* name) {
  Vm* vm = object.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act(
      [&] { return vm->adopt_result(vm->engine().get(object.js_, vm->static_atom(name))); });
}

Result<Value> Access::object_static(const Context& context, std::span<const char* const> names,
                                    std::span<Value> values) {
  Vm* vm = context.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<Value> {
    Engine& engine = vm->engine();
    const JsValue object = engine.make_object();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (!engine.define(object, vm->static_atom(names[i]), Vm::take(values[i]),
                         engine::kPropertyPlain)) {
        engine.free_plain(object);
        return std::nullopt;
      }
    }
    return vm->adopt_result(object);
  });
}

Result<double> Access::date_milliseconds(const Value& date) {
  Vm* vm = date.vm_.vm();
  if (!date.is_date()) return std::unexpected(mismatch("Date", date));
  return vm->act([&]() -> std::optional<double> {
    Engine& engine = vm->engine();
    const JsValue time = engine.call_function(engine.prelude(PreludeFunction::date_time),
                                              JsValue::undefined(), {&date.js_, 1});
    return time.is_exception() ? std::nullopt : std::optional(time.as_number());
  });
}

Result<std::u16string> Access::utf16(const Value& string) {
  Vm* vm = string.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  auto text = vm->act([&] { return vm->engine().utf16_of(string.js_); });
  if (!text) return text;
  if (auto error = count_converted(*vm, text->size() * sizeof(char16_t))) {
    return std::unexpected(std::move(*error));
  }
  return text;
}

Result<std::string> Access::utf8(const Value& string) {
  Result<std::string> text = string.to_string();
  const Vm* vm = string.vm_.vm();
  if (!text || vm == nullptr) return text;
  if (auto error = count_converted(*vm, text->size())) return std::unexpected(std::move(*error));
  return text;
}

Result<std::string> Access::bigint_decimal(const Value& bigint) {
  return utf8(bigint);
}

// The engine wraps; the way back tells whether it did.
Result<std::optional<std::int64_t>> Access::bigint_int64(const Value& bigint) {
  Vm* vm = bigint.vm_.vm();
  if (bigint.tag() == Tag::short_bigint)
    return std::optional<std::int64_t>(bigint.js_.as_integer());
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::optional<std::int64_t>> {
    Engine& engine = vm->engine();
    const auto value = engine.bigint_int64(bigint.js_);
    if (!value) return std::nullopt;
    const JsValue back = engine.make_bigint(*value);
    const bool same = engine.strict_equal(back, bigint.js_);
    engine.free_plain(back);
    return same ? std::optional(value) : std::optional(std::optional<std::int64_t>());
  });
}

Result<std::optional<std::uint64_t>> Access::bigint_uint64(const Value& bigint) {
  Vm* vm = bigint.vm_.vm();
  if (bigint.tag() == Tag::short_bigint) {
    const std::int32_t value = bigint.js_.as_integer();
    return value < 0 ? std::optional<std::uint64_t>() : std::optional<std::uint64_t>(value);
  }
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<std::optional<std::uint64_t>> {
    Engine& engine = vm->engine();
    const auto value = engine.bigint_int64(bigint.js_);
    if (!value) return std::nullopt;
    const auto bits = static_cast<std::uint64_t>(*value);
    const JsValue back = engine.make_bigint(bits);
    const bool same = engine.strict_equal(back, bigint.js_);
    engine.free_plain(back);
    return same ? std::optional(std::optional(bits))
                : std::optional(std::optional<std::uint64_t>());
  });
}

Result<Error> Access::describe_error(const Value& error) {
  Vm* vm = error.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  auto described = vm->act([&]() -> std::optional<Error> {
    auto told = runtime::describe_exception(vm->engine(), error.js_);
    vm->engine().note(told);
    return told ? std::optional(std::move(*told)) : std::nullopt;
  });
  if (!described) return described;
  std::uint64_t bytes = 0;
  for (const Error* link = &*described; link != nullptr; link = link->cause.get()) {
    bytes += sizeof(Error) + link->message.size() + link->name.size() + link->detail.size() +
             link->stack.size();
  }
  if (auto too_many = count_converted(*vm, bytes)) return std::unexpected(std::move(*too_many));
  return described;
}

int Access::typed_array_kind(const Value& value) noexcept {
  Vm* vm = value.vm_.vm();
  if (!value.is_object() || vm == nullptr || !vm->usable()) return -1;
  return vm->ask([&] { return vm->engine().typed_array_type(value.js_); });
}

Result<Value> Access::typed_array(const Context& context, int kind,
                                  std::span<const std::byte> bytes) {
  Vm* vm = context.vm_.vm();
  if (vm == nullptr) return std::unexpected(closed_handle());
  return vm->act([&]() -> std::optional<Value> {
    Engine& engine = vm->engine();
    const JsValue buffer = engine.make_array_buffer(bytes);
    if (buffer.is_exception()) return std::nullopt;
    return vm->adopt_result(engine.make_typed_array(buffer, kind));
  });
}

}  // namespace detail
}  // namespace sandglass
