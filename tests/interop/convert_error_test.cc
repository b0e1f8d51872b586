// Convert: errors as values, and the paths in messages.

#include <exception>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <typeinfo>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "../support.h"
#include "conversion.h"
#include "types.h"

namespace sandglass::test {
namespace {

using ErrorConversion = Conversion;
using ConversionPath = Conversion;

// Errors.

TEST_F(ErrorConversion, BecomesAnErrorObjectOfItsClass) {
  for (const std::string_view name : {"Error", "TypeError", "RangeError", "SyntaxError",
                                      "ReferenceError", "EvalError", "URIError", "InternalError"}) {
    ASSERT_TRUE(vm_.set("made", Error{.message = "m é", .name = std::string(name)}));
    EXPECT_TRUE(gives(vm_,
                      "`${made.constructor.name} ${made.name} ${made.message} ${typeof made.stack} "
                      "${'code' in made} ${'cause' in made} ${Object.keys(made).length}`",
                      fmt::format("{0} {0} m é string false false 0", name)));
    EXPECT_TRUE(value("made").is_error());
  }
}

TEST_F(ErrorConversion, KeepsNameCodeAndCause) {
  const auto root = std::make_shared<const Error>(Error{.message = "root", .name = "RangeError"});
  const auto cause =
      std::make_shared<const Error>(Error{.message = "middle", .name = "Error", .cause = root});
  ASSERT_TRUE(vm_.set(
      "made", Error{.message = "top", .name = "DiskError", .detail = "ENOENT", .cause = cause}));
  EXPECT_TRUE(gives(vm_,
                    "[made instanceof Error, made.name, made.message, made.code, "
                    "made.cause.message, made.cause.cause.name, String(made)].join('|')",
                    "true|DiskError|top|ENOENT|middle|RangeError|DiskError: top"));
}

TEST_F(ErrorConversion, ComesWithClassMessageCodeStackAndCause) {
  const Result<Error> error = value(R"((function maker() {
      const cause = new RangeError('inner', {cause: 'text'});
      return Object.assign(new TypeError('outer', {cause}), {code: 'E1'}) })())")
                                  .as<Error>();
  ASSERT_TRUE(error) << describe(error.error());
  EXPECT_EQ(error->code, Errc::threw);
  EXPECT_EQ(error->name, "TypeError");
  EXPECT_EQ(error->message, "outer");
  EXPECT_EQ(error->detail, "E1");
  EXPECT_NE(error->stack.find("maker"), std::string::npos) << error->stack;
  ASSERT_NE(error->cause, nullptr);
  EXPECT_EQ(describe(*error->cause), "threw: RangeError: inner");
  ASSERT_NE(error->cause->cause, nullptr);
  EXPECT_EQ(error->cause->cause->message, "text");
  EXPECT_EQ(error->cause->cause->cause, nullptr);
  EXPECT_EQ(value("new (class Mine extends Error { get name() { return 'Mine' } })('m')")
                .as<Error>()
                ->name,
            "Mine");
}

[[nodiscard]] int causes_of(const Error& error) {
  int count = 0;
  for (const Error* cause = error.cause.get(); cause != nullptr; cause = cause->cause.get())
    ++count;
  return count;
}

TEST_F(ErrorConversion, CausesComeEightLevelsDeep) {
  const std::string_view nest =
      "((n) => { let e = new Error('0'); for (let i = 1; i <= n; i++) "
      "e = new Error('' + i, {cause: e}); return e })";
  EXPECT_EQ(causes_of(*value(fmt::format("{}(7)", nest)).as<Error>()), 7);
  EXPECT_EQ(causes_of(*value(fmt::format("{}(8)", nest)).as<Error>()), 8);
  EXPECT_EQ(causes_of(*value(fmt::format("{}(9)", nest)).as<Error>()), 8);
  EXPECT_EQ(causes_of(*value("const e = new Error('loop'); e.cause = e; e").as<Error>()), 8);
}

TEST_F(ErrorConversion, CausesGoAtLeastEightLevelsDeep) {
  for (const int depth : {7, 8, 9, 20}) {
    Error error{.message = "0"};
    for (int i = 1; i <= depth; ++i) {
      error = Error{.message = std::to_string(i), .cause = std::make_shared<const Error>(error)};
    }
    ASSERT_TRUE(vm_.set("made", error));
    EXPECT_TRUE(gives(vm_,
                      "(() => { let n = 0; for (let e = made; e.cause; e = e.cause) n++; "
                      "return n >= 8 || n })()",
                      depth == 7 ? "7" : "true"))
        << depth;
  }
}

