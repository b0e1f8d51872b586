// One WebAssembly machine: linear memory, a stack, and calls into guest code that cannot escape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "machine/account.h"
#include "machine/activation.h"
#include "machine/guest_clock.h"
#include "machine/image.h"
#include "machine/instrumentation.h"
#include "machine/interrupts.h"
#include "machine/module.h"
#include "machine/native_stack.h"
#include "machine/own_pages.h"
#include "machine/slot.h"
#include "machine/trap.h"

namespace sandglass::machine {

struct MachineOptions {
  /// Ceiling of linear memory, in WebAssembly pages; at most kMaxPages.
  std::uint32_t max_pages = kMaxPages;
  /// How many of them are kept back, to be handed out by grant_page() when memory has run out and
  /// the guest needs a little to report that and to go on.
  std::uint32_t reserve_pages = 0;
  /// Size of the native stack that guest code runs on.
  std::size_t native_stack_bytes = std::size_t{8} << 20;
  /// Whether it leaves its slot to the next machine of its image.
  bool leaves_slot = true;
  /// How deep host and guest may call each other; 128 on a stack that is not the thread's own.
  std::uint32_t max_nesting = 4096;
  /// Whom its memory is taken from, besides max_pages; outlives it. Null: nobody.
  Account* account = nullptr;
};

/// One instance of the module.
///
/// Thread:   one at a time; it may move between threads while no call is in progress. Only
///           `interrupts().request_*` may be called concurrently.
/// Lifetime: outlives every call into it. Pinned: guest imports hold its address (on the host's
/// side).
class Machine {
 public:
  /// Maps a machine from `image`, copy-on-write. Three system calls, or none if one of that image
  /// has ended on this thread. Errors: operation_canceled (the account has not so much left) ·
  /// those of mmap.
  [[nodiscard]] static std::expected<std::unique_ptr<Machine>, std::error_code> map(
      std::shared_ptr<const Image> image, const MachineOptions& options);

  /// A machine with empty memory, for Module alone.
  [[nodiscard]] static std::expected<std::unique_ptr<Machine>, std::error_code> blank(
      const Module& module);

  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  /// Takes the machine back to its image, whatever happened to it: no byte differs afterwards. Not
  /// from inside a call into it. Pages that were written to are copied back, or dropped where they
  /// are many: memory that a big run took goes back to the system. `way` forces one, for tests.
  enum class ResetWay : std::uint8_t { best, copy_by_ioctl, copy_by_pagemap, drop };
  [[nodiscard]] std::error_code reset(ResetWay way = ResetWay::best);
  /// Whether the machine has its own copies of the pages that populate() would make.
  [[nodiscard]] bool keeps_pages() const noexcept { return keeps_pages_; }

  // Running guest code.

  /// Runs `function(instance, arguments...)` as guest code. A trap is returned, never thrown, and
  /// leaves the machine faulted. About 6 ns on top of the call.
  template <class R, class... P, class... A>
  [[nodiscard]] Outcome<R> call(R (*function)(Instance*, P...), A... arguments) {
    static_assert(sizeof...(P) == sizeof...(A));
    CallFrame<R, P...> frame{
        function, instance_, std::tuple<P...>(static_cast<P>(arguments)...), {}};
    const Trap trap = enter(&CallFrame<R, P...>::run, &frame);
    if (trap != Trap::none) [[unlikely]]
      return std::unexpected(trap);
    if constexpr (std::is_void_v<R>) {
      return {};
    } else {
      return frame.result;
    }
  }

  /// Called from guest code: runs `function(argument)` on the host's stack. If the machine is to be
  /// left when it returns (a kill, a trap in a nested call), this does not return.
  SANDGLASS_UNINSTRUMENTED void call_on_host(void (*function)(void*), void* argument) {
    sandglass_call_on_host(top_, function, argument);
  }

  /// Called from guest code: ends the innermost activation with `trap`.
  [[noreturn]] SANDGLASS_UNINSTRUMENTED void raise(Trap trap) {
    sandglass_unwind(top_, static_cast<std::uint32_t>(trap));
  }

  // Guest memory, from the host. Every access is checked against what is mapped now.

  /// The host's view of `bytes` bytes at guest address `address`, or null if any of them is not
  /// mapped. Valid until guest code runs next. The guest cannot run meanwhile: what was read once
  /// must still be copied before it is checked, since a second thread is no guest's privilege but a
  /// second read may be a compiler's.
  [[nodiscard]] std::byte* resolve(std::uint32_t address, std::uint64_t bytes) const noexcept;

  [[nodiscard]] bool read(std::uint32_t address, std::span<std::byte> into) const noexcept;
  [[nodiscard]] bool write(std::uint32_t address, std::span<const std::byte> from) const noexcept;

