// What the programs that extract.mjs makes of documents stand on: running blocks, showing values,
// checking tables.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <ranges>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <vector>

#include <sandglass/sandglass.h>

namespace docs {

inline int failures = 0;

inline void fail(const std::source_location& where, std::string_view what) {
  ++failures;
  std::cerr << where.file_name() << ':' << where.line() << ": " << what << '\n';
}

/// A VM as the documents assume one: its console is standard output, and time is no concern.
inline sandglass::Runtime make_runtime() {
  sandglass::Options options;
  options.limits.wall_time = std::chrono::seconds{120};
  options.console = [](sandglass::ConsoleStream, std::string_view text) { std::cout << text; };
  return sandglass::Runtime::create(std::move(options)).value();
}

// What `// -> text` says of a value.

template <class T>
std::string show(const T& value);

inline std::string show_number(double value) {
  if (value != value) return "NaN";
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

template <class T>
std::string show_result(const sandglass::Result<T>& result) {
  if (!result) return describe(result.error());
  if constexpr (std::is_void_v<T>) {
    return "ok";
  } else {
    return show(*result);
  }
}
template <class T>
std::string show_result(const std::optional<T>& value) {
  return value ? show(*value) : "nullopt";
}

template <class Range>
std::string show_range(const Range& range) {
  std::string text;
  for (const auto& element : range) text += (text.empty() ? "" : ", ") + show(element);
  return "[" + text + "]";
}

template <class T>
std::string show(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T> && requires { to_string(value); }) {
    return std::string(to_string(value));
  } else if constexpr (std::is_arithmetic_v<T> && sizeof(T) == 1) {
    return std::to_string(static_cast<int>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return show_number(value);
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (std::is_same_v<T, sandglass::Value>) {
    return show_result(value.to_display());
  } else if constexpr (std::is_same_v<T, sandglass::Error>) {
    return describe(value);
  } else if constexpr (requires { show_result(value); }) {
    return show_result(value);
  } else if constexpr (std::ranges::range<T>) {
    return show_range(value);
  } else {
    return "(value)";
  }
}

template <class T>
void expect(std::string_view text, const T& value,
            const std::source_location& where = std::source_location::current()) {
  if (const std::string shown = show(value); shown != text) {
    fail(where, "this is\n  " + shown + "\nand not\n  " + std::string(text));
  }
}

// Blocks.

struct Block {
  const char* place;
  void (*body)();
  bool run;
  std::vector<std::string> prints;
};

/// What `body` writes to standard output.
inline std::string output_of(void (*body)()) {
  std::cout.flush();
  std::fflush(stdout);
  std::FILE* file = std::tmpfile();
  const int kept = dup(STDOUT_FILENO);
  if (file == nullptr || kept < 0 || dup2(fileno(file), STDOUT_FILENO) < 0) {
    throw std::system_error(errno, std::generic_category(), "standard output");
  }
  std::exception_ptr escaped;
  try {
    body();
  } catch (...) {
    escaped = std::current_exception();
  }
  std::cout.flush();
  std::fflush(stdout);
  dup2(kept, STDOUT_FILENO);
  close(kept);
  std::rewind(file);
  std::string text;
  std::array<char, 4096> buffer;
  while (const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), file)) {
    text.append(buffer.data(), read);
  }
  std::fclose(file);
  if (escaped) std::rethrow_exception(escaped);
  return text;
}

inline void run_block(const Block& block) {
  const auto complain = [&](std::string_view what) {
    ++failures;
    std::cerr << block.place << ": " << what << '\n';
  };
  std::string output;
  try {
    output = output_of(block.body);
  } catch (const std::bad_expected_access<sandglass::Error>& error) {
    return complain("an error escapes: " + describe(error.error()));
  } catch (const std::exception& error) {
    return complain(std::string("an exception escapes: ") + error.what());
  }
  std::string expected;
  for (const std::string& line : block.prints) expected += line + '\n';
  if (!block.prints.empty() && output != expected) {
    complain("this prints\n" + output + "and not\n" + expected);
  }
}

inline int run(const std::vector<Block>& blocks) {
  for (const Block& block : blocks) {
    if (block.run) run_block(block);
  }
  if (failures != 0) std::cerr << failures << " claims are wrong\n";
  return failures == 0 ? 0 : 1;
}

// Tables.

/// Subject of this check, then the cells of the row.
using Row = std::vector<std::string>;

/// Each `piece of code` in a cell.
inline std::vector<std::string> code_in(std::string_view cell) {
  std::vector<std::string> pieces;
  for (;;) {
    const std::size_t begin = cell.find('`');
    if (begin == std::string_view::npos) return pieces;
    const std::size_t end = cell.find('`', begin + 1);
    pieces.emplace_back(cell.substr(begin + 1, end - begin - 1));
    cell.remove_prefix(end + 1);
  }
}

/// `inspect(value)`: the value as one would write it; `kind(value)`: what it is, in a word;
/// `outcome(f)`: what f() gives, inspected, or "throws TypeError".
inline constexpr std::string_view kPrelude = R"js(
  function kind(x) {
    if (x === null) return 'null';
    if (typeof x !== 'object') return typeof x;
    if (Array.isArray(x)) return 'array';
    const name = Object.getPrototypeOf(x)?.constructor?.name ?? 'object';
    return name === 'Object' ? 'object' : name;
  }
  function inspect(x) {
    if (typeof x === 'string') return `'${x}'`;
    if (typeof x === 'bigint') return `${x}n`;
    if (Object.is(x, -0)) return '-0';
    if (x === null || typeof x !== 'object') return typeof x === 'function' ? 'function' : String(x);
    const list = (iterable) => Array.from(iterable, inspect).join(', ');
    if (Array.isArray(x)) return `[${list(x)}]`;
    if (x instanceof Map) return `Map {${Array.from(x, (e) => e.map(inspect).join(' => ')).join(', ')}}`;
    if (x instanceof Set) return `Set {${list(x)}}`;
    if (x instanceof Date) return `Date ${x.toISOString()}`;
    if (x instanceof Error) return `${x.name}: ${x.message}`;
    if (ArrayBuffer.isView(x)) return `${kind(x)} [${list(x)}]`;
    if (x instanceof ArrayBuffer) return `ArrayBuffer [${list(new Uint8Array(x))}]`;
    if (kind(x) !== 'object') return kind(x);
    return `{${Object.entries(x).map(([k, v]) => `${k}: ${inspect(v)}`).join(', ')}}`;
  }
  function outcome(f) {
    try { return inspect(f()); } catch (e) { return 'throws ' + e.name; }
  })js";

