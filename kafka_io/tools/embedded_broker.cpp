#include "kafka_io/tools/embedded_broker.hpp"

#include "config/kafka_property.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/client_log.hpp"

namespace turnstile::kafka_io {

result<embedded_broker> embedded_broker::start(int brokers) {
  conf_ptr conf{rd_kafka_conf_new()};
  forward_client_log(conf.get());
  // The host handle has no brokers of its own and would say so again and again.
  if (auto error = set_property(conf.get(), "log_level", "3")) return std::move(*error);
  auto host = make_client(RD_KAFKA_PRODUCER, std::move(conf));
  if (!host) return host.error();
  mock_cluster_ptr cluster{rd_kafka_mock_cluster_new(host->get(), brokers)};
  if (!cluster) return error_of(rd_kafka_last_error(), "embedded broker");
  return embedded_broker{std::move(*host), std::move(cluster)};
}

std::optional<io_error> embedded_broker::create_topic(const std::string& name, int partitions) {
  const auto code = rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return error_of(code, "topic " + name);
}

std::string embedded_broker::bootstrap() const {
  return rd_kafka_mock_cluster_bootstraps(cluster_.get());
}

void tune_for_embedded(core::settings& settings, const embedded_broker& broker) {
  settings.kafka.brokers = {broker.bootstrap()};
  settings.kafka.consumer.try_emplace("fetch.wait.max.ms", "10");
  if (!core::consumer_protocol(settings))
    settings.kafka.consumer.try_emplace("session.timeout.ms", "6000");
}

}  // namespace turnstile::kafka_io
