#include "tests/simulation/model_kafka.hpp"

#include <algorithm>

namespace turnstile::simulation {

namespace {

std::string place(std::int32_t partition, std::int64_t offset) {
  return std::to_string(partition) + "/" + std::to_string(offset);
}

}  // namespace

void model_kafka::write(written_record record) {
  if (!record.transaction) show(record);
  log_.push_back(std::move(record));
}

void model_kafka::show(const written_record& record) {
  if (record.source_partition) ++visible_[*record.source_partition][record.source_offset];
}

std::optional<std::int64_t> model_kafka::committed(std::int32_t partition) const {
  const auto at = committed_.find(partition);
  if (at == committed_.end()) return std::nullopt;
  return at->second;
}

bool model_kafka::commit(const process& by, int generation,
                         const std::vector<kafka_io::partition_offset>& offsets) {
  if (!accepts(by, generation)) return false;
  for (const auto& [partition, offset] : offsets) store_offset(partition, offset);
  return true;
}

/// Whatever is committed is never read again: all of it must be there.
void model_kafka::store_offset(std::int32_t partition, std::int64_t offset) {
  const std::int64_t from = committed(partition).value_or(0);
  if (offset < from) break_promise("committed backwards at " + place(partition, offset));
  if (offset > end(partition))
    break_promise("committed beyond the end " + place(partition, offset));
  for (std::int64_t at = from; at < offset; ++at)
    if (!visible_[partition].contains(at))
      break_promise("committed without an output: " + place(partition, at));
  committed_[partition] = std::max(from, offset);
}

bool model_kafka::is_unstable(const std::vector<std::int32_t>& partitions) const {
  return std::any_of(open_.begin(), open_.end(), [&](const auto& entry) {
    const auto& [id, transaction] = entry;
    return transaction->end == transaction_end::open &&
           std::any_of(partitions.begin(), partitions.end(), [&](std::int32_t partition) {
             return transaction->offsets.contains(partition);
           });
  });
}

int model_kafka::open_producer(const std::string& id) {
  const auto open = open_.find(id);
  if (open != open_.end() && open->second->end == transaction_end::open)
    open->second->end = transaction_end::aborted;
  return ++epochs_[id];
}

bool model_kafka::is_fenced(const std::string& id, int epoch) const {
  const auto at = epochs_.find(id);
  return at != epochs_.end() && at->second != epoch;
}

std::shared_ptr<transaction_entry> model_kafka::begin_transaction(const std::string& id) {
  return open_[id] = std::make_shared<transaction_entry>();
}

void model_kafka::commit_transaction(const std::shared_ptr<transaction_entry>& transaction) {
  transaction->end = transaction_end::committed;
  for (const auto& record : log_)
    if (record.transaction == transaction) show(record);
  for (const auto& [partition, offset] : transaction->offsets) store_offset(partition, offset);
}

bool model_kafka::all_committed() const {
  for (std::int32_t partition = 0; partition < partitions(); ++partition)
    if (committed(partition).value_or(0) != end(partition)) return false;
  return true;
}

void model_kafka::judge() {
  for (std::int32_t partition = 0; partition < partitions(); ++partition) {
    for (std::int64_t offset = 0; offset < end(partition); ++offset) {
      const auto found = visible_[partition].find(offset);
      if (found == visible_[partition].end()) {
        break_promise("lost: " + place(partition, offset));
      } else if (found->second > 1) {
        repeats_ += static_cast<std::size_t>(found->second - 1);
        if (transactions_) break_promise("repeated: " + place(partition, offset));
      }
    }
  }
  judge_order();
}

/// Within a topic, what comes for the first time although later ones of its partition are there is
/// the begin of a repetition, and that takes all of them with it.
void model_kafka::judge_order() {
  using topic_source = std::pair<core::output_topic, std::int32_t>;
  const auto counts = [](const written_record& record) {
    return record.source_partition &&
           (!record.transaction || record.transaction->end == transaction_end::committed);
  };
  std::map<topic_source, std::map<std::int64_t, std::size_t>> last;
  for (std::size_t at = 0; at < log_.size(); ++at)
    if (counts(log_[at]))
      last[{log_[at].topic, *log_[at].source_partition}][log_[at].source_offset] = at;
  std::map<topic_source, std::set<std::int64_t>> seen;
  for (std::size_t at = 0; at < log_.size(); ++at) {
    const auto& record = log_[at];
    if (!counts(record)) continue;
    const topic_source source{record.topic, *record.source_partition};
    auto& before = seen[source];
    if (!before.insert(record.source_offset).second) continue;
    for (auto later = before.upper_bound(record.source_offset); later != before.end(); ++later)
      if (last[source][*later] < at)
        break_promise(place(*record.source_partition, record.source_offset) + " after " +
                      std::to_string(*later));
  }
}

}  // namespace turnstile::simulation
