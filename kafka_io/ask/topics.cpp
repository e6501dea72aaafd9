#include "kafka_io/ask/topics.hpp"

#include <algorithm>
#include <iterator>

#include "core/quoting.hpp"

namespace turnstile::kafka_io {

std::vector<std::string> topic_list(const core::settings& settings) {
  std::vector<std::string> topics{settings.topics.input};
  std::ranges::copy(core::output_topics(settings), std::back_inserter(topics));
  return topics;
}

result<topics_state> read_topics(const admin& brokers, const core::settings& settings,
                                 std::chrono::milliseconds timeout) {
  const auto facts = brokers.read_topics(topic_list(settings), timeout);
  if (!facts) return facts.error();
  topics_state state;
  for (const auto& topic : *facts)
    if (topic.partitions == 0) state.missing.push_back(topic.name);
  state.layout.partitioner = settings.topics.partitioner;
  state.layout.input_partitions = facts->front().partitions;
  for (std::size_t i = 0; i < core::output_topic_count; ++i) {
    state.layout.partitions[i] = (*facts)[i + 1].partitions;
    state.layout.record_bytes_max[i] = (*facts)[i + 1].record_bytes_max;
    state.layout.rules[i] = (*facts)[i + 1].rules;
  }
  return state;
}

std::optional<core::topic_layout> layout_memory::fill(const topics_state& read) {
  if (!read.missing.empty() && log_.admit(std::chrono::steady_clock::now())) {
    std::string names;
    for (const auto& name : read.missing) core::append_item(names, name, ",");
    core::log_warning("topics are missing", {{"missing", names}, {"suppressed", log_.suppressed}});
  }
  if (read.layout.input_partitions == 0) return std::nullopt;
  core::topic_layout filled = read.layout;
  for (std::size_t i = 0; i < core::output_topic_count; ++i) {
    if (filled.partitions[i] > 0) continue;
    filled.partitions[i] = last_.partitions[i];
    filled.record_bytes_max[i] = last_.record_bytes_max[i];
    filled.rules[i] = last_.rules[i];
  }
  return last_ = filled;
}

std::optional<io_error> create_missing(const admin& brokers, const core::settings& settings,
                                       const topics_state& state,
                                       std::chrono::milliseconds timeout) {
  const int input = std::max({state.layout.input_partitions, settings.topics.create_partitions, 1});
  std::vector<topic_to_create> wanted;
  for (const auto& name : state.missing) {
    const bool is_output = name != settings.topics.input;
    const int partitions = is_output && settings.topics.create_partitions > 0
                               ? settings.topics.create_partitions
                               : input;
    wanted.push_back({name, partitions, settings.topics.create_replication});
  }
  return brokers.create_topics(wanted, timeout);
}

}  // namespace turnstile::kafka_io
