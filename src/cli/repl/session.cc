#include "cli/repl/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "cli/binary_file.h"
#include "cli/json_report.h"
#include "cli/progress.h"
#include "cli/repl/syntax.h"
#include "cli/text_report.h"
#include "cli/vm.h"
#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

constexpr std::string_view kLastValue = "_";

}  // namespace

Result<std::unique_ptr<Session>> Session::start(const Command& command, SignalWatcher& signals,
                                                Output& out, Output& err) {
  const auto key = read_key(command.key);
  if (!key) {
    return std::unexpected(key.error());
  }
  Result<Runtime> runtime =
      make_vm(command, *key,
              [&out, &err](ConsoleStream stream, std::string_view text) {
                (stream == ConsoleStream::out ? out : err).write_coloured(text);
              },
              {.out_colors = out.has_colours(), .err_colors = err.has_colours()});
  if (!runtime) {
    return std::unexpected(std::move(runtime.error()));
  }
  return std::unique_ptr<Session>(new Session(std::move(*runtime), signals, out, err));
}

Session::Session(Runtime runtime, SignalWatcher& signals, Output& out, Output& err)
    : runtime_(std::move(runtime)), signals_(signals), out_(out), err_(err) {
  completer_.emplace(runtime_);
}

bool Session::goes_on(std::string_view input) const {
  return cli::goes_on(runtime_, input);
}

bool Session::run(std::string_view input) {
  // Named by a number, so that stacks tell which input a function came from.
  sources_.push_back({fmt::format("repl-{}", ++inputs_), as_expression(runtime_, input)});
  return run_source(sources_.back(), SourceKind::script);
}

bool Session::load(Source source) {
  sources_.push_back(std::move(source));
  return run_source(sources_.back(), kind_of_file(sources_.back().name));
}

bool Session::run_source(const Source& source, SourceKind kind) {
  collect_words(source.text, words_);
  signals_.forget();
  const std::string name = as_utf8(source.name);
  const Progress progress(out_, err_);
  const Watch watch(signals_, runtime_);
  const Result<Value> value =
      runtime_.eval(source.text, {.file_name = name, .kind = kind, .top_level_await = true});
  const bool shown = value ? show(*value) : fail(value.error());
  return run_until(std::chrono::steady_clock::now()) && shown;
}

bool Session::show(const Value& value) {
  if (value.is_undefined()) {
    return true;
  }
  if (const auto kept = runtime_.set(kLastValue, value); !kept) {
    return fail(kept.error());
  }
  const bool is_string = value.is_string();
  const auto text = is_string ? value.to_json() : value.to_display({.colors = out_.has_colours()});
  if (!text) {
    return fail(text.error());
  }
  if (is_string) {
    out_.write(*text, Style::string);
    out_.write("\n");
  } else {
    out_.write_coloured(*text + '\n');
  }
  return true;
}

bool Session::run_until(std::optional<std::chrono::steady_clock::time_point> until) {
  waiting_ = false;
  if (!runtime_.usable()) {
    return true;  // told when it happened
  }
  const Result<bool> idle = runtime_.run(until);
  // What threw may not have been the last of them.
  waiting_ = runtime_.usable() && (!idle || !*idle);
  return idle ? true : fail(idle.error());
}

bool Session::turn() {
  if (waiting_) {
    signals_.forget();
    const Watch watch(signals_, runtime_);
    run_until(std::chrono::steady_clock::now());
  }
  return waiting_;
}

bool Session::finish() {
  signals_.forget();
  bool ran = true;
  while (waiting_ && ran) {
    const Progress progress(out_, err_);
    const Watch watch(signals_, runtime_);
    ran = run_until(std::nullopt);
  }
  return ran;
}

bool Session::fail(const Error& error) {
  last_error_ = error.code;
  const std::string file = error.location ? error.location->file : std::string();
  const auto source = std::ranges::find(sources_, file, &Source::name);
  write_error(err_, error,
              {.source = source == sources_.end() ? nullptr : &*source, .limits = &limits()});
  if (error.completion) {
    out_.write(*error.completion + "\n");
  }
  if (!runtime_.usable()) {
    reset();
    err_.write("the VM could not go on and was reset: what was defined is gone\n", Style::hint);
  }
  return false;
}

void Session::reset() {
  completer_.reset();
  if (const auto done = runtime_.reset(); !done) {
    write_error(err_, done.error(), {});
  }
  sources_.clear();
  words_.clear();
  completer_.emplace(runtime_);
}

Completion Session::complete(std::string_view before) {
  return completer_->complete(before, words_);
}

std::string Session::transcript() const {
  std::string text;
  for (const Source& source : sources_) {
    text += source.text;
    if (!text.ends_with('\n')) {
      text += '\n';
    }
  }
  return text;
}

}  // namespace sandglass::cli
