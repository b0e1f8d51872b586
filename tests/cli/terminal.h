#pragma once

#include <string>

#include "process.h"

namespace sandglass::cli_test {

/// The command in a real terminal: a tmux of its own, 100 columns by 30 lines.
///
/// What it shows is waited for, never slept for.
class Terminal {
 public:
  /// Whether there is a tmux to do it.
  [[nodiscard]] static bool is_available();

  /// `environment`: "NAME=value" words. The shell prints "exit=CODE" after the command.
  explicit Terminal(const Words& arguments, const Words& environment = {});
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  /// Types `text` as it is.
  void type(const std::string& text) const;
  /// Presses a key by its name in tmux: "Enter", "Tab", "Up", "C-c".
  void press(const std::string& key) const;
  void enter(const std::string& text) const;

  /// What can be seen, without blank lines at its end; with escape sequences if `styled`.
  [[nodiscard]] std::string screen(bool styled = false) const;
  /// Waits until `text` can be seen. False after a long time.
  [[nodiscard]] bool shows(const std::string& text) const;
  /// Waits until it cannot.
  [[nodiscard]] bool hides(const std::string& text) const;

 private:
  [[nodiscard]] std::string tmux(const Words& words) const;

  TemporaryFolder folder_;
};

}  // namespace sandglass::cli_test