TEST_F(ErrorConversion, TakesErrorsOnly) {
  EXPECT_TRUE(refuses<Error>("({name: 'Error', message: 'm'})", "expected Error, got object"));
  EXPECT_TRUE(refuses<Error>("'text'", "expected Error, got string"));
  EXPECT_TRUE(refuses<Error>("Object.create(Error.prototype)", "expected Error, got object"));
  EXPECT_TRUE(refuses<Error>("null", "expected Error, got null"));
}

TEST_F(ErrorConversion, HostileErrorsAreRead) {
  const Result<Error> error =
      value(
          "Object.defineProperties(new Error('m'), {name: {get() { throw 1 }}, "
          "stack: {get() { throw 2 }}, cause: {get() { throw 3 }}})")
          .as<Error>();
  ASSERT_TRUE(error) << describe(error.error());
  EXPECT_EQ(error->message, "m");
  EXPECT_TRUE(works(vm_));
}

TEST_F(ErrorConversion, AMessageThatIsNoStringIsNotCoerced) {
  static_cast<void>(value("Object.assign(new Error('m'), {message: {toString: hit}, "
                          "code: {toString: hit}})")
                        .as<Error>());
  EXPECT_TRUE(gives(vm_, "hits", "0"));
}

TEST_F(ErrorConversion, ExceptionPointersCrossAsErrors) {
  EXPECT_TRUE(becomes(std::exception_ptr(), "null"));
  EXPECT_EQ(*value("null").as<std::exception_ptr>(), nullptr);
  EXPECT_EQ(*value("undefined").as<std::exception_ptr>(), nullptr);
  ASSERT_TRUE(vm_.set("made", std::make_exception_ptr(std::out_of_range("too far"))));
  EXPECT_TRUE(gives(vm_, "`${made.constructor.name} ${made.message}`", "RangeError too far"));
  const auto pointer = value("new TypeError('mine')").as<std::exception_ptr>();
  ASSERT_TRUE(pointer);
  try {
    std::rethrow_exception(*pointer);
    FAIL() << "nothing was thrown";
  } catch (const ScriptError& error) {
    EXPECT_EQ(error.error().name, "TypeError");
    EXPECT_EQ(error.error().message, "mine");
    EXPECT_STREQ(error.what(), "threw: TypeError: mine");
  }
  EXPECT_TRUE(refuses<std::exception_ptr>("'x'", "expected Error, got string"));
}

TEST_F(ErrorConversion, ErrorCodesBecomeErrorsWithACode) {
  EXPECT_TRUE(becomes(std::error_code(), "null"));
  ASSERT_TRUE(vm_.set("made", std::make_error_code(std::errc::no_such_file_or_directory)));
  EXPECT_TRUE(gives(vm_, "[made.constructor.name, made.code, made.message].join('|')",
                    "Error|generic:2|No such file or directory"));
}

TEST_F(ErrorConversion, AnErrorWithAStandardCodeIsAnErrorCodeAgain) {
  const std::error_code codes[] = {std::make_error_code(std::errc::no_such_file_or_directory),
                                   std::error_code(13, std::system_category()),
                                   std::error_code(-5, std::generic_category())};
  for (const std::error_code code : codes) {
    const Result<Value> made = vm_.make(code);
    ASSERT_TRUE(made) << describe(made.error());
    EXPECT_EQ(made->as<std::error_code>().value_or(std::error_code()), code) << code;
  }
  EXPECT_TRUE(comes("null", std::error_code()));
  EXPECT_TRUE(comes("Object.assign(new TypeError('m'), {code: 'system:13'})",
                    std::error_code(13, std::system_category())));
  EXPECT_TRUE(refuses<std::error_code>("undefined", "expected Error, got undefined"));
  EXPECT_TRUE(refuses<std::error_code>("2", "expected Error, got number"));
  for (const std::string_view code :
       {"'ENOENT'", "'generic:'", "'generic:2x'", "'generic: 2'", "'generic:99999999999'", "':2'",
        "''", "'mine:2'", "'generic:2\\0'", "'iostream:1'", "5", "undefined"}) {
    const Error error =
        error_of(value(fmt::format("Object.assign(new Error('m'), {{code: {}}})", code))
                     .as<std::error_code>());
    EXPECT_EQ(error.code, Errc::conversion) << code;
    EXPECT_EQ(error.name, "TypeError") << code;
  }
}

