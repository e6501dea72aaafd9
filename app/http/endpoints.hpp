// What the worker answers over HTTP: /metrics, /status, /livez, /readyz.
//
// Owned by worker_host as long as it serves; called on the server's thread. Reads the registry and
// asks nobody: neither an actor nor Kafka.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/http/http_request.hpp"
#include "figures/prometheus_text.hpp"

namespace turnstile::app {

struct endpoints_args {
  std::shared_ptr<const figures::registry> figures;
  figures::exposition exposition;
  /// Wanted for all but the health checks, which a supervisor asks; empty: nobody is asked.
  std::string token;
  std::function<bool()> stopping;  ///< Asked to stop: not ready any more, whatever the actors say.
};

class endpoints {
public:
  explicit endpoints(endpoints_args args) : args_(std::move(args)) {}

  [[nodiscard]] http_response answer(const http_request& request) const;

private:
  [[nodiscard]] bool may_read(const http_request& request) const;
  [[nodiscard]] http_response live(bool verbose) const;
  [[nodiscard]] http_response ready(bool verbose) const;

  endpoints_args args_;
};

}  // namespace turnstile::app
