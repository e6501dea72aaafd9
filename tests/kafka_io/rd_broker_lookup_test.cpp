#include "kafka_io/worker/rd_broker_lookup.hpp"

#include <chrono>
#include <future>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/ask/committed.hpp"
#include "kafka_io/ask/partition_ends.hpp"
#include "kafka_io/client/client_config.hpp"
#include "kafka_io/client/memory_shares.hpp"

namespace turnstile::kafka_io {
namespace {

using namespace testing;

struct lookup_fixture : broker_fixture {
  explicit lookup_fixture(int brokers = 1) : broker_fixture(brokers) {}

  static constexpr std::int32_t partitions = 3;

  shared_client consumer = made_consumer();
  bool layout_known = true;
  std::int32_t layout_partitions = partitions;
  layout_reader layout = [this]() -> std::optional<core::topic_layout> {
    if (!layout_known) return std::nullopt;
    return core::topic_layout{.input_partitions = layout_partitions};
  };
  rd_broker_lookup lookup{consumer, "a", layout};

  shared_client made_consumer() {
    create("a", partitions);
    auto conf = consumer_config(settings, divide_budget(256, partitions, {}).prefetch);
    REQUIRE(conf);
    auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
    REQUIRE(client);
    return *client;
  }
  std::optional<assignment_facts> describe() { return describe(lookup, {0, 1, 2}); }
  static std::optional<assignment_facts> describe(rd_broker_lookup& by,
                                                  std::vector<std::int32_t> of) {
    std::promise<std::optional<assignment_facts>> answered;
    by.describe(std::move(of), [&](auto facts) { answered.set_value(std::move(facts)); });
    auto answer = answered.get_future();
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    return answer.get();
  }
  std::vector<log_end_fact> ask_ends() {
    std::promise<std::vector<log_end_fact>> answered;
    lookup.ask_ends({0, 1, 2}, [&](auto ends) { answered.set_value(std::move(ends)); });
    auto answer = answered.get_future();
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    return answer.get();
  }
  void commit(std::int32_t partition, std::int64_t offset) {
    const topic_partition_list_ptr offsets{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(offsets.get(), "a", partition)->offset = offset;
    REQUIRE(rd_kafka_commit(consumer.get(), offsets.get(), 0) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
};

TEST_CASE_FIXTURE(lookup_fixture, "the facts of an assignment are its committed offsets") {
  commit(1, 17);
  const auto facts = describe();
  REQUIRE(facts);
  CHECK(facts->committed == std::vector<partition_offset>{{1, 17}});
  CHECK(facts->layout->input_partitions == partitions);
}

TEST_CASE_FIXTURE(lookup_fixture, "a group that begins at the end is committed there at once") {
  send("a", 0, {"x", "y"});
  rd_broker_lookup at_end{consumer, "a", layout, true};
  const auto first = describe(at_end, {0, 2});
  REQUIRE(first);
  CHECK(first->committed == std::vector<partition_offset>{{0, 2}, {2, 0}});
  CHECK(first->begun_at_end == std::vector<std::int32_t>{0, 2});
  send("a", 0, {"z"});
  const auto again = describe(at_end, {0, 2});
  REQUIRE(again);
  CHECK(again->committed == std::vector<partition_offset>{{0, 2}, {2, 0}});
  CHECK(again->begun_at_end.empty());
}

TEST_CASE_FIXTURE(lookup_fixture,
                  "who is told of its part of the topic later begins at the end too") {
  rd_broker_lookup at_end{consumer, "a", layout, true};
  REQUIRE(describe(at_end, {0}));
  send("a", 1, {"x"});
  const auto facts = describe(at_end, {1});
  REQUIRE(facts);
  CHECK(facts->committed == std::vector<partition_offset>{{1, 1}});
  CHECK(facts->added.empty());
}

TEST_CASE_FIXTURE(lookup_fixture,
                  "a partition that was added after the group began is read whole") {
  layout_partitions = 2;
  rd_broker_lookup at_end{consumer, "a", layout, true};
  REQUIRE(describe(at_end, {0, 1}));
  send("a", 2, {"x"});
  layout_partitions = 3;
  const auto facts = describe(at_end, {0, 1, 2});
  REQUIRE(facts);
  CHECK(facts->committed.size() == 2);
  CHECK(facts->added == std::vector<std::int32_t>{2});
}

TEST_CASE_FIXTURE(lookup_fixture,
                  "where a group has committed as others do, what it has not is read whole") {
  commit(0, 0);
  send("a", 1, {"x"});
  rd_broker_lookup at_end{consumer, "a", layout, true};
  const auto facts = describe(at_end, {0, 1});
  REQUIRE(facts);
  CHECK(facts->added == std::vector<std::int32_t>{1});
}

TEST_CASE_FIXTURE(lookup_fixture, "a begin that cannot be committed is none") {
  constexpr std::int16_t offset_commit = 8;
  rd_broker_lookup at_end{consumer, "a", layout, true};
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), offset_commit, 1,
                                    RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION);
  CHECK_FALSE(describe(at_end, {0}));
}

TEST_CASE_FIXTURE(lookup_fixture, "an offset that cannot be read does not pass for none") {
  constexpr std::int16_t offset_fetch = 9;
  commit(1, 17);
  rd_kafka_mock_push_request_errors(broker.cluster_for_tests(), offset_fetch, 1,
                                    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  CHECK_FALSE(describe());
  CHECK(describe());
}

TEST_CASE("a partition's error counts though the others have none") {
  const topic_partition_list_ptr list{rd_kafka_topic_partition_list_new(2)};
  rd_kafka_topic_partition_list_add(list.get(), "a", 0)->offset = 17;
  CHECK(error_in(list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_add(list.get(), "a", 1)->err =
      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  CHECK(error_in(list.get()) == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
}

TEST_CASE("a question is answered though a leader has died that was being asked something") {
  lookup_fixture on{3};
  auto* cluster = on.broker.cluster_for_tests();
  rd_kafka_mock_partition_set_leader(cluster, "a", 0, 2);
  rd_kafka_mock_coordinator_set(cluster, "group", on.settings.kafka.group.c_str(), 1);
  REQUIRE(on.describe());
  rd_kafka_mock_broker_set_rtt(cluster, 2, 200);
  on.lookup.set_starving(0, true);
  // One that is answered later than the next question of `set_starving` is under way.
  REQUIRE(ask_log_end(on.consumer.get(), "a", 0, log_end::next, patience));
  rd_kafka_mock_broker_set_down(cluster, 2);
  rd_kafka_mock_partition_set_leader(cluster, "a", 0, 1);
  CHECK(on.describe());
}

TEST_CASE_FIXTURE(lookup_fixture,
                  "where the logs end is told of all partitions that have a leader") {
  send("a", 0, {"x", "y"});
  send("a", 2, {"z"});
  const auto ends = ask_ends();
  REQUIRE(ends.size() == 3);
  CHECK(ends[0].partition == 0);
  CHECK(ends[0].readable == 2);
  CHECK(ends[0].written == 2);
  CHECK(ends[1].readable == 0);
  CHECK(ends[2].readable == 1);
}

TEST_CASE_FIXTURE(lookup_fixture, "where no leader answers no end is told") {
  rd_kafka_mock_broker_set_down(broker.cluster_for_tests(), 1);
  CHECK(ask_ends().empty());
}

TEST_CASE_FIXTURE(lookup_fixture, "no facts are answered after a pause, as they are asked again") {
  layout_known = false;
  const auto began = std::chrono::steady_clock::now();
  CHECK_FALSE(describe());
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds{100});
}

}  // namespace
}  // namespace turnstile::kafka_io
