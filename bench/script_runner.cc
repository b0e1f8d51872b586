// Times scripts on sandglass, as bench/node/run.mjs does on the npm guest under Node.
//
//   script_runner [--json] [--runs N] script.js…
//
// Each run gets a fresh Runtime; the time is that of eval, jobs included, without creation of the
// VM. One run goes ahead of the timed ones. The completion value is the script's checksum; a run
// whose checksum differs from the first is an error. Limits are on, as they are for users, with
// room enough.
//
// --json prints one object, of the shape of run.mjs:
//   { "mode": "scripts", "sandglass": "0.1.0", "engine": "…", "guest_hash": "…", "compiler": "…",
//     "build_type": "Release", "pgo": true, "runs": 10,
//     "results": [{ "name": "sort", "min_ms": 1.5, "median_ms": 1.6, "checksum": "…" }] }
// Exit status: 0, 1 if a script failed (its result has "error" instead of figures), 2 for wrong
// usage.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <sched.h>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "support.h"

namespace sandglass::bench {
namespace {

using Json = nlohmann::ordered_json;

struct Arguments {
  bool json = false;
  int runs = 10;
  std::vector<std::string> files;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      arguments.json = true;
    } else if (word == "--runs" && i + 1 < argc) {
      const std::string_view number = argv[++i];
      const auto [end, error] =
          std::from_chars(number.data(), number.data() + number.size(), arguments.runs);
      if (error != std::errc() || end != number.data() + number.size() || arguments.runs < 1)
        return {};
    } else if (word.starts_with("--")) {
      return {};
    } else {
      arguments.files.emplace_back(word);
    }
  }
  if (arguments.files.empty()) return {};
  return arguments;
}

// A move to another core in the middle of a run costs its caches. Refused in some containers, which
// does no harm.
void stay_on_this_core() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

struct Run {
  double milliseconds;
  std::string checksum;
};

Result<Run> run_fresh(const std::string& source, const std::string& file) {
  Options options;
  options.limits.memory_bytes = std::uint64_t{512} << 20;
  options.limits.wall_time = std::chrono::minutes(2);
  auto runtime = Runtime::create(std::move(options));
  if (!runtime) return std::unexpected(runtime.error());
  const auto begin = Clock::now();
  const auto value = runtime->eval(source, {.file_name = file});
  const double milliseconds = seconds_since(begin) * 1000;
  if (!value) return std::unexpected(value.error());
  auto checksum = value->to_string();
  if (!checksum) return std::unexpected(checksum.error());
  return Run{milliseconds, std::move(*checksum)};
}

Json failed(const std::string& name, const std::string& why) {
  return {{"name", name}, {"error", why}};
}

Json measure(const std::string& file, int runs) {
  const std::string name = std::filesystem::path(file).stem();
  std::ifstream stream(file);
  if (!stream) return failed(name, "cannot read " + file);
  const std::string source{std::istreambuf_iterator<char>(stream), {}};
  const auto warm_up = run_fresh(source, file);
  if (!warm_up) return failed(name, describe(warm_up.error()));
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto run = run_fresh(source, file);
    if (!run) return failed(name, describe(run.error()));
    if (run->checksum != warm_up->checksum) {
      return failed(name, "checksum changed from " + warm_up->checksum + " to " + run->checksum);
    }
    times.push_back(run->milliseconds);
  }
  const double middle = median(times);  // sorts
  return {{"name", name},
          {"min_ms", times.front()},
          {"median_ms", middle},
          {"checksum", warm_up->checksum}};
}

void print(const std::vector<Json>& results) {
  std::printf("%-16s %9s %9s  checksum\n", "script", "min ms", "median ms");
  for (const Json& result : results) {
    const auto name = result["name"].get<std::string>();
    if (result.contains("error")) {
      std::printf("%-16s %s\n", name.c_str(), result["error"].get<std::string>().c_str());
    } else {
      std::printf("%-16s %9.1f %9.1f  %s\n", name.c_str(), result["min_ms"].get<double>(),
                  result["median_ms"].get<double>(), result["checksum"].get<std::string>().c_str());
    }
  }
}

int main(const Arguments& arguments) {
  stay_on_this_core();
  std::vector<Json> results;
  bool ok = true;
  for (const std::string& file : arguments.files) {
    results.push_back(measure(file, arguments.runs));
    ok = ok && !results.back().contains("error");
  }
  if (arguments.json) {
    const Json report = {{"mode", "scripts"},
                         {"sandglass", version()},
                         {"engine", engine_version()},
                         {"guest_hash", guest_hash()},
                         {"compiler", SANDGLASS_BENCH_COMPILER},
                         {"build_type", SANDGLASS_BENCH_BUILD_TYPE},
                         {"pgo", SANDGLASS_BENCH_PGO != 0},
                         {"runs", arguments.runs},
                         {"results", results}};
    std::cout << report.dump(2) << '\n';
  } else {
    print(results);
  }
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace sandglass::bench

int main(int argc, char** argv) {
  const auto arguments = sandglass::bench::parse(argc, argv);
  if (!arguments) {
    std::cerr << "usage: script_runner [--json] [--runs N] script.js…\n";
    return 2;
  }
  return sandglass::bench::main(*arguments);
}
