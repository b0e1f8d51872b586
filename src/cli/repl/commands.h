#pragma once

#include <set>
#include <string>
#include <string_view>

#include "cli/output.h"
#include "cli/repl/session.h"

namespace sandglass::cli {

/// Whether `line` is for the session itself: ".help", but not ".5".
[[nodiscard]] bool is_command(std::string_view line);

/// The commands of a session.
class Commands {
 public:
  /// The references must outlive it.
  Commands(Session& session, Output& out, Output& err) : session_(session), out_(out), err_(err) {}

  enum class Result { done, failed, exit };
  Result run(std::string_view line);

 private:
  void show_limits();
  void show_stats();
  Result save(const std::string& path);
  Result load(const std::string& path);
  Result refuse(std::string_view message);

  Session& session_;
  Output& out_;
  Output& err_;
  std::set<std::string> saved_;  // files that may be written over, being ours
};

}  // namespace sandglass::cli
