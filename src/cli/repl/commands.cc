#include "cli/repl/commands.h"

#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cli/limit_options.h"
#include "cli/suggest.h"
#include "cli/text_report.h"
#include "cli/units.h"

namespace sandglass::cli {
namespace {

constexpr std::array<std::string_view, 7> kNames{".help", ".limits", ".stats", ".reset",
                                                 ".save", ".load",   ".exit"};

constexpr std::string_view kHelp =
    ".help         this text\n"
    ".limits       the limits that each input has\n"
    ".stats        what was used so far\n"
    ".reset        start anew: forget all that was defined\n"
    ".save FILE    write what was typed to a file\n"
    ".load FILE    run a file as if it had been typed\n"
    ".exit         end; Ctrl-D does, too\n"
    "\n"
    "_ is the last value. `await` works. let and const stay.\n"
    "Tab completes names. Up and down go through the history, Ctrl-R searches it.\n"
    "An input that is not complete goes on at the next line; Ctrl-C, or two empty\n"
    "lines, give it up. Ctrl-C ends a script that runs.\n";

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) {
    return {};
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \t") + 1 - begin));
}

std::string system_message() {
  return std::generic_category().message(errno);
}

// False: errno tells why.
bool write_file(const std::string& path, std::string_view text, int extra_flags) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | extra_flags, 0666);
  if (file < 0) {
    return false;
  }
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      const int reason = errno;
      ::close(file);
      errno = reason;
      return false;
    }
    text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
  }
  return ::close(file) == 0;
}

}  // namespace

bool is_command(std::string_view line) {
  return line.size() > 1 && line[0] == '.' &&
         std::isalpha(static_cast<unsigned char>(line[1])) != 0;
}

Commands::Result Commands::run(std::string_view line) {
  const std::string_view name = line.substr(0, line.find_first_of(" \t"));
  const std::string argument = trimmed(line.substr(name.size()));
  const bool takes_file = name == ".save" || name == ".load";
  if (takes_file && argument.empty()) {
    return refuse(fmt::format("{} wants the name of a file", name));
  }
  if (name == ".exit") {
    return Result::exit;
  }
  if (name == ".save") {
    return save(argument);
  }
  if (name == ".load") {
    return load(argument);
  }
  if (name == ".help") {
    out_.write(kHelp);
  } else if (name == ".limits") {
    show_limits();
  } else if (name == ".stats") {
    show_stats();
  } else if (name == ".reset") {
    session_.reset();
  } else {
    const std::string meant = suggestion(name, kNames);
    return refuse(fmt::format("unknown command '{}'{}", name,
                              meant.empty() ? "; .help tells what there is" : meant));
  }
  return Result::done;
}

Commands::Result Commands::refuse(std::string_view message) {
  write_error(err_, {.code = Errc::invalid_argument, .message = std::string(message)}, {});
  return Result::failed;
}

void Commands::show_limits() {
  for (const LimitOption& limit : limit_options()) {
    out_.write(
        fmt::format("{:<9} {:<9}  {}\n", limit.name, limit.get(session_.limits()), limit.what));
  }
  out_.write("memory is for all that is kept, the rest for each input; see sandglass repl --help\n",
             Style::hint);
}

void Commands::show_stats() {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  const Stats stats = session_.stats();
  out_.write(fmt::format("{:<9} {:.1f}ms wall, {:.1f}ms processor, in {} runs\n", "time",
                         Milliseconds(stats.wall).count(), Milliseconds(stats.cpu).count(),
                         stats.runs));
  out_.write(fmt::format("{:<9} {} in use, {} at most, of {}\n", "memory",
                         round_size(stats.memory_bytes), round_size(stats.memory_peak_bytes),
                         format_size(session_.limits().memory_bytes)));
  out_.write(fmt::format("{:<9} {} at most, of {}\n", "stack", round_size(stats.stack_peak_bytes),
                         format_size(session_.limits().stack_bytes)));
  out_.write(fmt::format("{:<9} {}\n", "fuel", stats.fuel));
  out_.write(fmt::format("{:<9} {}\n", "output", round_size(stats.output_bytes)));
}

Commands::Result Commands::save(const std::string& path) {
  // A name that was meant for something else is not to cost a file.
  const int flags = saved_.contains(path) ? O_TRUNC : O_EXCL;
  if (!write_file(path, session_.transcript(), flags)) {
    return refuse(fmt::format("cannot write {}: {}", path, system_message()));
  }
  saved_.insert(path);
  return Result::done;
}

Commands::Result Commands::load(const std::string& path) {
  auto source = read_source(path, session_.limits().memory_bytes);
  if (!source) {
    write_error(err_, source.error(), {});
    return Result::failed;
  }
  return session_.load(std::move(*source)) ? Result::done : Result::failed;
}

}  // namespace sandglass::cli
