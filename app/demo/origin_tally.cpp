#include "app/demo/origin_tally.hpp"

#include "app/terminal/record_text.hpp"
#include "core/own_headers.hpp"

namespace turnstile::app {

namespace {

// Of which examples are made.
constexpr std::int64_t first_offsets = 20;
constexpr std::size_t examples_per_topic = 50;

// A broken offset must not make the tally grow without bound.
constexpr std::int64_t offset_max = 100'000'000;

std::string place_of(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  return std::string{topic} + "/" + std::to_string(partition) + "/" + std::to_string(offset);
}

}  // namespace

origin_tally::origin_tally(const core::settings& settings)
  : input_topic_(settings.topics.input), output_topics_(core::output_topics(settings)) {}

void origin_tally::add(const kafka_io::topic_record& record) {
  if (record.topic == input_topic_) return add_input(record);
  for (std::size_t t = 0; t < output_topics_.size(); ++t) {
    if (record.topic == output_topics_[t]) {
      return add_output(static_cast<core::output_topic>(t), record);
    }
  }
}

origin_tally::slot& origin_tally::slot_of(std::int32_t partition, std::int64_t offset) {
  auto& partition_slots = slots_[partition];
  const auto at = static_cast<std::size_t>(offset);
  if (partition_slots.size() <= at) partition_slots.resize(at + 1);
  return partition_slots[at];
}

void origin_tally::add_input(const kafka_io::topic_record& record) {
  auto& input = slot_of(record.partition, record.record.offset);
  if (input.is_input) return;
  input.is_input = true;
  ++inputs_;
  if (input.outputs > 0) ++ended_;
  if (record.record.offset < first_offsets && record.record.value) {
    first_inputs_.emplace(place_of(record.topic, record.partition, record.record.offset),
                          *record.record.value);
  }
}

void origin_tally::add_output(core::output_topic topic, const kafka_io::topic_record& record) {
  ++outputs_[static_cast<std::size_t>(topic)];
  if (topic == core::output_topic::summary) {
    last_summary_ = record.record.value.value_or("");
    return;
  }
  if (topic == core::output_topic::errors) {
    ++by_reason_[std::string{header_of(record.record, core::reason_header)}];
  }
  const auto header = header_of(record.record, core::origin_header);
  const auto origin = audit::parse_origin(header);
  if (!origin || origin->topic != input_topic_ || origin->offset > offset_max) {
    ++without_origin_;
    return;
  }
  auto& input = slot_of(origin->partition, origin->offset);
  if (input.outputs++ == 0 && input.is_input) ++ended_;
  if (origin->offset < first_offsets) keep(topic, header, record);
}

void origin_tally::keep(core::output_topic topic, std::string_view origin,
                        const kafka_io::topic_record& record) {
  auto& kept = first_outputs_[static_cast<std::size_t>(topic)];
  if (kept.size() >= examples_per_topic) return;
  kept.push_back({std::string{origin},
                  place_of(record.topic, record.partition, record.record.offset),
                  std::string{record.record.value.value_or("")},
                  std::string{header_of(record.record, core::reason_header)}});
}

tally_verdict origin_tally::verdict() const {
  tally_verdict found{.foreign = without_origin_};
  for (const auto& [partition, partition_slots] : slots_) {
    for (const auto& input : partition_slots) {
      if (!input.is_input) {
        found.foreign += input.outputs;
      } else if (input.outputs == 0) {
        ++found.missing;
      } else {
        found.repeated += input.outputs - 1;
      }
    }
  }
  return found;
}

std::optional<tally_example> origin_tally::example(core::output_topic topic,
                                                   std::string_view reason) const {
  std::optional<tally_example> any;
  for (const auto& output : first_outputs_[static_cast<std::size_t>(topic)]) {
    const auto input = first_inputs_.find(output.origin);
    if (input == first_inputs_.end()) continue;
    const bool wanted = output.reason == reason;
    if (!any || wanted) any = {output.origin, input->second, output.place, output.value};
    if (wanted) break;
  }
  return any;
}

}  // namespace turnstile::app
