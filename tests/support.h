#pragma once

// What the tests of the public API share: making VMs, saying in one line what a script must come
// to, and asking whether a VM is still in order.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#if defined(__SANITIZE_THREAD__)
#define SANDGLASS_TEST_THREAD_SANITIZED 1
#elif defined(__SANITIZE_ADDRESS__)
#define SANDGLASS_TEST_ADDRESS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANDGLASS_TEST_THREAD_SANITIZED 1
#elif __has_feature(address_sanitizer)
#define SANDGLASS_TEST_ADDRESS_SANITIZED 1
#endif
#endif

namespace sandglass::test {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// A sanitizer slows the host side down, takes memory of its own, and replaces signal handlers.
#if defined(SANDGLASS_TEST_THREAD_SANITIZED)
inline constexpr bool kThreadSanitized = true;
#else
inline constexpr bool kThreadSanitized = false;
#endif
#if defined(SANDGLASS_TEST_ADDRESS_SANITIZED)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = kThreadSanitized;
#endif

/// Loop counts and thread counts for a plain build, divided by `by` under a sanitizer.
[[nodiscard]] constexpr int scaled(int count, int by = 10) {
  return kSanitized ? std::max(count / by, 1) : count;
}

/// No timing decides a test. This bound only tells "it was ended" from "it survived".
inline constexpr seconds kSurvived{5};

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

/// Limits that a busy machine cannot reach by accident, for tests of anything but time.
[[nodiscard]] inline Limits roomy() {
  Limits limits;
  limits.wall_time = seconds{120};
  return limits;
}

/// A VM. Creation is not what the caller tests, so that it fails is the end of the process.
[[nodiscard]] inline Runtime make_runtime(Options options) {
  Result<Runtime> made = Runtime::create(std::move(options));
  if (!made) {
    std::fprintf(stderr, "Runtime::create: %s\n", describe(made.error()).c_str());
    std::abort();
  }
  return std::move(*made);
}

[[nodiscard]] inline Runtime make_runtime(const Limits& limits = roomy()) {
  Options options;
  options.limits = limits;
  return make_runtime(std::move(options));
}

/// `source` as a JavaScript string literal.
[[nodiscard]] inline std::string js_string(std::string_view source) {
  std::string literal = "\"";
  for (const char c : source) {
    switch (c) {
      case '"':
        literal += "\\\"";
        break;
      case '\\':
        literal += "\\\\";
        break;
      case '\n':
        literal += "\\n";
        break;
      case '\r':
        literal += "\\r";
        break;
      default:
        literal += c;
    }
  }
  return literal + '"';
}

[[nodiscard]] inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot read %s\n", path.c_str());
    std::abort();
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What a run came to, in one line: the value as a string, or the error as logs show it.
[[nodiscard]] inline std::string outcome(const Result<Value>& result) {
  if (!result) return describe(result.error());
  Result<std::string> text = result->to_string();
  return text ? *text : "(value) " + describe(text.error());
}

/// The error of `result`; one without a code if there is none.
template <class T>
[[nodiscard]] Error error_of(const Result<T>& result) {
  return result ? Error{.code = Errc{}} : result.error();
}

/// Passes if `source` runs to its end and its value, as a string, is `expected`.
[[nodiscard]] inline ::testing::AssertionResult gives(Runtime& runtime, std::string_view source,
                                                      std::string_view expected,
                                                      EvalOptions options = {}) {
  const Result<Value> result = runtime.eval(source, options);
  const std::string got = outcome(result);
  if (result && got == expected) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << source.substr(0, 300) << "\n  gave " << got.substr(0, 1000) << "\n  not  " << expected;
}

/// Passes if `source` fails with `code`; `error` gets what it failed with.
[[nodiscard]] inline ::testing::AssertionResult fails(Runtime& runtime, std::string_view source,
                                                      Errc code, Error* error = nullptr,
                                                      EvalOptions options = {}) {
  const Result<Value> result = runtime.eval(source, options);
  if (!result && error != nullptr) *error = result.error();
  if (!result && result.error().code == code) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << source.substr(0, 300) << "\n  gave " << outcome(result).substr(0, 1000) << "\n  not  "
         << to_string(code);
}

/// Whether `error` only says that the machine had other things to do for longer than a short time
/// limit allows. A time limit that is reported before its time is not excused so.
[[nodiscard]] inline bool was_late(const Runtime& runtime, const Error& error,
                                   Clock::time_point start) {
  return error.code == Errc::time_limit &&
         Clock::now() - start >= runtime.limits().wall_time.value_or(nanoseconds::max());
}

/// Runs `run` (which returns a Result), and again if it was late.
template <class Run>
[[nodiscard]] auto patiently(Runtime& runtime, Run run) {
  for (int attempt = 0;; ++attempt) {
    const Clock::time_point start = Clock::now();
    auto result = run();
    if (result || !was_late(runtime, result.error(), start) || !runtime.usable() || attempt == 20)
      return result;
  }
}

/// Touches the parts of the engine that a run cut short is most likely to leave in disorder:
/// objects, the collector, JSON, regular expressions, sorting, maps, BigInt, generators, jobs.
inline constexpr std::string_view kSmoke = R"js((() => {
  const source = {list: [3, 1, 2], nested: {text: "a\u00e9\u{1f600}"}};
  const copy = JSON.parse(JSON.stringify(source));
  const match = /(\d+)-(?<word>\w+)/.exec("see 12-ab.");
  const map = new Map([["k", copy.list.sort().join("")]]);
  function* count() { for (let i = 0; i < 3; i++) yield i; }
  const cycle = {}; cycle.self = cycle;
  let caught = "";
  try { null.x; } catch (error) { caught = error.name; }
  globalThis.smoke = "job not run";
  Promise.resolve(7).then((seven) => { globalThis.smoke = "job " + seven; });
  return [copy.nested.text, match[1], match.groups.word, map.get("k"), [...count()].length,
          (2n ** 70n).toString(), "aXbX".replaceAll("X", () => "-"), caught,
          new Uint8Array([1, 2, 3]).reduce((a, b) => a + b)].join("|");
})())js";
inline constexpr std::string_view kSmokeResult =
    "aé😀|12|ab|123|3|1180591620717411303424|a-b-|TypeError|6";

