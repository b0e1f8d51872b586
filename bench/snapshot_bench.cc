// What a VM that starts from a snapshot costs, and snapshots themselves.
//
// Catalogue
//
//   BM_FromSnapshot/<what>        Runtime::from alone, 64 VMs before they are dropped, so that most
//                                 are new. empty: nothing was evaluated; library: 1 MiB of
//                                 functions was
//   BM_FromSnapshot/<what>_eval   the same with 1+1
//   BM_FromSnapshot_Again/<what>  one VM after the other: made, 1+1, dropped
//   BM_Pool_Run                   pool.run<int>("1+1"), reset included; also on two threads at once
//   BM_Fork                       snapshot() and from() of a VM that evaluated 1+1
//   BM_Save_16MiB, BM_Load_16MiB  of a heap of 16 MiB
//
// Counter: `private_KiB` = memory of the process (Pss) that one more idle VM takes, from a
// snapshot, before and after 1+1.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

constexpr int kBatch = 64;

std::string library() {
  std::string source = "globalThis.library = {};\n";
  for (int i = 0; source.size() < (std::size_t{1} << 20); ++i) {
    const std::string n = std::to_string(i);
    source += "library.f" + n + " = function f" + n + "(list, options) { let sum = " + n +
              "; for (const item of list) { if (item > options.least) sum += item * " + n +
              "; else sum -= options.weight; } return { sum, name: 'f" + n + "' }; };\n";
  }
  return source + "0";
}

Snapshot snapshot_after(std::string_view source) {
  Runtime vm = must(Runtime::create(), "Runtime::create");
  must(vm.eval(source), "warm-up");
  return must(vm.snapshot(), "snapshot");
}

void from_snapshot(benchmark::State& state, const Snapshot& snapshot, bool evaluate) {
  std::vector<Runtime> kept;
  kept.reserve(kBatch);
  for (auto _ : state) {
    if (kept.size() == kBatch) kept.clear();
    const auto begin = Clock::now();
    auto vm = Runtime::from(snapshot);
    if (!vm) fail("Runtime::from", describe(vm.error()).c_str());
    if (evaluate) must(vm->eval("1+1"), "1+1");
    state.SetIterationTime(seconds_since(begin));
    kept.push_back(std::move(*vm));
  }
}

void BM_FromSnapshot(benchmark::State& state, std::string_view source, bool evaluate) {
  from_snapshot(state, snapshot_after(source), evaluate);
}
BENCHMARK_CAPTURE(BM_FromSnapshot, empty, "0", false)->UseManualTime();
BENCHMARK_CAPTURE(BM_FromSnapshot, library, library(), false)->UseManualTime();
BENCHMARK_CAPTURE(BM_FromSnapshot, empty_eval, "0", true)->UseManualTime();
BENCHMARK_CAPTURE(BM_FromSnapshot, library_eval, library(), true)->UseManualTime();

// Made, used and dropped, one after the other: each takes the place that the one before has left.
void BM_FromSnapshot_Again(benchmark::State& state, std::string_view source) {
  const Snapshot snapshot = snapshot_after(source);
  for (auto _ : state) {
    Runtime vm = must(Runtime::from(snapshot), "Runtime::from");
    must(vm.eval("1+1"), "1+1");
  }
}
BENCHMARK_CAPTURE(BM_FromSnapshot_Again, empty, "0");
BENCHMARK_CAPTURE(BM_FromSnapshot_Again, library, library());

void BM_Pool_Run(benchmark::State& state) {
  static const Pool pool = must(Pool::create(snapshot_after("0"), {.size = 4}), "Pool::create");
  for (auto _ : state) {
    if (must(pool.run<int>("1+1"), "1+1") != 2) fail("1+1", "is not 2");
  }
}
BENCHMARK(BM_Pool_Run)->UseRealTime();
BENCHMARK(BM_Pool_Run)->Threads(2)->UseRealTime();

void BM_Fork(benchmark::State& state) {
  Runtime vm = must(Runtime::create(), "Runtime::create");
  must(vm.eval("1+1"), "1+1");
  for (auto _ : state) must(vm.fork(), "fork");
}
BENCHMARK(BM_Fork);

const Snapshot& heap_of_16_mib() {
  static const Snapshot snapshot = snapshot_after(
      "globalThis.heap = []; for (let i = 0; i < 150000; i++) heap.push({i, name: 'n' + i}); 0");
  return snapshot;
}

void BM_Save_16MiB(benchmark::State& state) {
  std::size_t bytes = 0;
  for (auto _ : state) bytes = must(heap_of_16_mib().save(), "save").size();
  state.counters["heap_MiB"] = static_cast<double>(heap_of_16_mib().memory_bytes() >> 20);
  state.counters["file_KiB"] = static_cast<double>(bytes >> 10);
}
BENCHMARK(BM_Save_16MiB)->Unit(benchmark::kMillisecond);

void BM_Load_16MiB(benchmark::State& state) {
  const auto bytes = must(heap_of_16_mib().save(), "save");
  for (auto _ : state) must(Snapshot::load(bytes), "load");
}
BENCHMARK(BM_Load_16MiB)->Unit(benchmark::kMillisecond);

// Pss of this process in KiB.
double process_kib() {
  std::ifstream file("/proc/self/smaps_rollup");
  std::string word;
  while (file >> word) {
    double kib = 0;
    if (word == "Pss:" && file >> kib) return kib;
  }
  fail("smaps_rollup", "has no Pss");
}

void BM_IdleVms(benchmark::State& state) {
  const Snapshot snapshot = snapshot_after("0");
  const auto count = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    std::vector<Runtime> vms;
    vms.reserve(count);
    const double before = process_kib();
    for (std::size_t i = 0; i < count; ++i) {
      vms.push_back(must(Runtime::from(snapshot), "Runtime::from"));
    }
    state.counters["idle_KiB"] = (process_kib() - before) / static_cast<double>(count);
    for (Runtime& vm : vms) must(vm.eval("1+1"), "1+1");
    state.counters["after_eval_KiB"] = (process_kib() - before) / static_cast<double>(count);
  }
}
BENCHMARK(BM_IdleVms)->Arg(10000)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
