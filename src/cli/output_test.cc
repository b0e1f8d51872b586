#include "cli/output.h"

#include <array>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

namespace sandglass::cli {
namespace {

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() { ::close(std::exchange(ends[0], -1)); }
  void close_writer() { ::close(std::exchange(ends[1], -1)); }
  std::array<int, 2> ends{};
};

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = ::read(descriptor, buffer.data(), buffer.size())) > 0;) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

TEST(WithoutControls, PlainTextNewlineAndTabStay) {
  EXPECT_EQ(without_controls("a\tb\nä€😀"), "a\tb\nä€😀");
}

TEST(WithoutControls, EscapeSequencesAreSpeltOut) {
  EXPECT_EQ(without_controls("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(without_controls("a\rb\x7f"), "a\\x0db\\x7f");
  EXPECT_EQ(without_controls(std::string("\0", 1)), "\\x00");
}

TEST(WithoutControls, C1ControlsAreSpeltOutAndTheirNeighboursAreNot) {
  EXPECT_EQ(without_controls("\xc2\x9b"
                             "2J"),
            "\\x9b2J");
  EXPECT_EQ(without_controls("\xc2\xa0"), "\xc2\xa0");  // no-break space
  EXPECT_EQ(without_controls("\xc2"), "\xc2");          // cut short: not a control
}

TEST(WithColoursOnly, ColoursStayAndEndWithTheText) {
  EXPECT_EQ(with_colours_only("plain\n"), "plain\n");
  EXPECT_EQ(with_colours_only("\x1b[31mred\n"), "\x1b[31mred\x1b[0m\n");
  EXPECT_EQ(with_colours_only("\x1b[38;5;1ma\x1b[mb"), "\x1b[38;5;1ma\x1b[mb\x1b[0m");
}

TEST(WithColoursOnly, AllOtherSequencesAreSpeltOut) {
  EXPECT_EQ(with_colours_only("\x1b[2J\x1b[31mx\x1b]0;owned\x07\x1b[1"),
            "\\x1b[2J\x1b[31mx\\x1b]0;owned\\x07\\x1b[1\x1b[0m");
  EXPECT_EQ(with_colours_only("\x1b[>4m\x1b[?5m\x1b[4:3m"), "\\x1b[>4m\\x1b[?5m\\x1b[4:3m");
  EXPECT_EQ(with_colours_only("\x1b[\x1b[1m"), "\\x1b[\x1b[1m\x1b[0m");
}

TEST(Output, PipeGetsTheBytesUnchanged) {
  Pipe pipe;
  Output output(pipe.ends[1]);
  output.write("\x1b[31mred\r\n");
  pipe.close_writer();
  EXPECT_EQ(read_all(pipe.ends[0]), "\x1b[31mred\r\n");
}

TEST(Output, TerminalGetsControlsSpeltOut) {
  int terminal = -1;
  int program = -1;
  ASSERT_EQ(::openpty(&terminal, &program, nullptr, nullptr, nullptr), 0);
  Output output(program);
  output.write("\x1b]0;title\x07.");
  std::array<char, 256> buffer;
  const ssize_t got = ::read(terminal, buffer.data(), buffer.size());
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(got)), "\\x1b]0;title\\x07.");
  ::close(program);
  ::close(terminal);
}

TEST(Output, TextLargerThanANonBlockingPipeArrivesWhole) {
  Pipe pipe;
  ASSERT_EQ(::fcntl(pipe.ends[1], F_SETFL, O_NONBLOCK), 0);
  const std::string text(3'000'000, 'x');
  std::string received;
  std::thread reader([&] { received = read_all(pipe.ends[0]); });
  Output output(pipe.ends[1]);
  output.write(text);
  pipe.close_writer();
  reader.join();
  EXPECT_FALSE(output.failed());
  EXPECT_EQ(received, text);
}

TEST(Output, ReaderThatLeftIsToldApartFromOtherFailures) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  Output output(pipe.ends[1]);
  output.write("x");
  EXPECT_TRUE(output.failed());
  EXPECT_TRUE(output.reader_left());
}

TEST(Output, FullDeviceIsAFailureWithItsReason) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  Output output(full);
  output.write("x");
  EXPECT_TRUE(output.failed());
  EXPECT_FALSE(output.reader_left());
  EXPECT_EQ(output.failure(), "No space left on device");
  ::close(full);
}

}  // namespace
}  // namespace sandglass::cli
