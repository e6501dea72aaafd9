#include "kafka_io/worker/split_delivery_client.hpp"

#include <utility>

namespace turnstile::kafka_io {

void split_delivery_client::wake_with(wake_fn wake) {
  processed_->wake_with(wake);
  others_->wake_with(std::move(wake));
}

send_result split_delivery_client::send(const core::output_record& record,
                                        std::optional<std::int32_t> input_partition,
                                        std::int32_t partition, void* slot) {
  auto& client = record.topic == core::output_topic::processed ? processed_ : others_;
  return client->send(record, input_partition, partition, slot);
}

bool split_delivery_client::poll(std::vector<delivery>& deliveries) {
  others_first_ = !others_first_;
  const bool more = (others_first_ ? others_ : processed_)->poll(deliveries);
  return (others_first_ ? processed_ : others_)->poll(deliveries) || more;
}

std::optional<io_error> split_delivery_client::fatal_error() const {
  if (auto error = processed_->fatal_error()) return error;
  return others_->fatal_error();
}

void split_delivery_client::purge_queued() {
  processed_->purge_queued();
  others_->purge_queued();
}

void split_delivery_client::purge() {
  processed_->purge();
  others_->purge();
}

std::string split_delivery_client::error_text(error_code code) const {
  return processed_->error_text(code);
}

}  // namespace turnstile::kafka_io
