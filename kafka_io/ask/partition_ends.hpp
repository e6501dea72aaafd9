// Where a partition begins and ends, asked of its leader.
//
// Free functions; they block the calling thread, any but an actor's. By rd_kafka_offsets_for_times:
// rd_kafka_query_watermark_offsets forgets its time-out where the leader dies meanwhile, and comes
// back with that broker (librdkafka 2.0.2).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

/// As ListOffsets names them in the place of a timestamp.
enum class log_end : std::int64_t { first = -2, next = -1 };

/// The offset of the first record, or of the next one to come: for a client with
/// `isolation.level` read_committed, its own default, the last stable offset.
[[nodiscard]] result<std::int64_t> ask_log_end(rd_kafka_t* client, const std::string& topic,
                                               std::int32_t partition, log_end which,
                                               std::chrono::milliseconds timeout);

/// Of several at once, one request for each leader; without those that failed.
[[nodiscard]] std::map<std::int32_t, std::int64_t> ask_log_ends(
    rd_kafka_t* client, const std::string& topic, const std::vector<std::int32_t>& partitions,
    log_end which, std::chrono::milliseconds timeout);

}  // namespace turnstile::kafka_io
