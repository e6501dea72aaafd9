#include "kafka_io/worker/fetched_records.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/cpu_prefetch.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/message_views.hpp"

namespace turnstile::kafka_io {

namespace {

/// What the views of a batch point into.
struct fetched_records {
  explicit fetched_records(shared_client c) : client(std::move(c)) {}
  ~fetched_records() {
    for (auto* message : messages) rd_kafka_message_destroy(message);
  }
  fetched_records(const fetched_records&) = delete;
  fetched_records& operator=(const fetched_records&) = delete;

  shared_client client;  ///< No message may outlive its client.
  std::vector<rd_kafka_message_t*> messages;
  std::vector<std::vector<core::header_view>> headers;
};

/// What one costs: librdkafka's, ours and the producer's.
std::size_t header_bytes(std::size_t name, std::size_t value) { return 128 + 2 * (name + value); }

/// With `auto.offset.reset = "error"` librdkafka then fetches nothing more of the partition, and
/// refuses to seek there without a word, until it is assigned anew.
io_error error_in(const rd_kafka_message_t& message) {
  auto error = error_of(message.err);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
    error.text += "; nothing more is read before the next assignment: restart the worker";
  return error;
}

/// Where the headers begin, which nobody has read since they were decompressed.
const void* end_of_value(const rd_kafka_message_t& message) {
  return static_cast<const char*>(message.payload) + message.len;
}

core::record_view record_of(const rd_kafka_message_t& message, fetched_records& owner) {
  core::record_view record;
  record.offset = message.offset;
  record.timestamp_ms = timestamp_of(message);
  record.key = view_of(message.key, message.key_len);
  record.value = view_of(message.payload, message.len);
  std::vector<core::header_view> headers;
  append_headers(message, headers);
  if (!headers.empty()) record.headers = owner.headers.emplace_back(std::move(headers));
  return record;
}

std::size_t bytes_of(const core::record_view& record) {
  std::size_t sum = size_of(record.key) + size_of(record.value);
  for (const auto& header : record.headers)
    sum += header_bytes(header.name.size(), size_of(header.value));
  return sum;
}

void prefetch_headers(std::span<rd_kafka_message_t* const> messages, std::size_t i) {
  if (const std::size_t later = i + core::cpu_prefetch_distance; later < messages.size())
    core::cpu_prefetch(end_of_value(*messages[later]));
}

}  // namespace

bool loses_position(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_MSG || code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ||
         code == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

std::size_t bytes_of(std::span<rd_kafka_message_t* const> messages) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto& message = *messages[i];
    prefetch_headers(messages, i);
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    sum += message.len + message.key_len;
    for_each_header(message, [&sum](const char* name, const void*, std::size_t size) {
      sum += header_bytes(std::strlen(name), size);
    });
  }
  return sum;
}

std::optional<std::size_t> take_fetched(const shared_client& client,
                                        std::span<rd_kafka_message_t* const> messages,
                                        core::record_batch& batch, fetch_news& news) {
  std::optional<std::size_t> taken;
  auto owner = std::make_shared<fetched_records>(client);
  owner->messages.reserve(messages.size());
  batch.inputs.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size() && !taken; ++i) {
    auto* message = messages[i];
    prefetch_headers(messages, i);
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      news.end = message->offset;
      rd_kafka_message_destroy(message);
      continue;
    }
    news.end = -1;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      news.errors.push_back(error_in(*message));
      if (loses_position(message->err)) taken = i + 1;
      rd_kafka_message_destroy(message);
      continue;
    }
    owner->messages.push_back(message);
    batch.inputs.push_back(record_of(*message, *owner));
    batch.input_bytes += bytes_of(batch.inputs.back());
  }
  batch.keep_alive = std::move(owner);
  return taken;
}

void seek(const shared_client& client, const std::string& topic, std::int32_t partition,
          std::int64_t offset) {
  const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
  auto& one = *rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  one.offset = offset >= 0 ? offset : RD_KAFKA_OFFSET_BEGINNING;
  const error_ptr refused{rd_kafka_seek_partitions(client.get(), list.get(), 0)};
}

log_bounds known_bounds(rd_kafka_t* client, const std::string& topic, std::int32_t partition) {
  log_bounds known;
  rd_kafka_get_watermark_offsets(client, topic.c_str(), partition, &known.start, &known.end);
  return {std::max<std::int64_t>(-1, known.start), std::max<std::int64_t>(-1, known.end)};
}

}  // namespace turnstile::kafka_io
