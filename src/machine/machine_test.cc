#include "machine/machine.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <sys/mman.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

#include "machine/watchdog.h"

namespace sandglass::machine {
namespace {

// What the host function in the table does; set by each test.
std::function<std::uint32_t(Machine&)> on_compare;

struct Compare {
  Machine* machine;
  std::uint32_t result;
};

// A comparator for the guest's qsort, of type int (*)(const void*, const void*).
SANDGLASS_UNINSTRUMENTED u32 compare(void* instance, u32, u32) {
  Compare call = {&Machine::of(instance), 0};
  call.machine->call_on_host(
      [](void* argument) {
        auto& asked = *static_cast<Compare*>(argument);
        asked.result = on_compare(*asked.machine);
      },
      &call);
  return call.result;
}

const Module& test_module() {
  static const HostFunction function = {
      reinterpret_cast<wasm_rt_function_ptr_t>(&compare),
      wasm_rt_register_func_type(2, 1, WASM_RT_I32, WASM_RT_I32, WASM_RT_I32)};
  static const Module module(std::span(&function, 1));
  return module;
}

std::unique_ptr<Machine> make(const MachineOptions& options = {}) {
  auto machine = Machine::map(test_module().image(), options);
  EXPECT_TRUE(machine) << machine.error().message();
  return std::move(*machine);
}

// Sorts two numbers with the function at table index `comparator`.
Outcome<void> sort_two(Machine& machine, std::uint32_t comparator) {
  const auto block = machine.call(&Z_guestZ_malloc, 8);
  if (!block) return std::unexpected(block.error());
  return machine.call(&Z_guestZ_qsort, *block, 2, 4, comparator);
}

std::uint32_t host_comparator() {
  return test_module().host_function_index(0);
}

std::size_t mapping_count() {
  std::ifstream maps("/proc/self/maps");
  return static_cast<std::size_t>(
      std::count(std::istreambuf_iterator<char>(maps), std::istreambuf_iterator<char>(), '\n'));
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANDGLASS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANDGLASS_SANITIZED 1
#endif
#ifdef SANDGLASS_SANITIZED
constexpr int kManyTraps = 10'000;
#else
constexpr int kManyTraps = 1'000'000;
#endif

TEST(Machine, GuestFunctionsReturnTheirResult) {
  const auto machine = make();
  const auto block = machine->call(&Z_guestZ_malloc, 100);
  ASSERT_TRUE(block);
  EXPECT_NE(*block, 0u);
  ASSERT_TRUE(machine->store(*block, std::array<char, 6>{"hello"}));
  EXPECT_EQ(machine->call(&Z_guestZ_strlen, *block), 5u);
}

TEST(Machine, MachinesShareNoMemory) {
  const auto one = make();
  const auto other = make();
  const auto block = one->call(&Z_guestZ_malloc, 16).value();
  ASSERT_TRUE(one->store(block, 42));
  EXPECT_EQ(other->load<int>(block), 0);
}

// A page that no reset has found before. Each test writes to it behind the back of the thread that
// counts its page faults.
class MachineOwnPages : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(machine_->call(&Z_guestZ_malloc, 8));
    for (int i = 0; i < 3; ++i)
      ASSERT_FALSE(machine_->reset());  // its pages are known from here on
    for (const GuestRange& pages : machine_->written_pages()) {
      if (page_ >= pages.begin) page_ = std::max(page_, pages.end);
    }
    ASSERT_LT(page_, machine_->pages() * kWasmPageBytes);
    before_ = word();
  }
  [[nodiscard]] std::optional<std::uint32_t> word() const {
    return machine_->load<std::uint32_t>(page_);
  }

