#include "kafka_io/ask/committed.hpp"

#include <span>

namespace turnstile::kafka_io {

rd_kafka_resp_err_t error_in(const rd_kafka_topic_partition_list_t* list) {
  for (const auto& element : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return element.err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t ask_committed(rd_kafka_t* client, rd_kafka_topic_partition_list_t* list,
                                  std::chrono::milliseconds timeout) {
  const auto code = rd_kafka_committed(client, list, static_cast<int>(timeout.count()));
  return code != RD_KAFKA_RESP_ERR_NO_ERROR ? code : error_in(list);
}

std::vector<partition_offset> offsets_in(const rd_kafka_topic_partition_list_t* list) {
  std::vector<partition_offset> offsets;
  for (const auto& element : std::span{list->elems, static_cast<std::size_t>(list->cnt)}) {
    if (element.offset >= 0) offsets.push_back({element.partition, element.offset});
  }
  return offsets;
}

}  // namespace turnstile::kafka_io
