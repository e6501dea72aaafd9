#include "app/worker/startup.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>

#include "core/log.hpp"
#include "kafka_io/ask/connect_check.hpp"
#include "kafka_io/ask/topics.hpp"

namespace turnstile::app {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds request_timeout{3000};
constexpr milliseconds first_pause{250};
constexpr milliseconds pause_max{5000};

/// False where the stop came first.
bool pause_for(milliseconds duration, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ",") + name;
  return list;
}

/// The layout, once nothing is missing; else logs why not.
std::optional<core::topic_layout> try_topics(const kafka_io::admin& brokers,
                                             const core::settings& settings,
                                             core::worker_figures& figures, milliseconds pause) {
  const auto state = kafka_io::read_topics(brokers, settings, request_timeout);
  if (!state) {
    figures.phase.set(core::worker_phase::waiting_for_brokers);
    core::log_warning("waiting for brokers", {{"brokers", joined(settings.kafka.brokers)},
                                              {"error", state.error().text},
                                              {"next_try_ms", pause.count()}});
    return std::nullopt;
  }
  if (state->missing.empty()) return state->layout;
  figures.phase.set(core::worker_phase::waiting_for_topics);
  if (!settings.topics.create) {
    core::log_warning("waiting for topics", {{"missing", joined(state->missing)},
                                             {"hint", "create them or set topics.create"},
                                             {"next_try_ms", pause.count()}});
    return std::nullopt;
  }
  if (const auto error = kafka_io::create_missing(brokers, settings, *state, request_timeout))
    core::log_warning("topics cannot be created",
                      {{"topics", joined(state->missing)}, {"error", error->text}});
  else
    core::log_info("topics created", {{"topics", joined(state->missing)}});
  return std::nullopt;
}

}  // namespace

std::optional<core::topic_layout> await_topics(const kafka_io::admin& brokers,
                                               const core::settings& settings,
                                               core::worker_figures& figures,
                                               const std::stop_token& stop) {
  for (milliseconds pause = first_pause;; pause = std::min(pause * 2, pause_max)) {
    if (const auto layout = try_topics(brokers, settings, figures, pause)) return layout;
    if (!pause_for(pause, stop)) return std::nullopt;
  }
}

bool may_promise(const kafka_io::admin& brokers, const core::settings& settings) {
  const auto fault = kafka_io::broken_promise(brokers, settings);
  if (!fault.empty()) {
    core::log_error("configuration refused", {{"option", "delivery.guarantee"}, {"error", fault}});
    return false;
  }
  if (core::exactly_once(settings) && brokers.is_embedded_broker(request_timeout))
    core::log_warning(
        "the embedded broker does not enforce transactions: this is not exactly-once");
  return true;
}

}  // namespace turnstile::app
