#include "tests/simulation/sim_clients.hpp"

namespace turnstile::simulation {

using kafka_io::delivery_status;
using kafka_io::send_status;

std::size_t sim_source::read(core::record_batch& batch, std::size_t records_max) {
  if (!owner_->alive || position_ < 0) return 0;
  std::size_t count = 0;
  for (; count < records_max && position_ < fetched_; ++count) {
    core::record_view view;
    view.offset = position_++;
    view.value = "a value";
    batch.inputs.push_back(view);
    batch.input_bytes += view.value->size();
  }
  return count;
}

void producer_requests::tell(const produce_request& of, delivery_status status,
                             kafka_io::error_code code) {
  if (closed) return;
  deliveries.push_back({of.slot, status, code});
  if (wake) wake();
}

void producer_requests::answer_call(kafka_io::transaction_answer with) {
  call = transaction_call::none;
  if (!closed && owner->alive && answer) answer(std::move(with));
}

kafka_io::send_result sim_producer::send(const core::output_record& record,
                                         std::optional<std::int32_t> input_partition,
                                         std::int32_t partition, void* slot) {
  if (!requests_->owner->alive) return {};
  if (requests_->fatal || requests_->under_way >= requests_->queue_max)
    return {send_status::queue_full, -184};
  ++requests_->under_way;
  if (!requests_->first_sent_ms) requests_->first_sent_ms = *requests_->now_ms;
  requests_->targets[{record.topic, partition}].push_back(
      {{record.topic, input_partition, record.source_offset, requests_->transaction}, slot});
  return {};
}

void producer_requests::give_back(std::deque<produce_request>& queue, kafka_io::error_code code) {
  for (const auto& one : queue) tell(one, delivery_status::unwritten, code);
  under_way -= queue.size();
  queue.clear();
}

void sim_producer::purge_queued() {
  for (auto& [target, queue] : requests_->targets) requests_->give_back(queue, -152);
  requests_->targets.clear();
}

bool sim_producer::poll(std::vector<kafka_io::delivery>& deliveries) {
  auto& told = requests_->deliveries;
  deliveries.insert(deliveries.end(), told.begin(), told.end());
  told.clear();
  return false;
}

}  // namespace turnstile::simulation
