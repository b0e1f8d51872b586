// A virtual machine under its limits: what Runtime, Context and Value stand on.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <typeindex>
#include <typeinfo>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"
#include "runtime/bytecode_format.h"
#include "runtime/file_handles.h"
#include "runtime/host_table.h"
#include "runtime/inbox.h"
#include "runtime/thrown_value.h"
#include "runtime/timers.h"
#include "sandglass/class.h"
#include "sandglass/module_loader.h"
#include "sandglass/runtime.h"

namespace date {
class time_zone;
}

namespace sandglass::runtime {

namespace inspect {
class Room;
}

/// An import, as the table of a bundle has it. Without its attributes: bytecode has none.
struct ModuleImportKey {
  std::string importer;
  std::string specifier;
  friend auto operator<=>(const ModuleImportKey&, const ModuleImportKey&) = default;
};

struct SnapshotState;

/// A bound class in one VM.
struct BoundClass {
  std::shared_ptr<const detail::ClassDefinition> definition;
  engine::JsValue prototype;    // owned
  engine::JsValue constructor;  // owned
};

/// Everything that happens in the guest happens inside a run: limits are armed, time is counted,
/// and what went wrong is told apart when it ends. Runs nest when a host callback uses its own VM;
/// the limits are those of the outermost.
class Vm final : public std::enable_shared_from_this<Vm>, private engine::Host {
 public:
  using JsValue = engine::JsValue;
  struct RunState;  // of one run: where it began, what it threw

  [[nodiscard]] static Result<std::shared_ptr<Vm>> create(
      Options options, std::shared_ptr<const SnapshotState> origin = nullptr);
  /// Nothing may be running.
  [[nodiscard]] Result<std::shared_ptr<const SnapshotState>> snapshot();

  ~Vm() override;

  [[nodiscard]] Result<Value> eval(std::string_view source, const EvalOptions& options);
  [[nodiscard]] Result<Value> import(std::string_view specifier, std::string_view importer);
  [[nodiscard]] Result<std::vector<std::byte>> compile_to_bytes(
      std::string_view source, const CompileOptions& options) const;
  [[nodiscard]] Result<Value> run_bytes(std::span<const std::byte> bytes,
                                        const BytecodeOptions& options);
  /// Later imports of the module `name` load it anew.
  void forget_module(std::string_view name) { ++kept_.module_versions[std::string(name)]; }
  /// Whether it ever read bytecode that nobody vouched for.
  [[nodiscard]] bool tainted() const noexcept { return kept_.tainted; }
  [[nodiscard]] Result<void> reset();
  [[nodiscard]] Result<void> collect_garbage();
  void interrupt() noexcept;
  [[nodiscard]] Stats stats();
  [[nodiscard]] bool usable() const noexcept;
  [[nodiscard]] const Limits& limits() const noexcept { return options_.limits; }
  [[nodiscard]] Result<void> set_limits(const Limits& limits);

  // Handles.

  [[nodiscard]] const detail::VmPointer& link() const noexcept { return link_; }
  /// A handle on `owned`, which it takes over.
  [[nodiscard]] Value adopt(JsValue owned) noexcept;
  /// The same, and nullopt for an exception: what a body of act() returns.
  [[nodiscard]] std::optional<Value> adopt_result(JsValue owned) noexcept;
  /// A second reference.
  [[nodiscard]] Value share(JsValue borrowed) noexcept;
  [[nodiscard]] static JsValue js_of(const Value& value) noexcept { return value.js_; }
  /// What `value` holds, for the engine to own; `value` is undefined after that.
  [[nodiscard]] static JsValue take(Value& value) noexcept;
  /// Whether `value` can be used in this VM: it is of it, or of none.
  [[nodiscard]] bool accepts(const Value& value) const noexcept;
  /// Takes back a reference: frees it in the middle of a run, else together with others at the
  /// beginning of the next one.
  void give_back(JsValue owned) noexcept;

  // Running.

  /// Whether a run is going on, on this thread.
  [[nodiscard]] bool in_run() const noexcept {
    return runner_.load(std::memory_order_relaxed) == std::this_thread::get_id();
  }

  /// Runs `body`, which makes plain calls of the engine and returns an optional: nullopt if an
  /// exception is pending. A run of its own, or part of the one that is going on: some nanoseconds.
  template <class Body>
  [[nodiscard]] auto act(Body body) -> Result<typename std::invoke_result_t<Body&>::value_type>;

  /// Asks the engine something that runs no script code: needs no run, only signals.
  template <class Body>
  [[nodiscard]] auto ask(Body body) -> std::invoke_result_t<Body&>;

