// Runtime::interrupt from other threads: soft, hard, idle, and in storms.

#include <atomic>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"

namespace sandglass::test {
namespace {

class Interrupt : public ::testing::Test {
 protected:
  explicit Interrupt(nanoseconds grace = milliseconds{10}) {
    Options options;
    options.limits.wall_time = seconds{60};
    options.limits.grace = grace;
    options.console = [this](ConsoleStream, std::string_view) { started_.release(); };
    vm_.emplace(make_runtime(std::move(options)));
  }

  /// What `source` comes to if interrupt() is called once it has printed something.
  [[nodiscard]] Result<Value> interrupted(std::string_view source, EvalOptions options = {}) {
    std::thread other([this] {
      started_.acquire();
      vm_->interrupt();
    });
    const Clock::time_point start = Clock::now();
    Result<Value> result = vm_->eval(source, options);
    EXPECT_LT(Clock::now() - start, kSurvived);
    started_.release();  // in case the script ended without a print
    other.join();
    while (started_.try_acquire()) {
    }
    return result;
  }

  std::counting_semaphore<> started_{0};
  std::optional<Runtime> vm_;
};

class PatientInterrupt : public Interrupt {
 protected:
  PatientInterrupt() : Interrupt(seconds{1}) {}
};

TEST_F(PatientInterrupt, EndsALoopSoftly) {
  for (const std::string_view source :
       {"console.log('go'); for (;;);", "console.log('go'); for (;;) try { for (;;); } catch {}",
        "console.log('go'); try { for (;;); } finally { for (;;); }",
        "console.log('go'); (function turn() { Promise.resolve().then(turn) })()",
        "console.log('go'); (function f(n) { if (n) f(n - 1); else for (;;); })(300)",
        "console.log('go'); [3, 2, 1].sort(() => { for (;;); })"}) {
    const Result<Value> result = interrupted(source);
    EXPECT_EQ(error_of(result).code, Errc::interrupted) << source << ": " << outcome(result);
    EXPECT_TRUE(error_of(result).vm_usable) << source;
    EXPECT_TRUE(works(*vm_)) << source;
  }
}

TEST_F(Interrupt, CutsABuiltInThatNeverPolls) {
  for (int i = 0; i < 5; ++i) {
    const Error error = error_of(interrupted("console.log('go'); new Array(2 ** 32 - 1).join('')"));
    ASSERT_EQ(error.code, Errc::interrupted) << describe(error);
    ASSERT_FALSE(error.vm_usable);
    ASSERT_TRUE(faulted_and_reset_heals(*vm_));
  }
}

TEST_F(PatientInterrupt, EndsAnAwaitThatGoesOn) {
  const Result<Value> result =
      interrupted("console.log('go'); for (;;) await null", {.top_level_await = true});
  EXPECT_EQ(error_of(result).code, Errc::interrupted) << outcome(result);
  EXPECT_TRUE(works(*vm_));
}

TEST_F(Interrupt, FromInsideAHostCallbackEndsTheRunAfterIt) {
  Options options;
  options.limits = roomy();
  Runtime* self = nullptr;
  int calls = 0;
  options.console = [&](ConsoleStream, std::string_view) {
    ++calls;
    self->interrupt();
  };
  Runtime vm = make_runtime(std::move(options));
  self = &vm;
  EXPECT_TRUE(fails(vm, "for (;;) console.log('x')", Errc::interrupted));
  EXPECT_LT(calls, 20'000) << "at the next poll at the latest";
  if (!vm.usable()) {
    ASSERT_TRUE(vm.reset());
  }
  EXPECT_TRUE(works(vm));
}

TEST_F(Interrupt, WhenIdleDoesNothing) {
  for (int i = 0; i < 100; ++i) {
    vm_->interrupt();
    ASSERT_TRUE(gives(*vm_, "let s = 0; for (let i = 0; i < 1e5; i++) s += i; s", "4999950000"));
    vm_->interrupt();
    ASSERT_TRUE(vm_->reset());
    ASSERT_TRUE(gives(*vm_, "1+1", "2"));
  }
}

TEST_F(Interrupt, OfOneVmLeavesOthersAlone) {
  Runtime other = make_runtime();
  std::atomic<bool> done = false;
  std::thread storm([&] {
    while (!done) vm_->interrupt();
  });
  for (int i = 0; i < scaled(200); ++i) {
    ASSERT_TRUE(gives(other,
                      "(() => { let s = 0; for (let i = 0; i < 1e5; i++) s += i; return s })()",
                      "4999950000"));
  }
  done = true;
  storm.join();
  EXPECT_TRUE(works(*vm_));
}

TEST_F(Interrupt, EndsConversionsToo) {
  const Result<Value> object = vm_->eval("({toString() { console.log('go'); for (;;); }})");
  ASSERT_TRUE(object);
  std::thread other([this] {
    started_.acquire();
    vm_->interrupt();
  });
  EXPECT_EQ(error_of(object->to_string()).code, Errc::interrupted);
  other.join();
}

TEST_F(Interrupt, TheTimeLimitStillHoldsDuringAStorm) {
  Options options;
  options.limits.wall_time = milliseconds{20};
  Runtime vm = make_runtime(std::move(options));
  for (int i = 0; i < 20; ++i) {
    const Error error = error_of(vm.eval("for (;;);"));
    ASSERT_EQ(error.code, Errc::time_limit) << describe(error);
    if (!error.vm_usable) {
      ASSERT_TRUE(vm.reset());
    }
  }
}

// Interrupts race with starts and ends of runs, with host callbacks and with resets. Every run
// either completes with the right value or is interrupted, and the VM is in order after.
TEST_F(Interrupt, StormsHarmNothing) {
  std::atomic<bool> done = false;
  std::vector<std::thread> storm;
  for (int i = 0; i < 3; ++i) {
    storm.emplace_back([&, i] {
      while (!done) {
        vm_->interrupt();
        if (i > 0) std::this_thread::sleep_for(std::chrono::microseconds{50 * i});
      }
    });
  }
  const std::pair<std::string_view, std::string_view> sources[] = {
      {"1+1", "2"},
      {"(() => { let s = 0; for (let i = 0; i < 3e4; i++) s += i; return s })()", "449985000"},
      {"console.log('x'); [3, 1, 2].sort().join('')", "123"},
      {"JSON.stringify({a: 'x'.repeat(1000)}).length", "1008"},
      {"(() => { try { null.x } catch (e) { return e.name } })()", "TypeError"},
  };
  int completed = 0, interrupted = 0, faulted = 0;
  for (int i = 0; i < scaled(20'000); ++i) {
    const auto& [source, expected] = sources[i % std::size(sources)];
    const Result<Value> result = vm_->eval(source);
    while (started_.try_acquire()) {
    }
    if (result) {
      const Result<std::string> text = result->to_string();
      if (text) {
        ASSERT_EQ(*text, expected);
        ++completed;
      } else {
        ASSERT_EQ(text.error().code, Errc::interrupted) << describe(text.error());
      }
    } else {
      ASSERT_EQ(result.error().code, Errc::interrupted)
          << source << ": " << describe(result.error());
      ++interrupted;
    }
    if (!vm_->usable()) {
      ++faulted;
      ASSERT_TRUE(vm_->reset());
    } else if (i % 100 == 0) {
      ASSERT_TRUE(vm_->reset());
    }
  }
  done = true;
  for (std::thread& thread : storm) thread.join();
  fmt::print("{} completed, {} interrupted, {} cut\n", completed, interrupted, faulted);
  EXPECT_GT(interrupted, 0);
  ASSERT_TRUE(vm_->reset());
  EXPECT_TRUE(works(*vm_));
}

TEST_F(Interrupt, ACutInsideMemoryGrowthIsHealed) {
  Limits limits = roomy();
  limits.grace = nanoseconds{0};
  Runtime vm = make_runtime(limits);
  for (int i = 0; i < scaled(100); ++i) {
    std::atomic<bool> done = false;
    std::thread other([&] {
      do {  // again, should it not have been running yet
        std::this_thread::sleep_for(milliseconds{1} + std::chrono::microseconds{i * 50});
        vm.interrupt();
      } while (!done);
    });
    // The heap grows and falls; each of its pages is told from a fresh one.
    const Result<Value> result = vm.eval(
        "for (;;) { const a = []; for (let i = 1; i < 50; i++) a.push(new Uint8Array(1e6).fill(i)) "
        "}");
    done = true;
    other.join();
    ASSERT_EQ(error_of(result).code, Errc::interrupted) << outcome(result);
    ASSERT_TRUE(vm.reset());
    ASSERT_TRUE(gives(vm, "new Uint8Array(30e6).indexOf(1)", "-1"));
    ASSERT_TRUE(vm.reset());
    ASSERT_TRUE(works(vm)) << i;
  }
}

TEST_F(Interrupt, HardStormsHarmNothing) {
  Limits limits = roomy();
  limits.grace = nanoseconds{0};
  Runtime vm = make_runtime(limits);
  std::atomic<bool> done = false;
  std::thread storm([&] {
    while (!done) {
      vm.interrupt();
      std::this_thread::sleep_for(std::chrono::microseconds{100});
    }
  });
  for (int i = 0; i < scaled(1000); ++i) {
    const Result<Value> result = vm.eval(
        i % 2 == 0 ? "for (let i = 0; i < 1e7; i++) { [i].concat([i + 1]).map((x) => x * 2) }"
                   : "for (let i = 0; i < 100; i++) { globalThis.a = new Array(1e6).join('ab') }");
    if (!result) {
      ASSERT_EQ(result.error().code, Errc::interrupted) << describe(result.error());
    }
    if (!vm.usable()) {
      ASSERT_TRUE(vm.reset());
    }
  }
  done = true;
  storm.join();
  ASSERT_TRUE(vm.reset());
  EXPECT_TRUE(works(vm));
}

}  // namespace
}  // namespace sandglass::test
