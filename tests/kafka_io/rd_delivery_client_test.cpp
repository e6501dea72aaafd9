#include "kafka_io/worker/rd_delivery_client.hpp"

#include <algorithm>
#include <array>
#include <string>

#include <doctest/doctest.h>
#include <librdkafka/rdkafka_mock.h>

#include "broker_fixture.hpp"
#include "kafka_io/worker/worker_clients.hpp"

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
  return client.send(record, 0, 0, &record).status;
}

TEST_CASE_FIXTURE(broker_fixture, "the first record to a partition goes alone until it is there") {
  create(settings.topics.processed, 1);
  const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
  REQUIRE(clients);
  const auto client = clients->make_delivery_client(sending::carefully);
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
  const auto client = clients->make_delivery_client(sending::in_stream);
  auto first = a_record();
  REQUIRE(offer(*client, first) == send_status::queued);
  REQUIRE(await_deliveries(*client, 1).size() == 1);

  std::array<core::output_record, 5> records;
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), produce_request, 1,
                                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  // All are under way before the first answer comes.
  rd_kafka_mock_broker_set_rtt(broker.cluster_for_tests(), -1, 500);
  for (auto& record : records) {
    record = a_record();
    REQUIRE(offer(*client, record) == send_status::queued);
  }

  const auto deliveries = await_deliveries(*client, records.size());
  rd_kafka_mock_broker_set_rtt(broker.cluster_for_tests(), -1, 0);
  REQUIRE(deliveries.size() == records.size());
  std::size_t delivered = 0;
  for (const auto& delivery : deliveries)
    delivered += delivery.status == delivery_status::delivered ? 1 : 0;
  REQUIRE(delivered > 0);
  auto from = reader({settings.topics.processed}, read_from::beginning);
  CHECK(read_records(from, 1 + delivered).size() == 1 + delivered);
}

TEST_CASE_FIXTURE(broker_fixture, "in a stream nothing is written behind a refused request") {
  // One request under way, the others wait in librdkafka's queue.
  settings.kafka.producer["batch.num.messages"] = "1";
  settings.kafka.producer["max.in.flight.requests.per.connection"] = "1";
  create(settings.topics.processed, 1);
  const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
  REQUIRE(clients);
  const auto client = clients->make_delivery_client(sending::in_stream);
  std::array<core::output_record, 20> records;
  records.fill(a_record());
  REQUIRE(offer(*client, records[0]) == send_status::queued);
  REQUIRE(await_deliveries(*client, 1).size() == 1);
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), produce_request, 1,
                                    RD_KAFKA_RESP_ERR_INVALID_RECORD);
  // All are offered before the answer comes, behind which none is taken.
  rd_kafka_mock_broker_set_rtt(broker.cluster_for_tests(), -1, 500);
  for (std::size_t i = 1; i < records.size(); ++i)
    REQUIRE(offer(*client, records[i]) == send_status::queued);
  auto deliveries = await_deliveries(*client, 1);
  rd_kafka_mock_broker_set_rtt(broker.cluster_for_tests(), -1, 0);
  client->purge_queued();
  const auto more = await_deliveries(*client, records.size() - 1 - deliveries.size());
  deliveries.insert(deliveries.end(), more.begin(), more.end());
  REQUIRE(deliveries.size() == records.size() - 1);
  CHECK(deliveries[0].status == delivery_status::refused);
  // What was a request already a real broker would turn away for its sequence; the mock takes it.
  constexpr std::size_t requests_made_max = 2;
  CHECK(std::ranges::count(deliveries, delivery_status::unwritten, &delivery::status) >=
        static_cast<std::ptrdiff_t>(records.size() - 2 - requests_made_max));
  REQUIRE(client->fatal_error());
  CHECK(client->fatal_error()->code.kind() == error_kind::refused_in_stream);
  CHECK(offer(*client, records[0]) == send_status::queue_full);  // Who polls hears why.
}

TEST_CASE("a size that was refused is halved, down to where one record must be to blame") {
  request_size size;
  size.lower_to(1'000'000);
  size.learn(300'000);
  CHECK(size.bytes() == 150'000);
  size.learn(900'000);  // Of a client that was made before.
  CHECK(size.bytes() == 150'000);
  size.learn(20'000);
  CHECK(size.bytes() == request_size::least_learned);
  size.learn(10);
  CHECK(size.bytes() == request_size::least_learned);
  size.lower_to(5'000);  // A limit that was read.
  CHECK(size.bytes() == 5'000);
  const std::chrono::steady_clock::time_point now{std::chrono::hours{1}};
  CHECK(size.admit_warning(now));
  CHECK_FALSE(size.admit_warning(now + std::chrono::seconds{59}));
  CHECK(size.admit_warning(now + std::chrono::seconds{60}));
}

}  // namespace
}  // namespace turnstile::kafka_io
