#include "kafka_io/ask/partition_ends.hpp"

#include <span>

#include "kafka_io/client/connection_trouble.hpp"

namespace turnstile::kafka_io {

result<std::int64_t> ask_log_end(rd_kafka_t* client, const std::string& topic,
                                 std::int32_t partition, log_end which,
                                 std::chrono::milliseconds timeout) {
  const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
  auto& one = *rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  one.offset = static_cast<std::int64_t>(which);
  auto code = rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(timeout.count()));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = one.err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(client, code);
  return one.offset;
}

std::map<std::int32_t, std::int64_t> ask_log_ends(rd_kafka_t* client, const std::string& topic,
                                                  const std::vector<std::int32_t>& partitions,
                                                  log_end which,
                                                  std::chrono::milliseconds timeout) {
  const topic_partition_list_ptr list{
      rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
        static_cast<std::int64_t>(which);
  std::map<std::int32_t, std::int64_t> ends;
  if (rd_kafka_offsets_for_times(client, list.get(), static_cast<int>(timeout.count())) !=
      RD_KAFKA_RESP_ERR_NO_ERROR)
    return ends;
  for (const auto& one : std::span{list->elems, static_cast<std::size_t>(list->cnt)})
    if (one.err == RD_KAFKA_RESP_ERR_NO_ERROR && one.offset >= 0) ends[one.partition] = one.offset;
  return ends;
}

}  // namespace turnstile::kafka_io
