#include "cli/repl/line_editor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "cli/output.h"

namespace sandglass::cli {
namespace {

constexpr int kHistoryEntries = 1000;
constexpr char kPromptEscape = '\1';  // surrounds what takes no room in the prompt
constexpr std::size_t kMaxListed = 200;
constexpr std::size_t kDefaultColumns = 80;
constexpr int kTurnMilliseconds = 10;
constexpr char kTab = '\t';

// What is typed is UTF-8, also where no locale says so.
void use_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
}

void print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::size_t terminal_columns() {
  winsize size{};
  const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultColumns;
}

// In columns that read downwards, as ls has them.
std::string list(const std::vector<std::string>& names) {
  const std::size_t shown = std::min(names.size(), kMaxListed);
  std::size_t width = 1;
  for (const std::string& name : names) {
    width = std::max(width, name.size() + 2);
  }
  const std::size_t columns = std::max<std::size_t>(1, terminal_columns() / width);
  const std::size_t rows = (shown + columns - 1) / columns;
  std::string text = "\n";
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::size_t at = row; at < shown; at += rows) {
      line += fmt::format("{:<{}}", names[at], width);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  if (shown < names.size()) {
    text += fmt::format("... and {} more\n", names.size() - shown);
  }
  return text;
}

// Reads one character. False: the end, or the terminal is gone.
bool read_character(wchar_t& character) {
  std::mbstate_t state{};
  for (;;) {
    char byte = 0;
    const ssize_t got = ::read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got != 1) {
      return false;
    }
    const std::size_t length = std::mbrtowc(&character, &byte, 1, &state);
    if (length == static_cast<std::size_t>(-1)) {
      state = {};  // no UTF-8: not a character
    } else if (length != static_cast<std::size_t>(-2)) {
      return true;
    }
  }
}

}  // namespace

struct LineEditor::Library {
  EditLine* editor = nullptr;
  History* history = nullptr;
};

// What libedit calls.
struct LineEditor::Callbacks {
  static LineEditor& self(EditLine* editor) {
    void* data = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &data);
    // SAFETY: what the constructor stored there; libedit calls nothing after the destructor.
    return *static_cast<LineEditor*>(data);
  }

  static char* prompt(EditLine* editor) { return self(editor).prompt_.data(); }

  static int get_character(EditLine* editor, wchar_t* character) {
    LineEditor& line = self(editor);
    std::array<pollfd, 2> entries{
        {{STDIN_FILENO, POLLIN, 0}, {line.setup_.wake_descriptor, POLLIN, 0}}};
    for (;;) {
      const int patience = line.take_turn() ? kTurnMilliseconds : -1;
      if (::poll(entries.data(), entries.size(), patience) < 0) {
        continue;  // EINTR: the size of the window has changed, and libedit knows
      }
      if (entries[1].revents != 0) {
        std::uint64_t count = 0;
        static_cast<void>(::read(line.setup_.wake_descriptor, &count, sizeof count));
        line.interrupted_ = true;
        errno = EINTR;
        return -1;
      }
      if (entries[0].revents != 0) {
        return read_character(*character) ? 1 : 0;
      }
    }
  }

  static unsigned char complete(EditLine* editor, int /*key*/) {
    const LineInfo* const info = ::el_line(editor);
    const std::string_view before(info->buffer,
                                  static_cast<std::size_t>(info->cursor - info->buffer));
    if (before.find_first_not_of(" \t") == before.npos) {
      // An indented text that was pasted.
      const std::array<char, 2> tab{kTab, '\0'};
      return ::el_insertstr(editor, tab.data()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    const Completion completion = self(editor).setup_.complete(before);
    if (completion.names.empty()) {
      return CC_REFRESH_BEEP;
    }
    const std::string beginning = common_beginning(completion.names);
    if (beginning.size() > completion.typed.size()) {
      const std::string rest = beginning.substr(completion.typed.size());
      return ::el_insertstr(editor, rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    if (completion.names.size() == 1) {
      return CC_NORM;
    }
    print(list(completion.names));
    return CC_REDISPLAY;
  }
};

LineEditor::LineEditor(Setup setup)
    : setup_(std::move(setup)), library_(std::make_unique<Library>()) {
  use_utf8();
  EditLine* const editor = ::el_init("sandglass", stdin, stdout, stderr);
  library_->editor = editor;
  library_->history = ::history_init();
  HistEvent event{};
  ::history(library_->history, &event, H_SETSIZE, kHistoryEntries);
  ::history(library_->history, &event, H_SETUNIQUE, 1);
  if (!setup_.history_file.empty()) {
    ::history(library_->history, &event, H_LOAD, setup_.history_file.c_str());
  }
  ::el_set(editor, EL_CLIENTDATA, this);
  ::el_set(editor, EL_PROMPT_ESC, &Callbacks::prompt, kPromptEscape);
  ::el_set(editor, EL_EDITOR, "emacs");
  ::el_set(editor, EL_SIGNAL, 1);  // for the size of the window, and Ctrl-Z
  ::el_set(editor, EL_HIST, &::history, library_->history);
  ::el_set(editor, EL_GETCFN, &Callbacks::get_character);
  ::el_set(editor, EL_ADDFN, "complete-name", "Complete a name", &Callbacks::complete);
  ::el_set(editor, EL_BIND, "^I", "complete-name", nullptr);
  ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  ::el_source(editor, nullptr);
}

LineEditor::~LineEditor() {
  ::history_end(library_->history);
  ::el_end(library_->editor);
}

void LineEditor::before_write() {
  if (!std::exchange(erased_, true)) {
    print("\r\x1b[J");
    std::fflush(stdout);
  }
}

bool LineEditor::take_turn() {
  const bool more = setup_.turn && setup_.turn(*this);
  if (std::exchange(erased_, false)) {
    ::el_set(library_->editor, EL_REFRESH);
  }
  return more;
}

Line LineEditor::next(Prompt prompt) {
  const std::string_view text = prompt == Prompt::first ? ">" : "...";
  // The library shows an escape sequence together with what follows it: none may be the last.
  prompt_ = setup_.colours
                ? fmt::format("{0}{1}{0}{2}{0}{3}{0} ", kPromptEscape,
                              escape_sequence(Style::prompt), text, escape_sequence(Style::plain))
                : fmt::format("{} ", text);
  interrupted_ = false;
  int length = 0;
  const char* const line = ::el_gets(library_->editor, &length);
  if (interrupted_) {
    print("^C\n");
    std::fflush(stdout);
    return {Line::Kind::interrupted, {}};
  }
  if (line == nullptr || length <= 0) {
    print("\n");
    std::fflush(stdout);
    return {Line::Kind::end, {}};
  }
  std::string_view typed = line;
  if (typed.ends_with('\n')) {
    typed.remove_suffix(1);
  }
  return {Line::Kind::text, std::string(typed)};
}

void LineEditor::remember(std::string_view input) {
  HistEvent event{};
  ::history(library_->history, &event, H_ENTER, std::string(input).c_str());
  if (!setup_.history_file.empty()) {
    ::history(library_->history, &event, H_SAVE, setup_.history_file.c_str());
  }
}

}  // namespace sandglass::cli
