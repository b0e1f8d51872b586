// Where modules come from: modules of the host, directories, chains of loaders, callbacks.

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sandglass/sandglass.h>

#include "modules.h"
#include "types.h"

namespace sandglass::test {
namespace {

namespace fs = std::filesystem;

// Host modules.

struct Counter {
  explicit Counter(int start) : n(start) {}
  int inc() { return ++n; }
  int n;
};

class HostModuleTest : public WithModules {
 protected:
  void SetUp() override {
    auto math = std::make_shared<HostModule>();
    math->value("pi", 3.25)
        .value("default", std::string("math"))
        .value("user", User{"Ada", {}, Colour::green})
        .function("hypot", [](double x, double y) { return std::hypot(x, y); })
        .function("fail", []() -> int { throw std::out_of_range("host failure"); })
        .function("later",
                  [](Context context, int n) -> Result<Deferred<int>> {
                    auto deferred = context.deferred<int>();
                    if (deferred) deferred->resolve(n + 1);
                    return deferred;
                  })
        .value("Counter", Class<Counter>("Counter")
                              .constructor<int>()
                              .method("inc", &Counter::inc)
                              .property("n", &Counter::n));
    host_ = std::make_shared<HostModules>();
    host_->add("host:math", math);
    vm_ = make_runtime(with(host_));
  }
  std::shared_ptr<HostModules> host_;
};

TEST_F(HostModuleTest, GivesValuesFunctionsAndClasses) {
  EXPECT_EQ(export_of(vm_, R"js(
    import name, { pi, user, hypot, later, Counter } from 'host:math';
    const counter = new Counter(4);
    counter.inc();
    class More extends Counter { inc() { return super.inc() * 10 } }
    export default [name, pi, user.colour, hypot(3, 4), hypot.name, hypot.length, await later(1),
                    counter.n, new More(1).inc()].join())js"),
            "math,3.25,green,5,hypot,2,2,5,20");
}

TEST_F(HostModuleTest, CanBeImportedInEveryWay) {
  EXPECT_TRUE(gives(vm_, "const m = await import('host:math'); m.hypot(6, 8)", "10", kAwait));
  const Value space = vm_.import("host:math").value();
  EXPECT_EQ(space.get<double>("pi").value_or(0), 3.25);
  EXPECT_EQ(space.invoke<double>("hypot", 3, 4).value_or(0), 5.0);
  EXPECT_EQ(space.keys().value().size(), 7U);
}

TEST_F(HostModuleTest, IsMadeOnceInAVm) {
  EXPECT_EQ(export_of(vm_, R"js(
    import { user, Counter } from 'host:math';
    user.name = 'changed';
    const again = await import('host:math');
    export default [again.user.name, again.Counter === Counter].join())js"),
            "changed,true");
  Runtime other = make_runtime(with(host_));
  EXPECT_EQ(export_of(other, "import { user } from 'host:math'; export default user.name"), "Ada");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(export_of(vm_, "import { user } from 'host:math'; export default user.name"), "Ada");
}

TEST_F(HostModuleTest, BindingsAreReadOnly) {
  EXPECT_EQ(export_of(vm_, R"js(
    import * as math from 'host:math';
    let told = 'written';
    try { math.pi = 3 } catch (e) { told = e.name }
    export default told + math.pi)js"),
            "TypeError3.25");
}

TEST_F(HostModuleTest, ErrorOfItsFunctionIsThrown) {
  EXPECT_EQ(export_of(vm_,
                      "import { fail } from 'host:math'; let e; try { fail() } catch (c) { e = c }"
                      "export default e.name + ': ' + e.message"),
            "RangeError: host failure");
}

TEST_F(HostModuleTest, MissingExportIsASyntaxError) {
  const Error error = error_in(vm_, "import { tau } from 'host:math'");
  EXPECT_EQ(error.name, "SyntaxError") << describe(error);
  EXPECT_NE(error.message.find("tau"), std::string::npos) << error.message;
  EXPECT_EQ(export_of(vm_, "import { pi } from 'host:math'; export default pi"), "3.25");
}

TEST_F(HostModuleTest, MissingOneNamesThoseThatAreThere) {
  Error error;
  EXPECT_TRUE(fails(vm_, "import 'host:maths'", Errc::module_not_found, &error, kMain));
  EXPECT_EQ(error.message,
            "cannot find module 'host:maths' imported by 'main.js'; tried host:math");
}

TEST_F(HostModuleTest, ValueThatCannotBeConvertedIsAnError) {
  auto bad = std::make_shared<HostModule>();
  bad->value("good", 1).value("text", std::string("\xff"));
  host_->add("host:bad", bad);
  Error error;
  EXPECT_TRUE(fails(vm_, "import { good } from 'host:bad'", Errc::threw, &error, kMain));
  EXPECT_NE(describe(error).find("text"), std::string::npos)
      << "the export is named: " << describe(error);
  EXPECT_TRUE(works(vm_));
  EXPECT_EQ(export_of(vm_, "import { pi } from 'host:math'; export default pi"), "3.25");
}

TEST_F(HostModuleTest, OddExportsAreErrorsNotCrashes) {
  const auto with_exports = [](auto fill) {
    auto module = std::make_shared<HostModule>();
    fill(*module);
    return module;
  };
  host_->add("twice", with_exports([](HostModule& m) { m.value("a", 1).value("a", 2); }));
  host_->add("nul", with_exports([](HostModule& m) { m.value(std::string("a\0b", 3), 1); }));
  host_->add("bytes", with_exports([](HostModule& m) { m.value("\xff", 1); }));
  host_->add("empty name", with_exports([](HostModule& m) { m.value("", 1); }));
  host_->add("nothing", with_exports([](HostModule&) {}));
  host_->add("null", nullptr);
  for (const std::string_view name : {"twice", "nul", "bytes", "empty name", "nothing", "null"}) {
    const Result<Value> space = vm_.import(name);
    EXPECT_TRUE(space || space.error().vm_usable) << name << ": " << outcome(space);
    if (name == "null") {
      EXPECT_FALSE(space);
    }
    EXPECT_TRUE(works(vm_)) << name;
  }
}

TEST_F(HostModuleTest, ManyExportsAreAllThere) {
  auto many = std::make_shared<HostModule>();
  for (int i = 0; i < 1000; ++i) {
    many->function(fmt::format("f{}", i), [i] { return i; });
  }
  host_->add("host:many", many);
  EXPECT_EQ(export_of(vm_,
                      "import * as many from 'host:many'; let sum = 0;"
                      "for (const name of Object.keys(many)) sum += many[name]();"
                      "export default sum"),
            "499500");
}

TEST_F(HostModuleTest, SharedByVmsOnManyThreads) {
  std::atomic<int> calls = 0;
  auto counted = std::make_shared<HostModule>();
  counted->function("count", [&calls] { return ++calls; });
  host_->add("host:counted", counted);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        Runtime vm = make_runtime(with(host_));
        EXPECT_EQ(
            export_of(vm,
                      "import { count } from 'host:counted'; for (let i = 0; i < 100; i++) count();"
                      "export default 'done'"),
            "done");
      });
    }
  }
  EXPECT_EQ(calls, 800);
}