  std::unique_ptr<Machine> machine_ = make();
  std::uint32_t page_ = 0x20000;
  std::optional<std::uint32_t> before_;
};

TEST_F(MachineOwnPages, FindsPagesThatAreNewSinceTheLastOne) {
  ASSERT_TRUE(machine_->store(page_, *before_ + 1));
  ASSERT_FALSE(machine_->reset());
  EXPECT_EQ(word(), before_);
}

// Again and again, and read before, so that the thread that resets has no page fault of its own.
TEST_F(MachineOwnPages, FindsPagesThatAnotherThreadMadeNew) {
  constexpr int kTimes = 8;
  const auto page_of = [&](int i) {
    return static_cast<std::uint32_t>(page_ + static_cast<std::size_t>(i) * kPageBytes);
  };
  std::atomic<int> asked = 0;
  std::atomic<int> done = 0;
  const std::jthread other([&] {
    for (int i = 1; i <= kTimes; ++i) {
      while (asked < i) std::this_thread::yield();
      EXPECT_TRUE(machine_->call(&Z_guestZ_malloc, 8));
      EXPECT_TRUE(machine_->store(page_of(i), 0xabcdef));
      done = i;
    }
  });
  const auto word_of = [&](int i) { return machine_->load<std::uint32_t>(page_of(i)); };
  std::array<std::optional<std::uint32_t>, kTimes + 1> before;
  for (int i = 1; i <= kTimes; ++i) before[i] = word_of(i);
  for (int i = 1; i <= kTimes; ++i) {
    asked = i;
    while (done < i) std::this_thread::yield();
    EXPECT_NE(word_of(i), before[i]);
    EXPECT_FALSE(machine_->reset());
    EXPECT_EQ(word_of(i), before[i]) << i;
  }
}

TEST_F(MachineOwnPages, FindsWhatAStopFromAnotherThreadWrites) {
  // SAFETY: aligned, and the machine outlives its use.
  machine_->interrupts().use_countdown(
      reinterpret_cast<std::uint32_t*>(machine_->resolve(page_, sizeof(std::uint32_t))));
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(machine_->reset());
  std::thread([&] { machine_->interrupts().request_stop(Stop::interrupted); }).join();
  EXPECT_EQ(word(), 1u);
  ASSERT_FALSE(machine_->reset());
  EXPECT_EQ(word(), before_);
}

// It makes every page the process's own, by another thread's faults.
TEST_F(MachineOwnPages, FindsWhatIsWrittenAfterAllMemoryWasLocked) {
  std::atomic<bool> asked = false;
  std::atomic<int> locked = -1;  // not yet
  const std::jthread other([&] {
    while (!asked) std::this_thread::yield();
    locked = mlockall(MCL_CURRENT) == 0 ? 1 : 0;
  });
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(machine_->reset());
  asked = true;
  while (locked < 0) std::this_thread::yield();
  if (locked == 0) GTEST_SKIP() << "memory cannot be locked here";
  ASSERT_TRUE(machine_->store(page_, *before_ + 1));
  const bool reset = !machine_->reset();
  const auto after = word();
  munlockall();
  EXPECT_TRUE(reset);
  EXPECT_EQ(after, before_);
}

TEST_F(MachineOwnPages, FindsWhatOthersWriteToMemoryThatWasHandedOut) {
  std::byte* const bytes = machine_->resolve(page_, 1);
  machine_->forget_own_pages();
  std::thread([&] { *bytes = std::byte{0xab}; }).join();
  ASSERT_FALSE(machine_->reset());
  EXPECT_EQ(word(), before_);
}

TEST_F(MachineOwnPages, FindsWhatAForkedChildWrites) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool stored = machine_->store(page_, *before_ + 1);
    const bool reset = !machine_->reset();
    _exit(stored && reset && word() == before_ ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(MachineTrap, AccessOutsideOfMemoryIsContained) {
  const auto machine = make();
  EXPECT_EQ(machine->call(&Z_guestZ_strlen, 0xf0000000u), std::unexpected(Trap::out_of_bounds));
  EXPECT_EQ(machine->fault(), Trap::out_of_bounds);
}

TEST(MachineTrap, UnreachableIsContained) {
  const auto machine = make();
  EXPECT_EQ(machine->call(&Z_guestZ_abort).error(), Trap::unreachable);
}

TEST(MachineTrap, CallOfAMissingFunctionIsContained) {
  const auto machine = make();
  EXPECT_EQ(sort_two(*machine, 0xffffff).error(), Trap::bad_indirect_call);
}

TEST(MachineTrap, CallOfAFunctionOfAnotherTypeIsContained) {
  const auto machine = make();
  // Some entry of the guest's table has another type than a comparator: find one, by calling them
  // all.
  bool found = false;
  for (std::uint32_t index = 1; index < 64 && !found; ++index) {
    found = sort_two(*machine, index) == std::unexpected(Trap::bad_indirect_call);
    ASSERT_FALSE(machine->reset());
  }
  EXPECT_TRUE(found);
}

TEST(MachineTrap, NativeStackOverflowIsContained) {
  const auto machine = make({.max_pages = kMaxPages, .native_stack_bytes = 4096});
  // Nested entries go on below one another on the guest's native stack.
  on_compare = [](Machine& m) {
    (void)sort_two(m, host_comparator());
    return 0u;
  };
  // A thread of its own, whose cache holds no larger stack.
  Outcome<void> result;
  std::thread([&] { result = sort_two(*machine, host_comparator()); }).join();
  EXPECT_EQ(result, std::unexpected(Trap::native_stack_overflow));
}

TEST(MachineTrap, AFaultedMachineRunsNothingUntilReset) {
  const auto machine = make();
  ASSERT_FALSE(machine->call(&Z_guestZ_abort));
  EXPECT_EQ(machine->call(&Z_guestZ_malloc, 8), std::unexpected(Trap::faulted_before));
  ASSERT_FALSE(machine->reset());
  EXPECT_EQ(machine->fault(), Trap::none);
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 8));
}

