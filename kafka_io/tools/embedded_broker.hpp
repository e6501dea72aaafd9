// A Kafka broker inside the process, for demos and tests: librdkafka's mock cluster. Real protocol
// on loopback sockets, so that other processes may connect as well.
//
// Owned by whoever made it; must outlive every client of it in this process. THREAD: any; the
// broker has a thread of its own. It forgets what exceeds 5 MiB in a partition, does not enforce
// transactions, and a rebalance with other members takes the session timeout minus a second.
#pragma once

#include <string>

#include "core/settings.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

class embedded_broker {
public:
  /// rd_kafka_mock_cluster_new
  [[nodiscard]] static result<embedded_broker> start(int brokers = 1);

  /// rd_kafka_mock_topic_create. Unknown topics that a client asks for come into being with four
  /// partitions.
  [[nodiscard]] std::optional<io_error> create_topic(const std::string& name, int partitions);

  /// For `kafka.brokers`.
  [[nodiscard]] std::string bootstrap() const;

  /// For tests, which inject errors and delays through it.
  [[nodiscard]] rd_kafka_mock_cluster_t* cluster_for_tests() const { return cluster_.get(); }

private:
  embedded_broker(shared_client host, mock_cluster_ptr cluster)
    : host_(std::move(host)), cluster_(std::move(cluster)) {}

  shared_client host_;  ///< Lends the cluster its thread; dies after it.
  mock_cluster_ptr cluster_;
};

/// Settings for this broker: it holds an empty Fetch for the whole `fetch.wait.max.ms`, and its
/// rebalances last as long as the session. What the user set stays.
void tune_for_embedded(core::settings& settings, const embedded_broker& broker);

}  // namespace turnstile::kafka_io