  /// Begins and ends a run that spans calls, for Scope.
  [[nodiscard]] std::optional<Error> begin_span(RunState& state);
  [[nodiscard]] Result<void> end_span(RunState& state);

  /// act() on an object, with the atom of `key`: `body(engine, atom)`. For Value.
  template <class Body>
  [[nodiscard]] static auto with_object(const Value& object, const Key& key, Body body)
      -> Result<typename std::invoke_result_t<Body&, engine::Engine&, engine::Atom>::value_type>;

  [[nodiscard]] engine::Engine& engine() noexcept { return *engine_; }
  [[nodiscard]] HostTable& host_table() noexcept { return host_table_; }

  // Classes and their objects.

  [[nodiscard]] const BoundClass* find_class(const std::type_info& type) const noexcept;
  /// Takes `prototype` over.
  void bind_class(std::shared_ptr<const detail::ClassDefinition> definition, JsValue prototype,
                  JsValue constructor);
  /// `object` of class `from` as one of class `to`; null if it is none.
  [[nodiscard]] void* cast(void* object, const std::type_info& from,
                           const std::type_info& to) const;
  [[nodiscard]] JsValue make_host_object(JsValue prototype, std::shared_ptr<void> object,
                                         const std::type_info& type, bool constant = false);

  /// Throws `error` into the guest from a host function; gives what the function is to return.
  JsValue throw_error(const Error& error);
  /// An error object of it. Exception: it could not be made.
  [[nodiscard]] JsValue make_error(const Error& error, int depth = 0);
  [[nodiscard]] engine::Outcome<Error> describe(JsValue exception);

  /// The atom of a name in static storage, kept for the VM's life.
  [[nodiscard]] engine::Atom static_atom(const char* name);

  // Promises of the host.

  [[nodiscard]] const std::shared_ptr<detail::Inbox>& inbox() const noexcept { return inbox_; }
  [[nodiscard]] std::optional<std::uint64_t> open_promise(std::string_view what, bool external);
  /// The promise that open_promise() made, pending or settled.
  [[nodiscard]] Result<Value> host_promise(std::uint64_t id);
  /// `value.then(fulfilled, rejected)`, of any value. nullopt: an exception is pending.
  [[nodiscard]] std::optional<Value> then(JsValue value, JsValue fulfilled, JsValue rejected);
  void add_poll(std::function<bool()> done) { polls_.push_back(std::move(done)); }
  void keep_task(std::shared_ptr<void> task) { tasks_.push_back(std::move(task)); }
  void drop_task(const void* task) noexcept;
  [[nodiscard]] Result<Value> await(const Value& promise,
                                    std::optional<std::chrono::steady_clock::time_point> deadline);
  [[nodiscard]] Result<bool> run_loop(std::optional<std::chrono::steady_clock::time_point> until);
  /// What `reason` says, as if it had been thrown; a host function may pass it on.
  [[nodiscard]] Error error_of_thrown(const Value& reason);

  /// Forbids runs while host code looks at guest memory.
  void lock(bool locked) noexcept { locked_ = locked; }
  [[nodiscard]] bool locked() const noexcept { return locked_; }

 private:
  friend struct SnapshotState;
  friend struct SnapshotFile;
  friend class Armed;
  class Armed;  // limits in force, for the outermost run

  explicit Vm(Options options);

  /// Runs `body` (Outcome<optional<T>>(RunState&); nullopt when something was thrown) under the
  /// limits.
  template <class T, class Body>
  [[nodiscard]] Result<T> run(Body body);
  /// Clears the guest's counters for a new run.
  [[nodiscard]] machine::Interrupts& prepare_guest();
  [[nodiscard]] std::optional<Error> begin_run(RunState& state);
  void end_run(RunState& state) noexcept;
  /// How a run ended, if not well. `result` is the value it completed with, if it is known.
  [[nodiscard]] std::optional<Error> verdict(RunState& state, machine::Trap trap,
                                             const JsValue* result);
  [[nodiscard]] std::string memory_budget_message() const;
  [[nodiscard]] Error stopped(machine::Stop stop, machine::Trap trap) const;
  [[nodiscard]] Error faulted(machine::Trap trap) const;
  [[nodiscard]] engine::Outcome<Error> thrown_error(RunState& state);
  [[nodiscard]] engine::Outcome<Error> limit_error(RunState& state, Errc code, std::string message,
                                                   const JsValue* result);
  /// Of an act inside a run that did not go well.
  [[nodiscard]] Error nested_failure(bool thrown, std::uint64_t growth_refusals,
                                     std::uint64_t stack_overflows);

