// Deliveries that the broker refuses: everything arrives in order all the same, and only a record
// that is refused alone becomes an error record.
//
// Injected with one request in flight: with several, the mock makes librdkafka take a record for
// acknowledged that never was.
#include "event/error_record.hpp"
#include "tests/pipeline/events.hpp"
#include "tests/pipeline/fleet.hpp"

namespace turnstile::tests {
namespace {

/// Small requests, so that a few hundred records need more of them than errors are injected.
void make_small_requests(core::settings& s) {
  s.batch.records_max = 10;
  s.kafka.producer["batch.num.messages"] = "20";
}

const prepared_worker retried{
    {.name = "retried", .adjust = make_small_requests, .engine = {.one_request_in_flight = true}}};
// A long linger, so that what is read together is sent in one request.
const prepared_worker refused{{.name = "refused",
                               .adjust = [](core::settings& s) { s.producer.linger_ms = 200; },
                               .engine = {.one_request_in_flight = true}}};
const prepared_worker rebuilt{
    {.name = "rebuilt", .adjust = make_small_requests, .engine = {.one_request_in_flight = true}}};

constexpr auto fine = RD_KAFKA_RESP_ERR_NO_ERROR;
constexpr auto too_large = RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
constexpr auto invalid = RD_KAFKA_RESP_ERR_INVALID_RECORD;

/// Where the next input of the worker will lie.
std::int64_t next_offset(const prepared_worker& worker) {
  return std::max<std::int64_t>(0, worker->committed());
}

TEST_CASE("what librdkafka may repeat is delivered once and in order") {
  constexpr std::size_t count = 300;
  const auto start = next_offset(retried);
  const auto failures = retried->counts().delivery_failures;
  retried->fail_produce({RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, fine,
                         RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT});
  const auto out = retried->process(good_inputs(count));
  CHECK(origins_of(out.processed) == consecutive(start, count));
  CHECK(out.errors.empty());
  CHECK(retried->counts().delivery_failures == failures);
}

TEST_CASE("what librdkafka gives up is sent again in order, by the worker") {
  constexpr std::size_t count = 300;
  constexpr auto denied = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  const auto start = next_offset(retried);
  const auto before = retried->counts();
  retried->fail_produce({denied, fine, denied, denied});
  const auto out = retried->process(good_inputs(count));
  // What was handed over behind a failed request may have arrived before it: all of it goes again.
  CHECK(last_origins(out.processed) == consecutive(start, count));
  CHECK(out.errors.empty());
  const auto after = retried->counts();
  CHECK(after.delivery_failures > before.delivery_failures);
  CHECK(after.repetitions > before.repetitions);
}

TEST_CASE("a request that is too large goes again in smaller ones, each record once and in order") {
  static_cast<void>(refused->process(good_inputs(1)));  // A partition's first record goes alone.
  const auto start = next_offset(refused);
  const auto before = refused->counts();
  refused->fail_produce({too_large});
  auto inputs = good_inputs(40);
  for (auto& one : inputs) one.key = std::string(1000, 'k');
  const auto out = refused->process(inputs);
  CHECK(origins_of(out.processed) == consecutive(start, 40));
  CHECK(out.errors.empty());
  CHECK(refused->counts().rebuilds == before.rebuilds + 1);
  CHECK(refused->counts().repetitions == before.repetitions);
}

TEST_CASE("a refused request goes again in parts, and one refused alone is an error record") {
  static_cast<void>(refused->process(good_inputs(1)));  // A partition's first record goes alone.
  const auto start = next_offset(refused);
  const auto refusals = refused->counts().refusals;
  // All four, then in parts: the third is the one that is refused.
  refused->fail_produce({invalid, fine, fine, invalid});
  auto inputs = good_inputs(4);
  for (auto& one : inputs) one.key = "the key";
  const auto out = refused->process(inputs);
  CHECK(origins_of(out.processed) == std::vector<std::int64_t>{start, start + 1, start + 3});
  REQUIRE(origins_of(out.errors) == std::vector<std::int64_t>{start + 2});
  CHECK(refused->counts().refusals == refusals + 5);

  const auto& record = out.errors[0];
  const auto error = json_of(record);
  CHECK(text_of(error, "reason") == "delivery_failed");
  CHECK(header_of(record, core::stage_header) == "publish");
  CHECK(header_of(record, core::attempts_header) == "2");
  CHECK(record.key == "the key");
  CHECK(text_of(error, "user_id") == "62001a69-dc2c-4b28-8650-521ac278de26");
}

TEST_CASE("a record that is refused as invalid keeps its content in its error record") {
  const auto start = next_offset(refused);
  refused->fail_produce({invalid, invalid});
  const auto out = refused->process(good_inputs(1));
  CHECK(out.processed.empty());
  REQUIRE(origins_of(out.errors) == std::vector<std::int64_t>{start});
  const auto error = json_of(out.errors[0]);
  CHECK(text_of(error, "reason") == "delivery_failed");
  // The source's timestamp again, the pseudonyms still.
  CHECK(number_of(error["message_content"], "timestamp") == 1729894074);
  CHECK(text_of(error["message_content"], "ip").size() == 64);
}

TEST_CASE("an error record that is refused is sent again until the broker takes it") {
  const auto start = next_offset(refused);
  refused->fail_produce({too_large, too_large, too_large});
  login_event bad;
  bad.locale = "";
  const auto out = refused->process({{.value = bad.text()}});
  REQUIRE(origins_of(out.errors) == std::vector<std::int64_t>{start});
  CHECK(text_of(json_of(out.errors[0]), "reason") == "missing_fields");
}

TEST_CASE("a producer with a fatal error is replaced and nothing is missing") {
  constexpr std::size_t count = 200;
  const auto start = next_offset(rebuilt);
  rebuilt->fail_produce({RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  const auto out = rebuilt->process(good_inputs(count));
  CHECK(last_origins(out.processed) == consecutive(start, count));
  CHECK(out.errors.empty());
  CHECK(rebuilt->counts().rebuilds == 1);
}

}  // namespace
}  // namespace turnstile::tests
