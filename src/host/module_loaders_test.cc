#include <atomic>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sandglass/module_loader.h"

namespace sandglass {
namespace {

// The canonical name, or the message in < >.
std::string name_of(ModuleLoader& loader, std::string_view specifier,
                    std::string_view importer = {}, std::string_view type = {}) {
  const auto name = loader.resolve({specifier, importer, type});
  return name ? *name : "<" + name.error().message + ">";
}

// The code of the error that resolve gives.
Errc refusal(ModuleLoader& loader, std::string_view specifier, std::string_view importer = {},
             std::string_view type = {}) {
  const auto name = loader.resolve({specifier, importer, type});
  EXPECT_FALSE(name) << specifier << " is " << *name;
  return name ? Errc::threw : name.error().code;
}

// The text, or the message in < >.
std::string text_of(ModuleLoader& loader, std::string_view name) {
  const auto source = loader.load(name);
  return source ? source->text : "<" + source.error().message + ">";
}

constexpr std::string_view kUtilNotFound =
    "<cannot find module './util' imported by 'app/main.js'; tried app/util, app/util.js, "
    "app/util.mjs, app/util.json, app/util/index.js, app/util/index.mjs>";

TEST(MemoryModules, HoldsWhatItIsGivenUnderNormalisedNames) {
  const auto modules = MemoryModules::create({{"./main.js", "1"}, {"/lib//math.js", "2"}}).value();
  EXPECT_EQ(text_of(*modules, "main.js"), "1");
  EXPECT_EQ(text_of(*modules, "lib/math.js"), "2");
  EXPECT_EQ(name_of(*modules, "main.js"), "main.js");
  EXPECT_EQ(name_of(*modules, "./lib/math.js"), "lib/math.js");
}

TEST(MemoryModules, NamesThatAreNoPathsOrDoubleAreRefused) {
  const auto above = MemoryModules::create({{"../a.js", ""}});
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code, Errc::invalid_argument);
  const auto twice = MemoryModules::create({{"a.js", ""}, {"./a.js", ""}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Errc::invalid_argument);
  const auto modules = MemoryModules::create().value();
  EXPECT_EQ(modules->add("", "").error().code, Errc::invalid_argument);
  EXPECT_EQ(modules->add("node:fs", "").error().code, Errc::invalid_argument);
}

TEST(MemoryModules, FirstCandidateThatExistsIsTaken) {
  const auto modules = MemoryModules::create().value();
  EXPECT_EQ(name_of(*modules, "./util", "app/main.js"), kUtilNotFound);
  for (const std::string name : {"app/util/index.mjs", "app/util/index.js", "app/util.json",
                                 "app/util.mjs", "app/util.js", "app/util"}) {
    ASSERT_TRUE(modules->add(name, ""));
    EXPECT_EQ(name_of(*modules, "./util", "app/main.js"), name);
  }
}

TEST(MemoryModules, FolderIsItsIndexFile) {
  const auto modules =
      MemoryModules::create({{"index.js", ""}, {"lib/index.mjs", ""}, {"lib.js", ""}}).value();
  EXPECT_EQ(name_of(*modules, "./lib/"), "lib/index.mjs");
  EXPECT_EQ(name_of(*modules, "./lib"), "lib.js");
  EXPECT_EQ(name_of(*modules, "..", "lib/index.mjs"), "index.js");
  EXPECT_EQ(name_of(*modules, ".", "lib/x.js"), "lib/index.mjs");
}

TEST(MemoryModules, JsonIsToldByTheEnding) {
  const auto modules = MemoryModules::create({{"a.json", "{}"}, {"a.js", "1"}}).value();
  EXPECT_EQ(modules->load("a.json")->format, ModuleFormat::json);
  EXPECT_EQ(modules->load("a.js")->format, ModuleFormat::javascript);
  EXPECT_EQ(name_of(*modules, "a"), "a.js");
  EXPECT_EQ(name_of(*modules, "a", "", "json"), "a.json");
  EXPECT_EQ(name_of(*modules, "a.js", "", "json"), "a.js");
  EXPECT_EQ(refusal(*modules, "a.json", "", "css"), Errc::invalid_argument);
}

TEST(MemoryModules, HostileSpecifiersAreRefused) {
  const auto modules = MemoryModules::create({{"main.js", ""}}).value();
  EXPECT_EQ(refusal(*modules, "../main.js", "main.js"), Errc::invalid_argument);
  EXPECT_EQ(refusal(*modules, std::string_view("main.js\0", 8)), Errc::invalid_argument);
  EXPECT_EQ(refusal(*modules, "main\xff.js"), Errc::invalid_argument);
  EXPECT_EQ(refusal(*modules, "file:///main.js"), Errc::module_not_found);
  EXPECT_EQ(refusal(*modules, "none.js"), Errc::module_not_found);
}

TEST(MemoryModules, UnknownNamesAreNotLoaded) {
  const auto modules = MemoryModules::create({{"main.js", ""}}).value();
  for (const std::string name : {"", "main", "./main.js", "/main.js", "MAIN.JS"}) {
    const auto source = modules->load(name);
    ASSERT_FALSE(source) << name;
    EXPECT_EQ(source.error().code, Errc::module_not_found);
  }
}

TEST(MemoryModules, AddReplacesWhatIsThere) {
  const auto modules = MemoryModules::create({{"a.js", "old"}}).value();
  ASSERT_TRUE(modules->add("./a.js", "new"));
  EXPECT_EQ(text_of(*modules, "a.js"), "new");
}

TEST(MemoryModules, CanBeAddedToWhileOthersRead) {
  const auto modules = MemoryModules::create({{"a.js", std::string(1000, '0')}}).value();
  std::atomic<bool> mixed = false;
  std::vector<std::thread> readers;
  readers.reserve(2);
  for (int reader = 0; reader < 2; ++reader) {
    readers.emplace_back([&] {
      for (int turn = 0; turn < 2000; ++turn) {
        const std::string text = text_of(*modules, *modules->resolve({"./a", "main.js"}));
        if (text != std::string(1000, text.front())) mixed = true;
      }
    });
  }
  for (int turn = 0; turn < 2000; ++turn) {
    (void)modules->add("a.js", std::string(1000, static_cast<char>('0' + turn % 10)));
    (void)modules->add("b" + std::to_string(turn), "");
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_FALSE(mixed);
}

// A temporary folder with "root", and "secret.js" beside it.
class DirectoryModulesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandglass-modules-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directories(root() / "app/util");
    write("secret.js", "secret");
    write("root/app/main.js", "main");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path root() const { return folder_ / "root"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(::symlink(target.c_str(), (root() / name).c_str()), 0);
  }
  [[nodiscard]] std::shared_ptr<DirectoryModules> open(DirectoryOptions options = {}) const {
    return DirectoryModules::open(root(), options).value();
  }

  std::filesystem::path folder_;
};

TEST_F(DirectoryModulesTest, FirstCandidateThatExistsIsTakenAndFoldersAreSkipped) {
  const auto modules = open();
  ASSERT_TRUE(std::filesystem::is_directory(root() / "app/util"));
  EXPECT_EQ(name_of(*modules, "./util", "app/main.js"), kUtilNotFound);
  EXPECT_EQ(refusal(*modules, "./util", "app/main.js"), Errc::module_not_found);
  for (const std::string name : {"app/util/index.mjs", "app/util/index.js", "app/util.json",
                                 "app/util.mjs", "app/util.js"}) {
    write("root/" + name, name);
    EXPECT_EQ(name_of(*modules, "./util", "app/main.js"), name);
    EXPECT_EQ(text_of(*modules, name), name);
  }
  std::filesystem::remove_all(root() / "app/util");
  write("root/app/util", "exact");
  EXPECT_EQ(name_of(*modules, "./util", "app/main.js"), "app/util");
}

TEST_F(DirectoryModulesTest, JsonIsToldByTheEnding) {
  write("root/data.json", "{}");
  const auto modules = open();
  EXPECT_EQ(name_of(*modules, "./data"), "data.json");
  EXPECT_EQ(modules->load("data.json")->format, ModuleFormat::json);
  EXPECT_EQ(modules->load("app/main.js")->format, ModuleFormat::javascript);
  EXPECT_EQ(refusal(*modules, "./data.json", "", "text"), Errc::invalid_argument);
}

TEST_F(DirectoryModulesTest, NothingOutsideIsFoundOrLoaded) {
  link("../secret.js", "relative.js");
  link((folder_ / "secret.js").string(), "absolute.js");
  link("..", "up");
  link("/proc/self/root/etc/passwd", "magic.js");
  const auto modules = open();
  for (const std::string specifier :
       {"../secret.js", "/../secret.js", "app/../../secret.js", "./relative", "relative.js",
        "absolute.js", "up/secret.js", "magic.js", "%2e%2e/secret.js", "..\\secret.js"}) {
    EXPECT_EQ(refusal(*modules, specifier), Errc::invalid_argument) << specifier;
  }
  EXPECT_EQ(refusal(*modules, (folder_ / "secret.js").string()), Errc::module_not_found);
  EXPECT_EQ(refusal(*modules, "file://" + (folder_ / "secret.js").string()),
            Errc::module_not_found);
  EXPECT_EQ(refusal(*modules, "/proc/self/root/etc/passwd"), Errc::module_not_found);
  for (const std::string name : {"../secret.js", "relative.js", "absolute.js", "up/secret.js",
                                 "magic.js", "/etc/passwd", ""}) {
    const auto source = modules->load(name);
    ASSERT_FALSE(source) << name;
    EXPECT_EQ(source.error().code, Errc::invalid_argument) << name;
  }
}

TEST_F(DirectoryModulesTest, RefusalNamesTheFileAndTheReason) {
  link("../secret.js", "relative.js");
  const auto modules = open({.follow_links = false});
  EXPECT_EQ(name_of(*modules, "../relative", "app/main.js"),
            "<cannot find module '../relative' imported by 'app/main.js'; relative.js: a link that "
            "is not followed>");
  EXPECT_EQ(text_of(*modules, "relative.js"),
            "<cannot read module 'relative.js': a link that is not followed>");
}

TEST_F(DirectoryModulesTest, LinksThatStayInsideAreFollowedUnlessTheyAreSwitchedOff) {
  link("app/main.js", "link.js");
  EXPECT_EQ(refusal(*open({.follow_links = false}), "link.js"), Errc::invalid_argument);
  const auto modules = open();
  if (!modules->resolve({"link.js"})) GTEST_SKIP() << "no openat2";
  EXPECT_EQ(name_of(*modules, "./link"), "link.js");
  EXPECT_EQ(text_of(*modules, "link.js"), "main");
}

TEST_F(DirectoryModulesTest, LinkThatIsTurnedOutwardsAfterResolveIsNotLoaded) {
  write("root/a.js", "inside");
  const auto modules = open();
  EXPECT_EQ(name_of(*modules, "./a"), "a.js");
  std::filesystem::remove(root() / "a.js");
  link("../secret.js", "a.js");
  EXPECT_EQ(modules->load("a.js").error().code, Errc::invalid_argument);
}

TEST_F(DirectoryModulesTest, FileThatIsSwappedForALinkOutNeverGivesTheSecret) {
  write("root/a.js", "inside");
  link("../secret.js", "b.js");
  const auto modules = open();
  std::atomic<bool> stop = false;
  std::thread swapper([&] {
    const std::string a = root() / "a.js";
    const std::string b = root() / "b.js";
    while (!stop) (void)::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
  });
  int inside = 0;
  int refused = 0;
  int other = 0;
  for (int turn = 0; turn < 1'000'000 && (turn < 5000 || inside == 0 || refused == 0); ++turn) {
    const auto name = modules->resolve({"./a"});
    const std::string text = name ? text_of(*modules, *name) : "<";
    ++(text == "inside" ? inside : text.starts_with('<') ? refused : other);
  }
  stop = true;
  swapper.join();
  EXPECT_GT(inside, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(other, 0);
}

TEST_F(DirectoryModulesTest, OnlyRegularFilesAreModules) {
  ASSERT_EQ(::mkfifo((root() / "fifo.js").c_str(), 0600), 0);
  const auto modules = open();
  EXPECT_EQ(name_of(*modules, "./fifo"),
            "<cannot find module './fifo'; fifo.js: not a regular file>");
  EXPECT_EQ(text_of(*modules, "fifo.js"), "<cannot read module 'fifo.js': not a regular file>");
  const auto devices = DirectoryModules::open("/dev").value();
  EXPECT_EQ(refusal(*devices, "./zero"), Errc::invalid_argument);
  EXPECT_EQ(devices->load("zero").error().code, Errc::invalid_argument);
}

TEST_F(DirectoryModulesTest, FileAsLongAsTheLimitIsLoadedAndOneByteMoreIsRefused) {
  write("root/a.js", std::string(1000, ' '));
  EXPECT_EQ(text_of(*open({.max_file_bytes = 1000}), "a.js"), std::string(1000, ' '));
  const auto modules = open({.max_file_bytes = 999});
  EXPECT_EQ(name_of(*modules, "./a"), "a.js");
  EXPECT_EQ(modules->load("a.js").error().code, Errc::invalid_argument);
  EXPECT_EQ(text_of(*modules, "a.js"),
            "<cannot read module 'a.js': too large, more than 999 bytes>");
}

TEST_F(DirectoryModulesTest, HugeFileIsRefused) {
  std::filesystem::resize_file(root() / "app/main.js", std::uintmax_t{1} << 40);
  EXPECT_EQ(open()->load("app/main.js").error().code, Errc::invalid_argument);
}

TEST_F(DirectoryModulesTest, LongestNamesWork) {
  const std::string name(255, 'a');
  write("root/" + name, "long");
  const std::string stem(252, 'b');
  write("root/" + stem + ".js", "stem");
  const auto modules = open();
  EXPECT_EQ(name_of(*modules, name), name);
  EXPECT_EQ(name_of(*modules, stem), stem + ".js");
  EXPECT_EQ(refusal(*modules, std::string(255, 'c')), Errc::module_not_found);
  EXPECT_EQ(refusal(*modules, std::string(256, 'c')), Errc::invalid_argument);
}

TEST_F(DirectoryModulesTest, ModuleThatIsGoneIsNotFound) {
  EXPECT_EQ(open()->load("app/gone.js").error().code, Errc::module_not_found);
  EXPECT_EQ(open()->load("app").error().code, Errc::module_not_found);
}

TEST_F(DirectoryModulesTest, MessagesDoNotTellWhereTheDirectoryLies) {
  link("../secret.js", "out.js");
  const auto modules = open({.max_file_bytes = 1});
  for (const std::string& text :
       {name_of(*modules, "./none"), name_of(*modules, "./out"), text_of(*modules, "out.js"),
        text_of(*modules, "app/main.js"), text_of(*modules, "none")}) {
    EXPECT_TRUE(text.starts_with('<')) << text;
    EXPECT_EQ(text.find(folder_.filename()), std::string::npos) << text;
  }
}

TEST_F(DirectoryModulesTest, BadRootsAndOptionsAreRefused) {
  const auto none = DirectoryModules::open(root() / "none");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::invalid_argument);
  EXPECT_EQ(none.error().message, "cannot open the module directory '" +
                                      (root() / "none").string() + "': No such file or directory");
  EXPECT_FALSE(DirectoryModules::open(root() / "app/main.js"));
  EXPECT_FALSE(DirectoryModules::open(""));
  constexpr std::uint64_t kMost = std::uint64_t{1} << 30;
  EXPECT_EQ(DirectoryModules::open(root(), {.max_file_bytes = 0}).error().code,
            Errc::invalid_argument);
  EXPECT_EQ(DirectoryModules::open(root(), {.max_file_bytes = kMost + 1}).error().code,
            Errc::invalid_argument);
  EXPECT_TRUE(DirectoryModules::open(root(), {.max_file_bytes = 1}));
  EXPECT_TRUE(DirectoryModules::open(root(), {.max_file_bytes = kMost}));
}

TEST(CallbackModules, WithoutResolveTheNameIsThePath) {
  CallbackModules modules([](std::string_view name) -> Result<ModuleSource> {
    return ModuleSource{.text = "// " + std::string(name)};
  });
  EXPECT_EQ(name_of(modules, "./util", "app/main.js"), "app/util");
  EXPECT_EQ(name_of(modules, "config", "app/main.js"), "config");
  EXPECT_EQ(name_of(modules, "./lib/", "app/main.js"), "app/lib");
  EXPECT_EQ(text_of(modules, "app/util"), "// app/util");
  EXPECT_EQ(refusal(modules, "../x", "main.js"), Errc::invalid_argument);
  EXPECT_EQ(refusal(modules, "https://example.com/"), Errc::module_not_found);
  EXPECT_EQ(refusal(modules, "/"), Errc::module_not_found);
  EXPECT_EQ(refusal(modules, "x", "", "css"), Errc::invalid_argument);
}

TEST(CallbackModules, ResolveDecidesAlone) {
  CallbackModules modules([](std::string_view) -> Result<ModuleSource> { return ModuleSource{}; },
                          [](const ModuleRequest& request) -> Result<std::string> {
                            return std::string(request.importer) + "|" +
                                   std::string(request.specifier) + "|" + std::string(request.type);
                          });
  EXPECT_EQ(name_of(modules, "../\xff", "a", "css"), "a|../\xff|css");
}

TEST(CallbackModules, WithoutLoadIsAnError) {
  CallbackModules modules(nullptr);
  EXPECT_EQ(modules.load("x").error().code, Errc::invalid_argument);
}

// Knows one module, which goes by a name and has a text of its choice.
std::shared_ptr<CallbackModules> only(const std::string& specifier, const std::string& name,
                                      const std::string& text, const std::string& url = "") {
  return std::make_shared<CallbackModules>(
      [=](std::string_view asked) -> Result<ModuleSource> {
        EXPECT_EQ(asked, name) << "a chain asks the owner, by the owner's name";
        return ModuleSource{.text = text, .url = url};
      },
      [=](const ModuleRequest& request) -> Result<std::string> {
        if (request.specifier == specifier) return name;
        return std::unexpected(Error{.code = Errc::module_not_found, .message = "not " + name});
      });
}

TEST(ModuleChain, FirstLoaderThatFindsTheModuleProvidesIt) {
  ModuleChain chain({MemoryModules::create({{"a.js", "first"}}).value(), nullptr,
                     MemoryModules::create({{"a.js", "third"}, {"b.js", "third"}}).value()});
  EXPECT_EQ(name_of(chain, "./a"), "a.js");
  EXPECT_EQ(text_of(chain, "a.js"), "first");
  EXPECT_EQ(name_of(chain, "./b"), "b.js#2");
  EXPECT_EQ(text_of(chain, "b.js#2"), "third");
}

TEST(ModuleChain, SameNameFromTwoLoadersIsTwoModules) {
  ModuleChain chain({only("x", "same", "1"), only("y", "same", "2")});
  EXPECT_EQ(name_of(chain, "x"), "same");
  EXPECT_EQ(name_of(chain, "y"), "same#1");
  EXPECT_EQ(text_of(chain, "same"), "1");
  EXPECT_EQ(text_of(chain, "same#1"), "2");
}

TEST(ModuleChain, NamesWithTheMarkAreKeptApart) {
  ModuleChain chain({only("x", "same#1", "1"), only("y", "same", "2")});
  EXPECT_EQ(name_of(chain, "x"), "same#1#0");
  EXPECT_EQ(name_of(chain, "y"), "same#1");
  EXPECT_EQ(text_of(chain, "same#1#0"), "1");
  EXPECT_EQ(text_of(chain, "same#1"), "2");
}

TEST(ModuleChain, ModulesImportAcrossLoadersByRelativePaths) {
  ModuleChain chain({MemoryModules::create({{"lib/a.js", ""}}).value(),
                     MemoryModules::create({{"lib/b.js", ""}, {"lib/c.js", ""}}).value()});
  EXPECT_EQ(name_of(chain, "./b", "lib/a.js"), "lib/b.js#1");
  EXPECT_EQ(name_of(chain, "./a", "lib/b.js#1"), "lib/a.js");
  EXPECT_EQ(name_of(chain, "./c", "lib/b.js#1"), "lib/c.js#1");
}

TEST(ModuleChain, LoadersSeeImportersAsTheyNamedThem) {
  std::string seen;
  ModuleChain chain({std::make_shared<CallbackModules>(
      nullptr, [&](const ModuleRequest& request) -> Result<std::string> {
        seen = request.importer;
        return "x";
      })});
  for (const auto& [importer, expected] :
       std::vector<std::pair<std::string, std::string>>{{"a.js", "a.js"},
                                                        {"a.js#7", "a.js"},
                                                        {"a#1/b.js", "a#1/b.js"},
                                                        {"a#", "a#"},
                                                        {"", ""}}) {
    EXPECT_EQ(name_of(chain, "x", importer), "x");
    EXPECT_EQ(seen, expected);
  }
}

TEST(ModuleChain, UrlIsTheNameWithoutTheMarkUnlessTheLoaderSaysMore) {
  ModuleChain chain({only("x", "x", ""), only("y", "y", ""), only("z", "z", "", "https://z/")});
  EXPECT_EQ(chain.load("x")->url, "x");
  EXPECT_EQ(chain.load("y#1")->url, "y");
  EXPECT_EQ(chain.load("z#2")->url, "https://z/");
}

TEST(ModuleChain, ErrorListsTheCandidatesOfAllLoaders) {
  const auto empty = MemoryModules::create().value();
  ModuleChain same({empty, empty});
  EXPECT_EQ(name_of(same, "./util", "app/main.js#1"), kUtilNotFound);
  EXPECT_EQ(refusal(same, "./util", "app/main.js"), Errc::module_not_found);
  ModuleChain mixed({only("x", "x", ""), empty});
  EXPECT_EQ(name_of(mixed, "./a/", "m.js"),
            "<cannot find module './a/' imported by 'm.js'; not x; tried a/index.js, a/index.mjs>");
  ModuleChain none({});
  EXPECT_EQ(name_of(none, "./a"), "<cannot find module './a'>");
}

TEST(ModuleChain, AnyOtherErrorEndsTheSearch) {
  int asked = 0;
  const auto last =
      std::make_shared<CallbackModules>(nullptr, [&](const ModuleRequest&) -> Result<std::string> {
        ++asked;
        return "x";
      });
  ModuleChain chain({MemoryModules::create().value(), last});
  EXPECT_EQ(refusal(chain, "../x", "main.js"), Errc::invalid_argument);
  EXPECT_EQ(asked, 0);
  EXPECT_EQ(name_of(chain, "https://example.com/x.js"), "x#1");
  EXPECT_EQ(asked, 1);
}

TEST(ModuleChain, NamesOfNoLoaderAreRefused) {
  ModuleChain chain({MemoryModules::create({{"a.js", ""}}).value(), nullptr});
  for (const std::string name :
       {"a.js#1", "a.js#2", "a.js#", "a.js#x", "a.js#-1", "a.js#1x", "a.js#99999999999999999999"}) {
    const auto source = chain.load(name);
    ASSERT_FALSE(source) << name;
    EXPECT_EQ(source.error().code, Errc::invalid_argument) << name;
  }
  EXPECT_EQ(chain.load("b.js").error().code, Errc::module_not_found);
  EXPECT_EQ(ModuleChain({}).load("a.js").error().code, Errc::invalid_argument);
}

TEST(ModuleChain, ChainsNest) {
  const auto inner = std::make_shared<ModuleChain>(std::vector<std::shared_ptr<ModuleLoader>>{
      MemoryModules::create({{"lib/a.js", "a"}}).value(),
      MemoryModules::create({{"lib/b.js", "b"}}).value()});
  ModuleChain outer({MemoryModules::create().value(), inner});
  const std::string a = name_of(outer, "lib/a");
  const std::string b = name_of(outer, "./b", a);
  EXPECT_EQ(b, "lib/b.js#1#1");
  EXPECT_EQ(text_of(outer, a), "a");
  EXPECT_EQ(text_of(outer, b), "b");
  EXPECT_EQ(name_of(outer, "./a", b), a);
  EXPECT_EQ(outer.load(b)->url, "lib/b.js");
}

}  // namespace
}  // namespace sandglass
