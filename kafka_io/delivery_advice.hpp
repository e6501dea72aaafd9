// What to do about a delivery or a transaction that fails, by librdkafka's code: for the log.
//
// A pure function; any thread. The codes are Kafka's where they are above 0, librdkafka's below.
#pragma once

#include <string_view>

#include "kafka_io/error_code.hpp"

namespace turnstile::kafka_io {

[[nodiscard]] constexpr std::string_view delivery_advice(error_code code) {
  switch (code.number()) {
    case 29:  // TOPIC_AUTHORIZATION_FAILED
      return "give the worker's user the right to write the topic (WRITE, DESCRIBE)";
    case 53:  // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      return "give the worker's user the right to its transactional ids (WRITE, DESCRIBE)";
    case 30:  // GROUP_AUTHORIZATION_FAILED
      return "give the worker's user the right to the group (READ)";
    case 31:  // CLUSTER_AUTHORIZATION_FAILED
      return "give the worker's user the right to write idempotently (IDEMPOTENT_WRITE, Cluster)";
    case 58:    // SASL_AUTHENTICATION_FAILED
    case -169:  // _AUTHENTICATION
      return "see user, password and mechanism of the configuration";
    case 50:  // INVALID_TRANSACTION_TIMEOUT
      return "lower transaction.timeout.ms, or raise the brokers' transaction.max.timeout.ms";
    case 3:     // UNKNOWN_TOPIC_OR_PART
    case -188:  // _UNKNOWN_TOPIC
    case -190:  // _UNKNOWN_PARTITION
      return "create the topic, with as many partitions as it had";
    case 10:  // MSG_SIZE_TOO_LARGE
    case 18:  // RECORD_LIST_TOO_LARGE
      return "raise the topic's max.message.bytes";
    case 87:  // INVALID_RECORD
      return "a compacted topic takes no record without a key: change its cleanup.policy";
    case 32:  // INVALID_TIMESTAMP
      return "raise the topic's message.timestamp.before.max.ms and message.timestamp.after.max.ms";
    case 19:  // NOT_ENOUGH_REPLICAS
    case 20:  // NOT_ENOUGH_REPLICAS_AFTER_APPEND
      return "bring back brokers: fewer replicas are in sync than min.insync.replicas demands";
    case -192:  // _MSG_TIMED_OUT
    case -185:  // _TIMED_OUT
    case -195:  // _TRANSPORT
      return "see whether the topic exists, and the leaders of its partitions can be reached";
    default:
      return "see the brokers' logs";
  }
}

}  // namespace turnstile::kafka_io
