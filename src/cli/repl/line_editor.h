#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "cli/repl/completion.h"
#include "cli/repl/line_source.h"

namespace sandglass::cli {

/// Lines that a person edits in a terminal: standard input and output must be one.
///
/// Obeys `~/.editrc`. The terminal is in its usual mode whenever next() is not waiting.
/// Lifetime: one at a time.
class LineEditor final : public LineSource, private Overlay {
 public:
  struct Setup {
    /// Becomes readable when the line is to be given up.
    int wake_descriptor = -1;
    bool colours = false;
    /// Read at the beginning, written after each input, for its owner only. Empty: none.
    std::filesystem::path history_file;
    std::function<Completion(std::string_view before_cursor)> complete;
    /// Called while the line waits for its next key, again every 10 ms for as long as it returns
    /// true. May write to the terminal between the calls of `line`, which keep the line intact.
    std::function<bool(Overlay& line)> turn;
  };

  explicit LineEditor(Setup setup);
  ~LineEditor() override;

  Line next(Prompt prompt) override;
  void remember(std::string_view input) override;
  [[nodiscard]] bool is_interactive() const override { return true; }

 private:
  void before_write() override;
  void after_write() override {}
  // Whether there will be more of it soon.
  bool take_turn();

  struct Callbacks;
  struct Library;

  Setup setup_;
  std::string prompt_;
  bool interrupted_ = false;
  bool erased_ = false;
  std::unique_ptr<Library> library_;
};

}  // namespace sandglass::cli
