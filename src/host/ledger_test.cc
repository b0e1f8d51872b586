#include "host/ledger.h"

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

constexpr FileId kFile = {.device = 1, .inode = 1};
constexpr FileId kOther = {.device = 1, .inode = 2};

bool fits(const Ledger& ledger, std::uint64_t size, std::uint64_t new_size) {
  return ledger.may_write(size, new_size, new_size).has_value();
}

TEST(Ledger, GrowthCountsAndNotWhatWasThere) {
  Ledger ledger({.bytes = 10});
  EXPECT_TRUE(fits(ledger, 1000, 1010));
  EXPECT_FALSE(fits(ledger, 1000, 1011));
  ledger.wrote(kFile, 1000, 1010, 10);
  EXPECT_TRUE(fits(ledger, 1010, 1010));
  EXPECT_FALSE(fits(ledger, 0, 1));
}

TEST(Ledger, CuttingGivesBackNoMoreThanWasAdded) {
  Ledger ledger({.bytes = 10});
  ledger.wrote(kFile, 1000, 1004, 4);
  ledger.wrote(kOther, 0, 6, 6);
  ledger.wrote(kFile, 1004, 0, 0);
  EXPECT_TRUE(fits(ledger, 6, 10));
  EXPECT_FALSE(fits(ledger, 6, 11));
}

TEST(Ledger, RemovingAFileOfTheHostGivesBackNothing) {
  Ledger ledger({.bytes = 10, .files = 1});
  ledger.made(kOther);
  ledger.wrote(kOther, 0, 10, 10);
  ledger.removed(kFile);
  EXPECT_FALSE(fits(ledger, 10, 11));
  EXPECT_FALSE(ledger.may_make());
}

TEST(Ledger, ARemovedFileCountsUntilItsLastHandleIsClosed) {
  Ledger ledger({.bytes = 10});
  ledger.made(kFile);
  ledger.opened(kFile);
  ledger.opened(kFile);
  ledger.wrote(kFile, 0, 4, 4);
  ledger.removed(kFile);
  ledger.wrote(kFile, 4, 10, 6);
  ledger.closed(kFile);
  EXPECT_FALSE(fits(ledger, 0, 1));
  ledger.closed(kFile);
  EXPECT_TRUE(fits(ledger, 0, 10));
}

TEST(Ledger, ANumberThatIsUsedAgainIsANewFile) {
  Ledger ledger({.bytes = 10, .files = 1});
  ledger.made(kFile);
  ledger.wrote(kFile, 0, 10, 10);
  ledger.made(kFile);  // the host has removed the first
  EXPECT_TRUE(fits(ledger, 0, 10));
  ledger.removed(kFile);
  EXPECT_TRUE(ledger.may_make());
}

TEST(Ledger, OneFileMayBeAsLongAsTheQuotaSays) {
  const Ledger ledger({.file_bytes = 10});
  EXPECT_TRUE(fits(ledger, 0, 10));
  EXPECT_EQ(ledger.may_write(0, 11, 11).error(), std::errc::file_too_large);
  EXPECT_TRUE(fits(ledger, 100, 100));
}

TEST(Ledger, WrittenBytesAreNeverGivenBack) {
  Ledger ledger({.written_bytes = 10});
  ledger.wrote(kFile, 0, 10, 10);
  ledger.wrote(kFile, 10, 0, 0);
  EXPECT_EQ(ledger.may_write(0, 1, 1).error(), std::errc::no_space_on_device);
  EXPECT_TRUE(ledger.may_write(0, 0, 0));
}

}  // namespace
}  // namespace sandglass::host
