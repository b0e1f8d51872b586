#include "machine/signals.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "machine/activation.h"
#include "machine/instrumentation.h"
#include "machine/trap.h"

namespace sandglass::machine {

constinit thread_local Activation* current_activation = nullptr;
const int kKillSignal = SIGURG;

namespace {

constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGURG};
constexpr std::size_t kSignalStackBytes = std::size_t{64} << 10;

// Written once before the handlers are installed, then only read.
std::array<struct sigaction, 64> previous_actions;

SANDGLASS_UNINSTRUMENTED bool within(const void* address, const std::byte* begin,
                                     const std::byte* end) {
  const auto* at = static_cast<const std::byte*>(address);
  return at >= begin && at < end;
}

// Tells what `signal` means for the guest that `activation` runs, or Trap::none if it is not its
// own.
//
// SAFETY: async-signal-safe: reads only the activation, which lies on this thread's own stack, and
// an atomic of its machine, which lives at least as long.
SANDGLASS_UNINSTRUMENTED Trap classify(const Activation& activation, int signal,
                                       const siginfo_t& info) {
  if (signal == SIGURG)
    return static_cast<Trap>(__atomic_load_n(activation.must_unwind, __ATOMIC_RELAXED));
  if (info.si_code <= 0) return Trap::none;  // sent by a process, not raised by an instruction
  if (signal == SIGFPE) return Trap::arithmetic_signal;
  if (within(info.si_addr, activation.guest_stack_guard_begin, activation.guest_stack_guard_end)) {
    return Trap::guest_stack_overflow;
  }
  if (within(info.si_addr, activation.slot_begin, activation.slot_end)) return Trap::out_of_bounds;
  if (within(info.si_addr, activation.stack_guard_begin, activation.stack_guard_end)) {
    return Trap::native_stack_overflow;
  }
  return Trap::none;
}

// Makes the interrupted code resume in sandglass_unwind(activation, trap). No jump is made from the
// handler itself: the kernel restores the signal mask and leaves the alternate stack as it returns.
SANDGLASS_UNINSTRUMENTED void resume_in_unwind(ucontext_t& context, Activation& activation,
                                               Trap trap) {
  auto& registers = context.uc_mcontext.gregs;
  // SAFETY: addresses to and from the integer registers of the machine context.
  registers[REG_RIP] = reinterpret_cast<greg_t>(&sandglass_unwind);
  registers[REG_RDI] = reinterpret_cast<greg_t>(&activation);
  registers[REG_RSI] = static_cast<greg_t>(trap);
  registers[REG_RSP] = reinterpret_cast<greg_t>(activation.host_sp);
}

// SAFETY: async-signal-safe: sigaction(2) and the handlers that the embedder chose.
void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = previous_actions[static_cast<std::size_t>(signal)];
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler == SIG_IGN ||
             (signal == SIGURG && previous.sa_handler == SIG_DFL)) {
    // Ignored. A fault of an instruction cannot be ignored: the kernel would end the process, so do
    // we.
    if (signal != SIGURG && info->si_code > 0) {
      struct sigaction standard = {};
      standard.sa_handler = SIG_DFL;
      sigaction(signal, &standard, nullptr);
    }
  } else if (previous.sa_handler == SIG_DFL) {
    // Let it happen again with the default action: the process ends with this signal, at this
    // place.
    struct sigaction standard = {};
    standard.sa_handler = SIG_DFL;
    sigaction(signal, &standard, nullptr);
    if (info->si_code <= 0) raise(signal);  // it will not happen again by itself
  } else {
    previous.sa_handler(signal);
  }
}

SANDGLASS_UNINSTRUMENTED void on_signal(int signal, siginfo_t* info, void* context) {
  Activation* activation = current_activation;
  if (activation != nullptr && activation->in_guest != 0) {
    const Trap trap = classify(*activation, signal, *info);
    if (trap != Trap::none) {
      resume_in_unwind(*static_cast<ucontext_t*>(context), *activation, trap);
      return;
    }
  }
  pass_on(signal, info, context);
}

sigset_t signal_set() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : kSignals) sigaddset(&signals, signal);
  return signals;
}

