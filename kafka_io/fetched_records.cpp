#include "kafka_io/fetched_records.hpp"

#include <cstring>
#include <utility>

#include "core/cpu_prefetch.hpp"
#include "kafka_io/client_config.hpp"

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

core::maybe_bytes bytes(const void* at, std::size_t size) {
  if (at == nullptr) return std::nullopt;
  return std::string_view{static_cast<const char*>(at), size};
}

/// Calls `each(name, value, size)`; they are unpacked at the first call.
template <typename Each>
void for_each_header(const rd_kafka_message_t& message, const Each& each) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    each(name, value, size);
}

/// A batch that cannot be parsed is skipped by librdkafka with a wrong length (2.0.2 to 2.8, where
/// its CRC is wrong): what it reads next may be anything, and its next offset a number out of the
/// middle of a value.
bool loses_position(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__BAD_MSG || code == RD_KAFKA_RESP_ERR__BAD_COMPRESSION ||
         code == RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED;
}

/// What one header costs beside twice its name and value: librdkafka's, ours and the producer's.
constexpr std::size_t header_overhead_bytes = 128;

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

core::record_view view_of(const rd_kafka_message_t* message, fetched_records& owner) {
  core::record_view view;
  view.offset = message->offset;
  rd_kafka_timestamp_type_t type{};
  view.timestamp_ms = rd_kafka_message_timestamp(message, &type);
  view.key = bytes(message->key, message->key_len);
  view.value = bytes(message->payload, message->len);
  std::vector<core::header_view> headers;
  for_each_header(*message, [&headers](const char* name, const void* value, std::size_t size) {
    headers.push_back({name, bytes(value, size)});
  });
  if (headers.empty()) return view;
  owner.headers.push_back(std::move(headers));
  view.headers = owner.headers.back();
  return view;
}

}  // namespace

std::size_t bytes_of(const rd_kafka_message_t& message) {
  std::size_t sum = message.len + message.key_len;
  for_each_header(message, [&sum](const char* name, const void*, std::size_t size) {
    sum += header_overhead_bytes + 2 * (std::strlen(name) + size);
  });
  return sum;
}

std::optional<std::size_t> take_fetched(const shared_client& client,
                                        std::span<rd_kafka_message_t* const> messages,
                                        core::record_batch& batch, std::vector<io_error>& errors) {
  std::optional<std::size_t> taken;
  auto owner = std::make_shared<fetched_records>(client);
  owner->messages.reserve(messages.size());
  batch.inputs.reserve(messages.size());
  for (std::size_t i = 0; i < messages.size() && !taken; ++i) {
    auto* message = messages[i];
    if (const std::size_t later = i + core::cpu_prefetch_distance; later < messages.size())
      core::cpu_prefetch(end_of_value(*messages[later]));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      errors.push_back(error_in(*message));
      if (loses_position(message->err)) taken = i + 1;
      rd_kafka_message_destroy(message);
      continue;
    }
    owner->messages.push_back(message);
    batch.inputs.push_back(view_of(message, *owner));
    batch.input_bytes += bytes_of(*message);
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

std::int64_t known_end(const shared_client& client, const std::string& topic,
                       std::int32_t partition) {
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(client.get(), topic.c_str(), partition, &low, &high);
  return high < 0 ? -1 : high;
}

}  // namespace turnstile::kafka_io
