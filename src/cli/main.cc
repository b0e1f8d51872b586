// The `sandglass` command. See docs/cli.md.

#include <exception>
#include <fcntl.h>
#include <signal.h>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/check.h"
#include "cli/command_line.h"
#include "cli/compile.h"
#include "cli/execute.h"
#include "cli/exit_code.h"
#include "cli/json_report.h"
#include "cli/output.h"
#include "cli/repl/repl.h"
#include "cli/selftest.h"
#include "cli/signals.h"
#include "cli/source.h"
#include "cli/text_report.h"

namespace sandglass::cli {
namespace {

// A file that we open must not become "standard output" because the parent had closed it: the
// script would then print into it. The stand-ins fail on use, as a closed descriptor does.
void occupy_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0) {
      // The lowest free number is the one that is missing.
      [[maybe_unused]] const int stand_in =
          ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

// A result that could not be delivered is a failure, whatever the script did.
ExitCode delivered(const Output& out, Output& err, ExitCode code) {
  if (!out.failed()) {
    return code;
  }
  if (out.reader_left()) {
    return ExitCode::broken_pipe;
  }
  err.write(fmt::format("error: cannot write to standard output: {}\n", out.failure()));
  return ExitCode::usage;
}

ExitCode report_no_command(const NoCommand& no_command, Output& out, Output& err) {
  if (!no_command.is_error) {
    out.write(no_command.text);
    return ExitCode::ok;
  }
  Error error{.code = Errc::invalid_argument, .message = no_command.text};
  if (no_command.json) {
    Outcome outcome;
    outcome.error = std::move(error);
    out.write(json_report(outcome));
  } else {
    write_error(err, error, {});
    err.write(fmt::format("hint: see sandglass {}\n", no_command.help_arguments), Style::hint);
  }
  return ExitCode::usage;
}

Result<Source> source_of(const Command& command) {
  if (command.verb != Verb::eval) {
    return read_source(command.input, command.limits.memory_bytes);
  }
  Source source{"<eval>", command.input};
  accept_marked_shebang(source.text);
  return source;
}

void report(const Command& command, const Source& source, const Outcome& outcome, Output& out,
            Output& err) {
  if (command.json) {
    out.write(json_report(outcome));
    return;
  }
  if (command.verb == Verb::eval && outcome.display) {
    out.write(*outcome.display + '\n');
  }
  if (outcome.error && !out.failed()) {
    const bool ran = outcome.stats.runs > 0;
    write_error(err, *outcome.error,
                {.source = &source, .limits = ran ? &command.limits : nullptr});
  }
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
  if (command.json && command.target != "-") {
    out.write(json_report(outcome));
  } else if (outcome.error) {
    write_error(err, *outcome.error,
                {.source = source ? &*source : nullptr, .limits = &command.limits});
  }
  return outcome.error ? exit_code(outcome.error->code) : ExitCode::ok;
}

ExitCode run_script(const Command& command, Output& out, Output& err) {
  SignalWatcher signals;
  const Result<Source> source = source_of(command);
  Outcome outcome;
  if (source) {
    outcome = execute(command, *source, signals, out, err);
  } else {
    outcome.error = source.error();
  }
  report(command, source.value_or(Source{}), outcome, out, err);
  return outcome.error ? exit_code(outcome.error->code) : ExitCode::ok;
}

ExitCode dispatch(std::vector<std::string> arguments, Output& out, Output& err) {
  const auto command = parse_command_line(std::move(arguments));
  if (!command) {
    return report_no_command(command.error(), out, err);
  }
  switch (command->verb) {
    case Verb::repl:
      return repl(*command, out, err);
    case Verb::check:
      return check(*command, out, err);
    case Verb::selftest:
      return selftest(out) ? ExitCode::ok : ExitCode::threw;
    case Verb::compile:
      return compile_file(*command, out, err);
    case Verb::run:
    case Verb::eval:
    case Verb::snapshot:
      break;
  }
  return run_script(*command, out, err);
}

}  // namespace
}  // namespace sandglass::cli

int main(int argc, char** argv) {
  using namespace sandglass::cli;
  occupy_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);  // a write then fails with EPIPE, which Output understands
  Output out(STDOUT_FILENO);
  Output err(STDERR_FILENO);
  try {
    const ExitCode code = dispatch(std::vector<std::string>(argv + 1, argv + argc), out, err);
    return static_cast<int>(delivered(out, err, code));
  } catch (const std::exception& exception) {
    // Only the host's own memory can run out here.
    err.write(fmt::format("error: {}\n", exception.what()));
    return static_cast<int>(ExitCode::usage);
  }
}
