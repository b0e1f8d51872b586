// Signal handling: faults of guest code become traps, everything else goes where it went before.
#pragma once

#include <signal.h>

namespace sandglass::machine {

/// Installs the process's handlers for SIGSEGV, SIGBUS, SIGFPE and kKillSignal, once. A handler
/// acts only if this thread is inside a guest and the fault lies in that guest's slot or stack;
/// anything else is passed to the handler that was there before. A handler that the embedder
/// installs later replaces ours and must call the old one, as sigaction(2) returned it, for faults
/// not its own.
void install_signal_handlers();

/// Makes this thread able to take those signals on a stack of their own: keeps an alternate signal
/// stack that is there, else makes one; unblocks the signals. Cheap after the first call, which
/// does all of it; the thread is expected to stay as it was left.
void prepare_thread_for_signals();

/// The same for as long as it lives, whatever the thread did to its mask and its alternate stack
/// since; gives the mask back in the end. A blocked signal would mean that a guest cannot be ended,
/// and that its fault ends the process. Two system calls, three if there is something to give back.
class SignalScope {
 public:
  SignalScope();
  SignalScope(const SignalScope&) = delete;
  SignalScope& operator=(const SignalScope&) = delete;
  ~SignalScope();

 private:
  sigset_t before_;
};

/// The signal that makes a thread look at its machine's must_unwind flag. Ignored by default, so a
/// late one harms nobody.
extern const int kKillSignal;

}  // namespace sandglass::machine
