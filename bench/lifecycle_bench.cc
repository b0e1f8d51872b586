// What a VM costs: making, using, resetting and dropping one.
//
// Catalogue (one operation an iteration; "baseline" stands beside what it is the baseline of)
//
//   BM_CreateRuntime            Runtime::create alone; the VM is dropped outside the time, and
//   leaves its slot to
//                               the next
//   BM_CreateRuntime_NewSlot    the same where all VMs stay
//   BM_DestroyRuntime           ~Runtime of a VM that evaluated 1+1
//     BM_Baseline_Reserve       mmap and munmap of as much address space as a VM reserves
//   BM_CreateEvalDestroy        all of a VM's life, 1+1 in between; also on two threads at once
//     BM_Baseline_ReserveFault  as many pages of a private mapping of a memfd, inside such a
//                               reservation, written to one by one, with nothing else
//   BM_WarmEval                 1+1 on a VM that has evaluated it before
//     BM_Baseline_EmptyEval     the empty script: the fixed cost of a run
//   BM_WarmEval_ToNumber        BM_WarmEval and a conversion to double
//   BM_Reset                    reset() of a VM that ran nothing since the last one
//   BM_ResetEval                reset() and 1+1: the cycle of a server that keeps a VM for each
//   thread;
//                               also on two threads at once
//   BM_ResetEval_1MiBHeap       the same where the script fills a megabyte
//   BM_StackOverflow/<size>     endless recursion on a warm VM, from eval to the stack_limit error
//     BM_Baseline_Recursion/<size>  as many calls, all of which return: what the script costs
//     itself
//
// Counter: `faults` = minor page faults an iteration, all of it, on the benchmark's thread.
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

constexpr std::size_t kPageBytes = 4096;
// A slot: 4 GiB of linear memory, its header and its guard. See src/machine/slot.h.
constexpr std::size_t kReservedBytes = (std::size_t{4} << 30) + (2 << 20) + kPageBytes;

long minor_faults() {
  rusage usage = {};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_minflt;
}

/// Counts page faults during the iterations.
class FaultCounter {
 public:
  explicit FaultCounter(benchmark::State& state) : state_(state), before_(minor_faults()) {}
  FaultCounter(const FaultCounter&) = delete;
  FaultCounter& operator=(const FaultCounter&) = delete;
  ~FaultCounter() {
    state_.counters["faults"] = benchmark::Counter(static_cast<double>(minor_faults() - before_),
                                                   benchmark::Counter::kAvgIterations);
  }

 private:
  benchmark::State& state_;
  long before_;
};

Runtime make_runtime(Options options = {}) {
  return must(Runtime::create(std::move(options)), "Runtime::create");
}

void eval_one_plus_one(Runtime& runtime) {
  auto value = runtime.eval("1+1");
  if (!value) fail("1+1", describe(value.error()).c_str());
  benchmark::DoNotOptimize(value);
}

// Creation and destruction.

void BM_CreateRuntime(benchmark::State& state) {
  const FaultCounter faults(state);
  for (auto _ : state) {
    const auto begin = Clock::now();
    auto runtime = Runtime::create();
    state.SetIterationTime(seconds_since(begin));
    if (!runtime) fail("Runtime::create", describe(runtime.error()).c_str());
  }
}
BENCHMARK(BM_CreateRuntime)->UseManualTime();

void BM_CreateRuntime_NewSlot(benchmark::State& state) {
  constexpr std::size_t kBatch = 64;
  std::vector<Runtime> kept;
  kept.reserve(kBatch);
  for (auto _ : state) {
    if (kept.size() == kBatch) kept.clear();
    const auto begin = Clock::now();
    auto runtime = Runtime::create();
    state.SetIterationTime(seconds_since(begin));
    kept.push_back(must(std::move(runtime), "Runtime::create"));
  }
}
BENCHMARK(BM_CreateRuntime_NewSlot)->UseManualTime();

void BM_DestroyRuntime(benchmark::State& state) {
  for (auto _ : state) {
    std::optional<Runtime> runtime = make_runtime();
    eval_one_plus_one(*runtime);
    const auto begin = Clock::now();
    runtime.reset();
    state.SetIterationTime(seconds_since(begin));
  }
}
BENCHMARK(BM_DestroyRuntime)->UseManualTime();

void* reserve() {
  void* base =
      mmap(nullptr, kReservedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) fail("mmap", "no address space");
  return base;
}

void BM_Baseline_Reserve(benchmark::State& state) {
  for (auto _ : state) munmap(reserve(), kReservedBytes);
}
BENCHMARK(BM_Baseline_Reserve);

void create_eval_destroy() {
  Runtime runtime = make_runtime();
  eval_one_plus_one(runtime);
}

void BM_CreateEvalDestroy(benchmark::State& state) {
  const FaultCounter faults(state);
  for (auto _ : state) create_eval_destroy();
}
BENCHMARK(BM_CreateEvalDestroy)->UseRealTime();
BENCHMARK(BM_CreateEvalDestroy)->Threads(2)->UseRealTime();

// What a first run in a slot that never served writes to; a thread that has one kept pays for none.
constexpr std::size_t kPagesOfFirstRun = 44;

