#include "kafka_io/tools/embedded_broker.hpp"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/ask/admin.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;
using testing::read_records;

TEST_CASE_FIXTURE(broker_fixture, "a topic that is there cannot be created again") {
  create("a", 2);
  CHECK(broker.create_topic("a", 2));
}

TEST_CASE("several brokers share the partitions and are all told") {
  broker_fixture three{3};
  const auto addresses = three.broker.bootstrap();
  CHECK(std::count(addresses.begin(), addresses.end(), ',') == 2);
  three.create("a", 6);
  for (std::int32_t p = 0; p < 6; ++p) three.send("a", p, {"x"});
  auto from = three.reader({"a"}, read_from::beginning);
  CHECK(read_records(from, 6).size() == 6);
}

TEST_CASE("tuning leaves what the user has set") {
  broker_fixture one;
  auto settings = testing::test_settings();
  settings.kafka.consumer["session.timeout.ms"] = "7000";
  tune_for_embedded(settings, one.broker);
  CHECK(settings.kafka.brokers == std::vector<std::string>{one.broker.bootstrap()});
  CHECK(settings.kafka.consumer.at("session.timeout.ms") == "7000");
  CHECK(settings.kafka.consumer.at("fetch.wait.max.ms") == "10");
}

TEST_CASE_FIXTURE(broker_fixture, "tests can make requests fail") {
  create("a", 1);
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), 0 /* Produce */, 1,
                                    RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS);
  send("a", 0, {"sent again by librdkafka"});
}

TEST_CASE("a broker that is dropped answers no more") {
  core::settings settings = testing::test_settings();
  {
    broker_fixture gone;
    settings.kafka.brokers = gone.settings.kafka.brokers;
  }
  const auto client = admin::open(settings);
  REQUIRE(client);
  CHECK(client->wait_for_broker(std::chrono::milliseconds{200}));
}

}  // namespace
}  // namespace turnstile::kafka_io