TEST(MachineTrap, AMillionTrapsLeakNothing) {
  const auto machine = make();
  std::size_t mappings = 0;
  for (int i = 0; i < kManyTraps; ++i) {
    if (i == 20) mappings = mapping_count();  // the runtimes of sanitizers have theirs by then
    const bool by_signal = i % 2 == 0;
    const bool trapped =
        by_signal ? !machine->call(&Z_guestZ_strlen, 0xf0000000u) : !machine->call(&Z_guestZ_abort);
    ASSERT_TRUE(trapped);
    ASSERT_FALSE(machine->reset());
  }
  EXPECT_EQ(mapping_count(), mappings);
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 8));
}

TEST(MachineNesting, AHostFunctionMayCallTheGuestAgain) {
  const auto machine = make();
  std::uint32_t inner = 0;
  on_compare = [&](Machine& m) {
    inner = m.call(&Z_guestZ_malloc, 8).value_or(0);
    return 0u;
  };
  EXPECT_TRUE(sort_two(*machine, host_comparator()));
  EXPECT_NE(inner, 0u);
}

TEST(MachineNesting, ATrapEndsTheInnermostEntryAndThenTheOuterOne) {
  const auto machine = make();
  bool host_frame_completed = false;
  Trap inner = Trap::none;
  on_compare = [&](Machine& m) {
    struct Destructor {
      bool& completed;
      ~Destructor() { completed = true; }
    } on_return{host_frame_completed};
    inner = m.call(&Z_guestZ_abort).error();
    return 0u;
  };
  EXPECT_EQ(sort_two(*machine, host_comparator()).error(), Trap::unreachable);
  EXPECT_EQ(inner, Trap::unreachable);
  EXPECT_TRUE(host_frame_completed);
}

TEST(MachineNesting, EndlessNestingIsRefusedAndTheMachineGoesOn) {
  const auto machine = make({.max_nesting = 128});
  Trap deepest = Trap::none;
  int depth = 0;
  on_compare = [&](Machine& m) {
    ++depth;
    if (auto done = sort_two(m, host_comparator()); !done && deepest == Trap::none) {
      deepest = done.error();
    }
    return 0u;
  };
  EXPECT_TRUE(sort_two(*machine, host_comparator()));
  EXPECT_EQ(deepest, Trap::nested_too_deep);
  EXPECT_GE(depth, 100);
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 8));
}

TEST(MachineNesting, MachinesMayCallOneAnother) {
  const auto outer = make();
  const auto inner = make();
  Trap trap = Trap::none;
  on_compare = [&](Machine&) {
    trap = inner->call(&Z_guestZ_abort).error();
    return 0u;
  };
  EXPECT_TRUE(sort_two(*outer, host_comparator()));
  EXPECT_EQ(trap, Trap::unreachable);
  EXPECT_EQ(outer->fault(), Trap::none);
}

TEST(MachineMemory, GrowthBeyondTheLimitIsRefusedAndCounted) {
  const auto machine = make({.max_pages = 64});
  EXPECT_EQ(machine->call(&Z_guestZ_malloc, 64u << 20), 0u);
  EXPECT_GE(machine->growth_refusals(), 1u);
  EXPECT_LE(machine->pages(), 64u);
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 100));
}

TEST(MachineMemory, HostAccessIsChecked) {
  const auto machine = make();
  const auto end = static_cast<std::uint32_t>(machine->pages() * kWasmPageBytes);
  EXPECT_NE(machine->resolve(end - 8, 8), nullptr);
  EXPECT_EQ(machine->resolve(end - 8, 9), nullptr);
  EXPECT_EQ(machine->resolve(UINT32_MAX, 1), nullptr);
  EXPECT_EQ(machine->resolve(8, UINT64_MAX), nullptr);
  EXPECT_EQ(machine->load<std::uint64_t>(end - 4), std::nullopt);
  EXPECT_FALSE(machine->store(end, 1));
}

