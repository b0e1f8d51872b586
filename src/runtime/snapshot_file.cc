// Snapshots as bytes.
#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <zstd.h>

#include <fmt/format.h>

#include "engine/prelude.h"
#include "engine/prepared.h"
#include "runtime/byte_io.h"
#include "runtime/class_functions.h"
#include "runtime/container.h"
#include "runtime/options.h"
#include "runtime/snapshot.h"
#include "runtime/utf8.h"
#include "sandglass/bindings.h"
#include "sandglass/snapshot.h"
#include "sandglass/version.h"

namespace sandglass::runtime {
namespace {

using Bytes = std::span<const std::byte>;
using std::chrono::nanoseconds;

// The content: how many bytes it has unpacked (8), and those compressed by zstd.
constexpr ContainerKind kKind = {.name = "snapshot",
                                 .magic = {'\x8f', 'S', 'G', 'S', 'N', 'A', 'P', '\n'},
                                 .version = 2,
                                 .flags = 0,
                                 .least_content_bytes = 8};
constexpr int kMaxLevel = 19;

// The engine and what the image holds besides: a snapshot refers to builtins of the host by their
// number, and has the prelude in it that calls them.
const std::string& image_hash() {
  static const std::string hash = [] {
    std::string text(guest_hash());
    for (const std::string_view name : engine::kPreludeNames) text += fmt::format("\n{}", name);
    for (const std::string_view name : engine::kBuiltinNames) text += fmt::format("\n{}", name);
    for (const auto& script : engine::prelude_scripts()) {
      text += fmt::format("\n{} {}\n{}", script.name, script.source.size(), script.source);
    }
    return hash_of(text);
  }();
  return hash;
}

std::unexpected<Error> invalid(std::string message) {
  return std::unexpected(Error{.code = Errc::invalid_argument, .message = std::move(message)});
}

std::unexpected<Error> no_memory(std::string_view why) {
  return std::unexpected(
      Error{.code = Errc::memory_limit,
            .message = fmt::format("the host has no memory for the snapshot: {}", why)});
}

// Writing. All integers little-endian; text and bytes after their length (8).

class Writer {
 public:
  template <std::unsigned_integral T>
  void integer(T value) {
    append_integer(bytes_, value);
  }
  void flag(bool value) { integer(std::uint8_t{value}); }
  void bytes(Bytes bytes) {
    integer(std::uint64_t{bytes.size()});
    append(bytes_, bytes);
  }
  void text(std::string_view text) { bytes(std::as_bytes(std::span(text))); }
  void value(engine::JsValue value) { integer(value.bits); }
  template <class T>
  void count(const T& container) {
    integer(static_cast<std::uint32_t>(container.size()));
  }
  void time(std::optional<nanoseconds> time) {
    flag(time.has_value());
    if (time) integer(static_cast<std::uint64_t>(time->count()));
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

// Reading: whatever is wrong ends in failed().

class Reader {
 public:
  explicit Reader(Bytes bytes) : reader_(bytes) {}
  template <std::unsigned_integral T>
  T integer() {
    return reader_.integer<T>();
  }
  bool flag() {
    const auto value = integer<std::uint8_t>();
    wrong_ = wrong_ || value > 1;
    return value == 1;
  }
  Bytes bytes() {
    const auto size = integer<std::uint64_t>();
    return reader_.take(size > reader_.left() ? std::numeric_limits<std::size_t>::max() : size);
  }
  std::string text() {
    const Bytes taken = bytes();
    std::string text(taken.size(), '\0');
    std::ranges::transform(taken, text.begin(), [](std::byte byte) { return char(byte); });
    wrong_ = wrong_ || text.contains('\0') || find_invalid_utf8(text);
    return text;
  }
  engine::JsValue value() { return {integer<std::uint64_t>()}; }
  // Of things that take `least` bytes each.
  std::uint32_t count(std::size_t least) {
    const auto count = integer<std::uint32_t>();
    wrong_ = wrong_ || count > reader_.left() / least;
    return failed() ? 0 : count;
  }
  std::optional<nanoseconds> time() {
    if (!flag()) return std::nullopt;
    return nanoseconds(static_cast<std::int64_t>(integer<std::uint64_t>()));
  }
  [[nodiscard]] bool failed() const { return wrong_ || reader_.failed(); }
  [[nodiscard]] bool at_end() const { return reader_.left() == 0; }

 private:
  ByteReader reader_;
  bool wrong_ = false;
};

void write_options(Writer& to, const Options& options) {
  const Limits& limits = options.limits;
  to.integer(limits.memory_bytes);
  to.integer(limits.stack_bytes);
  to.time(limits.wall_time);
  to.time(limits.cpu_time);
  to.time(limits.grace);
  to.flag(limits.fuel.has_value());
  if (limits.fuel) to.integer(*limits.fuel);
  to.integer(limits.output_bytes);
  to.integer(std::uint64_t{options.gc_threshold_bytes});
}

Options read_options(Reader& from) {
  Options options;
  Limits& limits = options.limits;
  limits.memory_bytes = from.integer<std::uint64_t>();
  limits.stack_bytes = from.integer<std::uint64_t>();
  limits.wall_time = from.time();
  limits.cpu_time = from.time();
  limits.grace = from.time().value_or(nanoseconds(-1));
  limits.fuel = std::nullopt;
  if (from.flag()) limits.fuel = from.integer<std::uint64_t>();
  limits.output_bytes = from.integer<std::uint64_t>();
  options.gc_threshold_bytes = from.integer<std::uint64_t>();
  return options;
}

void write_parts(Writer& to, const engine::PreparedParts& parts) {
  to.flag(parts.own_stack_region);
  to.integer(parts.memory_pages);
  to.bytes(parts.globals);
  for (const std::uint32_t address : {parts.runtime, parts.context, parts.interrupt_counter,
                                      parts.random_state, parts.host_class, parts.transfer_block}) {
    to.integer(address);
  }
  to.integer(parts.global);
  to.count(parts.prelude);
  for (const std::uint64_t value : parts.prelude) to.integer(value);
  to.count(parts.runs);
  for (const auto& run : parts.runs) {
    to.integer(run.page);
    to.bytes(run.bytes);
  }
}

engine::PreparedParts read_parts(Reader& from) {
  engine::PreparedParts parts;
  parts.own_stack_region = from.flag();
  parts.memory_pages = from.integer<std::uint32_t>();
  const Bytes globals = from.bytes();
  parts.globals.assign(globals.begin(), globals.end());
  for (std::uint32_t* address : {&parts.runtime, &parts.context, &parts.interrupt_counter,
                                 &parts.random_state, &parts.host_class, &parts.transfer_block}) {
    *address = from.integer<std::uint32_t>();
  }
  parts.global = from.integer<std::uint64_t>();
  parts.prelude.resize(from.count(sizeof(std::uint64_t)));
  for (std::uint64_t& value : parts.prelude) value = from.integer<std::uint64_t>();
  parts.runs.resize(from.count(sizeof(std::uint32_t) + sizeof(std::uint64_t)));
  for (auto& run : parts.runs) {
    run.page = from.integer<std::uint32_t>();
    const Bytes bytes = from.bytes();
    run.bytes.assign(bytes.begin(), bytes.end());
  }
  return parts;
}

void add_name(std::string& list, std::string_view name) {
  list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
}

Result<std::vector<std::byte>> unpack_content(Bytes content, std::uint64_t max_bytes) {
  ByteReader reader(content);
  const auto size = reader.integer<std::uint64_t>();
  const Bytes packed = reader.take(reader.left());
  if (size > max_bytes) {
    return invalid(fmt::format("the snapshot has {} bytes, more than max_bytes ({})", size,
                               format_bytes(max_bytes)));
  }
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != size) {
    return damaged(kKind, "its sizes contradict each other");
  }
  std::vector<std::byte> bytes(size);
  if (ZSTD_decompress(bytes.data(), bytes.size(), packed.data(), packed.size()) != size) {
    return damaged(kKind, "it does not unpack");
  }
  return bytes;
}

}  // namespace

/// Between a SnapshotState and bytes.
struct SnapshotFile {
  /// What has no name in a file; empty: nothing.
  static std::string find_nameless(const SnapshotState& state) {
    std::string found;
    std::map<std::string_view, const detail::HostFunction*> named;
    for (const HostEntry& entry : state.host_table->entries) {
      if (!entry.live) continue;
      if (!entry.function) {
        add_name(found, fmt::format("an object of the host ({})", entry.type->name()));
      } else if (entry.name.empty()) {
        add_name(found, "a function without a name");
      } else if (const auto [at, added] = named.emplace(entry.name, entry.function.get());
                 !added && at->second != entry.function.get()) {
        add_name(found, fmt::format("two functions called '{}'", entry.name));
      }
    }
    if (!state.kept.host_modules.empty()) add_name(found, "a host module that is being imported");
    return found;
  }