  // Parts of eval.
  [[nodiscard]] std::optional<Error> check_source(std::string_view source,
                                                  const EvalOptions& options) const;
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> compile(std::string_view source,
                                                                const EvalOptions& options,
                                                                RunState& state);
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> evaluate(std::string_view source,
                                                                 const EvalOptions& options,
                                                                 RunState& state);
  /// The value that `promise` (owned) comes to, waiting for it. `wraps`: a script with top-level
  /// await, which completes with {value}.
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> settle(
      JsValue promise, RunState& state, std::chrono::steady_clock::time_point until, bool wraps);
  enum class LoopEnd : std::uint8_t { settled, idle, deadline, stopped };
  /// Runs jobs and waits for the host until `promise` is settled, or nothing is left.
  [[nodiscard]] engine::Outcome<LoopEnd> loop(RunState& state, std::optional<JsValue> promise,
                                              std::chrono::steady_clock::time_point until);
  /// Whether it is over; if so, the run is told to stop.
  [[nodiscard]] bool end_of_wall_time(std::chrono::steady_clock::time_point now) noexcept;
  void settle_posted();
  [[nodiscard]] bool poll_host();
  [[nodiscard]] JsValue value_of_error(const Error& error);
  [[nodiscard]] std::string tell_pending() const;
  [[nodiscard]] Error never_settles() const;
  void close_promises() noexcept;
  [[nodiscard]] engine::Outcome<void> run_jobs(RunState& state);
  [[nodiscard]] engine::Outcome<void> drop_jobs();
  [[nodiscard]] engine::Outcome<void> take_thrown(RunState& state);
  [[nodiscard]] engine::Outcome<void> collect_rejections(RunState& state);
  void forget_rejections();
  void forget_rejection(JsValue promise);
  /// Keeps what was thrown for as long as an Error names it, and the run goes on.
  [[nodiscard]] std::shared_ptr<const detail::ThrownValue> keep_thrown(JsValue owned);
  /// What `error` names, borrowed; undefined if that is gone.
  [[nodiscard]] std::optional<JsValue> find_thrown(const Error& error) const;
  void collect_thrown();
  void forget_thrown();
  /// Whether host and guest call each other too deep; if so, an error is thrown into the guest.
  [[nodiscard]] bool refuse_nesting();
  /// True, with what cannot be caught thrown: the run was asked to end.
  [[nodiscard]] bool refuse_after_stop();
  void free_returned();
  /// What follows the body of an outermost run: its jobs, and promises that nobody handled.
  [[nodiscard]] engine::Outcome<void> finish_jobs(RunState& state);
  // Time and chance, see clock.cc.
  void begin_time();
  void tell_time();
  /// Since creation, as the clock that is granted goes.
  [[nodiscard]] std::chrono::nanoseconds elapsed() const;
  [[nodiscard]] double time_origin() const;
  // Timers, see timers.cc.
  enum class TimerKind : std::uint8_t { timeout, interval, immediate };
  [[nodiscard]] JsValue add_timer(std::span<const JsValue> given, TimerKind kind);
  [[nodiscard]] JsValue clear_timer(std::span<const JsValue> given);
  void free_timer(const Timers::Timer& timer);
  /// When the next one is due, if time passes by itself.
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> next_timer_at() const;
  /// Fires those that are due, and runs the jobs of each. Whether there were any.
  [[nodiscard]] engine::Outcome<bool> fire_timers(RunState& state);
  [[nodiscard]] engine::Outcome<void> fire(const Timers::Due& due, RunState& state);
  [[nodiscard]] bool ends(const RunState& state) const noexcept;
  /// Lets the time of a clock that does not run pass, if a timer waits for it.
  [[nodiscard]] bool skip_to_next_timer();
  // process, see process.cc.
  [[nodiscard]] Result<void> set_process();
  [[nodiscard]] JsValue exit(std::span<const JsValue> arguments);
  /// Of a number as it stands; converts nothing.
  [[nodiscard]] static double number_or_nan(JsValue value) noexcept;
  void open_link();
  void close_link() noexcept;
  /// Puts all that is not in the guest where the snapshot, or an empty VM, has it.
  void restore_host_state();

