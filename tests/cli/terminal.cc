#include "terminal.h"

#include <chrono>
#include <functional>
#include <thread>

namespace sandglass::cli_test {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;  // for a slow machine; what is expected comes at once

std::string joined(const Words& words) {
  std::string line;
  for (const std::string& word : words) {
    line += shell_quoted(word) + ' ';
  }
  return line;
}

bool wait_until(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) {
      return false;
    }
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

}  // namespace

bool Terminal::is_available() {
  return shell_output("tmux -V 2>/dev/null").starts_with("tmux ");
}

Terminal::Terminal(const Words& arguments, const Words& environment) {
  Words words{"env",
              "-u",
              "NO_COLOR",
              "TERM=screen-256color",
              "HOME=" + folder_.path(),
              "XDG_STATE_HOME=" + folder_.path() + "/state"};
  words.insert(words.end(), environment.begin(), environment.end());
  words.emplace_back(SANDGLASS_COMMAND);
  words.insert(words.end(), arguments.begin(), arguments.end());
  // The shell must outlive a Ctrl-C, to tell how the command ended.
  const std::string script = "trap : INT; " + joined(words) + "; echo exit=$?; sleep 1000";
  static_cast<void>(
      tmux({"-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30", script}));
}

Terminal::~Terminal() {
  static_cast<void>(tmux({"kill-server"}));
}

std::string Terminal::tmux(const Words& words) const {
  return shell_output("tmux -S " + shell_quoted(folder_.path() + "/tmux") + ' ' + joined(words) +
                      "2>/dev/null");
}

void Terminal::type(const std::string& text) const {
  std::string escaped = text;
  if (escaped.ends_with(';')) {
    escaped.insert(escaped.size() - 1, "\\");  // tmux takes it for the end of a command
  }
  static_cast<void>(tmux({"send-keys", "-l", "--", escaped}));
}

void Terminal::press(const std::string& key) const {
  static_cast<void>(tmux({"send-keys", key}));
}

void Terminal::enter(const std::string& text) const {
  type(text);
  press("Enter");
}

std::string Terminal::screen(bool styled) const {
  std::string text = tmux(styled ? Words{"capture-pane", "-p", "-e"} : Words{"capture-pane", "-p"});
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

bool Terminal::shows(const std::string& text) const {
  return wait_until([&] { return screen().find(text) != std::string::npos; });
}

bool Terminal::hides(const std::string& text) const {
  return wait_until([&] { return screen().find(text) == std::string::npos; });
}

}  // namespace sandglass::cli_test
