// The signal handlers of the library act on faults of the guest only: the host's own faults go
// where they went before, and the signal stack and mask of the embedder's threads are left as they
// are.
//
// Each test that installs handlers runs in a process of its own (GoogleTest's "threadsafe" death
// tests start the program anew), because the handlers of a process are installed once.

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <pthread.h>
#include <signal.h>
#include <string>
#include <sys/mman.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

constexpr int kHandled = 42;  // exit code of handled_by_embedder
constexpr int kBroken = 43;   // exit code of a process whose VM does not work

volatile std::uintptr_t g_null = 0;
volatile int g_zero = 0;

// Faults of the host's own. Neither the optimiser nor a sanitizer's check may come before the
// hardware.
[[gnu::noinline]] __attribute__((no_sanitize("undefined", "address", "thread"))) void fault() {
  *reinterpret_cast<volatile int*>(g_null) = 1;
}

[[gnu::noinline]] __attribute__((no_sanitize("undefined", "address", "thread"))) void
divide_by_zero() {
  g_zero = 1000 / g_zero;
}

// SAFETY: async-signal-safe, _exit only.
void handled_by_embedder(int, siginfo_t*, void*) {
  _exit(kHandled);
}
void handled_plainly(int) {
  _exit(kHandled);
}

void install(int signal, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {};
  action.sa_sigaction = handler;
  action.sa_flags = SA_SIGINFO;
  sigaction(signal, &action, nullptr);
}

void expect_working(Runtime& vm) {
  if (!works(vm) || !fails(vm, "(function f() { f() })()", Errc::stack_limit)) _exit(kBroken);
}

[[nodiscard]] Runtime with_sink(ConsoleSink sink) {
  Options options;
  options.limits = roomy();
  options.console = std::move(sink);
  return make_runtime(std::move(options));
}

/// A script that is cut by a signal: it comes back only if the signal arrives.
[[nodiscard]] ::testing::AssertionResult can_be_cut() {
  Limits limits;
  limits.wall_time = milliseconds{20};
  limits.grace = milliseconds{1};
  Runtime vm = make_runtime(limits);
  for (const std::string_view source : {"for (;;);", "new Array(2 ** 32 - 1).join('')"}) {
    const Error error = error_of(vm.eval(source));
    if (error.code != Errc::time_limit) return ::testing::AssertionFailure() << describe(error);
    if (const auto state = as_reported(vm, error); !state) return state;
  }
  return ::testing::AssertionSuccess();
}

/// The one recursion of the engine that only the guard page below the guest's stack ends (SIGSEGV).
constexpr std::string_view kGuardFault =
    "let it = [1].values(); for (let i = 0; i < 1e5; i++) it = it.map((x) => x); it.next()";

[[nodiscard]] ::testing::AssertionResult can_overflow() {
  Runtime vm = make_runtime();
  const Error fault = error_of(vm.eval(kGuardFault));
  if (fault.code != Errc::stack_limit) return ::testing::AssertionFailure() << describe(fault);
  if (const auto state = as_reported(vm, fault); !state) return state;
  for (const std::string_view source : {"(function f() { f() })()", "eval('('.repeat(1e6))"}) {
    if (const auto ended = fails(vm, source, Errc::stack_limit); !ended) return ended;
  }
  return works(vm);
}

/// Dies of `signal`, or of the sanitizer's report of it.
[[nodiscard]] bool died_of(int status, int signal) {
  if (kSanitized)
    return !WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != kBroken);
  return WIFSIGNALED(status) && WTERMSIG(status) == signal;
}
[[nodiscard]] bool by_segv(int status) {
  return died_of(status, SIGSEGV);
}
[[nodiscard]] bool by_fpe(int status) {
  return died_of(status, SIGFPE);
}