  // engine::Host
  JsValue call(std::uint32_t id, JsValue self,
               std::span<const JsValue> arguments) noexcept override;
  void promise_rejected(JsValue promise, JsValue reason, bool handled) noexcept override;
  void released(std::uint32_t id) noexcept override { host_table_.release(id); }
  std::int32_t utc_offset_seconds(std::int64_t time) noexcept override;
  std::optional<std::string> resolve_module(std::string_view importer, std::string_view specifier,
                                            std::string_view type) noexcept override;
  std::uint32_t load_module(std::string_view name, std::string_view type) noexcept override;
  bool module_ready(std::uint32_t module) noexcept override;
  [[nodiscard]] Error module_failure(Error error);
  [[nodiscard]] Result<std::string> find_module(const ModuleRequest& request);
  [[nodiscard]] Result<std::string> find_embedder_module(const ModuleRequest& request);
  // Modules that the image holds, see builtin_modules.cc.
  /// Its name as load_module() is to get it; nullopt: there is none.
  [[nodiscard]] std::optional<std::string> find_builtin_module(std::string_view specifier);
  [[nodiscard]] static bool is_builtin_module(std::string_view name) noexcept;
  /// Why it cannot be imported here, if so.
  [[nodiscard]] std::optional<Error> find_missing_grant(std::string_view specifier) const;
  /// Its exports, owned; undefined if there is none.
  [[nodiscard]] JsValue builtin_module(std::string_view specifier);
  /// 0: an exception is pending.
  [[nodiscard]] std::uint32_t make_builtin_module(std::string_view name);
  [[nodiscard]] bool export_builtin_module(std::uint32_t module, JsValue exports);
  [[nodiscard]] std::string_view without_version(std::string_view name) const;
  [[nodiscard]] Result<Bytecode> compile_graph(std::string_view source,
                                               const CompileOptions& options);
  [[nodiscard]] bool record_module(std::string_view name, std::string_view url,
                                   const ModuleSource& source, JsValue compiled);
  [[nodiscard]] std::uint32_t load_unit(std::string_view name, const BytecodeUnit& unit);
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> read_entry(const Bytecode& bytecode,
                                                                   RunState& state);
  /// Runs what was compiled (owned), to its completion value.
  [[nodiscard]] engine::Outcome<std::optional<JsValue>> evaluate_compiled(
      JsValue compiled, const EvalOptions& options, RunState& state);
  /// What `name` is made of, as the engine has it. 0: an exception is pending.
  [[nodiscard]] Result<std::uint32_t> make_module(std::string_view name,
                                                  const ModuleSource& source);
  void set_module_url(JsValue module, std::string_view url);
  /// Around the making of a module: what becomes of the others that were loaded meanwhile.
  class Loading;
  void locate(Error& error) const;
  void remember_source(std::string_view name, std::string_view text);
  [[nodiscard]] JsValue call_host_function(HostEntry& entry, JsValue self,
                                           std::span<const JsValue> arguments) noexcept;
  /// What comes next is the host's, and may wait.
  void before_host() noexcept { engine_->machine().interrupts().cpu().begin(); }
  /// A function of the prelude's `shared.host`.
  [[nodiscard]] JsValue call_builtin(engine::Builtin which,
                                     std::span<const JsValue> arguments) noexcept;
  // fetch(), see fetch.cc.
  [[nodiscard]] JsValue fetch(std::span<const JsValue> arguments) noexcept;
  [[nodiscard]] Result<FetchRequest> read_fetch(std::span<const JsValue> arguments);
  [[nodiscard]] std::optional<Error> admit_fetch(const FetchRequest& request);
  [[nodiscard]] Result<Value> finish_fetch(std::uint64_t id, const Result<FetchResponse>& response);
  JsValue abort_fetch(std::span<const JsValue> arguments) noexcept;
  void stop_fetches() noexcept;
  /// One of node_fs.js.
  [[nodiscard]] JsValue call_files(engine::Builtin which, std::span<const JsValue> arguments);
  // The console, see console.cc. Each gives what the native function is to return.
  [[nodiscard]] JsValue print(engine::Builtin which, std::span<const JsValue> arguments);
  [[nodiscard]] std::string console_text(engine::Builtin which, std::span<const JsValue> arguments,
                                         inspect::Room& room);
  /// The way of nearly all calls: one string, as it is.
  [[nodiscard]] std::string plain_text(JsValue string, inspect::Room& room);
  [[nodiscard]] JsValue deliver(ConsoleStream stream, std::string_view text);
  /// A label of counts and timers, as a string.
  [[nodiscard]] JsValue console_label(std::span<const JsValue> arguments);

  /// Unhandled rejections that are kept; the first is told.
  static constexpr std::size_t kMaxRejections = 64;