/// Sources and what they must give, one after another.
using Steps = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Passes if the VM calls itself usable and gives what `steps` say. If it is cut off because it was
/// late, it is reset and gets another chance.
[[nodiscard]] inline ::testing::AssertionResult takes(Runtime& runtime, Steps steps) {
  if (!runtime.usable()) return ::testing::AssertionFailure() << "usable() is false";
  for (int attempt = 0;; ++attempt) {
    bool again = false;
    for (const auto& [source, expected] : steps) {
      const Clock::time_point start = Clock::now();
      const Result<std::string> text = patiently(runtime, [&]() -> Result<std::string> {
        const Result<Value> value = runtime.eval(source);
        if (!value) return std::unexpected(value.error());
        return value->to_string();
      });
      if (text && *text == expected) continue;
      again = !text && was_late(runtime, text.error(), start) && attempt < 20 && runtime.reset();
      if (again) break;
      return ::testing::AssertionFailure()
             << source.substr(0, 40) << " gave " << (text ? *text : describe(text.error()));
    }
    if (!again) return ::testing::AssertionSuccess();
  }
}

/// Passes if `1+1` is 2.
[[nodiscard]] inline ::testing::AssertionResult adds(Runtime& runtime) {
  return takes(runtime, {{"1+1", "2"}});
}

/// Passes if the VM is in order: `1+1` is 2, and objects, regular expressions, JSON and promises
/// work.
[[nodiscard]] inline ::testing::AssertionResult works(Runtime& runtime) {
  return takes(runtime, {{"1+1", "2"},
                         {kSmoke, kSmokeResult},
                         {"smoke", "job 7"},
                         {"delete globalThis.smoke", "true"}});
}

/// Passes if the VM answers `closed` to everything, and reset() brings it back.
[[nodiscard]] inline ::testing::AssertionResult faulted_and_reset_heals(Runtime& runtime) {
  if (runtime.usable()) return ::testing::AssertionFailure() << "usable() is true";
  const Result<Value> refused = runtime.eval("1+1");
  if (refused || refused.error().code != Errc::closed || refused.error().vm_usable) {
    return ::testing::AssertionFailure() << "eval on the faulted VM gave " << outcome(refused);
  }
  if (const Result<void> reset = runtime.reset(); !reset) {
    return ::testing::AssertionFailure() << "reset gave " << describe(reset.error());
  }
  return works(runtime);
}

/// Passes if the VM is in the state that `error` says: usable and in order, or faulted and healed
/// by reset().
[[nodiscard]] inline ::testing::AssertionResult as_reported(Runtime& runtime, const Error& error) {
  return error.vm_usable ? works(runtime) : faulted_and_reset_heals(runtime);
}

/// Runs `body`, which may use EXPECT_ and ASSERT_, in a forked child, so that what it does to its
/// process (memory, signal handlers) is its own. Passes if the body did and the child left in
/// order. For clean figures call it in a process that has made no VM yet, as each is that ctest
/// starts.
template <class Body>
[[nodiscard]] ::testing::AssertionResult in_child(Body body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    body();
    std::fflush(nullptr);
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    return ::testing::AssertionFailure() << "fork or waitpid failed";
  }
  if (WIFSIGNALED(status)) {
    return ::testing::AssertionFailure() << "the child died of signal " << WTERMSIG(status);
  }
  if (WEXITSTATUS(status) != 0) return ::testing::AssertionFailure() << "see the child's output";
  return ::testing::AssertionSuccess();
}

}  // namespace sandglass::test
