// What it costs to cross between C++ and JavaScript, on a warm VM.
//
// Catalogue (one operation an iteration, inside one Scope, so that limits are armed once;
// "baseline" stands beside what it is the baseline of)
//
//   BM_CallHost_IntIntInt           JavaScript calls int(int, int), in a loop of the script's own
//     BM_Baseline_CallScript        the same loop with a function of the script instead
//   BM_CallScript_IntIntInt         C++ calls (a, b) => a + b as Function<int(int, int)>
//     BM_Baseline_CallEmpty         C++ calls () => {} with nothing converted
//   BM_StringToScript_1KiB          a std::string of 1 KiB to JavaScript, and its handle dropped
//   BM_StringFromScript_1KiB        a JavaScript string of 1 KiB to std::string
//   BM_StructToScript_8Fields       a described struct of 8 fields to an object
//   BM_StructFromScript_8Fields     and back
//   BM_BytesToScript_1MiB           std::vector<std::byte> to an ArrayBuffer, dropped at once
//   BM_BytesFromScript_1MiB         and back
//     BM_Baseline_CopyBytes_1MiB    a vector of it copied into another
//   BM_ViewBytes_1MiB               Value::with_bytes
//   BM_JsonToScript_1MiB            Context::parse_json of 1 MiB
//     BM_Baseline_ParseInScript     JSON.parse of the same text, a string in the guest already
//   BM_ObjectOfClass                a bound class: new Counter(1).inc() in the script
//   BM_CallScript_Unscoped          C++ calls () => {} as a run of its own, limits armed and all
//   BM_AwaitDeferred                an async host function that settles at once, awaited
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "support.h"

namespace sandglass::bench {
namespace {

struct Reading {
  int id = 7;
  std::string name = "thermometer";
  double value = 21.5;
  bool valid = true;
  std::int64_t time = 1700000000000;
  std::string unit = "C";
  double low = -40;
  double high = 85;
};
BOOST_DESCRIBE_STRUCT(Reading, (), (id, name, value, valid, time, unit, low, high))

struct Counter {
  explicit Counter(int start) : count(start) {}
  int inc() { return ++count; }
  int count;
};

Runtime make_vm() {
  Options options;
  options.limits.wall_time = std::nullopt;
  options.limits.memory_bytes = std::uint64_t{512} << 20;
  return must(Runtime::create(std::move(options)), "create");
}

// Time an iteration of a loop that the script runs itself.
void run_loop(benchmark::State& state, Runtime& vm, const char* setup) {
  must(vm.eval(setup), "setup");
  const Value loop =
      must(vm.eval("(n) => { let s = 0; for (let i = 0; i < n; i++) s = f(s, 1) | 0; return s; }"),
           "loop");
  constexpr int kCalls = 10000;
  const Scope scope(vm);
  while (state.KeepRunningBatch(kCalls)) must(loop.call<int>(kCalls), "loop");
}

void BM_CallHost_IntIntInt(benchmark::State& state) {
  Runtime vm = make_vm();
  must(vm.set("add", [](int a, int b) { return a + b; }), "set");
  run_loop(state, vm, "var f = add");
}
BENCHMARK(BM_CallHost_IntIntInt);

void BM_Baseline_CallScript(benchmark::State& state) {
  Runtime vm = make_vm();
  run_loop(state, vm, "var f = (a, b) => a + b");
}
BENCHMARK(BM_Baseline_CallScript);

void BM_CallScript_IntIntInt(benchmark::State& state) {
  Runtime vm = make_vm();
  const auto add = must(vm.eval<Function<int(int, int)>>("(a, b) => a + b"), "eval");
  const Scope scope(vm);
  int sum = 0;
  for (auto _ : state) sum = *add(sum, 1) & 0xffff;
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(BM_CallScript_IntIntInt);

void BM_Baseline_CallEmpty(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value empty = must(vm.eval("() => {}"), "eval");
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(empty.call<void>());
}
BENCHMARK(BM_Baseline_CallEmpty);

void BM_StringToScript_1KiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const std::string text(1024, 'x');
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(vm.make(text));
}
BENCHMARK(BM_StringToScript_1KiB);

void BM_StringFromScript_1KiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value text = must(vm.eval("'x'.repeat(1024)"), "eval");
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(text.as<std::string>());
}
BENCHMARK(BM_StringFromScript_1KiB);

void BM_StructToScript_8Fields(benchmark::State& state) {
  Runtime vm = make_vm();
  const Reading reading;
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(vm.make(reading));
}
BENCHMARK(BM_StructToScript_8Fields);

void BM_StructFromScript_8Fields(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value object = must(vm.make(Reading()), "make");
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(object.as<Reading>());
}
BENCHMARK(BM_StructFromScript_8Fields);

void BM_BytesToScript_1MiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const std::vector<std::byte> bytes(1 << 20, std::byte{1});
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(vm.make(bytes));
  state.SetBytesProcessed(state.iterations() * (1 << 20));
}
BENCHMARK(BM_BytesToScript_1MiB);

