// The host's half of `node:fs`: what src/prelude/node_fs.js asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "runtime/file_handles.h"
#include "runtime/text_encoding.h"
#include "sandglass/file_system.h"

namespace sandglass::runtime {

/// Answers one call of a script, which may be of any arguments: it does not rely on what node_fs.js
/// has checked. Gives what that wants, or -errno; of a function that opens a file and then reads or
/// writes, -errno - kSecondStep if the second failed.
///
/// Large work comes in pieces, between which it looks whether the run is to end.
class NodeFs {
 public:
  using JsValue = engine::JsValue;
  static constexpr int kSecondStep = 1000;

  NodeFs(engine::Engine& engine, FileSystem& files, FileHandles& handles,
         std::uint64_t max_bytes) noexcept
      : engine_(engine), files_(files), handles_(handles), max_bytes_(max_bytes) {}

  /// An exception of the file system's leaves it.
  [[nodiscard]] JsValue call(engine::Builtin which, std::span<const JsValue> arguments);

 private:
  /// A path as a FileSystem has it.
  struct Path {
    std::string text;
    bool folder = false;  ///< It ended in '/': it must be a directory.
  };
  /// Where a file is read from or written to: one that was opened for it, or an open one.
  struct Target {
    std::unique_ptr<File> own;
    FileHandle* handle = nullptr;
    std::uint64_t position = 0;

    [[nodiscard]] File& file() const noexcept { return own ? *own : *handle->file; }
  };
  /// What is to be written: a view, in the guest's memory, or a text by its encoding.
  struct Data {
    std::optional<std::span<const std::byte>> view{};
    std::string utf8{};
    std::vector<std::byte> encoded{};

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
      if (view) return *view;
      return utf8.empty() ? std::span<const std::byte>(encoded) : std::as_bytes(std::span(utf8));
    }
  };

  // (path, bits)
  [[nodiscard]] JsValue access(std::span<const JsValue> arguments);
  // (fd)
  [[nodiscard]] JsValue close(std::span<const JsValue> arguments);
  // (from, to, exclusive)
  [[nodiscard]] JsValue copy_file(std::span<const JsValue> arguments);
  // (path) -> [name, kind, ...]
  [[nodiscard]] JsValue list(std::span<const JsValue> arguments);
  // (path, mode)
  [[nodiscard]] JsValue make_directory(std::span<const JsValue> arguments);
  // (path, flags, mode) -> fd
  [[nodiscard]] JsValue open(std::span<const JsValue> arguments);
  // (fd, view, offset, length, position) -> bytes read
  [[nodiscard]] JsValue read(std::span<const JsValue> arguments);
  // (path or fd, flags, encoding or undefined) -> string or Uint8Array
  [[nodiscard]] JsValue read_file(std::span<const JsValue> arguments);
  // (path) -> path
  [[nodiscard]] JsValue real_path(std::span<const JsValue> arguments);
  // (path)
  [[nodiscard]] JsValue remove(std::span<const JsValue> arguments, bool directory);
  // (from, to)
  [[nodiscard]] JsValue rename(std::span<const JsValue> arguments);
  // (path or fd, length)
  [[nodiscard]] JsValue resize(std::span<const JsValue> arguments);
  // (path or fd, follow) -> numbers, see there
  [[nodiscard]] JsValue status(std::span<const JsValue> arguments);
  // (fd, string or view, encoding, offset, length, position) -> bytes written
  [[nodiscard]] JsValue write(std::span<const JsValue> arguments);
  // (path or fd, string or view, encoding, flags, mode)
  [[nodiscard]] JsValue write_file(std::span<const JsValue> arguments);

  // Arguments. nullopt, or false: `failure_` is what to return.
  [[nodiscard]] std::optional<Path> path_of(JsValue value);
  [[nodiscard]] std::optional<FileOpening> opening_of(const Path& path, JsValue flags,
                                                      JsValue mode);
  [[nodiscard]] std::unique_ptr<File> open_file(JsValue path, JsValue flags, JsValue mode);
  [[nodiscard]] std::optional<Target> target_of(JsValue file, JsValue flags, JsValue mode);
  [[nodiscard]] std::optional<std::optional<TextEncoding>> encoding_of(JsValue value);
  [[nodiscard]] std::optional<Data> data_of(JsValue value, JsValue encoding);
  [[nodiscard]] bool check_folder(const Path& path, bool makes_file);

  [[nodiscard]] JsValue read_bytes(Target& target);
  [[nodiscard]] JsValue read_text(Target& target, TextEncoding encoding);
  /// All that is left, into memory of the host.
  [[nodiscard]] std::optional<std::string> collect(Target& target);
  /// Until `into` is full or the file ends. nullopt: it failed, or the run is to end.
  [[nodiscard]] std::optional<std::size_t> fill(Target& target, std::span<std::byte> into);
  [[nodiscard]] bool put(Target& target, std::span<const std::byte> bytes);

  [[nodiscard]] bool must_stop() const noexcept;
  JsValue fail(int number, int step = 0);
  JsValue fail(const std::error_code& error, int step = 0);
  [[nodiscard]] JsValue done(const FileResult<void>& result);
  /// The end of the run, which the script cannot catch.
  JsValue stop();

  engine::Engine& engine_;
  FileSystem& files_;
  FileHandles& handles_;
  std::uint64_t max_bytes_;  // of a text that is read
  JsValue failure_;
};

}  // namespace sandglass::runtime
