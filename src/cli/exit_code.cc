#include "cli/exit_code.h"

namespace sandglass::cli {

ExitCode exit_code(Errc code) noexcept {
  switch (code) {
    case Errc::syntax:
      return ExitCode::syntax;
    case Errc::threw:
    case Errc::conversion:
    case Errc::module_not_found:
      return ExitCode::threw;
    case Errc::time_limit:
      return ExitCode::time_limit;
    case Errc::memory_limit:
    case Errc::budget_limit:  // the command gives no budget
      return ExitCode::memory_limit;
    case Errc::stack_limit:
      return ExitCode::stack_limit;
    case Errc::fuel_limit:
      return ExitCode::fuel_limit;
    case Errc::output_limit:
      return ExitCode::output_limit;
    case Errc::interrupted:
      return ExitCode::interrupted;
    case Errc::exited:  // with a status of its own
      return ExitCode::ok;
    case Errc::invalid_argument:
      return ExitCode::usage;
    case Errc::guest_fault:
    case Errc::closed:  // the VM is gone although nobody dropped it
      break;
  }
  return ExitCode::guest_fault;
}

}  // namespace sandglass::cli