  template <class T>
  [[nodiscard]] std::optional<T> load(std::uint32_t address) const noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    if (!read(address, std::as_writable_bytes(std::span(&value, 1)))) return std::nullopt;
    return value;
  }
  template <class T>
  [[nodiscard]] bool store(std::uint32_t address, const T& value) const noexcept {
    static_assert(std::is_trivially_copyable_v<T>);
    return write(address, std::as_bytes(std::span(&value, 1)));
  }

  // Page faults.

  /// Which pages of linear memory the machine has its own copies of, as ranges in order. Empty
  /// where the kernel does not tell.
  [[nodiscard]] std::vector<GuestRange> written_pages() const;

  /// Gives the machine its own copies of `pages` now: a fraction of what as many page faults cost.
  /// Does nothing on kernels before 5.14.
  void populate(std::span<const GuestRange> pages) noexcept;

  /// For who hands out guest memory to write to: other threads may do it.
  void forget_own_pages() noexcept { known_.at.reset(); }

  // Preparing an image.

  /// Adds memory for a stack of `bytes` with a no-access guard below and makes it the guest's
  /// stack.
  [[nodiscard]] std::error_code relocate_stack(std::uint32_t bytes);

  /// Sets the stack that the module came with.
  void set_stack_layout(const StackLayout& layout) noexcept { stack_layout_ = layout; }

  /// Lets the guest have one page of the reserve, if there is any left.
  void grant_page() noexcept {
    if (page_limit_ < options_.max_pages) ++page_limit_;
  }
  /// Starts a run: the next refusal of a small growth will grant a page.
  void begin_run() noexcept { granted_in_run_ = false; }

  // Observers.

  /// Whether memory has grown to its present limit; the heap inside may be free or full.
  [[nodiscard]] bool at_page_limit() const noexcept { return pages_ >= page_limit_; }

  [[nodiscard]] Interrupts& interrupts() noexcept { return interrupts_; }
  [[nodiscard]] const Interrupts& interrupts() const noexcept { return interrupts_; }
  [[nodiscard]] Instance& instance() const noexcept { return *instance_; }
  /// The module's global variables, its stack pointer among them: numbers of the guest's.
  [[nodiscard]] std::span<std::byte> globals() const noexcept;
  [[nodiscard]] const Slot& slot() const noexcept { return slot_; }
  [[nodiscard]] const Module& module() const noexcept { return *module_; }
  [[nodiscard]] const StackLayout& stack_layout() const noexcept { return stack_layout_; }

  /// The trap that ended it, or none.
  [[nodiscard]] Trap fault() const noexcept { return fault_; }
  /// Declares the machine unusable, for a host that found its state wrong.
  void poison(Trap reason) noexcept;
  /// Whether host and guest call each other so deep that the next call may be refused: the time to
  /// say so to the guest, while that can still be done.
  [[nodiscard]] bool nesting_is_low() const noexcept;
  /// Whether a call into it is in progress.
  [[nodiscard]] bool running() const noexcept { return top_ != nullptr; }

  [[nodiscard]] std::uint32_t pages() const noexcept { return pages_; }
  /// Refused growths and raised stack errors since creation or reset. The guest cannot forge them:
  /// it can only cause them.
  [[nodiscard]] std::uint64_t growth_refusals() const noexcept { return growth_refusals_; }
  /// Whether the last one was the account's.
  [[nodiscard]] bool refused_by_account() const noexcept { return refused_by_account_; }
  [[nodiscard]] std::uint64_t stack_overflows() const noexcept { return stack_overflows_; }
  /// Deepest use of the guest's stack in bytes, rounded up to pages. Reads the stack's used pages.
  [[nodiscard]] std::uint64_t stack_peak_bytes() const noexcept;

  /// Whether the caller holds a SignalScope around its calls, all on this thread; else the first
  /// call on a thread leaves the thread prepared for good. Between the two the machine keeps its
  /// native stack.
  void set_signals_prepared(bool prepared) noexcept;

  /// Takes the native stack that the next call needs. False: the host has no memory for one;
  /// nothing else has changed.
  [[nodiscard]] bool acquire_stack() noexcept;

  /// For the owner's use; handed back to host functions.
  void set_owner(void* owner) noexcept { owner_ = owner; }
  [[nodiscard]] void* owner() const noexcept { return owner_; }

  /// The machine that `instance` belongs to.
  [[nodiscard]] static Machine& of(void* instance) noexcept;

  // For the wasm2c runtime (wasm_rt.cc) and the WASI shims.
  [[nodiscard]] std::uint32_t grow(std::uint32_t delta) noexcept;
  void note_stack_overflow() noexcept { ++stack_overflows_; }
  void set_pages(std::uint32_t pages) noexcept { pages_ = pages; }

