#include "kafka_io/rd_delivery_client.hpp"

#include <array>
#include <string>

#include <doctest/doctest.h>
#include <librdkafka/rdkafka_mock.h>

#include "broker_fixture.hpp"
#include "kafka_io/clients.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::await_deliveries;
using testing::broker_fixture;
using testing::read_records;

constexpr std::int16_t produce_request = 0;

core::output_record a_record() {
  core::output_record record;
  record.topic = core::output_topic::processed;
  record.value = "value";
  return record;
}

send_status offer(delivery_client& client, core::output_record& record) {
  return client.send(record, {.partition = 0, .epoch = 1}, 0, &record).status;
}

TEST_CASE_FIXTURE(broker_fixture, "the first record to a partition goes alone until it is there") {
  create(settings.topics.processed, 1);
  const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
  REQUIRE(clients);
  const auto client = clients->make_delivery_client();
  auto record = a_record();
  REQUIRE(offer(*client, record) == send_status::queued);
  CHECK(offer(*client, record) == send_status::queue_full);
  // Refused: the next one is the first again.
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), produce_request, 1,
                                    RD_KAFKA_RESP_ERR_INVALID_RECORD);
  REQUIRE(await_deliveries(*client, 1).at(0).status == delivery_status::refused);
  REQUIRE(offer(*client, record) == send_status::queued);
  CHECK(offer(*client, record) == send_status::queue_full);
  REQUIRE(await_deliveries(*client, 1).at(0).status == delivery_status::delivered);
  CHECK(offer(*client, record) == send_status::queued);
  CHECK(offer(*client, record) == send_status::queued);
}

TEST_CASE_FIXTURE(broker_fixture, "what librdkafka only guesses to be written is not delivered") {
  // Each record a request of its own, all under way at once; the first is turned away, and
  // librdkafka takes the success of a later one for its acknowledgement.
  settings.kafka.producer["batch.num.messages"] = "1";
  settings.producer.linger_ms = 0;
  create(settings.topics.processed, 1);
  const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
  REQUIRE(clients);
  const auto client = clients->make_delivery_client();
  auto first = a_record();
  REQUIRE(offer(*client, first) == send_status::queued);
  REQUIRE(await_deliveries(*client, 1).size() == 1);

  std::array<core::output_record, 5> records;
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), produce_request, 1,
                                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  for (auto& record : records) {
    record = a_record();
    REQUIRE(offer(*client, record) == send_status::queued);
  }

  const auto deliveries = await_deliveries(*client, records.size());
  REQUIRE(deliveries.size() == records.size());
  std::size_t delivered = 0;
  for (const auto& delivery : deliveries)
    delivered += delivery.status == delivery_status::delivered ? 1 : 0;
  REQUIRE(delivered > 0);
  auto from = reader({settings.topics.processed}, read_from::beginning);
  CHECK(read_records(from, 1 + delivered).size() == 1 + delivered);
}

}  // namespace
}  // namespace turnstile::kafka_io
