#include "cli/repl/repl.h"

#include <memory>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cli/repl/commands.h"
#include "cli/repl/history_file.h"
#include "cli/repl/line_editor.h"
#include "cli/repl/line_reader.h"
#include "cli/repl/session.h"
#include "cli/signals.h"
#include "cli/text_report.h"
#include "sandglass/version.h"

namespace sandglass::cli {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == line.npos;
}

// Puts lines together to inputs, until there are no more.
class Loop {
 public:
  Loop(LineSource& lines, Session& session, SignalWatcher& signals, Output& out, Output& err)
      : lines_(lines),
        session_(session),
        signals_(signals),
        out_(out),
        commands_(session, out, err) {}

  ExitCode run() {
    while (!ended_ && !stopped()) {
      Line line = lines_.next(pending_.empty() ? Prompt::first : Prompt::continuation);
      switch (line.kind) {
        case Line::Kind::interrupted:
          pending_.clear();
          break;
        case Line::Kind::end:
          if (!pending_.empty()) {
            run_pending();  // to tell what is missing
          }
          ended_ = true;
          break;
        case Line::Kind::text:
          take(line.text);
          break;
      }
    }
    if (!lines_.is_interactive() && !stopped() && !session_.finish()) {
      failed(exit_code(session_.last_error()));
    }
    return signals_.signalled() && !lines_.is_interactive() ? ExitCode::interrupted : code_;
  }

 private:
  [[nodiscard]] bool stopped() {
    return out_.failed() ||
           (lines_.is_interactive() ? signals_.terminated() : signals_.signalled());
  }

  void take(const std::string& line) {
    if (pending_.empty() && is_command(line)) {
      lines_.remember(line);
      take_command(line);
      return;
    }
    if (pending_.empty() && is_blank(line)) {
      return;
    }
    pending_ += line + '\n';
    if (lines_.is_interactive() && pending_.ends_with("\n\n\n")) {
      pending_.clear();
      out_.write("given up\n", Style::hint);
      return;
    }
    if (!session_.goes_on(pending_)) {
      run_pending();
    }
  }

  void take_command(const std::string& line) {
    switch (commands_.run(line)) {
      case Commands::Result::done:
        break;
      case Commands::Result::failed:
        failed(ExitCode::usage);
        break;
      case Commands::Result::exit:
        ended_ = true;
        break;
    }
  }

  void run_pending() {
    const std::string input = std::exchange(pending_, {});
    lines_.remember(std::string_view(input).substr(0, input.size() - 1));
    if (!session_.run(input)) {
      failed(exit_code(session_.last_error()));
    }
  }

  void failed(ExitCode code) {
    if (!lines_.is_interactive()) {
      code_ = code;
    }
  }

  LineSource& lines_;
  Session& session_;
  SignalWatcher& signals_;
  Output& out_;
  Commands commands_;
  std::string pending_;
  ExitCode code_ = ExitCode::ok;
  bool ended_ = false;
};

std::unique_ptr<LineSource> make_lines(Session& session, const SignalWatcher& signals, Output& out,
                                       Output& err) {
  return std::make_unique<LineEditor>(LineEditor::Setup{
      .wake_descriptor = signals.wake_descriptor(),
      .colours = out.has_colours(),
      .history_file = history_file(),
      .complete = [&session](std::string_view before) { return session.complete(before); },
      .turn =
          [&session, &out, &err](Overlay& line) {
            out.set_overlay(&line);
            err.set_overlay(&line);
            const bool more = session.turn();
            out.set_overlay(nullptr);
            err.set_overlay(nullptr);
            return more;
          }});
}

}  // namespace

ExitCode repl(const Command& command, Output& out, Output& err) {
  const bool interactive = ::isatty(STDIN_FILENO) == 1 && out.is_terminal();
  SignalWatcher signals(interactive ? SignalWatcher::Mode::session : SignalWatcher::Mode::one_run);
  const auto session = Session::start(command, signals, out, err);
  if (!session) {
    write_error(err, session.error(), {});
    return exit_code(session.error().code);
  }
  if (!interactive) {
    LineReader lines(STDIN_FILENO);
    return Loop(lines, **session, signals, out, err).run();
  }
  out.write(fmt::format("sandglass {}, {}\n", version(), engine_version()));
  out.write(".help tells what there is, Ctrl-D ends\n", Style::hint);
  const auto lines = make_lines(**session, signals, out, err);
  const ExitCode code = Loop(*lines, **session, signals, out, err).run();
  return signals.terminated() ? ExitCode::interrupted : code;
}

}  // namespace sandglass::cli
