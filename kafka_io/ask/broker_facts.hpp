// Questions that only `turnstile check --connect` asks: settings of topics and brokers, rights.
//
// Free functions through a client that the caller owns; they change nothing and block up to their
// timeout, on any thread but an actor's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kafka_io/ask/broker_report.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// rd_kafka_metadata: partitions and replicas, without the configuration.
[[nodiscard]] result<topic_shape> read_shape(rd_kafka_t* client, const std::string& topic,
                                             std::chrono::milliseconds timeout);

/// The id of a broker that answers; -1: none does.
[[nodiscard]] std::int32_t some_broker(rd_kafka_t* client, std::chrono::milliseconds timeout);

/// rd_kafka_DescribeConfigs of one topic, which any broker can tell, or of that broker itself.
[[nodiscard]] result<config_values> read_config(rd_kafka_t* client, rd_kafka_ResourceType_t what,
                                                const std::string& name, std::int32_t broker,
                                                std::chrono::milliseconds timeout);

/// A Fetch at the end of the topic's first partition, which reads no record: why it is refused;
/// nothing where it is not. REQUIRES: `consumer` was made without a group, with
/// `enable.partition.eof`.
[[nodiscard]] std::optional<io_error> reading_refused(rd_kafka_t* consumer,
                                                      const std::string& topic,
                                                      std::chrono::milliseconds timeout);

/// Which of `topics` may not be written. An error: librdkafka before 2.3 cannot ask, or the brokers
/// do not tell.
[[nodiscard]] result<std::vector<std::string>> not_writable(rd_kafka_t* client,
                                                            const std::vector<std::string>& topics,
                                                            std::chrono::milliseconds timeout);

}  // namespace turnstile::kafka_io
