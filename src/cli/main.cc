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
#include "cli/completions.h"
#include "cli/config.h"
#include "cli/exit_code.h"
#include "cli/json_report.h"
#include "cli/output.h"
#include "cli/repl/repl.h"
#include "cli/run.h"
#include "cli/selftest.h"
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

ExitCode print_completions(const std::string& shell, Output& out, Output& err) {
  const auto script = completion_script(shell);
  if (!script) {
    return report_no_command({true, script.error(), "completions --help", false}, out, err);
  }
  out.write(*script);
  return ExitCode::ok;
}

ExitCode dispatch(std::vector<std::string> arguments, Output& out, Output& err) {
  auto command = parse_command_line(std::move(arguments));
  if (!command) {
    return report_no_command(command.error(), out, err);
  }
  if (const auto applied = apply_config(*command); !applied) {
    const std::string help = std::string(verb_name(command->verb)) + " --help";
    return report_no_command({true, applied.error().message, help, command->json}, out, err);
  }
  if (std::string wrong = settle_grants(*command); !wrong.empty()) {
    const std::string help = std::string(verb_name(command->verb)) + " --help";
    return report_no_command({true, std::move(wrong), help, command->json}, out, err);
  }
  switch (command->verb) {
    case Verb::run:
    case Verb::eval:
    case Verb::snapshot:
      return run_source(*command, out, err);
    case Verb::repl:
      return repl(*command, out, err);
    case Verb::check:
      return check(*command, out, err);
    case Verb::compile:
      return compile_file(*command, out, err);
    case Verb::completions:
      return print_completions(command->input, out, err);
    case Verb::selftest:
      break;
  }
  return selftest(out) ? ExitCode::ok : ExitCode::threw;
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