  static void write_table(Writer& to, const SnapshotState& state) {
    to.count(state.host_table->entries);
    for (const HostEntry& entry : state.host_table->entries) {
      to.flag(entry.live);
      to.integer(entry.generation);
      if (entry.live) to.text(entry.name);
    }
  }

  static void write_kept(Writer& to, const SnapshotState& state) {
    const Vm::Kept& kept = state.kept;
    to.count(kept.classes);
    for (const auto& [type, bound] : kept.classes) {
      to.text(bound.definition->name);
      to.value(bound.prototype);
      to.value(bound.constructor);
    }
    to.integer(state.promise_count);
    to.count(kept.pending);
    for (const auto& [id, pending] : kept.pending) {
      to.integer(id);
      for (const engine::JsValue value : {pending.promise, pending.resolve, pending.reject}) {
        to.value(value);
      }
      to.text(pending.what);
      to.text(pending.where);
    }
    to.count(kept.module_versions);
    for (const auto& [name, version] : kept.module_versions) {
      to.text(name);
      to.integer(version);
    }
    to.count(kept.bundled_imports);
    for (const auto& [key, name] : kept.bundled_imports) {
      to.text(key.importer);
      to.text(key.specifier);
      to.text(name);
    }
    to.count(kept.bundled_units);
    for (const auto& [name, unit] : kept.bundled_units) {
      to.text(name);
      to.text(unit.name);
      to.text(unit.url);
      to.flag(unit.json);
      to.bytes(unit.code);
    }
    to.flag(kept.tainted);
    to.time(kept.elapsed);
    to.integer(static_cast<std::uint32_t>(kept.timers.size()));
    kept.timers.each([&](std::uint32_t id, const Timers::Timer& timer, auto due) {
      to.integer(id);
      to.value(timer.callback);
      to.value(timer.arguments);
      to.time(timer.interval);
      to.time(due);
    });
    // Not the arguments and the environment: a VM from the file gets those it is granted.
    to.flag(kept.process != Vm::Kept::Process());
  }

