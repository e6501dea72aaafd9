#include "app/redrive/redrive_topics.hpp"

#include "core/quoting.hpp"
#include "kafka_io/ask/admin.hpp"
#include "kafka_io/ask/topics.hpp"

namespace turnstile::app {

namespace {

using kafka_io::io_error;
using kafka_io::result;

}  // namespace

result<redrive_topics> redrive_topics::open(const core::settings& settings) {
  auto reader = kafka_io::range_reader::open(settings, kafka_io::isolation::read_committed);
  if (!reader) return reader.error();
  auto all = kafka_io::range_reader::open(settings, kafka_io::isolation::read_uncommitted);
  if (!all) return all.error();
  redrive_topics topics{settings, std::move(*reader), std::move(*all)};
  const auto brokers = topics.all_.brokers();
  if (auto error = brokers.wait_for_broker(timeout)) return std::move(*error);
  const auto state = kafka_io::read_topics(brokers, settings, timeout);
  if (!state) return state.error();
  if (!state->missing.empty()) {
    std::string names;
    for (const auto& name : state->missing) core::append_item(names, name);
    return io_error{0, "there is no topic " + names};
  }
  if (!settings.delivery.allow_unenforced && brokers.is_embedded_broker(timeout))
    return io_error{0, "the embedded broker does not enforce transactions: nothing is redriven"};
  topics.layout_ = std::make_shared<const core::topic_layout>(state->layout);
  return topics;
}

result<std::vector<kafka_io::watermarks>> redrive_topics::readable(const std::string& topic,
                                                                   std::int32_t partitions) const {
  return reader_.brokers().read_all_watermarks(topic, partitions, timeout);
}

result<std::vector<kafka_io::watermarks>> redrive_topics::written(const std::string& topic,
                                                                  std::int32_t partitions) const {
  return all_.brokers().read_all_watermarks(topic, partitions, timeout);
}

result<std::vector<std::int64_t>> redrive_topics::offsets_at(const std::string& topic,
                                                             std::int32_t partitions,
                                                             std::int64_t timestamp_ms) const {
  return all_.brokers().offsets_at(topic, partitions, timestamp_ms, timeout);
}

result<std::map<std::int32_t, std::int64_t>> redrive_topics::committed() const {
  const auto asking = kafka_io::admin::open(settings_);
  if (!asking) return asking.error();
  const auto found = asking->committed_offsets(settings_.kafka.group, settings_.topics.input,
                                               layout_->input_partitions, timeout);
  if (!found) return found.error();
  std::map<std::int32_t, std::int64_t> by_partition;
  for (const auto& at : *found) by_partition[at.partition] = at.offset;
  return by_partition;
}

}  // namespace turnstile::app
