#include "kafka_io/worker/split_delivery_client.hpp"

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/worker/worker_clients.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::await_deliveries;
using testing::broker_fixture;

/// A client that only notes what is asked of it.
struct noting_client final : delivery_client {
  void wake_with(wake_fn wake) override { woken_by = std::move(wake); }
  send_result send(const core::output_record& record, std::optional<std::int32_t>, std::int32_t,
                   void*) override {
    sent.push_back(record.topic);
    return {};
  }
  bool poll(std::vector<delivery>& deliveries) override {
    deliveries.push_back({this, delivery_status::delivered, 0});
    return has_more;
  }
  [[nodiscard]] std::optional<io_error> fatal_error() const override { return fatal; }
  void purge_queued() override { queue_purged = true; }
  void purge() override { purged = true; }
  [[nodiscard]] std::size_t request_bytes() const override { return 1; }
  [[nodiscard]] std::string error_text(error_code) const override { return "text"; }

  wake_fn woken_by;
  std::vector<core::output_topic> sent;
  std::optional<io_error> fatal;
  bool has_more = false;
  bool purged = false;
  bool queue_purged = false;
};

struct split_fixture {
  noting_client* processed = new noting_client;
  noting_client* others = new noting_client;
  split_delivery_client split{std::unique_ptr<delivery_client>{processed},
                              std::unique_ptr<delivery_client>{others}};
};

TEST_CASE_FIXTURE(split_fixture, "processed records have one client, all others the other") {
  using core::output_topic;
  for (const auto topic : {output_topic::processed, output_topic::errors, output_topic::cleaned,
                           output_topic::summary}) {
    core::output_record record;
    record.topic = topic;
    split.send(record, 0, 0, nullptr);
  }
  CHECK(processed->sent == std::vector{output_topic::processed});
  CHECK(others->sent ==
        std::vector{output_topic::errors, output_topic::cleaned, output_topic::summary});
}

TEST_CASE_FIXTURE(split_fixture, "deliveries of both clients are taken, each first in turn") {
  std::vector<delivery> deliveries;
  split.poll(deliveries);
  split.poll(deliveries);
  REQUIRE(deliveries.size() == 4);
  CHECK(deliveries[0].slot != deliveries[1].slot);
  CHECK(deliveries[0].slot == deliveries[3].slot);
  CHECK(deliveries[1].slot == deliveries[2].slot);
}

TEST_CASE_FIXTURE(split_fixture, "there is more to take as long as either client has more") {
  std::vector<delivery> deliveries;
  CHECK_FALSE(split.poll(deliveries));
  for (auto* client : {processed, others}) {
    client->has_more = true;
    CHECK(split.poll(deliveries));
    CHECK(split.poll(deliveries));
    client->has_more = false;
  }
}

TEST_CASE_FIXTURE(split_fixture, "a fatal error of either client is one of both") {
  CHECK_FALSE(split.fatal_error());
  for (auto* client : {processed, others}) {
    client->fatal = io_error{1, "gone", false};
    REQUIRE(split.fatal_error());
    CHECK(split.fatal_error()->text == "gone");
    client->fatal.reset();
  }
}

TEST_CASE_FIXTURE(split_fixture, "both clients wake, and both are purged") {
  int woken = 0;
  split.wake_with([&woken] { ++woken; });
  for (auto* client : {processed, others}) client->woken_by();
  CHECK(woken == 2);
  split.wake_with(nullptr);
  split.purge();
  for (auto* client : {processed, others}) {
    CHECK_FALSE(client->woken_by);
    CHECK(client->purged);
  }
}

TEST_CASE_FIXTURE(broker_fixture, "a producer has two clients from 1000 output partitions on") {
  create(settings.topics.processed, 1);
  create(settings.topics.errors, 1);
  for (const std::int32_t processed : {996, 997}) {
    core::topic_layout layout;
    layout.partitions = {processed, 1, 1, 1};
    const auto clients = make_worker_clients(settings, layout, "a-worker");
    REQUIRE(clients);
    const auto client = clients->make_delivery_client(sending::in_stream);
    CHECK((dynamic_cast<split_delivery_client*>(client.get()) != nullptr) == (processed == 997));
    for (const auto topic : {core::output_topic::processed, core::output_topic::errors}) {
      core::output_record record;
      record.topic = topic;
      record.value = "value";
      REQUIRE(client->send(record, 0, 0, &record).status == send_status::queued);
      const auto deliveries = await_deliveries(*client, 1);
      CHECK(deliveries.at(0).slot == &record);
      CHECK(deliveries.at(0).status == delivery_status::delivered);
    }
  }
}

}  // namespace
}  // namespace turnstile::kafka_io
