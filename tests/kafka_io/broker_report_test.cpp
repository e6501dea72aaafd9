#include "kafka_io/ask/broker_report.hpp"

#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "config/config.hpp"

namespace turnstile::kafka_io {
namespace {

using lines = std::vector<std::string>;

core::settings with(const std::vector<std::string>& sets) {
  core::config_sources sources;
  for (const auto& text : sets) sources.command_line.push_back(core::parse_override(text));
  return core::load_config(sources).values;
}

/// Topics as Kafka makes them, the summary's with one partition, changed by the test.
struct topics {
  std::vector<topic_shape> shapes;

  explicit topics(std::int32_t partitions = 6) {
    const config_values standard{{"cleanup.policy", "delete"},
                                 {"compression.type", "uncompressed"},
                                 {"max.message.bytes", "1048588"},
                                 {"message.timestamp.after.max.ms", "3600000"},
                                 {"message.timestamp.before.max.ms", "9223372036854775807"},
                                 {"message.timestamp.type", "CreateTime"},
                                 {"min.insync.replicas", "1"}};
    for (const auto* name : {"in", "processed", "errors", "cleaned", "summary"})
      shapes.push_back({name, partitions, 1, standard});
    shapes.back().partitions = 1;
  }
  topic_shape& input() { return shapes[0]; }
  topic_shape& processed() { return shapes[1]; }
  topic_shape& summary() { return shapes[4]; }

  broker_report report(const core::settings& settings = with({})) const {
    broker_report report;
    judge_topics(settings, shapes, report);
    return report;
  }
};

broker_report report_of(const core::settings& settings, const config_values& broker) {
  broker_report report;
  judge_broker(settings, broker, report);
  return report;
}

TEST_CASE("topics as Kafka makes them give nothing to say") {
  const auto report = topics{}.report();
  CHECK(report.problems.empty());
  CHECK(report.warnings.empty());
  CHECK(report.hints.empty());
}

TEST_CASE("an output with fewer partitions than the input loses the order") {
  topics with_few;
  with_few.processed().partitions = 5;
  CHECK(with_few.report().warnings ==
        lines{"topic processed: 5 partitions, and the input has 6: outputs go by key, and the "
              "order of an input partition is lost"});
  CHECK(with_few.report(with({"topics.partitioner=key"})).warnings.empty());
  with_few.processed().partitions = 7;
  CHECK(with_few.report().warnings.empty());
}

TEST_CASE("a compacted output loses records, the summary too") {
  topics compacted;
  compacted.processed().config["cleanup.policy"] = "compact,delete";
  compacted.summary().config["cleanup.policy"] = "compact";
  CHECK(compacted.report().warnings.size() == 2);
  CHECK(compacted.report().warnings[0].starts_with("topic processed: it is compacted"));
}

TEST_CASE("an output that wants more replicas in sync than it has takes nothing") {
  topics few;
  few.summary().config["min.insync.replicas"] = "2";
  CHECK(few.report().problems ==
        lines{"topic summary: min.insync.replicas is 2, and it has 1: no record can be written"});
  few.summary().replicas = 2;
  CHECK(few.report().problems.empty());
}

TEST_CASE("an output that takes less than the input is warned of") {
  topics small;
  small.processed().config["max.message.bytes"] = "1048587";
  CHECK(small.report().warnings.size() == 1);
  small.input().config["max.message.bytes"] = "1048587";
  CHECK(small.report().warnings.empty());
}

TEST_CASE("limits of timestamps are warned of where they are narrower than Kafka's") {
  topics narrow;
  narrow.processed().config["message.timestamp.after.max.ms"] = "3599999";
  narrow.processed().config["message.timestamp.before.max.ms"] = "86400000";
  CHECK(narrow.report().warnings.size() == 2);
  narrow.processed().config["message.timestamp.type"] = "LogAppendTime";
  CHECK(narrow.report().warnings.empty());
}

TEST_CASE("an input that anybody's compression reaches is hinted at") {
  topics compressed;
  compressed.input().config["compression.type"] = "producer";
  CHECK(compressed.report().hints.size() == 1);
  CHECK(compressed.report().warnings.empty());
}

TEST_CASE("a topic that is missing, or of which nothing is told, is judged as far as known") {
  topics partly;
  partly.input().config.clear();
  partly.processed() = {.name = "processed"};
  const auto report = partly.report();
  CHECK(report.problems.empty());
  CHECK(report.warnings.empty());
}

TEST_CASE("a session must be within what the brokers allow") {
  const config_values broker{{"group.min.session.timeout.ms", "6000"},
                             {"group.max.session.timeout.ms", "1800000"}};
  const auto problems = [&](const char* session) {
    return report_of(with({std::string{"kafka.consumer.session.timeout.ms="} + session,
                           "drain.timeout_ms=1000"}),
                     broker)
        .problems.size();
  };
  CHECK(problems("5999") == 1);
  CHECK(problems("6000") == 0);
  CHECK(problems("1800000") == 0);
  CHECK(problems("1800001") == 1);
  CHECK(report_of(with({}), {}).problems.empty());
}

TEST_CASE("a transaction may not last longer than the brokers allow") {
  const config_values broker{{"transaction.max.timeout.ms", "9999"}};
  CHECK(report_of(with({"delivery.guarantee=exactly-once"}), broker).problems.size() == 1);
  CHECK(report_of(with({}), broker).problems.empty());
}

}  // namespace
}  // namespace turnstile::kafka_io
