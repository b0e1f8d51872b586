// The functions of a bound class, by the names that snapshot files know them by.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "sandglass/class.h"

namespace sandglass::detail {

/// "new Counter", "Counter.inc", "get Counter.count", "set Counter.count", "static Counter.zero".
[[nodiscard]] std::map<std::string, std::shared_ptr<HostFunction>> functions_of(
    const ClassDefinition& definition);

}  // namespace sandglass::detail
