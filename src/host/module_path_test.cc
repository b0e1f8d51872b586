#include "host/module_path.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

using Names = std::vector<std::string>;

// Where a specifier leads, a folder with '/' at its end, or why it does not.
std::string way(std::string_view specifier, std::string_view importer = {}) {
  const auto found = find_path({.specifier = specifier, .importer = importer});
  if (!found) return "<" + found.error().message + ">";
  return found->path + (found->folder ? "/" : "");
}

Errc code(std::string_view specifier, std::string_view importer = {}) {
  const auto found = find_path({.specifier = specifier, .importer = importer});
  return found ? Errc::threw : found.error().code;
}

TEST(ModulePath, BareAndAbsoluteSpecifiersStartAtTheRoot) {
  EXPECT_EQ(way("lib/math.js", "app/main.js"), "lib/math.js");
  EXPECT_EQ(way("/lib/math.js", "app/main.js"), "lib/math.js");
  EXPECT_EQ(way("@scope/pkg", "app/main.js"), "@scope/pkg");
  EXPECT_EQ(way(".hidden", "app/main.js"), ".hidden");
  EXPECT_EQ(way("...", "app/main.js"), "...");
}

TEST(ModulePath, RelativeSpecifiersStartAtTheImportersFolder) {
  EXPECT_EQ(way("./util", "app/main.js"), "app/util");
  EXPECT_EQ(way("../util", "app/main.js"), "util");
  EXPECT_EQ(way("./a/../b/./c", "app/main.js"), "app/b/c");
  EXPECT_EQ(way("./util", "main.js"), "util");
  EXPECT_EQ(way("./util", ""), "util");
  EXPECT_EQ(way("./util", "<eval>"), "util");
  EXPECT_EQ(way("./util", "/srv/app/main.js"), "srv/app/util");
  EXPECT_EQ(way("./util", "a/b/../main.js"), "a/util");
  EXPECT_EQ(way("./util", "job:7"), "util");
}

TEST(ModulePath, EmptySegmentsAreDropped) {
  EXPECT_EQ(way("lib//math.js"), "lib/math.js");
  EXPECT_EQ(way("//lib/math.js"), "lib/math.js");
}

TEST(ModulePath, FoldersAreNamedByASlashOrDotsAtTheEnd) {
  EXPECT_EQ(way("lib/"), "lib/");
  EXPECT_EQ(way(".", "app/main.js"), "app/");
  EXPECT_EQ(way("./", "app/main.js"), "app/");
  EXPECT_EQ(way("..", "app/main.js"), "/");
  EXPECT_EQ(way("/"), "/");
  EXPECT_EQ(way("lib/x/.."), "lib/");
}

TEST(ModulePath, NothingLeadsAboveTheRoot) {
  for (const std::string specifier :
       {"..", "../x", "/..", "/../x", "x/../../y", "x/../../x/y", "./../x", "../../main/x"}) {
    EXPECT_EQ(code(specifier, "main.js"), Errc::invalid_argument) << specifier;
  }
  EXPECT_EQ(way("../../x", "app/main.js"),
            "<bad module specifier '../../x' imported by 'app/main.js': it leads above the root>");
  EXPECT_EQ(way("./x", "../main.js"),
            "<bad module specifier './x' imported by '../main.js': its importer lies above the "
            "root>");
}

TEST(ModulePath, MalformedSpecifiersAreRefusedWithTheReason) {
  EXPECT_EQ(way(""), "<bad module specifier '': it is empty>");
  EXPECT_EQ(way(std::string_view("a\0.js", 5)),
            "<bad module specifier 'a\\x00.js': it has a control character>");
  EXPECT_EQ(way("a\n    at forged (x.js:1:1)"),
            "<bad module specifier 'a\\x0a    at forged (x.js:1:1)': it has a control character>");
  EXPECT_EQ(way("a\x7f"), "<bad module specifier 'a\\x7f': it has a control character>");
  EXPECT_EQ(way("a\xff\xc3"), "<bad module specifier 'a\\xff\\xc3': it is not UTF-8>");
  EXPECT_EQ(way("\xed\xa0\x80"), "<bad module specifier '\\xed\\xa0\\x80': it is not UTF-8>");
  EXPECT_EQ(way("..\\secret"),
            "<bad module specifier '..\\secret': it has a backslash; separate folders with '/'>");
  EXPECT_EQ(way("%2e%2E/secret"),
            "<bad module specifier '%2e%2E/secret': it is percent-encoded; write the name as it "
            "is>");
  for (const std::string specifier : {"", "a\x01", "\xff", "a\\b", "%2F", "x%41"}) {
    EXPECT_EQ(code(specifier), Errc::invalid_argument) << specifier;
  }
}

TEST(ModulePath, APercentSignAloneIsAName) {
  EXPECT_EQ(way("100%"), "100%");
  EXPECT_EQ(way("100%zz/%4"), "100%zz/%4");
}

TEST(ModulePath, SpecifiersWithASchemeAreNotPaths) {
  for (const std::string specifier :
       {"file:///etc/passwd", "FILE:/x", "https://example.com/x.js", "node:fs", "data:,1", "C:\\x",
        "a+b-c.d:x", "https://example.com/%20"}) {
    EXPECT_EQ(code(specifier, "main.js"), Errc::module_not_found) << specifier;
  }
  EXPECT_EQ(way("file:///x", "main.js"),
            "<cannot find module 'file:///x' imported by 'main.js'; a specifier with a scheme is "
            "not a path>");
  EXPECT_EQ(way("./a:b"), "a:b");
  EXPECT_EQ(way("7:b"), "7:b");
  EXPECT_EQ(way(":b"), ":b");
}