class TableCheck {
 public:
  explicit TableCheck(const Row& row, const std::source_location& where)
      : row_(row), where_(where) {
    runtime_.eval(kPrelude).value();
  }
  sandglass::Runtime& runtime() { return runtime_; }
  const std::string& cell(std::size_t column) const { return row_.at(column); }
  std::string eval(const std::string& source) {
    const auto text = runtime_.eval<std::string>(source);
    return text ? *text : describe(text.error());
  }
  void expect(std::string_view what, std::string_view expected, std::string_view got) {
    if (expected == got) return;
    fail(where_, row_.front() + ": " + std::string(what) + " is " + std::string(got) + ", not " +
                     std::string(expected));
  }

 private:
  const Row& row_;
  std::source_location where_;
  sandglass::Runtime runtime_ = make_runtime();
};

/// | parameter | takes | missing | undefined | null |: whether a function with that parameter takes
/// the arguments. A cell that begins with an error's name is that error, anything else says that
/// the argument is taken.
template <class P>
void parameter(const Row& row,
               const std::source_location& where = std::source_location::current()) {
  TableCheck check(row, where);
  check.runtime().set("f", [](P) {}).value();
  const auto expect = [&](const std::string& argument, const std::string& cell) {
    const bool fails = cell.starts_with("TypeError") || cell.starts_with("RangeError");
    check.expect("f(" + argument + ")",
                 fails ? "throws " + cell.substr(0, cell.find(' ')) : "undefined",
                 check.eval("outcome(() => f(" + argument + "))"));
  };
  for (const std::string& argument : code_in(check.cell(2))) expect(argument, "taken");
  expect("", check.cell(3));
  expect("undefined", check.cell(4));
  expect("null", check.cell(5));
}

