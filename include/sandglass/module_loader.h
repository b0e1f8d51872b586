#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "sandglass/error.h"

namespace sandglass {

class HostModule;

/// What an `import` asks for. The views are valid during the call only.
struct ModuleRequest {
  /// As the script wrote it: "./util", "lib/math.js". Chosen by the script: it may be anything, of
  /// any length, not even UTF-8.
  std::string_view specifier;
  /// Canonical name of the importing module, or file name of the importing script. Empty if the
  /// host asks, for the entry.
  std::string_view importer{};
  /// The import attribute `type`, e.g. "json" for `with { type: "json" }`; empty if there is none.
  std::string_view type{};
};

/// What a module is made of.
enum class ModuleFormat : std::uint8_t {
  javascript,  ///< `ModuleSource::text` is an ES module.
  json,        ///< `ModuleSource::text` is JSON, the default export is its value.
  host,        ///< `ModuleSource::host` has functions and values of the host.
};

/// A module as a loader hands it over.
struct ModuleSource {
  /// What the loader takes it for. An import with `type: "json"` reads text as JSON all the same.
  ModuleFormat format = ModuleFormat::javascript;
  /// UTF-8, no NUL. It is copied into the guest and counts towards `Limits::memory_bytes`.
  std::string text{};
  /// What `import.meta.url` says; the canonical name if empty. The script sees it.
  std::string url{};
  /// For `ModuleFormat::host` only.
  std::shared_ptr<const HostModule> host{};
};

/// Finds modules and gives their text. It never runs any.
///
/// A script can import only what its loader finds, so a loader is a grant: without one, no import
/// works. Derive from this for a loader of your own, or see CallbackModules.
///
/// Thread:   one loader may serve several Runtimes on several threads at the same time, so it must
///           be safe to call from all of them. The loaders below are.
/// Calls:    on the thread of the run and on that thread's own stack, while the importing script
///           waits. Their time counts as wall time and nothing cuts them short.
/// Errors:   are values, and the script sees their message: put no secret there. An exception that
///           leaves a loader is turned into an error by the caller.
/// Lifetime: held by shared_ptr; it must not keep the Runtime that it serves alive.
class ModuleLoader {
 public:
  ModuleLoader() = default;
  ModuleLoader(const ModuleLoader&) = delete;
  ModuleLoader& operator=(const ModuleLoader&) = delete;
  virtual ~ModuleLoader() = default;

  /// The canonical name of the module that is asked for. It is the module's identity: in one VM,
  /// imports that get the same name and `type` get the same module, which is loaded and evaluated
  /// once. It is also the `importer` of what that module imports, and what stacks show.
  ///
  /// Errors: module_not_found (there is none; a ModuleChain then asks the next loader) ·
  ///         invalid_argument or another code (a malformed specifier, a file that cannot be read;
  ///         this ends the search).
  [[nodiscard]] virtual Result<std::string> resolve(const ModuleRequest& request) = 0;

  /// The module of that canonical name, one that resolve() returned. Called once for each name in a
  /// VM, right after resolve(), unless it fails.
  /// Errors: module_not_found (it is gone) · invalid_argument or another code.
  [[nodiscard]] virtual Result<ModuleSource> load(std::string_view name) = 0;
};

// The path rules. MemoryModules, DirectoryModules, and CallbackModules by default, have names that
// are paths: "app/main.js", separated by '/', without "." or ".." and without a leading '/'.
//
// A specifier that starts with "./" or "../" is relative to the folder of the importer; all others,
// "lib/math.js" or "/lib/math.js", are relative to the root. For a specifier that leads to
// "app/util" these are tried, and the first that exists is taken:
//
//     app/util  app/util.js  app/util.mjs  app/util.json  app/util/index.js  app/util/index.mjs
//
// With `type: "json"` only app/util and app/util.json are. A specifier that ends in '/', "." or
// ".." names a folder: only its index files are tried. A file named *.json is JSON, also without
// the attribute.
//
// Refused with `invalid_argument`: a `type` other than "json", ".." above the root, control
// characters (NUL too), bytes that are not UTF-8, backslashes, percent-encoding ("%2e"; nothing is
// decoded), more than 4,000 bytes, more than 255 bytes between two '/'. A specifier with a scheme
// ("https:", "file:", "node:") is no path: module_not_found.
//
// Errors name the importer and what was tried:
//
//     cannot find module './util' imported by 'app/main.js'; tried app/util, app/util.js, ...

/// Modules held in memory, under names that are paths (see "The path rules").
///
///     auto modules = sandglass::MemoryModules::create({
///         {"main.js", "import { twice } from './lib/math'; console.log(twice(21));"},
///         {"lib/math.js", "export const twice = x => 2 * x;"},
///     });
///
/// Thread: any number at a time, add() included.
class MemoryModules final : public ModuleLoader {
 public:
  /// Takes name -> text. Names are normalised: "./a.js" and "/a.js" are "a.js".
  /// Errors: invalid_argument (a name that is no path, or two that are the same).
  [[nodiscard]] static Result<std::shared_ptr<MemoryModules>> create(
      std::map<std::string, std::string> modules = {});

