#pragma once

#include <initializer_list>
#include <string>
#include <sys/types.h>
#include <vector>

// Starts the built command and watches it. For tests only: failures of the operating system end the
// test program.
namespace sandglass::cli_test {

using Words = std::vector<std::string>;

struct Finished {
  int exit_code = -1;  ///< 128 + n if signal n ended it
  std::string out;
  std::string err;
};

/// How the standard streams of a child are connected; a descriptor that the child inherits, or
/// none.
struct Streams {
  static constexpr int kClosed = -1;
  static constexpr int kPipe = -2;
  int in = kPipe;
  int out = kPipe;
  int err = kPipe;
};

/// A running command. Killed, if it still runs, when this goes away.
class Child {
 public:
  explicit Child(const Words& arguments, const Streams& streams = {}, bool as_nobody = false);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Blocks until `count` bytes of standard output have come, or its end.
  std::string read_out(std::size_t count);
  /// Blocks until standard error has shown `part`, or its end.
  std::string read_err_until(const std::string& part);
  void close_out();
  void send(int signal) const;
  /// Writes `input`, closes standard input, reads everything and waits.
  Finished finish(const std::string& input = {});

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int err_ = -1;
};

/// Runs the command to its end.
Finished sandglass(const Words& arguments, const std::string& input = {});

/// Runs the command in a terminal, without colours, and returns all that the terminal was sent.
/// `keys` is typed as soon as the first output has come.
Finished sandglass_in_terminal(const Words& arguments, const std::string& keys = {});

/// `word` as one word of a shell.
std::string shell_quoted(const std::string& word);
/// What a command of the shell writes to standard output.
std::string shell_output(const std::string& command);

/// Whether tests can give up root's rights (to meet unreadable files).
bool can_become_nobody();

/// A folder that goes away with it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::string& path() const { return path_; }
  /// Writes a file and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

}  // namespace sandglass::cli_test
