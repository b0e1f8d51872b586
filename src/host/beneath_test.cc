#include "host/beneath.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace sandglass::host {
namespace {

constexpr std::uint64_t kPlenty = 1 << 20;

// A temporary folder with "root", and "secret" beside it.
class BeneathTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "sandglass-beneath-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directories(root() / "dir");
    std::filesystem::create_directories(folder_ / "outside");
    write("root/file", "inside");
    write("root/dir/file", "inside");
    write("outside/file", "secret");
    write("secret", "secret");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::filesystem::path root() const { return folder_ / "root"; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  void link(const std::string& target, const std::string& name) const {
    ASSERT_EQ(::symlink(target.c_str(), (root() / name).c_str()), 0);
  }

  std::filesystem::path folder_;
};

// What a read gives: the text, or why not.
std::string outcome(const Beneath& beneath, std::string_view path,
                    std::uint64_t max_bytes = kPlenty) {
  const auto text = beneath.read_file(path, max_bytes);
  return text ? *text : "<" + describe(text.error()) + ">";
}

OpenFailure failure(const Beneath& beneath, std::string_view path) {
  const auto file = beneath.open_file(path);
  EXPECT_FALSE(file) << path;
  const auto found = beneath.find_file(path);
  EXPECT_FALSE(found) << path;
  if (file || found) return OpenFailure::system;
  EXPECT_EQ(file.error().why, found.error().why) << path;
  return file.error().why;
}

// Runs on both ways to look up.
class BothLookups : public BeneathTest, public testing::WithParamInterface<Lookup> {
 protected:
  [[nodiscard]] Beneath open(const std::filesystem::path& path) const {
    return Beneath::open(path, {.lookup = GetParam()}).value();
  }
};

INSTANTIATE_TEST_SUITE_P(Beneath, BothLookups, testing::Values(Lookup::automatic, Lookup::stepwise),
                         [](const auto& chosen) {
                           return chosen.param == Lookup::automatic ? "Automatic" : "Stepwise";
                         });

TEST_P(BothLookups, RegularFilesAreFoundAndReadAsTheyAre) {
  write("root/dir/bytes", std::string("1\0\xff\r\n", 5));
  write("root/empty", "");
  const Beneath beneath = open(root());
  EXPECT_EQ(outcome(beneath, "file"), "inside");
  EXPECT_EQ(outcome(beneath, "dir/bytes"), std::string("1\0\xff\r\n", 5));
  EXPECT_EQ(outcome(beneath, "empty"), "");
  EXPECT_TRUE(beneath.find_file("dir/file"));
}

TEST_P(BothLookups, AbsentNamesAreTold) {
  const Beneath beneath = open(root());
  EXPECT_EQ(failure(beneath, "none"), OpenFailure::absent);
  EXPECT_EQ(failure(beneath, "none/file"), OpenFailure::absent);
  EXPECT_EQ(failure(beneath, "file/file"), OpenFailure::absent);
}

TEST_P(BothLookups, PathsThatAreNotPlainAreMalformed) {
  const Beneath beneath = open(root());
  for (const std::string path :
       {"", "/", "/etc/passwd", "..", "../secret", "dir/../file", "dir/../../secret", ".", "./file",
        "dir//file", "dir/", "dir/.", "dir/.."}) {
    EXPECT_EQ(failure(beneath, path), OpenFailure::malformed) << path;
  }
  EXPECT_EQ(failure(beneath, std::string("file\0.js", 8)), OpenFailure::malformed);
  EXPECT_EQ(failure(beneath, std::string("\0", 1)), OpenFailure::malformed);
}

TEST_P(BothLookups, NothingIsDecoded) {
  write("root/%2e%2e", "percent");
  write("root/..\\secret", "backslash");
  write("root/\xff\xfe", "not UTF-8");
  write("root/...", "dots");
  const Beneath beneath = open(root());
  EXPECT_EQ(outcome(beneath, "%2e%2e"), "percent");
  EXPECT_EQ(outcome(beneath, "..\\secret"), "backslash");
  EXPECT_EQ(outcome(beneath, "\xff\xfe"), "not UTF-8");
  EXPECT_EQ(outcome(beneath, "..."), "dots");
  EXPECT_EQ(failure(beneath, "%2e%2e/secret"), OpenFailure::absent);
}

TEST_P(BothLookups, NamesAsLongAsTheyCanBeWorkAndLongerOnesAreAbsent) {
  write("root/" + std::string(255, 'a'), "long");
  const Beneath beneath = open(root());
  EXPECT_EQ(outcome(beneath, std::string(255, 'a')), "long");
  EXPECT_EQ(failure(beneath, std::string(256, 'a')), OpenFailure::absent);
  std::string path = "x";
  while (path.size() < 1 << 20) path += "/x";
  EXPECT_EQ(failure(beneath, path), OpenFailure::absent);
}

TEST_P(BothLookups, DirectoriesAreNotFiles) {
  EXPECT_EQ(failure(open(root()), "dir"), OpenFailure::directory);
}

TEST_P(BothLookups, LinksThatLeadOutAreRefused) {
  link("../secret", "relative");
  link((folder_ / "secret").string(), "absolute");
  link("../outside", "folder");
  link("..", "up");
  link("/proc/self/root/etc/passwd", "magic");
  link("dir/../../secret", "through");
  const Beneath beneath = open(root());
  const OpenFailure expected =
      GetParam() == Lookup::automatic ? OpenFailure::outside : OpenFailure::link;
  for (const std::string path :
       {"relative", "absolute", "folder/file", "up/secret", "up/root/file", "magic", "through"}) {
    EXPECT_EQ(failure(beneath, path), expected) << path;
  }
}

TEST_P(BothLookups, LoopsOfLinksAreRefused) {
  link("b", "a");
  link("a", "b");
  EXPECT_EQ(failure(open(root()), "a"), OpenFailure::link);
  EXPECT_EQ(failure(open(root()), "a/file"), OpenFailure::link);
}

TEST_P(BothLookups, MagicLinksOfProcAreNeverFollowed) {
  const Beneath beneath = open("/proc/self");
  EXPECT_NE(outcome(beneath, "status").find("Name:"), std::string::npos);
  for (const std::string path : {"root/etc/passwd", "cwd/file", "exe", "fd/0", "ns/mnt"}) {
    EXPECT_EQ(failure(beneath, path), OpenFailure::link) << path;
  }
}

TEST_P(BothLookups, DevicesAreRefused) {
  const Beneath beneath = open("/dev");
  EXPECT_EQ(failure(beneath, "zero"), OpenFailure::not_regular);
  EXPECT_EQ(failure(beneath, "null"), OpenFailure::not_regular);
}

TEST_P(BothLookups, SocketsAreRefused) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_GE(socket, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = root() / "socket";
  ASSERT_LT(path.size(), sizeof address.sun_path);
  path.copy(address.sun_path, path.size());
  // SAFETY: the sockets API takes every kind of address by this pointer.
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(failure(open(root()), "socket"), OpenFailure::not_regular);
  ::close(socket);
}

TEST_P(BothLookups, FifosAreRefusedWithoutBeingOpened) {
  const std::filesystem::path fifo = root() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const Descriptor events(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  ASSERT_GE(::inotify_add_watch(events.get(), fifo.c_str(), IN_OPEN), 0);
  const Beneath beneath = open(root());
  EXPECT_EQ(failure(beneath, "fifo"), OpenFailure::not_regular);
  alignas(inotify_event) char buffer[4096];
  EXPECT_EQ(::read(events.get(), buffer, sizeof buffer), -1);
  EXPECT_EQ(errno, EAGAIN);
  const Descriptor opened(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  EXPECT_GT(::read(events.get(), buffer, sizeof buffer), 0) << "the watch sees what is opened";
}

TEST_P(BothLookups, FileAsLongAsTheLimitIsReadAndOneByteMoreIsRefused) {
  write("root/file", std::string(100'000, 'x'));
  const Beneath beneath = open(root());
  EXPECT_EQ(outcome(beneath, "file", 100'000), std::string(100'000, 'x'));
  EXPECT_EQ(outcome(beneath, "file", 99'999), "<too large>");
  EXPECT_EQ(outcome(beneath, "file", 0), "<too large>");
}

TEST_P(BothLookups, HugeFilesAreRefusedUnread) {
  std::filesystem::resize_file(root() / "file", std::uintmax_t{1} << 40);
  EXPECT_EQ(outcome(open(root()), "file"), "<too large>");
}

TEST_P(BothLookups, FilesThatAreLongerThanTheySayAreReadUpToTheLimitOnly) {
  ASSERT_EQ(std::filesystem::file_size("/proc/self/maps"), 0U);
  const Beneath beneath = open("/proc/self");
  EXPECT_EQ(outcome(beneath, "maps", 100), "<too large>");
  EXPECT_GT(outcome(beneath, "maps").size(), 100U);
}

TEST_P(BothLookups, UnreadableFilesAreToldWithTheReason) {
  ASSERT_EQ(::chmod((root() / "file").c_str(), 0), 0);
  const Beneath beneath = open(root());
  std::string text;
  // Root may read everything, so this thread gives that up. It must not be the test's own.
  std::thread([&] {
    if (::geteuid() == 0) ::setfsuid(65534);
    text = outcome(beneath, "file");
  }).join();
  EXPECT_EQ(text, "<Permission denied>");
}

TEST_P(BothLookups, RootThatIsRenamedStaysTheRoot) {
  const Beneath beneath = open(root());
  std::filesystem::rename(root(), folder_ / "renamed");
  std::filesystem::rename(folder_ / "outside", root());
  EXPECT_EQ(outcome(beneath, "file"), "inside");
}

TEST_P(BothLookups, DescriptorsDoNotPile) {
  const auto count = [] {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator("/proc/self/fd"), Iterator());
  };
  link("../secret", "out");
  const auto before = count();
  {
    const Beneath beneath = open(root());
    for (const std::string path : {"file", "dir/file", "dir", "none", "out", "dir/none/x"}) {
      (void)beneath.find_file(path);
      (void)beneath.open_file(path);
      (void)beneath.read_file(path, 1);
    }
  }
  EXPECT_EQ(count(), before);
}

TEST_P(BothLookups, DescriptorsAreCloseOnExec) {
  const auto file = open(root()).open_file("dir/file");
  ASSERT_TRUE(file);
  EXPECT_EQ(::fcntl(file->get(), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

// Exchanges two names until it is destroyed.
class Swapper {
 public:
  Swapper(std::filesystem::path a, std::filesystem::path b)
      : thread_([this, a = std::move(a), b = std::move(b)] {
          while (!stop_) {
            if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) {
              ++swaps_;
            }
          }
        }) {}
  ~Swapper() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] int swaps() const { return swaps_; }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> swaps_ = 0;
  std::thread thread_;
};

struct Seen {
  int inside = 0;
  int refused = 0;
  int other = 0;
};

// Reads until both outcomes were met and many swaps were made.
Seen read_while_swapped(const Beneath& beneath, const std::string& path, const Swapper& swapper) {
  Seen seen;
  for (int turn = 0; turn < 500'000; ++turn) {
    if (seen.inside > 100 && seen.refused > 100 && swapper.swaps() > 10'000) break;
    const std::string text = outcome(beneath, path);
    ++(text == "inside" ? seen.inside : text.starts_with('<') ? seen.refused : seen.other);
  }
  return seen;
}

TEST_P(BothLookups, FileThatIsSwappedForALinkIsNeverReadThroughIt) {
  link("../secret", "link");
  const Swapper swapper(root() / "file", root() / "link");
  const Seen seen = read_while_swapped(open(root()), "file", swapper);
  EXPECT_EQ(seen.other, 0);
  EXPECT_GT(seen.inside, 0);
  EXPECT_GT(seen.refused, 0);
}

TEST_P(BothLookups, DirectoryThatIsSwappedForALinkIsNeverEnteredThroughIt) {
  link("../outside", "link");
  const Swapper swapper(root() / "dir", root() / "link");
  const Seen seen = read_while_swapped(open(root()), "dir/file", swapper);
  EXPECT_EQ(seen.other, 0);
  EXPECT_GT(seen.inside, 0);
  EXPECT_GT(seen.refused, 0);
}

TEST_P(BothLookups, FileThatIsSwappedForAFifoNeverBlocks) {
  ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0600), 0);
  const Swapper swapper(root() / "file", root() / "fifo");
  const Seen seen = read_while_swapped(open(root()), "file", swapper);
  EXPECT_EQ(seen.other, 0);
  EXPECT_GT(seen.inside, 0);
  EXPECT_GT(seen.refused, 0);
}

TEST_P(BothLookups, WhatIsOpenedIsARegularFileAlsoIfItIsSwappedForAFifo) {
  ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0600), 0);
  const Swapper swapper(root() / "file", root() / "fifo");
  const Beneath beneath = open(root());
  int opened = 0;
  for (int turn = 0; turn < 500'000 && (turn < 20'000 || opened < 100); ++turn) {
    const auto file = beneath.open_file("file");
    if (!file) continue;
    ++opened;
    struct stat status{};
    ASSERT_EQ(::fstat(file->get(), &status), 0);
    ASSERT_TRUE(S_ISREG(status.st_mode)) << "at turn " << turn;
  }
  EXPECT_GE(opened, 100);
}

TEST_F(BeneathTest, LinksThatStayInsideAreFollowed) {
  link("dir/file", "down");
  link("dir", "folder");
  ASSERT_EQ(::symlink("../file", (root() / "dir/up").c_str()), 0);
  const Beneath beneath = Beneath::open(root()).value();
  if (outcome(beneath, "down") == "<a link that is not followed>") GTEST_SKIP() << "no openat2";
  EXPECT_EQ(outcome(beneath, "down"), "inside");
  EXPECT_EQ(outcome(beneath, "folder/file"), "inside");
  EXPECT_EQ(outcome(beneath, "dir/up"), "inside");
  EXPECT_EQ(failure(beneath, "folder"), OpenFailure::directory);
}

TEST_F(BeneathTest, LinkThatIsTurnedOutwardsWhileUsedIsRefusedFromThenOn) {
  link("file", "in");
  link("../secret", "out");
  const Beneath beneath = Beneath::open(root()).value();
  if (outcome(beneath, "in") == "<a link that is not followed>") GTEST_SKIP() << "no openat2";
  const Swapper swapper(root() / "in", root() / "out");
  const Seen seen = read_while_swapped(beneath, "in", swapper);
  EXPECT_EQ(seen.other, 0);
  EXPECT_GT(seen.inside, 0);
  EXPECT_GT(seen.refused, 0);
}

TEST_F(BeneathTest, LinksAreRefusedOnRequest) {
  link("dir/file", "down");
  link("dir", "folder");
  for (const Lookup lookup : {Lookup::automatic, Lookup::stepwise}) {
    const auto beneath = Beneath::open(root(), {.links = Links::refused, .lookup = lookup}).value();
    EXPECT_EQ(failure(beneath, "down"), OpenFailure::link);
    EXPECT_EQ(failure(beneath, "folder/file"), OpenFailure::link);
    EXPECT_EQ(outcome(beneath, "dir/file"), "inside");
  }
}

TEST_F(BeneathTest, RootMustBeADirectory) {
  EXPECT_EQ(Beneath::open(root() / "none").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(Beneath::open(root() / "file").error(), std::errc::not_a_directory);
  EXPECT_EQ(Beneath::open("").error(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(Beneath::open(std::string("/\0x", 3)).error(), std::errc::invalid_argument);
}

TEST_F(BeneathTest, RootMayBeReachedByALink) {
  link("dir", "link");
  EXPECT_EQ(outcome(Beneath::open(root() / "link").value(), "file"), "inside");
}

// From now on openat2 answers `number` on this thread, as under a seccomp filter that does not know
// it.
bool forbid_openat2(unsigned number) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{.len = std::size(filter), .filter = filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

class WithoutOpenat2 : public BeneathTest, public testing::WithParamInterface<unsigned> {};

INSTANTIATE_TEST_SUITE_P(Beneath, WithoutOpenat2, testing::Values(ENOSYS, EPERM),
                         [](const auto& chosen) {
                           return chosen.param == ENOSYS ? "NoSuchCall" : "NotPermitted";
                         });

TEST_P(WithoutOpenat2, FilesAreReadStepByStepAndLinksRefused) {
  link("../secret", "out");
  link("file", "in");
  bool forbidden = false;
  std::string inside;
  OpenFailure out{};
  OpenFailure in{};
  std::thread([&] {
    forbidden = forbid_openat2(GetParam());
    if (!forbidden) return;
    const Beneath beneath = Beneath::open(root()).value();
    inside = outcome(beneath, "dir/file");
    out = failure(beneath, "out");
    in = failure(beneath, "in");
  }).join();
  if (!forbidden) GTEST_SKIP() << "no seccomp";
  EXPECT_EQ(inside, "inside");
  EXPECT_EQ(out, OpenFailure::link);
  EXPECT_EQ(in, OpenFailure::link);
}

}  // namespace
}  // namespace sandglass::host