/// | type | for example | the script gets |: what a function that returns the example gives.
template <class F>
void result(const Row& row, F function,
            const std::source_location& where = std::source_location::current()) {
  TableCheck check(row, where);
  check.runtime().set("f", std::move(function)).value();
  std::string expected = check.cell(3);
  std::erase(expected, '`');
  check.expect("the result", expected, check.eval("outcome(f)"));
}

/// | expression that throws | the script sees |: class and code of the error.
template <class F>
void exception(const Row& row, F function,
               const std::source_location& where = std::source_location::current()) {
  TableCheck check(row, where);
  check.runtime().set("f", [function]() -> int { throw function(); }).value();
  std::string expected = check.cell(2);
  std::erase(expected, '`');
  const std::string got = check.eval(
      "try { f() } catch (e) { e.constructor.name + (e.code === undefined ? '' : `, code "
      "'${e.code}'`) }");
  check.expect("it", expected, got);
}

/// | JavaScript | to_string | to_number | to_boolean | to_json | to_display | summary |: what each
/// gives, or the class of the error.
inline void rules(const Row& row,
                  const std::source_location& where = std::source_location::current()) {
  TableCheck check(row, where);
  const sandglass::Value value = check.runtime().eval(row.front()).value();
  const auto expect = [&](std::string_view what, std::size_t column, const auto& got) {
    check.expect(what, check.cell(column), got ? show(*got) : got.error().name);
  };
  expect("to_string", 2, value.to_string());
  expect("to_number", 3, value.to_number());
  expect("to_boolean", 4, value.to_boolean());
  expect("to_json", 5, value.to_json());
  expect("to_display", 6, value.to_display());
  expect("summary", 7, value.summary());
}

/// | C++ | JavaScript | takes | TypeError | RangeError |: what as<T>() makes of the examples, and
/// what kind of value each becomes when it goes back.
template <class T>
void conversion(const Row& row,
                const std::source_location& where = std::source_location::current()) {
  TableCheck check(row, where);
  sandglass::Runtime& runtime = check.runtime();
  const std::string kinds = check.cell(2);
  for (const std::string& example : code_in(check.cell(3))) {
    const sandglass::Value value = runtime.eval("(" + example + ")").value();
    sandglass::Result<T> made = value.as<T>();
    check.expect(example, "taken", made ? "taken" : describe(made.error()));
    if constexpr (sandglass::ToJs<T> || requires(sandglass::Context& c, T t) {
                    sandglass::Convert<T>::to_js(c, std::move(t));
                  }) {
      if (!made) continue;
      const sandglass::Result<sandglass::Value> back = runtime.make(std::move(*made));
      if (!back) {
        check.expect(example + " on its way back", "a value", describe(back.error()));
        continue;
      }
      const std::string kind = runtime.get("kind")->call<std::string>(*back).value();
      if (kinds != "the same" && kinds.find(kind) == std::string::npos)
        check.expect(example + " on its way back", kinds, kind);
    }
  }
  for (const auto& [column, name] : {std::pair{4u, "TypeError"}, std::pair{5u, "RangeError"}}) {
    for (const std::string& example : code_in(check.cell(column))) {
      const sandglass::Value value = runtime.eval("(" + example + ")").value();
      const sandglass::Result<T> made = value.as<T>();
      check.expect(
          example, std::string("conversion ") + name,
          made ? "taken" : std::string(to_string(made.error().code)) + " " + made.error().name);
    }
  }
}

}  // namespace docs
