// What the benchmark programs share.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>
#include <vector>

#include "sandglass/sandglass.h"

namespace sandglass::bench {

using Clock = std::chrono::steady_clock;

/// Seconds, the unit of benchmark::State::SetIterationTime.
inline double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}
inline double seconds_since(Clock::time_point begin) {
  return seconds_between(begin, Clock::now());
}

/// A benchmark of something that fails is worth nothing: the process ends.
[[noreturn]] inline void fail(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) fail(what, describe(result.error()).c_str());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The sample that `fraction` of all samples do not exceed. Sorts `samples`, which must not be
/// empty.
inline double quantile(std::vector<double>& samples, double fraction) {
  std::ranges::sort(samples);
  const auto rank = static_cast<std::size_t>(fraction * static_cast<double>(samples.size()));
  return samples[std::min(rank, samples.size() - 1)];
}

/// The middle sample, or the mean of the two. Sorts `samples`, which must not be empty.
inline double median(std::vector<double>& samples) {
  std::ranges::sort(samples);
  const std::size_t half = samples.size() / 2;
  return samples.size() % 2 == 1 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
}

}  // namespace sandglass::bench