TEST_F(HostModuleTest, MayBeReExported) {
  const auto scripts =
      in_memory({{"geometry.js", "export { pi, hypot as distance } from 'host:math'"}});
  vm_ = make_runtime(with(
      std::make_shared<ModuleChain>(std::vector<std::shared_ptr<ModuleLoader>>{scripts, host_})));
  EXPECT_EQ(
      export_of(vm_,
                "import { pi, distance } from './geometry.js'; export default pi + distance(3, 4)"),
      "8.25");
}

// Directories.

class DirectoryOfModules : public WithModules {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "sandglass-modules-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    base_ = pattern;
    root_ = base_ / "root";
    fs::create_directory(root_);
    write(base_ / "secret.js", "export default 'SECRET'");
  }
  void TearDown() override { fs::remove_all(base_); }

  static void write(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  void open() { vm_ = make_runtime(with(DirectoryModules::open(root_).value())); }

  fs::path base_;
  fs::path root_;
};

TEST_F(DirectoryOfModules, FilesLinkByTheirPaths) {
  write(root_ / "01/file.js", "const message = 'Hello, World!'; export default message;");
  write(root_ / "02/index.js", "export default 'autoindexjs'");
  write(root_ / "03/index.mjs", "export default 'autoindexmjs'");
  write(root_ / "04/file.js", "export default 'file.js'");
  write(root_ / "05/file.mjs", "export default 'file.mjs'");
  write(root_ / "06/001_a.js", "export const a = 1 + 2;");
  write(root_ / "06/002_b.js", "import { a } from './001_a.js'; export const b = a + 3;");
  write(root_ / "06/999_index.js", "import { b } from './002_b.js'; export default b;");
  write(root_ / "data.json", R"({"n": 7})");
  open();
  for (const auto& [name, value] :
       {std::pair("01/file.js", "Hello, World!"), std::pair("02", "autoindexjs"),
        std::pair("03", "autoindexmjs"), std::pair("04/file", "file.js"),
        std::pair("05/file", "file.mjs"), std::pair("06/999_index.js", "6")}) {
    EXPECT_EQ(imported(vm_, name), value) << name;
  }
  EXPECT_EQ(
      export_of(vm_, "import data from './data.json' with { type: 'json' }; export default data.n"),
      "7");
  EXPECT_EQ(error_of(vm_.import("not_found.js")).code, Errc::module_not_found);
}

