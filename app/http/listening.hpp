// Opens the socket at which the HTTP server listens.
//
// A free function; any thread may call it.
#pragma once

#include <string>

#include "app/http/descriptor.hpp"

namespace turnstile::app {

struct listening {
  descriptor socket{-1};
  std::string fault;  ///< Empty: it listens.
  bool loopback = false;
};

/// `address`: HOST:PORT, or [HOST]:PORT.
[[nodiscard]] listening listen_at(const std::string& address);

}  // namespace turnstile::app
