#include "kafka_io/worker/rd_partition_source.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/client/client_config.hpp"

namespace turnstile::kafka_io {

using testing::broker_fixture;
using testing::patience;

TEST_CASE_FIXTURE(broker_fixture,
                  "headers count among a batch's bytes, and few large ones are read at once") {
  constexpr std::size_t records = 100;
  const std::string header(100'000, 'h');
  const std::string topic = settings.topics.input;
  create(topic, 1);
  const std::vector<core::header_view> headers{{"name", header}};
  auto to = writer(topic);
  for (std::size_t n = 0; n < records; ++n)
    REQUIRE(to.send({.value = "value", .headers = headers, .partition = 0}));
  REQUIRE(to.flush(patience));

  auto conf = consumer_config(settings, divide_budget(256, 1, {}).prefetch);
  REQUIRE(conf);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  REQUIRE(client);
  rd_partition_source source{*client, topic, 0};
  const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = 0;
  REQUIRE(rd_kafka_assign(client->get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  const queue_ptr queue{rd_kafka_queue_get_partition(client->get(), topic.c_str(), 0)};
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (rd_kafka_queue_length(queue.get()) < records) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }

  core::record_batch batch;
  const std::size_t count = source.read(batch, records);
  CHECK(count < records / 2);
  CHECK(batch.input_bytes >= count * 2 * header.size());
  std::size_t all = count;
  for (std::size_t more = count; more > 0; all += more) {
    core::record_batch next;
    more = source.read(next, records);
  }
  CHECK(all == records);
}

}  // namespace turnstile::kafka_io
