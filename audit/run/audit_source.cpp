#include "audit/run/audit_source.hpp"

#include <algorithm>

#include "kafka_io/ask/topics.hpp"

namespace turnstile::audit {

namespace {

using kafka_io::io_error;
using kafka_io::result;

}  // namespace

result<audit_source> audit_source::open(const core::settings& settings, kafka_io::isolation level) {
  auto reader = kafka_io::range_reader::open(settings, level);
  if (!reader) return reader.error();
  auto all = kafka_io::range_reader::open(settings, kafka_io::isolation::read_uncommitted);
  if (!all) return all.error();
  audit_source source{settings, std::move(*reader), std::move(*all)};
  if (auto error = source.describe()) return std::move(*error);
  return source;
}

std::optional<io_error> audit_source::describe() {
  const auto brokers = all_.brokers();
  if (auto error = brokers.wait_for_broker(timeout)) return error;
  const auto facts = brokers.read_topics(kafka_io::topic_list(settings_), timeout);
  if (!facts) return facts.error();
  for (const auto& topic : *facts) {
    if (topic.partitions == 0) missing_.push_back(topic.name);
  }
  if (facts->front().partitions == 0) {
    return io_error{0, "there is no topic " + facts->front().name +
                           ", the input: without it nothing can be judged"};
  }
  layout_.partitioner = settings_.topics.partitioner;
  layout_.input_partitions = facts->front().partitions;
  for (std::size_t t = 0; t < core::output_topic_count; ++t) {
    layout_.partitions[t] = (*facts)[t + 1].partitions;
    layout_.record_bytes_max[t] = (*facts)[t + 1].record_bytes_max;
  }
  for (const auto where : audit::output_fates) {
    const auto t = static_cast<std::size_t>(audit::topic_of(where));
    compacted_[index_of(where)] = (*facts)[t + 1].compacted;
    missing_fates_[index_of(where)] = (*facts)[t + 1].partitions == 0;
  }
  return {};
}

bool audit_source::tells_all(audit::fate where) const {
  return !compacted_[index_of(where)] && !missing_fates_[index_of(where)];
}

const std::string& audit_source::topic_of(audit::fate where) const {
  switch (where) {
    case audit::fate::error:
      return settings_.topics.errors;
    case audit::fate::cleaned:
      return settings_.topics.cleaned;
    default:
      return settings_.topics.processed;
  }
}

result<audit_snapshot> audit_source::snapshot(const std::string& group) const {
  audit_snapshot taken;
  const auto& input = settings_.topics.input;
  const auto written = all_.brokers().read_all_watermarks(input, layout_.input_partitions, timeout);
  if (!written) return written.error();
  for (const auto& marks : *written) taken.inputs_written.push_back(marks.high);
  const auto inputs =
      reader_.brokers().read_all_watermarks(input, layout_.input_partitions, timeout);
  if (!inputs) return inputs.error();
  taken.inputs = *inputs;
  if (!group.empty()) {
    const auto asking = kafka_io::admin::open(settings_);
    if (!asking) return asking.error();
    const auto committed =
        asking->committed_offsets(group, input, layout_.input_partitions, timeout);
    if (!committed) return committed.error();
    for (const auto& at : *committed) taken.committed[at.partition] = at.offset;
  }
  const auto brokers = all_.brokers();
  const auto summaries = brokers.read_all_watermarks(
      settings_.topics.summary, layout_.count(core::output_topic::summary), timeout);
  if (!summaries) return summaries.error();
  taken.summaries = *summaries;
  for (const auto where : audit::output_fates) {
    const auto outputs = brokers.read_all_watermarks(
        topic_of(where), layout_.count(audit::topic_of(where)), timeout);
    if (!outputs) return outputs.error();
    taken.outputs[index_of(where)] = *outputs;
  }
  const auto later = brokers.read_all_watermarks(input, layout_.input_partitions, timeout);
  if (!later) return later.error();
  for (const auto& marks : *later) taken.inputs_later.push_back(marks.high);
  return taken;
}

result<std::int64_t> audit_source::low_of(const std::string& topic, std::int32_t partition) const {
  const auto marks = all_.brokers().read_watermarks(topic, partition, timeout);
  if (!marks) return marks.error();
  return marks->low;
}

std::optional<io_error> audit_source::check_unchanged() const {
  const auto facts = all_.brokers().read_topics(kafka_io::topic_list(settings_), timeout);
  if (!facts) return facts.error();
  bool same = facts->front().partitions == layout_.input_partitions;
  for (std::size_t t = 0; t < core::output_topic_count; ++t) {
    same = same && (*facts)[t + 1].partitions == layout_.partitions[t];
  }
  if (same) return {};
  return io_error{0, "the topics' partitions have changed: begin a new audit"};
}

}  // namespace turnstile::audit