class HostFaultDeathTest : public ::testing::Test {
 protected:
  void SetUp() override { ::testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};
using EmbeddersHandlerDeathTest = HostFaultDeathTest;

TEST_F(HostFaultDeathTest, HostNullDereferenceStillCrashes) {
  EXPECT_EXIT(
      {
        Runtime vm = make_runtime();
        expect_working(vm);
        fault();
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AlsoInAConsoleSinkCalledFromJavaScript) {
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { fault(); });
        (void)vm.eval("try { console.log('x') } catch {}");
        _exit(kBroken);
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AlsoInASinkUnderADeepGuestStack) {
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { fault(); });
        (void)vm.eval("(function f(n) { n ? f(n - 1) : console.log('x') })(300)");
        _exit(kBroken);
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AlsoOnAnotherThreadWhileAScriptRuns) {
  EXPECT_EXIT(
      {
        std::thread other;
        Runtime vm =
            with_sink([&](ConsoleStream, std::string_view) { other = std::thread(fault); });
        (void)vm.eval("console.log('x'); for (;;);");
        _exit(kBroken);
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AlsoAfterTheLastVmIsGone) {
  EXPECT_EXIT(
      {
        {
          Runtime vm = make_runtime();
          expect_working(vm);
        }
        fault();
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AlsoOnAThreadThatNeverRanAScript) {
  EXPECT_EXIT(
      {
        Runtime vm = make_runtime();
        expect_working(vm);
        std::thread(fault).join();
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, AnAddressOutsideEverySlotIsAFaultOfTheHost) {
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) {
          void* page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          *static_cast<volatile char*>(page) = 1;
        });
        (void)vm.eval("console.log('x')");
        _exit(kBroken);
      },
      by_segv, "");
}

TEST_F(HostFaultDeathTest, ARaisedSignalIsNotTakenForAFaultOfTheGuest) {
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { raise(SIGSEGV); });
        (void)vm.eval("console.log('x')");
        _exit(kBroken);
      },
      by_segv, "");
  EXPECT_EXIT(
      {
        Runtime vm = make_runtime();
        expect_working(vm);
        raise(SIGFPE);
        _exit(kBroken);
      },
      by_fpe, "");
}

TEST_F(HostFaultDeathTest, HostDivisionByZeroStillCrashes) {
  EXPECT_EXIT(
      {
        Runtime vm = make_runtime();
        expect_working(vm);
        divide_by_zero();
      },
      by_fpe, "");
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { divide_by_zero(); });
        (void)vm.eval("console.log('x')");
        _exit(kBroken);
      },
      by_fpe, "");
}

TEST_F(EmbeddersHandlerDeathTest, InstalledBeforeIsCalledForItsOwnFaults) {
  for (const int signal : {SIGSEGV, SIGFPE}) {
    EXPECT_EXIT(
        {
          install(signal, handled_by_embedder);
          Runtime vm = make_runtime();
          expect_working(vm);
          signal == SIGSEGV ? fault() : divide_by_zero();
          _exit(kBroken);
        },
        ::testing::ExitedWithCode(kHandled), "");
  }
}

TEST_F(EmbeddersHandlerDeathTest, InstalledBeforeIsCalledForAFaultInASink) {
  for (const int signal : {SIGSEGV, SIGFPE}) {
    EXPECT_EXIT(
        {
          install(signal, handled_by_embedder);
          Runtime vm = with_sink([signal](ConsoleStream, std::string_view) {
            signal == SIGSEGV ? fault() : divide_by_zero();
          });
          (void)vm.eval("console.log('x')");
          _exit(kBroken);
        },
        ::testing::ExitedWithCode(kHandled), "");
  }
}

