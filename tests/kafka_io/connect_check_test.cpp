#include "kafka_io/ask/connect_check.hpp"

#include <string>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/worker/worker_clients.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;

void create_all(broker_fixture& on) {
  for (const auto* topic :
       {"user-login", "processed-output", "processed-errors", "cleaned-data", "summary-output"}) {
    on.create(topic, 2);
  }
}

broker_report report_of(const core::settings& settings) {
  return check_connection(settings, [](std::string_view) {});
}

TEST_CASE_FIXTURE(broker_fixture, "nothing is in the way of a worker that has all topics") {
  create_all(*this);
  const auto report = report_of(settings);
  CHECK(report.problems.empty());
  CHECK(report.warnings.empty());
}

TEST_CASE_FIXTURE(broker_fixture, "what an old broker, or library, does not tell is said") {
  create_all(*this);
  std::string unchecked;
  for (const auto& line : report_of(settings).unchecked) unchecked += line + "\n";
  CHECK(unchecked.find("limits, compaction and replication of user-login, ") != std::string::npos);
  CHECK(unchecked.find("the brokers' limits of sessions and transactions") != std::string::npos);
  CHECK(unchecked.find("transactional id") == std::string::npos);
}

TEST_CASE_FIXTURE(broker_fixture, "a guarantee that a worker refuses to promise is in its way") {
  create_all(*this);
  settings.delivery.guarantee = core::guarantee::exactly_once;
  const auto problems = report_of(settings).problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].starts_with("delivery.guarantee: the embedded broker accepts transactions"));
  settings.delivery.allow_unenforced = true;
  CHECK(report_of(settings).problems.empty());
}

TEST_CASE_FIXTURE(broker_fixture, "fewer partitions than the input's are warned of") {
  create_all(*this);
  settings.topics.input = "wide";
  create("wide", 3);
  const auto report = report_of(settings);
  CHECK(report.problems.empty());
  CHECK(report.warnings.size() == 3);
}

TEST_CASE_FIXTURE(broker_fixture, "a missing topic is named, unless it would be created") {
  create_all(*this);
  settings.topics.cleaned = "elsewhere";
  rd_kafka_mock_topic_set_error(broker.cluster_for_tests(), "elsewhere",
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto problems = report_of(settings).problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("topic elsewhere does not exist") == 0);
  settings.topics.create = true;
  CHECK(report_of(settings).problems.empty());
}

TEST_CASE("absent brokers are named") {
  auto settings = testing::test_settings("127.0.0.1:1");
  const auto problems = report_of(settings).problems;
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("kafka.brokers 127.0.0.1:1: no broker answers") == 0);
}

TEST_CASE("nothing is wrong with the clients of the default settings, and no broker is asked") {
  CHECK(client_faults(testing::test_settings("127.0.0.1:1")).empty());
}

TEST_CASE("what librdkafka refuses in a transactional producer is found") {
  auto settings = testing::test_settings();
  settings.delivery.guarantee = core::guarantee::exactly_once;
  settings.transaction.timeout_ms = 10'000;
  settings.kafka.common = {{"socket.timeout.ms", "30000"}};
  const auto faults = client_faults(settings);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].find("socket.timeout.ms") != std::string::npos);
  const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
  REQUIRE_FALSE(clients);
  CHECK(clients.error().text.find("socket.timeout.ms") != std::string::npos);
}

TEST_CASE("a certificate that cannot be read is one fault, not one of each client") {
  auto settings = testing::test_settings();
  settings.kafka.common["security.protocol"] = "ssl";
  settings.kafka.common["ssl.ca.location"] = "/nonexistent/ca.pem";
  const auto faults = client_faults(settings);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0] ==
        "kafka.ssl.ca.location: cannot read /nonexistent/ca.pem: No such file or directory");
}

}  // namespace
}  // namespace turnstile::kafka_io
