// What goes wrong with modules, and how it is told: missing ones, errors inside, loaders that
// misbehave.

#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "modules.h"

namespace sandglass::test {
namespace {

/// A loader made of functions that may do anything.
class Rogue final : public ModuleLoader {
 public:
  Rogue() { behave(); }
  void behave() {
    on_resolve = [](const ModuleRequest& request) { return std::string(request.specifier); };
    on_load = [](std::string_view) { return ModuleSource{.text = "export default 'rogue'"}; };
  }

  std::function<Result<std::string>(const ModuleRequest&)> on_resolve;
  std::function<Result<ModuleSource>(std::string_view)> on_load;

  Result<std::string> resolve(const ModuleRequest& request) override { return on_resolve(request); }
  Result<ModuleSource> load(std::string_view name) override { return on_load(name); }
};

// What goes wrong.

using ModuleError = WithModules;

TEST_F(ModuleError, MissingModuleTellsWhoAskedAndWhatWasTried) {
  have({{"app/uses.js", "import './util'"}});
  Error error;
  EXPECT_TRUE(fails(vm_, "import { a } from 'non-exist'", Errc::module_not_found, &error, kMain));
  EXPECT_EQ(error.message,
            "cannot find module 'non-exist' imported by 'main.js'; tried non-exist, non-exist.js, "
            "non-exist.mjs, non-exist.json, non-exist/index.js, non-exist/index.mjs");
  EXPECT_EQ(error.name, "ReferenceError");
  EXPECT_EQ(error.detail, "ERR_MODULE_NOT_FOUND");
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(fails(vm_, "import 'app/uses.js'", Errc::module_not_found, &error, kMain));
  EXPECT_NE(error.message.find("'./util' imported by 'app/uses.js'; tried app/util, app/util.js"),
            std::string::npos)
      << error.message;
  EXPECT_EQ(error_of(vm_.import("./gone.js", "app/x.js")).code, Errc::module_not_found);
  EXPECT_TRUE(works(vm_));
}

TEST_F(ModuleError, MissingModuleIsAReferenceErrorWithACodeInTheScript) {
  have({});
  EXPECT_TRUE(gives(vm_, R"js(
    let e;
    try { await import('./missing.js') } catch (caught) { e = caught }
    [e instanceof ReferenceError, e.name, e.code,
     e.message.startsWith("cannot find module './missing.js'")].join()
  )js",
                    "true,ReferenceError,ERR_MODULE_NOT_FOUND,true", kAwait));
}

TEST_F(ModuleError, WithoutALoaderNothingIsFound) {
  Error error;
  EXPECT_TRUE(fails(vm_, "import 'x'", Errc::module_not_found, &error, kMain));
  EXPECT_NE(error.message.find("no module loader"), std::string::npos) << error.message;
  EXPECT_EQ(error_of(vm_.import("x")).code, Errc::module_not_found);
  EXPECT_TRUE(gives(vm_, "await import('x').catch((e) => e.code)", "ERR_MODULE_NOT_FOUND", kAwait));
}

TEST_F(ModuleError, ForgedCodeIsAnOrdinaryException) {
  have({{"forges.js",
         "throw Object.assign(new ReferenceError('forged'), { code: 'ERR_MODULE_NOT_FOUND' })"}});
  EXPECT_TRUE(fails(vm_, "import './forges.js'", Errc::threw, nullptr, kMain));
  EXPECT_TRUE(fails(vm_, "throw { code: 'ERR_MODULE_NOT_FOUND' }", Errc::threw));
}

TEST_F(ModuleError, CaughtOneIsNotReported) {
  have({});
  EXPECT_TRUE(
      gives(vm_, "try { await import('./missing.js') } catch {} 'went on'", "went on", kAwait));
  EXPECT_TRUE(fails(vm_, "try { await import('./missing.js') } catch {} throw new Error('other')",
                    Errc::threw, nullptr, kAwait))
      << "another error is not taken for it";
}

TEST_F(ModuleError, SyntaxErrorInADependencyIsToldThere) {
  have({{"good.js", "import './bad.js'"},
        {"bad.js", "export const fine = 1;\n\texport const a = 1 + (;\n"}});
  Error error;
  EXPECT_TRUE(fails(vm_, "import './good.js'", Errc::syntax, &error, kMain));
  EXPECT_EQ(error.name, "SyntaxError");
  ASSERT_TRUE(error.location) << error.stack;
  EXPECT_EQ(error.location->file, "bad.js");
  EXPECT_EQ(error.location->line, 2U);
  EXPECT_EQ(error.location->column, 24U);
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
}

TEST_F(ModuleError, SyntaxErrorInADependencyShowsItsLine) {
  have({{"bad.js", "export const fine = 1;\n\texport const a = 1 + (;\n"}});
  const Error error = error_in(vm_, "import './bad.js'");
  ASSERT_TRUE(error.location) << error.stack;
  EXPECT_EQ(error.location->text, "\texport const a = 1 + (;");
  const std::string shown =
      "  --> bad.js:2:24\n 2 | \texport const a = 1 + (;\n   | \t" + std::string(22, ' ') + "^";
  EXPECT_NE(error.pretty().find(shown), std::string::npos) << error.pretty();
}

TEST_F(ModuleError, SyntaxErrorOfAnImportFromCppIsASyntaxError) {
  have({{"uses.js", "import './bad.js'"}, {"bad.js", "export const a = 1 + (;"}});
  for (const std::string_view name : {"bad.js", "uses.js"}) {
    const Error error = error_of(vm_.import(name));
    EXPECT_EQ(error.code, Errc::syntax) << describe(error);
    EXPECT_EQ(error.name, "SyntaxError");
    ASSERT_TRUE(error.location);
    EXPECT_EQ(error.location->file, "bad.js");
  }
}

TEST_F(ModuleError, SyntaxErrorOfADynamicImportCanBeCaught) {
  have({{"bad.js", "export const a = 1 + (;"}});
  EXPECT_TRUE(gives(vm_, "await import('./bad.js').catch((e) => e instanceof SyntaxError)", "true",
                    kAwait));
}

TEST_F(ModuleError, ThrowInADependencyIsToldThere) {
  have({{"lib.js",
         "export function check(n) {\n  if (n > 1)\n    throw new RangeError('too much');\n}\n"},
        {"dep.js", "import { check } from './lib.js';\ncheck(2);"}});
  Error error;
  EXPECT_TRUE(fails(vm_, "import './dep.js'", Errc::threw, &error, kMain));
  EXPECT_EQ(describe(error), "threw: RangeError: too much");
  ASSERT_TRUE(error.location);
  EXPECT_EQ(error.location->file, "lib.js");
  EXPECT_EQ(error.location->line, 3U);
  EXPECT_EQ(error.location->text, "    throw new RangeError('too much');");
  EXPECT_NE(error.stack.find("at check (lib.js:3:"), std::string::npos) << error.stack;
  EXPECT_NE(error.stack.find("dep.js:2:"), std::string::npos) << error.stack;
  const std::string pretty = error.pretty();
  const std::string head = fmt::format(
      "threw: RangeError: too much\n  --> lib.js:3:{}\n 3 |     throw new RangeError('too "
      "much');\n   | {}^\n",
      error.location->column, std::string(error.location->column - 1, ' '));
  EXPECT_TRUE(pretty.starts_with(head)) << pretty << "\nnot\n" << head;
  const std::uint32_t column = error.location->column;
  EXPECT_TRUE(column >= 5 && column <= 30) << "the caret stands at the statement: " << pretty;
}

TEST_F(ModuleError, RejectionInADependencyIsTold) {
  have({{"late.js", "await null; null.x"}});
  Error error;
  EXPECT_TRUE(fails(vm_, "import './late.js'", Errc::threw, &error, kMain));
  EXPECT_EQ(error.name, "TypeError");
  ASSERT_TRUE(error.location);
  EXPECT_EQ(error.location->file, "late.js");
  EXPECT_EQ(error.location->text, "await null; null.x");
}

TEST_F(ModuleError, MissingExportIsASyntaxErrorThatNamesIt) {
  have({{"lib.js", "export const a = 1"},
        {"middle.js", "export { gone } from './lib.js'"},
        {"one.js", "export const x = 1"},
        {"two.js", "export const x = 2"},
        {"both.js", "export * from './one.js'; export * from './two.js'"}});
  for (const auto& [source, name] : {std::pair("import { absent } from './lib.js'", "absent"),
                                     std::pair("import d from './lib.js'", "default"),
                                     std::pair("import { gone } from './middle.js'", "gone"),
                                     std::pair("import { x } from './both.js'", "x"),
                                     std::pair("export { absent } from './lib.js'", "absent")}) {
    const Error error = error_in(vm_, source);
    EXPECT_EQ(error.name, "SyntaxError") << source << ": " << describe(error);
    EXPECT_NE(error.message.find(name), std::string::npos) << error.message;
  }
  EXPECT_EQ(export_of(vm_,
                      "import * as both from './both.js'; import { a } from './lib.js';"
                      "export default Object.keys(both).length + a"),
            "1")
      << "they do not spoil what imports them rightly";
}

TEST_F(ModuleError, FailedImportDoesNotSpoilALaterOne) {
  have({{"uses.js", "import dep from './dep.js'; export default 'uses ' + dep"},
        {"ok.js", "export default 'ok'"},
        {"broken.js", "export default ("}});
  Error error;
  EXPECT_TRUE(
      fails(vm_, "import './ok.js'; import './uses.js'", Errc::module_not_found, &error, kMain));
  EXPECT_EQ(export_of(vm_, "import ok from './ok.js'; export default ok"), "ok");
  EXPECT_TRUE(fails(vm_, "import './uses.js'", Errc::module_not_found, &error, kMain)) << "again";
  ASSERT_TRUE(modules_->add("dep.js", "export default 'dep'"));
  EXPECT_EQ(export_of(vm_, "import uses from './uses.js'; export default uses"), "uses dep");
  EXPECT_TRUE(fails(vm_, "import './broken.js'", Errc::syntax, &error, kMain));
  ASSERT_TRUE(modules_->add("broken.js", "export default 'mended'"));
  EXPECT_EQ(export_of(vm_, "import b from './broken.js'; export default b"), "mended");
  EXPECT_EQ(imported(vm_, "broken.js"), "mended");
}

TEST_F(ModuleError, FailedCycleDoesNotSpoilALaterOne) {
  have({{"a.js", "import { b } from './b.js'; export const a = 'a' + b"},
        {"b.js", "import './a.js'; import './missing.js'; export const b = 'b'"}});
  Error error;
  EXPECT_TRUE(fails(vm_, "import './a.js'", Errc::module_not_found, &error, kMain));
  EXPECT_TRUE(fails(vm_, "import './b.js'", Errc::module_not_found, &error, kMain));
  ASSERT_TRUE(modules_->add("missing.js", ""));
  EXPECT_EQ(export_of(vm_, "import { a } from './a.js'; export default a"), "ab");
}

TEST_F(ModuleError, ManyFailedImportsDoNotGrow) {
  have({{"bad.js", "export default (" + std::string(10'000, ' ')}});
  const auto fail = [&] {
    return outcome(vm_.eval(
        "await Promise.allSettled([import('./missing.js'), import('./bad.js')]); 1", kAwait));
  };
  for (int i = 0; i < 10; ++i) ASSERT_EQ(fail(), "1");
  ASSERT_TRUE(vm_.collect_garbage());
  const Stats before = vm_.stats();
  for (int i = 0; i < scaled(2000); ++i) ASSERT_EQ(fail(), "1");
  ASSERT_TRUE(vm_.collect_garbage());
  EXPECT_LT(vm_.stats().memory_bytes, before.memory_bytes + 64 * kKiB);
}

TEST_F(ModuleError, StackNamesModulesAcrossACallFromCpp) {
  have({{"lib/deep.js", "\n\nexport function deep() { return undefinedThing }"}});
  const Value space = vm_.import("lib/deep").value();
  const Error error = error_of(space.invoke("deep"));
  EXPECT_EQ(error.name, "ReferenceError");
  ASSERT_TRUE(error.location);
  EXPECT_EQ(error.location->file, "lib/deep.js");
  EXPECT_EQ(error.location->line, 3U);
}

// Loaders that misbehave.

using RogueLoader = WithModules;

TEST_F(RogueLoader, ExceptionsBecomeErrors) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  const std::vector<std::pair<std::function<void()>, std::string_view>> throwers = {
      {[] { throw std::invalid_argument("bad argument"); }, "TypeError: bad argument"},
      {[] { throw std::runtime_error("database is down"); }, "Error: database is down"},
      {[] { throw std::out_of_range("far"); }, "RangeError: far"},
      {[] { throw std::bad_alloc(); }, "InternalError: std::bad_alloc"},
      {[] { throw 42; }, "Error: the host threw something that is no std::exception"},
      {[] { throw ScriptError(Error{.message = "own", .name = "EvalError"}); }, "EvalError: own"},
  };
  for (const bool while_loading : {false, true}) {
    for (const auto& [throws, told] : throwers) {
      rogue->behave();
      if (while_loading) {
        rogue->on_load = [&throws](std::string_view) -> Result<ModuleSource> {
          throws();
          return ModuleSource{};
        };
      } else {
        rogue->on_resolve = [&throws](const ModuleRequest&) -> Result<std::string> {
          throws();
          return "";
        };
      }
      EXPECT_TRUE(gives(vm_,
                        "await import('x').then(() => 'loaded', (e) => `${e.name}: ${e.message}`)",
                        told, kAwait));
      Error error;
      EXPECT_TRUE(fails(vm_, "import 'x'", Errc::threw, &error, kMain));
      EXPECT_EQ(describe(error), "threw: " + std::string(told));
      EXPECT_FALSE(vm_.import("x"));
    }
  }
  rogue->behave();
  EXPECT_EQ(export_of(vm_, "import r from 'x'; export default r"), "rogue");
}

TEST_F(RogueLoader, ErrorsOfAnyKindAreTold) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  for (const Errc code :
       {Errc::syntax, Errc::threw, Errc::time_limit, Errc::memory_limit, Errc::interrupted,
        Errc::guest_fault, Errc::invalid_argument, Errc::closed, Errc::conversion}) {
    rogue->on_load = [code](std::string_view) -> Result<ModuleSource> {
      return std::unexpected(Error{.code = code, .message = "from the loader"});
    };
    const Error error = error_in(vm_, "import 'x'");
    EXPECT_NE(error.code, Errc{}) << to_string(code);
    EXPECT_NE(error.code, Errc::module_not_found) << to_string(code);
    EXPECT_NE(error.message.find("from the loader"), std::string::npos) << describe(error);
    EXPECT_TRUE(error.vm_usable) << to_string(code);
    EXPECT_TRUE(works(vm_)) << to_string(code);
  }
}

TEST_F(RogueLoader, NotFoundWhileLoadingIsNotFound) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  rogue->on_load = [](std::string_view) -> Result<ModuleSource> {
    return std::unexpected(Error{.code = Errc::module_not_found, .message = "it is gone"});
  };
  Error error;
  EXPECT_TRUE(fails(vm_, "import 'x'", Errc::module_not_found, &error, kMain));
  EXPECT_EQ(error.message, "it is gone");
}

TEST_F(RogueLoader, NamesThatAreNoneAreRefused) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  for (const std::string& name : {std::string(), std::string("a\0b", 3), std::string("\xff\xfe")}) {
    rogue->on_resolve = [&name](const ModuleRequest&) { return name; };
    const Error error = error_in(vm_, "import 'x'");
    EXPECT_NE(error.message.find("name"), std::string::npos) << describe(error);
    EXPECT_TRUE(error.vm_usable);
    EXPECT_FALSE(vm_.import("x"));
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(RogueLoader, StrangeNamesAreNames) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  rogue->on_load = [](std::string_view) {
    return ModuleSource{.text = "export default import.meta.url.length"};
  };
  for (const std::string& name :
       {std::string("a\nb"), std::string("x (y:1:2)"), std::string("é😀"),
        std::string(100'000, 'n'), std::string("<eval>"), std::string("main.js")}) {
    rogue->on_resolve = [&name](const ModuleRequest&) { return name; };
    const Result<Value> space = vm_.import("x");
    EXPECT_TRUE(space || space.error().vm_usable) << name.substr(0, 20) << outcome(space);
    EXPECT_TRUE(works(vm_)) << name.substr(0, 20);
  }
}

TEST_F(RogueLoader, TextThatIsNoneIsRefused) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  for (const auto& [text, told] : {std::pair(std::string("export default 'a\0b'", 21), "NUL"),
                                   std::pair(std::string("export default '\xff'"), "UTF-8"),
                                   std::pair(std::string(100 * kMiB, ' '), "memory_bytes")}) {
    for (const ModuleFormat format : {ModuleFormat::javascript, ModuleFormat::json}) {
      rogue->on_load = [&](std::string_view) {
        return ModuleSource{.format = format, .text = text};
      };
      const Error error = error_in(vm_, "import 'the_name'");
      EXPECT_NE(error.message.find(told), std::string::npos) << describe(error).substr(0, 500);
      EXPECT_NE(error.message.find("the_name"), std::string::npos)
          << describe(error).substr(0, 500);
      EXPECT_TRUE(error.vm_usable);
      EXPECT_TRUE(works(vm_));
    }
  }
  rogue->on_load = [](std::string_view) { return ModuleSource{.text = "export default 'mended'"}; };
  EXPECT_EQ(imported(vm_, "the_name"), "mended");
}

TEST_F(RogueLoader, TextThatDoesNotFitIsAMemoryLimit) {
  const auto rogue = std::make_shared<Rogue>();
  Options options = with(rogue);
  options.limits.memory_bytes = 16 * kMiB;
  vm_ = make_runtime(std::move(options));
  rogue->on_load = [](std::string_view) {
    return ModuleSource{.text = "export default '" + std::string(15 * kMiB, 'x') + "'.length"};
  };
  Error error;
  EXPECT_TRUE(fails(vm_, "import 'x'", Errc::memory_limit, &error, kMain));
  EXPECT_TRUE(as_reported(vm_, error));
}

TEST_F(RogueLoader, UrlThatIsNoneIsMadeOne) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  rogue->on_load = [](std::string_view) {
    return ModuleSource{.text = "export default import.meta.url", .url = "u\xff"};
  };
  EXPECT_EQ(imported(vm_, "x"), "u\xEF\xBF\xBD");
}

TEST_F(RogueLoader, HostFormatWithoutAModuleIsAnError) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  rogue->on_load = [](std::string_view) { return ModuleSource{.format = ModuleFormat::host}; };
  const Error error = error_of(vm_.import("x"));
  EXPECT_NE(error.code, Errc{});
  EXPECT_TRUE(error.vm_usable);
  EXPECT_TRUE(works(vm_));
}

TEST_F(RogueLoader, ThatUsesItsVmIsNoCrash) {
  const auto rogue = std::make_shared<Rogue>();
  vm_ = make_runtime(with(rogue));
  const Context context = vm_;
  rogue->on_load = [context](std::string_view name) -> Result<ModuleSource> {
    const Result<int> inner = context.eval<int>("20 + 1");
    static_cast<void>(context.eval("null.x"));
    if (name == "outer" && !context.import("inner"))
      return std::unexpected(Error{.message = "inner"});
    return ModuleSource{.text = fmt::format("export default {}", inner.value_or(-1) * 2)};
  };
  const Result<Value> space = vm_.eval("import x from 'outer'; export default x", kMain);
  EXPECT_TRUE(space || space.error().vm_usable) << outcome(space);
  if (space) {
    EXPECT_EQ(space->get<int>("default").value_or(0), 42);
  }
  EXPECT_TRUE(works(vm_));
}

TEST_F(RogueLoader, EndlessChainEndsAtALimit) {
  const auto endless = std::make_shared<CallbackModules>(
      [](std::string_view name) -> Result<ModuleSource> {
        return ModuleSource{.text = fmt::format("import './{}x'", name)};
      },
      [](const ModuleRequest& request) -> Result<std::string> {
        return fmt::format("{}", std::hash<std::string_view>()(request.specifier));
      });
  Options options = with(endless);
  options.limits.memory_bytes = 16 * kMiB;
  options.limits.wall_time = seconds{20};
  vm_ = make_runtime(std::move(options));
  for (const auto& [source, how] :
       {std::pair("import './x'", kMain), std::pair("await import('./y')", kAwait)}) {
    const Error error = error_in(vm_, source, how);
    EXPECT_NE(error.code, Errc{}) << source;
    EXPECT_NE(error.code, Errc::guest_fault) << describe(error);
    EXPECT_TRUE(as_reported(vm_, error));
  }
}

}  // namespace
}  // namespace sandglass::test
