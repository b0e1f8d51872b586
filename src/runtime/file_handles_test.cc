#include "runtime/file_handles.h"

#include <limits>

#include <gtest/gtest.h>

namespace sandglass::runtime {
namespace {

class NoFile final : public File {
  FileResult<std::size_t> read(std::span<std::byte>, std::uint64_t) override { return 0; }
  FileResult<std::size_t> write(std::span<const std::byte>, std::uint64_t) override { return 0; }
  FileResult<void> resize(std::uint64_t) override { return {}; }
  FileResult<FileStatus> status() override { return FileStatus{}; }
};

TEST(FileHandles, TheLowestFreeNumberFromThreeOnIsTaken) {
  FileHandles handles;
  EXPECT_EQ(handles.add(std::make_unique<NoFile>()), 3);
  EXPECT_EQ(handles.add(std::make_unique<NoFile>()), 4);
  handles.find(3)->file.reset();
  EXPECT_EQ(handles.find(3), nullptr);
  EXPECT_EQ(handles.add(std::make_unique<NoFile>()), 3);
}

TEST(FileHandles, NumbersOfNoFileAreNotFound) {
  FileHandles handles;
  static_cast<void>(handles.add(std::make_unique<NoFile>()));
  for (const double number :
       {-1.0, 0.0, 2.0, 2.999, 3.5, 4.0, 1e300, -1e300, std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(handles.find(number), nullptr) << number;
  }
  EXPECT_NE(handles.find(3), nullptr);
}

TEST(FileHandles, AtMostSoManyAreOpen) {
  FileHandles handles;
  for (std::size_t i = 0; i < FileHandles::kMax; ++i)
    ASSERT_TRUE(handles.add(std::make_unique<NoFile>()));
  EXPECT_EQ(handles.add(std::make_unique<NoFile>()), std::nullopt);
}

}  // namespace
}  // namespace sandglass::runtime
