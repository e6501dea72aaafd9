#include "kafka_io/worker/rd_transaction_client.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <librdkafka/rdkafka_mock.h>

#include "broker_fixture.hpp"
#include "kafka_io/worker/worker_clients.hpp"

namespace turnstile::kafka_io {
namespace {

using testing::await_deliveries;
using testing::broker_fixture;
using testing::patience;

constexpr std::int16_t end_transaction = 26;

struct transactions_fixture : broker_fixture {
  std::unique_ptr<transaction_client> client;

  transactions_fixture() {
    settings.delivery.guarantee = core::guarantee::exactly_once;
    settings.transaction.timeout_ms = 1000;
    settings.producer.message_timeout_ms = 1000;
    create(settings.topics.processed, 1);
    const auto clients = make_worker_clients(settings, core::topic_layout{}, "a-worker");
    REQUIRE(clients);
    client = clients->make_transaction_client(0);
    REQUIRE_FALSE(answer_to(&transaction_client::open));
  }

  transaction_answer answer_to(void (transaction_client::*call)()) const {
    const auto answered = std::make_shared<std::promise<transaction_answer>>();
    auto answer = answered->get_future();
    client->answer_with(
        [answered](transaction_answer got) { answered->set_value(std::move(got)); });
    ((*client).*call)();
    REQUIRE(answer.wait_for(patience) == std::future_status::ready);
    client->answer_with(nullptr);
    return answer.get();
  }

  void send_one() const {
    core::output_record record;
    record.topic = core::output_topic::processed;
    record.value = "value";
    REQUIRE(client->send(record, 0, 0, nullptr).status == send_status::queued);
  }

  /// Puts something into the transaction: one without records has no coordinator to ask.
  void write_one() const {
    send_one();
    REQUIRE(await_deliveries(*client, 1).size() == 1);
  }

  void let_no_transaction_end() {
    const std::vector<rd_kafka_resp_err_t> errors(500, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    rd_kafka_mock_push_request_errors_array(broker.cluster_for_tests(), end_transaction,
                                            errors.size(), errors.data());
  }
};

TEST_CASE_FIXTURE(transactions_fixture,
                  "an abort that never ends is given up, the client with it") {
  write_one();
  let_no_transaction_end();
  const auto answer = answer_to(&transaction_client::abort);
  REQUIRE(answer);
  CHECK(answer->kind == transaction_failure::fatal);
  CHECK(answer->error.code.kind() != error_kind::producer_fenced);
}

TEST_CASE_FIXTURE(transactions_fixture,
                  "a commit that never ends is given up, the client with it") {
  write_one();
  let_no_transaction_end();
  const auto answer = answer_to(&transaction_client::commit);
  REQUIRE(answer);
  CHECK(answer->kind == transaction_failure::fatal);
}

TEST_CASE_FIXTURE(transactions_fixture,
                  "what is under way when the client is destroyed is purged before") {
  constexpr int broker_id = 1;
  constexpr int longer_than_the_test_ms = 60'000;
  rd_kafka_mock_broker_set_rtt(broker.cluster_for_tests(), broker_id, longer_than_the_test_ms);
  std::atomic<bool> told = false;
  client->wake_with([&told] { told = true; });
  send_one();
  REQUIRE_FALSE(told);
  client.reset();
  CHECK(told);
}

}  // namespace
}  // namespace turnstile::kafka_io
