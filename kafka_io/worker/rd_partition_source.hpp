// One assigned partition's own librdkafka queue.
//
// Made by rd_group_client before the assignment, owned by the partition_consumer, which makes every
// call but wake_if_readable. THREAD: the wake function is called on a librdkafka thread, inside the
// queue's lock. GUARANTEES: what `read` put into a batch stays valid as long as its keep_alive,
// also when this object is gone.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "kafka_io/client/handles.hpp"
#include "kafka_io/io.hpp"
#include "kafka_io/worker/fetched_records.hpp"

namespace turnstile::kafka_io {

class rd_partition_source final : public partition_source {
public:
  /// rd_kafka_queue_get_partition, taken out of the group's queue.
  rd_partition_source(shared_client client, std::string topic, std::int32_t partition);
  ~rd_partition_source() override;
  rd_partition_source(const rd_partition_source&) = delete;
  rd_partition_source& operator=(const rd_partition_source&) = delete;

  /// rd_kafka_queue_cb_event_enable
  void wake_with(wake_fn wake) override;

  /// rd_kafka_consume_batch_queue. Documented as unsafe around rebalances in 2.0.x, except with no
  /// time-out and one caller, as here, where nobody pauses and only the caller seeks.
  std::size_t read(core::record_batch& batch, std::size_t records_max) override;
  /// Its queue is bounded by itself, and its reader knows what is in flight.
  void finished(std::size_t, std::size_t) override {}
  std::vector<io_error> take_errors() override;
  [[nodiscard]] bool lost() const override { return lost_; }
  void read_again(std::int64_t offset) override;

  std::int64_t take_end() override { return news_.take_end(); }
  [[nodiscard]] std::int64_t log_start() const override;
  [[nodiscard]] std::int64_t high_watermark() const override;
  void wake_if_readable() override;

private:
  shared_client client_;
  std::string topic_;
  std::int32_t partition_;
  queue_ptr queue_;
  std::mutex wake_mutex_;  ///< Between wake_with and wake_if_readable.
  std::unique_ptr<wake_fn> wake_;
  std::vector<rd_kafka_message_t*> fetched_;
  fetch_news news_;
  bool lost_ = false;
};

}  // namespace turnstile::kafka_io
