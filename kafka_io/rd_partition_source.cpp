#include "kafka_io/rd_partition_source.hpp"

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

std::vector<core::header_view> headers_of(const rd_kafka_headers_t* headers) {
  std::vector<core::header_view> views;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    views.push_back({name, bytes(value, size)});
  return views;
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
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    owner.headers.push_back(headers_of(headers));
    view.headers = owner.headers.back();
  }
  return view;
}

}  // namespace

rd_partition_source::rd_partition_source(shared_client client, std::string topic,
                                         std::int32_t partition)
  : client_(std::move(client)),
    topic_(std::move(topic)),
    partition_(partition),
    queue_(rd_kafka_queue_get_partition(client_.get(), topic_.c_str(), partition)) {
  rd_kafka_queue_forward(queue_.get(), nullptr);
}

rd_partition_source::~rd_partition_source() { rd_partition_source::wake_with(nullptr); }

void rd_partition_source::wake_with(wake_fn wake) {
  const std::lock_guard lock{wake_mutex_};
  // Taking the old one away waits until no call of it is running.
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  wake_ = wake ? std::make_unique<wake_fn>(std::move(wake)) : nullptr;
  if (!wake_) return;
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* fn) { (*static_cast<wake_fn*>(fn))(); }, wake_.get());
}

std::size_t rd_partition_source::read(core::record_batch& batch, std::size_t records_max) {
  fetched_.resize(records_max);
  const auto got = rd_kafka_consume_batch_queue(queue_.get(), 0, fetched_.data(), records_max);
  if (got <= 0) return 0;
  auto owner = std::make_shared<fetched_records>(client_);
  owner->messages.reserve(static_cast<std::size_t>(got));
  batch.inputs.reserve(static_cast<std::size_t>(got));
  for (std::size_t i = 0; i < static_cast<std::size_t>(got); ++i) {
    auto* message = fetched_[i];
    if (const std::size_t later = i + core::cpu_prefetch_distance;
        later < static_cast<std::size_t>(got))
      core::cpu_prefetch(end_of_value(*fetched_[later]));
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      errors_.push_back(error_of(message->err));
      rd_kafka_message_destroy(message);
      continue;
    }
    owner->messages.push_back(message);
    batch.inputs.push_back(view_of(message, *owner));
    batch.input_bytes += message->len + message->key_len;
  }
  batch.keep_alive = std::move(owner);
  return batch.inputs.size();
}

std::vector<io_error> rd_partition_source::take_errors() { return std::exchange(errors_, {}); }

std::int64_t rd_partition_source::high_watermark() const {
  std::int64_t low = -1;
  std::int64_t high = -1;
  rd_kafka_get_watermark_offsets(client_.get(), topic_.c_str(), partition_, &low, &high);
  return high < 0 ? -1 : high;
}

void rd_partition_source::wake_if_readable() {
  const std::lock_guard lock{wake_mutex_};
  if (wake_ && rd_kafka_queue_length(queue_.get()) > 0) (*wake_)();
}

}  // namespace turnstile::kafka_io
