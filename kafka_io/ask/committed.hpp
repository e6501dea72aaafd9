// What a group has committed, as librdkafka tells it.
//
// Free functions; they block the calling thread, any but an actor's.
#pragma once

#include <chrono>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

/// Of the first partition that has one. An offset that could not be read must not pass for one that
/// is not there.
[[nodiscard]] rd_kafka_resp_err_t error_in(const rd_kafka_topic_partition_list_t* list);

/// rd_kafka_committed, whose call may succeed while a partition's answer does not: then that one's
/// error.
[[nodiscard]] rd_kafka_resp_err_t ask_committed(rd_kafka_t* client,
                                                rd_kafka_topic_partition_list_t* list,
                                                std::chrono::milliseconds timeout);

/// Of the partitions of which something was committed.
[[nodiscard]] std::vector<partition_offset> offsets_in(const rd_kafka_topic_partition_list_t* list);

}  // namespace turnstile::kafka_io
