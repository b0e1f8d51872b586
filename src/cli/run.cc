#include "cli/run.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/compile.h"
#include "cli/execute.h"
#include "cli/file_watcher.h"
#include "cli/json_report.h"
#include "cli/signals.h"
#include "cli/source.h"
#include "cli/text_report.h"

namespace sandglass::cli {
namespace {

Result<Source> source_of(const Command& command) {
  if (command.verb != Verb::eval) {
    return read_source(command.input, command.limits.memory_bytes);
  }
  Source source{"<eval>", command.input};
  accept_marked_shebang(source.text);
  return source;
}

ExitCode code_of(const Outcome& outcome) {
  if (!outcome.error) {
    return static_cast<ExitCode>(outcome.exit_status.value_or(0));
  }
  // What the script asked for is no failure of ours, whatever the number says.
  if (outcome.error->exit_status) {
    return static_cast<ExitCode>(*outcome.error->exit_status);
  }
  return exit_code(outcome.error->code);
}

void report(const Command& command, const Source& source, const Outcome& outcome, Output& out,
            Output& err) {
  if (command.json) {
    out.write(json_report(outcome));
    return;
  }
  if (command.verb == Verb::eval && outcome.display) {
    out.write_coloured(*outcome.display + '\n');
  }
  if (outcome.error && !outcome.error->exit_status && !out.failed()) {
    const bool ran = outcome.stats.runs > 0;
    write_error(err, *outcome.error,
                {.source = &source, .limits = ran ? &command.limits : nullptr});
  }
}

// One run. What a change of a file has ended is not told: it is about to run again.
Outcome run_once(const Command& command, SignalWatcher& signals, FileWatcher* files, Output& out,
                 Output& err) {
  const Result<Source> source = source_of(command);
  Outcome outcome;
  if (source) {
    outcome = execute(command, *source, signals, files, out, err);
  } else {
    outcome.error = source.error();
  }
  const bool ended_by_change = outcome.error && outcome.error->code == Errc::interrupted &&
                               files != nullptr && files->changed() && !signals.signalled();
  if (!ended_by_change) {
    report(command, source.value_or(Source{}), outcome, out, err);
  }
  return outcome;
}

ExitCode run_until_signalled(const Command& command, SignalWatcher& signals, Output& out,
                             Output& err) {
  std::vector<std::string> paths{command.input};
  if (!command.snapshot.empty()) {
    paths.push_back(command.snapshot);
  }
  // Before the first run: what changes meanwhile counts.
  const auto files = FileWatcher::start(paths);
  if (!files) {
    write_error(err, files.error(), {});
    return exit_code(files.error().code);
  }
  for (;;) {
    const Outcome outcome = run_once(command, signals, files->get(), out, err);
    if (signals.signalled() || out.failed()) {
      return code_of(outcome);
    }
    if (!(*files)->changed()) {
      err.write(
          fmt::format("-- waiting for a change of {}; Ctrl-C ends\n", fmt::join(paths, " or ")),
          Style::hint);
    }
    err.write(fmt::format("-- {} changed\n", (*files)->wait()), Style::hint);
  }
}

}  // namespace

ExitCode run_source(const Command& command, Output& out, Output& err) {
  SignalWatcher signals;
  if (command.watch) {
    return run_until_signalled(command, signals, out, err);
  }
  return code_of(run_once(command, signals, nullptr, out, err));
}

// Parsing has limits too; nothing runs, so nothing is printed and no signal need be waited for.
ExitCode compile_file(const Command& command, Output& out, Output& err) {
  const Result<Source> source = source_of(command);
  Outcome outcome;
  if (!source) {
    outcome.error = source.error();
  } else if (const auto done = compile(command, *source); !done) {
    outcome.error = done.error();
  }
  if (command.json) {
    out.write(json_report(outcome));
  } else if (outcome.error) {
    write_error(err, *outcome.error,
                {.source = source ? &*source : nullptr, .limits = &command.limits});
  }
  return code_of(outcome);
}

}  // namespace sandglass::cli
