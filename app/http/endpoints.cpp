#include "app/http/endpoints.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include <sodium.h>

#include "app/http/status_page.hpp"
#include "figures/health.hpp"
#include "figures/status_json.hpp"

namespace turnstile::app {

namespace {

bool has_word(std::string_view query, std::string_view word) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto one = query.substr(0, end);
    if (one == word || one.substr(0, one.find('=')) == word) return true;
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return false;
}

http_response judged(const std::vector<figures::health_check>& checks, bool verbose) {
  const bool holds = figures::all_hold(checks);
  return {.status = holds ? 200 : 503,
          .body = verbose ? figures::checks_text(checks)
                  : holds ? "ok\n"
                          : "not ok\n"};
}

}  // namespace

bool endpoints::may_read(const http_request& request) const {
  const std::string wanted = "Bearer " + args_.token;
  const auto& given = request.authorization;
  return args_.token.empty() || (given.size() == wanted.size() &&
                                 sodium_memcmp(given.data(), wanted.data(), wanted.size()) == 0);
}

http_response endpoints::live(bool verbose) const {
  return judged(figures::liveness(*args_.figures, figures::now()), verbose);
}

http_response endpoints::ready(bool verbose) const {
  auto checks = figures::readiness(*args_.figures);
  if (args_.stopping()) checks.push_back({"stop", false, "asked to stop"});
  return judged(checks, verbose);
}

figures::exposition endpoints::exposition() const {
  figures::exposition how = args_.exposition;
  if (args_.facts_now) std::ranges::move(args_.facts_now(), std::back_inserter(how.facts));
  return how;
}

http_response endpoints::answer(const http_request& request) const {
  const bool verbose = has_word(request.query, "verbose");
  if (request.path == "/livez") return live(verbose);
  if (request.path == "/readyz") return ready(verbose);
  if (request.path == "/") return status_page();
  if (!may_read(request)) return {.status = 401, .body = "a bearer token is wanted\n"};
  if (request.path == "/metrics")
    return {.type = "text/plain; version=0.0.4; charset=utf-8",
            .body = figures::prometheus_text(*args_.figures, exposition())};
  if (request.path == "/status")
    return {.type = "application/json",
            .body = figures::status_json(*args_.figures, exposition(),
                                         has_word(request.query, "history") ? &history_ : nullptr) +
                    "\n"};
  return {.status = 404, .body = "there are /, /metrics, /status, /livez and /readyz\n"};
}

}  // namespace turnstile::app
