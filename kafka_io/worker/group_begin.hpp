// Where a group with `auto.offset.reset = "latest"` begins: at the end of each partition that is
// there when it begins. What comes later is read, whichever worker is running.
//
// Free functions, for the lookup's thread; they block. librdkafka's own `latest` would take the end
// anew at each start until something is committed, and skip what came meanwhile; and of a partition
// that is added later it would skip what came before it was found.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

struct topic_partitions {
  std::string topic;
  std::int32_t count = 0;  ///< All of the topic's.
};

/// Fills `facts` for those of `partitions` that have nothing committed: a partition that is there
/// since the group began is committed at its end, before anything of it is read; one that was added
/// later begins at its beginning. False: no broker answered in time, or the group has moved on; ask
/// anew. REQUIRES: `consumer` is a member that was just told of `partitions`.
///
/// What the group began with stands in the metadata of these first commits, because at the first
/// start of several workers one may have committed already when another asks.
[[nodiscard]] bool begin_at_end(rd_kafka_t* consumer, const topic_partitions& of,
                                const std::vector<std::int32_t>& partitions,
                                std::chrono::milliseconds timeout, assignment_facts& facts);

}  // namespace turnstile::kafka_io