TEST_F(EmbeddersHandlerDeathTest, WithoutSigInfoIsCalledToo) {
  EXPECT_EXIT(
      {
        struct sigaction action = {};
        action.sa_handler = handled_plainly;
        sigaction(SIGSEGV, &action, nullptr);
        Runtime vm = make_runtime();
        expect_working(vm);
        fault();
        _exit(kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST_F(EmbeddersHandlerDeathTest, GetsTheAddressOfTheFault) {
  EXPECT_EXIT(
      {
        static void* page = nullptr;
        page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        install(SIGSEGV, [](int, siginfo_t* info, void* context) {
          _exit(info != nullptr && context != nullptr && info->si_addr == page ? kHandled
                                                                               : kBroken);
        });
        Runtime vm = make_runtime();
        expect_working(vm);
        *static_cast<volatile char*>(page) = 1;
        _exit(kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST_F(EmbeddersHandlerDeathTest, ThatMendsTheFaultLetsTheHostGoOn) {
  EXPECT_EXIT(
      {
        static char* page = nullptr;
        page =
            static_cast<char*>(mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        install(SIGSEGV,
                [](int, siginfo_t*, void*) { mprotect(page, 4096, PROT_READ | PROT_WRITE); });
        Runtime vm = with_sink([](ConsoleStream, std::string_view) {
          mprotect(page, 4096, PROT_NONE);
          *static_cast<volatile char*>(page) = 7;
        });
        for (int i = 0; i < 100; ++i) {
          if (!gives(vm, "console.log('x'); 'went on'", "went on")) _exit(kBroken);
        }
        expect_working(vm);
        _exit(page[0] == 7 ? kHandled : kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST_F(EmbeddersHandlerDeathTest, InstalledAfterIsCalledAndScriptsStillRun) {
  for (const int signal : {SIGSEGV, SIGFPE}) {
    EXPECT_EXIT(
        {
          Runtime vm = make_runtime();
          expect_working(vm);
          install(signal, handled_by_embedder);
          expect_working(vm);
          if (!can_be_cut()) _exit(kBroken);
          signal == SIGSEGV ? fault() : divide_by_zero();
          _exit(kBroken);
        },
        ::testing::ExitedWithCode(kHandled), "");
  }
}

TEST_F(EmbeddersHandlerDeathTest, OfTheInterruptSignalIsStillCalled) {
  EXPECT_EXIT(
      {
        install(SIGURG, handled_by_embedder);
        Runtime vm = make_runtime();
        expect_working(vm);
        if (!can_be_cut()) _exit(kBroken);
        raise(SIGURG);
        _exit(kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST_F(EmbeddersHandlerDeathTest, AnInterruptSignalFromElsewhereIsIgnoredAsByDefault) {
  EXPECT_EXIT(
      {
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { raise(SIGURG); });
        if (!gives(vm, "console.log('x'); 'went on'", "went on")) _exit(kBroken);
        raise(SIGURG);
        expect_working(vm);
        _exit(kHandled);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST_F(EmbeddersHandlerDeathTest, SignalsDuringScriptsReachTheirHandler) {
  EXPECT_EXIT(
      {
        static volatile sig_atomic_t alarms = 0;
        install(SIGALRM, [](int, siginfo_t*, void*) { alarms = alarms + 1; });
        Runtime vm = with_sink([](ConsoleStream, std::string_view) { raise(SIGALRM); });
        const pthread_t self = pthread_self();
        std::thread other([self] {
          for (int i = 0; i < 50; ++i) {
            std::this_thread::sleep_for(milliseconds{1});
            pthread_kill(self, SIGALRM);
          }
        });
        if (!gives(vm,
                   "console.log('x'); (() => { let s = 0; for (let i = 0; i < 1e7; i++) s += i; "
                   "return s })()",
                   "49999995000000"))
          _exit(kBroken);
        other.join();
        _exit(alarms > 1 ? kHandled : kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

// Sent, not raised by an instruction of the guest: they say nothing of it, wherever it stands.
TEST_F(EmbeddersHandlerDeathTest, SignalsSentWhileAGuestRunsAreNotTakenForItsFaults) {
  EXPECT_EXIT(
      {
        static volatile sig_atomic_t seen = 0;
        for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGURG}) {
          install(signal, [](int, siginfo_t*, void*) { seen = seen + 1; });
        }
        Runtime vm = make_runtime();
        expect_working(vm);
        const pthread_t self = pthread_self();
        std::atomic<bool> done = false;
        std::thread other([&] {
          while (!done) {
            for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGURG}) pthread_kill(self, signal);
            std::this_thread::sleep_for(milliseconds{1});
          }
        });
        bool right = true;
        for (int i = 0; i < 20; ++i) {
          right =
              right &&
              gives(vm, "(() => { let s = 0; for (let i = 0; i < 1e6; i++) s += i; return s })()",
                    "499999500000");
        }
        done = true;
        other.join();
        expect_working(vm);
        _exit(right && seen > 0 ? kHandled : kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

class SignalStack : public ::testing::Test {
 protected:
  /// Runs scripts on a thread with a signal stack of `bytes` and expects it to be in place after.
  static void expect_kept(std::size_t bytes) {
    std::thread([bytes] {
      std::vector<char> memory(bytes);
      stack_t mine = {};
      mine.ss_sp = memory.data();
      mine.ss_size = memory.size();
      ASSERT_EQ(sigaltstack(&mine, nullptr), 0) << std::strerror(errno);
      EXPECT_TRUE(can_overflow());
      EXPECT_TRUE(can_be_cut());
      stack_t now = {};
      ASSERT_EQ(sigaltstack(nullptr, &now), 0);
      EXPECT_EQ(now.ss_sp, mine.ss_sp);
      EXPECT_EQ(now.ss_size, mine.ss_size);
      stack_t none = {};
      none.ss_flags = SS_DISABLE;
      sigaltstack(&none, nullptr);
    }).join();
  }
};

TEST_F(SignalStack, ASmallOneOfTheThreadIsKept) {
  expect_kept(static_cast<std::size_t>(std::max(sysconf(_SC_MINSIGSTKSZ), 2048L)) + 4096);
}
TEST_F(SignalStack, ALargeOneOfTheThreadIsKept) {
  expect_kept(kMiB);
}

TEST_F(SignalStack, AThreadWithoutOneRunsScripts) {
  std::thread([] {
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    EXPECT_TRUE(can_overflow());
    EXPECT_TRUE(can_be_cut());
  }).join();
}

TEST_F(SignalStack, OneThatIsTakenAwayBetweenRunsDoesNotMatter) {
  std::thread([] {
    EXPECT_TRUE(can_overflow());
    stack_t none = {};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
    EXPECT_TRUE(can_overflow());
    EXPECT_TRUE(can_be_cut());
  }).join();
}

TEST_F(SignalStack, AThreadWithASmallStackRunsScripts) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, (kSanitized ? 512 : 128) * kKiB);
  pthread_t thread = {};
  ASSERT_EQ(pthread_create(
                &thread, &attributes,
                [](void*) -> void* {
                  EXPECT_TRUE(can_overflow());
                  EXPECT_TRUE(can_be_cut());
                  return nullptr;
                },
                nullptr),
            0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

TEST(SignalMask, BlockedSignalsOfTheThreadDoNotKeepAScriptAliveAndStayBlocked) {
  std::thread([] {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    EXPECT_TRUE(can_overflow());
    EXPECT_TRUE(can_be_cut());
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGURG, SIGALRM, SIGUSR1, SIGINT}) {
      EXPECT_EQ(sigismember(&now, signal), 1) << strsignal(signal);
    }
  }).join();
}

// A worker that blocks signals again after it has run a script: the guest's faults and the kill
// must still arrive. In a process of its own, because a script that is not cut never comes back.
using SignalMaskDeathTest = HostFaultDeathTest;

TEST_F(SignalMaskDeathTest, BlockedBetweenRunsTheGuestIsStillContained) {
  EXPECT_EXIT(
      {
        Limits limits;
        limits.wall_time = milliseconds{20};
        limits.grace = milliseconds{1};
        Runtime brief = make_runtime(limits);
        Runtime vm = make_runtime();
        expect_working(vm);
        sigset_t all;
        sigfillset(&all);
        sigdelset(&all, SIGALRM);
        pthread_sigmask(SIG_SETMASK, &all, nullptr);
        alarm(20);  // the end of a script that is not cut
        const Error cut = error_of(brief.eval("new Array(2 ** 32 - 1).join('')"));
        const Error deep = error_of(vm.eval(kGuardFault));
        _exit(cut.code == Errc::time_limit && deep.code == Errc::stack_limit ? kHandled : kBroken);
      },
      ::testing::ExitedWithCode(kHandled), "");
}

TEST(SignalMask, OpenSignalsStayOpen) {
  std::thread([] {
    EXPECT_TRUE(can_overflow());
    EXPECT_TRUE(can_be_cut());
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGURG, SIGALRM, SIGUSR1, SIGINT}) {
      EXPECT_EQ(sigismember(&now, signal), 0) << strsignal(signal);
    }
  }).join();
}

// A fork leaves the library's watchdog behind: the child must get one of its own.
class ForkedChild : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kThreadSanitized)
      GTEST_SKIP() << "ThreadSanitizer ends a forked child that starts a thread";
  }
};

TEST_F(ForkedChild, RunsScriptsOnOldAndNewVms) {
  Runtime parent = make_runtime();
  ASSERT_TRUE(works(parent));
  const auto child = [&] {
    EXPECT_TRUE(works(parent));
    Runtime fresh = make_runtime();
    EXPECT_TRUE(works(fresh));
  };
  EXPECT_TRUE(in_child(child));
  EXPECT_TRUE(works(parent));
}

TEST_F(ForkedChild, IsHeldToItsTimeLimits) {
  EXPECT_TRUE(can_be_cut());
  const auto child = [] {
    alarm(20);  // ends the child if nothing else does
    EXPECT_TRUE(can_be_cut());
  };
  EXPECT_TRUE(in_child(child));
}

}  // namespace
}  // namespace sandglass::test