TEST_F(DirectoryOfModules, NothingOutsideCanBeImported) {
  write(root_ / "main.js", "export default 'inside'");
  fs::create_symlink("../secret.js", root_ / "link.js");
  fs::create_symlink(base_ / "secret.js", root_ / "absolute.js");
  fs::create_directory_symlink("..", root_ / "up");
  fs::create_symlink("main.js", root_ / "good_link.js");
  open();
  const std::string absolute = (base_ / "secret.js").string();
  for (const std::string& specifier : {std::string("../secret.js"),
                                       std::string("./../secret.js"),
                                       std::string("x/../../secret.js"),
                                       std::string("./link.js"),
                                       std::string("./link"),
                                       std::string("./absolute.js"),
                                       std::string("./up/secret.js"),
                                       absolute,
                                       "file://" + absolute,
                                       std::string("/etc/passwd"),
                                       std::string("file:///etc/passwd"),
                                       std::string("data:text/javascript,export default 'SECRET'"),
                                       std::string("https://example.com/x.js"),
                                       std::string("node:fs"),
                                       std::string("..%2fsecret.js"),
                                       std::string("%2e%2e/secret.js"),
                                       std::string("..\\\\secret.js"),
                                       std::string("./main.js?x"),
                                       std::string("/proc/self/root") + absolute,
                                       std::string("\\0"),
                                       std::string("\\ud800"),
                                       std::string(""),
                                       std::string("."),
                                       std::string("..")}) {
    const std::string told = outcome(vm_.eval(
        fmt::format("await import('{}').then((m) => 'loaded ' + m.default, (e) => 'refused')",
                    specifier == "data:text/javascript,export default 'SECRET'"
                        ? "data:text/javascript,export default \\'SECRET\\'"
                        : specifier),
        kAwait));
    EXPECT_EQ(told, "refused") << specifier;
    if (specifier.find('\'') != std::string::npos) continue;
    EXPECT_FALSE(vm_.eval(fmt::format("import x from '{}'; export default x", specifier), kMain))
        << specifier;
    EXPECT_TRUE(vm_.usable());
  }
  EXPECT_EQ(imported(vm_, "good_link.js"), "inside");
  EXPECT_TRUE(works(vm_));
}

TEST_F(DirectoryOfModules, RefusalsHaveCodesAndTellNoDirectory) {
  fs::create_symlink("../secret.js", root_ / "link.js");
  open();
  const auto told = [&](std::string_view specifier) {
    return error_of(vm_.eval(fmt::format("await import('{}')", specifier), kAwait));
  };
  EXPECT_EQ(told("file:///etc/passwd").code, Errc::module_not_found);
  EXPECT_EQ(told("data:text/javascript,1").code, Errc::module_not_found);
  EXPECT_NE(told("../secret.js").message.find("above the root"), std::string::npos);
  for (const std::string_view specifier : {"./link.js", "../secret.js", "./missing.js"}) {
    const Error error = told(specifier);
    EXPECT_EQ(error.message.find(base_.string()), std::string::npos) << error.message;
    EXPECT_EQ(error.stack.find(base_.string()), std::string::npos) << error.stack;
  }
}

TEST_F(DirectoryOfModules, HugeSpecifierIsRefused) {
  open();
  for (const std::string_view specifier :
       {"'./' + 'x/'.repeat(1e6)", "'x'.repeat(4090)", "'x'.repeat(5e6)", "'\\u0001'.repeat(1e5)",
        "'../'.repeat(2000)"}) {
    EXPECT_TRUE(gives(vm_,
                      fmt::format("await import({}).then(() => 'loaded', "
                                  "(e) => e instanceof TypeError && e.message.length < 2000)",
                                  specifier),
                      "true", kAwait));
  }
}

