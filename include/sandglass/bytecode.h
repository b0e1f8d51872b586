#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "sandglass/eval_options.h"

namespace sandglass {

/// How Context::compile reads source.
struct CompileOptions {
  std::string_view file_name = "<eval>";
  /// script or module; `detect` is not known before it is compiled, and is refused.
  SourceKind kind = SourceKind::script;
  bool top_level_await = false;  ///< See EvalOptions.
  bool strict = false;           ///< See EvalOptions.
  /// 32 secret bytes: the result carries a MAC (keyed BLAKE2b), by which run() knows it again.
  /// Empty: no MAC.
  std::span<const std::byte> mac_key{};
};

/// How Context::run takes bytecode.
struct BytecodeOptions {
  /// The key that compile() was given. Bytes without its MAC are refused then.
  std::span<const std::byte> mac_key{};
  /// As EvalOptions::until_idle.
  bool until_idle = false;
};

}  // namespace sandglass
