#include "tests/support/fakes.hpp"

namespace turnstile::tests {

using kafka_io::delivery_status;
using kafka_io::send_status;

std::size_t fake_partition_source::read(core::record_batch& batch, std::size_t records_max) {
  ++reads;
  if (is_lost) return 0;
  const std::size_t count = std::min(records_max, waiting_.size());
  auto values = std::make_shared<std::vector<std::string>>();
  values->reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto [offset, value_bytes] = waiting_.front();
    waiting_.pop_front();
    values->emplace_back(value_bytes, 'v');
    core::record_view view;
    view.offset = offset;
    view.timestamp_ms = 1'000'000 + offset;
    view.value = values->back();
    batch.inputs.push_back(view);
    batch.input_bytes += value_bytes;
  }
  batch.keep_alive = std::move(values);
  return count;
}

namespace {

std::string text_of(const std::string& verb, const std::vector<std::int32_t>& partitions) {
  std::string text = verb;
  for (const auto partition : partitions) text += " " + std::to_string(partition);
  return text;
}

}  // namespace

std::shared_ptr<kafka_io::partition_source> fake_group_client::open(std::int32_t partition) {
  calls.push_back("open " + std::to_string(partition));
  auto& source = sources[partition];
  opened_while_read |= source && source->has_wake();
  // Its offsets go on where the earlier assignment's ended.
  const std::int64_t next_offset = source ? source->next_offset : 0;
  source = std::make_shared<fake_partition_source>();
  source->next_offset = next_offset;
  return source;
}

void fake_group_client::assign(const std::vector<kafka_io::partition_offset>& partitions) {
  std::string text = "assign";
  for (const auto& [partition, offset] : partitions) {
    text += " " + std::to_string(partition);
    if (offset >= 0) text += ":" + std::to_string(offset);
  }
  calls.push_back(text);
}

void fake_group_client::unassign(const std::vector<std::int32_t>& partitions) {
  calls.push_back(text_of("unassign", partitions));
}

void fake_group_client::commit(const std::vector<kafka_io::partition_offset>& offsets) {
  std::string text = "commit";
  for (const auto& [partition, offset] : offsets)
    text += " " + std::to_string(partition) + ":" + std::to_string(offset);
  calls.push_back(std::move(text));
  commits_open.push_back(offsets);
  if (commits_itself) finish_commit();
}

void fake_group_client::finish_commit(std::optional<kafka_io::io_error> error) {
  if (commits_open.empty()) return;
  auto offsets = std::move(commits_open.front());
  commits_open.pop_front();
  happen(kafka_io::commit_finished{std::move(offsets), std::move(error)});
}

std::vector<std::string> fake_group_client::calls_of(const std::string& verb) const {
  std::vector<std::string> found;
  for (const auto& call : calls)
    if (call == verb || call.starts_with(verb + " ")) found.push_back(call);
  return found;
}

kafka_io::delivery_client_factory fake_broker::factory() {
  return [broker = shared_from_this()](kafka_io::sending how) {
    broker->fatal.reset();
    broker->kinds.push_back(how);
    return std::make_unique<fake_delivery_client>(broker);
  };
}

std::size_t fake_broker::deliver_all(delivery_status status, kafka_io::error_code code) {
  std::size_t count = 0;
  for (auto& record : sent) {
    if (std::exchange(record.answered, true)) continue;
    deliveries_.push_back({record.slot, status, code});
    ++count;
  }
  if (count > 0) wake();
  return count;
}

bool fake_broker::answer(std::int64_t source_offset, delivery_status status,
                         kafka_io::error_code code, std::optional<std::int32_t> input_partition) {
  for (auto& record : sent) {
    if (record.answered || record.source_offset != source_offset) continue;
    if (input_partition && record.input_partition != input_partition) continue;
    record.answered = true;
    deliveries_.push_back({record.slot, status, code});
    wake();
    return true;
  }
  return false;
}

std::size_t fake_broker::under_way() const {
  return static_cast<std::size_t>(
      std::count_if(sent.begin(), sent.end(), [](const auto& record) { return !record.answered; }));
}

std::vector<std::int64_t> fake_broker::offsets_sent(std::size_t from,
                                                    std::optional<core::output_topic> topic) const {
  std::vector<std::int64_t> offsets;
  for (std::size_t i = from; i < sent.size(); ++i)
    if (!topic || sent[i].topic == *topic) offsets.push_back(sent[i].source_offset);
  return offsets;
}

kafka_io::send_result fake_delivery_client::send(const core::output_record& record,
                                                 std::optional<std::int32_t> input_partition,
                                                 std::int32_t partition, void* slot) {
  if (broker_->on_send)
    if (const auto result = broker_->on_send(record)) return *result;
  if (broker_->fatal) return {send_status::failed, broker_->fatal->code};
  if (broker_->under_way() >= broker_->queue_max) return {send_status::queue_full, -184};
  broker_->sent.push_back({record.topic, partition, input_partition, record.source_offset,
                           std::string(record.value), number_, slot, false});
  return {};
}

bool fake_delivery_client::poll(std::vector<kafka_io::delivery>& deliveries) {
  deliveries.insert(deliveries.end(), broker_->deliveries_.begin(), broker_->deliveries_.end());
  broker_->deliveries_.clear();
  return false;
}

}  // namespace turnstile::tests