TEST_F(DirectoryOfModules, FileIsReadAnewByEachState) {
  write(root_ / "a.js", "export default 1");
  open();
  EXPECT_EQ(imported(vm_, "a"), "1");
  write(root_ / "a.js", "export default 2");
  EXPECT_EQ(imported(vm_, "a"), "1");
  ASSERT_TRUE(vm_.reset());
  EXPECT_EQ(imported(vm_, "a"), "2");
}

// Chains and callbacks.

using ChainOfLoaders = WithModules;

TEST_F(ChainOfLoaders, ProvidesFromAllOfThem) {
  auto host = std::make_shared<HostModules>();
  auto letters = std::make_shared<HostModule>();
  letters->function("getD", [] { return std::string("D"); });
  host->add("mod_d", letters);
  const auto first =
      in_memory({{"mod_a.js", "export const getA = () => 'A'"},
                 {"main.js",
                  "import { getA } from 'mod_a.js'; import { getB } from './lib/mod_b';"
                  "import { getC } from './lib/mod_c'; import { getD } from 'mod_d';"
                  "import { getE } from 'gen/E';"
                  "export const moduleExported = getA() + getB() + getC() + getD() + getE()"}});
  const auto second = in_memory({{"lib/mod_b.js", "export const getB = () => 'B'"},
                                 {"lib/mod_c/index.js", "export { getC } from './c.mjs'"},
                                 {"lib/mod_c/c.mjs", "export const getC = () => 'C'"}});
  const auto last =
      std::make_shared<CallbackModules>([](std::string_view name) -> Result<ModuleSource> {
        if (!name.starts_with("gen/")) {
          return std::unexpected(Error{.code = Errc::module_not_found, .message = "not generated"});
        }
        return ModuleSource{.text =
                                fmt::format("export const get{0} = () => '{0}'", name.substr(4))};
      });
  vm_ = make_runtime(with(std::make_shared<ModuleChain>(
      std::vector<std::shared_ptr<ModuleLoader>>{first, second, nullptr, host, last})));
  EXPECT_EQ(imported(vm_, "main.js", "moduleExported"), "ABCDE");
}

TEST_F(ChainOfLoaders, MarksNamesInStacksButNotInUrls) {
  const auto first = in_memory(
      {{"main.js", "import { fail } from './lib.js'; export { url } from './lib.js'; fail()"}});
  const auto second = in_memory(
      {{"lib.js",
        "export const url = import.meta.url;\nexport function fail() { throw new Error(url) }"}});
  vm_ = make_runtime(with(
      std::make_shared<ModuleChain>(std::vector<std::shared_ptr<ModuleLoader>>{first, second})));
  const Error error = error_of(vm_.import("main.js"));
  EXPECT_EQ(error.message, "lib.js");
  ASSERT_TRUE(error.location);
  EXPECT_EQ(error.location->file, "lib.js#1");
  EXPECT_EQ(error.location->line, 2U);
  EXPECT_EQ(error.location->text, "export function fail() { throw new Error(url) }");
}

TEST_F(ChainOfLoaders, NotFoundNamesTheCandidatesOfAll) {
  auto host = std::make_shared<HostModules>();
  host->add("host:x", std::make_shared<HostModule>());
  vm_ = make_runtime(with(std::make_shared<ModuleChain>(
      std::vector<std::shared_ptr<ModuleLoader>>{in_memory({}), host})));
  const Error error = error_of(vm_.import("./nowhere"));
  EXPECT_EQ(error.code, Errc::module_not_found);
  EXPECT_NE(error.message.find("nowhere.js"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("host:x"), std::string::npos) << error.message;
}

TEST_F(ChainOfLoaders, CallbackDecidesNamesAndFormats) {
  auto module = std::make_shared<HostModule>();
  module->value("n", 5);
  const auto loader = std::make_shared<CallbackModules>(
      [module](std::string_view name) -> Result<ModuleSource> {
        if (name == "https://a/b?host")
          return ModuleSource{.format = ModuleFormat::host, .host = module};
        if (name == "https://a/b?json")
          return ModuleSource{.format = ModuleFormat::json, .text = "[1]"};
        return ModuleSource{.text = fmt::format("export default '{}'", name)};
      },
      [](const ModuleRequest& request) -> Result<std::string> {
        return "https://a/" + std::string(request.specifier);
      });
  vm_ = make_runtime(with(loader));
  EXPECT_EQ(export_of(vm_,
                      "import { n } from 'b?host'; import j from 'b?json'; import t from 'b%20c';"
                      "export default [n, j.length, t].join()"),
            "5,1,https://a/b%20c");
}

}  // namespace
}  // namespace sandglass::test
