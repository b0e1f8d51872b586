#pragma once

#include <string>

#include "cli/repl/line_source.h"

namespace sandglass::cli {

/// Lines of a file or a pipe: no prompt, no history.
class LineReader final : public LineSource {
 public:
  /// Does not own `descriptor`.
  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  Line next(Prompt prompt) override;
  void remember(std::string_view /*input*/) override {}
  [[nodiscard]] bool is_interactive() const override { return false; }

 private:
  bool fill();

  int descriptor_;
  std::string buffer_;
  bool at_end_ = false;
};

}  // namespace sandglass::cli
