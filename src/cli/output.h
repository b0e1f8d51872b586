#pragma once

#include <string>
#include <string_view>

namespace sandglass::cli {

/// `text` with control characters spelt out ("\x1b"), newline and tab excepted, so that it cannot
/// move the cursor, set the title or do whatever else a terminal obeys. Covers C0, DEL and C1.
[[nodiscard]] std::string without_controls(std::string_view text);

/// The same, but sequences that choose colours ("\x1b[31m") stay, and are ended with the text.
[[nodiscard]] std::string with_colours_only(std::string_view text);

/// What a text is, for a terminal that has colours.
enum class Style { plain, error, hint, prompt, number, string, special };

/// The escape sequence that switches to `style`; `plain` ends every other one.
[[nodiscard]] std::string_view escape_sequence(Style style) noexcept;

/// Something that is drawn on the terminal meanwhile, and must be out of the way when others write.
class Overlay {
 public:
  virtual ~Overlay() = default;
  /// Erases it; nothing is drawn until after_write().
  virtual void before_write() = 0;
  virtual void after_write() = 0;
};

/// Standard output or standard error, unbuffered.
///
/// What goes to a terminal passes without_controls() or with_colours_only(), because most of it is
/// written by the script; what goes to a file or a pipe is left as it is. Only a terminal gets
/// colours, unless NO_COLOR is set (to anything) or TERM is "dumb". After the first failure nothing
/// more is written. Thread: one at a time.
class Output {
 public:
  /// Does not own `descriptor`.
  explicit Output(int descriptor);

  /// Writes all of `text`, or records why not. Blocks while the reader is slow.
  void write(std::string_view text, Style style = Style::plain);

  /// The same for text with colours of its own: a terminal that has them shows them.
  void write_coloured(std::string_view text);

  /// Writes `bytes` as they are, past the overlay.
  void write_bytes(std::string_view bytes);

  /// Null: none. It must live until it is taken away.
  void set_overlay(Overlay* overlay) noexcept { overlay_ = overlay; }

  [[nodiscard]] bool is_terminal() const noexcept { return is_terminal_; }
  [[nodiscard]] bool has_colours() const noexcept { return has_colours_; }

  [[nodiscard]] bool failed() const noexcept { return errno_ != 0; }
  /// The reader has closed its end: nothing is wrong, only nobody is interested any more.
  [[nodiscard]] bool reader_left() const noexcept;
  /// "No space left on device"; only after failure.
  [[nodiscard]] std::string failure() const;

 private:
  void write_clean(std::string_view clean);

  int descriptor_;
  bool is_terminal_;
  bool has_colours_;
  int errno_ = 0;
  Overlay* overlay_ = nullptr;
};

}  // namespace sandglass::cli
