#include "kafka_io/connect_check.hpp"

#include <chrono>

#include "kafka_io/client_config.hpp"
#include "kafka_io/topics.hpp"

namespace turnstile::kafka_io {

namespace {

constexpr std::chrono::milliseconds timeout{5000};

std::optional<std::string> client_fault(rd_kafka_type_t type, result<conf_ptr> conf) {
  if (!conf) return conf.error().text;
  // It would warn that it knows no broker; of all else the worker's own will warn.
  if (auto error = set_property(conf->get(), "log_level", "0")) return error->text;
  const auto client = make_client(type, std::move(*conf));
  if (client) return {};
  return "kafka: " + client.error().text;
}

/// What is wrong with the topics; the input's partition count, 0 where any topic is missing.
std::int32_t check_topics(const admin& brokers, const core::settings& settings,
                          std::vector<std::string>& problems) {
  const auto state = read_topics(brokers, settings, timeout);
  if (!state) {
    problems.push_back(state.error().text);
    return 0;
  }
  if (!settings.topics.create) {
    for (const auto& name : state->missing) {
      problems.push_back("topic " + name + " does not exist (create it, or set topics.create)");
    }
  }
  return state->missing.empty() ? state->layout.input_partitions : 0;
}

}  // namespace

std::vector<std::string> client_faults(const core::settings& settings) {
  core::settings offline = settings;
  offline.kafka.brokers.clear();
  const auto shares = divide_budget(settings.memory.budget_mib, 1, settings.delivery.guarantee);
  auto producer = core::exactly_once(settings)
                      ? transactional_config(offline, shares.producer_bytes, "checked")
                      : producer_config(offline, shares.producer_bytes);
  std::vector<std::string> faults;
  for (auto& fault : {client_fault(RD_KAFKA_CONSUMER, consumer_config(offline, shares.prefetch)),
                      client_fault(RD_KAFKA_PRODUCER, std::move(producer))}) {
    if (fault && (faults.empty() || faults.back() != *fault)) faults.push_back(*fault);
  }
  return faults;
}

std::vector<std::string> connection_problems(const core::settings& settings) {
  std::vector<std::string> problems;
  const auto brokers = admin::open(settings);
  if (!brokers) return {brokers.error().text};
  if (const auto error = brokers->wait_for_broker(timeout)) {
    return {"kafka.brokers " + broker_list(settings) + ": " + error->text};
  }
  const auto partitions = check_topics(*brokers, settings, problems);
  if (partitions > 0) {
    const auto offsets = brokers->committed_offsets(settings.kafka.group, settings.topics.input,
                                                    partitions, timeout);
    if (!offsets) problems.push_back(offsets.error().text);
  }
  return problems;
}

}  // namespace turnstile::kafka_io
