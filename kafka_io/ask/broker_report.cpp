#include "kafka_io/ask/broker_report.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "config/kafka_property.hpp"
#include "core/layout.hpp"

namespace turnstile::kafka_io {

namespace {

std::optional<std::int64_t> number_in(const config_values& config, std::string_view name) {
  const auto found = config.find(name);
  if (found == config.end()) return {};
  std::int64_t number = 0;
  const auto* end = found->second.data() + found->second.size();
  const auto [stopped, error] = std::from_chars(found->second.data(), end, number);
  if (error != std::errc{} || stopped != end) return {};
  return number;
}

std::string_view text_in(const config_values& config, std::string_view name) {
  const auto found = config.find(name);
  return found == config.end() ? std::string_view{} : found->second;
}

std::string topic(const topic_shape& of) { return "topic " + of.name + ": "; }

void judge_partitions(const core::settings& settings, const topic_shape& input,
                      const topic_shape& output, broker_report& report) {
  if (settings.topics.partitioner != core::partitioner::source) return;
  if (output.partitions >= input.partitions) return;
  report.warnings.push_back(topic(output) + std::to_string(output.partitions) +
                            " partitions, and the input has " + std::to_string(input.partitions) +
                            ": outputs go by key, and the order of an input partition is lost");
}

void judge_replicas(const topic_shape& output, broker_report& report) {
  const auto wanted = number_in(output.config, "min.insync.replicas");
  if (!wanted || output.replicas == 0 || *wanted <= output.replicas) return;
  report.problems.push_back(topic(output) + "min.insync.replicas is " + std::to_string(*wanted) +
                            ", and it has " + std::to_string(output.replicas) +
                            ": no record can be written");
}

void judge_sizes(const topic_shape& input, const topic_shape& output, broker_report& report) {
  const auto comes = number_in(input.config, "max.message.bytes");
  const auto goes = number_in(output.config, "max.message.bytes");
  if (!comes || !goes || *goes >= *comes) return;
  report.warnings.push_back(topic(output) + "max.message.bytes is " + std::to_string(*goes) +
                            ", and the input's is " + std::to_string(*comes) +
                            ": events that do not fit become error records, or lose content");
}

/// A source's timestamp goes with its outputs.
void judge_timestamps(const topic_shape& output, broker_report& report) {
  constexpr std::int64_t after_default_ms = 3'600'000;
  constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();
  if (text_in(output.config, "message.timestamp.type") == "LogAppendTime") return;
  for (const auto& [name, standard] :
       {std::pair{"message.timestamp.before.max.ms", unlimited},
        std::pair{"message.timestamp.after.max.ms", after_default_ms}}) {
    const auto limit = number_in(output.config, name);
    if (!limit || *limit >= standard) continue;
    report.warnings.push_back(topic(output) + name + " is " + std::to_string(*limit) +
                              ": outputs keep their event's time, and one that is further away "
                              "becomes an error record");
  }
}

void judge_compaction(const topic_shape& output, broker_report& report) {
  if (text_in(output.config, "cleanup.policy").find("compact") == std::string_view::npos) return;
  report.warnings.push_back(topic(output) +
                            "it is compacted: of records with one key only the last stays, and a "
                            "record without a key is refused");
}

void judge_compression(const topic_shape& input, broker_report& report) {
  const auto type = text_in(input.config, "compression.type");
  if (type.empty() || type == "uncompressed") return;
  report.hints.push_back(topic(input) +
                         "whoever writes to it may send batches that unpack to far more memory "
                         "than they take; compression.type=uncompressed makes the brokers unpack "
                         "them");
}

}  // namespace

void judge_topics(const core::settings& settings, const std::vector<topic_shape>& topics,
                  broker_report& report) {
  const topic_shape& input = topics.front();
  constexpr auto summary = static_cast<std::size_t>(core::output_topic::summary);
  for (std::size_t i = 0; i + 1 < topics.size(); ++i) {
    const topic_shape& output = topics[i + 1];
    if (output.partitions == 0) continue;
    judge_compaction(output, report);
    judge_replicas(output, report);
    // Summaries go by key, have no source, and are made to fit.
    if (i == summary || input.partitions == 0) continue;
    judge_partitions(settings, input, output, report);
    judge_sizes(input, output, report);
    judge_timestamps(output, report);
  }
  judge_compression(input, report);
}

void judge_session(const core::settings& settings, const config_values& broker,
                   broker_report& report) {
  std::int64_t session = core::session_timeout_ms_default;
  if (const auto* given = core::consumer_property(settings, "session.timeout.ms"))
    std::from_chars(given->data(), given->data() + given->size(), session);
  const auto least = number_in(broker, "group.min.session.timeout.ms");
  const auto most = number_in(broker, "group.max.session.timeout.ms");
  if ((least && session < *least) || (most && session > *most))
    report.problems.push_back("kafka.consumer.session.timeout.ms: " + std::to_string(session) +
                              " is not within what the brokers allow (" +
                              std::to_string(least.value_or(0)) + " to " +
                              std::to_string(most.value_or(0)) + "): no worker can join its group");
}

/// A broker before 3.7 has no such setting; by default 4.0 and later take it.
void judge_protocol(const config_values& broker, broker_report& report) {
  if (broker.empty()) return;
  if (text_in(broker, "group.coordinator.rebalance.protocols").find("consumer") ==
      std::string_view::npos)
    report.problems.emplace_back(
        "kafka.consumer.group.protocol: the brokers do not know \"consumer\" "
        "(group.coordinator.rebalance.protocols): no worker can join its group");
}

void judge_broker(const core::settings& settings, const config_values& broker,
                  broker_report& report) {
  if (core::consumer_protocol(settings))
    judge_protocol(broker, report);
  else
    judge_session(settings, broker, report);
  const auto longest = number_in(broker, "transaction.max.timeout.ms");
  if (core::exactly_once(settings) && longest && settings.transaction.timeout_ms > *longest)
    report.problems.push_back(
        "transaction.timeout_ms: " + std::to_string(settings.transaction.timeout_ms) +
        " is more than the brokers allow (transaction.max.timeout.ms " + std::to_string(*longest) +
        "): no transaction can begin");
}

}  // namespace turnstile::kafka_io
