// Signal handling: faults of guest code become traps, everything else goes where it went before.
#pragma once

namespace sandglass::machine {

/// Installs the process's handlers for SIGSEGV, SIGBUS, SIGFPE and kKillSignal, once. A handler
/// acts only if this thread is inside a guest and the fault lies in that guest's slot or stack;
/// anything else is passed to the handler that was there before. A handler that the embedder
/// installs later replaces ours and must call the old one, as sigaction(2) returned it, for faults
/// not its own.
void install_signal_handlers();

/// Makes this thread able to take those signals on a stack of their own: keeps an alternate signal
/// stack that is there, else makes one; unblocks the signals. Cheap after the first call.
void prepare_thread_for_signals();

/// The signal that makes a thread look at its machine's must_unwind flag. Ignored by default, so a
/// late one harms nobody.
extern const int kKillSignal;

}  // namespace sandglass::machine
