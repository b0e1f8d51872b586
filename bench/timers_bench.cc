// Timers.
//
// Catalogue
//
//   BM_SetTimeout        one turn of a chain of setTimeout(next, 0) on a clock that stands: making
//                        the timer, the loop, and the call
//     BM_Baseline_Then   one turn of a chain of promises: what the engine's own jobs cost
//   BM_SetClearTimeout   setTimeout and clearTimeout of it
#include <cstdint>
#include <string>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "support.h"

namespace sandglass::bench {
namespace {

constexpr int kTurns = 10'000;

void run_turns(benchmark::State& state, std::string_view script) {
  Options options;
  options.limits.wall_time = std::nullopt;
  Runtime vm = must(Runtime::create(options), "Runtime::create");
  const std::string source = fmt::format("{{ let left = {}; {} }}", kTurns, script);
  for (auto _ : state) {
    must(vm.eval(source), "eval");
    must(vm.run(), "run");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kTurns);
  state.counters["turn"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * kTurns,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_SetTimeout(benchmark::State& state) {
  run_turns(state, "const next = () => { if (--left > 0) setTimeout(next, 0); }; next();");
}
BENCHMARK(BM_SetTimeout)->UseRealTime();

void BM_Baseline_Then(benchmark::State& state) {
  run_turns(state, "const next = () => { if (--left > 0) Promise.resolve().then(next); }; next();");
}
BENCHMARK(BM_Baseline_Then)->UseRealTime();

void BM_SetClearTimeout(benchmark::State& state) {
  run_turns(state, "while (--left > 0) clearTimeout(setTimeout(Math.abs, 1));");
}
BENCHMARK(BM_SetClearTimeout)->UseRealTime();

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
