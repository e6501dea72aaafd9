#include "kafka_io/rd_delivery_client.hpp"

#include <array>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <librdkafka/rdkafka_mock.h>

#include "broker_fixture.hpp"
#include "kafka_io/clients.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::broker_fixture;
using testing::patience;
using testing::read_records;

constexpr std::int16_t produce_request = 0;

/// What became of the `sent` records, by their place in it.
std::vector<delivery> await_deliveries(delivery_client& client, std::size_t sent) {
  std::vector<delivery> found;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (found.size() < sent && std::chrono::steady_clock::now() < deadline) {
    client.poll(found);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return found;
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
  std::array<core::output_record, 5> records;
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), produce_request, 1,
                                    RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
  for (auto& record : records) {
    record.topic = core::output_topic::processed;
    record.value = "value";
    REQUIRE(client->send(record, {.partition = 0, .epoch = 1}, 0, &record).status ==
            send_status::queued);
  }

  const auto deliveries = await_deliveries(*client, records.size());
  REQUIRE(deliveries.size() == records.size());
  std::size_t delivered = 0;
  for (const auto& delivery : deliveries)
    delivered += delivery.status == delivery_status::delivered ? 1 : 0;
  auto from = reader({settings.topics.processed}, read_from::beginning);
  CHECK(read_records(from, delivered).size() == delivered);
}

}  // namespace
}  // namespace turnstile::kafka_io