TEST(ModulePath, NothingIsRelativeToAUrl) {
  EXPECT_EQ(code("./x", "https://example.com/main.js"), Errc::module_not_found);
  EXPECT_EQ(code("./x", "file:/main.js"), Errc::module_not_found);
  EXPECT_EQ(way("x", "https://example.com/main.js"), "x");
}

TEST(ModulePath, PathsAsLongAsTheLimitWorkAndLongerOnesAreRefused) {
  std::string path;
  while (path.size() < 3900) path += std::string(99, 'a') + '/';
  path += std::string(4000 - path.size(), 'b');
  EXPECT_EQ(way(path), path);
  EXPECT_EQ(code(path + 'b'), Errc::invalid_argument);
  EXPECT_EQ(code("./" + std::string(101, 'c'), path), Errc::invalid_argument);
  EXPECT_EQ(code("./c", std::string(4001, 'c')), Errc::invalid_argument);
}

TEST(ModulePath, NamesOf255BytesWorkAndLongerOnesAreRefused) {
  EXPECT_EQ(way("x/" + std::string(255, 'a')), "x/" + std::string(255, 'a'));
  EXPECT_EQ(code("x/" + std::string(256, 'a')), Errc::invalid_argument);
  EXPECT_EQ(code(std::string(256, 'a') + "/x"), Errc::invalid_argument);
}

TEST(ModulePath, ImportersWithBrokenFoldersAreRefused) {
  EXPECT_EQ(code("./x", "a\nb/main.js"), Errc::invalid_argument);
  EXPECT_EQ(code("./x", "\xff/main.js"), Errc::invalid_argument);
  EXPECT_EQ(way("x", "\xff/main.js"), "x");
}

TEST(ModulePath, HugeSpecifiersGiveShortMessages) {
  for (const std::string start : {"a", "data:", "./", "\xff", "\n"}) {
    const auto found =
        find_path({.specifier = start + std::string(1 << 20, 'x'), .importer = "main.js"});
    ASSERT_FALSE(found);
    EXPECT_LT(found.error().message.size(), 1000U);
  }
}

TEST(ModulePath, OnlyJsonIsKnownAsAType) {
  EXPECT_TRUE(find_path({.specifier = "a", .type = "json"}));
  for (const std::string type : {"css", "JSON", "json ", "javascript"}) {
    const auto found = find_path({.specifier = "./a", .importer = "b", .type = type});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::invalid_argument);
    EXPECT_EQ(found.error().message,
              "bad type '" + type + "' of module './a' imported by 'b': only 'json' is known");
  }
}

TEST(ModuleCandidates, AreTheExactPathThenTheEndingsThenTheIndexFiles) {
  EXPECT_EQ(list_candidates({.path = "a/b"}, ""),
            (Names{"a/b", "a/b.js", "a/b.mjs", "a/b.json", "a/b/index.js", "a/b/index.mjs"}));
}

TEST(ModuleCandidates, OfAFolderAreItsIndexFiles) {
  EXPECT_EQ(list_candidates({.path = "a", .folder = true}, ""),
            (Names{"a/index.js", "a/index.mjs"}));
  EXPECT_EQ(list_candidates({.path = "", .folder = true}, ""), (Names{"index.js", "index.mjs"}));
}

TEST(ModuleCandidates, ForJsonAreNoScripts) {
  EXPECT_EQ(list_candidates({.path = "a"}, "json"), (Names{"a", "a.json"}));
  EXPECT_EQ(list_candidates({.path = "a", .folder = true}, "json"), Names{});
}

TEST(ModuleName, IsNormalisedOrRefused) {
  EXPECT_EQ(to_canonical("./a//b.js").value(), "a/b.js");
  EXPECT_EQ(to_canonical("/a/../b.js").value(), "b.js");
  EXPECT_EQ(to_canonical("a/").error().message, "bad module name 'a/': it names a folder");
  EXPECT_EQ(to_canonical("../a").error().message,
            "bad module name '../a': it leads above the root");
  for (const std::string name : {"", "/", ".", "..", "node:fs", "a\\b", "a%20b", "a\n"}) {
    ASSERT_FALSE(to_canonical(name)) << name;
    EXPECT_EQ(to_canonical(name).error().code, Errc::invalid_argument) << name;
  }
}

TEST(ModuleName, EndingTellsTheFormat) {
  EXPECT_EQ(format_of("a.json"), ModuleFormat::json);
  EXPECT_EQ(format_of("a.js"), ModuleFormat::javascript);
  EXPECT_EQ(format_of("json"), ModuleFormat::javascript);
  EXPECT_EQ(format_of("a.json/b"), ModuleFormat::javascript);
}

TEST(Printable, LongTextIsShortenedBetweenCharacters) {
  EXPECT_EQ(to_printable(std::string(240, 'a')), std::string(240, 'a'));
  EXPECT_EQ(to_printable(std::string(121, 'a') + std::string(121, 'b')),
            std::string(120, 'a') + "..." + std::string(120, 'b'));
  std::string text = "a";
  for (int i = 0; i < 200; ++i) text += "\u20ac";
  const std::string printable = to_printable(text);
  EXPECT_EQ(printable.find('\\'), std::string::npos) << "no character is cut";
  EXPECT_LT(printable.size(), 250U);
  EXPECT_LT(to_printable(std::string(1000, '\x80')).size(), 1000U);
}

}  // namespace
}  // namespace sandglass::host
