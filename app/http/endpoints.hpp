// What the worker answers over HTTP: the page, /metrics, /status, /livez, /readyz.
//
// Owned by worker_host as long as it serves; called on the server's thread. Reads the registry and
// asks nobody: neither an actor nor Kafka.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/http/http_request.hpp"
#include "figures/history.hpp"
#include "figures/prometheus_text.hpp"

namespace turnstile::app {

struct endpoints_args {
  std::shared_ptr<const figures::registry> figures;
  figures::exposition exposition;
  std::function<std::vector<figures::fact>()> facts_now;  ///< Those that change; null: none.
  /// Wanted for figures, not for health checks, which a supervisor asks, nor for the page, which
  /// holds none and asks for it itself; empty: nobody is asked.
  std::string token;
  std::function<bool()> stopping;  ///< Asked to stop: not ready any more, whatever the actors say.
};

class endpoints {
public:
  explicit endpoints(endpoints_args args) : args_(std::move(args)) {}

  [[nodiscard]] http_response answer(const http_request& request) const;

  /// At `figures::history::interval`: for the page's curves.
  void note_history() { history_.note(*args_.figures, figures::now()); }

private:
  [[nodiscard]] bool may_read(const http_request& request) const;
  [[nodiscard]] figures::exposition exposition() const;
  [[nodiscard]] http_response live(bool verbose) const;
  [[nodiscard]] http_response ready(bool verbose) const;

  endpoints_args args_;
  figures::history history_;
};

}  // namespace turnstile::app
