// Opens the socket at which the HTTP server listens.
//
// A free function; any thread may call it.
#pragma once

#include <string>

#include "app/http/descriptor.hpp"

namespace turnstile::app {

struct listening {
  descriptor socket{-1};
  std::string fault;   ///< Empty: it listens.
  bool taken = false;  ///< Somebody listens there: why it does not.
  bool loopback = false;
};

/// `address`: HOST:PORT, or [HOST]:PORT; port 0 is one that is free.
[[nodiscard]] listening listen_at(const std::string& address);

/// Of this machine's own, where nobody listens now: at `port`, or at another.
[[nodiscard]] std::string free_address(int port);

}  // namespace turnstile::app