void BM_Baseline_ReserveFault(benchmark::State& state) {
  constexpr std::size_t pages = kPagesOfFirstRun;
  const std::string contents(pages * kPageBytes, 'x');
  const int file = memfd_create("bench", MFD_CLOEXEC);
  if (write(file, contents.data(), contents.size()) != static_cast<ssize_t>(contents.size())) {
    fail("memfd", "cannot be written");
  }
  const FaultCounter faults(state);
  for (auto _ : state) {
    void* base = reserve();
    void* mapped = mmap(base, contents.size(), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file, 0);
    if (mapped == MAP_FAILED) fail("mmap", "of the file");
    auto* bytes = static_cast<volatile char*>(mapped);
    for (std::size_t page = 0; page < pages; ++page) bytes[page * kPageBytes] = 'y';
    munmap(base, kReservedBytes);
  }
  close(file);
}
BENCHMARK(BM_Baseline_ReserveFault);

// Evaluation on a warm VM.

void warm_eval(benchmark::State& state, std::string_view source) {
  Runtime runtime = make_runtime();
  must(runtime.eval(source), "warm-up");
  for (auto _ : state) {
    auto value = runtime.eval(source);
    if (!value) fail("eval", describe(value.error()).c_str());
    benchmark::DoNotOptimize(value);
  }
}

void BM_WarmEval(benchmark::State& state) {
  warm_eval(state, "1+1");
}
BENCHMARK(BM_WarmEval);

void BM_Baseline_EmptyEval(benchmark::State& state) {
  warm_eval(state, "");
}
BENCHMARK(BM_Baseline_EmptyEval);

void BM_WarmEval_ToNumber(benchmark::State& state) {
  Runtime runtime = make_runtime();
  for (auto _ : state) {
    const auto value = must(runtime.eval("1+1"), "1+1");
    const double number = must(value.to_number(), "to_number");
    if (number != 2) fail("1+1", "is not 2");
  }
}
BENCHMARK(BM_WarmEval_ToNumber);

// Reset.

void BM_Reset(benchmark::State& state) {
  Runtime runtime = make_runtime();
  const FaultCounter faults(state);
  for (auto _ : state) must(runtime.reset(), "reset");
}
BENCHMARK(BM_Reset);

void reset_eval(benchmark::State& state, std::string_view source) {
  Runtime runtime = make_runtime();
  const FaultCounter faults(state);
  for (auto _ : state) {
    must(runtime.reset(), "reset");
    auto value = runtime.eval(source);
    if (!value) fail("eval", describe(value.error()).c_str());
    benchmark::DoNotOptimize(value);
  }
}

void BM_ResetEval(benchmark::State& state) {
  reset_eval(state, "1+1");
}
BENCHMARK(BM_ResetEval)->UseRealTime();
BENCHMARK(BM_ResetEval)->Threads(2)->UseRealTime();

void BM_ResetEval_1MiBHeap(benchmark::State& state) {
  reset_eval(state, "const bytes = new Uint8Array(1 << 20).fill(1); bytes.length");
}
BENCHMARK(BM_ResetEval_1MiBHeap);

// Stack overflow.

constexpr std::string_view kEndless = R"(
  var frames = 0;
  function descend() { frames++; descend(); }
  descend();
)";

Runtime make_runtime_with_stack(std::uint64_t stack_bytes) {
  Options options;
  options.limits.stack_bytes = stack_bytes;
  return make_runtime(std::move(options));
}

// Returns how many frames the stack had.
double overflow(Runtime& runtime) {
  const auto value = runtime.eval(kEndless);
  if (value) fail("overflow", "the script completed");
  if (value.error().code != Errc::stack_limit || !runtime.usable()) {
    fail("overflow", describe(value.error()).c_str());
  }
  return must(must(runtime.eval("frames"), "frames").to_number(), "frames");
}

void BM_StackOverflow(benchmark::State& state, std::uint64_t stack_bytes) {
  Runtime runtime = make_runtime_with_stack(stack_bytes);
  state.counters["frames"] = overflow(runtime);
  const FaultCounter faults(state);
  for (auto _ : state) {
    const auto value = runtime.eval(kEndless);
    if (value || value.error().code != Errc::stack_limit) fail("overflow", "no stack_limit");
  }
}

void BM_Baseline_Recursion(benchmark::State& state, std::uint64_t stack_bytes) {
  Runtime runtime = make_runtime_with_stack(stack_bytes);
  const double frames = std::floor(overflow(runtime)) - 2;
  must(runtime.eval("var left = 0; function descend() { if (left-- > 0) descend(); }"), "descend");
  state.counters["frames"] = frames;
  const std::string source = "left = " + std::to_string(static_cast<long>(frames)) + "; descend();";
  const FaultCounter faults(state);
  for (auto _ : state) {
    const auto value = runtime.eval(source);
    if (!value) fail("recursion", describe(value.error()).c_str());
  }
}

BENCHMARK_CAPTURE(BM_StackOverflow, 64KiB, 64 << 10);
BENCHMARK_CAPTURE(BM_StackOverflow, 256KiB, 256 << 10);
BENCHMARK_CAPTURE(BM_Baseline_Recursion, 256KiB, 256 << 10);
BENCHMARK_CAPTURE(BM_StackOverflow, 1MiB, 1 << 20);
BENCHMARK_CAPTURE(BM_Baseline_Recursion, 1MiB, 1 << 20);
BENCHMARK_CAPTURE(BM_StackOverflow, 16MiB, 16 << 20);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
