#include "cli/repl/history_file.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

class HistoryFile : public testing::Test {
 protected:
  HistoryFile() {
    std::string name = (std::filesystem::temp_directory_path() / "sandglass-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    ::unsetenv("XDG_STATE_HOME");
    ::setenv("HOME", folder_.c_str(), 1);
  }
  ~HistoryFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(HistoryFile, LiesInTheStateFolder) {
  ::setenv("XDG_STATE_HOME", (folder_ / "state").c_str(), 1);
  EXPECT_EQ(history_file(), folder_ / "state" / "sandglass" / "history");
}

TEST_F(HistoryFile, LiesBelowHomeIfThereIsNoStateFolder) {
  EXPECT_EQ(history_file(), folder_ / ".local" / "state" / "sandglass" / "history");
  ::setenv("XDG_STATE_HOME", "relative", 1);
  EXPECT_EQ(history_file(), folder_ / ".local" / "state" / "sandglass" / "history");
}

TEST_F(HistoryFile, FolderIsForItsOwnerOnly) {
  const std::filesystem::path file = history_file();
  EXPECT_EQ(std::filesystem::status(file.parent_path()).permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(HistoryFile, WithoutAHomeThereIsNone) {
  ::unsetenv("HOME");
  EXPECT_EQ(history_file(), "");
}

}  // namespace
}  // namespace sandglass::cli
