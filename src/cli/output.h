#pragma once

#include <string>
#include <string_view>

namespace sandglass::cli {

/// `text` with control characters spelt out ("\x1b"), newline and tab excepted, so that it cannot
/// move the cursor, set the title or do whatever else a terminal obeys. Covers C0, DEL and C1.
[[nodiscard]] std::string without_controls(std::string_view text);

/// Standard output or standard error, unbuffered.
///
/// What goes to a terminal passes without_controls(), because most of it is written by the script;
/// what goes to a file or a pipe is left as it is.
/// After the first failure nothing more is written.
/// Thread: one at a time.
class Output {
 public:
  /// Does not own `descriptor`.
  explicit Output(int descriptor);

  /// Writes all of `text`, or records why not. Blocks while the reader is slow.
  void write(std::string_view text);

  [[nodiscard]] bool failed() const noexcept { return errno_ != 0; }
  /// The reader has closed its end: nothing is wrong, only nobody is interested any more.
  [[nodiscard]] bool reader_left() const noexcept;
  /// "No space left on device"; only after failure.
  [[nodiscard]] std::string failure() const;

 private:
  int descriptor_;
  bool is_terminal_;
  int errno_ = 0;
};

}  // namespace sandglass::cli
