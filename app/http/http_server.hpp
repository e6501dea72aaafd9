// A small HTTP server for figures and health checks.
//
// One thread for all connections, which never waits for one of them: a connection has a deadline,
// whatever its client does, its TLS handshake included, and where there are too many the oldest
// goes. Owned by worker_host.
// THREAD: `open` and the destructor, which ends the thread, on the owner's; what it serves is
// called on the server's own. GUARANTEES: at most `connections_max` connections,
// `request_bytes_max` bytes read of each; no fault of a client or of the network leaves the server.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "app/http/http_request.hpp"
#include "app/http/tls_context.hpp"

namespace turnstile::app {

/// What a client is told that speaks plain HTTP where TLS is wanted, with the status 400.
inline constexpr std::string_view speaks_tls = "this port speaks TLS: https://\n";

class http_server {
public:
  static constexpr std::size_t connections_max = 64;
  /// From a connection's beginning to the end of its answer.
  static constexpr std::chrono::seconds time_max{5};

  /// Called on the server's thread.
  struct service {
    std::function<http_response(const http_request&)> answer;
    std::function<void()> at_intervals;  ///< May be null.
    std::chrono::milliseconds interval{0};
    std::shared_ptr<const tls_context> tls;  ///< Null: plain HTTP.
  };

  /// Listens at `address`, HOST:PORT; or says why it cannot.
  [[nodiscard]] static std::variant<std::unique_ptr<http_server>, std::string> open(
      const std::string& address, service serves);
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

private:
  class loop;
  explicit http_server(std::unique_ptr<loop> loop);
  std::unique_ptr<loop> loop_;
};

}  // namespace turnstile::app
