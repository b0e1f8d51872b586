// Images of an engine that is ready to evaluate: what every VM starts from.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "engine/js_value.h"
#include "engine/prelude.h"
#include "machine/image.h"

namespace sandglass::engine {

/// Pages that a first run in a new VM writes to, known from the start or learned from the first VM
/// that ran. Thread: any.
class FirstPages {
 public:
  using Ranges = std::vector<machine::GuestRange>;

  FirstPages() = default;
  FirstPages(const FirstPages&) = delete;
  FirstPages& operator=(const FirstPages&) = delete;
  ~FirstPages() { delete pages_.load(); }

  /// Null while they are not known.
  [[nodiscard]] const Ranges* get() const noexcept { return pages_.load(); }
  /// Takes them over, if none are known yet; of many, none.
  void learn(Ranges pages);

 private:
  // Without a lock: every VM looks here, and a forked child could never have one that another
  // thread held.
  std::atomic<const Ranges*> pages_ = nullptr;
};

/// An image with a runtime and a context, and where they lie.
struct Prepared {
  std::shared_ptr<const machine::Image> image;
  GuestPtr<JSRuntime> runtime;
  GuestPtr<JSContext> context;
  /// Address of the context's countdown to the next call of the interrupt handler.
  std::uint32_t interrupt_counter = 0;
  /// Address of the state of Math.random(), a number that is never 0.
  std::uint32_t random_state = 0;
  /// Class of host objects.
  std::uint32_t host_class = 0;
  /// References that the image holds for us: at the same address in every VM.
  JsValue global;
  std::array<JsValue, static_cast<std::size_t>(PreludeFunction::count)> prelude;
  /// What was told to the engine in it, if anything was. The engine raises the threshold as its
  /// heap grows: to set it again would make the next run collect all of it.
  struct Applied {
    std::uint64_t stack_bytes = 0;
    std::uint64_t gc_threshold_bytes = 0;
    friend bool operator==(const Applied&, const Applied&) = default;
  };
  std::optional<Applied> applied{};
  /// Guest memory for short strings on their way in; 0: none yet.
  std::uint32_t transfer_block = 0;
  /// Of the heap in use in an image that no script has run in.
  std::uint64_t empty_heap_bytes = 0;
  std::shared_ptr<FirstPages> first_pages = std::make_shared<FirstPages>();
};

/// What a Prepared consists of, apart from its image: addresses and values of the guest's.
struct PreparedParts {
  bool own_stack_region = false;
  std::uint32_t memory_pages = 0;
  std::vector<std::byte> globals;  ///< machine::Machine::globals()
  std::uint32_t runtime = 0;
  std::uint32_t context = 0;
  std::uint32_t interrupt_counter = 0;
  std::uint32_t random_state = 0;
  std::uint32_t host_class = 0;
  std::uint32_t transfer_block = 0;
  std::uint64_t global = 0;
  std::vector<std::uint64_t> prelude;
  struct Run {
    std::uint32_t page = 0;  ///< of 4 KiB
    std::vector<std::byte> bytes;
  };
  std::vector<Run> runs;  ///< memory that is not zero, in order
  std::optional<Prepared::Applied> applied{};
};

[[nodiscard]] std::expected<PreparedParts, std::error_code> take_apart(const Prepared& prepared);

/// The other way, from parts that anyone may have made: they are checked as far as the host relies
/// on them; what the guest makes of them is contained. Errors: invalid_argument (they cannot be) ·
/// those of the system.
[[nodiscard]] std::expected<std::shared_ptr<const Prepared>, std::error_code> put_together(
    const PreparedParts& parts);

/// What the interrupt counter starts from (JS_INTERRUPT_COUNTER_INIT of quickjs.c).
inline constexpr std::uint32_t kInterruptCounterStart = 10000;

/// Ids of the native functions in the image, as Host::call gets them.
enum class Builtin : std::uint32_t {
  log,
  info,
  debug,
  warn,
  error,
  trace,
  add_timer,
  add_interval,
  add_immediate,
  clear_timer,
  time_origin,
  exit,
  class_id,  // (object) -> the engine's number of its class; answered while the image is made, too
  fetch,     // (method, url, redirect, [name, value, ...], body) -> [id, promise]
  fetch_abort,  // (id)
  fs_access,
  fs_close,
  fs_copy_file,
  fs_list,
  fs_make_directory,
  fs_open,
  fs_read,
  fs_read_file,
  fs_real_path,
  fs_remove_directory,
  fs_remove_file,
  fs_rename,
  fs_resize,
  fs_status,
  fs_write,
  fs_write_file,
  dir,
  table,
  assertion,
  label,
  count
};

/// What the prelude finds them as, in that order.
inline constexpr std::array<std::string_view, static_cast<std::size_t>(Builtin::count)>
    kBuiltinNames = {
        "log",          "info",     "debug",       "warn",         "error",
        "trace",        "addTimer", "addInterval", "addImmediate", "clearTimer",
        "timeOrigin",   "exit",     "classId",     "fetch",        "fetchAbort",
        "fsAccess",     "fsClose",  "fsCopyFile",  "fsList",       "fsMakeDirectory",
        "fsOpen",       "fsRead",   "fsReadFile",  "fsRealPath",   "fsRemoveDirectory",
        "fsRemoveFile", "fsRename", "fsResize",    "fsStatus",     "fsWrite",
        "fsWriteFile",  "dir",      "table",       "assert",       "label",
};

/// Largest stack that fits below the module's data; larger ones get a region of their own.
inline constexpr std::uint32_t kMaxStackInPlace = 960 << 10;

/// The image for VMs with a stack of `stack_bytes`. There are two in a process, each prepared when
/// it is first asked for (a few milliseconds) and then shared. Errors: the host has no memory for
/// it; who asks again later may get it.
[[nodiscard]] std::expected<std::shared_ptr<const Prepared>, std::error_code> prepared_for_stack(
    std::uint64_t stack_bytes);

}  // namespace sandglass::engine