// The alternate signal stack for a thread that has none. With a guard page below.
class SignalStack {
 public:
  SignalStack() = default;
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

  ~SignalStack() {
    if (base_ == nullptr) return;
    stack_t present = {};
    sigaltstack(nullptr, &present);
    if (present.ss_sp == base_ + kPageBytes) sigaltstack(&before_, nullptr);
    munmap(base_, kSignalStackBytes + kPageBytes);
  }

  // Keeps a stack that the thread has, if it is large enough, else sets ours.
  void ensure() {
    stack_t present = {};
    sigaltstack(nullptr, &present);
    const bool enough = (present.ss_flags & SS_DISABLE) == 0 && present.ss_size >= minimum_bytes();
    if (enough) return;
    if (base_ == nullptr) allocate();
    stack_t ours = {};
    ours.ss_sp = base_ + kPageBytes;
    ours.ss_size = kSignalStackBytes;
    // Fails if the thread is on its alternate stack, that is in a signal handler, where nothing
    // runs.
    if (sigaltstack(&ours, &before_) != 0) std::abort();
  }

 private:
  static constexpr std::size_t kPageBytes = 4096;

  // What the kernel itself needs for a frame on this processor (with AMX state 11 KiB), and room
  // for our handlers and those of the embedder.
  static std::size_t minimum_bytes() {
    constexpr long kHandlerBytes = 4096;
    static const long frame_bytes = std::max(sysconf(_SC_MINSIGSTKSZ), 2048L);
    return static_cast<std::size_t>(frame_bytes + kHandlerBytes);
  }

  void allocate() {
    void* base = mmap(nullptr, kSignalStackBytes + kPageBytes, PROT_NONE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED) std::abort();  // as glibc does when it cannot set a thread up
    base_ = static_cast<std::byte*>(base);
    mprotect(base_ + kPageBytes, kSignalStackBytes, PROT_READ | PROT_WRITE);
  }

  std::byte* base_ = nullptr;
  stack_t before_ = {};
};

SignalStack& signal_stack() {
  thread_local SignalStack stack;
  return stack;
}

#ifdef SANDGLASS_THREAD_SANITIZER
// ThreadSanitizer holds asynchronous signals back until the thread next calls one of its
// interceptors, which guest code never does. So the kill signal is installed below it, by the
// system call.
//
// SAFETY: on_signal is not instrumented, and for this signal calls nothing that is.
struct KernelSigaction {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};
extern "C" void sandglass_signal_return();
asm(".text\n"
    "sandglass_signal_return:\n"
    "  mov $15, %eax\n"  // rt_sigreturn
    "  syscall\n");

void install_below_sanitizer(int signal) {
  constexpr unsigned long kRestorer = 0x04000000;  // SA_RESTORER
  KernelSigaction action = {on_signal,
                            SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER | kRestorer,
                            sandglass_signal_return, 0};
  syscall(SYS_rt_sigaction, signal, &action, nullptr, sizeof action.mask);
}
#endif

}  // namespace

void install_signal_handlers() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (int signal : kSignals) {
      sigaction(signal, nullptr, &previous_actions[static_cast<std::size_t>(signal)]);
      struct sigaction ours = {};
      ours.sa_sigaction = on_signal;
      // NODEFER: a previous handler may leave by siglongjmp, as it could without us.
      ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER;
      sigemptyset(&ours.sa_mask);
      sigaction(signal, &ours, nullptr);
    }
#ifdef SANDGLASS_THREAD_SANITIZER
    install_below_sanitizer(kKillSignal);
#endif
  });
}

void prepare_thread_for_signals() {
  thread_local bool prepared = false;
  if (prepared) [[likely]]
    return;
  signal_stack().ensure();
  const sigset_t signals = signal_set();
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  prepared = true;
}

SignalScope::SignalScope() {
  signal_stack().ensure();
  static const sigset_t signals = signal_set();
  pthread_sigmask(SIG_UNBLOCK, &signals, &before_);
}

SignalScope::~SignalScope() {
  const bool blocked = std::ranges::any_of(
      kSignals, [this](int signal) { return sigismember(&before_, signal) == 1; });
  if (blocked) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace sandglass::machine
