#include "corpus.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <fmt/format.h>

#include "../support.h"

namespace sandglass::test {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "tests/hostile: %s\n", why.c_str());
  std::exit(2);
}

/// What stands after `// <key>:` in the comment lines at the top of `source`.
[[nodiscard]] std::optional<std::string> header(const std::string& source, std::string_view key) {
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line) && line.starts_with("//");) {
    const std::string start = fmt::format("// {}:", key);
    if (!line.starts_with(start)) continue;
    std::string value = line.substr(start.size());
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(" \r") + 1);
    return value;
  }
  return std::nullopt;
}

[[nodiscard]] std::optional<Errc> code_named(std::string_view name) {
  for (int i = static_cast<int>(Errc::syntax); i <= static_cast<int>(Errc::closed); ++i) {
    if (to_string(static_cast<Errc>(i)) == name) return static_cast<Errc>(i);
  }
  return std::nullopt;
}

[[nodiscard]] std::uint64_t bytes_in(const std::string& text, const std::string& file) {
  char* unit = nullptr;
  const std::uint64_t count = std::strtoull(text.c_str(), &unit, 10);
  const std::string_view suffix = unit;
  if (suffix == "KiB") return count * kKiB;
  if (suffix == "MiB") return count * kMiB;
  if (suffix == "GiB") return count * kGiB;
  give_up(file + ": unreadable memory: " + text);
}

[[nodiscard]] HostileScript parse(const fs::path& path) {
  HostileScript script;
  script.name = path.stem().string();
  script.source = read_file(path.string());
  script.is_module = path.extension() == ".mjs";
  const std::string file = path.filename().string();

  const std::optional<std::string> expect = header(script.source, "expect");
  if (!expect) give_up(file + ": no '// expect:' line");
  std::istringstream codes(*expect);
  for (std::string name; std::getline(codes, name, '|');) {
    const std::optional<Errc> code = code_named(name);
    if (name == "ok") {
      script.may_complete = true;
    } else if (code) {
      script.codes.push_back(*code);
    } else {
      give_up(file + ": unknown code in expect: " + name);
    }
  }

  const std::string then = header(script.source, "then").value_or("any");
  if (then == "usable") {
    script.then = HostileScript::Then::usable;
  } else if (then == "faulted") {
    script.then = HostileScript::Then::faulted;
  } else if (then != "any") {
    give_up(file + ": unknown then: " + then);
  }
  script.awaits_completion = header(script.source, "await") == "completion";
  if (const std::optional<std::string> memory = header(script.source, "memory")) {
    script.memory_bytes = bytes_in(*memory, file);
  }
  return script;
}

}  // namespace

bool HostileScript::allows(Errc code) const {
  return std::ranges::find(codes, code) != codes.end();
}

std::string HostileScript::expectation() const {
  std::string text = may_complete ? "ok" : "";
  for (const Errc code : codes) text += (text.empty() ? "" : "|") + std::string(to_string(code));
  return text + (then == Then::usable    ? ", then usable"
                 : then == Then::faulted ? ", then faulted"
                                         : "");
}

std::vector<HostileScript> hostile_scripts(std::string_view folder) {
  std::vector<HostileScript> scripts;
  std::error_code error;
  for (const fs::directory_entry& entry :
       fs::directory_iterator(fs::path(SANDGLASS_HOSTILE_DIR) / folder, error)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".js" || extension == ".mjs") scripts.push_back(parse(entry.path()));
  }
  if (scripts.empty()) give_up(fmt::format("no scripts in {}", folder));
  std::ranges::sort(scripts, {}, &HostileScript::name);
  return scripts;
}

::testing::AssertionResult ended_as_expected(const HostileScript& script,
                                             const Result<Value>& result) {
  const auto failure = [&] {
    return ::testing::AssertionFailure()
           << script.name << " gave " << outcome(result).substr(0, 300) << "\n  expected "
           << script.expectation();
  };
  if (result) return script.may_complete ? ::testing::AssertionSuccess() : failure();
  const Error& error = result.error();
  // A SyntaxError that the script's own eval() throws counts as `syntax`.
  const bool syntax =
      error.code == Errc::threw && error.name == "SyntaxError" && script.allows(Errc::syntax);
  if (!script.allows(error.code) && !syntax) return failure();
  if (script.then == HostileScript::Then::usable && !error.vm_usable)
    return failure() << "; it is faulted";
  if (script.then == HostileScript::Then::faulted && error.vm_usable)
    return failure() << "; it is usable";
  return ::testing::AssertionSuccess();
}

Result<Value> run(Runtime& runtime, const HostileScript& script) {
  return runtime.eval(script.source,
                      {.file_name = script.name,
                       .kind = script.is_module ? SourceKind::module : SourceKind::script});
}

void PrintTo(const HostileScript& script, std::ostream* out) {
  *out << script.name;
}

std::string script_name(const ::testing::TestParamInfo<HostileScript>& info) {
  std::string name = info.param.name;
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

}  // namespace sandglass::test
