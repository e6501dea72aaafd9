// What the sources of fetched records share: views of librdkafka's messages, a partition's end.
//
// Free functions; every thread may call them, for messages that are its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/batch.hpp"
#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"

namespace turnstile::kafka_io {

/// A batch that cannot be parsed is skipped by librdkafka with a wrong length (2.0.2 to 2.8, where
/// its CRC is wrong): what it reads next may be anything, and its next offset a number out of the
/// middle of a value. The error's own offset is the first of the batch.
[[nodiscard]] bool loses_position(rd_kafka_resp_err_t code);

/// Of the records among them: keys, values and headers, these as often as copies of them are held
/// at once.
[[nodiscard]] std::size_t bytes_of(std::span<rd_kafka_message_t* const> messages);

/// What came beside records.
struct fetch_news {
  std::vector<io_error> errors;
  std::int64_t end = -1;  ///< As partition_source::take_end has it.

  std::int64_t take_end() { return std::exchange(end, -1); }
};

/// Takes over `messages`, of one partition in their order: records into `batch` (inputs,
/// input_bytes, and keep_alive, which destroys them), errors to the end of those in `news`. How
/// many it took where one of the errors leaves librdkafka's position unknown: the rest, which may
/// be any records, stay the caller's. None: all.
[[nodiscard]] std::optional<std::size_t> take_fetched(const shared_client& client,
                                                      std::span<rd_kafka_message_t* const> messages,
                                                      core::record_batch& batch, fetch_news& news);

/// rd_kafka_seek_partitions, without waiting: what was fetched before comes no more. -1: to the
/// beginning. REQUIRES: the partition is assigned.
void seek(const shared_client& client, const std::string& topic, std::int32_t partition,
          std::int64_t offset);

struct log_bounds {
  std::int64_t start = -1, end = -1;
};

/// rd_kafka_get_watermark_offsets: as the last Fetch told, `end` with what a transaction that is
/// open holds back; -1 while unknown.
[[nodiscard]] log_bounds known_bounds(rd_kafka_t* client, const std::string& topic,
                                      std::int32_t partition);

}  // namespace turnstile::kafka_io
