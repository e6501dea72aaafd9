// The first record at or behind an offset, of several partitions at once: how long it waits.
//
// A free function; it blocks the calling thread, any but an actor's. Of each partition one record
// is taken, and no more is fetched of it than librdkafka does meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/result.hpp"

namespace turnstile::kafka_io {

using partition_name = std::pair<std::string, std::int32_t>;

struct record_head {
  bool found = false;        ///< False: there is no record up to `offset`, where the log ends now.
  std::int64_t offset = -1;  ///< Of the record.
  std::int64_t timestamp_ms = -1;  ///< -1: it has none.
};

/// For a client that is a reader without a group.
[[nodiscard]] std::optional<io_error> set_head_properties(rd_kafka_conf_t* conf);

/// Without the partitions that gave no answer within `timeout`, or an error. REQUIRES: `reader` was
/// made with `set_head_properties`.
[[nodiscard]] std::map<partition_name, record_head> read_heads(
    const shared_client& reader, const std::map<partition_name, std::int64_t>& from,
    std::chrono::milliseconds timeout);

}  // namespace turnstile::kafka_io