  // Names that are missing go to `missing`.
  static std::shared_ptr<const HostTable::Saved> read_table(Reader& from, const Bindings& bindings,
                                                            std::string& missing) {
    auto functions = bindings.functions_;
    for (const auto& [name, definition] : bindings.classes_) {
      functions.merge(detail::functions_of(*definition));
    }
    auto saved = std::make_shared<HostTable::Saved>();
    saved->entries.resize(from.count(2));
    for (std::size_t i = 0; i < saved->entries.size(); ++i) {
      HostEntry& entry = saved->entries[i];
      entry.live = from.flag();
      entry.generation = from.integer<std::uint8_t>();
      if (!entry.live) {
        saved->free.push_back(static_cast<std::uint32_t>(i));
        continue;
      }
      entry.name = from.text();
      ++saved->functions;
      if (const auto at = functions.find(entry.name); at != functions.end()) {
        entry.function = at->second;
      } else if (!from.failed()) {
        add_name(missing, entry.name);
      }
    }
    return saved;
  }

  static void read_kept(Reader& from, const Bindings& bindings, SnapshotState& state,
                        std::string& missing) {
    Vm::Kept& kept = state.kept;
    constexpr std::size_t kLength = sizeof(std::uint64_t);
    for (auto left = from.count(3 * kLength); left > 0 && !from.failed(); --left) {
      const std::string name = from.text();
      const engine::JsValue prototype = from.value();
      const engine::JsValue constructor = from.value();
      if (const auto at = bindings.classes_.find(name); at != bindings.classes_.end()) {
        kept.classes[std::type_index(*at->second->type)] = {at->second, prototype, constructor};
      } else if (!from.failed()) {
        add_name(missing, "class " + name);
      }
    }
    state.promise_count = from.integer<std::uint64_t>();
    for (auto left = from.count(6 * kLength); left > 0 && !from.failed(); --left) {
      const auto id = from.integer<std::uint64_t>();
      auto& pending = kept.pending[id];
      pending.promise = from.value();
      pending.resolve = from.value();
      pending.reject = from.value();
      pending.what = from.text();
      pending.where = from.text();
    }
    for (auto left = from.count(kLength); left > 0 && !from.failed(); --left) {
      std::string name = from.text();
      kept.module_versions[std::move(name)] = from.integer<std::uint32_t>();
    }
    for (auto left = from.count(3 * kLength); left > 0 && !from.failed(); --left) {
      ModuleImportKey key;
      key.importer = from.text();
      key.specifier = from.text();
      kept.bundled_imports[std::move(key)] = from.text();
    }
    for (auto left = from.count(4 * kLength); left > 0 && !from.failed(); --left) {
      BytecodeUnit& unit = kept.bundled_units[from.text()];
      unit.name = from.text();
      unit.url = from.text();
      unit.json = from.flag();
      const Bytes code = from.bytes();
      unit.code.assign(code.begin(), code.end());
    }
    kept.tainted = from.flag();
    kept.elapsed = std::clamp(from.time().value_or(Timers::Time()), Timers::Time(), Timers::kEnd);
    for (auto left = from.count(3 * kLength); left > 0 && !from.failed(); --left) {
      Timers::Due due;
      due.id = from.integer<std::uint32_t>();
      due.timer.callback = from.value();
      due.timer.arguments = from.value();
      due.timer.interval = from.time();
      kept.timers.restore(due, from.time());
    }
    if (from.flag()) kept.process = std::nullopt;
  }

