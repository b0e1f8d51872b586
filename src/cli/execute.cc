#include "cli/execute.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/binary_file.h"
#include "cli/json_report.h"
#include "cli/progress.h"
#include "cli/vm.h"
#include "sandglass/sandglass.h"

namespace sandglass::cli {
namespace {

// An exception of a conversion belongs to the conversion (a BigInt has no JSON); anything else,
// such as a toJSON that never returns, is how the run ended.
bool ends_the_run(const Error& error) {
  return error.code != Errc::threw;
}

void add_json_value(const Value& value, Outcome& outcome) {
  Result<std::string> json = value.to_json();
  if (json) {
    replace_lone_surrogates(*json);
  }
  if (json && is_json(*json)) {
    outcome.value_json = std::move(*json);
    return;
  }
  if (!json && ends_the_run(json.error())) {
    outcome.error = std::move(json.error());
    return;
  }
  const Result<std::string> text = value.to_string();
  if (text) {
    outcome.value_json = quote_json(*text);
  } else if (ends_the_run(text.error())) {
    outcome.error = text.error();
  }
}

void add_display(const Value& value, bool colours, Outcome& outcome) {
  if (value.is_undefined()) {
    return;
  }
  Result<std::string> text = value.to_display({.colors = colours});
  if (text) {
    outcome.display = std::move(*text);
  } else {
    outcome.error = std::move(text.error());
  }
}

void add_failure(Error error, const Source& source, Outcome& outcome) {
  if (error.code == Errc::invalid_argument) {
    error.message = fmt::format("{}: {}", source.name, error.message);
  }
  if (error.completion) {
    outcome.value_json = quote_json(*error.completion);
    outcome.display = error.completion;
  }
  outcome.error = std::move(error);
}

Result<Value> evaluate(Runtime& runtime, const Command& command, const Source& source,
                       std::span<const std::byte> key) {
  if (is_bytecode(source.text)) {
    return runtime.run(as_bytes(source.text), {.mac_key = key, .until_idle = true});
  }
  if (is_snapshot(source.text)) {
    return std::unexpected(
        Error{.code = Errc::invalid_argument,
              .message = "this is a snapshot, not a script: name it with --snapshot"});
  }
  const std::string name = as_utf8(source.name);
  return runtime.eval(
      source.text,
      {.file_name = name, .kind = command.kind, .top_level_await = true, .until_idle = true});
}

// Reads properties as they are: no getter of the script is called.
class OwnProperties {
 public:
  // Before the script runs, which may replace what is used.
  explicit OwnProperties(const Runtime& runtime) {
    if (auto object = runtime.get("Object")) {
      if (auto function = object->get("getOwnPropertyDescriptor")) {
        descriptor_of_ = std::move(*function);
      }
    }
  }

  // Undefined: it has none, or a getter would have to be asked.
  [[nodiscard]] Value get(const Value& object, std::string_view name) const {
    if (!object.is_object() || object.is_proxy()) {
      return {};
    }
    const auto descriptor = descriptor_of_.call(object, name);
    // Own properties only: a script may have put a getter called "value" on Object.prototype.
    const auto keys = descriptor ? descriptor->keys() : Result<std::vector<std::string>>{};
    if (!keys || std::ranges::find(*keys, "value") == keys->end()) {
      return {};
    }
    auto value = descriptor->get("value");
    return value ? std::move(*value) : Value();
  }

 private:
  Value descriptor_of_;
};

std::optional<int> exit_status_of(const Runtime& runtime, const OwnProperties& properties) {
  const Value status = properties.get(properties.get(runtime.global(), "process"), "exitCode");
  const auto number = status.as<double>();
  if (status.type() != Type::number || !number || std::trunc(*number) != *number ||
      std::abs(*number) > INT32_MAX) {
    return std::nullopt;
  }
  return static_cast<int>(static_cast<std::int32_t>(*number) & 0xff);
}

void run(Runtime& runtime, const Command& command, const Source& source,
         std::span<const std::byte> key, bool colours, Outcome& outcome) {
  const OwnProperties properties(runtime);
  Result<Value> value = evaluate(runtime, command, source, key);
  if (!value) {
    add_failure(std::move(value.error()), source, outcome);
  } else if (command.json) {
    add_json_value(*value, outcome);
  } else if (command.verb == Verb::eval) {
    add_display(*value, colours, outcome);
  }
  outcome.stats = runtime.stats();
  if (!outcome.error) {
    outcome.exit_status = exit_status_of(runtime, properties);
  }
}

// What is left of the VM goes to a file.
void freeze(Runtime& runtime, const Command& command, std::span<const std::byte> key,
            Outcome& outcome) {
  const Result<Snapshot> snapshot = runtime.snapshot();
  if (!snapshot) {
    outcome.error = snapshot.error();
    return;
  }
  const auto bytes = snapshot->save({.mac_key = key});
  if (!bytes) {
    outcome.error = bytes.error();
  } else if (const auto written = write_binary(command.target, *bytes); !written) {
    outcome.error = written.error();
  }
}

// Where the script's words go.
struct Console {
  Output& out;
  Output& err;
  Runtime* running = nullptr;  // is ended when nobody reads its output any more
};

ConsoleSink sink_of(Console& console, const Command& command, Outcome& outcome) {
  if (command.json) {
    return [&outcome](ConsoleStream, std::string_view text) { outcome.output += text; };
  }
  // A snapshot on standard output is not to have words in it.
  const bool out_is_taken = command.target == "-";
  return [&console, out_is_taken](ConsoleStream stream, std::string_view text) {
    const bool to_out = stream == ConsoleStream::out && !out_is_taken;
    (to_out ? console.out : console.err).write_coloured(text);
    if (console.out.failed()) {
      console.running->interrupt();
    }
  };
}

ConsoleOptions look_of(const Console& console, const Command& command) {
  if (command.json) {
    return {};
  }
  const Output& out = command.target == "-" ? console.err : console.out;
  return {.out_colors = out.has_colours(), .err_colors = console.err.has_colours()};
}

}  // namespace

Outcome execute(const Command& command, const Source& source, SignalWatcher& signals,
                FileWatcher* files, Output& out, Output& err) {
  Outcome outcome;
  Console console{out, err};
  const auto key = read_key(command.key);
  if (!key) {
    outcome.error = key.error();
    return outcome;
  }
  Result<Runtime> runtime =
      make_vm(command, *key, sink_of(console, command, outcome), look_of(console, command));
  if (!runtime) {
    outcome.error = std::move(runtime.error());
    return outcome;
  }
  console.running = &*runtime;
  {
    const Progress progress(out, err);
    const Watch watch(signals, *runtime);
    std::optional<Watch<FileWatcher>> watch_files;
    if (files != nullptr) {
      watch_files.emplace(*files, *runtime);
    }
    run(*runtime, command, source, *key, out.has_colours(), outcome);
    if (command.verb == Verb::snapshot && !outcome.error && !out.failed()) {
      freeze(*runtime, command, *key, outcome);
    }
  }
  // The signal may have come between the run and the conversion of its value, and nothing ended
  // then.
  if (signals.signalled() && (!outcome.error || outcome.error->code == Errc::interrupted)) {
    const bool usable = !outcome.error || outcome.error->vm_usable;
    outcome.error =
        Error{.code = Errc::interrupted, .message = "ended by a signal", .vm_usable = usable};
  }
  return outcome;
}

}  // namespace sandglass::cli