TEST(MachineMemory, TheGuardBelowARelocatedStackIsClosedToGuestAndHost) {
  const auto machine = make();
  ASSERT_FALSE(machine->relocate_stack(1 << 20));
  const StackLayout& layout = machine->stack_layout();
  EXPECT_EQ(machine->resolve(layout.guard.end - 4, 8), nullptr);
  EXPECT_NE(machine->resolve(layout.stack.begin, 8), nullptr);
  EXPECT_EQ(machine->call(&Z_guestZ_strlen, layout.guard.begin),
            std::unexpected(Trap::guest_stack_overflow));
}

TEST(MachineReset, BringsBackTheImageAndItsSize) {
  const auto machine = make();
  const std::uint32_t pages = machine->pages();
  const auto block = machine->call(&Z_guestZ_malloc, 8u << 20).value();
  ASSERT_TRUE(machine->store(block, 42));
  ASSERT_GT(machine->pages(), pages);
  ASSERT_FALSE(machine->reset());
  EXPECT_EQ(machine->pages(), pages);
  EXPECT_EQ(machine->resolve(block, 4 + (8u << 20)), nullptr);
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 8u << 20));
}

TEST(Image, HoldsNoAddressOfTheHost) {
  const auto machine = make();
  ASSERT_TRUE(machine->call(&Z_guestZ_malloc, 8));
  const auto image = Image::freeze(*machine);
  ASSERT_TRUE(image);
  std::vector<std::uint64_t> words((*image)->file_bytes() / 8);
  ASSERT_EQ(pread((*image)->fd(), words.data(), words.size() * 8, 0),
            static_cast<ssize_t>(words.size() * 8));
  // Whole addresses: two neighbouring 32-bit numbers of the guest may look like any one of a range.
  const std::array<const void*, 5> addresses = {machine->slot().begin(), machine->slot().memory(),
                                                &machine->instance(), test_module().table().data,
                                                machine.get()};
  for (const void* address : addresses) {
    EXPECT_EQ(std::ranges::count(words, reinterpret_cast<std::uintptr_t>(address)), 0);
  }
}

TEST(Image, CannotBeWrittenTo) {
  const int fd = test_module().image()->fd();
  EXPECT_EQ(pwrite(fd, "x", 1, 0), -1);
  EXPECT_EQ(ftruncate(fd, 0), -1);
  EXPECT_EQ(mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

TEST(MachineKill, AGuestThatNeverPollsIsCutOff) {
  const auto machine = make();
  machine->interrupts().begin_run(Interrupts::kNoPollLimit);
  // strlen over memory without a zero byte would trap; memset in a loop has no end of its own: a
  // sort of 200 million equal elements takes long enough.
  const auto block = machine->call(&Z_guestZ_malloc, 800u << 20).value();
  ASSERT_NE(block, 0u);
  const auto begin = Watch::Clock::now();
  const Watch watch(machine->interrupts(),
                    {.wall = begin + std::chrono::milliseconds(20), .cpu = {}, .grace = {}});
  on_compare = [](Machine&) { return 0u; };
  EXPECT_EQ(machine->call(&Z_guestZ_qsort, block, 200u << 20, 4, host_comparator()).error(),
            Trap::killed);
  EXPECT_EQ(machine->interrupts().stop(), Stop::wall_time);
}

TEST(MachineKill, AKillDuringAHostFunctionTakesEffectWhenItReturns) {
  const auto machine = make();
  machine->interrupts().begin_run(Interrupts::kNoPollLimit);
  bool host_frame_completed = false;
  on_compare = [&](Machine& m) {
    m.interrupts().request_unwind(Trap::killed);
    host_frame_completed = true;
    return 0u;
  };
  EXPECT_EQ(sort_two(*machine, host_comparator()).error(), Trap::killed);
  EXPECT_TRUE(host_frame_completed);
}

TEST(MachineThreads, AMachineMovesBetweenThreads) {
  const auto machine = make();
  std::uint32_t block = 0;
  std::thread([&] { block = machine->call(&Z_guestZ_malloc, 8).value(); }).join();
  ASSERT_TRUE(machine->store(block, 7));
  std::thread([&] { EXPECT_FALSE(machine->call(&Z_guestZ_strlen, 0xf0000000u)); }).join();
  ASSERT_FALSE(machine->reset());
  EXPECT_TRUE(machine->call(&Z_guestZ_malloc, 8));
}

}  // namespace
}  // namespace sandglass::machine
