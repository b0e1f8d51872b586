#include "cli/selftest.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cli/units.h"
#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

using Microseconds = std::chrono::duration<double, std::micro>;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;

struct Size {
  std::uint64_t bytes;
  bool in_range;
};

constexpr std::array<Size, 11> kSizes{{
    {10'000, false},  // what the origin was first tried with
    {64 * kKiB, true},
    {128 * kKiB, true},
    {256 * kKiB, true},
    {379 * kKiB, true},  // where the origin broke
    {512 * kKiB, true},
    {1 * kMiB, true},
    {2 * kMiB, true},
    {4 * kMiB, true},
    {8 * kMiB, true},
    {16 * kMiB, true},
}};

constexpr int kRepetitions = 9;

constexpr std::string_view kOverflow = R"(
  var frames = 0;
  function descend() { frames++; descend(); }
  descend();
)";

struct Row {
  std::string stack;
  std::string frames = "-";
  std::string result;
  std::string time = "-";
  std::string usable = "-";
  bool as_it_should = false;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

double number_of(Runtime& runtime, std::string_view expression) {
  const Result<Value> value = runtime.eval(expression);
  return value ? value->to_number().value_or(0) : 0;
}

// Overflows again and again in one VM: the first overflow must not spoil the second.
void overflow(Runtime& runtime, Row& row) {
  std::vector<double> times;
  bool all_limits = true;
  bool all_usable = true;
  for (int i = 0; i < kRepetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const Result<Value> value = runtime.eval(kOverflow, {.file_name = "selftest.js"});
    times.push_back(Microseconds(std::chrono::steady_clock::now() - start).count());
    const bool is_limit = !value && value.error().code == Errc::stack_limit;
    if (i == 0 || !is_limit) {
      row.result = value ? "completed" : std::string(to_string(value.error().code));
    }
    all_limits = all_limits && is_limit;
    all_usable = all_usable && runtime.usable() && number_of(runtime, "1 + 1") == 2;
  }
  row.frames = fmt::format("{:.0f}", number_of(runtime, "frames"));
  row.time = fmt::format("{:.0f}", median(std::move(times)));
  row.usable = all_usable ? "yes" : "NO";
  row.as_it_should = all_limits && all_usable;
}

Row measure(const Size& size) {
  Row row;
  row.stack = size.bytes == 10'000 ? "10KB" : format_size(size.bytes);
  Options options;
  options.limits.stack_bytes = size.bytes;
  Result<Runtime> runtime = Runtime::create(std::move(options));
  if (!runtime) {
    const bool refused = runtime.error().code == Errc::invalid_argument;
    row.result = refused ? "refused: minimum is 64KiB" : describe(runtime.error());
    row.as_it_should = refused && !size.in_range;
    return row;
  }
  overflow(*runtime, row);
  row.as_it_should = row.as_it_should && size.in_range;
  return row;
}

void print(Output& out, const Row& row) {
  out.write(fmt::format("{:>8}  {:>8}  {:<26} {:>12}  {}\n", row.stack, row.frames, row.result,
                        row.time, row.usable));
}

}  // namespace

bool selftest(Output& out) {
  out.write(fmt::format("sandglass {}, {}\n", version(), engine_version()));
  out.write(fmt::format(
      "Endless recursion at each stack size, median of {} overflows of one VM.\n\n", kRepetitions));
  print(out, {"stack", "frames", "result", "microseconds", "VM usable", true});
  bool ok = true;
  for (const Size& size : kSizes) {
    const Row row = measure(size);
    print(out, row);
    ok = ok && row.as_it_should;
  }
  out.write(ok ? "\nok: every overflow was caught and every VM went on working\n"
               : "\nFAILED: at least one row is not as it should be\n");
  return ok;
}

}  // namespace sandglass::cli