  static Result<std::shared_ptr<const SnapshotState>> load(Bytes bytes, const Bindings& bindings,
                                                           const SnapshotLoadOptions& options) {
    const auto opened = open_container(kKind, bytes, options.mac_key, image_hash());
    if (!opened) return std::unexpected(opened.error());
    const auto content = unpack_content(opened->content, options.max_bytes);
    if (!content) return std::unexpected(content.error());
    Reader reader(*content);
    auto state = std::make_shared<SnapshotState>();
    std::string missing;
    state->options = read_options(reader);
    engine::PreparedParts parts = read_parts(reader);
    parts.applied = {state->options.limits.stack_bytes, state->options.gc_threshold_bytes};
    state->host_table = read_table(reader, bindings, missing);
    read_kept(reader, bindings, *state, missing);
    if (reader.failed() || !reader.at_end()) return damaged(kKind, "its parts do not fit");
    if (auto error = find_invalid(state->options)) {
      return damaged(kKind, error->message);
    }
    if (!missing.empty()) {
      return invalid(fmt::format("the snapshot is bound to what is missing here: {}", missing));
    }
    // Before memory is taken for it: a few bytes may claim gigabytes here too.
    if (parts.memory_pages * machine::kWasmPageBytes > options.max_bytes) {
      return invalid(fmt::format("the snapshot takes {} of memory, more than max_bytes ({})",
                                 format_bytes(parts.memory_pages * machine::kWasmPageBytes),
                                 format_bytes(options.max_bytes)));
    }
    auto prepared = engine::put_together(parts);
    if (!prepared && prepared.error() == std::errc::invalid_argument) {
      return damaged(kKind, "its memory cannot be");
    }
    if (!prepared) return no_memory(prepared.error().message());
    state->prepared = std::move(*prepared);
    if (auto error = find_misfit(*state, state->options)) return damaged(kKind, error->message);
    state->options.console = options.console;
    state->options.console_options = options.console_options;
    state->options.modules = options.modules;
    if (options.mac_key.empty()) state->kept.tainted = true;
    return state;
  }
};

}  // namespace sandglass::runtime

namespace sandglass {

Result<std::vector<std::byte>> Snapshot::save(const SnapshotSaveOptions& options) const {
  using namespace runtime;
  if (options.compression_level < 1 || options.compression_level > kMaxLevel) {
    return invalid(fmt::format("compression_level of {} is out of range: 1 to {}",
                               options.compression_level, kMaxLevel));
  }
  if (const std::string nameless = SnapshotFile::find_nameless(*state_); !nameless.empty()) {
    return invalid(fmt::format("the snapshot holds what cannot be saved: {}", nameless));
  }
  Writer writer;
  write_options(writer, state_->options);
  const auto parts = engine::take_apart(*state_->prepared);
  if (!parts) return no_memory(parts.error().message());
  write_parts(writer, *parts);
  SnapshotFile::write_table(writer, *state_);
  SnapshotFile::write_kept(writer, *state_);
  const std::vector<std::byte> plain = writer.take();

  std::vector<std::byte> content;
  append_integer(content, std::uint64_t{plain.size()});
  const std::size_t header = content.size();
  content.resize(header + ZSTD_compressBound(plain.size()));
  const std::size_t packed = ZSTD_compress(content.data() + header, content.size() - header,
                                           plain.data(), plain.size(), options.compression_level);
  if (ZSTD_isError(packed) != 0) {
    return no_memory(ZSTD_getErrorName(packed));
  }
  content.resize(header + packed);
  return close_container(kKind, 0, content, options.mac_key, image_hash());
}

Result<Snapshot> Snapshot::load(std::span<const std::byte> bytes, const Bindings& bindings,
                                const SnapshotLoadOptions& options) {
  auto state = runtime::SnapshotFile::load(bytes, bindings, options);
  if (!state) return std::unexpected(std::move(state.error()));
  return Snapshot(std::move(*state));
}

Result<Snapshot> Snapshot::load(std::span<const std::byte> bytes,
                                const SnapshotLoadOptions& options) {
  return load(bytes, Bindings(), options);
}

}  // namespace sandglass
