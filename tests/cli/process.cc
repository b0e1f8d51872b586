#include "process.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace sandglass::cli_test {
namespace {

constexpr uid_t kNobody = 65534;

void require(bool condition, const char* what) {
  if (!condition) {
    std::perror(what);
    std::abort();
  }
}

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0, "pipe2");
    reader = ends[0];
    writer = ends[1];
  }
  int reader = -1;
  int writer = -1;
};

void close_if_open(int& descriptor) {
  if (descriptor >= 0) {
    ::close(std::exchange(descriptor, -1));
  }
}

// In the child, after fork: only async-signal-safe calls from here on.
[[noreturn]] void execute(int binary, char* const* arguments, const std::array<int, 3>& streams,
                          bool as_nobody) {
  // Out of the way first: a stream to install may itself be numbered 0 to 2.
  std::array<int, 3> safe{};
  for (std::size_t i = 0; i < streams.size(); ++i) {
    safe[i] = streams[i] < 0 ? -1 : ::fcntl(streams[i], F_DUPFD_CLOEXEC, 10);
  }
  const int safe_binary = ::fcntl(binary, F_DUPFD_CLOEXEC, 10);
  for (std::size_t i = 0; i < streams.size(); ++i) {
    if (safe[i] < 0) {
      ::close(static_cast<int>(i));
    } else {
      ::dup2(safe[i], static_cast<int>(i));
    }
  }
  // The test runner may ignore signals; the command is to start as from a shell.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) {
    ::signal(signal, SIG_DFL);
  }
  if (as_nobody &&
      (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
    ::_exit(126);
  }
  // By descriptor, because nobody may not reach the build tree by its path.
  ::fexecve(safe_binary, arguments, environ);
  ::_exit(127);
}

std::vector<char*> argument_vector(const Words& words, std::string& name) {
  std::vector<char*> arguments{name.data()};
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));  // exec does not write to it
  }
  arguments.push_back(nullptr);
  return arguments;
}

int open_binary() {
  const int binary = ::open(SANDGLASS_COMMAND, O_RDONLY | O_CLOEXEC);
  require(binary >= 0, SANDGLASS_COMMAND);
  return binary;
}

int wait_for(pid_t& pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    require(errno == EINTR, "waitpid");
  }
  pid = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// False at the end of the stream. A terminal reports it as EIO.
bool read_some(int descriptor, std::string& text) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
  if (got > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return got > 0 || (got < 0 && errno == EINTR);
}

}  // namespace

Child::Child(const Words& arguments, const Streams& streams, bool as_nobody) {
  ::signal(SIGPIPE, SIG_IGN);  // a child may end before it has read its input
  const Pipe in;
  const Pipe out;
  const Pipe err;
  const auto choose = [](int wanted, int end) { return wanted == Streams::kPipe ? end : wanted; };
  const std::array<int, 3> inherited{choose(streams.in, in.reader), choose(streams.out, out.writer),
                                     choose(streams.err, err.writer)};
  std::string name = "sandglass";
  const std::vector<char*> vector = argument_vector(arguments, name);
  const int binary = open_binary();
  pid_ = ::fork();
  require(pid_ >= 0, "fork");
  if (pid_ == 0) {
    execute(binary, vector.data(), inherited, as_nobody);
  }
  for (const int descriptor : {binary, in.reader, out.writer, err.writer}) {
    ::close(descriptor);
  }
  in_ = in.writer;
  out_ = out.reader;
  err_ = err.reader;
}

Child::~Child() {
  close_if_open(in_);
  close_if_open(out_);
  close_if_open(err_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait_for(pid_);
  }
}

std::string Child::read_err_until(const std::string& part) {
  std::string text;
  while (text.find(part) == std::string::npos && read_some(err_, text)) {
  }
  return text;
}

std::string Child::read_out(std::size_t count) {
  std::string text;
  while (text.size() < count && read_some(out_, text)) {
  }
  return text;
}

void Child::close_out() {
  close_if_open(out_);
}

void Child::send(int signal) const {
  require(::kill(pid_, signal) == 0, "kill");
}

Finished Child::finish(const std::string& input) {
  Finished finished;
  std::string_view rest = input;
  require(::fcntl(in_, F_SETFL, O_NONBLOCK) == 0, "fcntl");
  while (out_ >= 0 || err_ >= 0) {
    if (rest.empty()) {
      close_if_open(in_);
    }
    std::array<pollfd, 3> entries{{{out_, POLLIN, 0}, {err_, POLLIN, 0}, {in_, POLLOUT, 0}}};
    if (::poll(entries.data(), entries.size(), -1) < 0) {
      require(errno == EINTR, "poll");
      continue;
    }
    if (entries[0].revents != 0 && !read_some(out_, finished.out)) {
      close_if_open(out_);
    }
    if (entries[1].revents != 0 && !read_some(err_, finished.err)) {
      close_if_open(err_);
    }
    if (entries[2].revents != 0) {
      const ssize_t written = ::write(in_, rest.data(), rest.size());
      if (written >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(written));
      } else if (errno != EAGAIN) {
        rest = {};  // the child does not want the rest
      }
    }
  }
  close_if_open(in_);
  finished.exit_code = wait_for(pid_);
  return finished;
}

Finished sandglass(const Words& arguments, const std::string& input) {
  return Child(arguments).finish(input);
}

Finished sandglass_in_terminal(const Words& arguments, const std::string& keys) {
  std::string name = "sandglass";
  const std::vector<char*> vector = argument_vector(arguments, name);
  const int binary = open_binary();
  int terminal = -1;
  ::setenv("NO_COLOR", "1", 1);  // to read what it says; colours are looked at in Terminal
  pid_t pid = ::forkpty(&terminal, nullptr, nullptr, nullptr);
  require(pid >= 0, "forkpty");
  if (pid == 0) {
    execute(binary, vector.data(), {0, 1, 2}, false);
  }
  ::close(binary);
  Finished finished;
  bool typed = keys.empty();
  while (read_some(terminal, finished.out)) {
    if (!typed && !finished.out.empty()) {
      typed = true;
      require(::write(terminal, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()),
              "write");
    }
  }
  finished.exit_code = wait_for(pid);
  ::close(terminal);
  return finished;
}

std::string shell_quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) {
    text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return text + "'";
}

std::string shell_output(const std::string& command) {
  std::string text;
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  require(pipe != nullptr, "popen");
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    text.append(buffer.data(), got);
  }
  ::pclose(pipe);
  return text;
}

bool can_become_nobody() {
  return ::geteuid() == 0;
}

TemporaryFolder::TemporaryFolder() {
  path_ = (std::filesystem::temp_directory_path() / "sandglass-cli-XXXXXX").string();
  require(::mkdtemp(path_.data()) != nullptr, "mkdtemp");
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

std::string TemporaryFolder::file(const std::string& name, const std::string& text) const {
  const std::string path = path_ + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

}  // namespace sandglass::cli_test
