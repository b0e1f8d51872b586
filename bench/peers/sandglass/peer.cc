// The tasks of bench/peers on sandglass itself: peer '{"task": "create", "samples": 100}'. Prints
// one JSON object a line; the last one counts. See ../README.md for the protocol and the rules.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <expected>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sandglass/sandglass.h"

namespace sandglass::bench {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class T>
T must(Result<T> result) {
  if (!result) throw Failure(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

std::string source_of(const Json& request) {
  const auto file = request.at("file").get<std::string>();
  std::ifstream stream(file);
  if (!stream) throw Failure("cannot read " + file);
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Limits roomy() {
  return {.memory_bytes = std::uint64_t{512} << 20,
          .stack_bytes = std::uint64_t{512} << 10,
          .wall_time = std::chrono::minutes(2)};
}

Runtime create_vm(const Limits& limits = roomy()) {
  return must(Runtime::create({.limits = limits}));
}

std::string eval_to_string(const Runtime& vm, std::string_view source) {
  return must(must(vm.eval(source)).to_string());
}

/// What the evaluation failed with, or "none".
std::string error_of(const Runtime& vm, std::string_view source) {
  const auto value = vm.eval(source);
  return value ? "none" : describe(value.error());
}

bool usable(const Runtime& vm) {
  const auto value = vm.eval<double>("1 + 1");
  return value && *value == 2;
}

void tell(const Json& answer) {
  std::cout << answer.dump() << std::endl;
}

// Tasks.

Json info(const Json&) {
  return {{"versions", {{"sandglass", version()}, {"engine", engine_version()}}}};
}

Json script(const Json& request) {
  const std::string source = source_of(request);
  const Runtime vm = create_vm();
  Json answer;
  std::string program = source;
  if (request.contains("call")) {
    const auto begin = Clock::now();
    eval_to_string(vm, source);
    answer["load_ms"] = microseconds_since(begin) / 1000;
    program = request["call"].get<std::string>();
  }
  const std::string result = eval_to_string(vm, program);
  const auto runs = request.at("runs").get<std::size_t>();
  const double microseconds = request.at("seconds").get<double>() * 1e6;
  std::vector<double> times;
  const auto start = Clock::now();
  while (times.size() < runs && (times.size() < 3 || microseconds_since(start) < microseconds)) {
    const auto begin = Clock::now();
    const std::string again = eval_to_string(vm, program);
    times.push_back(microseconds_since(begin) / 1000);
    if (again != result) throw Failure("the result changed from " + result + " to " + again);
  }
  answer["times_ms"] = times;
  answer["result"] = result;
  return answer;
}

Json create(const Json& request) {
  const int samples = request.at("samples").get<int>();
  std::vector<double> create_us;
  std::vector<double> cycle_us;
  for (int i = -std::min(samples, 20); i < samples; ++i) {
    auto begin = Clock::now();
    double created = 0;
    {
      const Runtime vm = create_vm();
      created = microseconds_since(begin);
    }
    begin = Clock::now();
    {
      const Runtime vm = create_vm();
      if (eval_to_string(vm, "1+1") != "2") throw Failure("1+1 is not 2");
    }
    const double cycle = microseconds_since(begin);
    if (i < 0) continue;
    create_us.push_back(created);
    cycle_us.push_back(cycle);
  }
  return {{"create_us", create_us}, {"cycle_us", cycle_us}};
}

double time_loop(const Runtime& vm, const std::string& name, int calls) {
  const std::string count = std::to_string(calls);
  const std::string source = "(() => { let x = 0; for (let i = 0; i < " + count +
                             "; i++) x = " + name + "(x); return x; })()";
  const auto begin = Clock::now();
  const std::string result = eval_to_string(vm, source);
  const double nanoseconds = microseconds_since(begin) * 1000 / calls;
  if (result != count) throw Failure("the loop gave " + result);
  return nanoseconds;
}

double time_calls_from_host(const Runtime& vm, const Value& function, int calls) {
  const auto begin = Clock::now();
  Scope scope(vm);
  double x = 0;
  for (int i = 0; i < calls; ++i) x = must(function.call<double>(x));
  must(scope.close());
  const double nanoseconds = microseconds_since(begin) * 1000 / calls;
  if (x != calls) throw Failure("the calls gave " + std::to_string(x));
  return nanoseconds;
}

Json calls(const Json& request) {
  const int calls = request.at("calls").get<int>();
  const int samples = request.at("samples").get<int>();
  const Runtime vm = create_vm();
  must(vm.set("host", [](double x) { return x + 1; }));
  must(vm.eval("globalThis.plain = (x) => x + 1; 0"));
  const Value increment = must(vm.eval("(x) => x + 1"));
  std::vector<double> host;
  std::vector<double> plain;
  std::vector<double> from_host;
  for (int i = -1; i < samples; ++i) {
    const double host_ns = time_loop(vm, "host", calls);
    const double plain_ns = time_loop(vm, "plain", calls);
    const double from_host_ns = time_calls_from_host(vm, increment, calls);
    if (i < 0) continue;
    host.push_back(host_ns);
    plain.push_back(plain_ns);
    from_host.push_back(from_host_ns);
  }
  return {{"host_ns", host}, {"script_ns", plain}, {"from_host_ns", from_host}};
}

// Told first, and told again after the VM was dropped: dropping may end the process.
Json then_drop(Runtime vm, Json answer) {
  tell(answer);
  {
    const Runtime dropped = std::move(vm);
  }
  answer["dropped"] = true;
  return answer;
}

Json stack(const Json& request) {
  Limits limits = roomy();
  limits.stack_bytes = request.at("stack_bytes").get<std::uint64_t>();
  Runtime vm = create_vm(limits);
  std::vector<double> times;
  std::string error;
  for (int i = 0; i < request.at("samples").get<int>(); ++i) {
    const auto begin = Clock::now();
    error = error_of(vm, "(function descend() { return descend() + 1; })()");
    times.push_back(microseconds_since(begin));
    if (!usable(vm)) break;
  }
  Json answer = {{"times_us", times}, {"error", error}, {"usable", usable(vm)}};
  return then_drop(std::move(vm), std::move(answer));
}

std::int64_t kibibytes_of(const char* file, std::string_view key) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with(key)) return std::atoll(line.c_str() + key.size());
  }
  throw Failure(std::string(file) + " has no " + std::string(key));
}

std::int64_t resident_bytes() {
  return kibibytes_of("/proc/self/smaps_rollup", "Pss:") * 1024;
}
std::int64_t peak_bytes() {
  return kibibytes_of("/proc/self/status", "VmHWM:") * 1024;
}

Json memory(const Json& request) {
  const std::string source = source_of(request);
  Limits limits = roomy();
  limits.memory_bytes = request.at("limit_bytes").get<std::uint64_t>();
  Runtime vm = create_vm(limits);
  usable(vm);
  const std::int64_t before = peak_bytes();
  const auto begin = Clock::now();
  const std::string error = error_of(vm, source);
  const double ms = microseconds_since(begin) / 1000;
  Json answer = {
      {"ms", ms}, {"error", error}, {"usable", usable(vm)}, {"peak_bytes", peak_bytes() - before}};
  return then_drop(std::move(vm), std::move(answer));
}

Json timeout(const Json& request) {
  const std::string source = source_of(request);
  Limits limits = roomy();
  limits.wall_time = std::chrono::milliseconds(request.at("limit_ms").get<int>());
  Runtime vm = create_vm(limits);
  usable(vm);
  tell({{"begun", true}});
  const auto begin = Clock::now();
  const std::string error = error_of(vm, source);
  const double elapsed = microseconds_since(begin) / 1000;
  const bool at_once = usable(vm);
  // After a hard end the VM is healed by reset(), in microseconds.
  const bool healed = at_once || (vm.reset().has_value() && usable(vm));
  Json answer = {
      {"elapsed_ms", elapsed}, {"error", error}, {"usable", at_once}, {"healed", healed}};
  return then_drop(std::move(vm), std::move(answer));
}

Json density(const Json& request) {
  const int count = request.at("count").get<int>();
  std::vector<Runtime> vms;
  const auto add = [&] {
    vms.push_back(create_vm());
    eval_to_string(vms.back(), "1+1");
  };
  for (int i = 0; i < 4; ++i) add();
  const std::int64_t before = resident_bytes();
  for (int i = 0; i < count; ++i) add();
  const std::int64_t after = resident_bytes();
  return {{"bytes_per_vm", static_cast<double>(after - before) / count}, {"count", count}};
}

// Every request has a VM that no other has used. The ways to get one; each thread has its own
// `Once`, which does a request.
using Once = std::function<std::string()>;

Snapshot empty_snapshot() {
  return must(create_vm().snapshot());
}

Pool pool_of(const Snapshot& snapshot, std::size_t workers) {
  return must(Pool::create(snapshot, {.size = workers}));
}

// Gives what makes a thread's Once.
std::function<Once()> requests_by(std::string_view way, const std::string& source,
                                  std::size_t workers) {
  if (way == "new") {
    return [&] { return [&] { return eval_to_string(create_vm(), source); }; };
  }
  if (way == "reset") {
    return [&] {
      return [&source, kept = std::make_shared<Runtime>(create_vm())] {
        must(kept->reset());
        return eval_to_string(*kept, source);
      };
    };
  }
  if (way == "snapshot") {
    return [&source, snapshot = empty_snapshot()] {
      return [&source, snapshot] { return eval_to_string(must(Runtime::from(snapshot)), source); };
    };
  }
  if (way == "pool") {
    return [&source, pool = pool_of(empty_snapshot(), workers)] {
      return [&source, pool] { return must(pool.run<std::string>(source)); };
    };
  }
  if (way == "loaded") {
    Runtime vm = create_vm();
    must(vm.eval("globalThis.serve = () => " + source + " 0"));
    return [pool = pool_of(must(vm.snapshot()), workers)] {
      return [pool] { return must(pool.call<std::string>("serve")); };
    };
  }
  throw Failure("unknown way " + std::string(way));
}

double requests_per_second(const Once& once, const std::string& expected, double seconds) {
  const auto check = [&] {
    const std::string result = once();
    if (result != expected) throw Failure("a request gave " + result);
  };
  for (int i = 0; i < 20; ++i) check();
  double count = 0;
  const auto begin = Clock::now();
  while (microseconds_since(begin) < seconds * 1e6) {
    check();
    ++count;
  }
  return count / (microseconds_since(begin) / 1e6);
}

Json requests(const Json& request) {
  const std::string source = source_of(request);
  const auto expected = request.at("expected").get<std::string>();
  const auto seconds = request.at("seconds").get<double>();
  const auto workers = request.at("workers").get<std::size_t>();
  const auto make = requests_by(request.at("way").get<std::string>(), source, workers);
  std::vector<double> parts(workers);
  std::vector<std::string> failures(workers);
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < workers; ++i) {
      threads.emplace_back([&, i] {
        try {
          parts[i] = requests_per_second(make(), expected, seconds);
        } catch (const std::exception& error) {
          failures[i] = error.what();
        }
      });
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < workers; ++i) {
    if (!failures[i].empty()) throw Failure(failures[i]);
    sum += parts[i];
  }
  return {{"per_second", sum}};
}

Json answer(const Json& request) {
  const auto task = request.at("task").get<std::string>();
  constexpr std::pair<std::string_view, Json (*)(const Json&)> kTasks[] = {
      {"info", info},       {"script", script},   {"create", create},
      {"calls", calls},     {"stack", stack},     {"memory", memory},
      {"timeout", timeout}, {"density", density}, {"requests", requests}};
  for (const auto& [name, run] : kTasks) {
    if (name == task) return run(request);
  }
  throw Failure("unknown task " + task);
}

}  // namespace
}  // namespace sandglass::bench

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: sandglass_peer '{\"task\": \"create\", \"samples\": 100}'\n";
    return 2;
  }
  try {
    sandglass::bench::tell(sandglass::bench::answer(sandglass::bench::Json::parse(argv[1])));
    return 0;
  } catch (const std::exception& error) {
    sandglass::bench::tell({{"failed", error.what()}});
    return 1;
  }
}
