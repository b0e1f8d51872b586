#include "sandglass/value.h"

#include <limits>
#include <optional>
#include <utility>

#include "engine/js_value.h"
#include "runtime/vm.h"

namespace sandglass {
namespace {

using engine::JsValue;
using engine::Tag;

Error closed() {
  return {.code = Errc::closed,
          .message = "the VM of this value is gone, was reset, or has faulted",
          .vm_usable = false};
}

}  // namespace

std::string_view to_string(Type type) noexcept {
  switch (type) {
    case Type::undefined:
      return "undefined";
    case Type::null:
      return "null";
    case Type::boolean:
      return "boolean";
    case Type::number:
      return "number";
    case Type::bigint:
      return "bigint";
    case Type::string:
      return "string";
    case Type::symbol:
      return "symbol";
    case Type::object:
      return "object";
    case Type::function:
      return "function";
  }
  return "unknown";
}

Value::Value() noexcept : bits_(JsValue::undefined().bits) {}

Value::Value(std::weak_ptr<runtime::Vm> vm, std::uint64_t generation, std::uint64_t bits,
             Type type) noexcept
    : vm_(std::move(vm)), generation_(generation), bits_(bits), type_(type) {}

Value::Value(Value&& other) noexcept
    : vm_(std::move(other.vm_)),
      generation_(other.generation_),
      bits_(std::exchange(other.bits_, JsValue::undefined().bits)),
      type_(std::exchange(other.type_, Type::undefined)) {}

Value& Value::operator=(Value&& other) noexcept {
  if (this != &other) {
    release();
    vm_ = std::move(other.vm_);
    generation_ = other.generation_;
    bits_ = std::exchange(other.bits_, JsValue::undefined().bits);
    type_ = std::exchange(other.type_, Type::undefined);
  }
  return *this;
}

Value::~Value() {
  release();
}

void Value::release() noexcept {
  if (!JsValue{bits_}.is_counted()) return;
  if (const auto vm = vm_.lock()) vm->give_back(generation_, bits_);
}

std::shared_ptr<runtime::Vm> Value::current_vm() const {
  auto vm = vm_.lock();
  return vm && vm->is_current(generation_) ? vm : nullptr;
}

// The text of values that need no VM for it.
std::optional<std::string> Value::plain_text() const {
  switch (JsValue{bits_}.tag()) {
    case Tag::undefined:
      return "undefined";
    case Tag::null:
      return "null";
    case Tag::boolean:
      return JsValue{bits_}.as_boolean() ? "true" : "false";
    default:
      return std::nullopt;
  }
}

Result<std::string> Value::to_string() const {
  if (auto text = plain_text()) return std::move(*text);
  const auto vm = current_vm();
  if (!vm) return std::unexpected(closed());
  return vm->to_string(bits_);
}

Result<double> Value::to_number() const {
  const JsValue value{bits_};
  switch (value.tag()) {
    case Tag::undefined:
      return std::numeric_limits<double>::quiet_NaN();
    case Tag::null:
      return 0;
    case Tag::boolean:
      return value.as_boolean() ? 1 : 0;
    case Tag::integer:
      return value.as_integer();
    case Tag::float64:
      return value.as_float64();
    default:
      break;
  }
  const auto vm = current_vm();
  if (!vm) return std::unexpected(closed());
  return vm->to_number(bits_);
}

Result<bool> Value::to_boolean() const {
  const JsValue value{bits_};
  switch (value.tag()) {
    case Tag::undefined:
    case Tag::null:
      return false;
    case Tag::boolean:
      return value.as_boolean();
    case Tag::integer:
      return value.as_integer() != 0;
    case Tag::float64:
      return value.as_float64() == value.as_float64() && value.as_float64() != 0;
    default:
      break;
  }
  const auto vm = current_vm();
  if (!vm) return std::unexpected(closed());
  return vm->to_boolean(bits_);
}

Result<std::string> Value::to_json() const {
  if (is_undefined()) return "null";
  if (auto text = plain_text()) return std::move(*text);
  const auto vm = current_vm();
  if (!vm) return std::unexpected(closed());
  return vm->to_json(bits_);
}

Result<std::string> Value::to_display() const {
  if (auto text = plain_text()) return std::move(*text);
  const auto vm = current_vm();
  if (!vm) return std::unexpected(closed());
  return vm->to_display(bits_);
}

}  // namespace sandglass