  // What the guest is told of time and chance. Both go back to their defaults with a reset.

  [[nodiscard]] const GuestClock& clock() const noexcept { return clock_; }
  void set_clock(const GuestClock& clock) noexcept { clock_ = clock; }
  /// Random bytes come from this seed; without one from the system.
  void set_random(std::optional<std::uint64_t> seed) noexcept {
    random_state_ = seed.value_or(0);
    random_of_system_ = !seed;
  }
  /// False: the system has none. A leaf for guest code, which may be abandoned anywhere.
  [[nodiscard]] bool random_bytes(std::span<std::byte> into) noexcept;

 private:
  template <class R, class... P>
  struct CallFrame {
    R (*function)(Instance*, P...);
    Instance* instance;
    std::tuple<P...> arguments;
    std::conditional_t<std::is_void_v<R>, std::monostate, R> result;

    // Runs on the guest's stack and may be abandoned: nothing here owns anything.
    SANDGLASS_UNINSTRUMENTED static void run(void* self) {
      auto& frame = *static_cast<CallFrame*>(self);
      run_with(frame, std::index_sequence_for<P...>());
    }
    template <std::size_t... I>
    SANDGLASS_UNINSTRUMENTED static void run_with(CallFrame& frame, std::index_sequence<I...>) {
      if constexpr (std::is_void_v<R>) {
        frame.function(frame.instance, std::get<I>(frame.arguments)...);
      } else {
        frame.result = frame.function(frame.instance, std::get<I>(frame.arguments)...);
      }
    }
  };

  explicit Machine(Slot slot, const Module& module) noexcept;

  [[nodiscard]] GuestRange guest_stack_guard() const noexcept;
  [[nodiscard]] Trap enter(void (*function)(void*), void* argument);
  [[nodiscard]] bool may_nest(std::uint32_t calls, std::uintptr_t bytes) const noexcept;
  [[nodiscard]] Trap enter_nested(void (*function)(void*), void* argument);
  void release_stack() noexcept;
  Trap run(Activation& activation, void (*function)(void*), void* argument, std::byte* stack_top);
  [[nodiscard]] std::error_code map_from_image();
  /// Makes what was mapped from the image this machine's.
  void attach() noexcept;
  [[nodiscard]] bool charge_pages(std::uint64_t pages) noexcept;
  void discharge() noexcept;
  [[nodiscard]] std::size_t image_end() const noexcept;
  /// A reset that keeps up to `max_pages` of its own pages, else none. Now and then only those that
  /// the last run changed.
  [[nodiscard]] std::error_code restore(ResetWay way, std::size_t max_pages);
  [[nodiscard]] bool copy_back(PageScan scan, std::size_t max_pages) noexcept;
  /// The machine's own pages, in order: those that were found last, if there can be no others
  /// since. nullopt: as find_own_pages.
  [[nodiscard]] std::optional<std::size_t> own_runs(PageScan scan, std::size_t max_pages,
                                                    std::span<PageRun> runs) noexcept;
  /// Another thread's page faults are counted elsewhere: what is known is of no use then.
  void note_thread() const noexcept {
    if (known_.at && known_.at->thread != thread_number()) known_.at.reset();
  }
  [[nodiscard]] std::error_code drop_pages() noexcept;

  Slot slot_;
  const Module* module_;
  Instance* instance_;
  std::shared_ptr<const Image> image_;
  MachineOptions options_;
  StackLayout stack_layout_;

  Activation* top_ = nullptr;  // innermost activation of this machine
  std::uint32_t nesting_ = 0;
  NativeStack stack_;
  Interrupts interrupts_;
  Trap fault_ = Trap::none;

  // The truth about the size of memory. The copy in the instance struct is for generated code.
  std::uint32_t pages_ = 0;
  std::uint32_t page_limit_ = 0;  // options_.max_pages less what is left of the reserve
  bool granted_in_run_ = false;
  bool signals_prepared_ = false;
  bool keeps_pages_ = false;
  std::uint32_t resets_ = 0;
  bool mapped_ = false;  // the whole of the image
  mutable KnownPages known_;
  std::uint64_t growth_refusals_ = 0;
  bool refused_by_account_ = false;
  std::uint64_t charged_pages_ = 0;  // to the account
  std::uint64_t stack_overflows_ = 0;
  std::uint64_t overflows_at_acquisition_ = 0;  // of stack_
  GuestClock clock_;
  std::uint64_t random_state_ = 0;
  bool random_of_system_ = false;
  void* owner_ = nullptr;
};

}  // namespace sandglass::machine
