// Which network addresses a script's request may go to.
#pragma once

#include <sys/socket.h>

namespace sandglass::host {

struct AddressRules {
  bool allow_loopback = false;
  bool allow_private = false;
};

/// Whether `address` (of `bytes`) is one of the public internet, or one that `rules` allow. What is
/// neither IPv4 nor IPv6 is not.
[[nodiscard]] bool may_connect(const sockaddr& address, socklen_t bytes,
                               AddressRules rules) noexcept;

}  // namespace sandglass::host