  struct Rejection {
    JsValue promise;
    JsValue reason;
  };
  /// A promise that the host has not settled yet.
  struct PendingPromise {
    JsValue promise;  // owned, all three
    JsValue resolve;
    JsValue reject;
    bool external = false;  // something outside of the VM will settle it
    std::string what;
    std::string where;
  };
  void name_caller(PendingPromise& pending);
  /// A request that the Fetcher has; named by the number of its promise.
  struct PendingFetch {
    std::stop_source stop;
    std::weak_ptr<detail::Settler> settler;  // the Fetcher's Done holds it
    std::uint64_t body_bytes = 0;
  };
  /// A module of the host between its making and its first use.
  struct HostModuleState {
    std::shared_ptr<const HostModule> module;
    JsValue json;     // owned; of a JSON module
    JsValue builtin;  // of one of the image's own: its exports
  };
  static constexpr std::size_t kFewThrown = 64;
  /// The `code` of the error for a module that is missing, as Node has it.
  static constexpr const char* kModuleNotFound = "ERR_MODULE_NOT_FOUND";

  /// What the guest's state refers to, besides functions and objects: a snapshot takes it along.
  struct Kept {
    std::unordered_map<std::type_index, BoundClass> classes;
    std::unordered_map<std::uint64_t, PendingPromise> pending;
    std::unordered_map<std::uint32_t, HostModuleState> host_modules;
    std::map<std::string, std::uint32_t, std::less<>> module_versions;  // of those forgotten
    std::map<ModuleImportKey, std::string> bundled_imports;             // of bytecode that was run
    std::unordered_map<std::string, BytecodeUnit> bundled_units;  // read when they are imported
    bool tainted = false;
    Timers timers;
    std::chrono::nanoseconds elapsed{0};  // of a clock that does not run, and up to a snapshot
    struct Process {
      std::string script_name = "script";  // as the image has it, see process.js
      std::vector<std::string> arguments;
      std::map<std::string, std::string> environment;
      friend bool operator==(const Process&, const Process&) = default;
    };
    std::optional<Process> process = Process();  // what `process` shows; null: unknown
  };

  Options options_;
  std::shared_ptr<const SnapshotState> origin_;  // what reset() goes back to; null: an empty VM
  std::unique_ptr<engine::Engine> engine_;
  detail::VmPointer link_;
  std::atomic<std::thread::id> runner_;  // the thread that is inside, if any
  bool locked_ = false;
  std::uint32_t host_depth_ = 0;  // host functions on the stack
  std::uint64_t nesting_refusals_ = 0;
  std::vector<JsValue> returned_;      // references to free
  std::vector<Rejection> rejections_;  // without a handler so far
  // Exceptions that left nested runs, for host functions that pass them on. Owned.
  std::unordered_map<std::uint64_t, JsValue> thrown_;
  std::uint64_t thrown_count_ = 0;
  std::size_t collect_thrown_at_ = kFewThrown;
  std::unordered_map<const char*, engine::Atom> static_atoms_;
  HostTable host_table_;
  FileHandles file_handles_;
  Kept kept_;
  const std::shared_ptr<detail::Inbox> inbox_ = std::make_shared<detail::Inbox>();
  std::unordered_map<std::uint64_t, JsValue> settled_;  // while a Deferred is left; owned
  std::uint64_t promise_count_ = 0;
  std::size_t external_ = 0;  // of kept_.pending
  std::unordered_map<std::uint64_t, PendingFetch> fetches_;
  std::vector<std::function<bool()>> polls_;  // futures
  std::vector<std::shared_ptr<void>> tasks_;  // coroutines that were started
  std::vector<std::shared_ptr<void>> done_tasks_;
  std::chrono::steady_clock::time_point wall_deadline_;  // of the run that goes on
  std::vector<BytecodeUnit>* recording_ = nullptr;       // while it compiles a graph
  std::map<ModuleImportKey, std::string> recorded_imports_;
  std::unordered_map<std::string, std::string> sources_;  // of modules loaded in this run
  std::string_view running_name_;                         // of the eval that goes on, and its text
  std::string_view running_source_;
  std::uint64_t module_failures_ = 0;  // since creation; told to scripts as errors
  std::uint64_t module_syntax_errors_ = 0;
  std::vector<std::string> loading_;  // modules that are being loaded, outermost first
  std::vector<std::string> loaded_;   // meanwhile
  bool loading_cycle_ = false;        // one of them imports one that is being loaded
  std::uint64_t run_output_bytes_ = 0;
  std::chrono::steady_clock::time_point origin_time_;  // when elapsed() was 0, if the clock runs
  Clock::Time began_at_;
  const date::time_zone* time_zone_ = nullptr;     // null: UTC
  std::optional<std::uint64_t> math_random_seed_;  // to be told to the engine
  int exit_status_ = 0;
  Stats totals_;
};

}  // namespace sandglass::runtime