TEST_F(ErrorConversion, EveryKindOfExceptionHasItsClass) {
  const auto name_of = [](auto exception) {
    return sandglass::error_of(std::make_exception_ptr(std::move(exception))).name;
  };
  EXPECT_EQ(name_of(std::invalid_argument("x")), "TypeError");
  EXPECT_EQ(name_of(std::bad_cast()), "TypeError");
  EXPECT_EQ(name_of(std::out_of_range("x")), "RangeError");
  EXPECT_EQ(name_of(std::length_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::range_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::overflow_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::underflow_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::domain_error("x")), "RangeError");
  EXPECT_EQ(name_of(std::bad_alloc()), "InternalError");
  EXPECT_EQ(name_of(std::runtime_error("x")), "Error");
  EXPECT_EQ(name_of(std::logic_error("x")), "Error");
  const Error system = sandglass::error_of(std::make_exception_ptr(
      std::system_error(std::make_error_code(std::errc::permission_denied), "opening")));
  EXPECT_EQ(system.name, "Error");
  EXPECT_EQ(system.detail, "generic:13");
  EXPECT_TRUE(system.message.starts_with("opening")) << system.message;
  const Error own{.message = "mine", .name = "SyntaxError", .detail = "D"};
  const Error back = sandglass::error_of(std::make_exception_ptr(ScriptError(own)));
  EXPECT_EQ(describe(back), describe(own));
  EXPECT_EQ(back.detail, "D");
  EXPECT_EQ(sandglass::error_of(std::make_exception_ptr(42)).code, Errc::threw);
  EXPECT_FALSE(sandglass::error_of(std::make_exception_ptr(42)).message.empty());
}

TEST_F(ErrorConversion, NestedExceptionsAreCauses) {
  std::exception_ptr outer;
  try {
    try {
      throw std::out_of_range("inner");
    } catch (...) {
      std::throw_with_nested(std::invalid_argument("outer"));
    }
  } catch (...) {
    outer = std::current_exception();
  }
  ASSERT_TRUE(vm_.set("made", outer));
  EXPECT_TRUE(gives(vm_, "`${made} <- ${made.cause}`", "TypeError: outer <- RangeError: inner"));
}

// Paths.

TEST_F(ConversionPath, NamesThePlaceInsideOfTheValue) {
  const Value globals = value(R"(({user: {name: 'u', colour: 'red', friends: [
      {name: 'a'}, {name: 'b'}, {name: 'c'}, {name: 4}]}}))");
  EXPECT_EQ(describe(error_of(globals.as<Account>())),
            "conversion: user.friends[3].name: expected string, got number");
  EXPECT_EQ(error_of(globals.as<Account>()).path, "user.friends[3].name");
  EXPECT_EQ(describe(error_of(globals.get<User>("user"))),
            "conversion: user.friends[3].name: expected string, got number");
  EXPECT_EQ(describe(error_of(globals.as<Account>("body"))),
            "conversion: body.user.friends[3].name: expected string, got number");
  const Value list = value("[[1, 2], [3, 'x']]");
  EXPECT_EQ(describe(error_of(list.as<std::vector<std::vector<int>>>("matrix"))),
            "conversion: matrix[1][1]: expected int32, got string");
  EXPECT_EQ(describe(error_of(list.get<std::vector<int>>(1))),
            "conversion: [1][1]: expected int32, got string");
  ASSERT_TRUE(vm_.eval("globalThis.config = {limits: {cpu: -1}}"));
  using Config = std::map<std::string, std::map<std::string, unsigned>>;
  EXPECT_EQ(describe(error_of(vm_.get<Config>("config"))),
            "conversion: config.limits.cpu: -1 is not a uint32");
}

TEST_F(ConversionPath, IsToldOfValuesThatCannotBecomeJavaScriptToo) {
  const User user{"u", {{"a", 1}, {"\xff", 2}}, Colour::red};
  const Error error = error_of(vm_.make(user));
  EXPECT_EQ(error.code, Errc::conversion);
  EXPECT_EQ(error.path, "friends[1].name");
  EXPECT_EQ(error_of(vm_.make(std::vector<std::string>{"ok", "\xff"})).path, "[1]");
  EXPECT_EQ(error_of(vm_.make(std::map<std::string, std::string>{{"key", "\xff"}})).path, "key");
  EXPECT_EQ(error_of(value("() => 1").call(1, user)).path, "argument 2.friends[1].name");
}

TEST_F(ConversionPath, TheScriptSeesItInTheMessage) {
  ASSERT_TRUE(vm_.set("greet", [](const User& user) { return user.name; }));
  EXPECT_TRUE(gives(vm_,
                    "try { greet({name: 'u', friends: [{}]}) } catch (e) { `${e.name}: "
                    "${e.message}` }",
                    "TypeError: argument 1.friends[0].name: expected string, got undefined"));
}

TEST_F(ConversionPath, IsEmptyForWhatScriptCodeThrows) {
  const Error error = error_of(
      value("({user: {name: 'u', get friends() { throw new Error('mine') }}})").as<Account>());
  EXPECT_EQ(describe(error), "threw: Error: mine");
  EXPECT_TRUE(error.path.empty());
}

}  // namespace
}  // namespace sandglass::test
