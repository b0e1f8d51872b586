#pragma once

#include <string>
#include <string_view>

namespace sandglass::cli {

/// What came in answer to a prompt.
struct Line {
  enum class Kind {
    text,
    interrupted,  ///< Ctrl-C: what had been typed is gone.
    end,          ///< Ctrl-D, or the end of the stream.
  };
  Kind kind = Kind::end;
  std::string text;  ///< Without its end.
};

enum class Prompt { first, continuation };

/// Where a session gets its lines.
class LineSource {
 public:
  LineSource() = default;
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;
  virtual ~LineSource() = default;

  /// Waits for a line.
  virtual Line next(Prompt prompt) = 0;
  /// Keeps a whole input, to be called back.
  virtual void remember(std::string_view input) = 0;
  /// Whether somebody types.
  [[nodiscard]] virtual bool is_interactive() const = 0;
};

}  // namespace sandglass::cli