  /// Adds a module, or replaces it: VMs that have loaded it keep what they have.
  /// Errors: invalid_argument (`name` is no path).
  [[nodiscard]] Result<void> add(std::string_view name, std::string text);

  /// O(log modules).
  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  /// O(length): the text is copied.
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  MemoryModules() = default;

  std::shared_mutex mutex_;
  std::map<std::string, std::string, std::less<>> texts_;
};

/// How a DirectoryModules opens files.
struct DirectoryOptions {
  /// The longest file that is read. A longer one is refused with `invalid_argument`.
  /// Default 16 MiB. Range 1 to 1 GiB. Cost: a file is read whole, into memory of the host.
  std::uint64_t max_file_bytes = std::uint64_t{16} << 20;

  /// Whether symbolic links are followed as long as they stay beneath the root. A link that leads
  /// out is refused either way, and so is one with an absolute target, wherever that is.
  /// Default true. Where the kernel has no openat2(2) (before Linux 5.6, or kept away by seccomp),
  /// no link is followed.
  bool follow_links = true;
};

/// Modules in the files of a directory (see "The path rules"). It reads regular files that lie
/// beneath the directory, and nothing else: no "..", link, magic link (/proc/self/root) or absolute
/// path leads out, also if a link or a folder is swapped by another process at the same moment. No
/// FIFO, device or socket is opened.
///
/// A hard link is a file, and a file system that is mounted beneath the directory belongs to it.
/// Names are not resolved any further: a file that is reached by two links is two modules. The
/// script does not see where the directory lies.
///
/// Thread:   any number at a time; immutable.
/// Lifetime: it holds the directory open, so a directory that is renamed is still the same root.
/// Cost:     a few microseconds for each candidate, more if the file system is slow. The files are
///           read anew by each VM.
class DirectoryModules final : public ModuleLoader {
 public:
  /// Opens `root`; links in it are followed.
  /// Errors: invalid_argument (not a directory, cannot be opened, an option out of range).
  [[nodiscard]] static Result<std::shared_ptr<DirectoryModules>> open(
      const std::filesystem::path& root, DirectoryOptions options = {});
  ~DirectoryModules() override;

  /// Errors: module_not_found · invalid_argument (also: what was found is refused, or cannot be
  /// looked at; the message says why).
  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  /// Errors: module_not_found · invalid_argument (refused, unreadable, or too large).
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  struct Root;
  explicit DirectoryModules(std::unique_ptr<const Root> root) noexcept;

  std::unique_ptr<const Root> root_;
};

/// Modules from functions of yours.
///
///     auto modules = std::make_shared<sandglass::CallbackModules>(
///         [](std::string_view name) -> sandglass::Result<sandglass::ModuleSource> {
///           return sandglass::ModuleSource{.text = database.script(name)};
///         });
///
/// Thread: the functions are called from the thread of each run, so they must be safe to call from
///         all threads that have a Runtime with this loader.
class CallbackModules final : public ModuleLoader {
 public:
  using Load = std::function<Result<ModuleSource>(std::string_view name)>;
  using Resolve = std::function<Result<std::string>(const ModuleRequest& request)>;

  /// Without `resolve`, the name is where the specifier leads by the path rules; it is not known
  /// whether it exists, so nothing is appended to it: './util' in 'app/main.js' is "app/util". Such
  /// a loader finds everything, so in a ModuleChain it must be the last. `load` must not be empty.
  explicit CallbackModules(Load load, Resolve resolve = {});

  /// Errors: those of `resolve`, or of the path rules.
  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  /// Errors: those of `load` · invalid_argument (there is no `load`).
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  Load load_;
  Resolve resolve_;
};

/// Several loaders, asked in order. The first that finds a module provides it.
///
/// Canonical names say whose they are, so the same name from two loaders is two modules: those of
/// the first loader are as that loader gave them ("app/main.js"), those of the others end in '#'
/// and the index of the loader ("lib/math.js#1"), as do all that have a '#' of their own. Stacks
/// show that ending. Loaders do not: importers are given to them without it, so that a module of
/// one loader can import those of another by a relative path; nor does `import.meta.url`.
///
/// Thread: as its loaders; the chain itself is immutable.
class ModuleChain final : public ModuleLoader {
 public:
  /// Null pointers are skipped.
  explicit ModuleChain(std::vector<std::shared_ptr<ModuleLoader>> loaders);

  /// Errors: module_not_found (no loader has it; the message has the candidates of all) · the first
  ///         error with another code, which ends the search.
  [[nodiscard]] Result<std::string> resolve(const ModuleRequest& request) override;
  /// Goes to the loader that resolved `name`.
  /// Errors: those of that loader · invalid_argument (`name` is not one of this chain).
  [[nodiscard]] Result<ModuleSource> load(std::string_view name) override;

 private:
  std::vector<std::shared_ptr<ModuleLoader>> loaders_;
};

}  // namespace sandglass