void BM_BytesFromScript_1MiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value buffer = must(vm.eval("new Uint8Array(1 << 20).fill(7).buffer"), "eval");
  const Scope scope(vm);
  for (auto _ : state) benchmark::DoNotOptimize(buffer.as<std::vector<std::byte>>());
  state.SetBytesProcessed(state.iterations() * (1 << 20));
}
BENCHMARK(BM_BytesFromScript_1MiB);

void BM_Baseline_CopyBytes_1MiB(benchmark::State& state) {
  const std::vector<std::byte> bytes(1 << 20, std::byte{1});
  for (auto _ : state) {
    std::vector<std::byte> copy = bytes;
    benchmark::DoNotOptimize(copy.data());
  }
  state.SetBytesProcessed(state.iterations() * (1 << 20));
}
BENCHMARK(BM_Baseline_CopyBytes_1MiB);

void BM_ViewBytes_1MiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value buffer = must(vm.eval("new ArrayBuffer(1 << 20)"), "eval");
  std::size_t size = 0;
  const Scope scope(vm);
  for (auto _ : state) {
    must(buffer.with_bytes([&](std::span<std::byte> bytes) { size += bytes.size(); }), "view");
  }
  benchmark::DoNotOptimize(size);
}
BENCHMARK(BM_ViewBytes_1MiB);

std::string megabyte_of_json() {
  std::string text = "[";
  while (text.size() < (1 << 20)) {
    text += R"({"id":12345,"name":"a name of some length","tags":["x","y","z"],"value":1.25},)";
  }
  text.back() = ']';
  return text;
}

void BM_JsonToScript_1MiB(benchmark::State& state) {
  Runtime vm = make_vm();
  const std::string text = megabyte_of_json();
  const Scope scope(vm);
  for (auto _ : state) must(vm.parse_json(text), "parse");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_JsonToScript_1MiB);

void BM_Baseline_ParseInScript(benchmark::State& state) {
  Runtime vm = make_vm();
  const std::string text = megabyte_of_json();
  must(vm.set("text", text), "set");
  const Value parse = must(vm.eval("() => JSON.parse(text)"), "eval");
  const Scope scope(vm);
  for (auto _ : state) must(parse.call(), "parse");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(BM_Baseline_ParseInScript);

void BM_ObjectOfClass(benchmark::State& state) {
  Runtime vm = make_vm();
  must(vm.set("Counter", Class<Counter>("Counter").constructor<int>().method("inc", &Counter::inc)),
       "set");
  const Value use =
      must(vm.eval("(n) => { for (let i = 0; i < n; i++) new Counter(1).inc(); }"), "eval");
  constexpr int kObjects = 1000;
  const Scope scope(vm);
  while (state.KeepRunningBatch(kObjects)) must(use.call<void>(kObjects), "use");
}
BENCHMARK(BM_ObjectOfClass);

void BM_CallScript_Unscoped(benchmark::State& state) {
  Runtime vm = make_vm();
  const Value empty = must(vm.eval("() => {}"), "eval");
  for (auto _ : state) benchmark::DoNotOptimize(empty.call<void>());
}
BENCHMARK(BM_CallScript_Unscoped);

void BM_AwaitDeferred(benchmark::State& state) {
  Runtime vm = make_vm();
  must(vm.set("soon",
              [](Context& context) -> Result<Deferred<int>> {
                auto deferred = context.deferred<int>("soon");
                if (deferred) deferred->resolve(1);
                return deferred;
              }),
       "set");
  const Value soon = must(vm.get("soon"), "get");
  const Scope scope(vm);
  for (auto _ : state) {
    const Value promise = must(soon.call(), "call");
    benchmark::DoNotOptimize(vm.await<int>(promise));
  }
}
BENCHMARK(BM_AwaitDeferred);

}  // namespace
}  // namespace sandglass::bench

BENCHMARK_MAIN();
