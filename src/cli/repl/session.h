#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_line.h"
#include "cli/output.h"
#include "cli/repl/completion.h"
#include "cli/signals.h"
#include "cli/source.h"

namespace sandglass::cli {

/// One VM, and what was typed into it.
///
/// Values and errors go to the outputs as they come. A VM that is not usable any more is reset, and
/// the user told.
class Session {
 public:
  /// The references must outlive it. Errors: those of Runtime::create.
  [[nodiscard]] static Result<std::unique_ptr<Session>> start(const Command& command,
                                                              SignalWatcher& signals, Output& out,
                                                              Output& err);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Whether a further line may complete `input`.
  [[nodiscard]] bool goes_on(std::string_view input) const;

  /// Runs what was typed, prints its value, and keeps that as `_`.
  /// False if it failed; last_error() then tells how.
  bool run(std::string_view input);

  /// Runs a file as if it had been typed.
  bool load(Source source);

  /// Runs what inputs have left for later and is due: timers, and what the host has promised.
  /// Whether any is left. An error is told; it ends what threw, not the others.
  bool turn();

  /// Waits for all of it. False if it failed, as for run(); the rest is not waited for then.
  bool finish();

  /// Forgets all that ran.
  void reset();

  [[nodiscard]] Completion complete(std::string_view before);

  [[nodiscard]] Stats stats() const { return runtime_.stats(); }
  [[nodiscard]] const Limits& limits() const { return runtime_.limits(); }
  /// All that ran since the beginning or the last reset, failed or not, in order.
  [[nodiscard]] std::string transcript() const;
  [[nodiscard]] Errc last_error() const { return last_error_; }

 private:
  Session(Runtime runtime, SignalWatcher& signals, Output& out, Output& err);

  bool run_source(const Source& source, SourceKind kind);
  bool show(const Value& value);
  bool run_until(std::optional<std::chrono::steady_clock::time_point> until);
  bool fail(const Error& error);

  Runtime runtime_;
  std::optional<Completer> completer_;
  SignalWatcher& signals_;
  Output& out_;
  Output& err_;
  std::vector<Source> sources_;  // of functions that may yet throw
  std::set<std::string> words_;  // in them
  Errc last_error_ = Errc::threw;
  bool waiting_ = false;
  std::size_t inputs_ = 0;
};

}  // namespace sandglass::cli
