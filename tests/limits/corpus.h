#pragma once

// The corpus of hostile scripts (tests/hostile), read for value-parameterised tests. Its README
// tells what the folders hold and what the header lines of a script mean.

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

namespace sandglass::test {

struct HostileScript {
  /// What the VM may be after the run.
  enum class Then { usable, faulted, any };

  std::string name;    ///< file name without its extension: "mutual_recursion"
  std::string source;  ///< the whole file
  bool is_module = false;

  /// From `// expect: ok|stack_limit`: ways in which the run may end. `ok` is to complete.
  std::vector<Errc> codes;
  bool may_complete = false;

  Then then = Then::any;  ///< from `// then:`
  /// From `// await: completion`: its completion value is a promise that carries the error.
  bool awaits_completion = false;
  std::optional<std::uint64_t> memory_bytes;  ///< from `// memory: 1GiB`: run it with that limit

  [[nodiscard]] bool allows(Errc code) const;
  /// The line of its header, for messages.
  [[nodiscard]] std::string expectation() const;
};

/// The scripts of `tests/hostile/<folder>`, by name. A script whose header cannot be read, or a
/// folder without scripts, ends the process: a test that is not run must not pass.
[[nodiscard]] std::vector<HostileScript> hostile_scripts(std::string_view folder);

/// Passes if `result` is one that the header of `script` allows, and says of the VM what it allows.
[[nodiscard]] ::testing::AssertionResult ended_as_expected(const HostileScript& script,
                                                           const Result<Value>& result);

/// How the tests run a script of the corpus: as a script or module under its own name, awaited.
[[nodiscard]] Result<Value> run(Runtime& runtime, const HostileScript& script);

/// Shown by GoogleTest when a test fails.
void PrintTo(const HostileScript& script, std::ostream* out);

/// Name of a parameterised test.
[[nodiscard]] std::string script_name(const ::testing::TestParamInfo<HostileScript>& info);

}  // namespace sandglass::test
