#include "kafka_io/worker/rd_partition_source.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace turnstile::kafka_io {

namespace {

/// Records may be far larger than the ones before, which alone tell the reader how many to ask for:
/// so many are taken at once, and no more once they have so many bytes.
constexpr std::size_t slice_records = 32;
constexpr std::size_t read_bytes_max = std::size_t{4} * 1024 * 1024;

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
  if (lost_) return 0;
  fetched_.resize(records_max);
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < records_max && bytes < read_bytes_max;) {
    const auto got = rd_kafka_consume_batch_queue(queue_.get(), 0, fetched_.data() + count,
                                                  std::min(slice_records, records_max - count));
    if (got <= 0) break;
    const auto slice = std::span{fetched_}.subspan(count, static_cast<std::size_t>(got));
    bytes += bytes_of(slice);
    count += slice.size();
  }
  if (count == 0) return 0;
  const auto fetched = std::span{fetched_}.first(count);
  if (const auto taken = take_fetched(client_, fetched, batch, news_)) {
    lost_ = true;
    for (auto* message : fetched.subspan(*taken)) rd_kafka_message_destroy(message);
  }
  return batch.inputs.size();
}

void rd_partition_source::read_again(std::int64_t offset) {
  seek(client_, topic_, partition_, offset);
  news_.end = -1;
  lost_ = false;
}

std::vector<io_error> rd_partition_source::take_errors() { return std::exchange(news_.errors, {}); }

std::int64_t rd_partition_source::log_start() const {
  return known_bounds(client_.get(), topic_, partition_).start;
}

std::int64_t rd_partition_source::high_watermark() const {
  return known_bounds(client_.get(), topic_, partition_).end;
}

void rd_partition_source::wake_if_readable() {
  const std::lock_guard lock{wake_mutex_};
  if (wake_ && rd_kafka_queue_length(queue_.get()) > 0) (*wake_)();
}

}  // namespace turnstile::kafka_io
