// What it costs to print, on a warm VM, to a buffer that is emptied now and then.
//
// Catalogue (one operation an iteration, in a loop of the script's own, inside one Scope, so that
// limits are armed once)
//
//   BM_ConsoleLog_ShortString       console.log('a line of text')
//     BM_Baseline_CallHostString    a C++ callable that takes the same std::string_view
//   BM_ConsoleLog_Number            console.log(12.5): formatted
//   BM_ConsoleLog_Object8Fields     console.log of an object with 8 fields
//   BM_ConsoleLog_Array100          console.log of 100 numbers
//   BM_ConsoleLog_Format            console.log('%s: %d', 'text', 5)
//   BM_ConsoleLog_Error             console.log of an error with a stack
#include <cstddef>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

constexpr int kCalls = 1000;

// Time an iteration of a loop that the script runs itself.
void run_loop(benchmark::State& state, const char* setup, const char* body) {
  std::size_t bytes = 0;
  const ConsoleBuffer buffer;
  Options options;
  options.limits.wall_time = std::nullopt;
  options.limits.output_bytes = std::uint64_t{1} << 40;
  options.console = buffer.sink();
  Runtime vm = must(Runtime::create(std::move(options)), "create");
  must(vm.set("take", [&bytes](std::string_view text) { bytes += text.size(); }), "set");
  must(vm.eval(setup), "setup");
  const std::string source = std::string("(n) => { for (let i = 0; i < n; i++) ") + body + " }";
  const Value loop = must(vm.eval(source), "loop");
  const Scope scope(vm);
  ConsoleBuffer printed = buffer;
  while (state.KeepRunningBatch(kCalls)) {
    must(loop.call(kCalls), "loop");
    printed.clear();
  }
  benchmark::DoNotOptimize(bytes);
}

void BM_ConsoleLog_ShortString(benchmark::State& state) {
  run_loop(state, "0", "console.log('a line of text')");
}
BENCHMARK(BM_ConsoleLog_ShortString);

void BM_Baseline_CallHostString(benchmark::State& state) {
  run_loop(state, "0", "take('a line of text')");
}
BENCHMARK(BM_Baseline_CallHostString);

void BM_ConsoleLog_Number(benchmark::State& state) {
  run_loop(state, "0", "console.log(12.5)");
}
BENCHMARK(BM_ConsoleLog_Number);

void BM_ConsoleLog_Object8Fields(benchmark::State& state) {
  run_loop(state,
           "var reading = { id: 7, name: 'thermometer', value: 21.5, valid: true, time: "
           "1700000000000, unit: 'C', low: -40, high: 85 }; 0",
           "console.log(reading)");
}
BENCHMARK(BM_ConsoleLog_Object8Fields);

void BM_ConsoleLog_Array100(benchmark::State& state) {
  run_loop(state, "var list = Array.from({ length: 100 }, (_, i) => i); 0", "console.log(list)");
}
BENCHMARK(BM_ConsoleLog_Array100);

void BM_ConsoleLog_Format(benchmark::State& state) {
  run_loop(state, "0", "console.log('%s: %d', 'text', 5)");
}
BENCHMARK(BM_ConsoleLog_Format);

void BM_ConsoleLog_Error(benchmark::State& state) {
  run_loop(state, "var failure = new TypeError('it failed'); 0", "console.log(failure)");
}
BENCHMARK(BM_ConsoleLog_Error);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
