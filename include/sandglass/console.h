#pragma once

#include <cstdio>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

namespace sandglass {

/// Where a console call goes: `log`, `info`, `debug`, `dir`, `table`, `count`, `timeEnd` and
/// `group` to out; `warn`, `error`, `trace`, `assert` and what the console itself has to say to
/// err.
enum class ConsoleStream { out, err };

/// Receives one console call as one chunk of UTF-8 that ends in '\n'. The view is valid during the
/// call only. Runs on the thread of the run, on that thread's own stack, and its time counts as
/// wall time. It may throw: the run then ends with `Errc::threw` and the exception's text.
using ConsoleSink = std::function<void(ConsoleStream stream, std::string_view text)>;

/// How console output looks. See docs/console.md.
struct ConsoleOptions {
  /// ANSI colours for what is formatted and goes to that stream, as Node has them on a terminal.
  /// Strings of the script are never changed: what it prints may hold escape codes of its own, with
  /// or without this.
  bool out_colors = false;
  bool err_colors = false;
};

// Sinks to use.

/// Keeps what was printed, for tests and tools.
///
/// Owns:   text, without any bound but `Limits::output_bytes` a run. A sink shares it, and may
///         outlive this object.
/// Thread: any; several VMs may print to one.
class ConsoleBuffer {
 public:
  ConsoleBuffer();

  /// What to put into Options::console.
  [[nodiscard]] ConsoleSink sink() const;

  /// What was printed to each stream since the last clear() or take.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  /// The same, and forgets it.
  [[nodiscard]] std::string take_out();
  [[nodiscard]] std::string take_err();
  void clear();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// To C streams, which must outlive the sink; one chunk is one fwrite(), which other threads do not
/// come between. Not flushed. A write that fails throws a std::system_error, which ends the run.
[[nodiscard]] ConsoleSink console_to_files(std::FILE* out, std::FILE* err);

/// To file descriptors, which stay open as long as the sink is used; unbuffered. Waits where a
/// descriptor would block, and then counts as wall time that nothing cuts short. Chunks of sinks
/// that are copies of each other are not mixed. A write that fails throws a std::system_error,
/// which ends the run; so does a pipe without reader, if the process ignores SIGPIPE.
[[nodiscard]] ConsoleSink console_to_descriptors(int out, int err);

/// To C++ streams, which must outlive the sink. Copies of the sink may be used by several threads
/// at a time; whoever else writes to the streams must not do so meanwhile. A stream that fails
/// throws a std::system_error, which ends the run.
[[nodiscard]] ConsoleSink console_to_streams(std::ostream& out, std::ostream& err);

}  // namespace sandglass
