#include "kafka_io/ask/topics.hpp"

#include <future>

#include <doctest/doctest.h>

#include "broker_fixture.hpp"
#include "kafka_io/worker/worker_clients.hpp"
#include "tests/support/log_capture.hpp"

namespace turnstile::kafka_io {
namespace {

using namespace testing;
using core::output_topic;

topics_state with(std::int32_t input, std::array<std::int32_t, core::output_topic_count> outputs) {
  topics_state state;
  state.layout.input_partitions = input;
  state.layout.partitions = outputs;
  return state;
}

TEST_CASE("an output topic that is missing keeps the place it had last") {
  layout_memory memory{with(4, {4, 4, 4, 1}).layout};
  auto grown = with(6, {6, 5, 6, 1});
  grown.layout.record_bytes_max[1] = 2000;
  REQUIRE(memory.fill(grown) == grown.layout);
  auto gone = with(6, {8, 0, 6, 1});
  gone.missing = {"processed-errors"};
  const auto filled = memory.fill(gone);
  REQUIRE(filled);
  CHECK(filled->partitions == std::array<std::int32_t, core::output_topic_count>{8, 5, 6, 1});
  CHECK(filled->bytes_max(output_topic::errors) == 2000);
}

TEST_CASE("without the input topic there is no layout") {
  layout_memory memory{with(4, {4, 4, 4, 1}).layout};
  CHECK_FALSE(memory.fill(with(0, {4, 4, 4, 1})));
}

TEST_CASE("the log names the topics that are missing") {
  tests::log_capture log;
  layout_memory memory{with(4, {4, 4, 4, 1}).layout};
  auto gone = with(4, {4, 0, 4, 0});
  gone.missing = {"processed-errors", "summary-output"};
  (void)memory.fill(gone);
  CHECK(log.with({"missing", "missing=processed-errors,summary-output"}).size() == 1);
}

TEST_CASE_FIXTURE(broker_fixture, "an assignment is described though an output topic is missing") {
  const auto state = with(3, {4, 5, 6, 1});
  create(settings.topics.input, 3);
  create(settings.topics.processed, 4);
  create(settings.topics.cleaned, 6);
  create(settings.topics.summary, 1);
  rd_kafka_mock_topic_set_error(broker.cluster_for_tests(), settings.topics.errors.c_str(),
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  auto clients = make_worker_clients(settings, state.layout, "w");
  REQUIRE(clients);
  std::promise<std::optional<assignment_facts>> answered;
  clients->lookup->describe({0}, [&](auto facts) { answered.set_value(std::move(facts)); });
  auto answer = answered.get_future();
  REQUIRE(answer.wait_for(patience) == std::future_status::ready);
  const auto facts = answer.get();
  REQUIRE(facts);
  CHECK(facts->layout->partitions == state.layout.partitions);
}

}  // namespace
}  // namespace turnstile::kafka_io
