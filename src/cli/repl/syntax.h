#pragma once

#include <string>
#include <string_view>

#include "sandglass/context.h"

namespace sandglass::cli {

/// Whether `input` is the beginning of something that a further line may complete: it does not
/// parse, and the parser got to its end, or is inside a comment or a template.
///
/// Compiles it, with the limits of `context`, in another VM: nothing of it runs or stays.
[[nodiscard]] bool goes_on(const Context& context, std::string_view input);

/// `input` as it is to be run: in parentheses if it starts with '{' and is an object then, because
/// nobody types a block to see its value.
[[nodiscard]] std::string as_expression(const Context& context, std::string_view input);

}  // namespace sandglass::cli
