#include "machine/machine.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <optional>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>
#include <utility>

#include "machine/signals.h"

namespace sandglass::machine {
namespace {

// Growth in pages that the allocator asks for when it has no room for a small block.
constexpr std::uint32_t kSmallGrowth = 2;
// Below the frame that a nested entry starts under: the System V red zone, though a call precedes
// it.
constexpr std::uintptr_t kRedZoneBytes = 128;
// What getrandom gives without being interrupted half-way.
constexpr std::size_t kRandomAtOnce = 256;

std::size_t memory_offset(std::uint64_t guest_address) {
  return SANDGLASS_HEADER_BYTES + guest_address;
}

// SAFETY: a fixed place in the header; layout.h says why there.
Instance* instance_in(const Slot& slot) {
  return reinterpret_cast<Instance*>(slot.memory() - SANDGLASS_MEMORY_DISTANCE -
                                     offsetof(Instance, w2c_memory));
}

static_assert(SANDGLASS_MEMORY_DISTANCE + offsetof(Instance, w2c_memory) <= SANDGLASS_HEADER_BYTES);
static_assert(sizeof(Instance) - offsetof(Instance, w2c_memory) <= SANDGLASS_MEMORY_DISTANCE);

// What is left of this thread's own stack; nullopt on one that the embedder switched to. A script
// decides how deep host and guest call each other.
std::optional<std::uintptr_t> host_stack_left() {
  struct Bounds {
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;
  };
  thread_local const Bounds bounds = [] {
    Bounds found;
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return found;
    void* low = nullptr;
    std::size_t bytes = 0;
    if (pthread_attr_getstack(&attributes, &low, &bytes) == 0) {
      // SAFETY: only compared as a number.
      found.low = reinterpret_cast<std::uintptr_t>(low);
      found.high = found.low + bytes;
    }
    pthread_attr_destroy(&attributes);
    return found;
  }();
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  if (here <= bounds.low || here >= bounds.high) return std::nullopt;
  return here - bounds.low;
}

bool is_zero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

Machine::Machine(Slot slot, const Module& module) noexcept
    : slot_(std::move(slot)), module_(&module), instance_(instance_in(slot_)) {}

// A machine that ended leaves its slot to the next one, as clean as a new one: that costs a
// fraction of mapping and of the page faults of a first run.
Machine::~Machine() {
  discharge();
  if (!mapped_ || running() || !options_.leaves_slot) return;
  release_stack();
  if (image_.use_count() == 1) return;    // the image goes as well
  constexpr std::size_t kFewPages = 128;  // of memory that nobody uses, on each thread
  if (restore(ResetWay::best, kFewPages)) return;
  if (!interrupts_.has_countdown()) forget_own_pages();  // the next one's is not among them
  image_->slots().put({std::move(slot_), keeps_pages_, known_, resets_});
}

std::expected<std::unique_ptr<Machine>, std::error_code> Machine::blank(const Module& module) {
  install_signal_handlers();
  auto slot = Slot::reserve();
  if (!slot) return std::unexpected(slot.error());
  if (auto error = slot->commit(0, SANDGLASS_HEADER_BYTES)) return std::unexpected(error);
  std::unique_ptr<Machine> machine(new Machine(std::move(*slot), module));
  machine->page_limit_ = machine->options_.max_pages;
  return machine;
}

std::expected<std::unique_ptr<Machine>, std::error_code> Machine::map(
    std::shared_ptr<const Image> image, const MachineOptions& options) {
  install_signal_handlers();
  if (auto clean = image->slots().take()) {
    std::unique_ptr<Machine> machine(new Machine(std::move(clean->slot), image->module()));
    machine->image_ = std::move(image);
    machine->options_ = options;
    if (!machine->charge_pages(machine->image_->pages())) {
      return std::unexpected(std::make_error_code(std::errc::operation_canceled));
    }
    machine->keeps_pages_ = clean->keeps_pages;
    machine->known_ = clean->known;
    machine->resets_ = clean->resets;
    machine->mapped_ = true;
    machine->attach();
    return machine;
  }
  auto slot = Slot::reserve();
  if (!slot) return std::unexpected(slot.error());
  std::unique_ptr<Machine> machine(new Machine(std::move(*slot), image->module()));
  machine->image_ = std::move(image);
  machine->options_ = options;
  if (!machine->charge_pages(machine->image_->pages())) {
    return std::unexpected(std::make_error_code(std::errc::operation_canceled));
  }
  if (auto error = machine->map_from_image()) return std::unexpected(error);
  return machine;
}

bool Machine::charge_pages(std::uint64_t pages) noexcept {
  if (options_.account == nullptr) return true;
  if (!options_.account->take_memory(pages * kWasmPageBytes)) return false;
  charged_pages_ += pages;
  return true;
}

void Machine::discharge() noexcept {
  if (options_.account == nullptr) return;
  options_.account->give_memory(std::exchange(charged_pages_, 0) * kWasmPageBytes);
}

std::error_code Machine::map_from_image() {
  mapped_ = false;
  known_.at.reset();
  const std::size_t used = memory_offset(image_->pages() * kWasmPageBytes);
  if (auto error = slot_.map_image(image_->fd(), image_->file_bytes())) return error;
  if (auto error = slot_.commit(image_->file_bytes(), used - image_->file_bytes())) return error;

  const auto& [stack, guard] = image_->stack_layout();
  if (guard.size() != 0) {
    // Fresh anonymous memory for the stack, so that deep recursion does not fill holes of the file.
    if (auto error = slot_.decommit(memory_offset(guard.begin), stack.end - guard.begin))
      return error;
    if (auto error = slot_.commit(memory_offset(stack.begin), stack.size())) return error;
  }

  mapped_ = true;
  attach();
  return {};
}

void Machine::attach() noexcept {
  stack_layout_ = image_->stack_layout();
  // SAFETY: opaque to generated code, which hands it back to our imports.
  instance_->Z_env_instance = reinterpret_cast<Z_env_instance_t*>(this);
  instance_->Z_wasi_snapshot_preview1_instance =
      reinterpret_cast<Z_wasi_snapshot_preview1_instance_t*>(this);
  instance_->w2c_memory.data = reinterpret_cast<std::uint8_t*>(slot_.memory());
  instance_->w2c___indirect_function_table = module_->table();
  pages_ = image_->pages();
  page_limit_ = options_.max_pages - std::min(options_.reserve_pages, options_.max_pages);
  granted_in_run_ = false;
  fault_ = Trap::none;
  growth_refusals_ = 0;
  refused_by_account_ = false;
  stack_overflows_ = 0;
  clock_ = {};
  set_random(0);
  interrupts_.begin_run(Interrupts::kNoPollLimit);
}

Trap Machine::enter(void (*function)(void*), void* argument) {
  if (fault_ != Trap::none) [[unlikely]]
    return Trap::faulted_before;
  if (top_ != nullptr) return enter_nested(function, argument);

  if (!signals_prepared_) {
    prepare_thread_for_signals();
    note_thread();
  }
  if (!acquire_stack()) return Trap::no_host_memory;
  Activation activation;
  const Trap trap = run(activation, function, argument, stack_.top());
  if (!signals_prepared_) release_stack();
  return trap;
}

bool Machine::acquire_stack() noexcept {
  if (stack_.size() != 0) return true;
  auto stack = acquire_native_stack(options_.native_stack_bytes);
  if (!stack) return false;
  stack_ = std::move(*stack);
  overflows_at_acquisition_ = stack_overflows_;
  return true;
}

void Machine::release_stack() noexcept {
  if (stack_.size() == 0) return;
  const bool deep = fault_ != Trap::none || stack_overflows_ != overflows_at_acquisition_;
  release_native_stack(std::exchange(stack_, NativeStack()), deep);
}

void Machine::set_signals_prepared(bool prepared) noexcept {
  signals_prepared_ = prepared;
  if (prepared) note_thread();
  if (!prepared && !running()) release_stack();
}

// Whether one more nested call may be made, and `calls` more with `bytes` of the host's stack.
bool Machine::may_nest(std::uint32_t calls, std::uintptr_t bytes) const noexcept {
  constexpr std::uintptr_t kLeastHostStack = std::uintptr_t{64} << 10;
  constexpr std::uint32_t kMaxNestingOnUnknownStack = 128;
  const auto left = host_stack_left();
  const std::uint32_t limit =
      left ? options_.max_nesting : std::min(options_.max_nesting, kMaxNestingOnUnknownStack);
  return nesting_ + calls < limit && left.value_or(UINTPTR_MAX) >= kLeastHostStack + bytes;
}

bool Machine::nesting_is_low() const noexcept {
  constexpr std::uint32_t kReserveCalls = 8;
  constexpr std::uintptr_t kReserveBytes = std::uintptr_t{16} << 10;
  return !may_nest(kReserveCalls, kReserveBytes);
}

Trap Machine::enter_nested(void (*function)(void*), void* argument) {
  if (!may_nest(0, 0)) return Trap::nested_too_deep;
  // SAFETY: continues on the guest's stack, below where the guest that called the host stands.
  const auto below = reinterpret_cast<std::uintptr_t>(top_->guest_sp) - kRedZoneBytes;
  auto* stack_top = reinterpret_cast<std::byte*>(below & ~std::uintptr_t{15});
  Activation activation;
  return run(activation, function, argument, stack_top);
}

Trap Machine::run(Activation& activation, void (*function)(void*), void* argument,
                  std::byte* stack_top) {
  activation.must_unwind = interrupts_.must_unwind_word();
  activation.machine = this;
  activation.previous = current_activation;
  activation.slot_begin = slot_.begin();
  activation.slot_end = slot_.end();
  const GuestRange stack_guard = guest_stack_guard();
  activation.guest_stack_guard_begin = slot_.memory() + stack_guard.begin;
  activation.guest_stack_guard_end = slot_.memory() + stack_guard.end;
  activation.stack_guard_begin = stack_.guard_begin();
  activation.stack_guard_end = stack_.guard_end();
  Activation* const outer = std::exchange(top_, &activation);
  ++nesting_;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  current_activation = &activation;
  std::atomic_signal_fence(std::memory_order_seq_cst);

  const auto trap = static_cast<Trap>(sandglass_enter(&activation, function, argument, stack_top));

  std::atomic_signal_fence(std::memory_order_seq_cst);
  current_activation = activation.previous;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  --nesting_;
  top_ = outer;
  if (trap != Trap::none) [[unlikely]]
    poison(trap);
  return trap;
}

// Where a guest stack that grew too far is met: in its guard, or, if it starts at address 0, in
// what addresses just below that wrap around to.
GuestRange Machine::guest_stack_guard() const noexcept {
  if (stack_layout_.guard.size() != 0) return stack_layout_.guard;
  constexpr std::uint32_t kWrapBytes = 1 << 20;
  return {UINT32_MAX - kWrapBytes, UINT32_MAX};
}

void Machine::poison(Trap reason) noexcept {
  if (fault_ == Trap::none) fault_ = reason;
  interrupts_.request_unwind(reason);  // ends outer activations as their host functions return
}

std::byte* Machine::resolve(std::uint32_t address, std::uint64_t bytes) const noexcept {
  if (!signals_prepared_) note_thread();  // for what is written outside of a run
  const std::uint64_t end = std::uint64_t{address} + bytes;
  if (bytes > (std::uint64_t{1} << 32) || end > pages_ * kWasmPageBytes) return nullptr;
  const GuestRange& guard = stack_layout_.guard;
  if (address < guard.end && end > guard.begin) return nullptr;
  return slot_.memory() + address;
}

bool Machine::read(std::uint32_t address, std::span<std::byte> into) const noexcept {
  const std::byte* from = resolve(address, into.size());
  if (from == nullptr) return false;
  if (!into.empty()) std::memcpy(into.data(), from, into.size());
  return true;
}

bool Machine::write(std::uint32_t address, std::span<const std::byte> from) const noexcept {
  std::byte* into = resolve(address, from.size());
  if (into == nullptr) return false;
  if (!from.empty()) std::memcpy(into, from.data(), from.size());
  return true;
}

void Machine::populate(std::span<const GuestRange> pages) noexcept {
  keeps_pages_ = true;
#ifdef MADV_POPULATE_WRITE
  for (const GuestRange& range : pages) {
    madvise(slot_.memory() + range.begin, range.size(), MADV_POPULATE_WRITE);
  }
#endif
}

std::uint32_t Machine::grow(std::uint32_t delta) noexcept {
  const std::uint32_t before = pages_;
  const bool fits = std::uint64_t{before} + delta <= page_limit_;
  refused_by_account_ = fits && !charge_pages(delta);
  if (!fits || refused_by_account_ ||
      slot_.commit(memory_offset(before * kWasmPageBytes), delta * kWasmPageBytes)) {
    ++growth_refusals_;
    // A small request that is refused means that the heap is full to the brim: what follows, the
    // making of the error first of all, needs a little room.
    if (delta <= kSmallGrowth && !std::exchange(granted_in_run_, true)) grant_page();
    return UINT32_MAX;
  }
  pages_ = before + delta;
  instance_->w2c_memory.pages = pages_;
  instance_->w2c_memory.size = static_cast<std::uint32_t>(pages_ * kWasmPageBytes);
  return before;
}

std::error_code Machine::relocate_stack(std::uint32_t bytes) {
  const auto pages = static_cast<std::uint32_t>((bytes + kWasmPageBytes - 1) / kWasmPageBytes);
  const std::uint32_t first = grow(pages + 1);
  if (first == UINT32_MAX) return std::make_error_code(std::errc::not_enough_memory);
  const auto guard_begin = static_cast<std::uint32_t>(first * kWasmPageBytes);
  const auto guard_end = static_cast<std::uint32_t>(guard_begin + kWasmPageBytes);
  const auto stack_end = static_cast<std::uint32_t>(guard_end + pages * kWasmPageBytes);
  if (auto error = slot_.forbid(memory_offset(guard_begin), kWasmPageBytes)) return error;
  stack_layout_ = {.stack = {guard_end, stack_end}, .guard = {guard_begin, guard_end}};
  instance_->w2c___stack_pointer = stack_end;
  return {};
}

std::uint64_t Machine::stack_peak_bytes() const noexcept {
  // Going down from the top: the first 64 KiB without a single non-zero byte ends the search.
  // Frames are written as they are made, so no frame skips that much.
  constexpr std::uint32_t kGapPages = 16;
  const GuestRange& stack = stack_layout_.stack;
  std::uint32_t lowest = stack.end;
  std::uint32_t zero_pages = 0;
  for (std::uint32_t page = stack.end; page > stack.begin && zero_pages < kGapPages;) {
    page -= std::uint32_t{kPageBytes};
    const bool zero = is_zero({slot_.memory() + page, kPageBytes});
    zero_pages = zero ? zero_pages + 1 : 0;
    if (!zero) lowest = page;
  }
  return stack.end - lowest;
}

bool Machine::random_bytes(std::span<std::byte> into) noexcept {
  while (random_of_system_ && !into.empty()) {
    const ssize_t got = getrandom(into.data(), std::min(into.size(), kRandomAtOnce), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(got));
  }
  while (!into.empty()) {
    // splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    random_state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = random_state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    const std::size_t bytes = std::min(into.size(), sizeof z);
    std::memcpy(into.data(), &z, bytes);
    into = into.subspan(bytes);
  }
  return true;
}

// SAFETY: wasm2c declares the globals between what it was linked with and the memory.
std::span<std::byte> Machine::globals() const noexcept {
  auto* begin = reinterpret_cast<std::byte*>(&instance_->w2c___stack_pointer);
  auto* end = reinterpret_cast<std::byte*>(&instance_->w2c_memory);
  return {begin, static_cast<std::size_t>(end - begin)};
}

// SAFETY: written by map_from_image and Module; lies in the header, which the guest cannot address.
Machine& Machine::of(void* instance) noexcept {
  return *reinterpret_cast<Machine*>(static_cast<Instance*>(instance)->Z_env_instance);
}

}  // namespace sandglass::machine
